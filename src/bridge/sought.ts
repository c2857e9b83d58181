/** How the copy of a thread can be told that was made without an answer, also once the thread itself is gone. */
import { bodyText } from '../core/bodies.ts';
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, ContactRef, Helpdesk, ImportThreadInput } from '../core/helpdesk.ts';
import type { Thread } from '../core/model.ts';
import { mirrorLane, type Side } from '../store/store.ts';
import { asStored, beginningOf, copyName, openingRef } from './history.ts';
import { type Found, findThread } from './lookup.ts';
import type { Known } from './operations.ts';
import { notYet, type Setup } from './setup.ts';
import { siblingsOf } from './siblings.ts';

export interface Try {
  readonly sentAt: number;
  readonly sought: Sought | undefined;
}

/** What was done to that desk for a thread, oldest first. */
export async function listTries(setup: Setup, side: Side, lane: string, id: string): Promise<readonly Try[]> {
  const own = (await siblingsOf(setup, lane, id)).filter(({ primary }) => primary !== side);
  const adoptions = (await siblingsOf(setup, mirrorLane(lane), id)).filter(({ primary }) => primary === side);
  const tries = [
    ...own.map((operation) => ({ operation, sentAt: operation.mirrorSentAt })),
    ...adoptions.map((operation) => ({ operation, sentAt: operation.sentAt })),
  ];
  const sent: Try[] = [];
  for (const { operation, sentAt } of tries) {
    if (sentAt !== undefined) sent.push({ sentAt, sought: await soughtBy(setup, operation) });
  }
  return sent.sort((a, b) => a.sentAt - b.sentAt);
}

/** What was stored before, or follows from what the operation was given and answered. */
async function soughtBy({ desks }: Setup, operation: Known): Promise<Sought | undefined> {
  const { method, sought, result, primary } = operation;
  if (sought !== undefined) return sought as Sought;
  if (method === 'importThread' && result) {
    const { input } = operation;
    const messages = asStored(desks[primary], input.messages, result.messages, result.thread.id);
    return toSought({ ...input, contact: contactOf(result.thread), messages });
  }
  if (method !== 'createThread' || !result) return undefined;
  const { name } = desks[primary];
  const { title, body } = operation.input;
  const externalId = copyName(name, result, operation.input.externalId);
  const opening = (await bodyText(body)).slice(0, openingLength);
  const recordedAs = openingRef(name, result.id);
  return { contact: contactOf(result), externalId, title, createdAt: result.createdAt, opening, recordedAs };
}

function contactOf({ contact }: Thread): ContactRef {
  return { email: contact?.email ?? '' };
}

/** How a copy can be told once the thread itself is gone. */
interface Sought {
  readonly contact: ContactRef;
  readonly externalId: string | undefined;
  readonly title: string;
  readonly createdAt: Date;
  /** The first words of the opening message. */
  readonly opening: string;
  readonly recordedAs: string | undefined;
}

/** Characters of the opening message by which a copy is told. */
const openingLength = 200;

/** Stored before the copy is made, for {@link lostCopy}. */
export async function toSought(input: ImportThreadInput): Promise<Sought> {
  const { contact, externalId, title, createdAt, messages } = input;
  const { opening, recordedAs } = await beginningOf(messages);
  return { contact, externalId, title, createdAt, opening: opening.slice(0, openingLength), recordedAs };
}

/**
 * The id of a copy whose answer was lost and whose thread is gone, so that
 * nobody can ask for it again. `id`: the thread's on the other desk. Throws
 * `unavailable` while it may still arrive, `conflict` where it cannot be told.
 */
export async function lostCopy(
  setup: Setup,
  side: Side,
  lane: string,
  id: string,
  call: CallOptions,
): Promise<string | undefined> {
  const desk = setup.desks[side];
  const last = (await listTries(setup, side, lane, id)).findLast(({ sought }) => sought !== undefined);
  if (!last?.sought) return undefined;
  const { externalId, ...sought } = last.sought;
  const { contact } = sought;
  const wanted = { ...sought, backdated: desk.traits.backdatesThreads, lane };
  const found =
    desk.traits.keepsExternalIds && externalId !== undefined
      ? await findNamed(desk, contact, externalId, call)
      : await findThread(setup, side, wanted, call);
  // One that is linked is another thread's copy, or another thread.
  if (found.is === 'found' && !(await setup.store.findLink('thread', side, found.record.id))) return found.record.id;
  const arrivedAt = last.sentAt + setup.settleMs;
  if (setup.now() < arrivedAt) {
    throw notYet('deleteThread', 'an earlier request may still arrive', arrivedAt - setup.now());
  }
  if (found.is !== 'unclear') return undefined;
  const where = { provider: desk.name, operation: 'deleteThread', kind: 'conflict', applied: 'no' } as const;
  throw new HelpdeskError({ ...where, reason: 'a thread of this contact and time is there under another title' });
}

async function findNamed(
  desk: Helpdesk,
  { email }: ContactRef,
  externalId: string,
  call: CallOptions,
): Promise<Found<Thread>> {
  const contact = email === undefined ? undefined : await desk.findContact(email, call);
  const record = contact && (await desk.findThread({ contactId: contact.id, externalId }, call));
  return record ? { is: 'found', record } : { is: 'absent' };
}
