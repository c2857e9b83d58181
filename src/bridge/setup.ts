/** What all parts of a bridge work with, and the few things they all do. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, Helpdesk, RecordMessagesInput } from '../core/helpdesk.ts';
import { isRecord } from '../core/plain-data.ts';
import type { Failure, Lease, Operation, Side, Store } from '../store/store.ts';
import type { Translator } from './counterparts.ts';
import type { Events } from './events.ts';
import { leaseOn, lost } from './lease.ts';

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

/** The requests of one try, as the store has been told of them. */
export interface Tries {
  /** For everything that is done for the operation. */
  readonly call: CallOptions;
  /** When a write request left last, in this try or an earlier one. */
  sentAt(): number | undefined;
  /** How many have left in this try. */
  writes(): number;
  /** Whether a request was kept back. */
  stopped(): boolean;
  /** Whether a failure says that nothing of this try has happened: it speaks of the last request only. */
  nothingHappened(error: unknown): boolean;
}

/**
 * Each write request is stored before it leaves, and does not leave once the
 * lane is somebody else's.
 */
export function journaled(
  setup: Setup,
  operation: Pick<Operation, 'id' | 'method' | 'sentAt' | 'mirrorSentAt'>,
  part: 'primary' | 'mirror',
  { lane, owner }: Pick<Lease, 'lane' | 'owner'>,
  caller: CallOptions = {},
): Tries {
  let sentAt = part === 'primary' ? operation.sentAt : operation.mirrorSentAt;
  let writes = 0;
  let wroteLast = false;
  let stopped = false;

  async function store(): Promise<void> {
    const lease = leaseOn(setup, { lane, owner });
    const held = await setup.store.sending(operation.id, part, lease);
    // A process that was stopped while it stored this may be continued long after somebody else took over.
    if (!held || setup.now() >= lease.until) throw lost(operation.method);
    sentAt = setup.now();
    writes++;
  }

  const call: CallOptions = {
    signal: caller.signal,
    async beforeRequest(request) {
      try {
        await caller.beforeRequest?.(request);
        if (request.access === 'write') await store();
        wroteLast = request.access === 'write';
      } catch (error) {
        stopped = true;
        throw error;
      }
    },
  };
  return {
    call,
    sentAt: () => sentAt,
    writes: () => writes,
    stopped: () => stopped,
    nothingHappened: (error) =>
      HelpdeskError.is(error) && error.applied === 'no' && (writes === 0 || (writes === 1 && wroteLast)),
  };
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
  const { provider, kind, message, requestId, issues } = error;
  return { provider, kind, message, requestId, ...(issues.length > 0 && { issues }) };
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

/** The store failed, and not a desk. */
export function isOfStore(error: unknown): boolean {
  return isRecord(error) && error['provider'] === 'store';
}
