/** How long a lane stays somebody's: for as long as the work takes, and not a request longer. */
import { expect, it, vi } from 'vitest';
import { createRealClock } from '../../src/emulators/clock.ts';
import { createBridge } from '../../src/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Lease, Store } from '../../src/store/store.ts';
import { collect, failure, plainDesk, productlaneDesk, text, thread } from '../desks.ts';
import {
  atRest,
  bridged,
  createdUnknown,
  deliveries,
  leaseMs,
  metProductlane,
  onlyThread,
  settleAll,
  settleMs,
  timesSaid,
} from './bridges.ts';

it('a thread whose reading takes longer than a lease is brought over by one of two workers', async () => {
  const clock = createRealClock();
  const productlane = productlaneDesk({ clock });
  const plain = plainDesk({ clock });
  const { apiKey, baseUrl, fetch, userId } = plain.emulator;
  const limits = { leaseMs: 1_000, settleMs: 2_000, pollMs: 10 };
  let reads = 0;
  const slow: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if ((await request.text()).includes('ThreadTimeline')) {
      reads++;
      await new Promise((resolve) => setTimeout(resolve, 1.5 * limits.leaseMs));
    }
    return fetch(input, init);
  };
  const read = plainDesk({ clock }, { apiKey, baseUrl, retries: 0, fetch: slow }).desk;
  const store = createMemoryStore();
  const open = (drain: boolean) =>
    createBridge({
      ...{ from: productlane.desk, to: read, stage: 'live', store, drain, ...limits },
      recordOptions: { plain: { userId } },
    });
  const old = (await plain.desk.createThread(thread)).value.id;
  const caller = open(false);
  await caller.addNote({ threadId: old, body: text('For us.') });
  const workers = [open(true), open(true)];
  try {
    const brought = async () => expect(await caller.figures()).toMatchObject(atRest);
    await vi.waitFor(brought, { timeout: 30_000, interval: 20 });
    expect(reads).toBeGreaterThan(0);
    await onlyThread(productlane.desk);
    expect(await timesSaid(productlane.desk, 'For us.')).toBe(1);
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
});

it('a request does not leave where the lease ran out while it was being stored', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  await settleAll(world);
  const others = world.open();
  let stopped = false;
  const store: Store = {
    ...world.store,
    async sending(...given) {
      const held = await world.store.sending(...given);
      if (!stopped) {
        stopped = true;
        // The process stands still here, and another one takes over.
        await world.clock.advance(leaseMs + settleMs);
        await others.drain();
        expect(deliveries(world)).toEqual(['Try now.']);
      }
      return held;
    },
  };
  const sleeper = world.open({ store });
  await failure(sleeper.reply({ threadId: value.id, body: text('Try now.') }));
  await settleAll(world);
  expect(stopped).toBe(true);
  expect(deliveries(world)).toEqual(['Try now.']);
});

it('a thread that is known by two lanes is copied once, where one of the leases is lost before the copy leaves', async () => {
  const { world, id } = await createdUnknown();
  world.flag.stage = 'complete';
  await world.bridge.addNote({ threadId: id, body: text('For us.') });
  world.flag.stage = 'live';
  await world.clock.advance(200_000);
  const other = world.open();
  let first: Lease | undefined;
  const store: Store = {
    ...world.store,
    async takeHead(lease, part) {
      const head = await world.store.takeHead(lease, part);
      if (head && part === 'mirror') first ??= lease;
      return head;
    },
  };
  let met = 0;
  const slow = metProductlane(world, async () => {
    if (met++ > 0 || !first) return;
    await world.clock.advance(leaseMs - 1);
    const now = world.clock.elapsedMs();
    expect(await world.store.prolong({ ...first, now, until: now + leaseMs })).toBe(true);
    // The lease on the other lane was not prolonged.
    await world.clock.advance(2);
    await other.addNote({ threadId: id, body: text('Later.') });
    await other.drain();
  });
  await world.open({ from: slow, store }).drain();
  await settleAll(world, other);
  expect(met).toBeGreaterThan(0);
  expect(await collect(world.productlane.desk.listThreads())).toHaveLength(1);
  for (const words of ['It says no.', 'Later.']) expect(await timesSaid(world.productlane.desk, words)).toBe(1);
  expect(await world.bridge.figures()).toMatchObject(atRest);
});
