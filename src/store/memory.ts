/** The store of scripts and edge functions: nothing outlives the process, and it says so. */
import { HelpdeskError } from '../core/errors.ts';
import { createMemoryLinks } from './memory/links.ts';
import { createMemoryOperations } from './memory/operations.ts';
import { createMemorySettings } from './memory/settings.ts';
import { createMemorySlots } from './memory/slots.ts';
import type { Store, Watch } from './store.ts';
import { createAnnouncements, createWatch } from './watch.ts';

/** Keeps the same rules as the durable ones. What is finished stays until `prune`. */
export function createMemoryStore(): Store {
  const announcements = createAnnouncements();
  const watches = new Set<Watch>();
  const links = createMemoryLinks();
  const settings = createMemorySettings();
  const operations = createMemoryOperations(links.upsert, announcements.announce);

  return {
    durable: false,
    description: 'memory',
    ...operations,
    ...links.queries,
    ...settings.queries,
    ...createMemorySlots(),

    async enqueue(intent, client) {
      if (client !== undefined) throw withoutClients();
      return operations.enqueue(intent);
    },

    async prune(before) {
      settings.prune(before);
      return operations.prune(before);
    },

    async watch(drain, options) {
      const watch = createWatch(drain, options, { dueLanes: operations.dueLanes }, announcements);
      watches.add(watch);
      return {
        close: () => {
          watches.delete(watch);
          return watch.close();
        },
      };
    },

    async close() {
      await Promise.all([...watches].map((watch) => watch.close()));
      watches.clear();
    },
  };
}

function withoutClients(): HelpdeskError {
  const reason = 'only a store in PostgreSQL can store an operation in the transaction of a client';
  return new HelpdeskError({ provider: 'store', operation: 'enqueue', kind: 'unsupported', reason, applied: 'no' });
}
