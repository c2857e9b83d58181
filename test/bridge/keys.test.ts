/** An idempotency key stands for one operation, however often and wherever it is called. */
import { describe, expect, it } from 'vitest';
import { collect, failure, text, thread } from '../desks.ts';
import { bridged, deliveries, settleAll } from './bridges.ts';

describe('a repeated call with the same key', () => {
  it('gives the first result, also after a restart', async () => {
    const world = bridged('dual-write');
    const first = await world.bridge.createThread(thread, { idempotencyKey: 'order-1' });
    const second = await world.open().createThread(thread, { idempotencyKey: 'order-1' });
    expect(second.value).toEqual(first.value);
    expect(second.operationId).toBe(first.operationId);
    expect(await collect(world.productlane.desk.listThreads())).toHaveLength(1);
  });

  it('waits for the first where that is still running, here or in another process', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const reply = { threadId: value.id, body: text('Try now.') };
    const other = world.open();
    const answers = await Promise.all(
      [world.bridge, other, world.bridge, other].map((bridge) => bridge.reply(reply, { idempotencyKey: 'r-1' })),
    );
    expect(new Set(answers.map(({ operationId }) => operationId)).size).toBe(1);
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('is a conflict where it is another operation', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread, { idempotencyKey: 'k' });
    const error = await failure(
      world.bridge.reply({ threadId: value.id, body: text('Try now.') }, { idempotencyKey: 'k' }),
    );
    expect(error).toMatchObject({ kind: 'conflict', applied: 'no', issues: [{ path: 'idempotencyKey' }] });
    expect(deliveries(world)).toEqual([]);
  });

  it('is a new try where the first one failed', async () => {
    const world = bridged('dual-write');
    world.productlane.emulator.faults.next({ kind: 'status', status: 400 }, { access: 'write' });
    expect(await failure(world.bridge.createThread(thread, { idempotencyKey: 'k' }))).toMatchObject({ applied: 'no' });
    const { value } = await world.bridge.createThread(thread, { idempotencyKey: 'k' });
    expect(value.title).toBe(thread.title);
  });

  it('says `unknown` and the operation’s id until it is settled, and then gives the result', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, { access: 'write' });
    const reply = () => world.bridge.reply({ threadId: value.id, body: text('Try now.') }, { idempotencyKey: 'k' });
    const first = (await failure(reply())) as { operationId: string };
    expect(await failure(reply())).toMatchObject({ applied: 'unknown', operationId: first.operationId });
    await settleAll(world);
    expect((await reply()).operationId).toBe(first.operationId);
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('never delivers a second time what may have happened and a person has dropped', async () => {
    const world = bridged('dual-write', { giveUpMs: 1000 });
    const { value } = await world.bridge.createThread(thread);
    const { faults } = world.productlane.emulator;
    const reply = () => world.bridge.reply({ threadId: value.id, body: text('Try now.') }, { idempotencyKey: 'k' });
    faults.next({ kind: 'cut', when: 'after' }, { access: 'write' });
    faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'status', status: 503 }], match: { access: 'read' } });
    const { operationId } = (await failure(reply())) as { operationId: string };
    await settleAll(world);
    faults.clear();
    expect(await world.bridge.figures()).toMatchObject({ unclear: 1 });
    expect(await world.bridge.decide('drop', [operationId])).toBe(1);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, unclear: 0, dead: 0 });
    for (const told of [failure(world.bridge.outcome(operationId)), failure(reply())])
      expect(await told).toMatchObject({ kind: 'cancelled', applied: 'unknown', operationId });
    expect(await world.bridge.decide('did-not-happen', 'all')).toBe(0);
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('does not send again what was pruned while it waited for it', async () => {
    const world = bridged('off');
    const { value } = await world.bridge.createThread(thread);
    const { faults } = world.productlane.emulator;
    faults.next({ kind: 'slow', ms: 5_000 }, { access: 'write' });
    const reply = (bridge = world.bridge) =>
      bridge.reply({ threadId: value.id, body: text('Try now.') }, { idempotencyKey: 'k' });
    const first = reply();
    while (faults.fired.length === 0) await new Promise(setImmediate);
    const second = failure(reply(world.open()));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await world.clock.advance(6_000);
    const { operationId } = await first;
    await world.store.prune(world.clock.elapsedMs() + 1);
    expect(await second).toMatchObject({ applied: 'unknown', operationId });
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('gives the first result although what it asks for is over by now', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const until = new Date(Date.now() + 150);
    const snooze = (title?: string) =>
      world.bridge.updateThread(value.id, { status: { is: 'snoozed', until }, title }, { idempotencyKey: 'k' });
    const first = await snooze();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await snooze()).operationId).toBe(first.operationId);
    expect(await failure(snooze('Another'))).toMatchObject({ kind: 'invalid', issues: [{ path: 'status.until' }] });
  });

  it('says so where a person has settled it as done, for nobody knows the answer', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const reply = () => world.bridge.reply({ threadId: value.id, body: text('Try now.') }, { idempotencyKey: 'k' });
    world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, { access: 'write' });
    const { operationId } = (await failure(reply())) as { operationId: string };
    await world.productlane.desk.reply({ threadId: value.id, body: text('By hand.') });
    await settleAll(world);
    await world.bridge.decide('happened', [operationId]);
    expect(await failure(reply())).toMatchObject({ kind: 'conflict', applied: 'unknown', operationId });
    expect((await world.bridge.outcome(operationId)).value).toBeNull();
    expect(deliveries(world)).toEqual(['By hand.']);
  });

  it.each(['', 42, { a: 1 }])('is `invalid` with the key %j', async (key) => {
    const { bridge } = bridged('off');
    const error = { kind: 'invalid', operation: 'createThread', issues: [{ path: 'idempotencyKey' }] };
    expect(await failure(bridge.createThread(thread, { idempotencyKey: key as string }))).toMatchObject(error);
    const operation = { method: 'createThread', input: thread, idempotencyKey: key as string } as const;
    expect(await failure(bridge.enqueue(undefined, operation))).toMatchObject({ ...error, operation: 'enqueue' });
    expect(await collect(bridge.listOperations())).toEqual([]);
  });

  it('does not mind the order of the fields', async () => {
    const world = bridged('dual-write');
    const first = await world.bridge.createThread(thread, { idempotencyKey: 'k' });
    const { title, body, contact } = thread;
    const again = await world.bridge.createThread({ body, title, contact }, { idempotencyKey: 'k' });
    expect(again.operationId).toBe(first.operationId);
  });
});

describe('an external id', () => {
  it('of several threads is a conflict that names the field', async () => {
    const { bridge } = bridged('off');
    const first = await bridge.createThread({ ...thread, externalId: 'order-1' });
    await bridge.createThread({ ...thread, externalId: 'order-1', contact: { email: 'bob@example.test' } });
    const refused = (operation: string, path: string) => ({
      kind: 'conflict',
      applied: 'no',
      operation,
      issues: [{ path }],
    });
    const reply = (threadId: string) => bridge.reply({ threadId, body: text('Try now.') });
    expect(await failure(reply('order-1'))).toMatchObject(refused('reply', 'threadId'));
    expect(await failure(bridge.deleteThread('order-1'))).toMatchObject(refused('deleteThread', 'id'));
    expect(await failure(reply(first.value.id))).toBeUndefined();
  });

  it('that is taken gives the thread that has it, also where the desk cannot keep it', async () => {
    const world = bridged('dual-write');
    const first = await world.bridge.createThread({ ...thread, externalId: 'order-1' });
    const second = await world.bridge.createThread({ ...thread, externalId: 'order-1', title: 'Again' });
    expect(second.value.id).toBe(first.value.id);
    const other = { ...thread, contact: { email: 'bob@example.test' }, externalId: 'order-1' };
    expect((await world.bridge.createThread(other)).value.id).not.toBe(first.value.id);
    await world.bridge.drain();
    for (const { desk } of [world.productlane, world.plain]) expect(await collect(desk.listThreads())).toHaveLength(2);
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0 });
  });
});
