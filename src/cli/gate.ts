/** Whether the stage in a store may be moved, without a key of either desk. */
import { createEvents } from '../bridge/events.ts';
import { createReadiness, type ReadinessGate } from '../bridge/readiness.ts';
import type { Store } from '../store/store.ts';

/** With the default limits. */
export function createGate(store: Store): ReadinessGate {
  // What the store knows is all that is looked at: no desk is asked.
  return createReadiness({ store, now: Date.now, events: createEvents(undefined) }, store, 'follow');
}
