/** How many calls are left in a fixed window of time. */
import type { Clock } from './clock.ts';

export interface RateWindow {
  readonly limit: number;
  readonly windowMs: number;
  /** Calls counted in the window that is open now. */
  used(): number;
  remaining(): number;
  /** Milliseconds since the window opened; 0 if none is open. */
  age(): number;
  /** Milliseconds until the window closes; the whole length if none is open. */
  untilReset(): number;
  count(): void;
}

/** The window opens with the first call that is counted and closes `windowMs` later. */
export function createRateWindow(clock: Clock, limit: number, windowMs: number): RateWindow {
  let openedAt = Number.NEGATIVE_INFINITY;
  let calls = 0;

  const isOpen = (): boolean => clock.elapsedMs() < openedAt + windowMs;
  const age = (): number => (isOpen() ? clock.elapsedMs() - openedAt : 0);
  const used = (): number => (isOpen() ? calls : 0);

  return {
    limit,
    windowMs,
    used,
    remaining: () => Math.max(limit - used(), 0),
    age,
    untilReset: () => windowMs - age(),
    count() {
      if (!isOpen()) {
        openedAt = clock.elapsedMs();
        calls = 0;
      }
      calls += 1;
    },
  };
}
