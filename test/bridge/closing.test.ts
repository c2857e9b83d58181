/** What becomes of writes that are in flight while a bridge is closed. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { failure, text, thread } from '../desks.ts';
import { temporaryFolder } from '../store/engines.ts';
import { bridged, deliveries, metProductlane, settleAll } from './bridges.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  folder.remove();
});

it('a bridge that closes waits for the answer of a desk, so that its store may be closed next', async () => {
  const path = join(folder.path, 'bridge.db');
  const world = bridged('dual-write', { store: await openStore(path) });
  const { value } = await world.bridge.createThread(thread);
  const { faults } = world.productlane.emulator;
  faults.next({ kind: 'slow', ms: 5_000 });
  const reply = world.bridge.reply({ threadId: value.id, body: text('Try now.') });
  await vi.waitFor(() => expect(faults.fired).toHaveLength(1), { timeout: 20_000, interval: 5 });
  const closed = world.bridge.close().then(() => world.store.close());
  await world.clock.advance(5_000);
  expect(await reply).toMatchObject({ value: expect.anything() });
  await closed;

  const store = await openStore(path);
  const later = world.open({ store });
  await settleAll(world, later);
  expect(deliveries(world)).toEqual(['Try now.']);
  await later.close();
  await store.close();
});

describe('a bridge that closes does not wait', () => {
  it('for a stage that nobody tells', async () => {
    const bridge = bridged('dual-write').open({ stage: () => new Promise<never>(() => {}) });
    const controller = new AbortController();
    const call = failure(bridge.createThread(thread, { signal: controller.signal }));
    await bridge.close();
    controller.abort();
    expect(await call).toMatchObject({ kind: 'cancelled', applied: 'no' });
  });

  it('for a call that waits until the lease of another process is over', async () => {
    const world = bridged('dual-write');
    const controller = new AbortController();
    let arrived = false;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const from = metProductlane(world, async () => {
      arrived = true;
      await released;
    });
    const idempotencyKey = 'k';
    const first = world.open({ from }).createThread(thread, { idempotencyKey });
    await vi.waitFor(() => expect(arrived).toBe(true), { interval: 5 });

    let looks = 0;
    const getOperation: typeof world.store.getOperation = (id) => {
      looks++;
      return world.store.getOperation(id);
    };
    const bridge = world.open({ store: { ...world.store, getOperation } });
    const repeated = failure(bridge.createThread(thread, { idempotencyKey, signal: controller.signal }));
    await vi.waitFor(() => expect(looks).toBeGreaterThan(0), { interval: 5 });
    await bridge.close();
    controller.abort();
    expect(await repeated).toMatchObject({ kind: 'cancelled' });
    release();
    expect(await first).toMatchObject({ value: { title: thread.title } });
  });
});
