/** How one operation is carried out on the primary so that a crash at any point loses and doubles nothing. */
import { HelpdeskError } from '../core/errors.ts';
import { isRecord } from '../core/plain-data.ts';
import type { Lease, Operation, Settlement } from '../store/store.ts';
import { type Holder, neverTaken, withItsThread } from './arrival.ts';
import { named } from './naming.ts';
import { type Known, known } from './operations.ts';
import { type Done, deletedBefore, perform } from './primary.ts';
import { backoffMs, journaled, leaseOn, type Setup, toFailure } from './setup.ts';
import { isOnce, type Verdict, verdictOn } from './verdict.ts';

/** Where the operation stands after a try. */
export type Outcome =
  | { readonly is: 'done'; readonly done: Done }
  | { readonly is: 'failed'; readonly error: unknown }
  /** Not known: it stays `pending` or has become `unclear`. */
  | { readonly is: 'unknown'; readonly error: unknown };

/**
 * The operation as it is now that its lane is ours, with a desk's id of its
 * thread. `undefined`: it is not pending any more, and the lane is given back.
 */
export async function stillPending(
  { store }: Setup,
  operation: Operation,
  lease: Lease,
): Promise<Operation | undefined> {
  const { id, begun } = operation;
  const current = begun ? await store.getOperation(id) : await store.place(id, lease, await named(store, operation));
  if (current?.state === 'pending') return current;
  await store.release(lease);
  return undefined;
}

/** Ends with the lane given back. Rejects where the store fails: the operation then stays as it was. */
export async function carryOut(setup: Setup, operation: Known, holder: Holder): Promise<Outcome> {
  const begun = setup.now();
  const durationMs = () => setup.now() - begun;
  const lease = () => leaseOn(setup, operation.lane, holder.owner);
  const tries = journaled(setup, operation, 'primary', { lane: operation.lane, owner: holder.owner }, holder.call);
  const recovering = operation.sentAt !== undefined;
  const once = isOnce(setup.desks[operation.primary], operation.method, 'primary');

  async function settle(settlement: Settlement): Promise<boolean> {
    return setup.store.settle(operation.id, settlement, lease());
  }

  async function finish(done: Done, outcome: 'happened' | 'done-now'): Promise<Outcome> {
    const { value: result, losses, links, messageId } = done;
    if (!(await settle({ state: 'done', result, losses, links, messageId })))
      return { is: 'done', done: await asStored(done) };
    const { mirrored } = operation;
    const about = aboutPrimary(setup, operation);
    if (recovering || holder.is === 'worker') setup.events.emit('settled', { ...about, outcome });
    setup.events.emit('written', { ...about, durationMs: durationMs(), losses: losses.length, mirrored });
    return { is: 'done', done };
  }

  /** Somebody else was first to find out that it has happened: there is one result, and that is theirs. */
  async function asStored(done: Done): Promise<Done> {
    const stored = await setup.store.getOperation(operation.id);
    const { result, losses } = (stored && known(stored)) ?? {};
    return result === undefined ? done : { ...done, value: result, losses: losses ?? [] };
  }

  async function fail(error: unknown): Promise<Outcome> {
    const failure = toFailure(error);
    // Whoever has taken over carries it out.
    if (!(await settle({ state: 'failed', failure }))) return { is: 'unknown', error };
    const about = aboutPrimary(setup, operation);
    setup.events.emit('failed', { ...about, failure, durationMs: durationMs() });
    if (holder.is === 'worker') setup.events.emit('settled', { ...about, outcome: 'failed' });
    return { is: 'failed', error };
  }

  async function postpone(error: unknown, dueAt: number, sentAt: number | undefined): Promise<Outcome> {
    const failure = toFailure(error);
    await settle({ state: 'pending', failure, dueAt, sentAt });
    setup.events.emit('retried', {
      ...aboutPrimary(setup, operation),
      failure,
      durationMs: durationMs(),
      waitMs: Math.max(0, dueAt - setup.now()),
    });
    return { is: 'unknown', error };
  }

  async function giveUp(error: unknown): Promise<Outcome> {
    if (await settle({ state: 'unclear', failure: toFailure(error) })) {
      setup.events.emit('settled', { ...aboutPrimary(setup, operation), outcome: 'unclear' });
    }
    return { is: 'unknown', error };
  }

  /** A failure of a try in which nothing was written. `unsure`: of an earlier one that is not known. */
  async function afterNothing(error: unknown, unsure: boolean): Promise<Outcome> {
    if (!HelpdeskError.is(error) || (holder.is === 'caller' && !unsure)) return unsure ? giveUp(error) : fail(error);
    if (error.kind === 'cancelled') {
      await setup.store.release(lease());
      return { is: 'unknown', error };
    }
    const failingMs = setup.now() - operation.createdAt;
    const again = error.retryable || error.kind === 'auth';
    if (!again || failingMs > setup.giveUpMs) return unsure ? giveUp(error) : fail(error);
    return postpone(
      error,
      setup.now() + Math.max(Math.ceil(error.retryAfterMs ?? 0), backoffMs(failingMs)),
      operation.sentAt,
    );
  }

  /** A failure after which it may have happened: the desk is asked, and where it cannot tell, later again. */
  async function afterUnknown(error: unknown, sentAt: number): Promise<Outcome> {
    const cancelled = HelpdeskError.is(error) && error.kind === 'cancelled';
    const verdict = cancelled ? undefined : await verdictOn(setup, operation, tries.call).catch(() => undefined);
    if (verdict?.is === 'happened') return finish(verdict.done, 'happened');
    if (setup.now() - operation.createdAt > setup.giveUpMs) return giveUp(error);
    return postpone(error, once ? setup.now() + backoffMs(0) : sentAt + setup.settleMs, sentAt);
  }

  /** `absent`: an earlier try has certainly not happened. */
  async function send(absent: boolean): Promise<Outcome> {
    const writesBefore = tries.writes();
    let done: Done;
    try {
      done = await withItsThread(setup, operation, holder, () => perform(setup, operation, tries.call)).catch(
        (error: unknown) => deletedBefore(setup, operation, error),
      );
    } catch (error) {
      if (isOfStore(error)) throw error;
      const sentAt = tries.sentAt();
      // Stopped between two requests, or by a mistake of the library: what had left may have arrived.
      const halfDone = tries.writes() > writesBefore && (tries.stopped() || !HelpdeskError.is(error));
      const unknown = halfDone || (HelpdeskError.is(error) && error.applied === 'unknown');
      if (unknown) return afterUnknown(error, sentAt ?? setup.now());
      return afterNothing(error, operation.sentAt !== undefined && !absent && isDoneOnce(operation));
    }
    // Outside of the try: it has happened, whatever becomes of its record.
    return finish(done, 'done-now');
  }

  if (operation.sentAt === undefined) return send(true);

  // An earlier try may have happened.
  let verdict: Verdict;
  try {
    verdict = await verdictOn(setup, operation, tries.call).catch((error: unknown) =>
      neverTaken(setup, operation, holder, error),
    );
  } catch (error) {
    if (isOfStore(error)) throw error;
    return afterNothing(error, true);
  }
  if (verdict.is === 'happened') return finish(verdict.done, 'happened');
  // The request may still be under way.
  const settledAt = operation.sentAt + setup.settleMs;
  if (!once && setup.now() < settledAt) return postpone(stillOpen(operation), settledAt, operation.sentAt);
  switch (verdict.is) {
    case 'repeatable':
      return send(false);
    case 'unclear':
      return giveUp(stillOpen(operation));
    case 'absent':
      // Its caller wanted it stopped, and it has not happened.
      return operation.failure?.kind === 'cancelled' ? fail(stillOpen(operation)) : send(true);
  }
}

/** Which desk, side and operation an event is about. */
export function aboutPrimary(setup: Setup, { id, method, primary }: Operation | Known) {
  return { operationId: id, method, desk: setup.desks[primary].name, side: primary };
}

/** Who is told that it failed will do it again, or believe in what is gone. A change that is made twice is the same change. */
function isDoneOnce({ method }: Known): boolean {
  return ['createThread', 'importThread', 'recordMessages', 'deleteThread'].includes(method);
}

function stillOpen({ method }: Known): HelpdeskError {
  const reason = 'its answer was lost, and the desk cannot say yet whether it happened';
  return new HelpdeskError({
    provider: 'helpdesk-bridge',
    operation: method,
    kind: 'unavailable',
    reason,
    applied: 'unknown',
  });
}

export function isOfStore(error: unknown): boolean {
  return isRecord(error) && error['provider'] === 'store';
}
