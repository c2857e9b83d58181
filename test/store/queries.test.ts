/** Which operations are found, which lanes have work, and which operations may go. */
import { expect, it } from 'vitest';
import type { OperationFilter } from '../../src/store/store.ts';
import { describeEngines, done, failure, newIntent, newLease, stored } from './engines.ts';

describeEngines('a lane’s list', (desk) => {
  it('is in the order of execution, whatever their state', async () => {
    const { store } = desk();
    const waiting = newIntent();
    await store.enqueue(waiting);
    const ids = [await stored(store, 'failed'), await stored(store, 'dead'), await stored(store, 'pending')];
    expect((await store.listLane('lane')).map(({ id }) => id)).toEqual([...ids, waiting.id]);
  });
});

describeEngines('due lanes', (desk) => {
  it('are those whose head is due, by the lease that it takes, the longest waiting first', async () => {
    const { store } = desk();
    await stored(store, 'queued', { lane: 'late', at: 3_000 });
    await stored(store, 'queued', { lane: 'early', at: 1_000 });
    await stored(store, 'queued', { lane: 'later', at: 5_000 });
    await stored(store, 'finished', { lane: 'over', at: 1_000 });
    expect(await store.dueLanes(4_000, 10)).toEqual(['early/mirror', 'late/mirror']);
    expect(await store.dueLanes(4_000, 1)).toEqual(['early/mirror']);
  });

  it('wait for their first operation, although a later one is due', async () => {
    const { store } = desk();
    const first = newIntent();
    await store.begin(first, newLease());
    await store.settle(first.id, { state: 'pending', failure, dueAt: 9_000, sentAt: undefined }, newLease());
    await stored(store, 'queued');
    expect(await store.dueLanes(5_000, 10)).toEqual([]);
    expect(await store.dueLanes(9_000, 10)).toEqual(['lane']);
  });

  it('come once, however many operations are due', async () => {
    const { store } = desk();
    await stored(store, 'queued');
    await stored(store, 'queued');
    expect(await store.dueLanes(5_000, 10)).toEqual(['lane/mirror']);
  });

  it('are there for the primary while the mirror waits, and not the other way round', async () => {
    const { store } = desk();
    const first = await stored(store, 'queued');
    const mirror = newLease({ lane: 'lane/mirror' });
    await store.take(mirror);
    await store.mirrored(first, { mirror: 'queued', failure, attempts: 1, dueAt: 9_000, sentAt: undefined }, mirror);
    await store.enqueue(newIntent());
    expect(await store.dueLanes(5_000, 10)).toEqual(['lane']);
    expect(await store.dueLanes(9_000, 10)).toEqual(['lane', 'lane/mirror']);
    const other = newIntent({ lane: 'other' });
    await store.begin(other, newLease({ lane: 'other' }));
    await store.settle(other.id, { state: 'pending', failure, dueAt: 9_500, sentAt: 1 }, newLease({ lane: 'other' }));
    await stored(store, 'queued', { lane: 'other' });
    expect(await store.dueLanes(9_400, 10)).toEqual(['lane', 'lane/mirror']);
  });

  it('share a lease with what had to come over for them', async () => {
    const { store } = desk();
    await stored(store, 'queued', { at: 2_000 });
    await store.enqueue(newIntent({ lane: 'lane/mirror', mirrored: false, createdAt: 3_000 }));
    expect(await store.dueLanes(2_500, 10)).toEqual(['lane/mirror']);
    expect(await store.dueLanes(5_000, 10)).toEqual(['lane/mirror']);
    expect(await store.nextDue()).toBe(2_000);
  });

  it('are left out while somebody works on their mirror', async () => {
    const { store } = desk();
    await stored(store, 'queued');
    await store.take(newLease({ lane: 'lane/mirror', until: 6_000 }));
    expect(await store.dueLanes(5_999, 10)).toEqual([]);
    expect(await store.dueLanes(6_000, 10)).toEqual(['lane/mirror']);
  });

  it('are there when the lease of a caller that crashed is over', async () => {
    const { store } = desk();
    await store.begin(newIntent(), newLease({ until: 2_000 }));
    expect(await store.dueLanes(1_999, 10)).toEqual([]);
    expect(await store.dueLanes(2_000, 10)).toEqual(['lane']);
  });

  it('are left out while somebody is writing to their primary', async () => {
    const { store } = desk();
    await stored(store, 'pending');
    await store.take(newLease({ until: 6_000 }));
    expect(await store.dueLanes(5_999, 10)).toEqual([]);
    expect(await store.nextDue()).toBe(6_000);
    expect(await store.dueLanes(6_000, 10)).toEqual(['lane']);
  });

  it('are there while a caller writes to the primary and only the mirror is to do', async () => {
    const { store } = desk();
    await stored(store, 'queued');
    await store.take(newLease({ until: 6_000 }));
    expect(await store.dueLanes(5_000, 10)).toEqual(['lane/mirror']);
    expect(await store.nextDue()).toBe(1_000);
  });

  it('are announced by the time of the next one', async () => {
    const { store } = desk();
    expect(await store.nextDue()).toBeUndefined();
    await stored(store, 'queued', { lane: 'late', at: 3_000 });
    await stored(store, 'queued', { lane: 'early', at: 1_000 });
    expect(await store.nextDue()).toBe(1_000);
    await store.take(newLease({ lane: 'early/mirror', until: 2_500 }));
    expect(await store.nextDue()).toBe(2_500);
    await store.take(newLease({ lane: 'early/mirror', until: 6_000 }));
    expect(await store.nextDue()).toBe(3_000);
  });
});

describeEngines('the list of operations', (desk) => {
  it('is newest first, in pages', async () => {
    const { store } = desk();
    const ids = [];
    for (let index = 0; index < 5; index++) ids.unshift(await stored(store, 'finished', { lane: `lane ${index}` }));
    const first = await store.listOperations({}, { limit: 2 });
    const second = await store.listOperations({}, { limit: 10, before: first.at(-1)?.sequence });
    expect([...first, ...second].map(({ id }) => id)).toEqual(ids);
  });

  it('goes on where the last one of a page was deleted', async () => {
    const { store } = desk();
    const oldest = await stored(store, 'finished', { lane: 'oldest', at: 9_000 });
    await stored(store, 'finished', { lane: 'last', at: 1_000 });
    await stored(store, 'finished', { lane: 'newest', at: 9_000 });
    const first = await store.listOperations({}, { limit: 2 });
    expect(await store.prune(2_000)).toBe(1);
    const second = await store.listOperations({}, { limit: 2, before: first.at(-1)?.sequence });
    expect(second.map(({ id }) => id)).toEqual([oldest]);
  });

  const states = ['pending', 'queued', 'finished', 'failed', 'unclear', 'dead'] as const;
  const filters: [OperationFilter, readonly (typeof states)[number][]][] = [
    [{ state: 'pending' }, ['pending']],
    [{ state: 'unclear' }, ['unclear']],
    [{ state: 'failed' }, ['failed']],
    [{ state: 'done' }, ['dead', 'finished', 'queued']],
    [{ mirror: 'queued' }, ['queued']],
    [{ mirror: 'dead' }, ['dead']],
    [{ state: 'done', mirror: 'none' }, ['finished']],
    [{ lane: 'unclear' }, ['unclear']],
    [{ lane: 'unclear', state: 'done' }, []],
    [{ state: undefined, mirror: undefined, lane: 'dead' }, ['dead']],
  ];
  it.each(filters)('gives what matches %j', async (filter, expected) => {
    const { store } = desk();
    for (const state of states) await stored(store, state, { lane: state });
    const found = await store.listOperations(filter, { limit: 10 });
    expect(found.map(({ lane }) => lane)).toEqual(expected);
  });
});

describeEngines('figures', (desk) => {
  it('count what waits', async () => {
    const { store } = desk();
    expect(await store.figures()).toEqual({ pending: 0, unclear: 0, queued: 0, dead: 0, oldestAt: undefined });
    await stored(store, 'finished', { lane: 'a', at: 100 });
    await stored(store, 'unclear', { lane: 'b', at: 200 });
    await stored(store, 'dead', { lane: 'c', at: 300 });
    await stored(store, 'queued', { lane: 'd', at: 500 });
    await stored(store, 'queued', { lane: 'e', at: 400 });
    await stored(store, 'pending', { lane: 'f', at: 600 });
    expect(await store.figures()).toEqual({ pending: 1, unclear: 1, queued: 2, dead: 1, oldestAt: 400 });
  });
});

describeEngines('prune', (desk) => {
  it('deletes what was finished before', async () => {
    const { store, other } = desk();
    const old = await stored(store, 'finished', { lane: 'old', at: 1_000, key: 'key' });
    const failed = await stored(store, 'failed', { lane: 'failed', at: 1_000 });
    const fresh = await stored(store, 'finished', { lane: 'fresh', at: 2_000 });
    expect(await store.prune(2_000)).toBe(2);
    expect(await other.getOperation(old)).toBeUndefined();
    expect(await other.getOperation(failed)).toBeUndefined();
    expect(await other.getOperation(fresh)).toBeDefined();
    expect(await other.findOperation('key')).toBeUndefined();
  });

  it.each(['pending', 'queued', 'unclear', 'dead'] as const)('keeps what is %s', async (state) => {
    const { store } = desk();
    const id = await stored(store, state);
    expect(await store.prune(9_000)).toBe(0);
    expect(await store.getOperation(id)).toBeDefined();
  });

  it.each(['pending', 'queued', 'unclear', 'dead'] as const)(
    'keeps what comes after one that is %s, and not what comes before',
    async (state) => {
      const { store } = desk();
      const before = await stored(store, 'finished');
      await stored(store, state);
      const after = await stored(store, 'finished');
      expect(await store.prune(9_000)).toBe(1);
      expect(await store.getOperation(before)).toBeUndefined();
      expect(await store.getOperation(after)).toBeDefined();
    },
  );

  it('deletes an unclear write that was dropped, and what comes after it', async () => {
    const { store } = desk();
    const dropped = await stored(store, 'unclear');
    const after = await stored(store, 'finished');
    await store.decide(dropped, 'drop', 8_000);
    expect(await store.prune(8_000)).toBe(1);
    expect(await store.getOperation(dropped)).toBeDefined();
    expect(await store.getOperation(after)).toBeUndefined();
    expect(await store.prune(9_000)).toBe(1);
    expect(await store.getOperation(dropped)).toBeUndefined();
  });

  it('keeps the count of a lane that is in use', async () => {
    const { store } = desk();
    await stored(store, 'dead');
    await stored(store, 'finished');
    await store.prune(9_000);
    expect(await store.begin(newIntent(), newLease())).toMatchObject({ operation: { position: 3 } });
  });

  it('keeps a lane that somebody holds', async () => {
    const { store } = desk();
    await store.take(newLease({ until: 9_001 }));
    await store.prune(9_000);
    expect(await store.take(newLease({ owner: 'bob' }))).toBe(false);
  });

  it('deletes more than one batch', async () => {
    const { store } = desk();
    const count = 1_001;
    for (let index = 0; index < count; index++) {
      const lane = `lane ${index % 50}`;
      const intent = newIntent({ lane, mirrored: false });
      await store.enqueue(intent);
      await store.settle(intent.id, done, newLease({ lane }));
    }
    expect(await store.prune(9_000)).toBe(count);
    expect(await store.listOperations({}, { limit: 1 })).toEqual([]);
  });

  it('deletes old comparisons', async () => {
    const { store } = desk();
    await store.addComparison({ at: 1_000, operation: 'getThread', id: 'a', fields: [] });
    await store.addComparison({ at: 2_000, operation: 'getThread', id: 'b', fields: [] });
    await store.prune(2_000);
    expect((await store.listComparisons(10)).map(({ id }) => id)).toEqual(['b']);
  });
});
