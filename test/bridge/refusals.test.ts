/** What a refusal says of a write that was tried before: nothing. The first try may have happened. */
import { expect, it } from 'vitest';
import { collect, failure, thread } from '../desks.ts';
import { bridged } from './bridges.ts';

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
