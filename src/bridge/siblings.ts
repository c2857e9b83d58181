/** Which operations are about the same thread: threads that had one external id may share a lane. */
import { deskLink } from './links.ts';
import { type Known, known, recordOf, threadIdOf } from './operations.ts';
import type { Setup } from './setup.ts';

/** All on the operation's own record: those of its thread, or of its contact's lane. */
export async function onSameRecord(setup: Setup, operation: Known): Promise<readonly Known[]> {
  const threadId = threadIdOf(operation);
  if (threadId !== undefined) return siblingsOf(setup, operation.lane, threadId);
  return (await setup.store.listLane(operation.lane)).map(known);
}

/** Those of the lane that have begun, in the order of execution. `id`: the thread's on either desk. */
export async function siblingsOf({ store }: Setup, lane: string, id: string): Promise<readonly Known[]> {
  const all = (await store.listLane(lane)).map(known);
  // Most lanes hold one thread, which all know by one id.
  if (all.every((one) => recordOf(one) === id)) return all;
  const link = await deskLink(store, 'thread', id);
  const ids = [id, link?.from, link?.to].filter((one) => one !== undefined);
  return all.filter((one) => ids.includes(recordOf(one) ?? ''));
}
