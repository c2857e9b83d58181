/** How each operation is carried out on the desk that answers, and how one is settled whose answer was lost. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, ContactRef, Helpdesk, Sent } from '../core/helpdesk.ts';
import type { Contact, Loss, Thread, Written } from '../core/model.ts';
import { given } from '../core/plain-data.ts';
import type { Link, OperationMethod, Side } from '../store/store.ts';
import { copyLosses, copyThread, importOnce, lastTry, readThread } from './copy.ts';
import { contactLink, contactOn, contactPair, linkOf, linkOn, pair } from './links.ts';
import { findMessage, findThread } from './lookup.ts';
import { type Inputs, type Known, known, type Values } from './operations.ts';
import { type Setup, unlessGone } from './setup.ts';
import { otherSide } from './stages.ts';

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
      const { value, losses } = await upsertContact(setup, operation, primary, call);
      return { value, losses, links: [await contactLink(primary, value, operation.input.externalId)] };
    }
    case 'createThread': {
      const { input } = operation;
      const contact = await contactOn(setup, primary, input.contact, call);
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
      return { value, losses, links: [] };
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
      const contact = await contactOn(setup, primary, input.contact, call);
      const named = { ...translator.forPrimary(input, primary), contact };
      const { value, losses } =
        operation.sentAt === undefined
          ? await desk.importThread(named, call)
          : await importOnce(setup, { side: primary, lane, sentAt: operation.sentAt }, named, call);
      return { value, losses, links: await threadLinks(operation, value.thread, input.externalId) };
    }
    case 'recordMessages': {
      const threadId = await threadOn(setup, operation, operation.input.threadId);
      const { value, losses } = await desk.recordMessages({ ...operation.input, threadId }, call);
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
  return { value: { id: await threadOn(setup, operation, operation.input.id) }, losses: [], links: [] };
}

/** A thread that only the other desk has, created here with its history. */
async function adopt(setup: Setup, operation: Known & { method: 'adoptThread' }, call: CallOptions): Promise<Done> {
  const { side, id, lane } = operation.input;
  const target = otherSide(side);
  const link = await setup.store.findLink('thread', side, id);
  const there = link?.[target];
  if (there !== undefined) return { value: await setup.desks[target].getThread(there, call), losses: [], links: [] };
  const read = await readThread(setup, side, id, link?.externalId, call);
  const copied = await copyThread(
    setup,
    { side: target, lane, sentAt: await lastTry(setup, target, lane) },
    read.value,
    call,
  );
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
  const { externalId, createdAt } = operation.input;
  if (traits.keepsExternalIds) return { externalId: externalId ?? operation.id };
  return traits.backdatesThreads ? { createdAt: createdAt ?? new Date(operation.createdAt) } : {};
}

/**
 * The contact's thread that has the external id, where the links know it and
 * the desk cannot: to create another one would put both into one on a mirror
 * that keeps them apart by that id.
 */
async function takenBy(
  setup: Setup,
  { primary, input }: Known & { method: 'createThread' },
  contact: ContactRef,
  call: CallOptions,
): Promise<Thread | undefined> {
  const desk = setup.desks[primary];
  if (input.externalId === undefined || desk.traits.keepsExternalIds) return undefined;
  for (const link of await setup.store.findLinks('thread', input.externalId)) {
    const id = link[primary];
    const thread = id === undefined ? undefined : await desk.getThread(id, call).catch(unlessGone);
    const owner = thread?.contact;
    if (owner && (contact.id === owner.id || contact.email?.trim().toLowerCase() === owner.email)) return thread;
  }
  return undefined;
}

/** The id the primary knows the thread by; the given one where nothing is known of it. */
async function threadOn(setup: Setup, { primary }: Known, id: string): Promise<string> {
  return (await linkOf(setup.store, 'thread', id))?.[primary] ?? id;
}

/** The thread that an operation is about, by the id it was given. */
export function threadIdOf(operation: Known): string | undefined {
  switch (operation.method) {
    case 'updateThread':
    case 'deleteThread':
      return operation.input.id;
    case 'reply':
    case 'addNote':
    case 'recordMessages':
      return operation.input.threadId;
    case 'upsertContact':
    case 'createThread':
    case 'importThread':
    case 'adoptThread':
      return undefined;
  }
}

async function threadLinks(operation: Known, thread: Thread, externalId?: string): Promise<readonly Link[]> {
  const { primary, lane } = operation;
  const links = [linkOn('thread', primary, thread.id, lane, externalId)];
  return thread.contact ? [...links, await contactLink(primary, thread.contact)] : links;
}

/** The desk has accepted the id: from now on it is known. */
function touched({ primary, lane }: Known, threadId: string): readonly Link[] {
  return [linkOn('thread', primary, threadId, lane)];
}

/**
 * The changes as they are to stand on this desk, later operations considered.
 *
 * What a later one has written is left out. If a request of this operation left
 * before, it may have arrived after the later one's: then the later values are
 * written once more. Empty: there is nothing to write.
 */
export async function current(
  setup: Setup,
  operation: Known,
  side: Side,
  changes: Inputs['updateThread']['changes'],
): Promise<Inputs['updateThread']['changes']> {
  const later = (await writtenSince(setup, operation, side)).flatMap((other) => {
    if (other.method !== 'updateThread') return [];
    const { forPrimary, forMirror } = setup.translator;
    return other.primary === side ? forPrimary(other.input.changes, side) : forMirror(other.input.changes, side).fields;
  });
  if (later.length === 0) return awake(setup, changes);
  const newest = Object.assign(
    {},
    ...later.map(({ providerOptions: _, ...fields }) => given(fields)),
  ) as typeof changes;
  const fields = fieldsOf(newest.customFields);
  const sent = (operation.primary === side ? operation.sentAt : operation.mirrorSentAt) !== undefined;
  const own = given(changes);
  const names = (Object.keys(own) as (keyof typeof own)[]).filter(
    (name) => sent || !(name in newest) || name === 'customFields',
  );
  const kept = Object.fromEntries(names.map((name) => [name, name in newest ? newest[name] : own[name]]));
  // Custom fields are set key by key: a later operation may have set others.
  const custom = own.customFields?.flatMap((field) =>
    fields.has(field.key) ? (sent ? (fields.get(field.key) ?? []) : []) : field,
  );
  const { customFields: _, ...others } = kept;
  return awake(setup, { ...others, ...(custom && custom.length > 0 && { customFields: custom }) });
}

/** The operations of the lane that were carried out later and have reached this desk. */
async function writtenSince({ store }: Setup, { lane, position }: Known, side: Side): Promise<readonly Known[]> {
  return (await store.listLane(lane))
    .filter((other) => other.position > position && other.state === 'done')
    .filter(({ primary, mirror }) => primary === side || mirror === 'done')
    .map(known);
}

/** A snooze that is over by now is over on this desk too. */
function awake<T extends Inputs['updateThread']['changes']>({ now }: Setup, changes: T): T {
  const { status } = changes;
  const over = status?.is === 'snoozed' && status.until.getTime() <= now();
  return over ? { ...changes, status: { is: 'open' } } : changes;
}

/**
 * The contact as it is to stand on this desk: what later operations have written
 * is written once more, since an earlier request of this one may have arrived after theirs.
 */
export async function upsertContact(
  setup: Setup,
  operation: Known & { method: 'upsertContact' },
  side: Side,
  call: CallOptions,
): Promise<Written<Contact>> {
  const later = (await writtenSince(setup, operation, side)).flatMap((other) => {
    if (other.method !== 'upsertContact') return [];
    const { providerOptions: _, ...fields } = other.input;
    return given(fields);
  });
  const input = Object.assign({}, operation.input, ...later) as Inputs['upsertContact'];
  const upsert = () => setup.desks[side].upsertContact(input, call);
  return upsert().catch((error: unknown) => {
    // Between the look for it and its creation another operation may have created it.
    if (HelpdeskError.is(error) && error.kind === 'conflict' && error.applied === 'no') return upsert();
    throw error;
  });
}

function fieldsOf(fields: Inputs['updateThread']['changes']['customFields']) {
  return new Map(fields?.map((field) => [field.key, field]));
}

/** Whether an operation whose request left, and whose answer is not known, has happened. */
export type Verdict =
  | { readonly is: 'happened'; readonly done: Done }
  /** It has not, unless the request is still under way. */
  | { readonly is: 'absent' }
  | { readonly is: 'unclear' }
  /** The same call again completes it and doubles nothing, once no earlier request can arrive any more. */
  | { readonly is: 'repeatable' };

/**
 * Whether the desk itself sees to it that the same call takes effect once,
 * however late an earlier request arrives. A late change would undo a newer one.
 */
export function isOnce({ traits }: Helpdesk, method: OperationMethod, part: 'primary' | 'mirror'): boolean {
  switch (method) {
    case 'createThread':
      return part === 'primary' ? traits.keepsExternalIds : traits.importsThreadsOnce;
    case 'importThread':
    case 'adoptThread':
    case 'recordMessages':
      return traits.importsThreadsOnce;
    case 'reply':
    case 'addNote':
      return part === 'mirror' && traits.importsThreadsOnce;
    case 'upsertContact':
    case 'updateThread':
    case 'deleteThread':
      return false;
  }
}

export async function verdictOn(setup: Setup, operation: Known, call: CallOptions): Promise<Verdict> {
  const { primary } = operation;
  const { traits } = setup.desks[primary];
  switch (operation.method) {
    case 'upsertContact':
    case 'updateThread':
    case 'deleteThread':
    case 'recordMessages':
    // These look for themselves whether the thread is there.
    case 'importThread':
    case 'adoptThread':
      return { is: 'repeatable' };
    case 'createThread': {
      if (traits.keepsExternalIds) return { is: 'repeatable' };
      const { input, lane } = operation;
      const contact = await contactOn(setup, primary, input.contact, call);
      const createdAt = input.createdAt ?? new Date(operation.createdAt);
      const backdated = traits.backdatesThreads;
      const since = backdated ? createdAt : new Date(operation.createdAt);
      const found = await findThread(
        setup,
        primary,
        { contact, title: input.title, createdAt: since, backdated, lane, opening: input.body },
        call,
      );
      if (found.is !== 'found') return found;
      const completed = await completeThread(setup, operation, found.record, call);
      const links = await threadLinks(operation, completed.value, input.externalId);
      return { is: 'happened', done: { ...completed, links } };
    }
    case 'reply':
    case 'addNote': {
      const { threadId: given, body } = operation.input;
      const threadId = await threadOn(setup, operation, given);
      const kind = operation.method === 'reply' ? 'outbound' : 'note';
      const found = await findMessage(setup, primary, { operation, threadId, kind, body }, call);
      if (found.is !== 'found') return found;
      const { id, channel } = found.record;
      const sent: Sent = { id: traits.returnsReplyId ? id : undefined, threadId, channel };
      const value = operation.method === 'reply' ? sent : { id, threadId };
      return { is: 'happened', done: { value, losses: [], messageId: id, links: touched(operation, threadId) } };
    }
  }
}

/** Labels take a request of their own on some desks, which may not have been made. */
async function completeThread(
  setup: Setup,
  operation: Known & { method: 'createThread' },
  thread: Thread,
  call: CallOptions,
): Promise<{ readonly value: Thread; readonly losses: readonly Loss[] }> {
  const { labelIds = [] } = setup.translator.forPrimary(operation.input, operation.primary);
  const lacking = labelIds.filter((id) => !thread.labels.some((label) => label.id === id));
  if (lacking.length === 0) return { value: thread, losses: [] };
  return setup.desks[operation.primary].updateThread(thread.id, { labelIds }, call);
}
