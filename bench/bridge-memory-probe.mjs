/** Writes through a bridge in batches, drains each, prunes what is finished, and measures memory after each batch. */
import { createBridge } from '../dist/index.js';
import { input, instantDesk } from './bridge-desks.mjs';
import { openPlace } from './bridge-stores.mjs';

const batch = 4000;
const callers = 32;
const [address, jobs] = process.argv.slice(2);
const store = await openPlace(JSON.parse(address));
const [from, to] = await Promise.all([instantDesk('primary'), instantDesk('mirror')]);
const bridge = createBridge({ from, to, stage: 'dual-write', store, drain: false, retentionMs: 2000, concurrency: 32 });

const start = performance.now();
const samples = [];
for (let done = 0; done < Number(jobs); done += batch) {
  let left = batch;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await bridge.createThread(input);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  await bridge.drain();
  const { queued, dead } = await bridge.figures();
  if (queued + dead > 0) throw new Error('the batch was not drained');
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  samples.push({
    done: done + batch,
    heap: heapUsed / 1e6,
    rss: rss / 1e6,
    seconds: (performance.now() - start) / 1000,
  });
}
let kept = 0;
for await (const _ of bridge.listOperations()) kept += 1;
samples.at(-1).kept = kept;
await bridge.close();
await store.close();
process.send(samples);
process.disconnect();
