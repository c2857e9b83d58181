/** Who waits for whom: a write for the mirror, a caller for a thread that comes over, a repeated call for those before it. */
import { expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, failure, text, thread } from '../desks.ts';
import { bridged, conversation, deliveries, onlyThread, settleAll, settleMs } from './bridges.ts';

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 5 });

it('a mirror that hangs takes no worker’s place from the desk that answers', async () => {
  const world = bridged('dual-write', { concurrency: 2, pollMs: 20 });
  const create = async (name: string) =>
    (await world.bridge.createThread({ ...thread, contact: { email: `${name}@example.test` } })).value.id;
  const hanging = [await create('ada'), await create('bob')];
  const third = await create('cat');
  await world.bridge.drain();
  const { faults } = world.plain.emulator;
  for (const threadId of hanging) {
    await world.bridge.addNote({ threadId, body: text('For us.') });
    faults.next({ kind: 'slow', ms: 50_000 });
  }
  const work = await world.bridge.work();
  try {
    await until(() => expect(faults.fired).toHaveLength(2));
    await world.bridge.enqueue(undefined, { method: 'reply', input: { threadId: third, body: text('Try now.') } });
    await until(() => expect(deliveries(world)).toEqual(['Try now.']));
  } finally {
    await world.clock.advance(60_000);
    await work.close();
  }
});

it('a caller who has enough is let go while a thread comes over', async () => {
  const memory = createMemoryStore();
  let busy = 0;
  const store: Store = {
    ...memory,
    async begin(intent, lease) {
      const begun = await memory.begin(intent, lease);
      if (begun.is === 'busy') busy++;
      return begun;
    },
  };
  const world = bridged('off', { store });
  const { value } = await world.bridge.createThread(thread);
  world.flag.stage = 'live';
  const lane = `${(await store.findLink('thread', 'from', value.id))?.lane}/mirror`;
  const now = world.clock.elapsedMs();
  // Another process brings it over.
  await store.take({ lane, owner: 'other', now, until: now + 60_000 });
  const abort = new AbortController();
  let error: unknown;
  const call = failure(world.bridge.reply({ threadId: value.id, body: text('Try now.') }, { signal: abort.signal }));
  const heard = call.then((reason) => {
    error = reason;
  });
  try {
    await until(() => expect(busy).toBeGreaterThan(0));
    expect(error).toBeUndefined();
    abort.abort();
    await until(() => expect(error).toMatchObject({ kind: 'cancelled', applied: 'no' }));
  } finally {
    await store.release({ lane, owner: 'other' });
    await heard;
  }
  await settleAll(world);
  expect(deliveries(world)).toEqual([]);
});

it('a repeated call does not overtake what was stored before it', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  const reply = (words: string) => ({ threadId: value.id, body: text(words) });
  await world.bridge.enqueue(undefined, { method: 'reply', input: reply('One.') });
  await world.bridge.enqueue(undefined, { method: 'reply', input: reply('Two.'), idempotencyKey: 'k' });
  await world.bridge.reply(reply('Two.'), { idempotencyKey: 'k' });
  await settleAll(world);
  expect(deliveries(world)).toEqual(['One.', 'Two.']);
});

it('a thread that cannot come over for hours is asked for by one operation, and then comes over once', async () => {
  const world = bridged('off');
  const { value } = await world.bridge.createThread(thread);
  world.flag.stage = 'live';
  const { faults } = world.plain.emulator;
  const match = { operation: 'ImportThread' };
  faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'cut', when: 'before' }], match });
  const input = { threadId: value.id, body: text('Try now.') };
  await world.bridge.enqueue(undefined, { method: 'reply', input });
  for (let hour = 0; hour < 8; hour++) await settleAll(world);
  faults.clear();
  const operations = await collect(world.bridge.listOperations({}));
  expect(operations.filter(({ method }) => method === 'adoptThread')).toHaveLength(1);
  await settleAll(world);
  expect(deliveries(world)).toEqual(['Try now.']);
  const copy = await onlyThread(world.plain.desk);
  expect((await conversation(world.plain.desk, copy.id)).join().split('It says no.')).toHaveLength(2);
  expect(await collect(world.productlane.desk.listThreads())).toHaveLength(1);
});

it.each([
  ['refused for a while', { kind: 'status', status: 503, applied: 'no' }],
  ['lost', { kind: 'cut', when: 'before' }],
] as const)('a repeated call does not wait for one before it that was %s, and holds nobody up', async (_, fault) => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  const reply = (words: string) => ({ threadId: value.id, body: text(words) });
  await world.bridge.enqueue(undefined, { method: 'reply', input: reply('One.') });
  const input = reply('Two.');
  const { operationId } = await world.bridge.enqueue(undefined, { method: 'reply', input, idempotencyKey: 'k' });
  world.productlane.emulator.faults.next(fault, { access: 'write' });
  const controller = new AbortController();
  const { signal } = controller;
  const told: unknown[] = [];
  const calls = [
    failure(world.bridge.reply(reply('Two.'), { idempotencyKey: 'k', signal })),
    failure(world.bridge.addNote(reply('A note'), { signal })),
  ].map((call) => call.then((error) => told.push(error)));
  try {
    await until(() => expect(told).toHaveLength(2));
  } finally {
    controller.abort();
    await Promise.all(calls);
  }
  expect(told).toContainEqual(expect.objectContaining({ kind: 'unavailable', applied: 'unknown', operationId }));
  expect(told).toContain(undefined);
  await settleAll(world);
  expect(deliveries(world)).toEqual(['One.', 'Two.']);
});

it('a repeated call does not overtake a lost one before it', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  const { faults } = world.productlane.emulator;
  faults.next({ kind: 'cut', when: 'after' }, { access: 'write' });
  faults.next({ kind: 'status', status: 503 }, { access: 'read' });
  await failure(world.bridge.reply({ threadId: value.id, body: text('One.') }));
  const reply = () => world.bridge.reply({ threadId: value.id, body: text('Two.') }, { idempotencyKey: 'k' });
  faults.next({ kind: 'cut', when: 'before' }, { access: 'write' });
  await failure(reply());
  await world.clock.advance(settleMs + 1000);
  await reply();
  await settleAll(world);
  expect(await world.bridge.figures()).toMatchObject({ pending: 0, unclear: 0 });
  expect(deliveries(world)).toEqual(['One.', 'Two.']);
});
