/** How each operation is repeated on the desk that is kept in step: by calls that deliver nothing, and that may be made twice. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, CreateThreadInput } from '../core/helpdesk.ts';
import type { Thread } from '../core/model.ts';
import { copyLosses, copyThread, taken } from './copy.ts';
import { asStored } from './history.ts';
import { contactPair, deskLink } from './links.ts';
import { record, unused, writtenMessage } from './mirror-message.ts';
import { copyLinks, createCopy, type Mirrored, nothing, placeOf } from './mirror-thread.ts';
import { current, upsertContact } from './newest.ts';
import { type Known, recordOf } from './operations.ts';
import { type Setup, unlessGone } from './setup.ts';
import { onSameRecord, siblingsOf } from './siblings.ts';
import { lostCopy } from './sought.ts';
import { otherSide } from './stages.ts';

/** Throws what the desk throws. */
export async function mirror(setup: Setup, operation: Known, call: CallOptions): Promise<Mirrored> {
  try {
    return await repeat(setup, operation, call);
  } catch (error) {
    // The thread may have been deleted by an operation whose outcome was not known for a while, or is not yet.
    if (!HelpdeskError.is(error) || error.kind !== 'not-found') throw error;
    const id = recordOf(operation);
    const ends = id === undefined ? [] : await deletionsOf(setup, operation.lane, id);
    if (!ends.some(({ sentAt }) => sentAt !== undefined)) throw error;
    return gone;
  }
}

async function repeat(setup: Setup, operation: Known, call: CallOptions): Promise<Mirrored> {
  const { primary } = operation;
  const target = otherSide(primary);
  const desk = setup.desks[target];
  const begun = setup.now();
  switch (operation.method) {
    case 'upsertContact': {
      const { value, losses } = await upsertContact(setup, operation, target, call);
      await requireLast(setup, operation, begun);
      return { losses, links: await contactPair(primary, operation.result, value, operation.input.externalId) };
    }
    case 'createThread': {
      const thread = answered(setup, operation, operation.result);
      if (await existedBefore(setup, operation, thread))
        return (await placeOf(setup, operation, thread.id, call)) ?? gone;
      await requireFree(setup, operation);
      return createCopy(setup, operation, thread, call);
    }
    case 'updateThread': {
      const place = await placeOf(setup, operation, operation.input.id, call);
      if (!place) return gone;
      if (place.made) return place;
      const { fields, losses } = setup.translator.changesForMirror(operation.input.changes, target);
      const changes = silent(await current(setup, operation, target, fields));
      if (Object.keys(changes).length === 0) return { losses: [...place.losses, ...losses], links: place.links };
      const updated = await desk.updateThread(place.threadId, changes, call);
      await requireLast(setup, operation, begun);
      return { losses: [...place.losses, ...losses, ...updated.losses], links: place.links };
    }
    case 'deleteThread': {
      const id = operation.result?.id ?? operation.input.id;
      const link = await deskLink(setup.store, 'thread', id);
      const links = link ? [{ ...link, deleted: true }] : [];
      const threadId = link?.[target] ?? (await lostCopy(setup, target, operation.lane, id, call));
      if (threadId === undefined) return { losses: [], links };
      const deleted = await desk.deleteThread(threadId, call).catch((error: unknown) => {
        if (HelpdeskError.is(error) && error.kind === 'not-found') return nothing;
        throw error;
      });
      return { losses: deleted.losses, links };
    }
    case 'reply':
    case 'addNote': {
      const { threadId: id } = operation.input;
      const place = await placeOf(setup, operation, id, call);
      if (!place) return gone;
      const { message, ...written } = await writtenMessage(setup, operation, call);
      const recorded = await record(setup, operation, place.threadId, [message], call);
      const losses = [...place.losses, ...unused(operation.input, desk), ...recorded];
      return { ...written, losses, links: place.links };
    }
    case 'recordMessages': {
      const { threadId: id, messages } = operation.input;
      const place = await placeOf(setup, operation, id, call);
      if (!place) return gone;
      if (place.made) return place;
      const named = asStored(setup.desks[primary], messages, operation.result);
      const losses = await record(setup, operation, place.threadId, named, call);
      return { losses: [...place.losses, ...losses], links: place.links };
    }
    case 'importThread': {
      const { thread, outcome, messages: stored } = answered(setup, operation, operation.result);
      const { input, lane } = operation;
      if (outcome === 'existing') {
        const place = await placeOf(setup, operation, thread.id, call);
        if (!place) return gone;
        if (place.made) return place;
        // Those that were there before have come over in their own way.
        const added = asStored(setup.desks[primary], input.messages, stored).filter(
          (_, index) => stored[index]?.outcome === 'stored',
        );
        const losses = await record(setup, operation, place.threadId, added, call);
        return { losses: [...place.losses, ...losses], links: place.links };
      }
      const link = await setup.store.findLink('thread', primary, thread.id);
      // A later write has brought over the thread that this import made, with all its messages.
      if (link?.[target] !== undefined) return nothing;
      await requireFree(setup, operation);
      const named = asStored(setup.desks[primary], input.messages, stored, thread.id);
      const placed = setup.translator.forMirror(input, target);
      const contact = thread.contact ? { email: thread.contact.email } : input.contact;
      const copy = {
        ...placed.fields,
        contact: input.contact.email === undefined ? contact : input.contact,
        messages: named,
        providerOptions: { ...setup.recordOptions, ...input.providerOptions },
      };
      const copied = await copyThread(setup, { side: target, lane, id: thread.id }, silent(copy), call);
      const links = await copyLinks(operation, thread, copied.value.thread, input.externalId);
      return { losses: [...placed.losses, ...copyLosses(copied, input.externalId)], links };
    }
    case 'adoptThread':
      return nothing;
  }
}

/**
 * After a change of the stage a later operation may have written to this desk
 * at the same time, as its primary: which of the two came last nobody knows.
 * Throws `unavailable`, and the next try writes the later values once more.
 */
async function requireLast(setup: Setup, operation: Known, begun: number): Promise<void> {
  const { method, position, primary } = operation;
  const overtaken = (await onSameRecord(setup, operation)).some((other) => {
    const later = other.method === method && other.position > position && other.primary !== primary;
    // One whose answer was lost is written again after this one, so nobody waits for it.
    const underWay = other.state === 'pending' && other.sentAt !== undefined && other.dueAt > setup.now();
    return later && (underWay || (other.doneAt ?? 0) >= begun);
  });
  if (!overtaken) return;
  const reason = 'a later change was written at the same time';
  const where = { provider: setup.desks[otherSide(primary)].name, operation: method, applied: 'unknown' } as const;
  throw new HelpdeskError({ ...where, kind: 'unavailable', reason });
}

/** The primary has answered with a thread that had the external id already: what the caller gave is not in it. */
async function existedBefore(
  setup: Setup,
  { id, lane, input, createdAt }: Known & { method: 'createThread' },
  thread: Thread,
): Promise<boolean> {
  if (input.externalId === undefined) return false;
  const toldSo = input.createdAt?.getTime() === thread.createdAt.getTime();
  if (!toldSo && thread.createdAt.getTime() < createdAt - setup.clockSkewMs) return true;
  const [first] = (await siblingsOf(setup, lane, thread.id)).filter(({ state }) => state === 'done');
  return first !== undefined && first.id !== id;
}

/**
 * Throws `conflict` where an earlier thread of the same external id is still on
 * this desk, because its deletion was given up: that desk would answer with it.
 */
async function requireFree(setup: Setup, operation: Known & { method: 'createThread' | 'importThread' }) {
  const { input, lane, primary, position } = operation;
  const desk = setup.desks[otherSide(primary)];
  if (input.externalId === undefined || !desk.traits.keepsExternalIds) return;
  const stays = (await setup.store.listLane(lane)).some(
    (other) =>
      other.method === 'deleteThread' &&
      other.primary === primary &&
      other.position < position &&
      (other.mirror === 'dead' || other.mirror === 'dropped'),
  );
  if (stays) throw taken(desk, operation.method);
}

/** That have happened, or may have. */
async function deletionsOf(setup: Setup, lane: string, id: string): Promise<readonly Known[]> {
  const all = await siblingsOf(setup, lane, id);
  return all.filter(({ method, state }) => method === 'deleteThread' && state !== 'failed');
}

/**
 * The copy of a thread that is deleted by now, should one have been sent for: it
 * stays away, though it was to be made before. The two may have been done at
 * stages of their own.
 */
export async function withdraw(setup: Setup, operation: Known, id: string, call: CallOptions): Promise<Mirrored> {
  const { primary, lane, mirrorSentAt } = operation;
  const target = otherSide(primary);
  const copy = mirrorSentAt === undefined ? undefined : await lostCopy(setup, target, lane, id, call);
  if (copy !== undefined) await setup.desks[target].deleteThread(copy, call).catch(unlessGone);
  return gone;
}

const gone: Mirrored = {
  losses: [{ field: 'thread', how: 'dropped', reason: 'the thread is gone from the desk that answers' }],
  links: [],
};

/** Nobody is told of a change that was made elsewhere. */
function silent<T extends { readonly providerOptions?: CreateThreadInput['providerOptions'] | object | undefined }>(
  changes: T,
): T {
  const options = changes.providerOptions;
  if (!options || !('productlane' in options) || !options.productlane) return changes;
  const { notify: _, ...productlane } = options.productlane as Record<string, unknown>;
  return { ...changes, providerOptions: { ...options, productlane } };
}

/** A write that a person has settled by hand has no answer, and without one there is nothing to copy. */
function answered<T>(setup: Setup, operation: Known, result: T | undefined): T {
  if (result !== undefined) return result;
  const where = { provider: setup.desks[operation.primary].name, operation: operation.method } as const;
  throw new HelpdeskError({ ...where, kind: 'unexpected', reason: 'no id of it is known', applied: 'no' });
}
