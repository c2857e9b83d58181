/** One worker of the drain bench: opens the store, and works from the first message until its parent has gone. */
import { createBridge } from '../dist/index.js';
import { instantDesk } from './bridge-desks.mjs';
import { openPlace } from './bridge-stores.mjs';

const store = await openPlace(JSON.parse(process.argv[2]));
const [from, to] = await Promise.all([instantDesk('primary'), instantDesk('mirror')]);
const bridge = createBridge({ from, to, stage: 'dual-write', store, drain: false });
bridge.on('trouble', ({ task, failure }) => console.error(task, failure.message));
let watch;

process.on('message', async () => {
  watch = await bridge.work();
});
process.on('disconnect', async () => {
  await watch?.close();
  await bridge.close();
  await store.close();
  process.exit();
});
process.send('ready');
