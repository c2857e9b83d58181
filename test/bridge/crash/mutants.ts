/** Stores that break a promise, to see that the tests notice. */
import type { Store } from '../../../src/store/store.ts';

export type Mutant = 'forgets-sent' | 'always-held' | 'loses-links';

/** Milliseconds: short enough to be waited for. */
export const shortLeaseMs = 1_500;

export function mutate(store: Store, mutant: Mutant | undefined): Store {
  switch (mutant) {
    case undefined:
      return store;
    case 'forgets-sent':
      return { ...store, sending: async () => true };
    case 'always-held':
      return {
        ...store,
        // Its own lease goes on for ever, that in the store does not.
        takeHead: (lease, part) => store.takeHead({ ...lease, until: lease.now + shortLeaseMs }, part),
        async sending(id, part, lease) {
          await store.sending(id, part, { ...lease, until: lease.now + shortLeaseMs });
          return true;
        },
      };
    case 'loses-links':
      return {
        ...store,
        settle: (id, settlement, lease) =>
          store.settle(id, settlement.state === 'done' ? { ...settlement, links: [] } : settlement, lease),
        mirrored: (id, mirroring, lease) =>
          store.mirrored(id, mirroring.mirror === 'done' ? { ...mirroring, links: [] } : mirroring, lease),
      };
  }
}
