/** How many calls a key has left, and what the headers say about it. */
import type { Clock } from '../clock.ts';
import { createRateWindow, type RateWindow } from '../rate-window.ts';
import type { ProductlaneSwitches, RateLimits } from './options.ts';
import { refusal } from './refusal.ts';

export const vendorLimits: RateLimits = { reads: 1000, writes: 60, uploads: 30, uploadsPerDay: 500 };

const minuteMs = 60_000;
const burstMs = 10_000;
const dayMs = 86_400_000;

type Budget = 'reads' | 'writes' | 'uploads';

export interface Limits {
  /** Counts one call. Throws `rate_limited` if there is none left; that call is not counted. */
  spend(keyId: string, budget: Budget): void;
  /** The state of a budget, for every response. A key that is not known has all of it. */
  headers(keyId: string | undefined, budget: 'reads' | 'writes'): Record<string, string>;
  clear(): void;
}

/**
 * The cap is per minute, in a window that opens with the first call. What
 * "burst: 2x the above, over a 10-second window" adds is not explained:
 *
 * - `free`: nothing, a minute's calls may come at once.
 * - `spread`: any ten seconds hold at most twice their share of the minute.
 * - `on-top`: the first ten seconds of a minute may hold twice the minute's cap.
 */
export function createLimits(clock: Clock, limits: RateLimits, burst: ProductlaneSwitches['burst']): Limits {
  const windows = new Map<string, RateWindow>();

  function windowOf(name: string, limit: number, windowMs: number): RateWindow {
    const known = windows.get(name) ?? createRateWindow(clock, limit, windowMs);
    windows.set(name, known);
    return known;
  }

  const minuteOf = (keyId: string, budget: Budget): RateWindow =>
    windowOf(`${budget} ${keyId}`, limits[budget], minuteMs);

  function windowsOf(keyId: string, budget: Budget): readonly RateWindow[] {
    const minute = minuteOf(keyId, budget);
    if (budget === 'uploads') return [minute, windowOf('uploads a day', limits.uploadsPerDay, dayMs)];
    if (burst !== 'spread') return [minute];
    const share = Math.floor((2 * limits[budget] * burstMs) / minuteMs);
    return [minute, windowOf(`burst ${budget} ${keyId}`, share, burstMs)];
  }

  function isSpent(window: RateWindow): boolean {
    const bursting = burst === 'on-top' && window.windowMs === minuteMs && window.age() < burstMs;
    return window.used() >= window.limit * (bursting ? 2 : 1);
  }

  return {
    spend(keyId, budget) {
      const all = windowsOf(keyId, budget);
      const spent = all.find(isSpent);
      if (spent) {
        const names = new Map([
          [minuteMs, '1m'],
          [burstMs, '10s'],
          [dayMs, '1d'],
        ]);
        throw refusal(
          'rate_limited',
          'Rate limit exceeded.',
          { limit: spent.limit, window: names.get(spent.windowMs) },
          { 'Retry-After': String(Math.ceil(spent.untilReset() / 1000)) },
        );
      }
      for (const window of all) window.count();
    },
    headers(keyId, budget) {
      const limit = limits[budget];
      const minute = keyId === undefined ? undefined : minuteOf(keyId, budget);
      const reset = clock.now().getTime() + (minute?.untilReset() ?? minuteMs);
      return {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(minute?.remaining() ?? limit),
        'X-RateLimit-Reset': String(Math.ceil(reset / 1000)),
      };
    },
    clear: () => windows.clear(),
  };
}
