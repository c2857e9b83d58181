/** Whether a write whose answer was lost has happened: the desk is asked, and never guessed about. */
import { bodyText } from '../core/bodies.ts';
import type { CallOptions, ContactRef, Helpdesk } from '../core/helpdesk.ts';
import type { Body, Message, MessageKind, Thread } from '../core/model.ts';
import { beginsRecorded, keptId, recordedIds } from '../core/recorded.ts';
import type { Operation, Side } from '../store/store.ts';
import { threadLane } from './links.ts';
import { type Known, messageKind } from './operations.ts';
import type { Setup } from './setup.ts';
import { siblingsOf } from './siblings.ts';

export type Found<T> =
  | { readonly is: 'found'; readonly record: T }
  /** Nothing on the desk could be it. */
  | { readonly is: 'absent' }
  /** There is something that nobody else accounts for, and it is not certain that it is ours. */
  | { readonly is: 'unclear' };

/** A reply or note that is looked for. */
export interface Wanted {
  readonly operation: Pick<Operation, 'id' | 'lane' | 'position' | 'createdAt' | 'sentAt' | 'doneAt' | 'messageId'>;
  readonly threadId: string;
  readonly kind: MessageKind;
  readonly body: Body;
}

/**
 * The message an operation has made on its primary.
 *
 * Messages that other operations account for are left out: by their ids, and
 * where the desk gave none, one of the same words for each. What remains and has
 * other words may still be ours, since desks rewrite what they are given.
 */
export async function findMessage(
  setup: Setup,
  side: Side,
  wanted: Wanted,
  call: CallOptions,
): Promise<Found<Message>> {
  const { operation, threadId, kind, body } = wanted;
  const candidates: Message[] = [];
  for await (const message of setup.desks[side].listMessages(threadId, call)) {
    if (operation.messageId !== undefined && message.id === operation.messageId)
      return { is: 'found', record: message };
    if (message.kind === kind) candidates.push(message);
  }
  const others = (await siblingsOf(setup, operation.lane, threadId)).filter((other) => other.id !== operation.id);
  const taken = new Set(others.filter(({ primary }) => primary === side).flatMap(messageIds));
  const texts = new Map<string, string>();
  for (const message of candidates) texts.set(message.id, await bodyText(message.body));
  const wantedText = await bodyText(body);
  let rest = candidates.filter(({ id }) => !taken.has(id));
  let doubt = false;
  for (const other of others) {
    // Some desks answer with an id by which they do not list the message: then it is told by its words.
    if (other.primary === side && messageIds(other).some((id) => texts.has(id))) continue;
    if (!wrote(setup, other, side, kind)) continue;
    const text = await bodyText(other.input.body);
    const earliest = other.createdAt - setup.clockSkewMs;
    const could = ({ id, createdAt }: Message) => createdAt.getTime() >= earliest && texts.get(id) === text;
    // Of equal ones the first is the first one's.
    const its = isLater(other, operation) ? rest.findLast(could) : rest.find(could);
    rest = rest.filter((message) => message !== its);
    // A copy may be missing, for it was not this desk that answered: then this one could be ours.
    doubt ||= its !== undefined && other.primary !== side && text === wantedText;
  }
  // The older ones were there to give each earlier operation its own.
  const since = operation.createdAt - setup.clockSkewMs;
  rest = rest.filter(({ createdAt }) => createdAt.getTime() >= since);
  const same = rest.find(({ id }) => texts.get(id) === wantedText);
  if (same) return { is: 'found', record: same };
  return rest.length === 0 && !doubt ? { is: 'absent' } : { is: 'unclear' };
}

/** In the order of time, which the desk tells of its messages: one that had to be tried again came later than its place. */
function isLater(other: Wanted['operation'], operation: Wanted['operation']): boolean {
  const timeOf = ({ sentAt, doneAt, createdAt }: Wanted['operation']) => sentAt ?? doneAt ?? createdAt;
  return (timeOf(other) - timeOf(operation) || other.position - operation.position) > 0;
}

/** Whether another operation has put a message of this kind on the desk. */
function wrote(
  { desks }: Setup,
  operation: Known,
  side: Side,
  kind: MessageKind,
): operation is Known & { readonly method: 'reply' | 'addNote' } {
  if (operation.method !== 'reply' && operation.method !== 'addNote') return false;
  if (operation.state !== 'done' || messageKind(operation, desks[operation.primary]) !== kind) return false;
  if (operation.primary === side) return true;
  return operation.mirror === 'done' && desks[side].traits.recordsMessages === 'as-messages';
}

/** Ids on the primary of the messages that an operation has made. */
function messageIds(operation: Known): readonly string[] {
  const own = operation.messageId === undefined ? [] : [operation.messageId];
  const recorded =
    operation.method === 'importThread'
      ? operation.result?.messages
      : operation.method === 'recordMessages'
        ? operation.result
        : [];
  return [...own, ...(recorded ?? []).map(({ id }) => id).filter((id) => id !== undefined)];
}

/** A thread that is looked for on a desk that keeps no external ids. */
export interface WantedThread {
  readonly contact: ContactRef;
  readonly title: string;
  /** What the desk was told, where it keeps it. */
  readonly createdAt: Date;
  /** The desk keeps it to the millisecond. */
  readonly backdated: boolean;
  /** Its lane: a thread that is linked to another one is not it. */
  readonly lane: string;
  /** The words of its first message. */
  readonly opening: string;
  /** The id under which that message was recorded. `undefined`: it was not, it is the thread's own. */
  readonly recordedAs: string | undefined;
}

/** The contact's threads are the only way: the time that we chose and what the thread begins with name it. */
export async function findThread(
  setup: Setup,
  side: Side,
  wanted: WantedThread,
  call: CallOptions,
): Promise<Found<Thread>> {
  const desk = setup.desks[side];
  const contactId = await contactIdOf(desk, wanted.contact, call);
  if (contactId === undefined) return { is: 'absent' };
  const earliest = wanted.createdAt.getTime() - setup.clockSkewMs;
  let uncertain = false;
  for await (const thread of desk.listThreads({ contactId }, call)) {
    const created = thread.createdAt.getTime();
    if (wanted.backdated ? created !== wanted.createdAt.getTime() : created < earliest) continue;
    const link = await setup.store.findLink('thread', side, thread.id);
    // Another operation made it. A lane of the thread's own id says only that somebody has used it since.
    if (link && link.lane !== wanted.lane && link.lane !== (await threadLane(undefined, thread.id))) continue;
    const same = await isSame(desk, thread, wanted, call);
    if (same === 'yes') return { is: 'found', record: thread };
    uncertain ||= same === 'perhaps';
  }
  return uncertain ? { is: 'unclear' } : { is: 'absent' };
}

/**
 * An id of a recorded message decides. Otherwise title and first words must be
 * the thread's; one of them alone is enough where the other was changed since
 * and the time is ours to the millisecond, unless it could be another creation.
 */
async function isSame(
  desk: Helpdesk,
  thread: Thread,
  { title, opening, recordedAs, backdated }: WantedThread,
  call: CallOptions,
): Promise<'yes' | 'no' | 'perhaps'> {
  const text = await firstWords(desk, thread.id, call);
  // Recorded messages may also have been added to a thread that was created in the ordinary way.
  if (recordedAs === undefined ? beginsRecorded(text) : recordedIds(text).size > 0)
    return recordedAs !== undefined && recordedIds(text).has(keptId(recordedAs)) ? 'yes' : 'no';
  const opens = opening !== '' && text.includes(opening);
  if (sameWords(thread.title, title)) return opens || opening === '' ? 'yes' : 'perhaps';
  return opens && backdated ? 'yes' : 'perhaps';
}

async function firstWords(desk: Helpdesk, id: string, call: CallOptions): Promise<string> {
  for await (const { body } of desk.listMessages(id, call)) return bodyText(body);
  return '';
}

async function contactIdOf(desk: Helpdesk, contact: ContactRef, call: CallOptions): Promise<string | undefined> {
  if (contact.id !== undefined) return contact.id;
  if (contact.email !== undefined) return (await desk.findContact(contact.email, call))?.id;
  return undefined;
}

function sameWords(a: string | undefined, b: string): boolean {
  const words = (value: string) => value.normalize().replace(/\s+/g, ' ').trim();
  return a !== undefined && words(a) === words(b);
}
