/** Which operations are about the same thread: threads that had one external id may share a lane. */
import { deskLink } from './links.ts';
import { type Known, known, recordOf } from './operations.ts';
import type { Setup } from './setup.ts';

/** Those of the lane that have begun, in the order of execution. `id`: the thread's on either desk. */
export async function siblingsOf({ store }: Setup, lane: string, id: string): Promise<readonly Known[]> {
  const ids = await idsOf(store, id);
  return (await store.listLane(lane)).map(known).filter((one) => ids.includes(recordOf(one) ?? ''));
}

/** All that the thread is known by on the desks. */
export async function idsOf(store: Setup['store'], id: string): Promise<readonly string[]> {
  const link = await deskLink(store, 'thread', id);
  return [id, link?.from, link?.to].filter((one) => one !== undefined);
}
