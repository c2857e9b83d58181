/** What becomes of writes that are in flight while a bridge is closed. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { text, thread } from '../desks.ts';
import { temporaryFolder } from '../store/engines.ts';
import { bridged, deliveries, settleAll } from './bridges.ts';

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
