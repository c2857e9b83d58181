/** A process that does nothing but watch a store, and says so. */
import { type OpenStoreOptions, openStore } from '../../../src/store/index.ts';
import type { WatchOptions } from '../../../src/store/store.ts';

export interface Order {
  readonly address: string;
  readonly opening: OpenStoreOptions;
  readonly watching: Pick<WatchOptions, 'background'>;
  readonly closes: boolean;
}

const { address, opening, watching, closes } = JSON.parse(process.argv[2] ?? '') as Order;
const store = await openStore(address, opening);
const watch = await store.watch(async () => {}, { concurrency: 1, now: Date.now, pollMs: 50, ...watching });
console.log('watching');
if (closes) await watch.close();
