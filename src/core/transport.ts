/** How a request travels: time limit, retries, rate budget and observation, the same for every desk. */
import ky, { HTTPError } from 'ky';
import { askBefore, isStop } from './before-request.ts';
import type { Access, RateBudget } from './budget.ts';
import { type Credential, type KeyRule, resolveCredential } from './credential.ts';
import { HelpdeskError } from './errors.ts';
import type { CallOptions } from './helpdesk.ts';
import { retryAfterMs } from './rate-limit.ts';
import { version } from './version.ts';
import { abortable } from './wait.ts';

/** What an observer is told. Never a key, an address or a body. */
export interface RequestEvent {
  readonly provider: string;
  /** Method name on `Helpdesk`. */
  readonly operation: string;
  readonly method: string;
  /** With placeholders instead of ids: `/threads/{id}`. Plain: the GraphQL operation's name. */
  readonly path: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

export interface ResponseEvent extends RequestEvent {
  readonly status: number;
  /** From sending to the last byte of the answer. */
  readonly durationMs: number;
  readonly requestId: string | undefined;
}

export interface RetryEvent extends RequestEvent {
  /** The answer that is not good enough; `undefined` where there was none. */
  readonly status: number | undefined;
  readonly waitMs: number;
}

/** Not waited for. What they throw is ignored: watching a write must not fail it. */
export interface TransportHooks {
  readonly onRequest?: ((event: RequestEvent) => void) | undefined;
  readonly onResponse?: ((event: ResponseEvent) => void) | undefined;
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

/** The part of an adapter's options that is about requests. */
export interface TransportOptions {
  /** Sent as a bearer token; never logged. */
  readonly apiKey: Credential;
  /** Milliseconds for a request with its retries, the body included, waiting for the rate budget not. Default: 30 000. */
  readonly timeoutMs?: number | undefined;
  /**
   * Repetitions of a read after 408, 429, 500, 502, 503, 504 or a broken
   * connection, and of a write after 429, which comes before the desk does
   * anything. Default: 2.
   */
  readonly retries?: number | undefined;
  /** Milliseconds. A desk that asks for a longer pause ends the call with `rate-limited`. Default: 20 000. */
  readonly maxRetryWaitMs?: number | undefined;
  /** Default: one of its own, at the desk's documented limits. */
  readonly budget?: RateBudget | undefined;
  readonly hooks?: TransportHooks | undefined;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface Exchange extends CallOptions {
  readonly operation: string;
  readonly access: Access;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly path: string;
  readonly body?: string | undefined;
}

/** An answer of any status, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Throws `HelpdeskError` where there is no answer: `auth`, `unavailable`, `cancelled`, or what the caller's `beforeRequest` throws. */
export type Transport = (exchange: Exchange) => Promise<Answer>;

export interface Desk {
  readonly provider: string;
  readonly keyRule: KeyRule;
  readonly requestId: (headers: Headers) => string | undefined;
  /** The status an answer should have had: GraphQL hides refusals in a 200. */
  readonly statusOf?: (answer: Answer) => number;
}

const retriedReads = new Set([408, 429, 500, 502, 503, 504]);

/** Codes of failures that come before the first byte is sent. The last is for ports that `fetch` itself refuses. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'BAD_PORT']);

export function createTransport(desk: Desk, budget: RateBudget, options: TransportOptions): Transport {
  const { provider } = desk;
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const timeoutMs = options.timeoutMs ?? 30_000;
  const retries = options.retries ?? 2;
  const maxRetryWaitMs = options.maxRetryWaitMs ?? 20_000;
  const hooks = options.hooks ?? {};

  return async (exchange) => {
    const { operation, access, method, url, path, body, signal: caller, beforeRequest } = exchange;
    let attempt = 0;
    let inFlight = false;
    let answer: Answer | undefined;
    let waitMs = 0;
    let timeout: AbortSignal | undefined;
    const event = (): RequestEvent => ({ provider, operation, method, path, attempt });

    try {
      await budget.take(access, caller);
      timeout = AbortSignal.timeout(timeoutMs);
      const deadline = Date.now() + timeoutMs;
      const signal = caller ? AbortSignal.any([caller, timeout]) : timeout;
      const key = await abortable(resolveCredential(options.apiKey, desk.keyRule, { provider, operation }), signal);
      const headers: Record<string, string> = {
        accept: 'application/json',
        authorization: `Bearer ${key}`,
        'user-agent': `helpdesk-bridge/${version}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      await ky(url, {
        method,
        timeout: false, // ky 1 stops its clock when the headers are there
        signal,
        // The request leaves from here, with its body as a string: ky's own request object would be cloned for each try.
        fetch: async () => {
          if (beforeRequest) await askBefore(beforeRequest, access, { provider, operation }, signal);
          // Nothing may be awaited between here and the sending.
          signal.throwIfAborted();
          attempt++;
          inFlight = true;
          answer = undefined;
          notify(hooks.onRequest, event);
          const sent = Date.now();
          const response = await fetch(url, { method, headers, signal, redirect: 'manual', ...(body && { body }) });
          const read = { status: response.status, headers: response.headers, text: await response.text() };
          inFlight = false;
          answer = { ...read, status: desk.statusOf?.(read) ?? read.status };
          budget.observe(access, answer.status, answer.headers);
          const { status } = answer;
          const requestId = desk.requestId(answer.headers);
          notify(hooks.onResponse, () => ({ ...event(), status, durationMs: Date.now() - sent, requestId }));
          // Only the status matters to ky. 0 is what a browser makes of a redirect that is not followed.
          return new Response(null, { status: status >= 200 && status <= 599 ? status : 502 });
        },
        retry: {
          limit: retries,
          methods: [method.toLowerCase()],
          shouldRetry: async ({ error, retryCount }) => {
            if (signal.aborted || isStop(error) || !repeatable(access, answer)) return false;
            const asked = answer && retryAfterMs(answer.headers, Date.now());
            waitMs = asked === undefined ? Math.random() * 300 * 2 ** retryCount : asked + Math.random() * 500;
            if (waitMs > maxRetryWaitMs || Date.now() + waitMs > deadline) return false;
            notify(hooks.onRetry, () => ({ ...event(), status: answer?.status, waitMs }));
            return true;
          },
          delay: () => waitMs,
        },
        hooks: { beforeRetry: [async () => void (await budget.take(access, signal))] },
      });
    } catch (error) {
      if (HelpdeskError.is(error)) throw error;
      if (!(error instanceof HTTPError)) throw lost(error);
    }
    if (answer) return answer;
    throw lost(undefined);

    /** No answer: who ended it, and whether the write may have happened. */
    function lost(error: unknown): HelpdeskError {
      const code = codeOf(error);
      const sent = inFlight && !(code !== undefined && neverSent.has(code));
      const applied = access === 'write' && sent ? 'unknown' : 'no';
      const failed = (kind: 'cancelled' | 'unavailable', reason: string) =>
        new HelpdeskError({ provider, operation, kind, reason, applied });
      if (caller?.aborted) return failed('cancelled', 'cancelled by the caller');
      if (timeout?.aborted) return failed('unavailable', `no answer within ${timeoutMs} ms`);
      return failed('unavailable', code === undefined ? 'no answer' : `no answer, ${code}`);
    }
  };
}

function repeatable(access: Access, answer: Answer | undefined): boolean {
  if (access === 'write') return answer?.status === 429;
  return answer === undefined || retriedReads.has(answer.status);
}

function notify<E>(hook: ((event: E) => void) | undefined, event: () => E): void {
  if (!hook) return;
  try {
    const returned: unknown = hook(event());
    if (returned instanceof Promise) returned.catch(() => {});
  } catch {
    // See TransportHooks.
  }
}

/** The socket's word for what happened, such as ECONNRESET. Letters only: nothing of the request. */
function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.message === 'bad port') return 'BAD_PORT';
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code) ? code : undefined;
}
