/** Which desk answers, whether the other is kept in step, and whether reads are compared: the way from one desk to another. */
import * as z from 'zod/mini';
import { invalid, suggestion } from '../core/validate.ts';
import type { Side } from '../store/store.ts';

/** In the order in which a team goes through them. */
export const stages = ['off', 'dual-write', 'shadow', 'live', 'ramp-down', 'complete'] as const;
export type Stage = (typeof stages)[number];

export interface StageRule {
  /** The desk that answers reads and takes writes first. */
  readonly primary: Side;
  /** Writes are repeated on the other desk, in silence. */
  readonly mirrored: boolean;
  /** A sample of the reads is done on the other desk too. */
  readonly compared: boolean;
}

export const ruleOf = {
  off: { primary: 'from', mirrored: false, compared: false },
  'dual-write': { primary: 'from', mirrored: true, compared: false },
  shadow: { primary: 'from', mirrored: true, compared: true },
  live: { primary: 'to', mirrored: true, compared: true },
  'ramp-down': { primary: 'to', mirrored: true, compared: false },
  complete: { primary: 'to', mirrored: false, compared: false },
} as const satisfies Record<Stage, StageRule>;

export const stageWord = z.enum(stages);

/** Throws `invalid`: a flag service may say anything. */
export function toStage(word: unknown): Stage {
  const stage = stages.find((known) => known === word);
  if (stage) return stage;
  const near = typeof word === 'string' ? suggestion(word, stages) : '';
  const message = `must be one of ${stages.join(', ')}${near}`;
  throw invalid({ provider: 'helpdesk-bridge', operation: 'stage' }, [{ path: 'stage', message }]);
}

export function otherSide(side: Side): Side {
  return side === 'from' ? 'to' : 'from';
}
