/** `helpdesk-bridge status`: where a move stands, and what is missing for its next step. */
import { defineCommand } from 'citty';
import pc from 'picocolors';
import { listOperations } from '../bridge/operator.ts';
import { desksOf } from '../bridge/pairing.ts';
import { type StoredStage, storedStage } from '../bridge/stage-source.ts';
import type { Operation, Store } from '../store/store.ts';
import { createGate } from './gate.ts';
import { counted, tellTime } from './operations.ts';
import { told } from './problem.ts';
import { looking, storeArgs, withStore } from './store.ts';
import { checkWords } from './words.ts';

export const status = defineCommand({
  meta: { name: 'status', description: 'Tell stage, backlog and dead letters of a bridge. Needs no keys' },
  args: storeArgs,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('status', rawArgs, storeArgs);
      await withStore('status', given.store, looking, async (store) => {
        const found = await storedStage(store);
        const { stage, next, ready, missing } = await (await createGate(store)).report(found.stage);
        const { oldestAt, ...figures } = await store.figures();
        const lagMs = oldestAt === undefined ? 0 : Math.max(0, Date.now() - oldestAt);
        const desks = await desksOf(store);
        const failing = await failingOf(store);
        if (given.json) {
          const where = { store: store.description, desks, stage, stageFrom: found.by };
          console.log(JSON.stringify({ ...where, next, ready, missing, ...figures, lagMs, failing }, null, 2));
          return;
        }
        const { pending, queued, dead, unclear } = figures;
        console.log(`store     ${store.description}`);
        if (desks) console.log(`desks     ${desks.from} to ${desks.to}`);
        console.log(`stage     ${stage}${origins[found.by]}`);
        console.log(`backlog   ${queued} for the mirror, ${pending} for the desk that answers`);
        console.log(`lag       ${tellTime(lagMs)}`);
        if (failing) {
          const times = failing.attempts > 0 ? `, ${counted(failing.attempts, 'time')}` : '';
          console.log(`failing   ${failing.message}${times}`);
        }
        console.log(`dead      ${dead}`);
        console.log(`unclear   ${unclear}`);
        if (ready) console.log(`${pc.green('✓')} ready for ${next}`);
        else if (next) console.log(`${pc.yellow('!')} not ready for ${next}`);
        for (const sentence of missing) console.log(`  ${sentence}`);
      });
    }, given),
});

const origins = {
  store: '',
  application: ' (the application gives it)',
  nobody: ' (none was set yet)',
} as const satisfies Record<StoredStage['by'], string>;

/** The newest that are looked through: a backlog may be long. */
const looked = 1000;

/** Why the oldest of what waits and has failed has not gone through. */
async function failingOf(store: Store) {
  let failing: Operation | undefined;
  for (const filter of [{ state: 'pending' }, { mirror: 'queued' }] as const) {
    let left = looked;
    for await (const operation of listOperations(store, filter)) {
      if (operation.failure) failing = operation;
      if (--left === 0) break;
    }
    if (failing) break;
  }
  if (!failing?.failure) return undefined;
  const { id, method, attempts } = failing;
  const { kind, message } = failing.failure;
  return { id, method, attempts, kind, message };
}
