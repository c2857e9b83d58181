/** `helpdesk-bridge stage`: the stage that a store keeps, and how it is moved. */
import { type ArgsDef, defineCommand } from 'citty';
import { storedStage } from '../bridge/stage-source.ts';
import { type Stage, stages, toStage } from '../bridge/stages.ts';
import { unsupported } from '../core/validate.ts';
import type { OpenStoreOptions } from '../store/index.ts';
import type { Store } from '../store/store.ts';
import { createGate } from './gate.ts';
import { told, wrong } from './problem.ts';
import { changing, looking, storeArgs, withStore } from './store.ts';
import { checkWords } from './words.ts';

const get = staging('get', 'Print the stage', looking, async (store) => (await storedStage(store)).stage);
const promote = moving('promote', 'Go one stage on, where that is safe');
const demote = moving('demote', 'Go one stage back, where that is safe');

const setArgs = {
  stage: { type: 'positional', required: false, description: stages.join(', ') },
  ...storeArgs,
} satisfies ArgsDef;

const set = defineCommand({
  meta: { name: 'set', description: 'Set any stage, safe or not: promote and demote ask first' },
  args: setArgs,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('stage set', rawArgs, setArgs, 1);
      if (!given.stage) {
        const message = `is missing: give one of ${stages.join(', ')}`;
        throw wrong('stage set', { path: 'stage', message });
      }
      const wanted = toStage(given.stage);
      await withStore('stage set', given.store, changing, async (store) => {
        await requireOwn(store, 'stage set');
        await store.setSetting('stage', wanted);
        tell(wanted, given.json);
      });
    }, given),
});

export const stage = defineCommand({
  meta: { name: 'stage', description: 'Read or move a stage that is kept in the store' },
  subCommands: { get, set, promote, demote },
});

/** Throws `unsupported` where a stage in the store would be one that nobody asks for. */
async function requireOwn(store: Store, operation: string): Promise<void> {
  const { stage: given, by } = await storedStage(store);
  if (by !== 'application') return;
  const where = { provider: 'helpdesk-bridge', operation };
  throw unsupported(where, `the application gives the stage, which is ${given}: change it there`);
}

function moving(direction: 'promote' | 'demote', description: string) {
  return staging(direction, description, changing, async (store) => {
    await requireOwn(store, `stage ${direction}`);
    return (await createGate(store)).move(direction);
  });
}

function staging(name: string, description: string, options: OpenStoreOptions, work: (store: Store) => Promise<Stage>) {
  return defineCommand({
    meta: { name, description },
    args: storeArgs,
    run: ({ args: given, rawArgs }) =>
      told(async () => {
        checkWords(`stage ${name}`, rawArgs, storeArgs);
        await withStore(`stage ${name}`, given.store, options, async (store) => tell(await work(store), given.json));
      }, given),
  });
}

function tell(found: Stage, json: boolean): void {
  console.log(json ? JSON.stringify({ stage: found }) : found);
}
