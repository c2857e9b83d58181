/** `helpdesk-bridge emulate`: both helpdesks as HTTP servers on this machine, for other people's tests. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArgsDef, defineCommand } from 'citty';
import { invalid } from '../core/validate.ts';
import { createRealClock } from '../emulators/clock.ts';
import type { Emulator, SeedSize } from '../emulators/emulator.ts';
import { commonFaults } from '../emulators/faults.ts';
import { load, save } from '../emulators/persistence.ts';
import { emulatePlain } from '../emulators/plain/index.ts';
import { emulateProductlane } from '../emulators/productlane/index.ts';
import { type Served, serve } from '../emulators/serve.ts';
import { checkWords, toInteger, told, toNumber } from './problem.ts';

const where = { provider: 'helpdesk-bridge', operation: 'emulate' };

const args = {
  'productlane-port': { type: 'string', description: 'Default: a free one', valueHint: 'port' },
  'plain-port': { type: 'string', description: 'Default: a free one', valueHint: 'port' },
  'seed-data': {
    type: 'enum',
    options: ['small', 'large'] as SeedSize[],
    description: 'Records from the start. Default: none',
  },
  faults: { type: 'string', description: 'Share of requests that fail, 0 to 1. Default: 0', valueHint: 'rate' },
  'fault-seed': {
    type: 'string',
    description: 'The same seed gives the same faults. Default: 1',
    valueHint: 'number',
  },
  data: {
    type: 'string',
    description: 'Folder that keeps the records from one run to the next',
    valueHint: 'folder',
  },
  'rate-limits': {
    type: 'boolean',
    default: true,
    description: "The vendors' limits",
    negativeDescription: 'No limits',
  },
} satisfies ArgsDef;

export const emulate = defineCommand({
  meta: { name: 'emulate', description: 'Serve both helpdesks on 127.0.0.1 until a signal comes' },
  args,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('emulate', rawArgs, args);
      const limits = given['rate-limits'];
      const clock = createRealClock();
      const seed = given['seed-data'];
      const emulators = {
        productlane: emulateProductlane({ clock, seed, ...(!limits && { rateLimits: false }) }),
        plain: emulatePlain({ clock: createRealClock(), seed, ...(!limits && { rateLimit: false }) }),
      };
      const rate = toNumber('emulate', given.faults, '--faults', 0, 1);
      const faultSeed = toNumber('emulate', given['fault-seed'], '--fault-seed', 0, Number.MAX_SAFE_INTEGER) ?? 1;
      const ports = {
        productlane: toInteger('emulate', given['productlane-port'], '--productlane-port', 0, 65_535),
        plain: toInteger('emulate', given['plain-port'], '--plain-port', 0, 65_535),
      };
      if (given.data && seed === 'large') {
        throw invalid(where, [
          { path: '--data', message: 'does not go with --seed-data large: that is too much for one file' },
        ]);
      }
      const files = await filesIn(given.data);
      if (files) {
        await restore(emulators.productlane, files.productlane);
        await restore(emulators.plain, files.plain);
      }
      const open: Served[] = [];
      try {
        const serveOn = async (emulator: Emulator, at: number | undefined) => {
          const served = await serve(emulator, { port: at });
          open.push(served);
          if (rate) emulator.faults.random({ seed: faultSeed, rate, kinds: commonFaults });
          return { url: served.url, apiKey: emulator.apiKey, control: `${served.origin}/_emulator` };
        };
        const productlane = await serveOn(emulators.productlane, ports.productlane);
        const plain = await serveOn(emulators.plain, ports.plain);
        console.log(JSON.stringify({ productlane, plain }));
        await signalled();
        if (files) {
          await save(emulators.productlane, files.productlane);
          await save(emulators.plain, files.plain);
        }
      } finally {
        // One that listens would keep the process alive when the other could not.
        await Promise.all(open.map((served) => served.close()));
      }
    }),
});

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

async function restore(emulator: Emulator, path: string): Promise<void> {
  try {
    await load(emulator, path);
  } catch (error) {
    // A folder that cannot be read is told as it is; anything else is a file that this command did not write.
    if (error instanceof Error && 'syscall' in error) throw error;
    throw invalid(where, [{ path: '--data', message: `${path} holds no records of this command` }]);
  }
}

async function filesIn(
  folder: string | undefined,
): Promise<{ readonly productlane: string; readonly plain: string } | undefined> {
  if (!folder) return undefined;
  await mkdir(folder, { recursive: true });
  return { productlane: join(folder, 'productlane.json'), plain: join(folder, 'plain.json') };
}
