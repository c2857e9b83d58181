/** What each step changes in an operation that is kept in memory. */
import type { Decision, Intent, Lease, Mirroring, Operation, Settlement } from '../store.ts';

/** The position of operations that nobody has begun: after all others. */
export const unplaced = Number.MAX_SAFE_INTEGER;

export function newOperation(
  intent: Intent,
  place: Pick<Operation, 'sequence' | 'position' | 'begun' | 'dueAt'>,
): Operation {
  return {
    ...intent,
    ...place,
    state: 'pending',
    mirror: 'none',
    sentAt: undefined,
    mirrorSentAt: undefined,
    sought: undefined,
    attempts: 0,
    failingSince: undefined,
    doneAt: undefined,
    result: undefined,
    losses: [],
    mirrorLosses: [],
    messageId: undefined,
    failure: undefined,
  };
}

export function settledFields(
  { mirrored, failingSince }: Operation,
  settlement: Settlement,
  { now }: Lease,
): Partial<Operation> {
  switch (settlement.state) {
    case 'done': {
      const { state, result, losses, messageId } = settlement;
      const mirror = mirrored ? 'queued' : 'none';
      const over = { failure: undefined, failingSince: undefined };
      return { state, result, losses, messageId, mirror, doneAt: now, dueAt: now, ...over };
    }
    case 'failed':
      return { state: settlement.state, failure: settlement.failure, doneAt: now };
    case 'unclear': {
      const { state, failure, dropped = false } = settlement;
      return { state, failure, ...(dropped && ({ mirror: 'dropped', doneAt: now } as const)) };
    }
    case 'pending': {
      const { failure, dueAt, sentAt } = settlement;
      return { failure, dueAt, sentAt, failingSince: failingSince ?? now };
    }
  }
}

export function mirroredFields(
  { failingSince, messageId }: Operation,
  mirroring: Mirroring,
  { now }: Lease,
): Partial<Operation> {
  switch (mirroring.mirror) {
    case 'done':
      return {
        mirror: mirroring.mirror,
        mirrorLosses: mirroring.losses,
        messageId: mirroring.messageId ?? messageId,
      };
    case 'queued':
    case 'dead':
      return {
        mirror: mirroring.mirror,
        failure: mirroring.failure,
        attempts: mirroring.attempts,
        failingSince: failingSince ?? now,
        ...(mirroring.mirror === 'queued' && {
          dueAt: mirroring.dueAt,
          mirrorSentAt: mirroring.sentAt,
        }),
      };
  }
}

/** It waits for a person. */
export function isUnclear({ state, mirror }: Operation): boolean {
  return state === 'unclear' && mirror !== 'dropped';
}

/** `undefined`: the decision is about operations in another state. */
export function decided(operation: Operation, decision: Decision, now: number): Partial<Operation> | undefined {
  const dead = operation.mirror === 'dead';
  const unclear = isUnclear(operation);
  switch (decision) {
    case 'retry':
      return dead ? { mirror: 'queued', attempts: 0, failingSince: undefined, dueAt: now } : undefined;
    case 'drop':
      if (dead) return { mirror: 'dropped' };
      return unclear ? { mirror: 'dropped', doneAt: now } : undefined;
    case 'happened': {
      const mirror = operation.mirrored ? 'queued' : 'none';
      const done = { state: 'done', result: null, doneAt: now, mirror, dueAt: now, failingSince: undefined } as const;
      return unclear ? done : undefined;
    }
    case 'did-not-happen': {
      const again = { sentAt: undefined, dueAt: now, failure: undefined, failingSince: undefined };
      return unclear ? { state: 'pending', ...again } : undefined;
    }
  }
}
