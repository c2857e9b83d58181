/** How one operation is carried out on the primary so that a crash at any point loses and doubles nothing. */
import { HelpdeskError } from '../core/errors.ts';
import type { BeforeRequest, CallOptions } from '../core/helpdesk.ts';
import type { Failure, Lease, Operation, Settlement } from '../store/store.ts';
import { type Holder, neverTaken, withItsThread } from './arrival.ts';
import { leaseOn } from './lease.ts';
import { named } from './naming.ts';
import { type Known, known } from './operations.ts';
import { type Done, deletedBefore, perform } from './primary.ts';
import { backoffMs, isOfStore, journaled, type Setup, toFailure } from './setup.ts';
import { isOnce, isThreadAbsent, type Verdict, verdictOn } from './verdict.ts';

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
export async function stillPending(setup: Setup, operation: Operation, lease: Lease): Promise<Operation | undefined> {
  const { store } = setup;
  const { id, begun } = operation;
  const current = begun ? await store.getOperation(id) : await store.place(id, lease, await named(store, operation));
  if (current?.state === 'pending') {
    if (!begun) setup.events.emit('intent', { ...aboutPrimary(setup, current), key: current.key !== undefined });
    return current;
  }
  await store.release(lease);
  return undefined;
}

/** Ends with the lane given back. Rejects where the store fails: the operation then stays as it was. */
export async function carryOut(setup: Setup, operation: Known, holder: Holder): Promise<Outcome> {
  const begun = setup.now();
  const durationMs = () => setup.now() - begun;
  const lease = () => leaseOn(setup, { lane: operation.lane, owner: holder.owner });
  const caller = watched(holder.call);
  const tries = journaled(setup, operation, 'primary', { lane: operation.lane, owner: holder.owner }, caller.call);
  const recovering = operation.sentAt !== undefined;
  const failingMs = operation.failingSince === undefined ? 0 : begun - operation.failingSince;
  /** Who calls again with its key wants it after all. */
  const calledOff = holder.is === 'worker' && operation.failure?.calledOff === true;
  /** An earlier request that is still under way must have arrived before anything else is done. */
  const settles = calledOff || !isOnce(setup.desks[operation.primary], operation.method, 'primary');

  async function settle(settlement: Settlement): Promise<boolean> {
    return setup.store.settle(operation.id, settlement, lease());
  }

  /** When to go on: not before an earlier request has arrived, and the later the longer it has been failing. */
  function nextTry(sentAt: number | undefined, error?: unknown): number {
    const now = setup.now();
    const settlingMs = settles && sentAt !== undefined ? sentAt + setup.settleMs - now : 0;
    const wantedMs = HelpdeskError.is(error) ? Math.ceil(error.retryAfterMs ?? 0) : 0;
    return now + Math.max(settlingMs, wantedMs, backoffMs(failingMs));
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

  function openFailure(error: unknown): Failure {
    return { ...toFailure(error), ...((calledOff || caller.calledOff()) && { calledOff: true }) };
  }

  async function postpone(error: unknown, sentAt: number | undefined): Promise<Outcome> {
    const failure = openFailure(error);
    const dueAt = nextTry(sentAt, error);
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
    // What it may have changed is gone: nobody could find out, and nobody has to.
    const dropped = operation.method === 'updateThread' && HelpdeskError.is(error) && error.kind === 'not-found';
    if (await settle({ state: 'unclear', failure: openFailure(error), dropped })) {
      setup.events.emit('settled', { ...aboutPrimary(setup, operation), outcome: dropped ? 'failed' : 'unclear' });
    }
    return { is: 'unknown', error };
  }

  /** A failure of a try in which nothing was written. `unsure`: of an earlier one that is not known. */
  async function afterNothing(error: unknown, unsure: boolean): Promise<Outcome> {
    switch (reactionTo(error, unsure)) {
      case 'leave':
        await setup.store.release(lease());
        return { is: 'unknown', error };
      case 'again':
        return postpone(error, operation.sentAt);
      case 'end':
        return unsure ? giveUp(error) : fail(error);
    }
  }

  function reactionTo(error: unknown, unsure: boolean): 'leave' | 'again' | 'end' {
    // A caller hears of it at once.
    if (holder.is === 'caller' && !unsure) return 'end';
    if (caller.stopped()) return 'leave';
    if (!HelpdeskError.is(error)) return 'end';
    // A worker is only stopped by the loss of its lane: a desk that gives up by itself is tried again.
    if (error.kind === 'cancelled') return holder.is === 'worker' && !tries.stopped() ? 'again' : 'leave';
    const heals = error.retryable || error.kind === 'auth';
    return heals && failingMs <= setup.giveUpMs ? 'again' : 'end';
  }

  /** A failure after which it may have happened: the desk is asked, and where it cannot tell, later again. */
  async function afterUnknown(error: unknown, sentAt: number): Promise<Outcome> {
    if (caller.calledOff()) return postpone(error, sentAt);
    const verdict = await verdictOn(setup, operation, tries.call).catch(() => undefined);
    if (verdict?.is === 'happened') return finish(verdict.done, 'happened');
    return isRefusal(error) || failingMs > setup.giveUpMs ? giveUp(error) : postpone(error, sentAt);
  }

  /** `absent`: an earlier try has certainly not happened. */
  async function send(absent: boolean): Promise<Outcome> {
    const writesBefore = tries.writes();
    let done: Done;
    try {
      done = await withItsThread(setup, operation, { ...holder, call: caller.call }, tries.call, () =>
        perform(setup, operation, tries.call),
      ).catch((error: unknown) => deletedBefore(setup, operation, error));
    } catch (error) {
      if (isOfStore(error) && !caller.stopped()) throw error;
      const left = tries.writes() > writesBefore;
      // Stopped between two requests, or by a mistake of the library: what had left may have arrived.
      const stopped = tries.stopped() || caller.stopped();
      const unknown = stopped || !HelpdeskError.is(error) ? left : error.applied === 'unknown';
      if (unknown) return afterUnknown(error, (left ? tries.sentAt() : undefined) ?? setup.now());
      return afterNothing(notApplied(error), recovering && !absent && operation.method !== 'adoptThread');
    }
    // Outside of the try: it has happened, whatever becomes of its record.
    return finish(done, 'done-now');
  }

  async function look(): Promise<Verdict> {
    const verdict = await verdictOn(setup, operation, tries.call).catch((error: unknown) =>
      neverTaken(setup, operation, tries.call, error),
    );
    const absent = calledOff && verdict.is === 'repeatable' && (await isThreadAbsent(setup, operation, tries.call));
    return absent ? { is: 'absent' } : verdict;
  }

  if (operation.sentAt === undefined) return send(true);

  // An earlier try may have happened.
  let verdict: Verdict;
  try {
    verdict = await look();
  } catch (error) {
    if (isOfStore(error) && !caller.stopped()) throw error;
    return afterNothing(error, true);
  }
  if (verdict.is === 'happened') return finish(verdict.done, 'happened');
  // The request may still be under way.
  if (settles && setup.now() < operation.sentAt + setup.settleMs)
    return postpone(stillOpen(operation), operation.sentAt);
  switch (verdict.is) {
    case 'repeatable':
      return send(false);
    case 'unclear':
      return giveUp(stillOpen(operation));
    case 'absent':
      return calledOff ? fail(wasCalledOff(operation)) : send(true);
  }
}

/** The caller's part in a call: whether it has kept a request back, or has had enough. */
function watched(call: CallOptions = {}) {
  let stopped = false;
  const { signal, beforeRequest } = call;
  return {
    call: {
      signal,
      beforeRequest:
        beforeRequest &&
        (async (request: Parameters<BeforeRequest>[0]) => {
          try {
            await beforeRequest(request);
          } catch (error) {
            stopped = true;
            throw error;
          }
        }),
    } satisfies CallOptions,
    stopped: () => stopped,
    calledOff: () => stopped || signal?.aborted === true,
  };
}

/** Which desk, side and operation an event is about. */
export function aboutPrimary(setup: Setup, { id, method, primary }: Operation | Known) {
  return { operationId: id, method, desk: setup.desks[primary].name, side: primary };
}

/** The desk has said no to it, or to a part of it, and would again. */
function isRefusal(error: unknown): boolean {
  return HelpdeskError.is(error) && ['invalid', 'not-found', 'conflict', 'unsupported'].includes(error.kind);
}

/** A caller that stopped its own call may have said anything about it. */
function notApplied(error: unknown): unknown {
  if (!HelpdeskError.is(error) || error.applied === 'no') return error;
  const { provider, operation, kind } = error;
  const reason = 'stopped by the caller before the request left';
  return new HelpdeskError({ provider, operation, kind, reason, applied: 'no' });
}

function wasCalledOff({ id, method }: Known): HelpdeskError {
  return new HelpdeskError({
    provider: 'helpdesk-bridge',
    operation: method,
    kind: 'cancelled',
    reason: 'its caller had called it off, and it has not happened',
    applied: 'no',
    operationId: id,
  });
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
