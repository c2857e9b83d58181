/** `helpdesk-bridge status`: where a move stands, and what is missing for its next step. */
import { defineCommand } from 'citty';
import pc from 'picocolors';
import { readStage } from '../bridge/stage-source.ts';
import { createGate } from './gate.ts';
import { tellTime } from './operations.ts';
import { checkWords, told } from './problem.ts';
import { looking, storeArgs, withStore } from './store.ts';

export const status = defineCommand({
  meta: { name: 'status', description: 'Tell stage, backlog and dead letters of a bridge. Needs no keys' },
  args: storeArgs,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('status', rawArgs, storeArgs);
      await withStore('status', given.store, looking, async (store) => {
        const { stage, next, ready, missing } = await createGate(store).report(await readStage(store, undefined));
        const { oldestAt, ...figures } = await store.figures();
        const lagMs = oldestAt === undefined ? 0 : Math.max(0, Date.now() - oldestAt);
        const { pending, queued, dead, unclear } = figures;
        if (given.json) {
          const all = { store: store.description, stage, next, ready, missing, ...figures, lagMs };
          console.log(JSON.stringify(all, null, 2));
          return;
        }
        const known = (await store.getSetting('stage')) !== undefined;
        console.log(`store     ${store.description}`);
        console.log(`stage     ${stage}${known ? '' : ' (none was set yet)'}`);
        console.log(`backlog   ${queued} for the mirror, ${pending} for the desk that answers`);
        console.log(`lag       ${tellTime(lagMs)}`);
        console.log(`dead      ${dead}`);
        console.log(`unclear   ${unclear}`);
        if (ready) console.log(`${pc.green('✓')} ready for ${next}`);
        else if (next) console.log(`${pc.yellow('!')} not ready for ${next}`);
        for (const sentence of missing) console.log(`  ${sentence}`);
      });
    }),
});
