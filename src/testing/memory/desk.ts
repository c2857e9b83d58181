/** What the desk in memory can do with its records: find, add and check them, and say what it lost. */
import { cleanText, convertBody } from '../../core/bodies.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type {
  ContactRef,
  CreateThreadInput,
  ImportThreadInput,
  Traits,
  UpdateThreadInput,
} from '../../core/helpdesk.ts';
import type { Body, Contact, Loss, Message, Priority, Status, Thread, Word } from '../../core/model.ts';
import { invalid, requireContent } from '../../core/validate.ts';
import { contactByEmail, type Stored } from './records.ts';

export function createDesk(name: string, traits: Traits, stored: Stored) {
  const { contacts, threads, messages } = stored;
  const where = (operation: string) => ({ provider: name, operation });

  function notFound(operation: string): HelpdeskError {
    return new HelpdeskError({ ...where(operation), kind: 'not-found', reason: 'no such record', applied: 'no' });
  }

  function threadById(operation: string, id: string): Thread {
    const thread = threads.get(id);
    if (!thread) throw notFound(operation);
    return { ...thread, contact: thread.contact && contacts.get(thread.contact.id) };
  }

  function contactOf(operation: string, ref: ContactRef): Contact {
    if (ref.email !== undefined) {
      const email = ref.email.trim().toLowerCase();
      return contactByEmail(stored, email) ?? addContact(email, ref.name && cleanText(ref.name), undefined);
    }
    const found = [...contacts.values()].find(({ id, externalId }) =>
      ref.id === undefined ? externalId === ref.externalId : id === ref.id,
    );
    if (!found) throw notFound(operation);
    return found;
  }

  function addContact(email: string, contactName: string | undefined, externalId: string | undefined): Contact {
    const at = stored.now();
    const id = stored.nextId('contact');
    const contact = {
      id,
      email,
      name: contactName,
      externalId,
      companyId: undefined,
      createdAt: at,
      updatedAt: at,
      raw: {},
    };
    contacts.set(id, contact);
    return contact;
  }

  function add(message: Omit<Message, 'id' | 'attachments' | 'raw'>): Message {
    const full = { ...message, id: stored.nextId('message'), attachments: [], raw: {} };
    messages.set(full.threadId, [...(messages.get(full.threadId) ?? []), full]);
    const thread = threads.get(full.threadId);
    if (thread) threads.set(thread.id, { ...thread, updatedAt: stored.now() });
    return full;
  }

  /** What the desk makes of a body, and what it cost. Throws `invalid` where nothing is left. */
  async function keep(operation: string, body: Body): Promise<{ body: Body; losses: readonly Loss[] }> {
    const { content, losses } = await convertBody(body, traits.bodyFormat);
    requireContent(where(operation), content);
    return { body: { format: traits.bodyFormat, content }, losses };
  }

  function checkTitle(operation: string, title: string | undefined): void {
    if (title === undefined || title.length <= traits.titleLimit) return;
    throw invalid(where(operation), [
      { path: 'title', message: `must be at most ${traits.titleLimit} characters long` },
    ]);
  }

  /** Throws `invalid` for a record that is only referred to and does not exist. */
  function checkReferences(operation: string, { labelIds = [], assigneeId, companyId }: UpdateThreadInput): void {
    const isKnown = (rows: readonly { readonly id: string }[], id: string | null | undefined): boolean =>
      id == null || rows.some((row) => row.id === id);
    const issues = [
      ...labelIds.flatMap((id, index) => (isKnown(stored.labels, id) ? [] : [`labelIds.${index}`])),
      ...(isKnown(stored.agents, assigneeId) ? [] : ['assigneeId']),
      ...(isKnown(stored.companies, companyId) ? [] : ['companyId']),
    ].map((path) => ({ path, message: 'does not exist on this desk' }));
    if (issues.length > 0) throw invalid(where(operation), issues);
  }

  const priorityOf = (priority: Priority): Word<Priority> => {
    const is = traits.priorities.includes(priority) ? priority : priority === 'urgent' ? 'high' : 'normal';
    return { is, raw: is };
  };

  function lossesOf(input: Partial<CreateThreadInput | ImportThreadInput | UpdateThreadInput>): readonly Loss[] {
    const stored = priorityOf(input.priority ?? 'normal').is;
    return [
      ...(input.priority && stored !== input.priority ? [{ field: 'priority', how: 'changed', stored } as const] : []),
      ...('externalId' in input && input.externalId !== undefined && !traits.keepsExternalIds
        ? [dropped('externalId')]
        : []),
      ...(input.customFields?.length && !traits.keepsCustomFields ? [dropped('customFields')] : []),
    ];
  }

  /** The fields that creating, importing and changing a thread have in common. */
  function placed(changes: UpdateThreadInput): Partial<Thread> {
    const { title, priority, assigneeId, labelIds, companyId } = changes;
    return {
      ...(title !== undefined && { title: cleanText(title) }),
      ...(priority && { priority: priorityOf(priority) }),
      ...(assigneeId !== undefined && { assignee: stored.agents.find(({ id }) => id === assigneeId) }),
      ...(labelIds && { labels: stored.labels.filter(({ id }) => labelIds.includes(id)) }),
      ...(companyId !== undefined && { company: stored.companies.find(({ id }) => id === companyId) }),
      ...(changes.status && { status: { ...changes.status, raw: changes.status.is } as Status }),
    };
  }

  function addThread(
    contact: Thread['contact'],
    input: Pick<CreateThreadInput, 'externalId' | 'createdAt' | 'customFields'> & UpdateThreadInput,
    channel: 'api' | 'import',
  ): Thread {
    const at = stored.now();
    const thread: Thread = {
      id: stored.nextId('thread'),
      externalId: traits.keepsExternalIds ? input.externalId : undefined,
      contact,
      title: undefined,
      status: { is: 'open', raw: 'open' },
      priority: priorityOf('normal'),
      channel: { is: channel, raw: channel },
      assignee: undefined,
      labels: [],
      company: undefined,
      ...placed(input),
      customFields: traits.keepsCustomFields ? (input.customFields ?? []) : [],
      createdAt: input.createdAt && (traits.backdatesThreads || channel === 'import') ? input.createdAt : at,
      updatedAt: at,
      raw: {},
    };
    threads.set(thread.id, thread);
    return thread;
  }

  const withId = (contactId: string, externalId: string | undefined): Thread | undefined =>
    traits.keepsExternalIds && externalId !== undefined
      ? [...threads.values()].find((thread) => thread.externalId === externalId && thread.contact?.id === contactId)
      : undefined;

  return {
    ...{ where, threadById, contactOf, addContact, addMessage: add, addThread, threadWithId: withId },
    ...{ keep, checkTitle, checkReferences, lossesOf, placed },
  };
}

export const dropped = (field: string): Loss => ({ field, how: 'dropped' });
