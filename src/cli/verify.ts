/** `helpdesk-bridge verify`: whether all linked threads are the same on both desks. */
import { type ArgsDef, defineCommand } from 'citty';
import pc from 'picocolors';
import { createBridge } from '../bridge/bridge.ts';
import type { Verified } from '../bridge/compare.ts';
import { storedStage } from '../bridge/stage-source.ts';
import { deskArgs, endings, openDesks, readCounterparts } from './desks.ts';
import { counted } from './operations.ts';
import { told } from './problem.ts';
import { changing, storeArgs, withStore } from './store.ts';
import { checkWords, toInteger } from './words.ts';

const args = {
  ...deskArgs,
  limit: {
    type: 'string',
    description: 'Threads at most. A part does not count for stage promote',
    valueHint: 'number',
  },
  ...storeArgs,
} satisfies ArgsDef;

export const verify = defineCommand({
  meta: {
    name: 'verify',
    description: 'Compare the linked threads on both desks. Takes PRODUCTLANE_API_KEY and PLAIN_API_KEY',
  },
  args,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('verify', rawArgs, args);
      const limit = toInteger('verify', given.limit, '--limit', 1, Number.MAX_SAFE_INTEGER);
      const desks = openDesks('verify', given);
      const counterparts = await readCounterparts('verify', given.counterparts);
      const signal = endings();
      await withStore('verify', given.store, changing, async (store) => {
        const { stage, by } = await storedStage(store);
        const source = by === 'application' ? stage : store;
        const bridge = createBridge({ ...desks, stage: source, store, drain: false, counterparts });
        const threads: { readonly id: string; readonly fields: readonly string[] }[] = [];
        bridge.on('diverged', ({ operation, id, fields }) => {
          if (operation !== 'verify') return;
          threads.push({ id, fields });
          if (!given.json) console.log(`${pc.red('≠')} ${id}  ${fields.join(', ')}`);
        });
        const found = await bridge.verify({ limit, signal });
        await bridge.close();
        if (found.different > 0) process.exitCode = 1;
        if (given.json) console.log(JSON.stringify({ ...found, threads }, null, 2));
        else tell(found, [desks.from.name, desks.to.name]);
      });
    }, given),
});

function tell({ compared, different, skipped, onlyOn }: Verified, [from, to]: readonly [string, string]): void {
  const sentence = `${counted(compared, 'thread')} compared, ${different === 0 ? 'none' : different} different`;
  console.log(`${different === 0 ? pc.green('✓') : pc.yellow('!')} ${sentence}`);
  if (skipped > 0) console.log(`  ${skipped} skipped, since they were being written to: run it again`);
  if (onlyOn.from > 0) console.log(`  ${onlyOn.from} on ${from} alone, until somebody writes to them`);
  if (onlyOn.to > 0) console.log(`  ${onlyOn.to} on ${to} alone, until somebody writes to them`);
}
