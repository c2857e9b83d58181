/** How a thread of one desk is created on the other, with its history and without anybody hearing of it. */
import { HelpdeskError } from '../core/errors.ts';
import type {
  CallOptions,
  Imported,
  ImportThreadInput,
  RecordedMessageInput,
  RecordMessagesInput,
} from '../core/helpdesk.ts';
import type { Loss, Message, Status, Thread, Written } from '../core/model.ts';
import { given } from '../core/plain-data.ts';
import { mirrorLane, type Side } from '../store/store.ts';
import { findThread } from './lookup.ts';
import { notYet, type Setup } from './setup.ts';
import { otherSide } from './stages.ts';

/** By which id the copy of a message is known on the other desk: the same on every way it may get there. */
export function messageRef(desk: string, messageId: string): string {
  return `${desk}:${messageId}`;
}

/** The opening message goes by its thread, since a creation answers with the thread alone. */
export function openingRef(desk: string, threadId: string): string {
  return `${desk}:${threadId}`;
}

/** A thread of one desk, and what it takes to create it on the other. */
export interface Read extends Written<ImportThreadInput> {
  readonly thread: Thread;
}

/** The thread as it stands on `side`. Throws `not-found`, and `invalid` where it has no contact. */
export async function readThread(
  setup: Setup,
  side: Side,
  id: string,
  externalId: string | undefined,
  call: CallOptions,
): Promise<Read> {
  const source = setup.desks[side];
  const thread = await source.getThread(id, call);
  const messages: RecordedMessageInput[] = [];
  const losses: Loss[] = [];
  for await (const message of source.listMessages(id, call)) {
    if (message.attachments.length > 0) {
      const reason = 'files stay on the desk where they are';
      losses.push({ field: `messages.${messages.length}.attachments`, how: 'dropped', reason });
    }
    messages.push(toRecorded(source.name, message, messages.length === 0 ? openingRef(source.name, id) : undefined));
  }
  const read = toImport(setup, side, thread, messages, externalId ?? thread.externalId);
  return { thread, value: read.value, losses: [...read.losses, ...losses] };
}

/** Throws `invalid` where the thread has no contact: no desk takes one without. */
export function toImport(
  setup: Setup,
  side: Side,
  thread: Thread,
  messages: readonly RecordedMessageInput[],
  externalId: string | undefined,
): Written<ImportThreadInput> {
  const source = setup.desks[side];
  const target = otherSide(side);
  const { contact } = thread;
  if (!contact) {
    const where = { provider: source.name, operation: 'adoptThread', kind: 'invalid', applied: 'no' } as const;
    throw new HelpdeskError({ ...where, reason: 'the thread has no contact, so it cannot be created elsewhere' });
  }
  const placed = setup.translator.forMirror(
    given({
      assigneeId: thread.assignee?.id,
      labelIds: thread.labels.map(({ id }) => id),
      companyId: thread.company?.id,
    }),
    target,
  );
  const title = titleFor(thread.title, setup.desks[target].traits.titleLimit);
  const nothing: RecordedMessageInput = {
    externalId: openingRef(source.name, thread.id),
    kind: 'inbound',
    body: { format: 'text', content: '' },
    createdAt: thread.createdAt,
  };
  return {
    value: {
      contact: given({ email: contact.email, name: contact.name || undefined }),
      title: title.value,
      externalId: externalId ?? openingRef(source.name, thread.id),
      createdAt: thread.createdAt,
      status: statusFor(thread.status),
      priority: thread.priority.is,
      ...placed.fields,
      ...(thread.customFields.length > 0 && { customFields: thread.customFields }),
      messages: messages.length > 0 ? messages : [nothing],
      ...recordOptions(setup),
    },
    losses: [...title.losses, ...placed.losses],
  };
}

function recordOptions({ recordOptions: providerOptions }: Setup): Pick<RecordMessagesInput, 'providerOptions'> {
  return providerOptions ? { providerOptions } : {};
}

/** Ids of agents and contacts are the other desk's, so names and addresses speak for them. */
export function toRecorded(desk: string, message: Message, ref?: string | undefined): RecordedMessageInput {
  const { name, email } = message.author;
  return {
    externalId: ref ?? messageRef(desk, message.id),
    kind: message.kind,
    body: message.body,
    createdAt: message.createdAt,
    author: given({ name, email }),
  };
}

/** A snooze without an end is kept out of sight nowhere: it becomes open, where it is seen. */
function statusFor(status: Status): NonNullable<ImportThreadInput['status']> {
  if (status.is === 'snoozed') return status.until ? { is: 'snoozed', until: status.until } : { is: 'open' };
  return { is: status.is };
}

function titleFor(title: string | undefined, limit: number): Written<string> {
  if (!title?.trim()) return { value: '(no title)', losses: [] };
  const letters = [...title];
  if (title.length <= limit) return { value: title, losses: [] };
  let short = '';
  for (const letter of letters) {
    if (short.length + letter.length > limit - 1) break;
    short += letter;
  }
  return { value: `${short}…`, losses: [{ field: 'title', how: 'changed', stored: `the first ${limit} characters` }] };
}

/** Where the import is to go, and what is known of earlier tries. */
export interface Place {
  readonly side: Side;
  readonly lane: string;
  /** When a request of an earlier try left last. */
  readonly sentAt: number | undefined;
}

/**
 * Imports a thread that may be there from an earlier try.
 *
 * A desk that would import it twice is asked first; while a request of an
 * earlier try may still arrive there, nothing is sent. Throws `unavailable`.
 */
export async function importOnce(
  setup: Setup,
  { side, lane, sentAt }: Place,
  input: ImportThreadInput,
  call: CallOptions,
): Promise<Written<Imported>> {
  const desk = setup.desks[side];
  if (desk.traits.importsThreadsOnce) return desk.importThread(input, call);
  const { contact, title, createdAt } = input;
  const found = await findThread(
    setup,
    side,
    { contact, title, createdAt, backdated: true, lane, opening: firstOf(input.messages)?.body },
    call,
  );
  if (found.is === 'found') return completeImport(setup, side, found.record, input, call);
  const earliest = sentAt === undefined ? 0 : sentAt + setup.settleMs;
  if (setup.now() < earliest) {
    throw notYet('importThread', 'an earlier request may still arrive', earliest - setup.now());
  }
  if (found.is === 'unclear' && sentAt !== undefined) {
    const where = { provider: desk.name, operation: 'importThread', kind: 'conflict', applied: 'no' } as const;
    throw new HelpdeskError({ ...where, reason: 'a thread of this contact and time is there under another title' });
  }
  return desk.importThread(input, call);
}

function firstOf(messages: readonly RecordedMessageInput[]): RecordedMessageInput | undefined {
  return messages
    .filter(({ kind }) => kind !== 'note')
    .reduce<RecordedMessageInput | undefined>(
      (first, message) => (first && first.createdAt <= message.createdAt ? first : message),
      undefined,
    );
}

/**
 * When a request that creates the copy left last: for an operation of the
 * thread, or so that one could be carried out. A desk that imports a thread once
 * makes no difference of it, and `undefined` is the answer.
 */
export async function lastTry({ store, desks }: Setup, side: Side, lane: string): Promise<number | undefined> {
  if (desks[side].traits.importsThreadsOnce) return undefined;
  const [own, adoptions] = await Promise.all([store.listLane(lane), store.listLane(mirrorLane(lane))]);
  const times = [...own.map(({ mirrorSentAt }) => mirrorSentAt), ...adoptions.map(({ sentAt }) => sentAt)];
  return Math.max(0, ...times.filter((time) => time !== undefined)) || undefined;
}

/** Notes are stored after the thread; those of a try that was cut off may be missing. */
async function completeImport(
  setup: Setup,
  side: Side,
  thread: Thread,
  input: ImportThreadInput,
  call: CallOptions,
): Promise<Written<Imported>> {
  const desk = setup.desks[side];
  const notes = input.messages.filter(({ kind }) => kind === 'note');
  const recorded =
    notes.length > 0
      ? await desk.recordMessages({ threadId: thread.id, messages: notes, ...recordOptions(setup) }, call)
      : { value: [], losses: [] };
  const byId = new Map(recorded.value.map((one) => [one.externalId, one]));
  const messages = input.messages.map(
    ({ externalId }) => byId.get(externalId) ?? ({ externalId, outcome: 'existing', id: undefined } as const),
  );
  return { value: { thread, outcome: 'existing', messages }, losses: recorded.losses };
}

/** What the other desk could not keep of a copy. The id by which we find it there is nobody's loss. */
export function copyLosses(copied: Written<Imported>, externalId: string | undefined): readonly Loss[] {
  const kept = copied.losses.filter(({ field }) => field !== 'externalId' || externalId !== undefined);
  const refused = copied.value.messages.flatMap(({ outcome, reason }, index): Loss[] =>
    outcome === 'refused' ? [{ field: `messages.${index}`, how: 'dropped', reason: reason ?? 'refused' }] : [],
  );
  return [...kept, ...refused];
}

/**
 * The copy of a thread on the other desk, by an import or, where the bridge is
 * told so, by the desk's ordinary way of creating one. Says nothing to anybody.
 */
export async function copyThread(
  setup: Setup,
  place: Place,
  input: ImportThreadInput,
  call: CallOptions,
): Promise<Written<Imported>> {
  const desk = setup.desks[place.side];
  if (setup.createMirrored === 'import' || !desk.traits.keepsExternalIds) return importOnce(setup, place, input, call);
  const { messages, status, ...others } = input;
  const ordered = messages.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  const first = ordered.findIndex(({ kind }) => kind === 'inbound');
  const opening = ordered[first];
  const created = await desk.createThread(
    { ...others, providerOptions: undefined, body: opening?.body ?? { format: 'text', content: input.title } },
    call,
  );
  const threadId = created.value.id;
  const rest = ordered.toSpliced(first, first < 0 ? 0 : 1);
  const recorded =
    rest.length > 0
      ? await desk.recordMessages({ threadId, messages: rest, ...recordOptions(setup) }, call)
      : { value: [], losses: [] };
  const updated =
    status && status.is !== 'open' && !(status.is === 'snoozed' && status.until.getTime() <= setup.now())
      ? await desk.updateThread(threadId, { status }, call)
      : created;
  const byId = new Map(recorded.value.map((one) => [one.externalId, one]));
  return {
    value: {
      thread: updated.value,
      outcome: 'stored',
      messages: messages.map(
        ({ externalId }) => byId.get(externalId) ?? { externalId, outcome: 'stored' as const, id: undefined },
      ),
    },
    losses: [...created.losses, ...recorded.losses],
  };
}
