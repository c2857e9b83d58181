/** Which webhook events a change fires. */
import type { Entry } from './entries.ts';
import {
  chatPayload,
  customerPayload,
  emailPayload,
  notePayload,
  type Payload,
  slackPayload,
  teamsPayload,
  tenantPayload,
  threadFieldPayload,
  threadPayload,
} from './payloads.ts';
import type { Customer, Thread, ThreadField } from './records.ts';
import type { World } from './world.ts';

/** Every event there is here, with the webhook version that brought it. */
export const eventVersions = {
  'customer.customer_changed': 'unversioned',
  'customer.customer_created': 'unversioned',
  'customer.customer_updated': 'unversioned',
  'thread.chat_received': 'unversioned',
  'thread.chat_sent': 'unversioned',
  'thread.email_received': 'unversioned',
  'thread.email_sent': 'unversioned',
  'thread.ms_teams_message_received': 'unversioned',
  'thread.ms_teams_message_sent': 'unversioned',
  'thread.note_created': 'unversioned',
  'thread.slack_message_received': 'unversioned',
  'thread.slack_message_sent': 'unversioned',
  'thread.thread_assignment_transitioned': 'unversioned',
  'thread.thread_created': 'unversioned',
  'thread.thread_field_created': 'unversioned',
  'thread.thread_field_updated': 'unversioned',
  'thread.thread_labels_changed': 'unversioned',
  'thread.thread_priority_changed': 'unversioned',
  'thread.thread_status_transitioned': 'unversioned',
  'thread.thread_tenant_updated': '2026-04-21',
} as const;

export type EventType = keyof typeof eventVersions;

/** The payload is only made if somebody listens. */
function emit(world: World, eventType: EventType, payload: () => Payload): void {
  if (world.webhooks.targets.length > 0) world.webhooks.emit(eventType, { eventType, ...payload() });
}

export function customerChanged(world: World, before: Customer | undefined, after: Customer): void {
  const customer = (): Payload => customerPayload(after);
  const previousCustomer = (): Payload | null => (before ? customerPayload(before) : null);
  if (before) {
    emit(world, 'customer.customer_updated', () => ({ customer: customer(), previousCustomer: previousCustomer() }));
  } else {
    emit(world, 'customer.customer_created', () => ({ customer: customer() }));
  }
  emit(world, 'customer.customer_changed', () => ({
    changeType: before ? 'UPDATED' : 'ADDED',
    customer: customer(),
    previousCustomer: previousCustomer(),
  }));
}

export function threadCreated(world: World, thread: Thread): void {
  emit(world, 'thread.thread_created', () => ({ thread: threadPayload(world, thread) }));
}

/** `changeType` is for labels only. */
export function threadChanged(
  world: World,
  type:
    | 'thread.thread_status_transitioned'
    | 'thread.thread_assignment_transitioned'
    | 'thread.thread_priority_changed'
    | 'thread.thread_labels_changed',
  before: Thread,
  after: Thread,
  changeType?: 'ADDED' | 'REMOVED',
): void {
  emit(world, type, () => ({
    ...(changeType && { changeType }),
    previousThread: threadPayload(world, before),
    thread: threadPayload(world, after),
  }));
}

export function tenantChanged(world: World, before: Thread, after: Thread): void {
  const { tenants } = world.tables;
  emit(world, 'thread.thread_tenant_updated', () => ({
    previousThread: threadPayload(world, before),
    thread: threadPayload(world, after),
    previousTenant: tenantPayload(tenants.get(before.tenantId ?? '')),
    tenant: tenantPayload(tenants.get(after.tenantId ?? '')),
  }));
}

export function threadFieldChanged(
  world: World,
  thread: Thread,
  before: ThreadField | undefined,
  after: ThreadField,
): void {
  emit(world, before ? 'thread.thread_field_updated' : 'thread.thread_field_created', () => ({
    thread: threadPayload(world, thread),
    ...(before && { previousThreadField: threadFieldPayload(thread, before) }),
    threadField: threadFieldPayload(thread, after),
  }));
}

/** A message or a note that is new on the timeline. Kinds without an event of their own fire none. */
export function entryAdded(world: World, thread: Thread, entry: Entry, direction: 'inbound' | 'outbound'): void {
  const event = eventOf(world, entry, direction === 'inbound');
  if (event) emit(world, event.type, () => ({ thread: threadPayload(world, thread), ...event.payload() }));
}

function eventOf(
  world: World,
  entry: Entry,
  isInbound: boolean,
): { readonly type: EventType; readonly payload: () => Payload } | undefined {
  const { content } = entry;
  switch (content.type) {
    case 'EMAIL': {
      const timeline = world.tables.timelines.get(entry.threadId) ?? [];
      const isStart = timeline.find((other) => other.content.type === 'EMAIL') === entry;
      return {
        type: isInbound ? 'thread.email_received' : 'thread.email_sent',
        payload: () => ({ email: emailPayload(world, entry, content, isStart) }),
      };
    }
    case 'CHAT':
      return {
        type: isInbound ? 'thread.chat_received' : 'thread.chat_sent',
        payload: () => ({ chat: chatPayload(world, entry, content) }),
      };
    case 'SLACK_MESSAGE':
    case 'SLACK_REPLY':
      return {
        type: isInbound ? 'thread.slack_message_received' : 'thread.slack_message_sent',
        payload: () => ({ slackMessage: slackPayload(world, entry, content) }),
      };
    case 'MS_TEAMS_MESSAGE':
      return {
        type: isInbound ? 'thread.ms_teams_message_received' : 'thread.ms_teams_message_sent',
        payload: () => ({ msTeamsMessage: teamsPayload(world, entry, content, isInbound) }),
      };
    case 'NOTE':
      return { type: 'thread.note_created', payload: () => ({ note: notePayload(entry, content) }) };
    default:
      return undefined;
  }
}
