/** How a call to the desk in memory travels, so that the same faults can befall it as a call over the network. */
import { setImmediate } from 'node:timers/promises';
import { askBefore } from '../../core/before-request.ts';
import { type ErrorKind, HelpdeskError } from '../../core/errors.ts';
import type { CallOptions, Helpdesk } from '../../core/helpdesk.ts';
import { retryAfterMs } from '../../core/rate-limit.ts';
import type { Fault, Faults } from '../../emulators/faults.ts';

type Operation = keyof Helpdesk;
type Access = 'read' | 'write';

export type Exchange = <T>(
  operation: Operation,
  access: Access,
  call: CallOptions | undefined,
  work: () => T,
) => Promise<T>;

export interface Line {
  readonly exchange: Exchange;
  requests(access?: Access): number;
}

/** What an adapter would still wait for. */
const longestWaitMs = 20_000;

export function createLine(provider: string, faults: Faults): Line {
  const counts: Record<Access, number> = { read: 0, write: 0 };

  return {
    requests: (access) => (access ? counts[access] : counts.read + counts.write),
    async exchange(operation, access, call, work) {
      const { signal, beforeRequest } = call ?? {};
      const failure = (kind: ErrorKind, reason: string, mayHaveHappened: boolean, headers?: Headers) =>
        new HelpdeskError({
          provider,
          operation,
          kind,
          reason,
          applied: mayHaveHappened && access === 'write' ? 'unknown' : 'no',
          retryAfterMs: kind === 'rate-limited' && headers ? retryAfterMs(headers, Date.now()) : undefined,
        });

      for (let attempt = 1; ; attempt++) {
        if (signal?.aborted) throw failure('cancelled', 'cancelled by the caller', false);
        if (beforeRequest) {
          await askBefore(beforeRequest, access, { provider, operation }, signal).catch((error: unknown) => {
            throw HelpdeskError.is(error) ? error : failure('cancelled', 'cancelled by the caller', false);
          });
        }
        counts[access] += 1;
        const fault = faults.take({ method: 'POST', path: '/', operation, access });
        if (!fault || fault.kind === 'slow' || fault.kind === 'shift') return work();
        if (doesTheWork(fault)) work();
        if (fault.kind === 'stall') {
          await aborted(signal);
          throw failure('cancelled', 'cancelled by the caller', true);
        }
        if (fault.kind === 'garble') throw failure('unexpected', 'the answer cannot be read', true);
        const status = fault.kind === 'status' ? fault.status : 503;
        const headers = new Headers(fault.kind === 'status' ? fault.headers : {});
        const waitMs = retryAfterMs(headers, Date.now()) ?? 0;
        const repeatable = status === 429 || (access === 'read' && status >= 500);
        if (repeatable && attempt <= 2 && waitMs <= longestWaitMs) {
          await setImmediate();
          continue;
        }
        throw failure(kindOf(status), `HTTP ${status}`, status >= 500, headers);
      }
    },
  };
}

function doesTheWork(fault: Fault): boolean {
  switch (fault.kind) {
    case 'cut':
      return fault.when === 'after';
    case 'status':
      return fault.applied === 'yes';
    case 'stall':
      return fault.applied !== 'no';
    default:
      return true;
  }
}

function kindOf(status: number): ErrorKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'unavailable' : 'invalid';
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
