/** Where the stage comes from: a word, a function of the call's context, or the store. */
import { HelpdeskError } from '../core/errors.ts';
import { isRecord } from '../core/plain-data.ts';
import type { Store } from '../store/store.ts';
import { type Stage, stages, toStage } from './stages.ts';

/**
 * A stage for every call, one for each call's context, or the one that the
 * store keeps. May change between any two calls. A function that fails ends the
 * call with `unavailable`, before anything is stored or sent.
 */
export type StageSource = Stage | ((context: unknown) => Stage | Promise<Stage>) | Store;

export function isStore(source: unknown): source is Store {
  return isRecord(source) && typeof source['getSetting'] === 'function';
}

/**
 * A store that has none says `off`. Throws `invalid` for a word that is none of
 * the stages, and `unavailable` where the function fails.
 */
export async function readStage(source: StageSource, context: unknown): Promise<Stage> {
  if (isStore(source)) return keptStage(source);
  return toStage(typeof source === 'function' ? await ask(source, context) : source);
}

async function ask(source: (context: unknown) => unknown, context: unknown): Promise<unknown> {
  try {
    return await source(context);
  } catch (error) {
    if (HelpdeskError.is(error)) throw error;
    // Its message may quote what the flag service answered.
    const reason = `the function failed (${error instanceof Error ? error.name : typeof error})`;
    const where = { provider: 'helpdesk-bridge', operation: 'stage', applied: 'no' } as const;
    throw new HelpdeskError({ ...where, kind: 'unavailable', reason });
  }
}

/** What the store decides. Where it never has, it goes on from where an application left it. */
export async function keptStage(store: Store): Promise<Stage> {
  return toStage((await store.getSetting('stage')) ?? ((await store.getSetting('followed')) || 'off'));
}

/** What a store tells whoever has nothing but the store. */
export interface StoredStage {
  readonly stage: Stage;
  /** Who decides: the store, the application, or nobody yet. */
  readonly by: 'store' | 'application' | 'nobody';
}

/** Where the application gives the stage, the one that was followed last. */
export async function storedStage(store: Store): Promise<StoredStage> {
  const followed = await store.getSetting('followed');
  if (followed) return { stage: toStage(followed), by: 'application' };
  const kept = await store.getSetting('stage');
  return { stage: toStage(kept ?? 'off'), by: kept === undefined ? 'nobody' : 'store' };
}

export function isFurther(wanted: Stage, current: Stage): boolean {
  return stages.indexOf(wanted) > stages.indexOf(current);
}
