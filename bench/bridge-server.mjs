/**
 * An emulated desk in a process of its own: `bridge-server.mjs productlane|plain DELAY_MS LIMITS`.
 *
 * Tells its address and key, and on the message `writes` what became of the
 * write requests.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createRealClock, emulatePlain, emulateProductlane, serve } from '../dist/testing/index.js';

const [name, delayMs, limits] = process.argv.slice(2);
const clock = createRealClock();
const rateLimits = limits === 'limits' ? undefined : false;
const emulator =
  name === 'plain' ? emulatePlain({ clock, rateLimit: rateLimits }) : emulateProductlane({ clock, rateLimits });

const { url } = await serve({
  ...emulator,
  async exchange(request) {
    if (delayMs > 0) await wait(Number(delayMs));
    return emulator.exchange(request);
  },
});

process.on('message', () => {
  const writes = emulator.requests.entries.filter(({ access }) => access === 'write');
  process.send({
    times: writes.filter(({ status }) => status < 300).map(({ at }) => at.getTime()),
    refused: emulator.requests.entries.filter(({ status }) => status === 429).length,
    others: writes.filter(({ status }) => status >= 300 && status !== 429).length,
  });
});
process.on('disconnect', () => process.exit());
process.send({ url, apiKey: emulator.apiKey });
