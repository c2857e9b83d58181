/** A process that does nothing but watch a store, and says so. Argument: address, options of the store and of the watch. */
import { openStore } from '../../../src/store/index.ts';

const [address, opening, watching, closes] = JSON.parse(process.argv[2] ?? '');
const store = await openStore(address, opening);
const watch = await store.watch(async () => {}, { concurrency: 1, now: Date.now, pollMs: 50, ...watching });
console.log('watching');
if (closes) await watch.close();
