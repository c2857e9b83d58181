/** How messages that were exchanged elsewhere become messages of a thread: imported, never sent. */
import { afterWriting } from '../../core/before-request.ts';
import type { CallOptions, Recorded, RecordedMessageInput } from '../../core/helpdesk.ts';
import type { Loss, MessageKind, Written } from '../../core/model.ts';
import { invalid } from '../../core/validate.ts';
import { asImportedText } from './bodies.ts';
import { checkIds, type IdField } from './checks.ts';
import { codeOf, refused } from './failure.ts';
import {
  type ImportThreadMessageInput,
  ImportThreadMessagesDocument,
  type ImportThreadMessagesMutation,
  type ImportThreadMessagesMutationVariables,
  type ImportThreadMessageType,
} from './generated/graphql.ts';
import type { Run } from './request.ts';
import { where } from './steps.ts';

const typeOf = { inbound: 'INBOUND', outbound: 'OUTBOUND', note: 'NOTE' } as const satisfies Record<
  MessageKind,
  ImportThreadMessageType
>;

/** The vendor's limit for one request. */
const batchSize = 25;

/** Throws `invalid`: Plain names the author of an outbound message or note by a person's id. */
export function checkAuthors(
  operation: string,
  messages: readonly RecordedMessageInput[],
  userId: string | undefined,
): void {
  const ids: IdField[] = messages.map(({ kind, author }, index) => [
    `messages.${index}.author.id`,
    kind === 'inbound' ? 'contact' : 'user',
    author?.id,
  ]);
  checkIds(operation, [...ids, ['providerOptions.plain.userId', 'user', userId]]);
  const issues = messages.flatMap(({ kind, author }, index) =>
    kind === 'inbound' || author?.id || userId
      ? []
      : [{ path: `messages.${index}.author.id`, message: 'is missing (or give providerOptions.plain.userId)' }],
  );
  if (issues.length > 0) throw invalid(where(operation), issues);
}

/**
 * Repeats are `existing`, so a call that failed half-way can be made again.
 * `customerId` is asked for only where an inbound message names no author.
 */
export async function importMessages(
  run: Run,
  operation: string,
  threadId: string,
  messages: readonly RecordedMessageInput[],
  authors: { readonly userId: string | undefined; readonly customerId: () => Promise<string> },
  call: CallOptions | undefined,
): Promise<Written<readonly Recorded[]>> {
  const losses: Loss[] = [];
  const recorded: Recorded[] = [];
  const ordered = [...messages.entries()].sort(([, a], [, b]) => a.createdAt.getTime() - b.createdAt.getTime());
  for (let start = 0; start < ordered.length; start += batchSize) {
    const batch = ordered.slice(start, start + batchSize);
    const threadMessages: ImportThreadMessageInput[] = [];
    for (const [index, message] of batch) {
      const { value: text, losses: lost } = await asImportedText(message.body);
      losses.push(...lost.map((loss) => ({ ...loss, field: `messages.${index}.${loss.field}` })));
      const { externalId, kind, createdAt, author } = message;
      if (kind !== 'inbound' && !author?.id && (author?.name || author?.email)) {
        losses.push({ field: `messages.${index}.author`, how: 'changed', stored: 'the user given for all' });
      }
      threadMessages.push({
        externalId,
        text,
        type: typeOf[kind],
        createdAt: createdAt.toISOString(),
        author:
          kind === 'inbound'
            ? { customerId: author?.id ?? (await authors.customerId()) }
            : { userId: author?.id ?? authors.userId },
      });
    }
    const results = await importBatch(run, operation, { threadId, threadMessages }, call).catch((error: unknown) => {
      throw start > 0 ? afterWriting(error, 'the messages were recorded in part') : error;
    });
    for (const [position, [index, { externalId }]] of batch.entries()) {
      recorded[index] = toRecorded(externalId, results[position]);
    }
  }
  return { value: recorded, losses };
}

async function importBatch(
  run: Run,
  operation: string,
  input: ImportThreadMessagesMutationVariables['input'],
  call: CallOptions | undefined,
): Promise<readonly Result[]> {
  const { importThreadMessages } = await run(operation, ImportThreadMessagesDocument, { input }, call);
  if (importThreadMessages.error) throw refused(operation, importThreadMessages.error);
  return importThreadMessages.results;
}

type Result = ImportThreadMessagesMutation['importThreadMessages']['results'][number];

function toRecorded(externalId: string, result: Result | undefined): Recorded {
  const stored = result?.threadMessage;
  if (!result || result.error || !stored) {
    const reason = result?.error ? codeOf(result.error) : 'no result';
    return { externalId, outcome: 'refused', id: undefined, reason };
  }
  const id = stored.__typename === 'Note' ? stored.noteId : stored.entryId;
  return { externalId, outcome: result.result === 'NOOP' ? 'existing' : 'stored', id };
}
