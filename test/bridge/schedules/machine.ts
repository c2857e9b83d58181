/** On what a schedule is played: virtual time, and chance that says which of the things under way goes on next. */
import { createHash } from 'node:crypto';
import { convertBody } from '../../../src/core/bodies.ts';
import { type Clock, createVirtualClock } from '../../../src/emulators/clock.ts';
import { createRandom } from '../../../src/emulators/faults.ts';
import { emulatePlain } from '../../../src/emulators/plain/index.ts';
import { createPlain } from '../../../src/providers/plain/index.ts';

/** One process. What it was doing when it died never goes on. */
export interface Process {
  alive: boolean;
  /** Stopped, as by a debugger or a sleeping laptop: it knows nothing of the time that passes. */
  frozen: boolean;
  /** Requests that have left for a desk and change something there. */
  written: number;
  /** What it sends now is on the network for as long as can be. */
  slow: boolean;
}

interface Waiting {
  /** `undefined`: it is on the network, where no process holds it any more. */
  readonly process: Process | undefined;
  readonly since: number;
  readonly slow: boolean;
  readonly go: () => void;
}

export interface Machine {
  readonly clock: Clock;
  readonly random: () => number;
  /** A place where a process may be stopped, or another one may come first. */
  pass(process: Process): Promise<void>;
  /** On the way to a desk or from it. Takes at most `networkMs`. */
  travel(process: Process): Promise<void>;
  /** Lets that many things happen, or all that can without time passing. */
  go(moves: number): Promise<void>;
  /** Time passes. What is on the network for too long arrives. */
  advance(ms: number): Promise<void>;
  /** Lets things happen, and time pass, until it is so. Throws where nothing can happen any more. */
  until(reached: () => boolean): Promise<void>;
}

const longestRun = 30_000;

export function createMachine(seed: number, networkMs: number): Machine {
  const random = createRandom(seed);
  const inner = createVirtualClock();
  const dues = new Map<symbol, number>();
  const waiting: Waiting[] = [];

  function schedule(delayMs: number, run: () => void | Promise<void>): () => void {
    const token = Symbol();
    dues.set(token, inner.elapsedMs() + Math.max(delayMs, 0));
    const callOff = inner.schedule(delayMs, () => {
      dues.delete(token);
      return run();
    });
    return () => {
      dues.delete(token);
      callOff();
    };
  }

  const clock: Clock = {
    ...inner,
    schedule,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const callOff = schedule(ms, resolve);
        signal?.addEventListener('abort', () => {
          callOff();
          reject(signal.reason);
        });
      }),
  };

  const canGo = ({ process, slow }: Waiting) => !slow && (process === undefined || (process.alive && !process.frozen));
  const wait = (process: Process | undefined, slow = false) =>
    new Promise<void>((go) => waiting.push({ process, since: inner.elapsedMs(), slow, go }));

  async function release(one: Waiting): Promise<void> {
    waiting.splice(waiting.indexOf(one), 1);
    one.go();
    await quiet();
  }

  async function move(): Promise<boolean> {
    const able = waiting.filter(canGo);
    const chosen = able[Math.floor(random() * able.length)];
    if (chosen) await release(chosen);
    return chosen !== undefined;
  }

  async function advance(ms: number): Promise<void> {
    const now = inner.elapsedMs();
    for (;;) {
      const late = waiting.find(({ process, since }) => process === undefined && now + ms - since >= networkMs);
      if (!late) break;
      await release(late);
    }
    await inner.advance(ms);
    await quiet();
  }

  return {
    clock,
    random,
    pass: (process) => (process.alive ? wait(process) : new Promise(() => {})),
    travel: ({ slow }) => wait(undefined, slow),
    advance,
    async go(moves) {
      await quiet();
      for (let moved = 0; moved < moves && (await move()); moved++);
    },
    async until(reached) {
      await quiet();
      for (let moves = 0; !reached(); moves++) {
        if (moves > longestRun) throw new Error('it does not come to an end');
        if (await move()) continue;
        const arrivals = waiting.filter(({ slow }) => slow).map(({ since }) => since + networkMs);
        if (dues.size + arrivals.length === 0) throw new Error('something waits for what will never happen');
        await advance(Math.max(0, Math.min(...dues.values(), ...arrivals) - inner.elapsedMs()));
      }
    },
  };
}

/** Loads what is loaded when it is first needed: that takes more than promises. */
export async function warmUp(): Promise<void> {
  const body = { format: 'html', content: '<p>text</p>' } as const;
  await convertBody(body, 'markdown');
  const { apiKey, baseUrl, fetch } = emulatePlain({ clock: createVirtualClock() });
  await createPlain({ apiKey, baseUrl, fetch }).check();
}

let underWay = 0;

/** Runs what takes more turns than promises do, such as a store in a file: the machine stands still meanwhile. */
export async function standingStill<T>(work: () => Promise<T>): Promise<T> {
  underWay++;
  try {
    return await work();
  } finally {
    underWay--;
  }
}

/** Everything that needs no more than promises has happened, and what the machine stands still for. */
async function quiet(): Promise<void> {
  for (let calm = 0; calm < 2; calm = underWay > 0 ? 0 : calm + 1)
    await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Runs with timers and dates on the machine's clock, and with ids and digests that are
 * the same each time and there at once: the same seed gives the same schedule.
 */
export async function onMachine<T>(machine: Machine, run: () => Promise<T>): Promise<T> {
  const { clock, random } = machine;
  const before = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    timeout: AbortSignal.timeout,
    Date: globalThis.Date,
    random: Math.random,
    randomUUID: crypto.randomUUID,
    digest: crypto.subtle.digest,
  };
  let serial = 0;
  globalThis.setTimeout = ((action: () => void, ms = 0) => clock.schedule(ms, action)) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((callOff: unknown) =>
    typeof callOff === 'function' ? callOff() : undefined) as typeof clearTimeout;
  // Leases are not prolonged by the way: a process may always be too slow for that.
  globalThis.setInterval = (() => 0) as unknown as typeof setInterval;
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    clock.schedule(ms, () => controller.abort(new DOMException('the time is over', 'TimeoutError')));
    return controller.signal;
  };
  globalThis.Date = dateOn(clock);
  Math.random = random;
  crypto.randomUUID = () => {
    serial += 1;
    return `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`;
  };
  crypto.subtle.digest = async (_algorithm, data) => {
    const bytes = createHash('sha256')
      .update(new Uint8Array(data as ArrayBuffer))
      .digest();
    return new Uint8Array(bytes).buffer;
  };
  try {
    return await run();
  } finally {
    globalThis.setTimeout = before.setTimeout;
    globalThis.clearTimeout = before.clearTimeout;
    globalThis.setInterval = before.setInterval;
    AbortSignal.timeout = before.timeout;
    globalThis.Date = before.Date;
    Math.random = before.random;
    crypto.randomUUID = before.randomUUID;
    crypto.subtle.digest = before.digest;
  }
}

/** Dates that were made before stay dates. */
function dateOn(clock: Clock): DateConstructor {
  const { Date: Real } = globalThis;
  const now = () => clock.elapsedMs();
  return new Proxy(Real, {
    construct: (_, given: readonly unknown[]) => Reflect.construct(Real, given.length === 0 ? [now()] : given),
    get: (_, name) => (name === 'now' ? now : Reflect.get(Real, name)),
  });
}
