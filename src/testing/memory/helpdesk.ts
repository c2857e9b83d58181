/**
 * The reference: a desk in memory that keeps everything, or nothing that a
 * desk may refuse to keep. It shows that every conformance case can be met, and
 * it is the smallest example of an adapter.
 */
import { afterWriting, isStop } from '../../core/before-request.ts';
import { cleanText } from '../../core/bodies.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type { Helpdesk, ImportThreadInput } from '../../core/helpdesk.ts';
import * as inputs from '../../core/inputs.ts';
import type { Loss, Thread } from '../../core/model.ts';
import { unsupported, validate } from '../../core/validate.ts';
import { createFaults } from '../../emulators/faults.ts';
import { createPostRoom } from '../../emulators/post-room.ts';
import type { Emulated, Known } from '../world.ts';
import { createDesk, dropped } from './desk.ts';
import { createLine } from './exchange.ts';
import { createHistory } from './history.ts';
import { contactByEmail, createStored, pagesOf, type Stored } from './records.ts';
import { forgetting, keeping, transcribing } from './traits.ts';

export interface MemoryOptions {
  /** Default: `memory`. */
  readonly name?: string | undefined;
  /** Answers every trait with no. Default: false. */
  readonly forgetful?: boolean | undefined;
  /** Of a forgetful desk: recorded messages become part of the opening message instead of notes. Default: false. */
  readonly transcripts?: boolean | undefined;
}

/** A helpdesk with what is needed to test it. */
export interface MemoryHelpdesk {
  readonly helpdesk: Helpdesk<Stored>;
  readonly known: Known;
  readonly emulated: Emulated;
}

export function createMemoryHelpdesk({
  name = 'memory',
  forgetful = false,
  transcripts = false,
}: MemoryOptions = {}): MemoryHelpdesk {
  const traits = forgetful ? (transcripts ? transcribing : forgetting) : keeping;
  const stored = createStored();
  const { contacts, threads, messages } = stored;
  const faults = createFaults();
  const postRoom = createPostRoom();
  const { exchange, requests } = createLine(name, faults);
  const desk = createDesk(name, traits, stored);
  const { where, threadById, contactOf, addMessage, keep, lossesOf } = desk;
  const [agent] = stored.agents;
  const history = createHistory({ traits, stored, exchange, keep, add: addMessage, agent });

  const helpdesk: Helpdesk<Stored> = {
    name,
    traits,
    native: stored,

    async check(call) {
      return exchange('check', 'read', call, () => ({
        workspace: { id: 'workspace-1', name },
        actor: { id: 'key-1', name: undefined },
        permissions: ['everything'],
        missing: [],
        limits: { reads: { perMinute: 1000, remaining: undefined }, writes: { perMinute: 1000, remaining: undefined } },
      }));
    },

    async getContact(id, call) {
      validate(inputs.idInput, id, where('getContact'), 'id');
      return exchange('getContact', 'read', call, () => contactOf('getContact', { id }));
    },

    async findContact(email, call) {
      validate(inputs.emailInput, email, where('findContact'), 'email');
      return exchange('findContact', 'read', call, () => contactByEmail(stored, email.trim().toLowerCase()));
    },

    async *listContacts(filter = {}, call) {
      validate(inputs.contactFilter, filter, where('listContacts'));
      const { updatedSince } = filter;
      yield* pagesOf((page) =>
        exchange('listContacts', 'read', call, () =>
          page([...contacts.values()].filter(({ updatedAt }) => !updatedSince || updatedAt >= updatedSince)),
        ),
      );
    },

    async getThread(id, call) {
      validate(inputs.idInput, id, where('getThread'), 'id');
      return exchange('getThread', 'read', call, () => threadById('getThread', id));
    },

    async findThread({ contactId, externalId }, call) {
      if (!traits.keepsExternalIds) throw unsupported(where('findThread'), 'no external ids are kept');
      validate(inputs.idInput, contactId, where('findThread'), 'contactId');
      return exchange('findThread', 'read', call, () => desk.threadWithId(contactId, externalId));
    },

    async *listThreads(filter = {}, call) {
      validate(inputs.threadFilter, filter, where('listThreads'));
      const { status, contactId, assigneeId, labelId, updatedSince } = filter;
      const matches = (thread: Thread): boolean =>
        (!status || thread.status.is === status) &&
        (!contactId || thread.contact?.id === contactId) &&
        (!assigneeId || thread.assignee?.id === assigneeId) &&
        (!labelId || thread.labels.some(({ id }) => id === labelId)) &&
        (!updatedSince || thread.updatedAt >= updatedSince);
      yield* pagesOf((page) =>
        exchange('listThreads', 'read', call, () =>
          page([...threads.values()].filter(matches)).map(({ id }) => threadById('listThreads', id)),
        ),
      );
    },

    async *listMessages(threadId, call) {
      validate(inputs.idInput, threadId, where('listMessages'), 'threadId');
      const all = await exchange('listMessages', 'read', call, () => {
        threadById('listMessages', threadId);
        return messages.get(threadId) ?? [];
      });
      yield* all.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
    },

    async upsertContact(input, call) {
      const operation = 'upsertContact';
      validate(inputs.contactInput, input, where(operation));
      const email = input.email.trim().toLowerCase();
      const externalId = traits.keepsExternalIds ? input.externalId : undefined;
      const value = await exchange(operation, 'write', call, () => {
        const holder = [...contacts.values()].find((one) => externalId !== undefined && one.externalId === externalId);
        if (holder && holder.email !== email) {
          const issues = [{ path: 'externalId', message: 'belongs to another contact' }];
          throw new HelpdeskError({ ...where(operation), kind: 'conflict', reason: 'taken', applied: 'no', issues });
        }
        const known = contactByEmail(stored, email) ?? desk.addContact(email, undefined, undefined);
        const changed = {
          ...known,
          name: input.name === undefined ? known.name : cleanText(input.name),
          externalId: externalId ?? known.externalId,
        };
        contacts.set(known.id, changed);
        return changed;
      });
      return { value, losses: lossesOf({ externalId: input.externalId }) };
    },

    async createThread(input, call) {
      const operation = 'createThread';
      validate(inputs.createThreadInput, input, where(operation));
      desk.checkTitle(operation, input.title);
      if (input.contact.externalId !== undefined && !traits.keepsExternalIds) {
        throw unsupported(where(operation), 'no external ids are kept');
      }
      const { body, losses } = await keep(operation, input.body);
      const value = await exchange(operation, 'write', call, () => {
        desk.checkReferences(operation, input);
        const contact = contactOf(operation, input.contact);
        const existing = desk.threadWithId(contact.id, input.externalId);
        if (existing) return existing;
        const thread = desk.addThread(contact, { ...input, priority: input.priority ?? 'normal' }, 'api');
        const author = { is: 'contact', id: contact.id, name: contact.name, email: contact.email } as const;
        addMessage({
          threadId: thread.id,
          kind: 'inbound',
          author,
          body,
          channel: thread.channel,
          createdAt: thread.createdAt,
        });
        return threadById(operation, thread.id);
      });
      const time = input.createdAt && !traits.backdatesThreads ? [dropped('createdAt')] : [];
      return { value, losses: [...lossesOf(input), ...time, ...losses] };
    },

    async updateThread(id, changes, call) {
      const operation = 'updateThread';
      validate(inputs.idInput, id, where(operation), 'id');
      validate(inputs.updateThreadInput, changes, where(operation));
      desk.checkTitle(operation, changes.title);
      const value = await exchange(operation, 'write', call, () => {
        const thread = threadById(operation, id);
        desk.checkReferences(operation, changes);
        const given = traits.keepsCustomFields ? (changes.customFields ?? []) : [];
        const others = thread.customFields.filter(({ key }) => !given.some((field) => field.key === key));
        const changed = {
          ...thread,
          ...desk.placed(changes),
          customFields: [...others, ...given],
          updatedAt: stored.now(),
        };
        threads.set(id, changed);
        return changed;
      });
      return { value, losses: lossesOf(changes) };
    },

    async deleteThread(id, call) {
      validate(inputs.idInput, id, where('deleteThread'), 'id');
      return exchange('deleteThread', 'write', call, () => {
        threadById('deleteThread', id);
        threads.delete(id);
        messages.delete(id);
        return { value: { id }, losses: [] };
      });
    },

    async reply(input, call) {
      const operation = 'reply';
      validate(inputs.replyInput, input, where(operation));
      const { threadId, cc = [], bcc = [] } = input;
      const { body, losses } = await keep(operation, input.body);
      return exchange(operation, 'write', call, () => {
        const { contact, channel } = threadById(operation, threadId);
        const author = { is: 'agent', id: agent?.id, name: agent?.name, email: agent?.email } as const;
        const { id, createdAt } = addMessage({
          threadId,
          kind: 'outbound',
          author,
          body,
          channel,
          createdAt: stored.now(),
        });
        const to = contact ? [{ email: contact.email }] : [];
        const delivery = { threadId, messageId: id, to, cc, bcc, body: body.content, attachments: [] };
        postRoom.deliver({ channel: 'email', ...delivery, at: createdAt });
        return { value: { id: traits.returnsReplyId ? id : undefined, threadId, channel }, losses };
      });
    },

    async addNote(input, call) {
      const operation = 'addNote';
      validate(inputs.noteInput, input, where(operation));
      const { threadId } = input;
      const { body, losses } = await keep(operation, input.body);
      return exchange(operation, 'write', call, () => {
        const { channel } = threadById(operation, threadId);
        const author = { is: 'agent', id: agent?.id, name: agent?.name, email: agent?.email } as const;
        const { id } = addMessage({ threadId, kind: 'note', author, body, channel, createdAt: stored.now() });
        return { value: { id, threadId }, losses };
      });
    },

    async importThread(input, call) {
      const operation = 'importThread';
      validate(inputs.importThreadInput, input, where(operation));
      desk.checkTitle(operation, input.title);
      const { thread, outcome } = await exchange(operation, 'write', call, () => {
        desk.checkReferences(operation, { ...input, status: undefined });
        const contact = contactOf(operation, input.contact);
        const existing = traits.importsThreadsOnce ? desk.threadWithId(contact.id, input.externalId) : undefined;
        if (existing) return { thread: existing, outcome: 'existing' as const };
        return {
          thread: desk.addThread(contact, { ...input, status: awake(input.status) }, 'import'),
          outcome: 'stored' as const,
        };
      });
      const written = await history.imported(thread.id, input, call).catch((error: unknown) => {
        throw isStop(error) ? afterWriting(error, 'the thread was imported, its messages only in part') : error;
      });
      const over: Loss = { field: 'status', how: 'changed', stored: 'open', reason: 'the snooze is over' };
      const status = awake(input.status)?.is === input.status?.is ? [] : [over];
      const value = { thread: threadById(operation, thread.id), outcome, messages: written.value };
      return { value, losses: [...lossesOf(input), ...status, ...written.losses] };
    },

    async recordMessages(input, call) {
      validate(inputs.recordMessagesInput, input, where('recordMessages'));
      await exchange('recordMessages', 'read', call, () => threadById('recordMessages', input.threadId));
      return history.record('recordMessages', input.threadId, input.messages, call);
    },
  };

  const absent = { threadId: 'thread-0', contactId: 'contact-0', labelId: 'label-0', agentId: 'agent-0' };
  return {
    helpdesk,
    known: { agentId: 'agent-1', labelIds: ['label-1', 'label-2'], companyId: 'company-1', customFields, absent },
    emulated: {
      requests,
      delivered: () =>
        postRoom.delivered.map(({ threadId, to, cc, bcc, body }) => ({
          threadId,
          to: [...to, ...cc, ...bcc].map(({ email }) => email),
          body,
        })),
      fail: (fault, access) => faults.next(fault, { access }),
      receive(threadId, content) {
        const { contact, channel } = threadById('receive', threadId);
        const author = { is: 'contact', id: contact?.id, name: contact?.name, email: contact?.email } as const;
        const body = { format: 'text', content } as const;
        addMessage({ threadId, kind: 'inbound', author, body, channel, createdAt: stored.now() });
        threads.set(threadId, { ...threadById('receive', threadId), status: { is: 'open', raw: 'open' } });
      },
    },
  };
}

const customFields = [
  { key: 'plan', type: 'string', value: 'gold' },
  { key: 'tier', type: 'enum', value: 'one' },
  { key: 'trial', type: 'boolean', value: false },
  { key: 'seats', type: 'number', value: 12 },
  { key: 'revenue', type: 'currency', value: 99.5 },
  { key: 'renewal', type: 'date', value: new Date('2027-01-02T00:00:00.000Z') },
] as const;

function awake(status: ImportThreadInput['status']): ImportThreadInput['status'] {
  return status?.is === 'snoozed' && status.until <= new Date() ? { is: 'open' } : status;
}
