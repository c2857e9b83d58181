/** What comes next in a lane, and who gets it. */
import { expect, it } from 'vitest';
import { describeEngines, done, failure, newIntent, newLease, stored } from './engines.ts';

const mirror = newLease({ lane: 'lane/mirror', now: 5_000, until: 6_000 });
const primary = newLease({ now: 5_000, until: 6_000 });

describeEngines('the head of a lane', (desk) => {
  it('is the first that is pending or whose mirror is queued', async () => {
    const { store } = desk();
    await stored(store, 'finished');
    await stored(store, 'unclear');
    await stored(store, 'failed');
    const queued = await stored(store, 'queued');
    await stored(store, 'pending');
    expect(await store.laneHead('lane', 'mirror')).toMatchObject({ id: queued });
  });

  it('is for the primary the first that is pending, whatever the mirror lacks', async () => {
    const { store } = desk();
    await stored(store, 'queued');
    const pending = await stored(store, 'pending');
    await stored(store, 'pending');
    expect(await store.laneHead('lane', 'primary')).toMatchObject({ id: pending });
  });

  it('is of that lane', async () => {
    const { store } = desk();
    await stored(store, 'queued', { lane: 'elsewhere' });
    expect(await store.laneHead('lane', 'mirror')).toBeUndefined();
  });
});

describeEngines('taking the head of a lane', (desk) => {
  it('gives what is due, as it is stored, and takes the lane', async () => {
    const { store, other } = desk();
    const id = await stored(store, 'queued');
    const head = await store.takeHead(mirror, 'mirror');
    expect(head).toEqual(await other.getOperation(id));
    expect(await other.take({ ...mirror, owner: 'bob', now: 5_999 })).toBe(false);
    expect(await other.take({ ...mirror, owner: 'bob', now: 6_000 })).toBe(true);
  });

  it('is for the primary what nobody has settled, also where nobody has begun it', async () => {
    const { store } = desk();
    await stored(store, 'queued');
    const waiting = newIntent();
    await store.enqueue(waiting);
    const pending = await stored(store, 'pending');
    expect(await store.takeHead(primary, 'primary')).toMatchObject({ id: pending, begun: true });
    await store.settle(pending, done, primary);
    expect(await store.takeHead(primary, 'primary')).toMatchObject({ id: waiting.id, begun: false });
  });

  it('waits, for the mirror, for what the primary has not done', async () => {
    const { store } = desk();
    const pending = await stored(store, 'pending', { mirrored: true });
    await stored(store, 'queued');
    expect(await store.takeHead(mirror, 'mirror')).toBeUndefined();
    await store.take(primary);
    await store.settle(pending, done, primary);
    expect(await store.takeHead(mirror, 'mirror')).toMatchObject({ id: pending });
  });

  it.each(['primary', 'mirror'] as const)('takes nothing where nothing is there: %s', async (part) => {
    const { store, other } = desk();
    await stored(store, 'finished');
    const lease = part === 'primary' ? primary : mirror;
    expect(await store.takeHead(lease, part)).toBeUndefined();
    expect(await other.take({ ...lease, owner: 'bob' })).toBe(true);
  });

  it('takes nothing before it is due, though a later one is', async () => {
    const { store, other } = desk();
    const first = newIntent();
    await store.begin(first, newLease());
    await store.settle(first.id, done, newLease());
    await store.take({ ...mirror, now: 1_000, until: 2_000 });
    const later = { mirror: 'queued', failure, attempts: 1, dueAt: 5_001, sentAt: undefined } as const;
    await store.mirrored(first.id, later, { ...mirror, now: 1_000, until: 2_000 });
    await stored(store, 'queued');
    expect(await store.takeHead(mirror, 'mirror')).toBeUndefined();
    expect(await other.take({ ...mirror, owner: 'bob' })).toBe(true);
    await other.release({ ...mirror, owner: 'bob' });
    expect(await store.takeHead({ ...mirror, now: 5_001 }, 'mirror')).toMatchObject({ id: first.id });
  });

  it('takes nothing of somebody else’s until his time is over, nor its own twice', async () => {
    const { store, other } = desk();
    const id = await stored(store, 'queued');
    await other.take({ ...mirror, owner: 'bob', now: 4_000, until: 5_500 });
    expect(await store.takeHead(mirror, 'mirror')).toBeUndefined();
    expect(await store.takeHead({ ...mirror, now: 5_500, until: 7_000 }, 'mirror')).toMatchObject({ id });
    expect(await store.takeHead({ ...mirror, now: 5_500, until: 7_000 }, 'mirror')).toBeUndefined();
  });

  it('gives it to one of many, and the next one after it is done', async () => {
    const { store, other } = desk();
    const ids = [await stored(store, 'queued'), await stored(store, 'queued'), await stored(store, 'queued')];
    const done: string[] = [];
    const owner = async (name: string) => {
      const lease = { ...mirror, owner: name };
      const mine = name.endsWith('1') ? store : other;
      while (done.length < ids.length) {
        const head = await mine.takeHead(lease, 'mirror');
        if (!head) continue;
        done.push(head.id);
        expect(await mine.mirrored(head.id, { mirror: 'done', losses: [], links: [] }, lease)).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => owner(`owner ${index}${index % 2}`)));
    expect(done).toEqual(ids);
  });
});
