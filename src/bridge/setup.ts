/** What all parts of a bridge work with, and the few things they all do. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, Helpdesk, RecordMessagesInput } from '../core/helpdesk.ts';
import type { Failure, Lease, Side, Store } from '../store/store.ts';
import type { Translator } from './counterparts.ts';
import type { Events } from './events.ts';

export interface Setup {
  readonly desks: Readonly<Record<Side, Helpdesk>>;
  readonly store: Store;
  readonly translator: Translator;
  readonly events: Events;
  /** For every recorded message, such as who wrote those that name no author. */
  readonly recordOptions: RecordMessagesInput['providerOptions'];
  readonly createMirrored: 'import' | 'live';
  readonly now: () => number;
  readonly leaseMs: number;
  readonly settleMs: number;
  readonly clockSkewMs: number;
  readonly giveUpMs: number;
}

export function leaseOn(setup: Setup, lane: string, owner: string): Lease {
  const now = setup.now();
  return { lane, owner, now, until: now + setup.leaseMs };
}

/**
 * The call options of everything that is done for an operation: each write
 * request is stored before it leaves, and does not leave once the lane is
 * somebody else's.
 */
export function journaled(
  setup: Setup,
  operation: { readonly id: string; readonly method: string },
  part: 'primary' | 'mirror',
  lane: string,
  owner: string,
  caller: CallOptions = {},
): CallOptions {
  return {
    signal: caller.signal,
    async beforeRequest(request) {
      await caller.beforeRequest?.(request);
      if (request.access === 'read') return;
      const lease = leaseOn(setup, lane, owner);
      const held = await setup.store.sending(operation.id, part, lease);
      // A process that was stopped while it stored this may be continued long after somebody else took over.
      if (!held || setup.now() >= lease.until) throw lost(operation.method);
    },
  };
}

function lost(operation: string): HelpdeskError {
  const reason = 'another worker has taken over';
  return new HelpdeskError({ provider: 'helpdesk-bridge', operation, kind: 'cancelled', reason, applied: 'no' });
}

/** The other side's write could not be begun yet; nothing was sent. */
export function notYet(operation: string, reason: string, retryAfterMs: number | undefined): HelpdeskError {
  return new HelpdeskError({
    provider: 'helpdesk-bridge',
    operation,
    kind: 'unavailable',
    reason,
    applied: 'no',
    retryAfterMs,
  });
}

/** An error as the store keeps it. */
export function toFailure(error: unknown): Failure {
  if (!HelpdeskError.is(error)) {
    // Its message may quote what it was given.
    const message = error instanceof Error ? error.name : 'unknown error';
    return { provider: 'helpdesk-bridge', kind: 'unexpected', message, requestId: undefined };
  }
  const { provider, kind, message, requestId } = error;
  return { provider, kind, message, requestId };
}

/** For reads of a record that may be gone by now. Throws every other error again. */
export function unlessGone(error: unknown): undefined {
  if (HelpdeskError.is(error) && error.kind === 'not-found') return undefined;
  throw error;
}

/** Waits grow with the time for which something has been failing: half of it, between a second and five minutes. */
export function backoffMs(failingMs: number): number {
  return Math.min(Math.max(1000, Math.ceil(failingMs / 2)), 300_000);
}
