/** Which operations are about the same thread: threads that had one external id may share a lane. */
import { deskLink } from './links.ts';
import { type Known, known, recordOf } from './operations.ts';
import type { Setup } from './setup.ts';

/** Those of the lane that have begun, in the order of execution. `id`: the thread's on either desk. */
export async function siblingsOf({ store }: Setup, lane: string, id: string): Promise<readonly Known[]> {
  const all = (await store.listLane(lane)).map(known);
  // Most lanes hold one thread, which all know by one id.
  if (all.every((one) => recordOf(one) === id)) return all;
  const link = await deskLink(store, 'thread', id);
  const ids = [id, link?.from, link?.to].filter((one) => one !== undefined);
  return all.filter((one) => ids.includes(recordOf(one) ?? ''));
}
