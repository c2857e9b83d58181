/** Whether the stage in a store may be moved, without a key of either desk. */
import { createEvents } from '../bridge/events.ts';
import { createReadiness, type ReadinessGate } from '../bridge/readiness.ts';
import type { Setup } from '../bridge/setup.ts';
import type { Store } from '../store/store.ts';

/** With the default limits. */
export function createGate(store: Store): ReadinessGate {
  // What the store knows is all that is looked at: no desk is asked.
  const needed: Pick<Setup, 'store' | 'now' | 'events'> = { store, now: Date.now, events: createEvents(undefined) };
  return createReadiness(needed as Setup, store, 'follow');
}
