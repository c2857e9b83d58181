/** One key's rate limit for every process that shares a store. */
import type { Access, RateBudget, RateLimits } from '../core/budget.ts';
import type { Limit } from '../core/helpdesk.ts';
import { rateReport, retryAfterMs } from '../core/rate-limit.ts';
import { abortable, sleep } from '../core/wait.ts';
import type { Store } from './store.ts';

/**
 * A desk's minute, and what the network's jitter may push over its border: the
 * desk counts on arrival. 400 ms cost 0.7 % of the throughput.
 */
const windowMs = 60_400;

export interface SharedBudgetOptions {
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Waits so many milliseconds; rejects with the signal's reason. Default: a timer. */
  readonly wait?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

/**
 * A budget whose places are in the store. Give one of the same `key` to the
 * adapters of every process that uses the desk's key. `key` is a name of your
 * own, such as `plain`, and never the key itself.
 */
export function createSharedBudget(
  store: Store,
  key: string,
  limits: RateLimits,
  { now = Date.now, wait = sleep }: SharedBudgetOptions = {},
): RateBudget {
  const classOf = (access: Access) => ('all' in limits ? 'all' : access);
  const capacityOf = (access: Access) =>
    'all' in limits ? limits.all : limits[access === 'read' ? 'reads' : 'writes'];
  const seen = new Map<string, Limit>();
  /** One after the other within a process, so that waiting callers do not all ask the store at once. */
  const last = new Map<string, Promise<unknown>>();

  async function pass(access: Access, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const waitMs = await store.takeSlot(`${key}/${classOf(access)}`, capacityOf(access), windowMs, now());
      if (waitMs === 0) return;
      await wait(waitMs, signal);
    }
  }

  return {
    async take(access, signal) {
      signal?.throwIfAborted();
      const passed = (last.get(classOf(access)) ?? Promise.resolve()).then(() => pass(access, signal));
      last.set(
        classOf(access),
        passed.catch(() => {}),
      );
      return abortable(passed, signal);
    },

    observe(access, status, headers) {
      const report = rateReport(headers);
      if (report?.perMinute !== undefined) {
        seen.set(classOf(access), { perMinute: report.perMinute, remaining: report.remaining });
      }
      // Somebody who does not share the store uses the key too.
      const spent = report?.remaining === 0 && report.resetAt !== undefined ? report.resetAt : undefined;
      const asked = status === 429 ? now() + Math.min(retryAfterMs(headers, now()) ?? 1000, windowMs) : undefined;
      const until = Math.min(Math.max(spent ?? 0, asked ?? 0), now() + windowMs);
      // A store that cannot be told is no reason to fail a call that was answered: the next one asks it again.
      if (until > now()) store.closeSlots(`${key}/${classOf(access)}`, until, windowMs, now()).catch(() => {});
    },

    limits: () => {
      const of = (access: Access) =>
        seen.get(classOf(access)) ?? { perMinute: capacityOf(access), remaining: undefined };
      return { reads: of('read'), writes: of('write') };
    },
  };
}
