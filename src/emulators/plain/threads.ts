/** How a thread comes into being and goes. */

import { checkAttachments } from './attachments.ts';
import { type StoredComponent, textOf, toComponents } from './components.ts';
import { invalid } from './errors.ts';
import { threadCreated } from './events.ts';
import { checkLength, checkPriority } from './input.ts';
import { checkLabelTypes, checkNoSpam, getCustomer, getTenant, getThread, toAssignee } from './lookup.ts';
import type { ActorRef, Instant, Label, Thread } from './records.ts';
import { toField, toValue } from './thread-fields.ts';
import { threadView } from './thread-views.ts';
import { addEntry, checkUnlocked, messageInfo } from './timeline.ts';
import type { View } from './views.ts';
import type { CreateThreadInput, DeleteThreadInput, ThreadChannel } from './wire.ts';
import { type Call, newId, now, type World } from './world.ts';

const creatable: readonly ThreadChannel[] = ['API', 'EMAIL', 'SLACK', 'MS_TEAMS', 'CHAT', 'INTERNAL'];
export const longestTitle = 500;
const longestPreview = 500;
const longestExternalId = 500;

export function createThread({ input }: { readonly input: CreateThreadInput }, { world, actor }: Call): View {
  const { tables, switches } = world;
  const customer = getCustomer(world, 'customerIdentifier', input.customerIdentifier);
  checkNoSpam(customer);
  checkCreation(input);
  const components = toComponents(world, input.components ?? []);
  const attachmentIds = checkAttachments(world, input.attachmentIds, 'CUSTOM_TIMELINE_ENTRY');
  const labelTypeIds = checkLabelTypes(world, input.labelTypeIds ?? []);
  const values = (input.threadFields ?? []).map((field, index) => toValue(world, field, `threadFields.${index}`));
  const assignee = input.assignedTo ? toAssignee(world, 'assignedTo', input.assignedTo) : null;
  const tenantId = input.tenantIdentifier ? getTenant(world, input.tenantIdentifier).id : null;
  const externalId = input.externalId ?? null;

  const known = externalId === null ? undefined : tables.threadByExternalId(customer.id, externalId);
  if (known) {
    if (switches.duplicateThread === 'existing') return { thread: threadView(world, known) };
    throw invalid('externalId', 'The customer has a thread with this external id.');
  }

  const at = now(world);
  const text = textOf(components);
  const description = input.description ?? (text.slice(0, longestPreview) || null);
  const thread: Thread = {
    ...newThread(world, { customerId: customer.id, actor, at, channel: input.channel ?? 'API' }),
    title: input.title ?? (description?.slice(0, longestTitle) || 'No title'),
    description,
    previewText: description?.slice(0, longestPreview) ?? null,
    priority: input.priority ?? 2,
    externalId,
    tenantId,
    assignee,
    assignedAt: assignee && at,
    labels: labelTypeIds.map((id) => newLabel(world, id, actor, at)),
    fields: values.map((value) => toField(world, value, { at, actor })),
  };
  store(world, thread, { actor, components, attachmentIds });
  for (const kind of ['autoresponder', 'service-level-agreement'] as const) {
    tables.sideEffects.push({ threadId: thread.id, kind, at });
  }
  threadCreated(world, getThread(world, thread.id));
  return { thread: threadView(world, getThread(world, thread.id)) };
}

function checkCreation({ title, externalId, priority, channel, channelDetails }: CreateThreadInput): void {
  if (typeof title === 'string') checkLength('title', title, longestTitle);
  if (typeof externalId === 'string') checkLength('externalId', externalId, longestExternalId);
  if (typeof priority === 'number') checkPriority(priority);
  if (channel && !creatable.includes(channel)) throw invalid('channel', `Must be one of ${creatable.join(', ')}.`);
  if ((channel === 'SLACK' && !channelDetails?.slack) || (channel === 'MS_TEAMS' && !channelDetails?.msTeams)) {
    throw invalid('channelDetails', `Are needed for ${channel}.`, 'REQUIRED');
  }
}

/** The thread, its first message if there is one, and the notes that belong to its customer. */
function store(
  world: World,
  thread: Thread,
  first: {
    readonly actor: ActorRef;
    readonly components: readonly StoredComponent[];
    readonly attachmentIds: readonly string[];
  },
): void {
  const { components, attachmentIds } = first;
  const { createdAt, customerId, title } = thread;
  const hasMessage = components.length > 0 || attachmentIds.length > 0;
  world.tables.putThread(hasMessage ? { ...thread, ...messageInfo(thread, createdAt, 'inbound') } : thread);
  addCustomerNotes(world, thread);
  if (!hasMessage) return;
  const isCustomer = world.switches.openingActor === 'customer';
  addEntry(world, thread, {
    timestamp: createdAt,
    actor: isCustomer ? { is: 'customer', id: customerId } : first.actor,
    content: { type: 'CUSTOM', title, externalId: null, components, attachmentIds },
  });
}

export function addCustomerNotes(world: World, thread: Thread): void {
  for (const { timestamp, actor, content } of world.tables.customerNotes.get(thread.customerId) ?? []) {
    addEntry(world, thread, { timestamp, actor, content });
  }
}

/** A thread of which nothing is known yet but whose it is. TODO, as every new thread. */
export function newThread(
  world: World,
  of: { readonly customerId: string; readonly actor: ActorRef; readonly at: Instant; readonly channel: ThreadChannel },
): Thread {
  const { customerId, channel, actor, at } = of;
  return {
    customerId,
    channel,
    id: newId(world, 'th'),
    number: world.tables.lastThreadNumber + 1,
    externalId: null,
    title: 'No title',
    description: null,
    previewText: null,
    priority: 2,
    importSourceUrl: null,
    status: 'TODO',
    statusDetail: { type: 'CREATED' },
    statusChangedAt: at,
    statusChangedBy: actor,
    assignee: null,
    assignedAt: null,
    labels: [],
    fields: [],
    tenantId: null,
    lockedAt: null,
    firstInbound: null,
    firstOutbound: null,
    lastInbound: null,
    lastOutbound: null,
    createdAt: at,
    createdBy: actor,
    updatedAt: at,
    updatedBy: actor,
  };
}

export function newLabel(world: World, labelTypeId: string, actor: ActorRef, at: Instant): Label {
  return { id: newId(world, 'l'), labelTypeId, createdAt: at, createdBy: actor, updatedAt: at, updatedBy: actor };
}

export function deleteThread({ input }: { readonly input: DeleteThreadInput }, { world }: Call): View {
  const thread = getThread(world, input.threadId);
  checkUnlocked(world, thread);
  world.tables.removeThread(thread);
  world.tables.deletedThreads.push({ threadId: thread.id, deletedAt: now(world) });
  return {};
}
