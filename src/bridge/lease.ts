/** How a lane stays ours for as long as the work on it takes, and how its loss stops that work. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions } from '../core/helpdesk.ts';
import type { Lease } from '../store/store.ts';
import type { Setup } from './setup.ts';

type Held = Pick<Lease, 'lane' | 'owner'>;

export function leaseOn(setup: Pick<Setup, 'now' | 'leaseMs'>, { lane, owner }: Held): Lease {
  const now = setup.now();
  return { lane, owner, now, until: now + setup.leaseMs };
}

/**
 * Runs with the lease prolonged from time to time: reading a long thread may
 * take longer. A process that is stopped prolongs nothing.
 */
export async function holding<T>(setup: Setup, held: Held, run: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {
    // Where it fails, or the lane is lost, the next write request does not leave.
    setup.store.prolong(leaseOn(setup, held)).catch(() => {});
  }, setup.leaseMs / 3);
  // Where timers are numbers nothing has to end.
  if (typeof timer === 'object') timer.unref();
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}

/** The call, whose write requests leave only while this lane is ours too. */
export function onlyWhileHeld(setup: Setup, held: Held, call: CallOptions): CallOptions {
  return {
    ...call,
    async beforeRequest(request) {
      await call.beforeRequest?.(request);
      if (request.access === 'write' && !(await setup.store.prolong(leaseOn(setup, held)))) throw lost(held.lane);
    },
  };
}

export function lost(operation: string): HelpdeskError {
  const reason = 'another worker has taken over';
  return new HelpdeskError({ provider: 'helpdesk-bridge', operation, kind: 'cancelled', reason, applied: 'no' });
}
