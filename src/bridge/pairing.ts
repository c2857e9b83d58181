/** Which two desks a store belongs to, and what the bridge that uses it asks for before a next stage. */
import { HelpdeskError } from '../core/errors.ts';
import { isRecord } from '../core/plain-data.ts';
import type { Store } from '../store/store.ts';
import type { ReadinessLimits } from './readiness.ts';

/** Their `name`. */
export interface DeskNames {
  readonly from: string;
  readonly to: string;
}

/** `undefined`: no bridge has used the store yet. */
export async function desksOf(store: Store): Promise<DeskNames | undefined> {
  const stored: unknown = JSON.parse((await store.getSetting('desks')) ?? 'null');
  if (!isRecord(stored)) return undefined;
  const { from, to } = stored;
  return typeof from === 'string' && typeof to === 'string' ? { from, to } : undefined;
}

/** Those of the last bridge that was given some: for commands, which are not told. */
export async function limitsOf(store: Store): Promise<ReadinessLimits> {
  return JSON.parse((await store.getSetting('readiness')) ?? '{}') as ReadinessLimits;
}

/**
 * Gives the function to await before the first thing that is done with a store.
 * Throws `invalid` where the store links records of other desks: ids would be
 * taken for those of the wrong one.
 */
export function createPairing(store: Store, { from, to }: DeskNames, limits: ReadinessLimits | undefined) {
  let paired = false;

  /** The call that comes first has not been tried yet: it is not the one to fail of this, and the next one tries again. */
  async function kept(name: 'desks' | 'readiness', value: string): Promise<boolean> {
    return (await store.getSetting(name)) === value || store.setSetting(name, value).catch(() => false);
  }

  return async (): Promise<void> => {
    if (paired) return;
    let found = await desksOf(store);
    if (!found && (await kept('desks', JSON.stringify({ from, to })))) {
      // Of two that came at once, one is told.
      found = await desksOf(store);
    }
    if (found && (found.from !== from || found.to !== to)) throw otherDesks(found);
    paired = found !== undefined && (limits === undefined || (await kept('readiness', JSON.stringify(limits))));
  };
}

function otherDesks({ from, to }: DeskNames): HelpdeskError {
  return new HelpdeskError({
    provider: 'helpdesk-bridge',
    operation: 'desks',
    kind: 'invalid',
    reason: `this store moves ${from} to ${to}`,
    applied: 'no',
  });
}
