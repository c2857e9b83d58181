/** `helpdesk-bridge stage`: the stage that a store keeps, and how it is moved. */
import { type ArgsDef, defineCommand } from 'citty';
import { readStage } from '../bridge/stage-source.ts';
import { type Stage, stages, toStage } from '../bridge/stages.ts';
import { invalid } from '../core/validate.ts';
import type { OpenStoreOptions } from '../store/index.ts';
import type { Store } from '../store/store.ts';
import { createGate } from './gate.ts';
import { checkWords, told } from './problem.ts';
import { changing, looking, storeArgs, withStore } from './store.ts';

const get = staging('get', 'Print the stage', looking, (store) => readStage(store, undefined));

const promote = staging('promote', 'Go one stage on, where that is safe', changing, (store) =>
  createGate(store).move('promote'),
);

const demote = staging('demote', 'Go one stage back, where that is safe', changing, (store) =>
  createGate(store).move('demote'),
);

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
        throw invalid({ provider: 'helpdesk-bridge', operation: 'stage set' }, [{ path: 'stage', message }]);
      }
      const wanted = toStage(given.stage);
      await withStore('stage set', given.store, changing, async (store) => {
        await store.setSetting('stage', wanted);
        tell(wanted, given.json);
      });
    }),
});

export const stage = defineCommand({
  meta: { name: 'stage', description: 'Read or move a stage that is kept in the store' },
  subCommands: { get, set, promote, demote },
});

function staging(name: string, description: string, options: OpenStoreOptions, work: (store: Store) => Promise<Stage>) {
  return defineCommand({
    meta: { name, description },
    args: storeArgs,
    run: ({ args: given, rawArgs }) =>
      told(async () => {
        checkWords(`stage ${name}`, rawArgs, storeArgs);
        await withStore(`stage ${name}`, given.store, options, async (store) => tell(await work(store), given.json));
      }),
  });
}

function tell(found: Stage, json: boolean): void {
  console.log(json ? JSON.stringify({ stage: found }) : found);
}
