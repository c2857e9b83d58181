/** `helpdesk-bridge worker`: the mirror's work as a process of its own. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ArgsDef, defineCommand } from 'citty';
import pc from 'picocolors';
import { createBridge } from '../bridge/bridge.ts';
import type { Bridge } from '../bridge/interface.ts';
import { createPairing, desksOf } from '../bridge/pairing.ts';
import type { Store } from '../store/store.ts';
import { createActivity } from './activity.ts';
import { checkKeys, deskArgs, endings, openDesks, readCounterparts, sharedBudgets } from './desks.ts';
import { told, wrong } from './problem.ts';
import { storeArgs, withStore } from './store.ts';
import { checkWords, toInteger } from './words.ts';

const args = {
  ...deskArgs,
  'plain-user': {
    type: 'string',
    description: 'Id of the person on Plain who wrote replies and notes that name nobody there',
    valueHint: 'u_…',
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
  meta: {
    name: 'worker',
    description: 'Keep the other desk in step until a signal comes. Takes PRODUCTLANE_API_KEY and PLAIN_API_KEY',
  },
  args,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('worker', rawArgs, args);
      const concurrency = toInteger('worker', given.concurrency, '--concurrency', 1, 256);
      const recordOptions = recordedBy(given['plain-user']);
      // Before a store is made.
      openDesks('worker', given);
      const counterparts = await readCounterparts('worker', given.counterparts);
      const ending = endings();
      await withStore('worker', given.store, {}, async (store) => {
        if (!store.durable) {
          throw wrong('worker', {
            path: '--store',
            message: 'must be one that others can open: this one is in memory',
          });
        }
        const desks = openDesks('worker', given, sharedBudgets(store));
        const options = { ...desks, stage: store, store, drain: false, concurrency, recordOptions, counterparts };
        const bridge = createBridge(options);
        // Before a desk is asked anything, and also where nothing is to be done.
        await createPairing(store, { from: desks.from.name, to: desks.to.name }, undefined)();
        await checkKeys('worker', [desks.from, desks.to], ending);
        if (recordOptions === undefined) {
          console.error(`${pc.yellow('!')} without --plain-user, replies and notes cannot be recorded on Plain`);
        }
        try {
          await (given.once ? once : forever)(bridge, store, ending, given.json);
        } finally {
          await bridge.close();
        }
      });
    }, given),
});

function recordedBy(userId: string | undefined) {
  if (userId === undefined) return undefined;
  if (/^u_\w/.test(userId)) return { plain: { userId } };
  throw wrong('worker', { path: '--plain-user', message: 'must be the id of a person on Plain (u_…)' });
}
async function forever(bridge: Bridge, store: Store, ending: AbortSignal, json: boolean): Promise<void> {
  const activity = createActivity(bridge, json);
  const watch = await bridge.work();
  const desks = await desksOf(store);
  const move = desks ? `, ${desks.from} to ${desks.to}` : '';
  if (!json) console.log(`${store.description}${move}: at work`);
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
