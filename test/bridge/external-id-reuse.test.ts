/** An external id that is used again: what was meant for the deleted thread never reaches the new one. */
import { describe, expect, it } from 'vitest';
import { collect, failure, text, thread } from '../desks.ts';
import { type Bridged, bridged, conversation, deliveries, onlyThread, settleAll } from './bridges.ts';

const named = { ...thread, externalId: 'order-1' };
const again = { ...named, title: 'Again', body: text('New words.') };
const bob = { email: 'bob@example.test', name: 'Bob' };
const reply = { threadId: 'order-1', body: text('Secret for Ada.') };
const desks = ['productlane', 'plain'] as const;
const atRest = { queued: 0, dead: 0, pending: 0, unclear: 0 };
const deletion = { method: 'DELETE' } as const;
/** By the stage whose primary it is. */
const deletionOn = { 'dual-write': deletion, live: { operation: 'DeleteThread' } } as const;
const importOf = { plain: 'ImportThread', productlane: 'POST /threads' } as const;

/** Both desks hold the new thread alone. */
async function expectOnlyNew(world: Bridged): Promise<void> {
  for (const desk of desks) {
    const { id, title } = await onlyThread(world[desk].desk);
    expect(title).toBe('Again');
    // A transcript says in front of the words when they were written.
    expect(await conversation(world[desk].desk, id)).toEqual([expect.stringMatching(/^inbound: (.* )?New words\.$/)]);
  }
}

/** The desk can be written to, and not read. */
function breakReads({ emulator: { faults } }: Bridged['productlane'] | Bridged['plain']): void {
  faults.random({ seed: 1, rate: 1, match: { access: 'read' }, kinds: [{ kind: 'status', status: 503 }] });
}

/** The answer to the creation, and that of a call which begins when its first request is about to leave. */
function whileCreated<T>({ bridge }: Bridged, call: () => Promise<T>) {
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const creation = bridge.createThread(named, { beforeRequest: async () => begin() });
  return Promise.all([creation, begun.then(call)]);
}

describe('an external id that was stored before anything was done', () => {
  it('does not lead a note on the old thread to the new one of another contact', async () => {
    const world = bridged('dual-write');
    const note = { threadId: 'order-1', body: text('Ada owes us.') };
    await world.bridge.enqueue(undefined, { method: 'createThread', input: named });
    await world.bridge.enqueue(undefined, { method: 'addNote', input: note });
    await world.bridge.enqueue(undefined, { method: 'deleteThread', input: { id: 'order-1' } });
    await world.bridge.enqueue(undefined, { method: 'createThread', input: { ...again, contact: bob } });
    await settleAll(world);
    await expectOnlyNew(world);
  });

  it.each([
    ['dual-write', 'productlane', { path: /messages/, access: 'write' }],
    ['live', 'plain', { operation: 'ReplyToThread' }],
  ] as const)('does not lead a reply to another contact at %s, whose answer was lost', async (stage, desk, match) => {
    const world = bridged(stage);
    await world.bridge.enqueue(undefined, { method: 'createThread', input: named });
    await world.bridge.enqueue(undefined, { method: 'reply', input: reply });
    world[desk].emulator.faults.next({ kind: 'cut', when: 'after' }, match);
    breakReads(world[desk]);
    await world.bridge.drain();
    world[desk].emulator.faults.clear();
    expect(deliveries(world)).toEqual(['Secret for Ada.']);
    expect(await world.bridge.figures()).toMatchObject({ pending: 1 });
    await world.bridge.deleteThread('order-1');
    await world.bridge.createThread({ ...again, contact: bob });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Secret for Ada.']);
    await expectOnlyNew(world);
  });

  it('does not lead a deletion to the new thread, whose answer was lost', async () => {
    const world = bridged('dual-write');
    await world.bridge.enqueue(undefined, { method: 'createThread', input: named });
    await world.bridge.enqueue(undefined, { method: 'deleteThread', input: { id: 'order-1' } });
    world.productlane.emulator.faults.next({ kind: 'cut', when: 'after' }, deletion);
    await world.bridge.drain();
    expect(world.productlane.emulator.faults.fired).toHaveLength(1);
    await world.bridge.createThread(again);
    await settleAll(world);
    await expectOnlyNew(world);
    expect((await world.bridge.getThread('order-1')).title).toBe('Again');
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('is the new thread’s for what was stored after it, though the old one had it then', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(named);
    await settleAll(world);
    await world.bridge.enqueue(undefined, { method: 'deleteThread', input: { id: 'order-1' } });
    await world.bridge.enqueue(undefined, { method: 'createThread', input: again });
    await world.bridge.enqueue(undefined, { method: 'reply', input: reply });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Secret for Ada.']);
    const said = await conversation(world.productlane.desk, (await onlyThread(world.productlane.desk)).id);
    expect(said).toEqual(['inbound: New words.', 'outbound: Secret for Ada.']);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

describe('two callers at once, the second before the first has its answer', () => {
  it('are told apart by the desk’s id from then on', async () => {
    const world = bridged('dual-write');
    const note = { threadId: 'order-1', body: text('For us.') };
    const [created, { operationId }] = await whileCreated(world, () => world.bridge.addNote(note));
    const operation = await world.store.getOperation(operationId);
    expect(operation?.input).toMatchObject({ threadId: created.value.id });
  });

  it('send a reply whose answer was lost to nobody else', async () => {
    const world = bridged('dual-write');
    const { productlane } = world;
    productlane.emulator.faults.next({ kind: 'cut', when: 'after' }, { path: /messages/, access: 'write' });
    const beforeRequest = async ({ access }: { readonly access: 'read' | 'write' }) => {
      if (access === 'write') breakReads(productlane);
    };
    const [created, error] = await whileCreated(world, () => failure(world.bridge.reply(reply, { beforeRequest })));
    productlane.emulator.faults.clear();
    expect(error).toMatchObject({ applied: 'unknown' });
    await world.bridge.deleteThread(created.value.id);
    await world.bridge.createThread({ ...again, contact: bob });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Secret for Ada.']);
  });
});

describe('a creation whose external id is not free yet on the desk that answers by now', () => {
  const ways = [
    ['live', 'dual-write'],
    ['dual-write', 'live'],
  ] as const;

  it.each(ways)('is refused until the mirror has deleted the thread: from %s to %s', async (first, second) => {
    const world = bridged(first);
    await world.bridge.createThread(named);
    await settleAll(world);
    await world.bridge.deleteThread('order-1');
    world.flag.stage = second;
    const refused = await failure(world.bridge.createThread(again));
    expect(refused).toMatchObject({ kind: 'unavailable', applied: 'no' });
    await settleAll(world);
    for (const desk of desks) expect(await collect(world[desk].desk.listThreads())).toEqual([]);
    await world.bridge.createThread(again);
    await settleAll(world);
    await expectOnlyNew(world);
  });

  it.each(ways)('waits for that where it was stored for later: from %s to %s', async (first, second) => {
    const world = bridged(first);
    await world.bridge.createThread(named);
    await settleAll(world);
    await world.bridge.deleteThread('order-1');
    world.flag.stage = second;
    const { faults } = world[second === 'live' ? 'plain' : 'productlane'].emulator;
    // The creation has its turn before the mirror's deletion.
    faults.next({ kind: 'status', status: 503 }, deletionOn[second]);
    await world.bridge.enqueue(undefined, { method: 'createThread', input: again });
    await settleAll(world);
    expect(faults.waiting).toBe(0);
    await expectOnlyNew(world);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it.each([
    ['off', 'dual-write', 'live', 'plain'],
    ['complete', 'live', 'dual-write', 'productlane'],
  ] as const)('is refused also where a copy was lost: from %s over %s to %s', async (before, first, second, mirror) => {
    const world = bridged(before);
    await world.bridge.createThread(named);
    world.flag.stage = first;
    await world.bridge.addNote({ threadId: 'order-1', body: text('For us.') });
    const { faults } = world[mirror].emulator;
    faults.next({ kind: 'cut', when: 'before' }, { operation: importOf[mirror] });
    await world.bridge.drain();
    expect(faults.fired).toHaveLength(1);
    await world.bridge.deleteThread('order-1');
    world.flag.stage = second;
    const refused = await failure(world.bridge.createThread(again));
    expect(refused).toMatchObject({ kind: 'unavailable', applied: 'no' });
    await settleAll(world);
    await world.bridge.createThread(again);
    await settleAll(world);
    await expectOnlyNew(world);
  });
});

describe('an external id whose deletion was not known for a while', () => {
  it('is the new thread’s in the meantime', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(named);
    await settleAll(world);
    world.productlane.emulator.faults.next({ kind: 'cut', when: 'after' }, deletion);
    await failure(world.bridge.deleteThread('order-1'));
    const second = await world.bridge.createThread(again);
    await settleAll(world);
    expect((await world.bridge.getThread('order-1')).id).toBe(second.value.id);
    await expectOnlyNew(world);
  });

  it.each([
    { kind: 'cut', when: 'before' },
    { kind: 'status', status: 403 },
  ] as const)('is free once a person says that it happened: %o', async (fault) => {
    const world = bridged('dual-write', { giveUpMs: 1_000 });
    await world.bridge.createThread(named);
    await settleAll(world);
    const { faults } = world.productlane.emulator;
    faults.next({ kind: 'cut', when: 'after' }, deletion);
    const error = (await failure(world.bridge.deleteThread('order-1'))) as { operationId: string };
    faults.random({ seed: 1, rate: 1, kinds: [fault] });
    await settleAll(world);
    faults.clear();
    expect((await world.store.getOperation(error.operationId))?.state).toBe('unclear');
    await world.bridge.decide('happened', [error.operationId]);
    await settleAll(world);
    await world.bridge.createThread(again);
    await settleAll(world);
    await expectOnlyNew(world);
    expect((await world.bridge.getThread('order-1')).title).toBe('Again');
  });
});

it('an external id whose two threads are deleted is not found', async () => {
  const world = bridged('dual-write');
  for (const title of ['First', 'Second']) {
    await world.bridge.createThread({ ...named, title });
    await settleAll(world);
    await world.bridge.deleteThread('order-1');
    await settleAll(world);
  }
  expect(await failure(world.bridge.getThread('order-1'))).toMatchObject({ kind: 'not-found' });
});

it('a copy whose answer was lost is not taken for the next thread’s', async () => {
  const world = bridged('dual-write');
  const first = await world.bridge.createThread(named);
  const { faults } = world.plain.emulator;
  faults.next({ kind: 'cut', when: 'after' }, { operation: importOf.plain });
  await world.bridge.drain();
  faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'status', status: 403, applied: 'no' }] });
  await settleAll(world);
  faults.clear();
  await world.bridge.deleteThread(first.value.id);
  await world.bridge.createThread(again);
  await settleAll(world);
  await expectOnlyNew(world);
});
