/** `helpdesk-bridge recheck`: what a store needs that was restored from an older copy. */
import { defineCommand } from 'citty';
import pc from 'picocolors';
import { counted } from './operations.ts';
import { told } from './problem.ts';
import { changing, storeArgs, withStore } from './store.ts';
import { checkWords } from './words.ts';

export const recheck = defineCommand({
  meta: {
    name: 'recheck',
    description: 'After an older backup was restored: have all that waits looked for on the desks before it is sent',
  },
  args: storeArgs,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('recheck', rawArgs, storeArgs);
      await withStore('recheck', given.store, changing, async (store) => {
        const writes = await store.recheck(Date.now());
        if (given.json) console.log(JSON.stringify({ writes }));
        else console.log(`${pc.green('✓')} ${counted(writes, 'write')} will be looked for before being sent`);
      });
    }, given),
});
