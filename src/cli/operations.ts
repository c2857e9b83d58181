/** What may be shown of an operation: how it stands, and nothing that a customer wrote or is called. */
import { otherSide } from '../bridge/stages.ts';
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
  readonly ageMs: number;
  readonly reason: string;
  readonly requestId: string | undefined;
}

export function toStuck(operation: Operation, now: number): Stuck {
  const { id, method, state, primary, createdAt, failure } = operation;
  const unclear = state === 'unclear';
  return {
    id,
    method,
    is: unclear ? 'unclear' : 'dead',
    side: unclear ? primary : otherSide(primary),
    desk: failure?.provider,
    ageMs: Math.max(0, now - createdAt),
    reason: failure?.message ?? 'no reason is known',
    requestId: failure?.requestId,
  };
}

/** `field how (to what), …` */
export function tellLosses(losses: readonly Loss[]): string {
  return losses.map(({ field, how, stored }) => `${field} ${how}${stored ? ` to ${stored}` : ''}`).join(', ');
}

/** In the largest unit that fits. */
export function tellTime(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const;
  for (const [size, unit] of units) if (ms >= size) return `${Math.floor(ms / size)} ${unit}`;
  return `${Math.round(ms / 1000)} s`;
}
