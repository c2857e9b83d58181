/** Which thread has an external id before another one is created under it. */
import type { CallOptions, ContactRef } from '../core/helpdesk.ts';
import type { Thread } from '../core/model.ts';
import type { Side } from '../store/store.ts';
import { taken } from './copy.ts';
import { deskLink } from './links.ts';
import { type Known, known } from './operations.ts';
import { notYet, type Setup, unlessGone } from './setup.ts';
import { otherSide } from './stages.ts';

/** A write that creates a thread. */
type Creation = Known & { method: 'createThread' | 'importThread' };

/**
 * The contact's thread that has the external id, where the links know it and
 * the desk cannot: to create another one would put both into one on a mirror
 * that keeps them apart by that id. A desk that keeps such ids sees to it itself.
 *
 * Throws `unavailable` where it is not known yet whether an earlier thread of
 * that id came to be, or is gone, and `conflict` where the desk would answer
 * with one whose deletion there was given up.
 */
export async function takenBy(
  setup: Setup,
  operation: Creation,
  contact: ContactRef,
  call: CallOptions,
): Promise<Thread | undefined> {
  const { externalId } = operation.input;
  if (externalId === undefined) return undefined;
  const desk = setup.desks[operation.primary];
  await requireKnown(setup, operation, call);
  if (desk.traits.keepsExternalIds) return undefined;
  for (const link of await setup.store.findLinks('thread', externalId)) {
    const id = link.deleted ? undefined : link[operation.primary];
    const thread = id === undefined ? undefined : await desk.getThread(id, call).catch(unlessGone);
    if (thread && isOf(thread, contact)) return thread;
  }
  return undefined;
}

/** The id of the contact's thread that has the external id, where only the other desk has that thread. */
export async function takenElsewhere(
  setup: Setup,
  { primary, mirrored, input }: Creation,
  call: CallOptions,
): Promise<string | undefined> {
  if (input.externalId === undefined || !mirrored) return undefined;
  const side = otherSide(primary);
  for (const link of await setup.store.findLinks('thread', input.externalId)) {
    const id = link[side];
    if (link.deleted || link[primary] !== undefined || id === undefined) continue;
    const thread = await setup.desks[side].getThread(id, call).catch(unlessGone);
    if (thread && isOf(thread, input.contact)) return id;
  }
  return undefined;
}

async function requireKnown(setup: Setup, operation: Creation, call: CallOptions): Promise<void> {
  const desk = setup.desks[operation.primary];
  const before = (await setup.store.listLane(operation.lane))
    .map(known)
    .filter(({ position }) => position < operation.position);
  for (const other of before) {
    switch (other.method) {
      case 'deleteThread':
        await requireGone(setup, other, operation, call);
        break;
      case 'createThread':
      case 'importThread':
        if (isOpen(other) && !desk.traits.keepsExternalIds && mayBeOf(other.input.contact, operation.input.contact))
          throw notYet(operation.method, 'an earlier creation of this externalId is not known yet', undefined);
        break;
      case 'upsertContact':
      case 'updateThread':
      case 'reply':
      case 'addNote':
      case 'recordMessages':
      case 'adoptThread':
        break;
    }
  }
}

async function requireGone(
  setup: Setup,
  deletion: Known & { method: 'deleteThread' },
  { method, primary }: Creation,
  call: CallOptions,
): Promise<void> {
  const desk = setup.desks[primary];
  const here = deletion.primary === primary;
  const waits = here
    ? isOpen(deletion) && (await stands(setup, primary, deletion.input.id, call))
    : deletion.mirror === 'queued';
  if (waits) throw notYet(method, 'an earlier thread of this externalId is still being deleted', undefined);
  const stays = !here && (deletion.mirror === 'dead' || deletion.mirror === 'dropped');
  if (stays && desk.traits.keepsExternalIds) throw taken(desk, method);
}

/** `id`: of either desk. */
async function stands(setup: Setup, side: Side, id: string, call: CallOptions): Promise<boolean> {
  const own = (await deskLink(setup.store, 'thread', id))?.[side] ?? id;
  return (await setup.desks[side].getThread(own, call).catch(unlessGone)) !== undefined;
}

/** Its request has left, and what became of it is not known. */
function isOpen({ state, sentAt }: Known): boolean {
  return state === 'pending' && sentAt !== undefined;
}

function isOf({ contact }: Thread, ref: ContactRef): boolean {
  if (!contact) return false;
  if (ref.email !== undefined) return ref.email.trim().toLowerCase() === contact.email;
  return ref.id !== undefined ? ref.id === contact.id : ref.externalId === contact.externalId;
}

/** Only two addresses say for certain that they are two people's. */
function mayBeOf({ email: one }: ContactRef, { email: two }: ContactRef): boolean {
  return one === undefined || two === undefined || one.trim().toLowerCase() === two.trim().toLowerCase();
}
