/** `helpdesk-bridge dead`: the writes that wait for a person, and what the person decides. */
import { type ArgsDef, defineCommand } from 'citty';
import pc from 'picocolors';
import { listOperations } from '../bridge/operator.ts';
import { desksOf } from '../bridge/pairing.ts';
import { HelpdeskError, type Issue } from '../core/errors.ts';
import type { Decision, Operation, OperationFilter, Store } from '../store/store.ts';
import { counted, nameOn, tellTime, toStuck } from './operations.ts';
import { told, wrong } from './problem.ts';
import { changing, looking, storeArgs, withStore } from './store.ts';
import { checkWords } from './words.ts';

const ids = {
  id: { type: 'positional', required: false, description: 'Ids of operations, as `dead list` shows them' },
} satisfies ArgsDef;

const list = defineCommand({
  meta: { name: 'list', description: 'What the mirror lacks (dead), and what may have happened (unclear)' },
  args: storeArgs,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('dead list', rawArgs, storeArgs);
      await withStore('dead list', given.store, looking, async (store) => {
        const now = Date.now();
        const stuck = [
          ...(await collect(store, { mirror: 'dead' })),
          ...(await collect(store, { state: 'unclear', mirror: 'none' })),
        ].map((operation) => toStuck(operation, now));
        if (given.json) console.log(JSON.stringify(stuck, null, 2));
        else if (stuck.length === 0) console.log(`${pc.green('✓')} nothing waits for a person`);
        const desks = await desksOf(store);
        for (const { id, method, is, side, ageMs, recordId, attempts, kind, reason } of given.json ? [] : stuck) {
          console.log(`${id}  ${is}  ${method}  ${nameOn(side, desks)}  ${tellTime(ageMs)}`);
          const record = `${method === 'upsertContact' ? 'contact' : 'thread'} ${recordId ?? 'not known yet'}`;
          const tries = attempts > 0 ? `, failed ${counted(attempts, 'time')}` : '';
          console.log(`  ${record}${tries}${kind ? `, ${kind}` : ''}\n  ${reason}`);
        }
      });
    }, given),
});

const retry = deciding('retry', 'Try dead letters again: a worker or the application will', {
  decision: 'retry',
  done: 'will be tried again',
});

const drop = deciding('drop', 'Give up dead letters: the mirror stays without them', {
  decision: 'drop',
  done: 'given up',
});

function deciding(
  name: string,
  description: string,
  { decision, done }: { readonly decision: Decision; readonly done: string },
) {
  const args = {
    ...ids,
    all: { type: 'boolean', default: false, description: 'All dead letters; no unclear ones' },
    ...storeArgs,
  } satisfies ArgsDef;
  return defineCommand({
    meta: { name, description },
    args,
    run: ({ args: given, rawArgs }) =>
      told(async () => {
        const operation = `dead ${name}`;
        checkWords(operation, rawArgs, args, Number.POSITIVE_INFINITY);
        if (given.all === given._.length > 0) {
          throw wrong(operation, { path: 'id', message: 'give ids or --all, one of the two' });
        }
        await withStore(operation, given.store, changing, async (store) => {
          const chosen = given.all ? (await collect(store, { mirror: 'dead' })).map(({ id }) => id) : given._;
          await decide(store, operation, decision, chosen, { json: given.json, done });
        });
      }, given),
  });
}

const settleArgs = {
  ...ids,
  happened: { type: 'boolean', default: false, description: 'The desk has it' },
  'did-not-happen': {
    type: 'boolean',
    default: false,
    description: 'The desk does not have it: it is done again',
  },
  ...storeArgs,
} satisfies ArgsDef;

const settle = defineCommand({
  meta: { name: 'settle', description: 'Say what became of an unclear write, after a look at the desk' },
  args: settleArgs,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      const operation = 'dead settle';
      checkWords(operation, rawArgs, settleArgs, 1);
      if (given._.length === 0) throw wrong(operation, { path: 'id', message: 'is missing' });
      if (given.happened === given['did-not-happen']) {
        throw wrong(operation, { path: '--happened', message: 'give --happened or --did-not-happen, one of the two' });
      }
      const decision = given.happened ? 'happened' : 'did-not-happen';
      const done = given.happened ? 'settled: it happened' : 'settled: it will be done again';
      await withStore(operation, given.store, changing, (store) =>
        decide(store, operation, decision, given._, { json: given.json, done }),
      );
    }, given),
});

export const deadLetters = defineCommand({
  meta: { name: 'dead', description: 'List, retry, drop or settle the writes that wait for a person' },
  subCommands: { list, retry, drop, settle },
});

/** Throws `not-found` where one does not fit the decision; the others are decided all the same. */
async function decide(
  store: Store,
  operation: string,
  decision: Decision,
  chosen: readonly string[],
  { json, done }: { readonly json: boolean; readonly done: string },
): Promise<void> {
  const decided: string[] = [];
  const others: Issue[] = [];
  for (const id of new Set(chosen)) {
    if (await store.decide(id, decision, Date.now())) decided.push(id);
    else others.push({ path: 'id', message: await standing(store, id) });
  }
  if (json) {
    // One document, which says it all.
    console.log(JSON.stringify({ decision, decided, notDecided: others.map(({ message }) => message) }, null, 2));
    if (others.length > 0) process.exitCode = 1;
    return;
  }
  if (decided.length > 0 || others.length === 0) console.log(`${pc.green('✓')} ${decided.length} ${done}`);
  if (others.length === 0) return;
  const where = { provider: 'helpdesk-bridge', operation, applied: 'no' } as const;
  throw new HelpdeskError({ ...where, kind: 'not-found', reason: 'nothing to decide', issues: others });
}

/** What there is to say about an operation that the decision is not about. Names only what the store knows. */
async function standing(store: Store, id: string): Promise<string> {
  const operation = await store.getOperation(id);
  if (!operation) return 'there is no such operation: `dead list` names those that wait';
  const { state, mirror } = operation;
  if (state === 'unclear') return `${id} is unclear: settle or drop it`;
  if (mirror === 'dead') return `${id} is a dead letter: retry or drop it`;
  return `${id} waits for nobody: it is ${state}, its mirror ${mirror}`;
}

async function collect(store: Store, filter: OperationFilter): Promise<readonly Operation[]> {
  const all: Operation[] = [];
  for await (const operation of listOperations(store, filter)) all.push(operation);
  return all;
}
