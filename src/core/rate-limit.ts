/** What a desk's answer says about its rate limit, in one unit. Garbage is `undefined`, never a wait for ever. */
import type { Limit } from './helpdesk.ts';

export interface RateReport extends Partial<Limit> {
  /** When the window starts anew, as milliseconds since 1970. */
  readonly resetAt: number | undefined;
}

/** Reads `x-ratelimit-limit`, `-remaining` and `-reset`, which both desks send on every answer. */
export function rateReport(headers: Headers): RateReport | undefined {
  const perMinute = count(headers.get('x-ratelimit-limit'));
  const remaining = count(headers.get('x-ratelimit-remaining'));
  if (perMinute === undefined || remaining === undefined) return undefined;
  return { perMinute, remaining, resetAt: instant(headers.get('x-ratelimit-reset')) };
}

/**
 * Milliseconds until the desk wants to be asked again, at least 0.
 *
 * `Retry-After` (seconds or HTTP date) comes first, then `x-ratelimit-reset`
 * (Productlane: Unix seconds, Plain: ISO 8601). `undefined` where neither is
 * there or makes sense, which leaves the caller to its own back-off.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const retryAfter = headers.get('retry-after')?.trim();
  const seconds = retryAfter && /^[+-]?\d+(\.\d+)?$/.test(retryAfter) ? Number(retryAfter) : undefined;
  if (seconds !== undefined) return Math.max(0, Math.ceil(seconds * 1000));
  const until = (retryAfter && date(retryAfter)) || instant(headers.get('x-ratelimit-reset'));
  return until === undefined ? undefined : Math.max(0, until - now);
}

function instant(value: string | null): number | undefined {
  if (value === null) return undefined;
  return /^\d{9,11}(\.\d+)?$/.test(value.trim()) ? Math.ceil(Number(value) * 1000) : date(value);
}

function date(value: string): number | undefined {
  // Both documented forms begin so. `Date.parse` alone accepts '-5' and 'soon 1'.
  if (!/^(\d{4}-\d\d-\d\dT|[A-Z][a-z]{2}, )/.test(value.trim())) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function count(value: string | null): number | undefined {
  return value !== null && /^\d{1,9}$/.test(value.trim()) ? Number(value) : undefined;
}
