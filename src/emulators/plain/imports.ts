/** How history is brought in: threads and messages with their own times, which reach nobody. */

import { checkAttachments } from './attachments.ts';
import type { Entry, EntryContent } from './entries.ts';
import { entryView, noteView } from './entry-views.ts';
import { failureOf, forbidden, invalid, missingPermission, notFound } from './errors.ts';
import { entryAdded, threadCreated } from './events.ts';
import { checkLength, checkPriority, exactlyOne, toInstant } from './input.ts';
import { checkLabelTypes, getCustomer, getThread, getUser, toAssignee } from './lookup.ts';
import { composeEmail } from './outgoing.ts';
import { lacking } from './permissions.ts';
import type { ActorRef, Customer, Thread } from './records.ts';
import { threadView } from './thread-views.ts';
import { addCustomerNotes, longestTitle, newLabel, newThread } from './threads.ts';
import { addEntry, changeThread, messageInfo } from './timeline.ts';
import type { View } from './views.ts';
import type {
  ImportThreadInput,
  ImportThreadMessageInput,
  ImportThreadMessagesInput,
  ImportThreadStatusDetail,
  ThreadStatus,
} from './wire.ts';
import { type Call, newId, now, type World } from './world.ts';

const largestBatch = 25;
const longestExternalId = 500;

const detailsOf: Readonly<Record<ThreadStatus, readonly ImportThreadStatusDetail[]>> = {
  TODO: ['NEW_REPLY', 'IN_PROGRESS'],
  SNOOZED: ['WAITING_FOR_CUSTOMER'],
  DONE: ['DONE_MANUALLY_SET', 'IGNORED'],
};

export function importThread({ input }: { readonly input: ImportThreadInput }, { world, actor }: Call): View {
  const { tables, switches } = world;
  const customer = getCustomer(world, 'customerIdentifier', input.customerIdentifier);
  const { externalId } = input;
  checkLength('externalId', externalId, longestExternalId);
  checkLength('title', input.title, longestTitle);
  checkPriority(input.priority);
  if (!detailsOf[input.status].includes(input.statusDetail.type)) {
    throw invalid('statusDetail', `${input.status} takes ${detailsOf[input.status].join(' or ')}.`);
  }
  const createdAt = toInstant('createdAt', input.createdAt);
  const assignee = input.assignedTo ? toAssignee(world, 'assignedTo', input.assignedTo) : null;
  const labelTypeIds = checkLabelTypes(world, input.labelTypeIds ?? []);
  const tenantId = toTenantId(world, customer, input.tenantId ?? null);

  const known =
    switches.importScope === 'workspace'
      ? tables.anyThreadByExternalId(externalId)
      : tables.threadByExternalId(customer.id, externalId);
  if (known) return { result: 'NOOP', thread: threadView(world, known) };

  const importedAt = now(world);
  const thread: Thread = {
    ...newThread(world, { customerId: customer.id, actor, at: createdAt, channel: 'IMPORT' }),
    externalId,
    title: input.title,
    description: input.description ?? null,
    previewText: input.description?.slice(0, 500) ?? null,
    priority: input.priority,
    importSourceUrl: input.externalUrl ?? null,
    status: input.status,
    statusDetail: { type: input.statusDetail.type },
    assignee,
    assignedAt: assignee && importedAt,
    labels: labelTypeIds.map((id) => newLabel(world, id, actor, importedAt)),
    tenantId,
    updatedAt: importedAt,
  };
  tables.putThread(thread);
  addCustomerNotes(world, thread);
  if (switches.importEvents === 'fired') threadCreated(world, thread);
  return { result: 'CREATED', thread: threadView(world, thread) };
}

function toTenantId({ tables }: World, customer: Customer, tenantId: string | null): string | null {
  if (tenantId === null) return null;
  if (!tables.tenants.has(tenantId)) throw notFound('tenantId', 'Tenant');
  if (!customer.tenantIds.includes(tenantId)) throw invalid('tenantId', 'The customer is not a member of the tenant.');
  return tenantId;
}

/** One message that fails stops none of the others. */
export function importThreadMessages(
  { input }: { readonly input: ImportThreadMessagesInput },
  { world, actor, key }: Call,
): View {
  const { threadMessages } = input;
  const filed = threadMessages.some(({ attachmentIds }) => (attachmentIds?.length ?? 0) > 0);
  const missing = filed ? lacking(key, ['attachment:create']) : undefined;
  if (missing) throw forbidden(missingPermission(missing));
  const thread = getThread(world, input.threadId);
  if (threadMessages.length > largestBatch) throw invalid('threadMessages', `At most ${largestBatch} at once.`);
  if (thread.channel !== 'IMPORT' && world.switches.importIntoLive === 'refused') {
    throw invalid('threadId', 'The thread was not imported.');
  }
  return { results: threadMessages.map((message) => importOne(world, thread.id, message, actor)) };
}

function importOne(world: World, threadId: string, message: ImportThreadMessageInput, importer: ActorRef): View {
  try {
    const scope = world.switches.importScope === 'workspace' ? undefined : threadId;
    const known = world.tables.imported(message.externalId, scope);
    if (known) return { result: 'NOOP', threadMessage: messageView(world, known) };
    return {
      result: 'CREATED',
      threadMessage: messageView(world, add(world, getThread(world, threadId), message, importer)),
    };
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    return { error: failure };
  }
}

function add(world: World, thread: Thread, message: ImportThreadMessageInput, importer: ActorRef): Entry {
  const { externalId, text, type } = message;
  checkLength('externalId', externalId, longestExternalId);
  checkLength('text', text, world.switches.textLimit);
  const actor = toAuthor(world, message);
  const timestamp = toInstant('createdAt', message.createdAt);
  const attachmentIds = checkAttachments(world, message.attachmentIds);
  const content = toContent(world, thread, { type, text, attachmentIds, actor });

  const entry = addEntry(world, thread, { actor, content, timestamp, externalId });
  const info = type === 'NOTE' ? {} : messageInfo(thread, timestamp, type === 'INBOUND' ? 'inbound' : 'outbound');
  const previewText = thread.previewText ?? (type === 'NOTE' ? null : text.slice(0, 500));
  const changed = changeThread(world, thread, { ...info, previewText }, importer);
  if (world.switches.importEvents === 'fired') {
    entryAdded(world, changed, entry, type === 'INBOUND' ? 'inbound' : 'outbound');
  }
  return entry;
}

function toAuthor(world: World, { author, type }: ImportThreadMessageInput): ActorRef {
  const { customerId, userId } = author;
  const { by, value } = exactlyOne('author', { customerId, userId });
  if ((type === 'INBOUND') !== (by === 'customerId')) {
    throw invalid('author', `${type} needs "${type === 'INBOUND' ? 'customerId' : 'userId'}".`);
  }
  if (by === 'customerId') {
    if (!world.tables.customers.has(value)) throw notFound('author.customerId', 'Customer');
    return { is: 'customer', id: value };
  }
  return { is: 'user', id: getUser(world, 'author.userId', value).id };
}

function toContent(
  world: World,
  thread: Thread,
  {
    type,
    text,
    attachmentIds,
    actor,
  }: {
    readonly type: ImportThreadMessageInput['type'];
    readonly text: string;
    readonly attachmentIds: readonly string[];
    readonly actor: ActorRef;
  },
): EntryContent {
  const { tables, switches } = world;
  if (type === 'NOTE') return { type, noteId: newId(world, 'n'), text, markdown: null, attachmentIds };
  const customer = tables.customers.get(type === 'INBOUND' ? actor.id : thread.customerId);
  if (switches.importedEntry === 'EMAIL' && customer) {
    const draft = { text, markdown: null, attachmentIds };
    return composeEmail(world, type === 'INBOUND' ? 'inbound' : 'outbound', { thread, customer, draft });
  }
  if (switches.importedEntry === 'CUSTOM') {
    const { title } = thread;
    return { type: 'CUSTOM', title, externalId: null, components: [{ is: 'Text', text }], attachmentIds };
  }
  return { type: 'CHAT', chatId: newId(world, 'ch'), text, attachmentIds };
}

function messageView(world: World, entry: Entry): View {
  return entry.content.type === 'NOTE' ? noteView(entry.content) : entryView(world, entry);
}
