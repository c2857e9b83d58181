/** `helpdesk-bridge emulate`: both helpdesks as HTTP servers on this machine, for other people's tests. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { invalid } from '../core/validate.ts';
import { createRealClock } from '../emulators/clock.ts';
import { commonFaults } from '../emulators/faults.ts';
import { load, save } from '../emulators/persistence.ts';
import { emulatePlain } from '../emulators/plain/index.ts';
import { emulateProductlane } from '../emulators/productlane/index.ts';
import { serve } from '../emulators/serve.ts';
import { told } from './problem.ts';

const where = { provider: 'helpdesk-bridge', operation: 'emulate' };

export const emulate = defineCommand({
  meta: { name: 'emulate', description: 'Serve both helpdesks on 127.0.0.1 until a signal comes' },
  args: {
    'productlane-port': { type: 'string', description: 'Default: a free one', valueHint: 'port' },
    'plain-port': { type: 'string', description: 'Default: a free one', valueHint: 'port' },
    'seed-data': { type: 'enum', options: ['small', 'large'], description: 'Records from the start. Default: none' },
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
  },
  run: ({ args }) =>
    told(async () => {
      const limits = args['rate-limits'];
      const clock = createRealClock();
      const seed = args['seed-data'];
      const emulators = {
        productlane: emulateProductlane({ clock, seed, ...(!limits && { rateLimits: false }) }),
        plain: emulatePlain({ clock: createRealClock(), seed, ...(!limits && { rateLimit: false }) }),
      };
      const rate = number(args.faults, '--faults', 0, 1);
      const faultSeed = number(args['fault-seed'], '--fault-seed', 0, Number.MAX_SAFE_INTEGER) ?? 1;
      const ports = {
        productlane: port(args['productlane-port'], '--productlane-port'),
        plain: port(args['plain-port'], '--plain-port'),
      };
      const files = await filesIn(args.data);
      if (files)
        await Promise.all([load(emulators.productlane, files.productlane), load(emulators.plain, files.plain)]);
      const served = {
        productlane: await serve(emulators.productlane, { port: ports.productlane }),
        plain: await serve(emulators.plain, { port: ports.plain }),
      };
      if (rate)
        for (const emulator of Object.values(emulators))
          emulator.faults.random({ seed: faultSeed, rate, kinds: commonFaults });
      const line = {
        productlane: {
          url: served.productlane.url,
          apiKey: emulators.productlane.apiKey,
          control: `${served.productlane.origin}/_emulator`,
        },
        plain: { url: served.plain.url, apiKey: emulators.plain.apiKey, control: `${served.plain.origin}/_emulator` },
      };
      console.log(JSON.stringify(line));
      await signalled();
      if (files)
        await Promise.all([save(emulators.productlane, files.productlane), save(emulators.plain, files.plain)]);
      await Promise.all(Object.values(served).map((server) => server.close()));
    }),
});

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

async function filesIn(
  folder: string | undefined,
): Promise<{ readonly productlane: string; readonly plain: string } | undefined> {
  if (!folder) return undefined;
  await mkdir(folder, { recursive: true });
  return { productlane: join(folder, 'productlane.json'), plain: join(folder, 'plain.json') };
}

function port(value: string | undefined, path: string): number | undefined {
  return number(value, path, 0, 65_535);
}

function number(value: string | undefined, path: string, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const parsed = value.trim() === '' ? Number.NaN : Number(value);
  if (parsed >= least && parsed <= most) return parsed;
  throw invalid(where, [{ path, message: `must be a number from ${least} to ${most}` }]);
}
