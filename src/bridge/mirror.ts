/** How each operation is repeated on the desk that is kept in step: by calls that deliver nothing, and that may be made twice. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, CreateThreadInput, Helpdesk, RecordedMessageInput } from '../core/helpdesk.ts';
import type { Loss, Message, Thread } from '../core/model.ts';
import { isRecord } from '../core/plain-data.ts';
import type { Link } from '../store/store.ts';
import { copyLosses, copyThread, lastTry, messageRef, openingRef, readThread, toImport, toRecorded } from './copy.ts';
import { contactPair, linkOf, pair } from './links.ts';
import { findMessage } from './lookup.ts';
import type { Known } from './operations.ts';
import { current, upsertContact } from './primary.ts';
import { type Setup, unlessGone } from './setup.ts';
import { otherSide } from './stages.ts';

/** What the mirror's part leaves to store. */
export interface Mirrored {
  readonly losses: readonly Loss[];
  readonly messageId?: string | undefined;
  readonly links: readonly Link[];
}

const nothing: Mirrored = { losses: [], links: [] };

/** Throws what the desk throws. */
export async function mirror(setup: Setup, operation: Known, call: CallOptions): Promise<Mirrored> {
  try {
    return await repeat(setup, operation, call);
  } catch (error) {
    // The thread may have been deleted by an operation whose outcome was not known for a while, or is not yet.
    if (!HelpdeskError.is(error) || error.kind !== 'not-found') throw error;
    const lane = await setup.store.listLane(operation.lane);
    const ended = lane.some(
      ({ method, state, sentAt }) => method === 'deleteThread' && state !== 'failed' && sentAt !== undefined,
    );
    if (!ended) throw error;
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
      const link = await setup.store.findLink('thread', primary, thread.id);
      if (link?.[target] !== undefined) return nothing;
      return (await isOver(setup, operation)) ? gone : create(setup, operation, thread, call);
    }
    case 'updateThread': {
      const place = await placeOf(setup, operation, operation.input.id, call);
      if (!place) return gone;
      const { fields, losses } = setup.translator.forMirror(operation.input.changes, target);
      const changes = silent(await current(setup, operation, target, fields));
      if (Object.keys(changes).length === 0) return { losses: [...place.losses, ...losses], links: place.links };
      const updated = await desk.updateThread(place.threadId, changes, call);
      await requireLast(setup, operation, begun);
      return { losses: [...place.losses, ...losses, ...updated.losses], links: place.links };
    }
    case 'deleteThread': {
      const threadId = (await linkOf(setup.store, 'thread', operation.input.id))?.[target];
      if (threadId === undefined) return nothing;
      const deleted = await desk.deleteThread(threadId, call).catch((error: unknown) => {
        if (HelpdeskError.is(error) && error.kind === 'not-found') return nothing;
        throw error;
      });
      return { losses: deleted.losses, links: [] };
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
      const losses = await record(setup, operation, place.threadId, messages.map(withoutIds), call);
      return { losses: [...place.losses, ...losses], links: place.links };
    }
    case 'importThread': {
      const { thread } = answered(setup, operation, operation.result);
      const { input, lane } = operation;
      const link = await setup.store.findLink('thread', primary, thread.id);
      const there = link?.[target];
      const messages = input.messages.map(withoutIds);
      if (there !== undefined) return { losses: await record(setup, operation, there, messages, call), links: [] };
      if (await isOver(setup, operation)) return gone;
      const placed = setup.translator.forMirror(input, target);
      const contact = thread.contact ? { email: thread.contact.email } : input.contact;
      const named = {
        ...placed.fields,
        contact: input.contact.email === undefined ? contact : input.contact,
        messages,
      };
      const options = setup.recordOptions ?? input.providerOptions;
      const copied = await copyThread(
        setup,
        { side: target, lane, sentAt: await lastTry(setup, target, lane) },
        { ...named, providerOptions: options },
        call,
      );
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
  const { lane, method, position, primary } = operation;
  const overtaken = (await setup.store.listLane(lane)).some((other) => {
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

/** A dead letter that is tried again comes after what was done since: a thread that is deleted by now stays away. */
async function isOver({ store }: Setup, { lane }: Known): Promise<boolean> {
  return (await store.listLane(lane)).some(({ method, mirror }) => method === 'deleteThread' && mirror === 'done');
}

const gone: Mirrored = {
  losses: [{ field: 'thread', how: 'dropped', reason: 'the thread is gone from the desk that answers' }],
  links: [],
};

/** The copy of a thread that was created through the bridge: with what the caller gave, not with what the primary made of it. */
async function create(
  setup: Setup,
  operation: Known & { method: 'createThread' },
  thread: Thread,
  call: CallOptions,
): Promise<Mirrored> {
  const { primary, input, lane } = operation;
  const target = otherSide(primary);
  const source = setup.desks[primary];
  const desk = setup.desks[target];
  const opening: RecordedMessageInput = {
    externalId: openingRef(source.name, thread.id),
    kind: 'inbound',
    body: input.body,
    createdAt: thread.createdAt,
  };
  const base = toImport(
    setup,
    primary,
    { ...thread, labels: [], assignee: undefined, company: undefined },
    [opening],
    input.externalId,
  );
  const placed = setup.translator.forMirror(placedIn(input), target);
  const copy = {
    ...base.value,
    ...placed.fields,
    title: input.title.length > desk.traits.titleLimit ? base.value.title : input.title,
    priority: input.priority ?? 'normal',
    status: { is: 'open' as const },
    ...(input.customFields && { customFields: input.customFields }),
  };
  const copied = await copyThread(
    setup,
    { side: target, lane, sentAt: await lastTry(setup, target, lane) },
    copy,
    call,
  );
  const links = await copyLinks(operation, thread, copied.value.thread, input.externalId);
  return {
    losses: [...base.losses, ...placed.losses, ...unused(input, desk), ...copyLosses(copied, input.externalId)],
    links,
  };
}

function placedIn({ assigneeId, labelIds, companyId }: CreateThreadInput) {
  return { assigneeId, labelIds, companyId };
}

async function copyLinks(
  { primary, lane }: Known,
  thread: Thread,
  copy: Thread,
  externalId: string | undefined,
): Promise<readonly Link[]> {
  return [
    pair('thread', primary, thread.id, copy.id, lane, externalId),
    ...(await contactPair(primary, thread.contact, copy.contact)),
  ];
}

interface Placed {
  readonly threadId: string;
  readonly losses: readonly Loss[];
  readonly links: readonly Link[];
}

/** The thread on the mirror. One that is not there comes over now, with its history. `undefined`: the primary has none either. */
async function placeOf(setup: Setup, operation: Known, id: string, call: CallOptions): Promise<Placed | undefined> {
  const { primary, lane } = operation;
  const target = otherSide(primary);
  const link = await linkOf(setup.store, 'thread', id);
  const there = link?.[target];
  if (there !== undefined) return { threadId: there, losses: [], links: [] };
  const source = link?.[primary] ?? id;
  const read = await readThread(setup, primary, source, link?.externalId, call).catch(unlessGone);
  if (!read) return undefined;
  const sentAt = await lastTry(setup, target, lane);
  const copied = await copyThread(setup, { side: target, lane, sentAt }, read.value, call);
  const { thread } = copied.value;
  const links = await copyLinks(operation, read.thread, thread, link?.externalId);
  return { threadId: thread.id, losses: [...read.losses, ...copyLosses(copied, link?.externalId)], links };
}

/** The message as the mirror records it, by its id on the primary where that can be found. */
async function writtenMessage(
  setup: Setup,
  operation: Known & { method: 'reply' | 'addNote' },
  call: CallOptions,
): Promise<{ readonly message: RecordedMessageInput; readonly messageId?: string | undefined }> {
  const { primary, input, method } = operation;
  const source = setup.desks[primary];
  const kind = method === 'reply' ? 'outbound' : 'note';
  const time = new Date(operation.doneAt ?? operation.createdAt);
  const own = { kind, body: input.body, createdAt: time } as const;
  if (method === 'reply' && source.traits.returnsReplyId && operation.messageId !== undefined) {
    return { message: { ...own, externalId: messageRef(source.name, operation.messageId) } };
  }
  const found = await storedMessage(setup, operation, kind, call);
  if (!found) return { message: { ...own, externalId: `operation:${operation.id}` } };
  const message = { ...toRecorded(source.name, found), body: input.body };
  return { message, messageId: found.id };
}

async function storedMessage(
  setup: Setup,
  operation: Known & { method: 'reply' | 'addNote' },
  kind: 'outbound' | 'note',
  call: CallOptions,
): Promise<Message | undefined> {
  const { primary, input } = operation;
  const threadId = (await linkOf(setup.store, 'thread', input.threadId))?.[primary] ?? input.threadId;
  const wanted = { operation, threadId, kind, body: input.body };
  const found = await findMessage(setup, primary, wanted, call).catch(unlessGone);
  return found?.is === 'found' ? found.record : undefined;
}

async function record(
  setup: Setup,
  operation: Known,
  threadId: string,
  messages: readonly RecordedMessageInput[],
  call: CallOptions,
): Promise<readonly Loss[]> {
  const desk = setup.desks[otherSide(operation.primary)];
  const providerOptions = setup.recordOptions;
  const { value, losses } = await desk.recordMessages(
    { threadId, messages, ...(providerOptions && { providerOptions }) },
    call,
  );
  const refused = value.find(({ outcome }) => outcome === 'refused');
  if (!refused) return losses;
  // A message that is missing there is no loss of a field: a person must see it.
  const where = { provider: desk.name, operation: 'recordMessages', kind: 'invalid', applied: 'no' } as const;
  throw new HelpdeskError({ ...where, reason: `a message was refused: ${refused.reason ?? 'no reason given'}` });
}

/** What was given and has no place in an import or a recorded message. */
function unused(input: object, desk: Helpdesk): readonly Loss[] {
  const given: Readonly<Record<string, unknown>> = { ...input };
  const options = isRecord(given['providerOptions']) && given['providerOptions'][desk.name] !== undefined;
  const reason = 'the mirror only records';
  return [
    ...['cc', 'bcc'].filter((field) => given[field] !== undefined),
    ...(options ? [`providerOptions.${desk.name}`] : []),
  ].map((field) => ({ field, how: 'dropped', reason }));
}

/** Ids of authors are the primary's. */
function withoutIds(message: RecordedMessageInput): RecordedMessageInput {
  if (!message.author) return message;
  const { id: _, ...author } = message.author;
  return { ...message, author };
}

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
