/** External ids that are not free: on a desk that keeps them, on one that does not, and for as long as it is not known. */
import { describe, expect, it } from 'vitest';
import { collect, contact, failure, past, text, thread } from '../desks.ts';
import {
  atRest,
  type Bridged,
  bridged,
  deliveries,
  desks,
  onlyThread,
  said,
  settleAll,
  sidesOf,
  timesSaid,
} from './bridges.ts';

const stages = ['dual-write', 'live'] as const;
const named = { ...thread, externalId: 'order-1' };
const again = { ...named, title: 'Again', body: text('New words.') };
const refused = { kind: 'status', status: 400 } as const;
const down = { kind: 'status', status: 503 } as const;
const write = { access: 'write' } as const;
const created = { 'dual-write': 'POST /threads', live: 'CreateThread' } as const;

const importOf = (...ids: readonly [string, ...string[]]) => ({
  ...{ contact, title: `Import ${ids[0]}`, externalId: 'order-1', createdAt: past },
  messages: ids.map(
    (id) => ({ externalId: `m-${id}`, kind: 'inbound', body: text(`Words of ${id}.`), createdAt: past }) as const,
  ),
});

async function titles({ productlane, plain }: Bridged) {
  const of = async ({ desk }: Bridged['productlane'] | Bridged['plain']) =>
    (await collect(desk.listThreads())).map(({ title }) => title);
  return { productlane: await of(productlane), plain: await of(plain) };
}

describe('a thread whose deletion the mirror was spared,', () => {
  /** Plain still has the thread that Productlane has no more. */
  async function spared() {
    const world = bridged('dual-write');
    await world.bridge.createThread(named);
    await settleAll(world);
    world.plain.emulator.faults.next(refused, { operation: 'DeleteThread' });
    await world.bridge.deleteThread('order-1');
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ ...atRest, dead: 1 });
    return world;
  }

  it('is not taken for the copy of the next one', async () => {
    const world = await spared();
    const { operationId } = await world.bridge.createThread(again);
    await settleAll(world);
    const { mirror } = await world.bridge.outcome(operationId, { mirror: true });
    expect(mirror.state).toBe('dead');
    expect(await said(world.plain.desk)).toEqual({ 'Login fails': ['inbound: It says no.'] });
  });

  it('makes room for the copy of the next one, once it is deleted after all', async () => {
    const world = await spared();
    await world.bridge.createThread(again);
    await settleAll(world);
    await world.bridge.decide('retry', 'all');
    await settleAll(world);
    expect(await titles(world)).toEqual({ productlane: ['Again'], plain: ['Again'] });
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('is a conflict for a creation where that desk answers by now', async () => {
    const world = await spared();
    world.flag.stage = 'live';
    expect(await failure(world.bridge.createThread(again))).toMatchObject({ kind: 'conflict', applied: 'no' });
    expect(await said(world.plain.desk)).toEqual({ 'Login fails': ['inbound: It says no.'] });
  });

  it('makes room there too, once it is deleted after all', async () => {
    const world = await spared();
    world.flag.stage = 'live';
    await failure(world.bridge.createThread(again));
    await world.bridge.decide('retry', 'all');
    await settleAll(world);
    await world.bridge.createThread(again);
    await settleAll(world);
    expect(await titles(world)).toEqual({ productlane: ['Again'], plain: ['Again'] });
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

describe('an external id that a thread of the contact has', () => {
  it.each([
    ['off', 'dual-write'],
    ['complete', 'live'],
  ] as const)('gives that thread, which comes over whole: from %s to %s', async (first, second) => {
    const world = bridged(first);
    const { mirror } = sidesOf(world, second);
    const one = await world.bridge.createThread(named);
    await world.bridge.addNote({ threadId: one.value.id, body: text('For us.') });
    world.flag.stage = second;
    const two = await world.bridge.createThread(again);
    expect(two.value.id).toBe(one.value.id);
    await settleAll(world);
    await onlyThread(mirror.desk);
    for (const words of ['It says no.', 'For us.']) expect(await timesSaid(mirror.desk, words)).toBe(1);
    expect(await timesSaid(mirror.desk, 'New words.')).toBe(0);
  });

  it('gives that thread to an import: there is one on either desk', async () => {
    const world = bridged('dual-write');
    const one = await world.bridge.createThread(named);
    await settleAll(world);
    const { value } = await world.bridge.importThread(importOf('A'));
    await world.bridge.addNote({ threadId: value.thread.id, body: text('For us.') });
    await settleAll(world);
    expect(value).toMatchObject({ outcome: 'existing', thread: { id: one.value.id } });
    for (const desk of desks) {
      await onlyThread(world[desk].desk);
      for (const words of ['It says no.', 'For us.']) expect(await timesSaid(world[desk].desk, words)).toBe(1);
    }
    expect(await timesSaid(world.productlane.desk, 'Words of A.')).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('makes one thread of two imports on either desk', async () => {
    const world = bridged('dual-write');
    await world.bridge.importThread(importOf('A'));
    const { value } = await world.bridge.importThread(importOf('B'));
    await settleAll(world);
    expect(value.outcome).toBe('existing');
    for (const desk of desks) await onlyThread(world[desk].desk);
    for (const words of ['Words of A.', 'Words of B.']) expect(await timesSaid(world.productlane.desk, words)).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it.each([
    ['off', 'live'],
    ['complete', 'dual-write'],
  ] as const)('gives that thread where only the other desk has it: from %s to %s', async (first, second) => {
    const world = bridged(first);
    await world.bridge.createThread(named);
    await world.bridge.reply({ threadId: 'order-1', body: text('History.') });
    world.flag.stage = second;
    await world.bridge.createThread(named);
    await settleAll(world);
    await world.bridge.reply({ threadId: 'order-1', body: text('Hello.') });
    await settleAll(world);
    for (const desk of desks) {
      await onlyThread(world[desk].desk);
      for (const words of ['It says no.', 'History.', 'Hello.'])
        expect(await timesSaid(world[desk].desk, words)).toBe(1);
    }
    expect(deliveries(world).toSorted()).toEqual(['Hello.', 'History.']);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

describe.each(stages)('an external id of which it is not known yet, at %s,', (stage) => {
  it('whether it has a thread, gets no second one', async () => {
    const world = bridged(stage);
    await world.bridge.upsertContact(contact);
    const { faults } = sidesOf(world, stage).primary.emulator;
    faults.next({ kind: 'cut', when: 'after' }, { operation: created[stage] });
    faults.next(down, { access: 'read' });
    expect(await failure(world.bridge.createThread(named))).toMatchObject({ applied: 'unknown' });
    await world.clock.advance(1_000);
    await failure(world.bridge.createThread(named));
    await settleAll(world);
    for (const desk of desks) await onlyThread(world[desk].desk);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('whether its thread is gone, leads no creation to the one that is to be deleted', async () => {
    const world = bridged(stage);
    await world.bridge.createThread(named);
    await settleAll(world);
    sidesOf(world, stage).primary.emulator.faults.next({ kind: 'cut', when: 'before' }, write);
    expect(await failure(world.bridge.deleteThread('order-1'))).toMatchObject({ applied: 'unknown' });
    expect(await failure(world.bridge.createThread(again))).toMatchObject({ kind: 'unavailable', applied: 'no' });
    await settleAll(world);
    await world.bridge.createThread(again);
    await settleAll(world);
    expect(await titles(world)).toEqual({ productlane: ['Again'], plain: ['Again'] });
    for (const desk of desks) expect(await timesSaid(world[desk].desk, 'New words.')).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

it('a contact’s external id that was given to another contact is that one’s', async () => {
  const world = bridged('live');
  const upsert = (name: string, externalId: string) =>
    world.bridge.upsertContact({ email: `${name}@example.test`, externalId });
  await upsert('ada', 'u1');
  await upsert('bob', 'u9');
  await upsert('ada', 'u2');
  await upsert('bob', 'u1');
  const { value } = await world.bridge.createThread({ ...thread, contact: { externalId: 'u1' } });
  expect(value.contact?.email).toBe('bob@example.test');
});

describe.each(['dual-write', 'live'] as const)('an import under an external id that is taken, at %s,', (stage) => {
  it('adds its messages on both desks', async () => {
    const world = bridged(stage);
    await world.bridge.createThread({ ...thread, externalId: 'order-1' });
    await settleAll(world);
    await world.bridge.importThread(importOf('A'));
    await settleAll(world);
    for (const desk of desks) {
      await onlyThread(world[desk].desk);
      for (const words of ['It says no.', 'Words of A.']) expect(await timesSaid(world[desk].desk, words)).toBe(1);
    }
    expect(await world.bridge.verify()).toMatchObject({ compared: 1, different: 0 });
  });

  it('adds its messages to those of an earlier import on both desks', async () => {
    const world = bridged(stage);
    await world.bridge.importThread(importOf('A'));
    await world.bridge.importThread(importOf('B'));
    await settleAll(world);
    for (const desk of desks) {
      await onlyThread(world[desk].desk);
      for (const words of ['Words of A.', 'Words of B.']) expect(await timesSaid(world[desk].desk, words)).toBe(1);
    }
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

it.each([
  ['dual-write', 'dual-write'],
  ['live', 'live'],
  ['off', 'dual-write'],
] as const)(
  'an import that is repeated with more brings each message over once: from %s to %s',
  async (first, second) => {
    const world = bridged(first);
    await world.bridge.importThread(importOf('A'));
    await settleAll(world);
    expect(await world.store.prune(world.clock.elapsedMs() + 1)).toBe(1);
    world.flag.stage = second;
    await world.bridge.importThread(importOf('A', 'B'));
    await settleAll(world);
    for (const desk of desks) {
      await onlyThread(world[desk].desk);
      for (const words of ['Words of A.', 'Words of B.']) expect(await timesSaid(world[desk].desk, words)).toBe(1);
    }
    expect(await world.bridge.figures()).toMatchObject(atRest);
  },
);

describe('an import that names its own user', () => {
  const reply = (id: string) =>
    ({ externalId: `m-${id}`, kind: 'outbound', body: text(`Words of ${id}.`), createdAt: past }) as const;
  const by = ({ plain }: Bridged, id: string) => {
    const providerOptions = { plain: { userId: plain.emulator.userId } };
    return { ...importOf('A'), messages: [...importOf(id).messages, reply(`${id} too`)], providerOptions };
  };

  it.each(stages)('adds its messages to a thread at %s under that one', async (stage) => {
    const world = bridged(stage, { recordOptions: undefined });
    await world.bridge.importThread(by(world, 'A'));
    await settleAll(world);
    const { operationId, value } = await world.bridge.importThread(by(world, 'B'));
    expect(value.outcome).toBe('existing');
    await settleAll(world);
    expect(await world.bridge.outcome(operationId, { mirror: true })).toMatchObject({ mirror: { state: 'done' } });
    for (const words of ['Words of A.', 'Words of A too.', 'Words of B.', 'Words of B too.'])
      for (const desk of desks) expect(await timesSaid(world[desk].desk, words)).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('comes under that one to a mirror where threads are created in the ordinary way', async () => {
    const world = bridged('dual-write', { recordOptions: undefined, createMirrored: 'live' });
    await world.bridge.importThread(by(world, 'A'));
    await settleAll(world);
    for (const words of ['Words of A.', 'Words of A too.']) expect(await timesSaid(world.plain.desk, words)).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

describe('a contact’s external id', () => {
  const ada = { email: contact.email, name: 'Ada' };

  it('that was given at off leads to the contact at live', async () => {
    const world = bridged('off');
    await world.bridge.upsertContact({ ...ada, externalId: 'u1' });
    world.flag.stage = 'live';
    const { value } = await world.bridge.createThread({ ...thread, contact: { externalId: 'u1' } });
    expect(value.contact?.email).toBe(ada.email);
    expect((await onlyThread(world.plain.desk)).id).toBe(value.id);
  });

  it.each(stages)('stays the newer one at %s where an older write is done after it', async (stage) => {
    const world = bridged(stage);
    await world.bridge.upsertContact({ ...ada, externalId: 'first' });
    await settleAll(world);
    sidesOf(world, stage).primary.emulator.faults.next({ kind: 'cut', when: 'before' }, write);
    await failure(world.bridge.upsertContact({ ...ada, name: 'Ada King', externalId: 'older' }));
    await world.bridge.upsertContact({ ...ada, externalId: 'newer' });
    await settleAll(world);
    expect(await world.store.findLinks('contact', 'older')).toEqual([]);
    expect(await world.store.findLinks('contact', 'newer')).toHaveLength(1);
    expect((await world.plain.desk.findContact(ada.email))?.externalId).toBe('newer');
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});
