/** How what is left is done later: lanes are drained one operation after the other. */
import { HelpdeskError } from '../core/errors.ts';
import { type Lease, mirroredLane, mirrorLane, type Part } from '../store/store.ts';
import type { Holder } from './arrival.ts';
import { carryOut, stillPending } from './journal.ts';
import { threadLane } from './links.ts';
import { mirror } from './mirror.ts';
import { type Mirrored, nothing } from './mirror-thread.ts';
import { type Known, known, recordOf } from './operations.ts';
import { backoffMs, journaled, leaseOn, notYet, type Setup, toFailure } from './setup.ts';
import { siblingsOf } from './siblings.ts';
import { otherSide } from './stages.ts';
import { isOnce } from './verdict.ts';

/** Tries of a kind of failure that time alone does not heal, before it is a dead letter. */
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
    const lease = leaseOn(setup, lane, owner);
    const head = await store.takeHead(lease, part);
    if (!head) return changed;
    const step = await carryOn(known(head), lease).catch(async (error: unknown) => {
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

async function mirrorOne(setup: Setup, operation: Known, { lane, owner }: Lease): Promise<Step> {
  const { store, now } = setup;
  const target = otherSide(operation.primary);
  const about = { operationId: operation.id, method: operation.method, desk: setup.desks[target].name, side: target };
  const begun = now();
  const durationMs = () => now() - begun;
  const lease = () => leaseOn(setup, lane, owner);
  const { mirrorSentAt } = operation;
  if (mirrorSentAt !== undefined && !isOnce(setup.desks[target], operation.method, 'mirror')) {
    // A request of an earlier try may still be under way.
    const settledAt = mirrorSentAt + setup.settleMs;
    const failure =
      operation.failure ?? toFailure(notYet(operation.method, 'an earlier request may still arrive', undefined));
    if (now() < settledAt) {
      await store.mirrored(
        operation.id,
        { mirror: 'queued', failure, dueAt: settledAt, sentAt: mirrorSentAt },
        lease(),
      );
      return 'later';
    }
  }
  const tries = journaled(setup, operation, 'mirror', { lane, owner });
  try {
    const { losses, links, messageId } = await inItsLane(setup, operation, owner, () =>
      mirror(setup, operation, tries.call),
    );
    if (!(await store.mirrored(operation.id, { mirror: 'done', losses, links, messageId }, lease()))) return 'held';
    const lagMs = now() - (operation.doneAt ?? operation.createdAt);
    setup.events.emit('mirrored', { ...about, durationMs: durationMs(), lagMs, losses: losses.length });
    return 'on';
  } catch (error) {
    const failure = toFailure(error);
    if (failure.provider === 'store') throw error;
    if (HelpdeskError.is(error) && error.kind === 'cancelled') return 'held';
    const waitMs = patience(setup, operation, error);
    if (waitMs === undefined) {
      if (!(await store.mirrored(operation.id, { mirror: 'dead', failure }, lease()))) return 'held';
      setup.events.emit('dead', { ...about, failure, durationMs: durationMs() });
      return 'on';
    }
    // What the desk has certainly not done needs no waiting for. It says so of the last request only.
    const nothing = HelpdeskError.is(error) && error.applied === 'no' && tries.writes() < 2;
    const sentAt = nothing ? mirrorSentAt : tries.sentAt();
    await store.mirrored(operation.id, { mirror: 'queued', failure, dueAt: now() + waitMs, sentAt }, lease());
    setup.events.emit('retried', { ...about, failure, durationMs: durationMs(), waitMs });
    return 'later';
  }
}

/**
 * A thread may be known by another lane than the one it was created in, if
 * somebody used it before its creation was known to have happened. Its copy is
 * made in one of the two only: in the one that its link names.
 */
async function inItsLane(
  setup: Setup,
  operation: Known,
  owner: string,
  run: () => Promise<Mirrored>,
): Promise<Mirrored> {
  const { method, lane, primary } = operation;
  const id = method === 'upsertContact' ? undefined : recordOf(operation);
  const creates = method === 'createThread' || method === 'importThread';
  // Whatever else knew the thread's link has the link's lane.
  if (id === undefined || !(creates || lane === (await threadLane(undefined, id)))) return run();
  const link = await setup.store.findLink('thread', primary, id);
  if (method === 'createThread' && link?.[otherSide(primary)] !== undefined) return nothing;
  if (!link || link.lane === lane) return run();
  const there = await siblingsOf(setup, link.lane, id);
  if (creates && there.some(({ mirror }) => mirror !== 'none')) return nothing;
  const lease = leaseOn(setup, mirrorLane(link.lane), owner);
  if (there.some(isComing) || !(await setup.store.take(lease)))
    throw notYet(method, 'its thread is still coming over', undefined);
  return run().finally(() => setup.store.release(lease));
}

function isComing({ method, mirror }: Known): boolean {
  return (method === 'createThread' || method === 'importThread') && mirror === 'queued';
}

/** Milliseconds until the next try. `undefined`: there is none. */
function patience(setup: Setup, { attempts, failingSince }: Known, error: unknown): number | undefined {
  if (!HelpdeskError.is(error)) return attempts < triesOfAuth ? backoffMs(0) : undefined;
  const failingMs = failingSince === undefined ? 0 : setup.now() - failingSince;
  if (failingMs > setup.giveUpMs) return undefined;
  const waitMs = Math.max(Math.ceil(error.retryAfterMs ?? 0), backoffMs(failingMs));
  switch (error.kind) {
    case 'rate-limited':
    case 'unavailable':
      return waitMs;
    case 'auth':
    case 'unexpected':
      return attempts < triesOfAuth ? waitMs : undefined;
    case 'not-found':
    case 'invalid':
    case 'conflict':
    case 'unsupported':
    case 'cancelled':
      return undefined;
  }
}
