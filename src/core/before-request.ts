/** Whether the caller lets a request leave, and how its refusal is told from a failure of the desk. */
import type { Access } from './budget.ts';
import { HelpdeskError } from './errors.ts';
import type { BeforeRequest } from './helpdesk.ts';
import { abortable } from './wait.ts';

const stops = new WeakSet<HelpdeskError>();

/** Throws what {@link BeforeRequest} promises, or the signal's reason where that fires first. */
export async function askBefore(
  beforeRequest: BeforeRequest,
  access: Access,
  where: { readonly provider: string; readonly operation: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const asked = (async () => beforeRequest({ access }))().catch((error: unknown) => {
    const reason = 'stopped by the caller before the request left';
    const stop = HelpdeskError.is(error)
      ? error
      : new HelpdeskError({ ...where, kind: 'cancelled', reason, applied: 'no' });
    stops.add(stop);
    throw stop;
  });
  await abortable(asked, signal);
}

/**
 * Whether the caller has stopped the call. What a desk refuses after a thread
 * is stored becomes a loss; this must not, because other writes would follow.
 */
export function isStop(error: unknown): boolean {
  return HelpdeskError.is(error) && stops.has(error);
}

/** The same failure, after something of the call was written. */
export function afterWriting(error: unknown, reason: string): unknown {
  if (!HelpdeskError.is(error) || error.applied === 'unknown') return error;
  const { provider, operation, kind, retryAfterMs, requestId, operationId, issues } = error;
  const after = new HelpdeskError({
    ...{ provider, operation, kind, reason, retryAfterMs, requestId, operationId, issues },
    applied: 'unknown',
  });
  if (isStop(error)) stops.add(after);
  return after;
}
