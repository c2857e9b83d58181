/** A thread with its history, as the other desk can be given it. */
import { bodyText } from '../core/bodies.ts';
import { HelpdeskError } from '../core/errors.ts';
import type {
  CallOptions,
  Helpdesk,
  ImportThreadInput,
  Recorded,
  RecordedMessageInput,
  RecordMessagesInput,
} from '../core/helpdesk.ts';
import type { Loss, Message, Status, Thread, Written } from '../core/model.ts';
import { given } from '../core/plain-data.ts';
import type { Side } from '../store/store.ts';
import type { Setup } from './setup.ts';
import { otherSide } from './stages.ts';

/** By which id the copy of a message is known on the other desk: the same on every way it may get there. */
export function messageRef(desk: string, messageId: string): string {
  return `${desk}:${messageId}`;
}

/** The opening message goes by its thread, since a creation answers with the thread alone. */
export function openingRef(desk: string, threadId: string): string {
  return `${desk}:${threadId}`;
}

/**
 * By which id the copy of a thread is known on a desk that keeps one: the
 * caller's, else what the thread's own desk knows it by.
 */
export function copyName(desk: string, thread: Thread, externalId: string | undefined): string {
  return externalId ?? thread.externalId ?? openingRef(desk, thread.id);
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
  const read = toImport(setup, side, thread, messages, externalId);
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
      externalId: copyName(source.name, thread, externalId),
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

/** What every import and recorded message is told besides. `theirs`: of the call, which goes first. */
export function recordOptions(
  { recordOptions: ours }: Setup,
  theirs?: ImportThreadInput['providerOptions'] | RecordMessagesInput['providerOptions'],
): Pick<RecordMessagesInput, 'providerOptions'> {
  // Of an import's own words those that go for its messages too.
  const userId = theirs?.plain?.userId;
  const own = userId === undefined ? {} : { plain: { userId } };
  return ours || userId !== undefined ? { providerOptions: { ...ours, ...own } } : {};
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

/**
 * Recorded messages by the ids that the primary has given them, as everything
 * that comes from there: whichever way a message comes over, it is the same one.
 * Ids of authors are the primary's, and are left out.
 *
 * `opens`: the id of the thread that the oldest of them opens.
 */
export function asStored(
  source: Pick<Helpdesk, 'name'>,
  messages: readonly RecordedMessageInput[],
  stored: readonly Recorded[] | undefined,
  opens?: string | undefined,
): readonly RecordedMessageInput[] {
  const times = messages.map(({ createdAt }) => createdAt.getTime());
  const first = times.indexOf(Math.min(...times));
  return messages.map((message, index) => {
    const id = stored?.[index]?.id;
    const own = id === undefined ? message.externalId : messageRef(source.name, id);
    const externalId = index === first && opens !== undefined ? openingRef(source.name, opens) : own;
    const { id: _, ...author } = message.author ?? {};
    return { ...message, externalId, ...(message.author && { author }) };
  });
}

/** What the copy begins with: what a contact may see, in the order of time. */
export async function beginningOf(
  messages: readonly RecordedMessageInput[],
): Promise<{ readonly opening: string; readonly recordedAs: string | undefined }> {
  const [first] = messages
    .filter(({ kind }) => kind !== 'note')
    .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  return { opening: first ? await bodyText(first.body) : '', recordedAs: first?.externalId };
}
