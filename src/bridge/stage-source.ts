/** Where the stage comes from: a word, a function of the call's context, or the store. */
import { isRecord } from '../core/plain-data.ts';
import type { Store } from '../store/store.ts';
import { type Stage, stages, toStage } from './stages.ts';

/**
 * A stage for every call, one for each call's context, or the one that the
 * store keeps. May change between any two calls.
 */
export type StageSource = Stage | ((context: unknown) => Stage | Promise<Stage>) | Store;

export function isStore(source: unknown): source is Store {
  return isRecord(source) && typeof source['getSetting'] === 'function';
}

/** A store that has none says `off`. Throws `invalid` for a word that is none of the stages. */
export async function readStage(source: StageSource, context: unknown): Promise<Stage> {
  if (isStore(source)) return toStage((await source.getSetting('stage')) ?? 'off');
  return toStage(typeof source === 'function' ? await source(context) : source);
}

export function isFurther(wanted: Stage, current: Stage): boolean {
  return stages.indexOf(wanted) > stages.indexOf(current);
}
