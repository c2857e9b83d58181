/**
 * What a dual write costs the caller: `createThread` through a bridge beside
 * the same call of the bare adapter, on a desk that takes 20 ms a request.
 *
 * The desk has a process of its own. The mirror answers at once, and its work
 * is done in the caller's process meanwhile, as it is by default.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createBridge, createRateBudget } from '../dist/index.js';
import { createPlain } from '../dist/providers/plain/index.js';
import { createProductlane } from '../dist/providers/productlane/index.js';
import { input, instantDesk } from './bridge-desks.mjs';
import { engines, newPlace, openPlace } from './bridge-stores.mjs';
import { messageOf } from './children.mjs';
import { interleaved, ratios } from './report.mjs';

/** A call that is not compiled yet costs several times its later processor time. */
const warmUps = 6;
const rounds = 15;
const calls = 25;
const delayMs = 20;
const adapters = { productlane: createProductlane, plain: createPlain };

export async function run() {
  const rows = [];
  for (const primary of Object.keys(adapters)) rows.push(...(await beside(primary)));
  return rows;
}

async function beside(primary) {
  const server = fork(fileURLToPath(new URL('bridge-server.mjs', import.meta.url)), [primary, delayMs, 'none']);
  const ends = [];
  try {
    const { url: baseUrl, apiKey } = await messageOf(server);
    const desk = adapters[primary]({ baseUrl, apiKey, budget: createRateBudget({ all: 1e6 }) });
    const contenders = { alone: () => round(desk) };
    for (const engine of await engines()) {
      const place = await newPlace(engine);
      const store = await openPlace(place.address);
      const bridge = createBridge({ from: desk, to: await instantDesk('mirror'), stage: 'dual-write', store });
      ends.push(async () => {
        await settled(bridge);
        await bridge.close();
        await store.close();
        await place.remove();
      });
      contenders[engine] = async () => {
        const ms = await round(bridge);
        // What is left for the mirror must not fall on the next one's turn.
        await settled(bridge);
        return ms;
      };
    }
    await interleaved(warmUps, contenders);
    const { alone, ...bridged } = await interleaved(rounds, contenders);
    return [
      { what: `${primary} alone, a creation at ${delayMs} ms a request`, values: alone, unit: 'ms' },
      ...Object.entries(bridged).flatMap(([engine, values]) => [
        { what: `${primary} with a mirror, ${engine}`, values, unit: 'ms' },
        { what: `with a mirror / alone, ${engine}`, values: ratios(values, alone), unit: '', atMost: 1.3 },
      ]),
    ];
  } finally {
    for (const end of ends) await end();
    server.disconnect();
  }
}

/** Milliseconds a call, one after the other. */
async function round(desk) {
  const start = performance.now();
  for (let call = 0; call < calls; call += 1) await desk.createThread(input);
  return (performance.now() - start) / calls;
}

async function settled(bridge) {
  for (;;) {
    const { queued, pending, dead } = await bridge.figures();
    if (dead > 0) throw new Error('the mirror refused a thread');
    if (queued + pending === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
