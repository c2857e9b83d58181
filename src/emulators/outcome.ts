/** What becomes of one request once its fault has been applied, and how `fetch` shows it. */
import type { Clock } from './clock.ts';
import type { Applied, Fault } from './faults.ts';

/** The end of a request, before it is shown over a socket or in process. */
export type Outcome =
  | { readonly is: 'answer'; readonly response: Response }
  /** The connection breaks; nothing was sent. */
  | { readonly is: 'cut' }
  /** Nothing is ever sent. */
  | { readonly is: 'silence' }
  /** Status and headers are sent, then half the body; after it the connection breaks, or stays open for ever. */
  | { readonly is: 'half'; readonly response: Response; readonly ending: 'break' | 'stall' };

export interface FaultedRequest {
  readonly fault: Fault | undefined;
  /** Does the work. Called at most once. */
  readonly work: () => Promise<Response>;
  /** The desk's own answer for a status, used where a fault names no body. */
  readonly failure: (status: number) => Response;
  /** Makes a record appear in the list that was read. */
  readonly shift: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Rejects only with the signal's reason, when it fires during a slow answer. */
export async function decide(request: FaultedRequest): Promise<Outcome> {
  const { fault, work, clock } = request;
  switch (fault?.kind) {
    case undefined:
      return { is: 'answer', response: await work() };
    case 'status':
      await apply(request, fault.applied ?? 'no', fault.landsAfterMs);
      return { is: 'answer', response: overlay(request.failure(fault.status), fault) };
    case 'cut':
      await apply(request, ({ before: 'no', during: 'later', after: 'yes' } as const)[fault.when], fault.landsAfterMs);
      return { is: 'cut' };
    case 'stall': {
      const { applied = 'yes' } = fault;
      if (fault.at === 'body' && applied === 'yes') return half(await work(), 'stall');
      await apply(request, applied, fault.landsAfterMs);
      if (fault.at === 'body') return half(Response.json({ data: [] }), 'stall');
      return { is: 'silence' };
    }
    case 'truncate':
      return half(await work(), 'break');
    case 'garble': {
      const { status, headers } = await work();
      const page = fault.body ?? '<!doctype html><title>One moment</title><p>Checking your connection.</p>';
      const shown = { status: bodiless(status) ? 200 : status, headers: retyped(headers, 'text/html') };
      return { is: 'answer', response: new Response(page, shown) };
    }
    case 'slow': {
      const response = await work();
      await clock.sleep(fault.ms, request.signal);
      return { is: 'answer', response };
    }
    case 'shift': {
      const response = await work();
      request.shift();
      return { is: 'answer', response };
    }
  }
}

/** An answer without a body has no half: the connection breaks, or nothing comes. */
function half(response: Response, ending: 'break' | 'stall'): Outcome {
  if (!bodiless(response.status)) return { is: 'half', response, ending };
  return { is: ending === 'break' ? 'cut' : 'silence' };
}

function bodiless(status: number): boolean {
  return status === 204 || status === 304;
}

async function apply({ work, clock }: FaultedRequest, applied: Applied, landsAfterMs = 1000): Promise<void> {
  if (applied === 'yes') await work();
  if (applied === 'later') {
    clock.schedule(landsAfterMs, async () => {
      await work();
    });
  }
}

function overlay(own: Response, fault: Extract<Fault, { kind: 'status' }>): Response {
  const headers = new Headers(own.headers);
  const { status, body } = fault;
  if (body !== undefined) {
    headers.delete('content-length');
    headers.set('content-type', typeof body === 'string' ? 'text/html' : 'application/json');
  }
  for (const [name, value] of Object.entries(fault.headers ?? {})) headers.set(name, value);
  if (bodiless(status)) return new Response(null, { status, headers });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(body === undefined ? own.body : text, { status, headers });
}

function retyped(from: Headers, type: string): Headers {
  const headers = new Headers(from);
  headers.delete('content-length');
  headers.set('content-type', type);
  return headers;
}

/** The first half of a body, and its whole length. */
export async function halve(response: Response): Promise<{ half: Uint8Array; length: number }> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { half: bytes.slice(0, Math.floor(bytes.length / 2)), length: bytes.length };
}

/** As `fetch` would show it: a `TypeError` with a cause, a promise or a body that ends only with the signal. */
export async function toFetchResult(outcome: Outcome, signal: AbortSignal): Promise<Response> {
  switch (outcome.is) {
    case 'answer':
      return outcome.response;
    case 'cut':
      throw networkError('fetch failed', 'read ECONNRESET', 'ECONNRESET');
    case 'silence':
      return new Promise((_, reject) => onAbort(signal, reject));
    case 'half': {
      const { half } = await halve(outcome.response);
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(half);
          onAbort(signal, (reason) => controller.error(reason));
        },
        pull(controller) {
          if (outcome.ending === 'break') {
            controller.error(networkError('terminated', 'other side closed', 'UND_ERR_SOCKET'));
          }
          return undefined;
        },
      });
      const { status, headers } = outcome.response;
      return new Response(body, { status, headers });
    }
  }
}

/** What Node's `fetch` rejects with: a bare `TypeError` whose cause carries the code. */
export function networkError(message: string, reason: string, code: string): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error(reason), { code }) });
}

function onAbort(signal: AbortSignal, run: (reason: unknown) => void): void {
  if (signal.aborted) run(signal.reason);
  else signal.addEventListener('abort', () => run(signal.reason), { once: true });
}
