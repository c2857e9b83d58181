/** One limit for all that share a store, on a clock that moves as soon as everybody waits. */
import { expect, it } from 'vitest';
import { createSharedBudget } from '../../src/store/budget.ts';
import type { Store } from '../../src/store/store.ts';
import { describeEngines } from './engines.ts';

/** Time moves to the earliest waiter when nobody asks the store. */
function createTime(start = 1_000_000) {
  let asking = 0;
  const waiting: { readonly at: number; readonly wake: () => void }[] = [];
  let time = start;
  return {
    now: () => time,
    watched: (store: Store): Store => ({
      ...store,
      async takeSlot(...input) {
        asking++;
        return store.takeSlot(...input).finally(() => asking--);
      },
      async closeSlots(...input) {
        asking++;
        return store.closeSlots(...input).finally(() => asking--);
      },
    }),
    wait: (ms: number) => new Promise<void>((wake) => void waiting.push({ at: time + ms, wake })),
    async idle() {
      while (asking > 0) await new Promise(setImmediate);
    },
    async run(until: () => boolean) {
      while (!until()) {
        for (let idle = 0; idle < 40; idle++) await new Promise(setImmediate);
        if (asking > 0) continue;
        const next = waiting.toSorted((a, b) => a.at - b.at)[0];
        if (!next) continue;
        waiting.splice(waiting.indexOf(next), 1);
        time = Math.max(time, next.at);
        next.wake();
      }
    },
  };
}

describeEngines('a shared budget', (desk) => {
  it('gives away no more than the limit in any minute, and no fewer than there are', async () => {
    const time = createTime();
    const budgets = [desk().store, desk().other].map((store) =>
      createSharedBudget(time.watched(store), 'plain', { reads: 100, writes: 6 }, time),
    );
    const times: number[] = [];
    const total = 30;
    const all = Array.from({ length: total }, (_, index) =>
      budgets[index % 2]?.take('write', undefined).then(() => times.push(time.now())),
    );
    await time.run(() => times.length === total);
    await Promise.all(all);
    for (const one of times)
      expect(times.filter((other) => other > one - 60_000 && other <= one).length).toBeLessThanOrEqual(6);
    // Four more windows after the first six.
    expect(Math.max(...times) - Math.min(...times)).toBe(4 * 60_400);
  });

  it('keeps keys and classes apart', async () => {
    const time = createTime();
    const one = createSharedBudget(desk().store, 'one', { reads: 1, writes: 1 }, time);
    const two = createSharedBudget(desk().other, 'two', { all: 1 }, time);
    await one.take('read', undefined);
    await one.take('write', undefined);
    await two.take('read', undefined);
    let passed = false;
    const late = two.take('write', undefined).then(() => (passed = true));
    await time.run(() => passed);
    await late;
    expect(time.now()).toBe(1_000_000 + 60_400);
  });

  it('waits where the desk says so, for every process', async () => {
    const time = createTime();
    const [one, two] = [desk().store, desk().other].map((store) =>
      createSharedBudget(time.watched(store), 'plain', { all: 100 }, time),
    );
    one?.observe('write', 429, new Headers({ 'retry-after': '30' }));
    await time.idle();
    let passed = false;
    const late = two?.take('write', undefined).then(() => (passed = true));
    await time.run(() => passed);
    await late;
    expect(time.now()).toBeGreaterThanOrEqual(1_030_000);
  });

  it('stops waiting for a caller who has enough, and loses no place by it', async () => {
    const budget = createSharedBudget(desk().store, 'plain', { all: 1 });
    await budget.take('write', undefined);
    const controller = new AbortController();
    const late = budget.take('write', controller.signal);
    controller.abort(new Error('enough'));
    await expect(late).rejects.toThrow('enough');
    await expect(budget.take('write', AbortSignal.abort(new Error('never')))).rejects.toThrow('never');
  });
});
