/** Which lanes are worked on, and how many at a time. */
import { expect, it, vi } from 'vitest';
import { mirroredLane, type Store, type WatchOptions } from '../../src/store/store.ts';
import { describeEngines, done, newIntent, newLease, stored } from './engines.ts';

/** Looks that come so seldom that only announcements are seen after the first. */
const never = 60_000_000;
const options: WatchOptions = { concurrency: 4, now: () => 5_000, pollMs: never };

/** Ends what comes next under the lease, where it is due. */
async function finish(store: Store, name: string, now = 5_000): Promise<void> {
  const lease = newLease({ lane: name, now, until: now + 1_000 });
  const mirrors = mirroredLane(name) !== undefined;
  const head = await store.takeHead(lease, mirrors ? 'mirror' : 'primary');
  if (head && mirrors) await store.mirrored(head.id, { mirror: 'done', losses: [], links: [] }, lease);
  else if (head) await store.settle(head.id, done, lease);
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 5 });
const untilEmpty = (store: Store) => until(async () => expect(await store.nextDue()).toBeUndefined());

describeEngines('a watch', (desk, engine) => {
  it('finds the work that is there when it begins', async () => {
    const { store } = desk();
    await stored(store, 'queued');
    const watch = await store.watch((lane) => finish(store, lane), options);
    await untilEmpty(store);
    await watch.close();
    expect(await store.figures()).toMatchObject({ queued: 0, pending: 0 });
  });

  it('is told of what is settled and enqueued', async () => {
    const { store } = desk();
    const watch = await store.watch((lane) => finish(store, lane), options);
    await stored(store, 'queued', { lane: 'settled' });
    await untilEmpty(store);
    await store.enqueue(newIntent({ lane: 'enqueued', mirrored: false }));
    await untilEmpty(store);
    await watch.close();
  });

  it('is told of what a person decides', async () => {
    const { store } = desk();
    const dead = await stored(store, 'dead', { lane: 'dead' });
    const unclear = await stored(store, 'unclear', { lane: 'unclear', mirrored: false });
    const watch = await store.watch((lane) => finish(store, lane), options);
    await store.decide(dead, 'retry', 4_000);
    await store.decide(unclear, 'did-not-happen', 4_000);
    await until(async () => {
      expect(await store.getOperation(dead)).toMatchObject({ mirror: 'done' });
      expect(await store.getOperation(unclear)).toMatchObject({ state: 'done' });
    });
    await watch.close();
  });

  it('names nothing that is not due when it looks', async () => {
    const { store } = desk();
    // Of this one nobody is told: it was begun, and its caller is gone.
    await stored(store, 'pending', { lane: 'later', at: 9_000 });
    await stored(store, 'queued', { lane: 'now' });
    const named: string[] = [];
    const watch = await store.watch(async (lane) => {
      named.push(lane);
      await finish(store, lane);
    }, options);
    await until(() => expect(named).toContain('now/mirror'));
    await watch.close();
    // A hint may name it once more.
    expect(new Set(named)).toEqual(new Set(['now/mirror']));
  });

  it('looks again for what nobody announced', async () => {
    const { store } = desk();
    let now = 5_000;
    await stored(store, 'queued', { at: 9_000 });
    const watch = await store.watch((lane) => finish(store, lane, now), { ...options, pollMs: 5, now: () => now });
    expect(await store.nextDue()).toBe(9_000);
    now = 9_000;
    await untilEmpty(store);
    await watch.close();
    expect(await store.figures()).toMatchObject({ queued: 0 });
  });

  it('tries again where the work failed', async () => {
    const { store } = desk();
    let tries = 0;
    await stored(store, 'queued');
    const watch = await store.watch(
      async (lane) => {
        tries += 1;
        if (tries < 3) throw new Error('not now');
        await finish(store, lane);
      },
      { ...options, pollMs: 5 },
    );
    await untilEmpty(store);
    await watch.close();
    expect(tries).toBe(3);
  });

  it('works on one lane once and on no more lanes than it may', async () => {
    const { store } = desk();
    for (let index = 0; index < 24; index++) await stored(store, 'queued', { lane: `lane ${index % 6}` });
    const running: string[] = [];
    const seen: number[] = [];
    const twice: string[] = [];
    const watch = await store.watch(
      async (lane) => {
        if (running.includes(lane)) twice.push(lane);
        running.push(lane);
        seen.push(running.length);
        await finish(store, lane);
        running.splice(running.indexOf(lane), 1);
      },
      { ...options, concurrency: 3, pollMs: 2 },
    );
    await untilEmpty(store);
    await watch.close();
    expect(twice).toEqual([]);
    expect(Math.max(...seen)).toBeLessThanOrEqual(3);
    expect(await store.figures()).toMatchObject({ queued: 0 });
  });

  it('works on a lane once, although it is announced meanwhile', async () => {
    const { store } = desk();
    await store.enqueue(newIntent({ mirrored: false }));
    const second = newIntent({ mirrored: false });
    let running = 0;
    let most = 0;
    const watch = await store.watch(async (lane) => {
      if (lane !== second.lane) return;
      running += 1;
      most = Math.max(most, running);
      if ((await store.getOperation(second.id)) === undefined) await store.enqueue(second);
      await store.listLane(lane);
      await finish(store, lane);
      running -= 1;
    }, options);
    await untilEmpty(store);
    await watch.close();
    expect(most).toBe(1);
  });

  it('goes on to the next lane when one is done', async () => {
    const { store } = desk();
    for (let index = 0; index < 5; index++) await stored(store, 'queued', { lane: `lane ${index}` });
    const watch = await store.watch((lane) => finish(store, lane), { ...options, concurrency: 2 });
    await untilEmpty(store);
    await watch.close();
    expect(await store.figures()).toMatchObject({ queued: 0 });
  });

  it('keeps a slow lane from standing in the way of others', async () => {
    const { store } = desk();
    await stored(store, 'queued', { lane: 'slow', at: 1_000 });
    await stored(store, 'queued', { lane: 'quick', at: 2_000 });
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const watch = await store.watch(async (lane) => {
      if (lane === 'slow/mirror') await gate;
      await finish(store, lane);
    }, options);
    await until(async () => expect(await store.laneHead('quick', 'mirror')).toBeUndefined());
    expect(await store.laneHead('slow', 'mirror')).toBeDefined();
    letGo();
    await watch.close();
    expect(await store.laneHead('slow', 'mirror')).toBeUndefined();
  });

  it('begins nothing after it is closed', async () => {
    const { store } = desk();
    const watch = await store.watch((lane) => finish(store, lane), { ...options, pollMs: 1 });
    await watch.close();
    const id = await stored(store, 'queued');
    expect(await store.getOperation(id)).toMatchObject({ mirror: 'queued' });
  });

  // In memory both are the same.
  if (engine !== 'memory')
    it('sees what another connection stored', async () => {
      const { store, other } = desk();
      const pollMs = engine === 'PostgreSQL' ? 400 : 5;
      const watch = await store.watch((lane) => finish(store, lane), { ...options, pollMs });
      await stored(other, 'queued');
      await untilEmpty(other);
      await watch.close();
      expect(await other.figures()).toMatchObject({ queued: 0 });
    });
});
