/** What a bridge tells of a failure: never a caller's key, and never the words of an error that is not ours. */
import { describe, expect, it, vi } from 'vitest';
import type { EventName } from '../../src/bridge/events.ts';
import type { Bridge } from '../../src/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { failure, text, thread } from '../desks.ts';
import { bridged, settleAll } from './bridges.ts';

const key = 'ada@example.test asks for a refund';
const words = 'Salary of Mr Byron';
const names = [
  ...(['intent', 'written', 'failed', 'mirrored', 'retried', 'dead', 'settled'] as const),
  ...(['diverged', 'unready', 'trouble'] as const),
] satisfies readonly EventName[];

/** All events, as they would be logged. */
function heardOf(bridge: Bridge): readonly string[] {
  const heard: string[] = [];
  for (const name of names) bridge.on(name, (event) => heard.push(JSON.stringify([name, event])));
  return heard;
}

const foreign = async (): Promise<never> => {
  throw new TypeError(words);
};
const printed = (error: unknown) => `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`;

it('events of writes that succeed and fail do not name the key', async () => {
  const world = bridged('dual-write');
  const heard = heardOf(world.bridge);
  const { value } = await world.bridge.createThread(thread, { idempotencyKey: key });
  world.plain.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'write' });
  world.plain.emulator.faults.next({ kind: 'status', status: 400 }, { access: 'write' });
  await settleAll(world);
  world.productlane.emulator.faults.next({ kind: 'status', status: 400 }, { access: 'write' });
  const reply = { threadId: value.id, body: text('Try now.') };
  const error = await failure(world.bridge.reply(reply, { idempotencyKey: `${key}, again` }));
  expect(heard.map((event) => JSON.parse(event)[0])).toEqual(
    expect.arrayContaining(['intent', 'written', 'retried', 'dead', 'failed']),
  );
  for (const told of [...heard, printed(error)]) expect(told).not.toContain(key);
});

describe('the words of an error that is not ours', () => {
  it('are neither stored nor told, where a desk that answers throws one', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const bridge = world.open({ from: { ...world.productlane.desk, addNote: foreign } });
    const heard = heardOf(bridge);
    const error = await failure(bridge.addNote({ threadId: value.id, body: text('For us.') }));
    const [operation] = await world.store.listOperations({}, { limit: 1 });
    expect(operation).toMatchObject({ method: 'addNote', failure: { kind: 'unexpected', message: 'TypeError' } });
    for (const told of [...heard, printed(error), JSON.stringify(operation?.failure)])
      expect(told).not.toContain(words);
  });

  it('are neither stored nor told, where the mirror throws one', async () => {
    const world = bridged('dual-write');
    const bridge = world.open({ to: { ...world.plain.desk, importThread: foreign } });
    const heard = heardOf(bridge);
    const { operationId } = await bridge.createThread(thread);
    await bridge.drain();
    const operation = await world.store.getOperation(operationId);
    expect(operation?.failure).toMatchObject({ kind: 'unexpected', message: 'TypeError' });
    expect(heard.join()).toContain('retried');
    for (const told of [...heard, JSON.stringify(operation?.failure)]) expect(told).not.toContain(words);
  });

  it.each(['begin', 'sending', 'settle'] as const)('are not told, where a store throws one at %s', async (step) => {
    const memory = createMemoryStore();
    const world = bridged('dual-write', { store: memory });
    const { value } = await world.bridge.createThread(thread);
    const store: Store = { ...memory, [step]: foreign };
    const bridge = world.open({ store });
    const heard = heardOf(bridge);
    const error = await failure(bridge.addNote({ threadId: value.id, body: text('For us.') }));
    expect(error).toMatchObject({ name: 'HelpdeskError' });
    for (const told of [...heard, printed(error)]) expect(told).not.toContain(words);
  });

  it('are not told, where a store throws one to a worker', async () => {
    const memory = createMemoryStore();
    const world = bridged('dual-write', { store: memory });
    await world.bridge.createThread(thread);
    const worker = world.open({ store: { ...memory, takeHead: foreign }, pollMs: 5 });
    const heard = heardOf(worker);
    const watch = await worker.work();
    await vi.waitFor(() => expect(heard.join()).toContain('trouble'), { timeout: 20_000, interval: 5 });
    await watch.close();
    for (const told of heard) expect(told).not.toContain(words);
  });
});
