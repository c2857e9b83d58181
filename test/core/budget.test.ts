import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRateBudget } from '../../src/core/budget.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** The times, in milliseconds from now, at which each of `count` requests may leave. */
async function departures(budget: ReturnType<typeof createRateBudget>, count: number): Promise<number[]> {
  const start = Date.now();
  const times: number[] = [];
  const all = Promise.all(
    Array.from({ length: count }, () => budget.take('write', undefined).then(() => times.push(Date.now() - start))),
  );
  await vi.runAllTimersAsync();
  await all;
  return times;
}

describe('a rate budget', () => {
  it('lets no more through than the limit in any minute, however many callers ask at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70 }), async (limit, count) => {
        const times = await departures(createRateBudget({ reads: 1000, writes: limit }), count);
        for (const time of times) {
          expect(times.filter((other) => other >= time && other < time + 60_000).length).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('counts reads and writes apart where the desk does, together where it does not', async () => {
    const apart = createRateBudget({ reads: 1, writes: 1 });
    await apart.take('read', undefined);
    await apart.take('write', undefined);
    const together = createRateBudget({ all: 1 });
    await together.take('read', undefined);
    let left = false;
    const second = together.take('write', undefined).then(() => (left = true));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(left).toBe(false);
    await vi.runAllTimersAsync();
    await second;
  });

  it('slows down before the limit when others have used the key', async () => {
    const budget = createRateBudget({ reads: 1000, writes: 60 });
    const inTenSeconds = new Date(Date.now() + 10_000).toISOString();
    budget.observe(
      'write',
      200,
      new Headers({ 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': inTenSeconds }),
    );
    expect(await departures(budget, 1)).toEqual([5000]);
    expect(budget.limits().writes).toEqual({ perMinute: 60, remaining: 1 });
  });

  it('spreads those who wait over the rest of the window', async () => {
    const budget = createRateBudget({ reads: 1000, writes: 60 });
    const inFortySeconds = new Date(Date.now() + 40_000).toISOString();
    const headers = { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': inFortySeconds };
    budget.observe('write', 200, new Headers(headers));
    expect(await departures(budget, 5)).toEqual([10_000, 20_000, 30_000, 40_000, 40_000]);
  });

  it('gives the place of a caller who left to the next one', async () => {
    const budget = createRateBudget({ reads: 1000, writes: 2 });
    await budget.take('write', undefined);
    await budget.take('write', undefined);
    const leaving = new AbortController();
    const left = Array.from({ length: 6 }, () => budget.take('write', leaving.signal).catch(() => 'left'));
    leaving.abort();
    expect(await Promise.all(left)).toEqual(Array(6).fill('left'));
    const [next] = await departures(budget, 1);
    expect(next).toBeLessThanOrEqual(60_400);
  });

  it('holds every caller back after a refusal', async () => {
    const budget = createRateBudget({ all: 450 });
    budget.observe('write', 429, new Headers({ 'retry-after': '9' }));
    expect(await departures(budget, 3)).toEqual([9000, 9000, 9000]);
  });

  it('does not hold anyone back for longer than its window, whatever the desk says', async () => {
    const budget = createRateBudget({ all: 450 });
    budget.observe('write', 429, new Headers({ 'retry-after': '86400' }));
    expect((await departures(budget, 1))[0]).toBeLessThanOrEqual(61_000);
  });

  it('lets a waiting caller go when it cancels', async () => {
    const budget = createRateBudget({ all: 1 });
    await budget.take('read', undefined);
    const caller = new AbortController();
    const waiting = budget.take('read', caller.signal);
    caller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
