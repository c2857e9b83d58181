/** What time a desk believes it is, and what it does later. */

/**
 * A desk's time.
 *
 * A virtual clock stands still until {@link Clock.advance}; a real one also
 * moves by itself. Everything an emulator does later (webhook retries, the end
 * of a snooze, rate windows, slow answers) is scheduled here.
 */
export interface Clock {
  /** The time the desk would tell, skew included. */
  now(): Date;
  /**
   * Like {@link Clock.now}, but each call is at least one millisecond after the
   * one before, so the order of creation shows. A virtual clock moves by it.
   */
  tick(): Date;
  /** Milliseconds since 1970 without skew. Never goes back. For windows and delays. */
  elapsedMs(): number;
  /** Runs once, `delayMs` from now. Gives the function that calls it off. */
  schedule(delayMs: number, run: () => void | Promise<void>): () => void;
  /** Resolves after `ms` on this clock. Rejects with the signal's reason when it fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Moves time on and runs what falls due, in order of due time, tasks scheduled
   * on the way included. Waits for each, so a task must not sleep on this clock.
   */
  advance(ms: number): Promise<void>;
  /** The desk's time differs from the true one by this from now on; negative is behind. Default: 0. */
  skew(ms: number): void;
  /** Back to the start, with nothing scheduled and no skew. */
  reset(): void;
}

interface Task {
  readonly at: number;
  readonly run: () => void | Promise<void>;
}

/** 2026-01-05T09:00:00.000Z, a Monday. */
export const defaultStart = Date.UTC(2026, 0, 5, 9);

/** The longest delay `setTimeout` takes. */
const longestTimerMs = 2 ** 31 - 1;

/** Default start: {@link defaultStart}. */
export function createVirtualClock(start: Date | number = defaultStart): Clock {
  return createClock(() => Number(start), false);
}

/** The computer's time. {@link Clock.advance} jumps ahead of it. Its timers do not keep a process alive. */
export function createRealClock(): Clock {
  return createClock(() => Date.now(), true);
}

function createClock(source: () => number, running: boolean): Clock {
  let offsetMs = 0;
  let skewMs = 0;
  let lastTick = Number.NEGATIVE_INFINITY;
  let tasks: Task[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const elapsedMs = (): number => Math.max(source() + offsetMs, lastTick);

  function arm(): void {
    if (!running) return;
    clearTimeout(timer);
    const [next] = tasks;
    if (!next) return;
    timer = setTimeout(() => void runDue(elapsedMs()), Math.min(Math.max(next.at - elapsedMs(), 0), longestTimerMs));
    timer.unref?.();
  }

  async function runDue(until: number): Promise<void> {
    for (let [next] = tasks; next && next.at <= until; [next] = tasks) {
      tasks.shift();
      moveTo(next.at);
      await next.run();
    }
    arm();
  }

  function moveTo(time: number): void {
    if (time > elapsedMs()) offsetMs = time - source();
  }

  function schedule(delayMs: number, run: Task['run']): () => void {
    const task = { at: elapsedMs() + Math.max(delayMs, 0), run };
    tasks.splice(tasks.findLastIndex(({ at }) => at <= task.at) + 1, 0, task);
    arm();
    return () => {
      tasks = tasks.filter((other) => other !== task);
    };
  }

  return {
    now: () => new Date(elapsedMs() + skewMs),
    tick() {
      lastTick = Math.max(elapsedMs(), lastTick + 1);
      return new Date(lastTick + skewMs);
    },
    elapsedMs,
    schedule,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = (): void => {
          callOff();
          reject(signal?.reason);
        };
        const callOff = schedule(ms, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        signal?.addEventListener('abort', abort, { once: true });
      }),
    async advance(ms) {
      const until = elapsedMs() + ms;
      await runDue(until);
      moveTo(until);
      arm();
    },
    skew(ms) {
      skewMs = ms;
    },
    reset() {
      clearTimeout(timer);
      offsetMs = 0;
      skewMs = 0;
      lastTick = Number.NEGATIVE_INFINITY;
      tasks = [];
    },
  };
}
