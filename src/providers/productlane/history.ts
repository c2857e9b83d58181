/**
 * How messages that were exchanged elsewhere are kept on a desk whose only call
 * for a message delivers it: in the thread's own text, or as internal comments.
 */
import { afterWriting, isStop } from '../../core/before-request.ts';
import { bodyText, convertBody } from '../../core/bodies.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type { CallOptions, Recorded, RecordedMessageInput } from '../../core/helpdesk.ts';
import type { Loss, Written } from '../../core/model.ts';
import { decodeRef, keptId, recordedHeading, recordedIds } from '../../core/recorded.ts';
import type { Rest } from './request.ts';
import { addComment, afterCreation, comments, patchThread, textOf } from './steps.ts';

/** A message and its place in the caller's list, which the losses name. */
export type Entry = readonly [index: number, message: RecordedMessageInput];

export function oldestFirst(messages: readonly RecordedMessageInput[]): readonly Entry[] {
  return [...messages.entries()].sort(([, a], [, b]) => a.createdAt.getTime() - b.createdAt.getTime());
}

/**
 * One document for the thread's text.
 *
 * Notes are left out, always: what stands in a thread's text may be shown to
 * the contact.
 */
export async function transcript(entries: readonly Entry[], title: string): Promise<Written<string>> {
  const { value, losses } = await partsOf(entries);
  return { value: value || (await paragraph(title)), losses };
}

async function partsOf(entries: readonly Entry[]): Promise<Written<string>> {
  const parts: string[] = [];
  const losses: Loss[] = [];
  for (const [index, message] of entries) {
    if (message.kind === 'note') continue;
    const { content, losses: lost } = await convertBody(message.body, 'html');
    parts.push(`${await paragraph(recordedHeading(message))}\n${content}`);
    losses.push(
      { field: `messages.${index}`, how: 'changed', stored: "part of the thread's text" },
      ...inside(index, lost),
    );
  }
  return { value: parts.join(border), losses };
}

/** Between two messages of a thread's text. */
const border = '\n<hr>\n';

/**
 * Internal comments that say who wrote the message, when, and by which id it
 * can be found again: those that an earlier call has stored are left alone.
 */
export async function recordComments(
  rest: Rest,
  operation: string,
  threadId: string,
  entries: readonly Entry[],
  call: CallOptions | undefined,
): Promise<Written<readonly Recorded[]>> {
  const stored = await recordedComments(rest, operation, threadId, call);
  const absent = entries.filter(([, { kind, externalId }]) => kind !== 'note' && !stored.has(keptId(externalId)));
  const text = absent.length > 0 ? await textOf(rest, operation, threadId, call) : undefined;
  // An import has put its messages into the thread's text.
  const refs = recordedIds(await bodyText({ format: 'html', content: text ?? '' }));
  const inText = new Set(absent.filter(([, { externalId }]) => refs.has(keptId(externalId))));
  const others = entries.filter((entry) => !inText.has(entry));
  const { value, losses } = await recordAbsent(rest, operation, threadId, others, stored, call);
  const recorded: Recorded[] = [...value];
  for (const [index, { externalId }] of inText) recorded[index] = { externalId, outcome: 'existing', id: undefined };
  return { value: recorded, losses };
}

/**
 * At the end of the thread's text, all in one change; notes as internal
 * comments. What an earlier call has stored, in the text or as a comment, is
 * left alone.
 *
 * A text that somebody changes at the same moment is overwritten: the API has
 * no way to append. A desk that does not say what the text is gets comments.
 */
export async function recordInText(
  rest: Rest,
  operation: string,
  threadId: string,
  entries: readonly Entry[],
  call: CallOptions | undefined,
): Promise<Written<readonly Recorded[]>> {
  const stored = await recordedComments(rest, operation, threadId, call);
  const absent = entries.filter(([, { kind, externalId }]) => kind !== 'note' && !stored.has(keptId(externalId)));
  const text = absent.length > 0 ? await textOf(rest, operation, threadId, call) : undefined;
  if (text === undefined) return recordAbsent(rest, operation, threadId, entries, stored, call);
  const refs = recordedIds(await bodyText({ format: 'html', content: text }));
  const added = await partsOf(absent.filter(([, { externalId }]) => !refs.has(keptId(externalId))));
  if (added.value !== '') {
    const whole = text.trim() === '' ? added.value : `${text}${border}${added.value}`;
    await patchThread(rest, operation, threadId, { text: whole }, call);
  }
  const inText = new Set(absent);
  const others = entries.filter((entry) => !inText.has(entry));
  const { value, losses } = await recordAbsent(rest, operation, threadId, others, stored, call).catch(
    (error: unknown) => {
      throw added.value === '' ? error : afterRecording(error);
    },
  );
  const recorded: Recorded[] = [...value];
  for (const [index, { externalId }] of absent) {
    recorded[index] = { externalId, outcome: refs.has(keptId(externalId)) ? 'existing' : 'stored', id: undefined };
  }
  return { value: recorded, losses: [...added.losses, ...losses] };
}

/** The ids of the comments that hold recorded messages, by external id. */
async function recordedComments(
  rest: Rest,
  operation: string,
  threadId: string,
  call: CallOptions | undefined,
): Promise<ReadonlyMap<string, string>> {
  const stored = new Map<string, string>();
  for await (const { id, content } of comments(rest, operation, threadId, call)) {
    const externalId = recordedId(content ?? '');
    if (externalId !== undefined) stored.set(externalId, id);
  }
  return stored;
}

async function recordAbsent(
  rest: Rest,
  operation: string,
  threadId: string,
  entries: readonly Entry[],
  stored: ReadonlyMap<string, string>,
  call: CallOptions | undefined,
): Promise<Written<readonly Recorded[]>> {
  const recorded: Recorded[] = [];
  const losses: Loss[] = [];
  for (const entry of entries) {
    const [index, { externalId }] = entry;
    const existing = stored.get(keptId(externalId));
    const added =
      existing === undefined
        ? await recordComment(rest, operation, threadId, entry, call).catch((error: unknown) => {
            throw recorded.some(({ outcome }) => outcome === 'stored') ? afterRecording(error) : error;
          })
        : { value: { externalId, outcome: 'existing', id: existing } as const, losses: [] };
    recorded[index] = added.value;
    losses.push(...added.losses);
  }
  return { value: recorded, losses };
}

/**
 * The notes of a thread that was imported a moment ago.
 *
 * The thread exists by now: a note that fails is `refused` in the result, and
 * no reason to hide the thread from the caller, who would import it again.
 */
export async function recordNotes(
  rest: Rest,
  operation: string,
  threadId: string,
  entries: readonly Entry[],
  call: CallOptions | undefined,
): Promise<Written<ReadonlyMap<number, Recorded>>> {
  const recorded = new Map<number, Recorded>();
  const losses: Loss[] = [];
  for (const entry of entries) {
    const [index, { kind, externalId }] = entry;
    if (kind !== 'note') continue;
    try {
      const added = await recordComment(rest, operation, threadId, entry, call);
      recorded.set(index, added.value);
      losses.push(...added.losses);
    } catch (error) {
      if (isStop(error)) throw afterCreation(error);
      if (!HelpdeskError.is(error)) throw error;
      recorded.set(index, { externalId, outcome: 'refused', id: undefined, reason: error.kind });
    }
  }
  return { value: recorded, losses };
}

async function recordComment(
  rest: Rest,
  operation: string,
  threadId: string,
  [index, message]: Entry,
  call: CallOptions | undefined,
): Promise<Written<Recorded>> {
  const { content, losses } = await convertBody(message.body, 'html');
  const { id } = await addComment(
    rest,
    operation,
    threadId,
    `${await paragraph(recordedHeading(message))}\n${content}`,
    call,
  );
  const changed: Loss = { field: `messages.${index}`, how: 'changed', stored: 'internal comment of today' };
  return {
    value: { externalId: message.externalId, outcome: 'stored', id },
    losses: [changed, ...inside(index, losses)],
  };
}

/** Some of the messages are there: the same call again records the rest. */
function afterRecording(error: unknown): unknown {
  return afterWriting(error, 'the messages were recorded in part');
}

/** The `externalId` under which a comment was recorded; `undefined` for an ordinary one. */
export function recordedId(content: string): string | undefined {
  return decodeRef(/^\s*<p>\[(?:inbound|outbound|note)\][^<]*· ref ([\w%.-]+)\s*</.exec(content)?.[1]);
}

async function paragraph(content: string): Promise<string> {
  return (await convertBody({ format: 'text', content }, 'html')).content;
}

function inside(index: number, losses: readonly Loss[]): readonly Loss[] {
  return losses.map((loss) => ({ ...loss, field: `messages.${index}.${loss.field}` }));
}
