/** What a refusal says of a write that was tried before: nothing. The first try may have happened. */
import { expect, it } from 'vitest';
import { collect, failure, text, thread } from '../desks.ts';
import { bridged, conversation, onlyThread, settleAll } from './bridges.ts';

const dayMs = 86_400_000;

it('a thread whose creation is refused when it is tried again is there once, however often its caller repeats it', async () => {
  const world = bridged('live');
  const { faults } = world.plain.emulator;
  faults.next({ kind: 'cut', when: 'after' }, { operation: 'CreateThread' });
  faults.next({ kind: 'cut', when: 'before' }, { operation: 'ThreadByExternalId' });
  const create = () => world.bridge.createThread(thread, { idempotencyKey: 'k' });
  const { operationId } = (await failure(create())) as { operationId: string };
  expect(await collect(world.plain.desk.listThreads())).toHaveLength(1);
  faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'status', status: 403, applied: 'no' }] });
  for (let day = 0; day < 4; day++) {
    await world.clock.advance(dayMs);
    await world.bridge.drain();
  }
  faults.clear();
  expect((await world.store.getOperation(operationId))?.state).not.toBe('failed');
  expect(await failure(create())).toMatchObject({ applied: 'unknown', operationId });
  expect(await collect(world.plain.desk.listThreads())).toHaveLength(1);
});

it('a change that is refused when it is tried again is not said to have failed', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  await settleAll(world);
  const { faults } = world.productlane.emulator;
  faults.next({ kind: 'cut', when: 'after' }, { access: 'write' });
  const update = () => world.bridge.updateThread(value.id, { title: 'New' }, { idempotencyKey: 'k' });
  const { operationId } = (await failure(update())) as { operationId: string };
  faults.next({ kind: 'status', status: 400 }, { access: 'write' });
  await settleAll(world);
  expect((await onlyThread(world.productlane.desk)).title).toBe('New');
  for (const told of [failure(world.bridge.outcome(operationId)), failure(update())])
    expect(await told).toMatchObject({ applied: 'unknown', operationId });
  await world.bridge.decide('happened', [operationId]);
  await settleAll(world);
  expect((await onlyThread(world.plain.desk)).title).toBe('New');
});

it('a change that is refused in part is left to a person at once, names the fields, and nothing waits for it', async () => {
  const world = bridged('live');
  const { value } = await world.bridge.createThread(thread);
  await settleAll(world);
  const customFields = [{ key: 'no_such_key', type: 'string', value: 'x' }] as const;
  const update = () => world.bridge.updateThread(value.id, { title: 'New', customFields }, { idempotencyKey: 'k' });
  const refused = { kind: 'invalid', applied: 'unknown', issues: [{ path: expect.any(String) }] };
  const error = (await failure(update())) as { operationId: string };
  expect(error).toMatchObject(refused);
  await world.bridge.addNote({ threadId: value.id, body: text('Later note') });
  const { requests } = world.plain.emulator;
  const before = requests.count({ operation: 'UpdateThread' });
  await settleAll(world);
  expect(requests.count({ operation: 'UpdateThread' })).toBe(before);
  const copy = await onlyThread(world.productlane.desk);
  expect((await conversation(world.productlane.desk, copy.id)).join()).toContain('Later note');
  expect(await failure(world.bridge.outcome(error.operationId))).toMatchObject(refused);
  expect(await failure(update())).toMatchObject({ ...refused, operationId: error.operationId });
  expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 0, unclear: 1 });
});

it('a change whose thread is gone by the time it is tried again is nobody’s to decide', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  await settleAll(world);
  world.productlane.emulator.faults.next({ kind: 'cut', when: 'after' }, { access: 'write' });
  const error = await failure(world.bridge.updateThread(value.id, { title: 'New' }));
  const { operationId } = error as { operationId: string };
  await world.bridge.deleteThread(value.id);
  await settleAll(world);
  expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 0, unclear: 0, dead: 0 });
  expect(await failure(world.bridge.outcome(operationId))).toMatchObject({ applied: 'unknown', operationId });
});
