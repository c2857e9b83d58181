/** What goes wrong between a desk and its caller, and with which request. */
import type { AskedRequest, RequestMatch } from './request-log.ts';
import { matches } from './request-log.ts';

/**
 * Whether the desk had done the work before the answer went wrong.
 *
 * `later`: not yet when the caller hears of the failure, but `landsAfterMs` on
 * the desk's clock after it. A look-up in between finds nothing.
 */
export type Applied = 'no' | 'yes' | 'later';

interface Landing {
  /** For `later`. Default: 1000. */
  readonly landsAfterMs?: number | undefined;
}

/** One thing that goes wrong. Plain data, so it can be sent to a served emulator. */
export type Fault =
  /** Any answer instead of the real one. */
  | ({
      readonly kind: 'status';
      readonly status: number;
      /** A string is sent as it is, anything else as JSON. Default: the desk's own envelope for the status. */
      readonly body?: unknown;
      /** Added to the answer, for example `Retry-After` with any text. */
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** Default: `no`. */
      readonly applied?: Applied | undefined;
    } & Landing)
  /** The connection breaks and no answer comes: before the work, during it (it lands later), or after it. */
  | ({ readonly kind: 'cut'; readonly when: 'before' | 'during' | 'after' } & Landing)
  /** Nothing ends: no headers at all, or headers and half a body. */
  | ({
      readonly kind: 'stall';
      readonly at: 'headers' | 'body';
      /** Default: `yes`. */
      readonly applied?: Applied | undefined;
    } & Landing)
  /** The work is done; the answer breaks off in the middle of its body. */
  | { readonly kind: 'truncate' }
  /** The work is done and the status is right, but the body is no JSON. Default body: an HTML page. */
  | { readonly kind: 'garble'; readonly body?: string | undefined }
  /** The work is done at once; the answer comes `ms` later on the desk's clock. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The answer is right; directly after it a record appears in the list that was read. */
  | { readonly kind: 'shift' };

export interface RandomFaults {
  /** The same seed gives the same faults for the same requests. */
  readonly seed: number;
  /** Share of requests that fail, 0 to 1. */
  readonly rate: number;
  /** Chosen from with equal chance. Default: {@link commonFaults}. */
  readonly kinds?: readonly Fault[] | undefined;
  readonly match?: RequestMatch | undefined;
}

export interface FiredFault {
  readonly fault: Fault;
  readonly request: AskedRequest;
}

export interface Faults {
  /** The next request that matches fails this way. Queued: first in, first out, each used once. */
  next(fault: Fault, match?: RequestMatch): void;
  /** From now on, until {@link Faults.clear}. A queued fault goes first. */
  random(options: RandomFaults): void;
  /** Faults that still wait for their request. */
  readonly waiting: number;
  /** What went wrong so far, oldest first. */
  readonly fired: readonly FiredFault[];
  /** Forgets queued and random faults and what has fired. */
  clear(): void;
  /** Takes the fault of this request out of the queue. */
  take(request: AskedRequest): Fault | undefined;
}

/** Every way to fail that ends by itself, each with the work done and not done. */
export const commonFaults: readonly Fault[] = [
  { kind: 'status', status: 500, applied: 'no' },
  { kind: 'status', status: 500, applied: 'yes' },
  { kind: 'status', status: 502, body: '<html><h1>502 Bad Gateway</h1></html>', applied: 'yes' },
  { kind: 'status', status: 503, headers: { 'Retry-After': '1' }, applied: 'no' },
  { kind: 'status', status: 429, headers: { 'Retry-After': '1' }, applied: 'no' },
  { kind: 'cut', when: 'before' },
  { kind: 'cut', when: 'during' },
  { kind: 'cut', when: 'after' },
  { kind: 'truncate' },
  { kind: 'garble' },
];

export function createFaults(): Faults {
  const queue: { readonly fault: Fault; readonly match: RequestMatch }[] = [];
  const fired: FiredFault[] = [];
  let chance: ((request: AskedRequest) => Fault | undefined) | undefined;

  return {
    next: (fault, match = {}) => void queue.push({ fault, match }),
    random({ seed, rate, kinds = commonFaults, match = {} }) {
      const random = createRandom(seed);
      chance = (request) => {
        if (!matches(match, request) || random() >= rate) return undefined;
        return kinds[Math.floor(random() * kinds.length)];
      };
    },
    get waiting() {
      return queue.length;
    },
    fired,
    clear() {
      queue.length = 0;
      fired.length = 0;
      chance = undefined;
    },
    take(request) {
      const index = queue.findIndex(({ match }) => matches(match, request));
      const fault = index < 0 ? chance?.(request) : queue.splice(index, 1)[0]?.fault;
      if (fault) fired.push({ fault, request });
      return fault;
    },
  };
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). Not for secrets. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
