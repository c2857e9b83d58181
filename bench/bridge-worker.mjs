/**
 * One worker: opens the store, works from the message `work` to the message
 * `rest`, and ends when its parent has gone. The mirror answers at once, or is a Productlane desk whose
 * budget is in the store.
 */
import { createBridge } from '../dist/index.js';
import { createProductlane } from '../dist/providers/productlane/index.js';
import { createSharedBudget } from '../dist/store/index.js';
import { instantDesk } from './bridge-desks.mjs';
import { openPlace } from './bridge-stores.mjs';

const { address, desk } = JSON.parse(process.argv[2]);
const store = await openPlace(address);
const from = await instantDesk('primary');
const to = desk ? limitedDesk() : await instantDesk('mirror');
const bridge = createBridge({ from, to, stage: 'dual-write', store, drain: false });
bridge.on('trouble', ({ task, failure }) => console.error(task, failure.message));
let watch;

process.on('message', async (message) => {
  if (message === 'work') {
    watch = await bridge.work();
  } else {
    await watch.close();
    process.send('rests');
  }
});
process.on('disconnect', async () => {
  // A job that waits for the budget would be waited for.
  if (desk) process.exit();
  await watch?.close();
  await bridge.close();
  await store.close();
  process.exit();
});
process.send('ready');

function limitedDesk() {
  const budget = createSharedBudget(store, 'productlane', { reads: 1000, writes: 60 });
  return createProductlane({ baseUrl: desk.url, apiKey: desk.apiKey, budget });
}
