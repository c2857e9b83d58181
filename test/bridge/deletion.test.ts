/** What is left of a thread that was deleted through the bridge: nothing, and its external id is free. */
import { describe, expect, it } from 'vitest';
import type { EnqueuedOperation } from '../../src/index.ts';
import { collect, contact, failure, past, text, thread } from '../desks.ts';
import { bridged, conversation, createdUnknown, deliveries, onlyThread, settleAll } from './bridges.ts';

const named = { ...thread, externalId: 'order-1' };
const write = { access: 'write' } as const;
const importOf = { plain: 'ImportThread', productlane: 'POST /threads' } as const;

describe('an external id that is used again after a deletion', () => {
  it.each(['dual-write', 'live'] as const)('is the new thread’s at %s, on both desks', async (stage) => {
    const world = bridged(stage);
    await world.bridge.createThread(named);
    await settleAll(world);
    await world.bridge.deleteThread('order-1');
    const second = await world.bridge.createThread({ ...named, title: 'Again' });
    await settleAll(world);
    expect((await onlyThread(world.productlane.desk)).title).toBe('Again');
    expect((await onlyThread(world.plain.desk)).title).toBe('Again');
    expect((await world.bridge.getThread('order-1')).id).toBe(second.value.id);
    await world.bridge.reply({ threadId: 'order-1', body: text('Try now.') });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0, pending: 0 });
  });

  it('is the new thread’s also while the mirror still has the old one', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(named);
    await settleAll(world);
    await world.bridge.deleteThread('order-1');
    const second = await world.bridge.createThread({ ...named, title: 'Again' });
    expect((await world.bridge.getThread('order-1')).id).toBe(second.value.id);
    expect((await onlyThread(world.plain.desk)).title).toBe(thread.title);
  });

  it('does not lead what was written to the old thread to the new one', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(named);
    await settleAll(world);
    await world.bridge.addNote({ threadId: 'order-1', body: text('About the old one.') });
    await world.bridge.deleteThread('order-1');
    await world.bridge.createThread({ ...named, contact: { email: 'bob@example.test' } });
    await settleAll(world);
    const copy = await onlyThread(world.plain.desk);
    expect(await conversation(world.plain.desk, copy.id)).toEqual(['inbound: It says no.']);
  });

  it('is told apart where all of it was stored before anything was done', async () => {
    const world = bridged('dual-write');
    const enqueue = async (operation: EnqueuedOperation) => world.bridge.enqueue(undefined, operation);
    await enqueue({ method: 'createThread', input: named });
    await enqueue({ method: 'reply', input: { threadId: 'order-1', body: text('Try now.') } });
    await enqueue({ method: 'deleteThread', input: { id: 'order-1' } });
    await enqueue({ method: 'createThread', input: { ...named, title: 'Again' } });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
    expect((await onlyThread(world.productlane.desk)).title).toBe('Again');
    expect((await onlyThread(world.plain.desk)).title).toBe('Again');
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0, pending: 0 });
  });

  it('leaves alone the thread of another contact who has it too', async () => {
    const world = bridged('dual-write');
    const other = { ...named, contact: { email: 'bob@example.test' }, title: 'Bob’s' };
    const first = await world.bridge.createThread(named);
    world.plain.emulator.faults.next({ kind: 'status', status: 400 }, write);
    world.plain.emulator.faults.next({ kind: 'status', status: 400 }, write);
    await world.bridge.createThread(other);
    await world.bridge.drain();
    await world.bridge.deleteThread(first.value.id);
    await settleAll(world);
    await world.bridge.decide('retry', 'all');
    await settleAll(world);
    expect((await onlyThread(world.productlane.desk)).title).toBe('Bob’s');
    expect((await onlyThread(world.plain.desk)).title).toBe('Bob’s');
    expect((await world.bridge.getThread('order-1')).title).toBe('Bob’s');
  });
});

describe('a copy that nobody knows to be there', () => {
  it.each([
    ['dual-write', 'plain'],
    ['live', 'productlane'],
  ] as const)('is deleted with its thread at %s', async (stage, mirror) => {
    const world = bridged(stage);
    const primary = stage === 'live' ? world.plain : world.productlane;
    // Nothing links it: it was there before the bridge.
    const old = (await primary.desk.createThread(thread)).value.id;
    await world.bridge.addNote({ threadId: old, body: text('For us.') });
    world[mirror].emulator.faults.next({ kind: 'cut', when: 'after' }, { operation: importOf[mirror] });
    await world.bridge.drain();
    expect(world[mirror].emulator.faults.fired).toHaveLength(1);
    expect(await collect(world[mirror].desk.listThreads())).toHaveLength(1);
    await world.bridge.deleteThread(old);
    await settleAll(world);
    expect(await collect(world[mirror].desk.listThreads())).toEqual([]);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, unclear: 0, queued: 0, dead: 0 });
  });

  it.each(['dual-write', 'live'] as const)('is waited for at %s where it arrives late', async (stage) => {
    const world = bridged(stage);
    const [primary, mirror] = stage === 'live' ? [world.plain, world.productlane] : [world.productlane, world.plain];
    const old = (await primary.desk.createThread(thread)).value.id;
    await world.bridge.addNote({ threadId: old, body: text('For us.') });
    const late = { kind: 'status', status: 502, applied: 'later', landsAfterMs: 60_000 } as const;
    mirror.emulator.faults.next(late, { operation: importOf[mirror.desk.name as 'plain' | 'productlane'] });
    await world.bridge.drain();
    expect(mirror.emulator.faults.fired).toHaveLength(1);
    await world.bridge.deleteThread(old);
    await world.clock.advance(30_000);
    await world.bridge.drain();
    expect(await collect(mirror.desk.listThreads())).toEqual([]);
    await settleAll(world);
    expect(await collect(mirror.desk.listThreads())).toEqual([]);
  });

  it('is deleted where it was made so that the desk could answer', async () => {
    const world = bridged('live');
    const old = (await world.productlane.desk.createThread(thread)).value.id;
    world.plain.emulator.faults.next({ kind: 'cut', when: 'after' }, { operation: importOf.plain });
    await failure(world.bridge.addNote({ threadId: old, body: text('For us.') }));
    expect(world.plain.emulator.faults.fired).toHaveLength(1);
    world.flag.stage = 'dual-write';
    await world.bridge.deleteThread(old);
    await settleAll(world);
    expect(await collect(world.plain.desk.listThreads())).toEqual([]);
    expect(await collect(world.productlane.desk.listThreads())).toEqual([]);
  });
});

describe('a copy that nobody knows to be there, and that became a dead letter,', () => {
  it.each([
    ['dual-write', 'plain', 'createThread'],
    ['live', 'productlane', 'createThread'],
    ['dual-write', 'plain', 'importThread'],
  ] as const)('is deleted with its thread at %s, on %s, where it was made by %s', async (stage, mirror, method) => {
    const world = bridged(stage);
    const opening = { externalId: 'm-1', kind: 'inbound', body: text('Old.'), createdAt: past } as const;
    const { title } = thread;
    const history = { contact, title, externalId: 'i-1', createdAt: past, messages: [opening] };
    const id =
      method === 'createThread'
        ? (await world.bridge.createThread(thread)).value.id
        : (await world.bridge.importThread(history)).value.thread.id;
    const { faults } = world[mirror].emulator;
    faults.next({ kind: 'cut', when: 'after' }, { operation: importOf[mirror] });
    await world.bridge.drain();
    expect(await collect(world[mirror].desk.listThreads())).toHaveLength(1);
    faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'status', status: 403, applied: 'no' }] });
    await settleAll(world);
    faults.clear();
    expect(await world.bridge.figures()).toMatchObject({ dead: 1 });
    await world.bridge.deleteThread(id);
    await settleAll(world);
    await world.bridge.decide('retry', 'all');
    await settleAll(world);
    expect(await collect(world.productlane.desk.listThreads())).toEqual([]);
    expect(await collect(world.plain.desk.listThreads())).toEqual([]);
  });
});

it.each([
  ['dual-write', 'live'],
  ['live', 'dual-write'],
] as const)(
  'lets no reply through, although the mirror of %s has the thread and answers at %s',
  async (first, second) => {
    const world = bridged(first);
    const { value } = await world.bridge.createThread(thread);
    await settleAll(world);
    await world.bridge.deleteThread(value.id);
    world.flag.stage = second;
    const error = await failure(world.bridge.reply({ threadId: value.id, body: text('Too late.') }));
    expect(error).toMatchObject({ kind: 'not-found', applied: 'no' });
    await settleAll(world);
    expect(deliveries(world)).toEqual([]);
  },
);

describe('a thread that was deleted at off, while the mirror was to get it,', () => {
  it('does not come over any more', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.flag.stage = 'off';
    await world.bridge.deleteThread(value.id);
    world.flag.stage = 'dual-write';
    await settleAll(world);
    expect(await collect(world.plain.desk.listThreads())).toEqual([]);
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0, pending: 0, unclear: 0 });
  });

  it('does not come over where its dead letter is taken up again', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.plain.emulator.faults.next({ kind: 'status', status: 400 }, write);
    await world.bridge.drain();
    expect(await world.bridge.figures()).toMatchObject({ dead: 1 });
    world.flag.stage = 'off';
    await world.bridge.deleteThread(value.id);
    world.flag.stage = 'dual-write';
    await world.bridge.decide('retry', 'all');
    await settleAll(world);
    expect(await collect(world.plain.desk.listThreads())).toEqual([]);
  });
});

it('leaves the contact', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  await settleAll(world);
  await world.bridge.deleteThread(value.id);
  await settleAll(world);
  expect((await world.plain.desk.findContact(contact.email))?.email).toBe(contact.email);
});

it('gives an update that was not done before it the outcome that its thread is gone', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  await settleAll(world);
  world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, write);
  const error = await failure(world.bridge.updateThread(value.id, { title: 'Too late' }));
  expect(error).toMatchObject({ applied: 'unknown', operationId: expect.any(String) });
  await world.bridge.deleteThread(value.id);
  await settleAll(world);
  const { operationId } = error as { readonly operationId: string };
  expect(await failure(world.bridge.outcome(operationId))).toMatchObject({ kind: 'not-found', operationId });
});

it('takes a copy with it that was sent for before the thread was known by its id', async () => {
  const { world, id } = await createdUnknown();
  // The creation keeps a lane of its own: a note has made one for the thread by then.
  world.flag.stage = 'complete';
  await world.bridge.addNote({ threadId: id, body: text('For us.') });
  world.flag.stage = 'live';
  await world.clock.advance(200_000);
  world.productlane.emulator.faults.next({ kind: 'cut', when: 'after' }, { operation: importOf.productlane });
  await world.bridge.drain();
  await onlyThread(world.productlane.desk);
  await world.bridge.deleteThread(id);
  await settleAll(world);
  for (const { desk } of [world.plain, world.productlane]) expect(await collect(desk.listThreads())).toEqual([]);
  expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0, pending: 0, unclear: 0 });
});
