/** Whether the stage in a store may be moved, without a key of either desk. */
import { createEvents } from '../bridge/events.ts';
import { limitsOf } from '../bridge/pairing.ts';
import { createReadiness, type ReadinessGate } from '../bridge/readiness.ts';
import type { Store } from '../store/store.ts';

/** With the limits of the application, as far as a bridge has told the store. */
export async function createGate(store: Store): Promise<ReadinessGate> {
  // What the store knows is all that is looked at: no desk is asked.
  const setup = { store, now: Date.now, events: createEvents(undefined) };
  return createReadiness(setup, store, 'follow', await limitsOf(store));
}
