/** How each operation is carried out on the desk that answers. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions } from '../core/helpdesk.ts';
import type { Loss, Thread } from '../core/model.ts';
import type { Link } from '../store/store.ts';
import { copyLosses, copyThread, importOnce } from './copy.ts';
import { readThread, recordOptions } from './history.ts';
import { contactLink, contactOn, contactPair, deskLink, linkOn, pair } from './links.ts';
import { current, upsertContact } from './newest.ts';
import type { Inputs, Known, Values } from './operations.ts';
import type { Setup } from './setup.ts';
import { toSought } from './sought.ts';
import { otherSide } from './stages.ts';
import { takenBy } from './taken.ts';

/** What the primary's part leaves to store. */
export interface Done {
  readonly value: Values[keyof Values];
  readonly losses: readonly Loss[];
  readonly messageId?: string | undefined;
  readonly links: readonly Link[];
}

/** Sends it. Throws what the desk throws. */
export async function perform(setup: Setup, operation: Known, call: CallOptions): Promise<Done> {
  const { primary, lane } = operation;
  const desk = setup.desks[primary];
  const { translator } = setup;
  switch (operation.method) {
    case 'upsertContact': {
      const { value, losses, externalId } = await upsertContact(setup, operation, primary, call);
      return { value, losses, links: [await contactLink(primary, value, externalId)] };
    }
    case 'createThread': {
      const { input } = operation;
      const contact = await contactOn(setup, operation, input.contact, call);
      const before = await takenBy(setup, operation, contact, call);
      if (before) return { value: before, losses: [], links: [] };
      const named = { ...translator.forPrimary(input, primary), contact, ...identity(setup, operation) };
      const { value, losses } = await desk.createThread(named, call);
      return { value, losses, links: await threadLinks(operation, value, input.externalId) };
    }
    case 'updateThread': {
      const id = await threadOn(setup, operation, operation.input.id);
      const changes = await current(setup, operation, primary, translator.forPrimary(operation.input.changes, primary));
      const { value, losses } =
        Object.keys(changes).length > 0
          ? await desk.updateThread(id, changes, call)
          : { value: await desk.getThread(id, call), losses: [] };
      return { value, losses, links: await threadLinks(operation, value) };
    }
    case 'deleteThread': {
      const id = await threadOn(setup, operation, operation.input.id);
      const { value, losses } = await desk.deleteThread(id, call);
      return { value, losses, links: await endedLinks(setup, value.id) };
    }
    case 'reply': {
      const threadId = await threadOn(setup, operation, operation.input.threadId);
      const { value, losses } = await desk.reply({ ...operation.input, threadId }, call);
      return { value, losses, messageId: value.id, links: touched(operation, threadId) };
    }
    case 'addNote': {
      const threadId = await threadOn(setup, operation, operation.input.threadId);
      const { value, losses } = await desk.addNote({ ...operation.input, threadId }, call);
      return { value, losses, messageId: value.id, links: touched(operation, threadId) };
    }
    case 'importThread': {
      const { input } = operation;
      const contact = await contactOn(setup, operation, input.contact, call);
      const before = await takenBy(setup, operation, contact, call);
      if (before) return addTo(setup, operation, before, call);
      const named = {
        ...translator.forPrimary(input, primary),
        contact,
        providerOptions: { ...setup.recordOptions, ...input.providerOptions },
      };
      const { value, losses } =
        operation.sentAt === undefined
          ? await desk.importThread(named, call)
          : await importOnce(setup, { side: primary, lane, sentAt: operation.sentAt }, named, call);
      return { value, losses, links: await threadLinks(operation, value.thread, input.externalId) };
    }
    case 'recordMessages': {
      const threadId = await threadOn(setup, operation, operation.input.threadId);
      const options = recordOptions(setup, operation.input.providerOptions);
      const { value, losses } = await desk.recordMessages({ ...operation.input, threadId, ...options }, call);
      return { value, losses, links: touched(operation, threadId) };
    }
    case 'adoptThread':
      return adopt(setup, operation, call);
  }
}

/** What an earlier try of this very operation has come to, where a later one finds nothing left to delete. Otherwise throws the error. */
export async function deletedBefore(setup: Setup, operation: Known, error: unknown): Promise<Done> {
  const before = operation.method === 'deleteThread' && operation.sentAt !== undefined;
  if (!before || !HelpdeskError.is(error) || error.kind !== 'not-found') throw error;
  const id = await threadOn(setup, operation, operation.input.id);
  return { value: { id }, losses: [], links: await endedLinks(setup, id) };
}

/** From now on its external id may be another thread's. */
async function endedLinks({ store }: Setup, id: string): Promise<readonly Link[]> {
  const link = await deskLink(store, 'thread', id);
  return link ? [{ ...link, deleted: true }] : [];
}

/** A thread that only the other desk has, created here with its history. */
async function adopt(setup: Setup, operation: Known & { method: 'adoptThread' }, call: CallOptions): Promise<Done> {
  const { side, id, lane } = operation.input;
  const target = otherSide(side);
  const link = await setup.store.findLink('thread', side, id);
  const there = link?.[target];
  if (there !== undefined) return { value: await setup.desks[target].getThread(there, call), losses: [], links: [] };
  const read = await readThread(setup, side, id, link?.externalId, call);
  await setup.store.seeking(operation.id, await toSought(read.value));
  const copied = await copyThread(setup, { side: target, lane, id }, read.value, call);
  const { thread } = copied.value;
  const links = [
    pair('thread', side, id, thread.id, lane, link?.externalId),
    ...(await contactPair(side, read.thread.contact, thread.contact)),
  ];
  return { value: thread, losses: [...read.losses, ...copyLosses(copied, link?.externalId)], links };
}

/**
 * What makes a new thread findable after its answer was lost: an id of ours
 * where the desk keeps one, otherwise the time of creation.
 */
function identity(setup: Setup, operation: Known & { method: 'createThread' }): Partial<Inputs['createThread']> {
  const { traits } = setup.desks[operation.primary];
  if (traits.keepsExternalIds) return { externalId: operation.input.externalId ?? operation.id };
  return traits.backdatesThreads ? { createdAt: toldTime(operation) } : {};
}

/** The time of creation that a desk is told which keeps it. What it is given in its own words goes first. */
export function toldTime({ input, createdAt }: Known & { method: 'createThread' }): Date {
  const theirs = input.providerOptions?.productlane?.created_at;
  return theirs === undefined ? (input.createdAt ?? new Date(createdAt)) : new Date(theirs);
}

/** An import under an external id that is taken adds its messages to the thread that has it, as a desk that keeps such ids does. */
async function addTo(
  setup: Setup,
  { primary, input }: Known & { method: 'importThread' },
  thread: Thread,
  call: CallOptions,
): Promise<Done> {
  const { value: messages, losses } = await setup.desks[primary].recordMessages(
    { threadId: thread.id, messages: input.messages, ...recordOptions(setup, input.providerOptions) },
    call,
  );
  return { value: { thread, outcome: 'existing', messages }, losses, links: [] };
}

/**
 * The id the primary knows the thread by; the given one where nothing is known
 * of it. Throws `not-found` where it was deleted, though this desk may not have
 * heard of that yet.
 */
export async function threadOn(setup: Setup, { primary, method }: Known, id: string): Promise<string> {
  const link = await deskLink(setup.store, 'thread', id);
  if (link?.deleted && method !== 'deleteThread') {
    const where = { provider: setup.desks[primary].name, operation: method, applied: 'no' } as const;
    throw new HelpdeskError({ ...where, kind: 'not-found', reason: 'the thread was deleted' });
  }
  return link?.[primary] ?? id;
}

export async function threadLinks(operation: Known, thread: Thread, externalId?: string): Promise<readonly Link[]> {
  const { primary, lane } = operation;
  const links = [linkOn('thread', primary, thread.id, lane, externalId)];
  return thread.contact ? [...links, await contactLink(primary, thread.contact)] : links;
}

/** The desk has accepted the id: from now on it is known. */
export function touched({ primary, lane }: Known, threadId: string): readonly Link[] {
  return [linkOn('thread', primary, threadId, lane)];
}
