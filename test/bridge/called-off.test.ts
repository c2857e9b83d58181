/** A caller that stops its own call, by its signal or by `beforeRequest`: what has not happened is not to happen after all. */
import { describe, expect, it } from 'vitest';
import { HelpdeskError } from '../../src/index.ts';
import { collect, contact, failure, text, thread } from '../desks.ts';
import { type Bridged, bridged, conversation, deliveries, settleAll, settleMs } from './bridges.ts';

const write = { access: 'write' } as const;
const stall = { kind: 'stall', at: 'headers', applied: 'no' } as const;

/** The call is on its way and never answered when its caller has enough. */
async function calledOff(
  { emulator }: Bridged['plain'] | Bridged['productlane'],
  operation: string | undefined,
  call: (signal: AbortSignal) => Promise<unknown>,
) {
  const controller = new AbortController();
  emulator.faults.next(stall, operation === undefined ? write : { operation });
  const failed = failure(call(controller.signal));
  while (emulator.faults.fired.length === 0) await new Promise(setImmediate);
  controller.abort();
  const error = (await failed) as HelpdeskError;
  expect(error).toMatchObject({ kind: 'cancelled', applied: 'unknown', operationId: expect.any(String) });
  return error;
}

describe('a write that its caller has called off', () => {
  const begin = async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const reply = (signal?: AbortSignal) =>
      world.bridge.reply({ threadId: value.id, body: text('Try now.') }, { signal, idempotencyKey: 'k' });
    const { operationId } = await calledOff(world.productlane, undefined, reply);
    return { world, reply, operationId, threadId: value.id };
  };

  it('is not sent after all where the look for it fails', async () => {
    const { world, operationId } = await begin();
    await world.clock.advance(settleMs + 1000);
    world.productlane.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'read' });
    await settleAll(world);
    expect(deliveries(world)).toEqual([]);
    const ended = { kind: 'cancelled', applied: 'no', operationId };
    expect(await failure(world.bridge.outcome(operationId ?? ''))).toMatchObject(ended);
  });

  it('is sent where it is called again, once no earlier request can arrive', async () => {
    const { world, reply, operationId } = await begin();
    await world.clock.advance(settleMs + 1000);
    expect((await reply()).operationId).toBe(operationId);
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('is sent by a worker where it was called again before', async () => {
    const { world, reply, operationId } = await begin();
    expect(await failure(reply())).toMatchObject({ applied: 'unknown', operationId });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('is a person’s to do, once one has decided so', async () => {
    const { world, threadId, operationId = '' } = await begin();
    await world.productlane.desk.reply({ threadId, body: text('By hand.') });
    await settleAll(world);
    expect(await world.bridge.decide('did-not-happen', [operationId])).toBe(1);
    world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, write);
    await world.bridge.drain();
    const stored = await world.store.getOperation(operationId);
    expect([stored?.state, stored?.failure?.calledOff]).toEqual(['pending', undefined]);
  });

  it.each(['dual-write', 'live'] as const)('is not done at %s if it is a new thread', async (stage) => {
    const world = bridged(stage);
    await world.bridge.upsertContact(contact);
    const [desk, operation] =
      stage === 'live' ? ([world.plain, 'CreateThread'] as const) : ([world.productlane, 'POST /threads'] as const);
    await calledOff(desk, operation, (signal) => world.bridge.createThread(thread, { signal }));
    await settleAll(world);
    expect(await collect(desk.desk.listThreads())).toEqual([]);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, unclear: 0 });
  });

  it('is found on Plain where it arrived late', async () => {
    const world = bridged('live');
    await world.bridge.upsertContact(contact);
    const controller = new AbortController();
    const late = { kind: 'stall', at: 'headers', applied: 'later', landsAfterMs: settleMs / 2 } as const;
    world.plain.emulator.faults.next(late, { operation: 'CreateThread' });
    const failed = failure(world.bridge.createThread(thread, { signal: controller.signal }));
    while (world.plain.emulator.faults.fired.length === 0) await new Promise(setImmediate);
    controller.abort();
    const { operationId = '' } = (await failed) as HelpdeskError;
    await world.clock.advance(5000);
    await world.bridge.drain();
    await settleAll(world);
    expect((await world.store.getOperation(operationId))?.state).toBe('done');
    for (const { desk } of [world.plain, world.productlane]) expect(await collect(desk.listThreads())).toHaveLength(1);
  });
});

describe('a caller whose `beforeRequest` fails', () => {
  const refusal = (provider: string, applied: 'no' | 'unknown') =>
    new HelpdeskError({ provider, operation: 'x', kind: 'unavailable', reason: 'the disk is full', applied });

  it.each([
    ['store', 'no'],
    ['store', 'unknown'],
    ['my-journal', 'unknown'],
  ] as const)('with an error of %s, applied %s: nothing leaves, then or later', async (provider, applied) => {
    const world = bridged('off');
    const { value } = await world.bridge.createThread(thread);
    const beforeRequest = () => Promise.reject(refusal(provider, applied));
    const reply = world.bridge.reply({ threadId: value.id, body: text('Try now.') }, { beforeRequest });
    expect(await failure(reply)).toMatchObject({ kind: 'unavailable', applied: 'no', provider });
    await settleAll(world);
    expect(deliveries(world)).toEqual([]);
  });

  it.each(['store', 'nobody'])('lets nothing leave for a thread that has to come over: %s', async (provider) => {
    const world = bridged('off');
    const { value } = await world.bridge.createThread(thread);
    world.flag.stage = 'live';
    const beforeRequest = () => Promise.reject(provider === 'store' ? refusal(provider, 'no') : new Error('not now'));
    const note = world.bridge.addNote({ threadId: value.id, body: text('For us.') }, { beforeRequest });
    expect(await failure(note)).toMatchObject({ applied: 'no' });
    await settleAll(world);
    expect(await collect(world.plain.desk.listThreads())).toEqual([]);
    expect(await conversation(world.productlane.desk, value.id)).toHaveLength(1);
  });

  it('leaves a write as it was that it calls again', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, write);
    const reply = (beforeRequest?: () => Promise<never>) =>
      world.bridge.reply(
        { threadId: value.id, body: text('Try now.') },
        { idempotencyKey: 'k', ...(beforeRequest && { beforeRequest }) },
      );
    await failure(reply());
    await world.clock.advance(settleMs + 1000);
    const conflict = new HelpdeskError({ ...refusal('my-journal', 'no'), kind: 'conflict', reason: 'not now' });
    expect(await failure(reply(() => Promise.reject(conflict)))).toMatchObject({ applied: 'unknown' });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
  });
});

it('a desk that calls off a write by itself is asked again later, and `drain` ends', async () => {
  const world = bridged('dual-write');
  const { desk } = world.productlane;
  let calls = 0;
  const addNote: typeof desk.addNote = async (...given) => {
    const where = { provider: desk.name, operation: 'addNote', reason: 'not now' };
    if (++calls === 1) throw new HelpdeskError({ ...where, kind: 'cancelled', applied: 'no' });
    return desk.addNote(...given);
  };
  const bridge = world.open({ from: { ...desk, addNote } });
  const { value } = await bridge.createThread(thread);
  await bridge.enqueue(undefined, { method: 'addNote', input: { threadId: value.id, body: text('For us.') } });
  await bridge.drain();
  expect(calls).toBe(1);
  await settleAll(world, bridge);
  expect(await conversation(desk, value.id)).toEqual(['inbound: It says no.', 'note: For us.']);
});
