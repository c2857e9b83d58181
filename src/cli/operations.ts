/** What may be shown of an operation: how it stands, and nothing that a customer wrote or is called. */

import { known, recordOf } from '../bridge/operations.ts';
import type { DeskNames } from '../bridge/pairing.ts';
import { otherSide } from '../bridge/stages.ts';
import type { ErrorKind } from '../core/errors.ts';
import type { Loss } from '../core/model.ts';
import type { Operation, Side } from '../store/store.ts';

/** An operation that waits for a person. */
export interface Stuck {
  readonly id: string;
  readonly method: Operation['method'];
  /** `dead`: the mirror does not have it. `unclear`: the desk that answers may have it. */
  readonly is: 'dead' | 'unclear';
  /** The desk that lacks it, or may. */
  readonly side: Side;
  /** That desk's name, or who else refused it. */
  readonly desk: string | undefined;
  /** Of the thread or contact. `undefined` where no desk has answered yet. */
  readonly recordId: string | undefined;
  /** Tries of the mirror that failed. */
  readonly attempts: number;
  readonly ageMs: number;
  readonly kind: ErrorKind | undefined;
  readonly reason: string;
  readonly requestId: string | undefined;
}

export function toStuck(operation: Operation, now: number): Stuck {
  const { id, method, state, primary, createdAt, attempts, failure } = operation;
  const unclear = state === 'unclear';
  return {
    id,
    method,
    is: unclear ? 'unclear' : 'dead',
    side: unclear ? primary : otherSide(primary),
    desk: failure?.provider,
    recordId: shownId(recordOf(known(operation))),
    attempts,
    ageMs: Math.max(0, now - createdAt),
    kind: failure?.kind,
    reason: failure?.message ?? 'no reason is known',
    requestId: failure?.requestId,
  };
}

/** `field how (to what), …` */
export function tellLosses(losses: readonly Loss[]): string {
  return losses.map(({ field, how, stored }) => `${field} ${how}${stored ? ` to ${stored}` : ''}`).join(', ');
}

/** Some people's own ids are addresses: those are not shown. */
export function shownId(id: string | undefined): string | undefined {
  return id?.includes('@') ? 'not shown' : id;
}

/** `1 thread`, `2 threads`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** The desk on that side, or the side's own name where the store does not know it. */
export function nameOn(side: Side, desks: DeskNames | undefined): string {
  return desks?.[side] ?? `"${side}"`;
}

/** In the largest unit that fits; in seconds up to two minutes. */
export function tellTime(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
  ] as const;
  for (const [size, unit] of units) if (ms >= size) return `${Math.floor(ms / size)} ${unit}`;
  return `${Math.floor(ms / 60_000)} min`;
}
