/** When the next request may leave, so that the desk's rate limit is not reached. */
import pThrottle from 'p-throttle';
import type { Limit } from './helpdesk.ts';
import { rateReport, retryAfterMs } from './rate-limit.ts';
import { abortable, sleep } from './wait.ts';

export type Access = 'read' | 'write';

/**
 * The requests that one key may make.
 *
 * Give the same budget to every adapter that uses the key; each adapter makes
 * its own where none is given.
 */
export interface RateBudget {
  /** Resolves when the request may leave, in the order of asking. Rejects with the signal's reason. */
  take(access: Access, signal: AbortSignal | undefined): Promise<void>;
  /** Learns from the desk's answer what other users of the key have spent. */
  observe(access: Access, status: number, headers: Headers): void;
  limits(): { readonly reads: Limit; readonly writes: Limit };
}

/** Requests a minute: one figure for each class, or one for both together. */
export type RateLimits = { readonly reads: number; readonly writes: number } | { readonly all: number };

/**
 * A window that is exactly the desk's is violated by the jitter of the
 * network: the desk counts on arrival. 400 ms cost 0.7 % of the throughput.
 */
const windowMs = 60_400;

/** Below this many requests left, those that follow are spread over the rest of the window. */
const reserve = 5;

export function createRateBudget(limits: RateLimits): RateBudget {
  const reads = createWindow('all' in limits ? limits.all : limits.reads);
  const writes = 'all' in limits ? reads : createWindow(limits.writes);
  const of = { read: reads, write: writes } satisfies Record<Access, Window>;
  return {
    take: (access, signal) => of[access].take(signal),
    observe: (access, status, headers) => of[access].observe(status, headers),
    limits: () => ({ reads: reads.limit(), writes: writes.limit() }),
  };
}

interface Window {
  take(signal: AbortSignal | undefined): Promise<void>;
  observe(status: number, headers: Headers): void;
  limit(): Limit;
}

function createWindow(perMinute: number): Window {
  const slot = pThrottle({ limit: perMinute, interval: windowMs, strict: true })(async () => {});
  let limit: Limit = { perMinute, remaining: undefined };
  let closedUntil = 0;
  /** While the desk says that little is left: the pause between two requests, and until when. */
  let pace = { ms: 0, until: 0 };
  /** A place in the window that its caller did not live to use. */
  let ticket: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function pass(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    ticket ??= slot();
    await abortable(ticket, signal);
    while (closedUntil > Date.now()) await sleep(closedUntil - Date.now(), signal);
    ticket = undefined;
    if (pace.until > Date.now()) closedUntil = Date.now() + pace.ms;
  }

  return {
    limit: () => limit,

    async take(signal) {
      signal?.throwIfAborted();
      // One after the other, so that a pause that the first one causes holds for the second.
      const passed = last.then(() => pass(signal));
      last = passed.catch(() => {});
      return abortable(passed, signal);
    },

    observe(status, headers) {
      const now = Date.now();
      if (status === 429)
        closedUntil = Math.max(closedUntil, now + Math.min(retryAfterMs(headers, now) ?? 0, windowMs));
      const report = rateReport(headers);
      if (report?.perMinute === undefined || report.remaining === undefined) return;
      limit = { perMinute: report.perMinute, remaining: report.remaining };
      if (report.remaining >= reserve || report.resetAt === undefined) return;
      const rest = Math.min(report.resetAt - now, windowMs);
      pace = { ms: rest / (report.remaining + 1), until: now + rest };
      closedUntil = Math.max(closedUntil, now + pace.ms);
    },
  };
}
