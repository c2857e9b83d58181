/** Whether the thread of a write is on the desk that answers, and how it gets there first. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions } from '../core/helpdesk.ts';
import type { Loss } from '../core/model.ts';
import { type Intent, mirrorLane, type Operation } from '../store/store.ts';
import { deskLink } from './links.ts';
import { type Known, threadIdOf } from './operations.ts';
import type { Done } from './primary.ts';
import { notYet, type Setup } from './setup.ts';
import { otherSide } from './stages.ts';
import { takenElsewhere } from './taken.ts';
import type { Verdict } from './verdict.ts';

/** Whoever holds the operation's lane, and on whose behalf. */
export interface Holder {
  readonly owner: string;
  /** A caller wants to hear of a failure at once; a worker tries again. */
  readonly is: 'caller' | 'worker';
  readonly call?: CallOptions | undefined;
  /** Carries out another operation, and waits for it until the call's signal fires. */
  readonly run: (
    intent: Omit<Intent, 'id' | 'createdAt' | 'fingerprint'>,
    call: CallOptions,
  ) => Promise<Pick<Operation, 'losses'>>;
}

/**
 * Runs with the thread on the primary. One that only the other desk has is
 * adopted first: where its link says so, or where the primary does not know the
 * id and the other desk does. What it lost on its way is the write's loss.
 */
export async function withItsThread(
  setup: Setup,
  operation: Known,
  holder: Holder,
  call: CallOptions,
  run: () => Promise<Done>,
): Promise<Done> {
  const adopted = async (there: string): Promise<Done> => {
    const losses = await adopt(operation, holder, there);
    const done = await run();
    return { ...done, losses: [...losses, ...done.losses] };
  };
  if (operation.method === 'createThread' || operation.method === 'importThread') {
    const there = await takenElsewhere(setup, operation, call);
    return there === undefined ? run() : adopted(there);
  }
  const id = threadIdOf(operation);
  if (id === undefined || !operation.mirrored) return run();
  const side = otherSide(operation.primary);
  const link = await deskLink(setup.store, 'thread', id);
  const elsewhere = link?.[side];
  if (link && link[operation.primary] === undefined && elsewhere !== undefined) return adopted(elsewhere);
  try {
    return await run();
  } catch (error) {
    if (link || !isUnknownId(error) || !(await exists(setup, operation, id, call))) throw error;
    return adopted(id);
  }
}

/** The thread's id is one of the other desk's, so this one can only have refused it. Throws all other errors again. */
export async function neverTaken(setup: Setup, operation: Known, call: CallOptions, error: unknown): Promise<Verdict> {
  const id = threadIdOf(operation);
  if (id === undefined || !operation.mirrored || !isUnknownId(error)) throw error;
  const link = await deskLink(setup.store, 'thread', id);
  if (link?.[operation.primary] !== undefined) throw error;
  if (!(await exists(setup, operation, id, call))) throw error;
  return { is: 'absent' };
}

async function adopt({ lane, primary }: Known, { is, run, call = {} }: Holder, id: string): Promise<readonly Loss[]> {
  const side = otherSide(primary);
  // A worker comes back to the same one. A caller does not wait for what has failed.
  const key = is === 'worker' ? `helpdesk-bridge adopts ${lane} ${side} ${id}` : undefined;
  const input = { side, id, lane };
  try {
    const intent = { lane: mirrorLane(lane), key, method: 'adoptThread', input, primary, mirrored: false } as const;
    return (await run(intent, call)).losses;
  } catch (error) {
    if (!HelpdeskError.is(error) || error.applied === 'no') throw error;
    // Unknown is whether the thread came over. The write that needs it has not been tried.
    throw notYet('adoptThread', 'the thread is not known yet to have come over from the other desk', undefined);
  }
}

/** The desk has no such thread, or the id does not even look like one of its own. */
export function isUnknownId(error: unknown): boolean {
  if (!HelpdeskError.is(error) || error.applied !== 'no') return false;
  const named = error.issues.some(({ path }) => path === 'id' || path === 'threadId');
  return error.kind === 'not-found' || (error.kind === 'invalid' && named);
}

async function exists(setup: Setup, { primary }: Known, id: string, call: CallOptions): Promise<boolean> {
  const other = setup.desks[otherSide(primary)];
  return other.getThread(id, call).then(
    () => true,
    (error: unknown) => {
      if (isUnknownId(error)) return false;
      throw error;
    },
  );
}
