/** How what is left is done later: lanes are drained one operation after the other. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions } from '../core/helpdesk.ts';
import { type Lease, mirroredLane, mirrorLane, type Part } from '../store/store.ts';
import type { Holder } from './arrival.ts';
import { carryOut, stillPending } from './journal.ts';
import { holding, leaseOn, onlyWhileHeld } from './lease.ts';
import { threadLane } from './links.ts';
import { mirror, withdraw } from './mirror.ts';
import { type Mirrored, nothing } from './mirror-thread.ts';
import { type Known, known, recordOf } from './operations.ts';
import { backoffMs, isOfStore, journaled, notYet, type Setup, toFailure } from './setup.ts';
import { siblingsOf } from './siblings.ts';
import { otherSide } from './stages.ts';
import { isOnce } from './verdict.ts';

/** Tries in a row that may fail of what time alone does not heal, before it is a dead letter. */
const triesOfAuth = 5;

/** How a try ended: the lane goes `on`, its head must wait until `later`, or it is `held` by somebody else. */
type Step = 'on' | 'later' | 'held';

/**
 * Does what is due under a lease, and ends where something is not due yet or
 * somebody else is at it. The primary's part of a lane never waits for the
 * mirror's. `true`: something has changed.
 */
export async function drainLane(setup: Setup, lease: string, run: Holder['run']): Promise<boolean> {
  const mirrors = mirroredLane(lease) !== undefined;
  // A copy that is being made for the primary has the mirror's lease, and is seldom what there is to do.
  return (
    (mirrors && (await drained(setup, lease, 'mirror', (...head) => mirrorOne(setup, ...head)))) ||
    recoverLane(setup, lease, run)
  );
}

/** Settles the lane's writes whose outcome is not known, and carries out those that nobody has begun. */
export async function recoverLane(setup: Setup, lane: string, run: Holder['run']): Promise<boolean> {
  return drained(setup, lane, 'primary', (operation, lease) => recover(setup, operation, lease, run));
}

/** `carryOn` gives the lane back. */
async function drained(
  setup: Setup,
  lane: string,
  part: Part,
  carryOn: (operation: Known, lease: Lease) => Promise<Step>,
): Promise<boolean> {
  const { store } = setup;
  const owner = crypto.randomUUID();
  for (let changed = false; ; ) {
    const lease = leaseOn(setup, { lane, owner });
    const head = await store.takeHead(lease, part);
    if (!head) return changed;
    const step = await holding(setup, lease, () => carryOn(known(head), lease)).catch(async (error: unknown) => {
      // Where this fails too, the lease runs out.
      await store.release(lease).catch(() => {});
      throw error;
    });
    changed ||= step !== 'held';
    if (step !== 'on') return changed;
  }
}

async function recover(setup: Setup, operation: Known, lease: Lease, run: Holder['run']): Promise<Step> {
  const begun = await stillPending(setup, operation, lease);
  if (!begun) return 'on';
  const outcome = await carryOut(setup, known(begun), { owner: lease.owner, is: 'worker', run });
  if (outcome.is !== 'unknown') return 'on';
  return (await setup.store.getOperation(operation.id))?.state === 'unclear' ? 'on' : 'later';
}

async function mirrorOne(setup: Setup, operation: Known, held: Lease): Promise<Step> {
  const { store, now } = setup;
  const { mirrorSentAt, failure: before } = operation;
  const target = otherSide(operation.primary);
  const about = { operationId: operation.id, method: operation.method, desk: setup.desks[target].name, side: target };
  const begun = now();
  const durationMs = () => now() - begun;
  const lease = () => leaseOn(setup, held);
  // Creating one live takes several requests, of which the desk keeps only the first from being done twice.
  const once = setup.createMirrored === 'import' && isOnce(setup.desks[target], operation.method, 'mirror');
  const settledAt = mirrorSentAt === undefined || once ? 0 : mirrorSentAt + setup.settleMs;
  if (now() < settledAt) {
    // A request of an earlier try may still be under way.
    const { attempts } = operation;
    const failure = before ?? toFailure(notYet(operation.method, 'an earlier request may still arrive', undefined));
    const again = { mirror: 'queued', failure, attempts, dueAt: settledAt, sentAt: mirrorSentAt } as const;
    await store.mirrored(operation.id, again, lease());
    return 'later';
  }
  const tries = journaled(setup, operation, 'mirror', held);
  try {
    const { losses, links, messageId } = await inItsLane(setup, operation, held.owner, tries.call, (call) =>
      mirror(setup, operation, call),
    );
    if (!(await store.mirrored(operation.id, { mirror: 'done', losses, links, messageId }, lease()))) return 'held';
    const lagMs = now() - (operation.doneAt ?? operation.createdAt);
    setup.events.emit('mirrored', { ...about, durationMs: durationMs(), lagMs, losses: losses.length });
    return 'on';
  } catch (error) {
    if (isOfStore(error)) throw error;
    const failure = toFailure(error);
    if (HelpdeskError.is(error) && error.kind === 'cancelled') return 'held';
    const triesBefore = before?.kind === failure.kind ? operation.attempts : 0;
    const attempts = triesBefore + 1;
    const waitMs = patience(setup, operation, error, triesBefore);
    if (waitMs === undefined) {
      if (!(await store.mirrored(operation.id, { mirror: 'dead', failure, attempts }, lease()))) return 'held';
      setup.events.emit('dead', { ...about, failure, durationMs: durationMs() });
      return 'on';
    }
    // What the desk has certainly not done needs no waiting for.
    const sentAt = tries.nothingHappened(error) ? mirrorSentAt : tries.sentAt();
    const again = { mirror: 'queued', failure, attempts, dueAt: now() + waitMs, sentAt } as const;
    await store.mirrored(operation.id, again, lease());
    setup.events.emit('retried', { ...about, failure, durationMs: durationMs(), waitMs });
    return 'later';
  }
}

/**
 * A thread may be known by another lane than the one it was created in, if
 * somebody used it before its creation was known to have happened. Its copy is
 * made in one of the two only: in the one that its link names. One that is
 * deleted by now gets none.
 */
async function inItsLane(
  setup: Setup,
  operation: Known,
  owner: string,
  call: CallOptions,
  run: (call: CallOptions) => Promise<Mirrored>,
): Promise<Mirrored> {
  const { method, lane, primary } = operation;
  const { store } = setup;
  const id = method === 'upsertContact' ? undefined : recordOf(operation);
  const creates = method === 'createThread' || method === 'importThread';
  // Whatever else knew the thread's link has the link's lane.
  if (id === undefined || !(creates || lane === (await threadLane(undefined, id)))) return run(call);
  const link = await store.findLink('thread', primary, id);
  if (creates && link?.deleted) return withdraw(setup, operation, id, call);
  if (method === 'createThread' && link?.[otherSide(primary)] !== undefined) return nothing;
  if (!link || link.lane === lane) return run(call);
  const lease = leaseOn(setup, { lane: mirrorLane(link.lane), owner });
  const waits = (await siblingsOf(setup, link.lane, id)).some(creates ? isQueued : isComing);
  if (waits || !(await store.take(lease))) throw notYet(method, 'its thread is still coming over', undefined);
  return holding(setup, lease, () => run(onlyWhileHeld(setup, lease, call))).finally(() => store.release(lease));
}

/** Brings the thread over, should it not be there. */
function isQueued({ mirror }: Known): boolean {
  return mirror === 'queued';
}

function isComing(operation: Known): boolean {
  const { method } = operation;
  return (method === 'createThread' || method === 'importThread') && isQueued(operation);
}

/** Milliseconds until the next try. `undefined`: there is none. `tries`: those before that failed of the same kind, in a row. */
function patience(setup: Setup, { failingSince }: Known, error: unknown, tries: number): number | undefined {
  if (!HelpdeskError.is(error)) return tries < triesOfAuth ? backoffMs(0) : undefined;
  const failingMs = failingSince === undefined ? 0 : setup.now() - failingSince;
  if (failingMs > setup.giveUpMs) return undefined;
  const waitMs = Math.max(Math.ceil(error.retryAfterMs ?? 0), backoffMs(failingMs));
  switch (error.kind) {
    case 'rate-limited':
    case 'unavailable':
      return waitMs;
    case 'auth':
    case 'unexpected':
      return tries < triesOfAuth ? waitMs : undefined;
    case 'not-found':
    case 'invalid':
    case 'conflict':
    case 'unsupported':
    case 'cancelled':
      return undefined;
  }
}
