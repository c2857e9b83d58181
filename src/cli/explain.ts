/** `helpdesk-bridge explain`: where a record is on each desk, and what was done to it through the bridge. */
import { type ArgsDef, defineCommand } from 'citty';
import { linkOf, threadLane } from '../bridge/links.ts';
import { known, recordOf } from '../bridge/operations.ts';
import { type DeskNames, desksOf } from '../bridge/pairing.ts';
import { storedStage } from '../bridge/stage-source.ts';
import { otherSide, ruleOf, type Stage } from '../bridge/stages.ts';
import { HelpdeskError } from '../core/errors.ts';
import { type Link, type LinkKind, mirroredLane, mirrorLane, type Operation, type Store } from '../store/store.ts';
import { counted, nameOn, shownId, tellLosses } from './operations.ts';
import { told, wrong } from './problem.ts';
import { looking, storeArgs, withStore } from './store.ts';
import { checkWords } from './words.ts';

const where = { provider: 'helpdesk-bridge', operation: 'explain' } as const;

const args = {
  id: {
    type: 'positional',
    required: false,
    description: 'Of an operation, of a thread or contact on either desk, or your own',
  },
  ...storeArgs,
} satisfies ArgsDef;

export const explain = defineCommand({
  meta: { name: 'explain', description: 'Tell where a record is on both desks, and what was done to it' },
  args,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('explain', rawArgs, args, 1);
      const { id } = given;
      if (!id) throw wrong('explain', { path: 'id', message: 'is missing' });
      await withStore('explain', given.store, looking, async (store) => {
        const found = await find(store, id);
        const { stage } = await storedStage(store);
        const desks = await desksOf(store);
        const history = await historyOf(store, found.lane);
        if (given.json)
          console.log(JSON.stringify({ ...found, desks, stage, operations: history.map(toShown) }, null, 2));
        else tell(found, desks, stage, history);
      });
    }, given),
});

interface Found {
  readonly kind: LinkKind;
  readonly lane: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly externalId: string | undefined;
}

async function find(store: Store, id: string): Promise<Found> {
  const operation = await store.getOperation(id);
  if (operation) {
    // One that came over for another operation has a lane beside the thread's.
    const lane = mirroredLane(operation.lane) ?? operation.lane;
    const kind = operation.method === 'upsertContact' ? 'contact' : 'thread';
    return toFound(kind, lane, await linkOfLane(store, kind, lane));
  }
  for (const kind of ['thread', 'contact'] as const) {
    const link = await linkOf(store, kind, id);
    if (link) return toFound(kind, link.lane, link);
  }
  // What no desk has answered for yet has no link: its lane is named after what the caller gave.
  const lane = await threadLane(undefined, id);
  if ((await store.listLane(lane)).length > 0) return toFound('thread', lane, undefined);
  throw new HelpdeskError({ ...where, kind: 'not-found', reason: 'the store knows nothing by this id', applied: 'no' });
}

/** The first that an operation of the lane leads to. */
async function linkOfLane(store: Store, kind: LinkKind, lane: string): Promise<Link | undefined> {
  for (const operation of await store.listLane(lane)) {
    const id = recordOf(known(operation));
    const link = id === undefined ? undefined : await linkOf(store, kind, id);
    if (link) return link;
  }
  return undefined;
}

function toFound(kind: LinkKind, lane: string, link: Link | undefined): Found {
  const { from, to, externalId } = link ?? { from: undefined, to: undefined, externalId: undefined };
  return { kind, lane, from, to, externalId: shownId(externalId) };
}

/** In the order of execution; before it, what had to come over from the other desk. */
async function historyOf(store: Store, lane: string): Promise<readonly Operation[]> {
  return [...(await store.listLane(mirrorLane(lane))), ...(await store.listLane(lane))];
}

function toShown(operation: Operation) {
  const { id, method, primary, mirrored, state, mirror, attempts, losses, mirrorLosses, failure } = operation;
  return {
    id,
    method,
    primary,
    mirrored,
    state,
    mirror,
    attempts,
    createdAt: time(operation.createdAt),
    sentAt: time(operation.sentAt),
    doneAt: time(operation.doneAt),
    mirrorSentAt: time(operation.mirrorSentAt),
    dueAt: isOpen(operation) ? time(operation.dueAt) : undefined,
    losses,
    mirrorLosses,
    failure,
  };
}

function tell(found: Found, desks: DeskNames | undefined, stage: Stage, history: readonly Operation[]): void {
  const { primary, mirrored } = ruleOf[stage];
  const other = nameOn(otherSide(primary), desks);
  console.log(`${found.kind}`);
  console.log(`  ${(desks?.from ?? 'from').padEnd(12)}${found.from ?? '–'}`);
  console.log(`  ${(desks?.to ?? 'to').padEnd(12)}${found.to ?? '–'}`);
  if (found.externalId !== undefined) console.log(`  your id     ${found.externalId}`);
  console.log(
    `stage         ${stage}: ${nameOn(primary, desks)} answers, ${other} is ${mirrored ? 'kept in step' : 'left alone'}`,
  );
  console.log('operations, in order');
  for (const operation of history) {
    const { id, method, state, mirror, attempts, losses, mirrorLosses, failure } = operation;
    console.log(`  ${time(operation.createdAt)}  ${method}  ${id}`);
    console.log(
      `    ${nameOn(operation.primary, desks)}: ${state}; mirror: ${operation.mirrored ? mirror : 'none wanted'}`,
    );
    if (losses.length > 0) console.log(`    lost: ${tellLosses(losses)}`);
    if (mirrorLosses.length > 0) console.log(`    lost on the mirror: ${tellLosses(mirrorLosses)}`);
    if (failure)
      console.log(`    last error: ${failure.message}${attempts > 0 ? ` (failed ${counted(attempts, 'time')})` : ''}`);
    if (isOpen(operation)) console.log(`    next try: ${time(operation.dueAt)}`);
  }
}

function isOpen({ state, mirror }: Operation): boolean {
  return state === 'pending' || mirror === 'queued';
}

function time(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
