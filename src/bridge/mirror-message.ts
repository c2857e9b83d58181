/** How a message that one desk has is recorded on the other. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, Helpdesk, RecordedMessageInput } from '../core/helpdesk.ts';
import type { Loss, Message, MessageKind } from '../core/model.ts';
import { isRecord } from '../core/plain-data.ts';
import { messageRef, recordOptions, toRecorded } from './history.ts';
import { deskLink } from './links.ts';
import { findMessage } from './lookup.ts';
import { type Known, messageKind } from './operations.ts';
import { type Setup, unlessGone } from './setup.ts';
import { otherSide } from './stages.ts';

/** The message as the mirror records it, by its id on the primary where that can be found. */
export async function writtenMessage(
  setup: Setup,
  operation: Known & { method: 'reply' | 'addNote' },
  call: CallOptions,
): Promise<{ readonly message: RecordedMessageInput; readonly messageId?: string | undefined }> {
  const { primary, input, method } = operation;
  const source = setup.desks[primary];
  const kind = messageKind(operation, source);
  // When it was known to have happened may be much later, and after what others wrote.
  const time = new Date(operation.sentAt ?? operation.doneAt ?? operation.createdAt);
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
  kind: MessageKind,
  call: CallOptions,
): Promise<Message | undefined> {
  const { primary, input } = operation;
  const threadId = (await deskLink(setup.store, 'thread', input.threadId))?.[primary] ?? input.threadId;
  const wanted = { operation, threadId, kind, body: input.body };
  const found = await findMessage(setup, primary, wanted, call).catch(unlessGone);
  return found?.is === 'found' ? found.record : undefined;
}

export async function record(
  setup: Setup,
  operation: Known,
  threadId: string,
  messages: readonly RecordedMessageInput[],
  call: CallOptions,
): Promise<readonly Loss[]> {
  if (messages.length === 0) return [];
  const desk = setup.desks[otherSide(operation.primary)];
  const { method, input } = operation;
  const theirs = method === 'recordMessages' || method === 'importThread' ? input.providerOptions : undefined;
  const { value, losses } = await desk.recordMessages({ threadId, messages, ...recordOptions(setup, theirs) }, call);
  const refused = value.find(({ outcome }) => outcome === 'refused');
  if (!refused) return losses;
  // A message that is missing there is no loss of a field: a person must see it.
  const where = { provider: desk.name, operation: 'recordMessages', kind: 'invalid', applied: 'no' } as const;
  throw new HelpdeskError({ ...where, reason: `a message was refused: ${refused.reason ?? 'no reason given'}` });
}

/** What was given and has no place in an import or a recorded message. */
export function unused(input: object, desk: Helpdesk): readonly Loss[] {
  const given: Readonly<Record<string, unknown>> = { ...input };
  const options = isRecord(given['providerOptions']) ? Object.entries(given['providerOptions']) : [];
  const reason = 'the mirror only records';
  const fields = options.flatMap(([name, words]) => {
    if (name === desk.name) return words === undefined ? [] : [`providerOptions.${name}`];
    const files = isRecord(words) ? Object.keys(words).filter((word) => /^attachment/i.test(word)) : [];
    return files.map((word) => `providerOptions.${name}.${word}`);
  });
  return [...['cc', 'bcc'].filter((field) => given[field] !== undefined), ...fields].map((field) => ({
    field,
    how: 'dropped',
    reason,
  }));
}
