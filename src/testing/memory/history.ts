/** How the desk in memory stores messages that were exchanged elsewhere: as messages, as notes or in a transcript. */
import { afterWriting } from '../../core/before-request.ts';
import { convertBody } from '../../core/bodies.ts';
import type { CallOptions, ImportThreadInput, Recorded, RecordedMessageInput, Traits } from '../../core/helpdesk.ts';
import type { Agent, Author, Body, Loss, Message, Written } from '../../core/model.ts';
import { recordedHeading } from '../../core/recorded.ts';
import type { Exchange } from './exchange.ts';
import { recordedKey, type Stored } from './records.ts';

interface Desk {
  readonly traits: Traits;
  readonly stored: Stored;
  readonly exchange: Exchange;
  keep(operation: string, body: Body): Promise<{ readonly body: Body; readonly losses: readonly Loss[] }>;
  add(message: Omit<Message, 'id' | 'attachments' | 'raw'>): Message;
  readonly agent: Agent | undefined;
}

export interface History {
  /** One after the other, oldest first. */
  record(
    operation: 'recordMessages' | 'importThread',
    threadId: string,
    messages: readonly RecordedMessageInput[],
    call: CallOptions | undefined,
  ): Promise<Written<readonly Recorded[]>>;
  /** The messages of a thread that was imported a moment ago. */
  imported(
    threadId: string,
    input: ImportThreadInput,
    call: CallOptions | undefined,
  ): Promise<Written<readonly Recorded[]>>;
}

export function createHistory({ traits, stored, exchange, keep, add, agent }: Desk): History {
  const asMessages = traits.recordsMessages === 'as-messages';
  const team: Author = { is: 'agent', id: agent?.id, name: agent?.name, email: agent?.email };

  const record: History['record'] = async (operation, threadId, messages, call) => {
    const recorded: Recorded[] = [];
    const losses: Loss[] = [];
    const ordered = [...messages.entries()].sort(([, a], [, b]) => a.createdAt.getTime() - b.createdAt.getTime());
    for (const [index, message] of ordered) {
      const { externalId, kind, createdAt } = message;
      const inTranscript = traits.recordsMessages === 'in-transcript' && kind !== 'note';
      const given = asMessages ? message.body : await headed(message);
      const kept = await keep(operation, given);
      recorded[index] = await exchange(operation, 'write', call, (): Recorded => {
        const key = recordedKey(threadId, externalId);
        if (stored.recorded.has(key)) return { externalId, outcome: 'existing', id: stored.recorded.get(key) };
        if (inTranscript) {
          append(threadId, kept.body);
          stored.recorded.set(key, undefined);
          return { externalId, outcome: 'stored', id: undefined };
        }
        const place = { threadId, body: kept.body, channel: { is: 'import', raw: 'import' } } as const;
        const { id } = asMessages
          ? add({ ...place, kind, author: authorOf(threadId, message), createdAt })
          : add({ ...place, kind: 'note', author: team, createdAt: stored.now() });
        stored.recorded.set(key, id);
        return { externalId, outcome: 'stored', id };
      }).catch((error: unknown) => {
        const some = recorded.some(({ outcome }) => outcome === 'stored');
        throw some ? afterWriting(error, 'the messages were recorded in part') : error;
      });
      if (!asMessages)
        losses.push({
          field: `messages.${index}`,
          how: 'changed',
          stored: inTranscript ? 'part of a transcript' : 'note of today',
        });
      losses.push(...kept.losses.map((loss) => ({ ...loss, field: `messages.${index}.${loss.field}` })));
    }
    return { value: recorded, losses };
  };

  function append(threadId: string, { content }: Body): void {
    const [opening, ...others] = stored.messages.get(threadId) ?? [];
    if (!opening) return;
    const body = { ...opening.body, content: `${opening.body.content}\n\n${content}` };
    stored.messages.set(threadId, [{ ...opening, body }, ...others]);
  }

  function authorOf(threadId: string, { kind, author }: RecordedMessageInput): Author {
    if (kind !== 'inbound') return { ...team, ...author };
    const contact = stored.threads.get(threadId)?.contact;
    return { is: 'contact', id: author?.id ?? contact?.id, name: contact?.name, email: contact?.email };
  }

  return {
    record,
    async imported(threadId, input, call) {
      if (asMessages) return record('importThread', threadId, input.messages, call);
      const isNote = ({ kind }: RecordedMessageInput): boolean => kind === 'note';
      const shown = input.messages.filter((message) => !isNote(message));
      const parts = await Promise.all(
        shown.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime()).map(headed),
      );
      const content = parts.map((part) => part.content).join('\n\n') || input.title;
      const { body } = await keep('importThread', { format: 'text', content });
      const channel = { is: 'import', raw: 'import' } as const;
      const author = authorOf(threadId, { kind: 'inbound', externalId: '', body, createdAt: input.createdAt });
      await exchange('importThread', 'write', call, () =>
        add({ threadId, kind: 'inbound', author, body, channel, createdAt: input.createdAt }),
      );
      if (traits.recordsMessages === 'in-transcript')
        for (const { externalId } of shown) stored.recorded.set(recordedKey(threadId, externalId), undefined);
      const notes = await record('importThread', threadId, input.messages.filter(isNote), call);
      const results = new Map(notes.value.map((result) => [result.externalId, result]));
      return {
        value: input.messages.map(
          ({ externalId }): Recorded => results.get(externalId) ?? { externalId, outcome: 'stored', id: undefined },
        ),
        losses: input.messages.map(
          (_, index): Loss => ({ field: `messages.${index}`, how: 'changed', stored: 'part of a transcript' }),
        ),
      };
    },
  };
}

/** A text that says who wrote the message, when, and by which id it can be found again. */
async function headed(message: RecordedMessageInput): Promise<Body> {
  const { content } = await convertBody(message.body, 'text');
  return { format: 'text', content: `${recordedHeading(message)}\n${content}` };
}
