/** What every emulated desk offers, and how a request finds its way to one. */
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import { decide, networkError, type Outcome, toFetchResult } from './outcome.ts';
import type { PostRoom } from './post-room.ts';
import { type AskedRequest, createRequestLog, type RequestLog } from './request-log.ts';
import type { Webhooks } from './webhooks.ts';

/** How much is in a workspace from the start. The same size always gives the same records. */
export type SeedSize = 'small' | 'large';

/** What a contact writes. */
export interface Incoming {
  readonly html?: string | undefined;
  readonly text?: string | undefined;
  readonly subject?: string | undefined;
}

/** A stateful desk. In process it is reached through {@link Emulator.fetch}, over HTTP through `serve`. */
export interface Emulator<State = unknown, KeyOptions = unknown> {
  readonly name: 'productlane' | 'plain';
  /** What an adapter takes as its base URL, in process. */
  readonly baseUrl: string;
  /** A key that may do everything. */
  readonly apiKey: string;
  /** A further key. All keys stay good until {@link Emulator.revokeKey} or {@link Emulator.reset}. */
  mintKey(options?: KeyOptions): string;
  revokeKey(key: string): void;
  /**
   * Answers requests below {@link Emulator.baseUrl}, faults included. Any other
   * host rejects as if it could not be resolved.
   */
  readonly fetch: typeof globalThis.fetch;
  /** One request with its fault applied, for whoever shows it to the caller. Answers carry the desk's own `Date`. */
  exchange(request: Request): Promise<Outcome>;
  /** The tables, live. Read them; writing is what the API is for. */
  readonly state: State;
  readonly postRoom: PostRoom;
  readonly webhooks: Webhooks;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly requests: RequestLog;
  /** A contact's message arrives on a thread, by the thread's own channel. Gives the message's id. */
  receive(threadId: string, message: Incoming): { readonly id: string };
  /** Adds records. Sends nothing, fires no webhook. */
  seed(size: SeedSize): void;
  /** Back to how it was made: records, keys, faults, webhooks, deliveries and clock. */
  reset(): void;
  /** Everything that is stored, as JSON data. Keys are not. */
  snapshot(): unknown;
  /** Replaces everything that is stored. Throws if `snapshot` did not make it. */
  restore(snapshot: unknown): void;
}

/** What a desk brings; the rest of an {@link Emulator} is the same for each. */
export interface Desk<State, KeyOptions>
  extends Pick<
    Emulator<State, KeyOptions>,
    | 'name'
    | 'baseUrl'
    | 'apiKey'
    | 'mintKey'
    | 'revokeKey'
    | 'state'
    | 'postRoom'
    | 'webhooks'
    | 'faults'
    | 'clock'
    | 'receive'
    | 'seed'
    | 'snapshot'
    | 'restore'
  > {
  /** Answers a request whose path has the base URL's path taken off. Never rejects. */
  answer(request: Request): Response | Promise<Response>;
  /** Whose host, apart from the base URL's, the desk also answers for; files for example. */
  readonly otherOrigins?: readonly string[] | undefined;
  /** The name of the call and whether it writes. `body` decodes the request's body. */
  describe(method: string, path: string, body: () => string): Pick<AskedRequest, 'operation' | 'access'>;
  /** The desk's own error answer for a status, for faults that name no body. */
  failure(status: number): Response;
  /** What every answer carries, an injected one too. */
  stamp(headers: Headers): void;
  /** Makes a record appear in the list that the request read. */
  shift(asked: AskedRequest): void;
  /** Empties the tables and brings back the first key. */
  clear(): void;
}

export function createEmulator<State, KeyOptions>(desk: Desk<State, KeyOptions>): Emulator<State, KeyOptions> {
  const base = new URL(desk.baseUrl);
  const requests = createRequestLog();
  const origins = [base.origin, ...(desk.otherOrigins ?? [])];

  async function exchange(request: Request): Promise<Outcome> {
    const url = new URL(request.url);
    const body = request.body ? await request.arrayBuffer() : undefined;
    const path = below(base.pathname, url.pathname);
    const { method, signal } = request;
    const asked = { method, path, ...desk.describe(method, path, () => new TextDecoder().decode(body)) };
    const inner = new URL(url);
    inner.pathname = path;

    // The work may outlive the caller, so its request has neither the caller's body nor signal.
    const work = async (): Promise<Response> =>
      desk.answer(new Request(inner, { method, headers: request.headers, body: body ?? null }));

    const record = (status: number | null): void =>
      requests.add({
        ...asked,
        status,
        query: url.search.slice(1),
        authorized: request.headers.has('authorization'),
        at: desk.clock.now(),
      });

    try {
      const fault = desk.faults.take(asked);
      const shift = (): void => desk.shift(asked);
      const outcome = await decide({ fault, work, failure: desk.failure, shift, clock: desk.clock, signal });
      if ('response' in outcome) {
        outcome.response.headers.set('Date', desk.clock.now().toUTCString());
        desk.stamp(outcome.response.headers);
      }
      record('response' in outcome ? outcome.response.status : null);
      return outcome;
    } catch (error) {
      record(null);
      throw error;
    }
  }

  return {
    ...desk,
    requests,
    exchange,
    async fetch(input, init) {
      const request = new Request(input, init);
      // The caller's own signal: a request's is only weakly tied to it, and a stalled call may outlive that tie.
      const signal = init?.signal ?? request.signal;
      signal.throwIfAborted();
      const { origin, hostname } = new URL(request.url);
      if (!origins.includes(origin)) {
        throw networkError('fetch failed', `getaddrinfo ENOTFOUND ${hostname}`, 'ENOTFOUND');
      }
      const gaveUp = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      return Promise.race([exchange(request).then((outcome) => toFetchResult(outcome, signal)), gaveUp]);
    },
    reset() {
      desk.clear();
      desk.postRoom.clear();
      desk.webhooks.clear();
      desk.faults.clear();
      desk.clock.reset();
      requests.clear();
    },
  };
}

/** The path with the base taken off; as it is where it does not lie below the base. */
function below(base: string, path: string): string {
  if (path === base) return '/';
  const prefix = base.endsWith('/') ? base : `${base}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length - 1) : path;
}
