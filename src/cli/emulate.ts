/** `helpdesk-bridge emulate`: both helpdesks as HTTP servers on this machine, for other people's tests. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArgsDef, defineCommand } from 'citty';
import { HelpdeskError } from '../core/errors.ts';
import { createRealClock } from '../emulators/clock.ts';
import type { Emulator, SeedSize } from '../emulators/emulator.ts';
import { commonFaults } from '../emulators/faults.ts';
import { load, save } from '../emulators/persistence.ts';
import { emulatePlain } from '../emulators/plain/index.ts';
import { emulateProductlane } from '../emulators/productlane/index.ts';
import { type Served, serve } from '../emulators/serve.ts';
import { deskNames } from './desks.ts';
import { naming, told, wrong } from './problem.ts';
import { checkWords, requireWith, toInteger, toNumber, toWord } from './words.ts';

const seedSizes = ['small', 'large'] as const satisfies readonly SeedSize[];

const args = {
  only: { type: 'string', description: 'One of the two. Default: both', valueHint: deskNames.join('|') },
  'productlane-port': { type: 'string', description: 'Default: a free one', valueHint: 'port' },
  'plain-port': { type: 'string', description: 'Default: a free one', valueHint: 'port' },
  'seed-data': {
    type: 'string',
    description: 'Records from the start. Default: none',
    valueHint: seedSizes.join('|'),
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
  meta: { name: 'emulate', description: 'Serve the helpdesks on 127.0.0.1 until a signal comes: no key, no network' },
  args,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('emulate', rawArgs, args);
      const only = toWord('emulate', given.only, '--only', deskNames);
      const seed = toWord('emulate', given['seed-data'], '--seed-data', seedSizes);
      const rate = toNumber('emulate', given.faults, '--faults', 0, 1);
      const faultSeed = toNumber('emulate', given['fault-seed'], '--fault-seed', 0, Number.MAX_SAFE_INTEGER);
      requireWith('emulate', '--faults', given.faults, { '--fault-seed': given['fault-seed'] });
      const ports = {
        productlane: toInteger('emulate', given['productlane-port'], '--productlane-port', 0, 65_535),
        plain: toInteger('emulate', given['plain-port'], '--plain-port', 0, 65_535),
      };
      const names = deskNames.filter((name) => only === undefined || name === only);
      for (const name of deskNames)
        requireWith('emulate', `--only ${name}`, names.includes(name), { [`--${name}-port`]: ports[name] });
      if (given.data && seed === 'large') {
        const message = 'does not go with --seed-data large: that is too much for one file';
        throw wrong('emulate', { path: '--data', message });
      }
      const limits = given['rate-limits'];
      const emulators = {
        productlane: emulateProductlane({ clock: createRealClock(), seed, ...(!limits && { rateLimits: false }) }),
        plain: emulatePlain({ clock: createRealClock(), seed, ...(!limits && { rateLimit: false }) }),
      };
      const files = await filesIn(given.data);
      if (files) for (const name of names) await restore(emulators[name], files[name]);
      const open: Served[] = [];
      try {
        const ready: Record<string, object> = {};
        for (const name of names) {
          const emulator: Emulator = emulators[name];
          const served = await naming('emulate', `--${name}-port`, () => serve(emulator, { port: ports[name] }));
          open.push(served);
          if (rate) emulator.faults.random({ seed: faultSeed ?? 1, rate, kinds: commonFaults });
          // Who wrote what is recorded on Plain and names nobody: `worker --plain-user`.
          const person = name === 'plain' ? { userId: emulators.plain.userId } : {};
          ready[name] = { url: served.url, apiKey: emulator.apiKey, control: `${served.origin}/_emulator`, ...person };
        }
        // Whoever reads the line may send the signal at once.
        const ending = signalled();
        console.log(JSON.stringify(ready));
        await ending;
        if (files) for (const name of names) await save(emulators[name], files[name]);
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
    await naming('emulate', '--data', () => load(emulator, path));
  } catch (error) {
    // A folder that cannot be read is told as it is; anything else is a file that this command did not write.
    if (HelpdeskError.is(error) || (error instanceof Error && 'syscall' in error)) throw error;
    throw wrong('emulate', { path: '--data', message: `${path} holds no records of this command` });
  }
}

async function filesIn(
  folder: string | undefined,
): Promise<{ readonly productlane: string; readonly plain: string } | undefined> {
  if (!folder) return undefined;
  await naming('emulate', '--data', () => mkdir(folder, { recursive: true }));
  return { productlane: join(folder, 'productlane.json'), plain: join(folder, 'plain.json') };
}
