/** `helpdesk-bridge worker`: the mirror's work as a process of its own. */
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type ArgsDef, defineCommand } from 'citty';
import pc from 'picocolors';
import { createBridge } from '../bridge/bridge.ts';
import type { Counterparts } from '../bridge/counterparts.ts';
import type { Bridge } from '../bridge/interface.ts';
import { createHelpdesk, readEnvironment } from '../config.ts';
import type { Helpdesk } from '../core/helpdesk.ts';
import { invalid } from '../core/validate.ts';
import type { Store } from '../store/store.ts';
import { createActivity } from './activity.ts';
import { checkWords, toInteger, told } from './problem.ts';
import { storeArgs, withStore } from './store.ts';

const where = { provider: 'helpdesk-bridge', operation: 'worker' } as const;
const names = ['productlane', 'plain'] as const;

const args = {
  from: { type: 'string', description: 'The desk that is moved away from', valueHint: names.join('|') },
  to: { type: 'string', description: 'The desk that is moved to', valueHint: names.join('|') },
  'plain-user': {
    type: 'string',
    description: 'Id of the person on Plain who wrote replies and notes that name nobody there',
    valueHint: 'u_…',
  },
  counterparts: {
    type: 'string',
    description: 'JSON file with the ids of agents, labels and companies on both desks, as createBridge takes them',
    valueHint: 'file',
  },
  concurrency: { type: 'string', description: 'Threads at a time, 1 to 256. Default: 8', valueHint: 'number' },
  once: {
    type: 'boolean',
    default: false,
    description: 'Do what is due, and end: with exit code 1 if something waits, is dead or unclear',
  },
  ...storeArgs,
} satisfies ArgsDef;

export const worker = defineCommand({
  meta: { name: 'worker', description: 'Keep the other desk in step until a signal comes. Takes both keys' },
  args,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('worker', rawArgs, args);
      const desks = openDesks(given.from, given.to);
      const concurrency = toInteger('worker', given.concurrency, '--concurrency', 1, 256);
      const counterparts = await readCounterparts(given.counterparts);
      const userId = given['plain-user'];
      const ending = endings();
      await withStore('worker', given.store, {}, async (store) => {
        if (!store.durable) {
          throw invalid(where, [
            { path: '--store', message: 'must be one that others can open: this one is in memory' },
          ]);
        }
        const recordOptions = userId === undefined ? undefined : { plain: { userId } };
        const bridge = createBridge({
          ...desks,
          stage: store,
          store,
          drain: false,
          concurrency,
          recordOptions,
          counterparts,
        });
        if (userId === undefined) {
          console.error(`${pc.yellow('!')} without --plain-user, replies and notes cannot be recorded on Plain`);
        }
        try {
          await (given.once ? once : forever)(bridge, store, ending, given.json);
        } finally {
          await bridge.close();
        }
      });
    }),
});

async function forever(bridge: Bridge, store: Store, ending: AbortSignal, json: boolean): Promise<void> {
  const activity = createActivity(bridge, json);
  const watch = await bridge.work();
  if (!json) console.log(`${store.description}: at work`);
  while (!ending.aborted) {
    await wait(1000, undefined, { signal: ending }).catch(() => {});
    if (!ending.aborted) await activity.tell();
  }
  await watch.close();
  await activity.tell();
  if (!json) console.log('ended');
}

async function once(bridge: Bridge, store: Store, ending: AbortSignal, json: boolean): Promise<void> {
  const activity = createActivity(bridge, json);
  const begun = Date.now();
  // What becomes due meanwhile is done where it comes up, but not waited for.
  for (let last: string | undefined; !ending.aborted; ) {
    const [first] = await store.dueLanes(begun, 1);
    if (first === undefined || first === last) break;
    last = first;
    await bridge.drain();
  }
  await activity.tell();
  const { queued, pending, dead, unclear } = await bridge.figures();
  if (queued + pending + dead + unclear > 0) process.exitCode = 1;
  if (json) console.log(JSON.stringify({ left: { pending, queued, dead, unclear } }));
  else if (!process.exitCode) console.log(`${pc.green('✓')} nothing is left`);
  else console.log(`${pc.yellow('!')} left: ${queued + pending} waiting, ${dead} dead, ${unclear} unclear`);
}

/** Fires at the first signal. At the second one the process ends at once: what is under way is found by the next worker. */
function endings(): AbortSignal {
  const ending = new AbortController();
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (ending.signal.aborted) process.exit(code);
      console.error('ending when what is under way is done; once more ends at once');
      ending.abort();
    });
  }
  return ending.signal;
}

function openDesks(
  from: string | undefined,
  to: string | undefined,
): { readonly from: Helpdesk; readonly to: Helpdesk } {
  const chosen = { from: names.find((name) => name === from), to: names.find((name) => name === to) };
  const issues = (['from', 'to'] as const).flatMap((side) =>
    chosen[side] ? [] : [{ path: `--${side}`, message: `must be ${names.join(' or ')}` }],
  );
  if (issues.length === 0 && from === to) issues.push({ path: '--to', message: 'must be the other desk' });
  if (issues.length > 0) throw invalid(where, issues);
  const open = (name: string | undefined) => createHelpdesk(readEnvironment({ ...process.env, HELPDESK: name }));
  return { from: open(chosen.from), to: open(chosen.to) };
}

async function readCounterparts(path: string | undefined): Promise<Counterparts | undefined> {
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(where, [{ path: '--counterparts', message: 'is no JSON file' }]);
  }
}
