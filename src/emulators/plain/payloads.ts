/** How records look inside a webhook: times are texts, and actors carry `actorType`. */
import type {
  ChatContent,
  EmailContent,
  Entry,
  NoteContent,
  Participant,
  SlackContent,
  TeamsContent,
} from './entries.ts';
import type { ActorRef, AssigneeRef, Customer, Instant, MessageInfo, Tenant, Thread, ThreadField } from './records.ts';
import { system, type World } from './world.ts';

export type Payload = Readonly<Record<string, unknown>>;

interface Stamps {
  readonly createdAt: Instant;
  readonly createdBy: ActorRef;
  readonly updatedAt: Instant;
  readonly updatedBy: ActorRef;
}

export function threadPayload(world: World, thread: Thread): Payload {
  const { id, title, previewText, priority, externalId, status, statusChangedAt, assignedAt } = thread;
  const customer = world.tables.customers.get(thread.customerId);
  const { waitingUntil, durationSeconds, type } = thread.statusDetail;
  const statusDetail = { type, waitingUntil, durationSeconds, statusChangedAt, createdAt: thread.statusChangedAt };
  return {
    id,
    customer: customer && customerPayload(customer),
    title,
    previewText,
    priority,
    externalId,
    status,
    statusChangedAt,
    statusChangedBy: actorPayload(thread.statusChangedBy),
    // The webhook schema has no word for an endless snooze.
    statusDetail: type === 'WAITING_INDEFINITELY' ? { type: 'UNKNOWN' } : statusDetail,
    assignee: assigneePayload(world, thread.assignee),
    assignedAt,
    additionalAssignees: [],
    labels: thread.labels.map((label) => ({
      id: label.id,
      labelType: labelTypePayload(world, label.labelTypeId),
      ...stampPayload(label),
    })),
    firstInboundMessageInfo: messageInfoPayload(thread.firstInbound),
    firstOutboundMessageInfo: messageInfoPayload(thread.firstOutbound),
    lastInboundMessageInfo: messageInfoPayload(thread.lastInbound),
    lastOutboundMessageInfo: messageInfoPayload(thread.lastOutbound),
    supportEmailAddresses: thread.channel === 'EMAIL' ? world.workspace.supportEmailAddresses : [],
    ...stampPayload(thread),
  };
}

export function customerPayload(customer: Customer): Payload {
  const { id, externalId, fullName, shortName, email, isVerified, verifiedAt, markedAsSpamAt } = customer;
  return {
    id,
    email: { email, isVerified, verifiedAt },
    externalId,
    fullName,
    shortName,
    markedAsSpamAt,
    markedAsSpamBy: markedAsSpamAt && actorPayload(system),
    customerGroupMemberships: [],
    ...stampPayload(customer),
  };
}

export function tenantPayload(tenant: Tenant | undefined): Payload | null {
  if (!tenant) return null;
  const { id, externalId, name, url } = tenant;
  return { id, externalId, name, url, ...stampPayload(tenant) };
}

export function threadFieldPayload(thread: Thread, field: ThreadField): Payload {
  const { id, key, type, stringValue, booleanValue, numberValue, dateValue } = field;
  return {
    id,
    threadId: thread.id,
    key,
    type,
    stringValue,
    booleanValue,
    numberValue,
    dateValue,
    ...stampPayload(field),
  };
}

export function emailPayload(world: World, entry: Entry, content: EmailContent, isStartOfThread: boolean): Payload {
  const isInbound = content.sendStatus === null;
  return {
    timelineEntryId: entry.id,
    id: content.emailId,
    from: participantPayload(content.from),
    to: participantPayload(content.to),
    replyTo: null,
    additionalRecipients: content.additionalRecipients.map(participantPayload),
    hiddenRecipients: content.hiddenRecipients.map(participantPayload),
    subject: content.subject,
    textContent: content.textContent,
    markdownContent: content.markdownContent,
    authenticity: isInbound ? 'PASS' : 'UNKNOWN',
    sentAt: isInbound ? null : entry.timestamp,
    receivedAt: isInbound ? entry.timestamp : null,
    attachments: attachmentPayloads(world, content.attachmentIds),
    inReplyToEmailId: null,
    isStartOfThread,
    ...entryStamps(entry),
  };
}

export function chatPayload(world: World, entry: Entry, { chatId, text, attachmentIds }: ChatContent): Payload {
  const attachments = attachmentPayloads(world, attachmentIds);
  return { timelineEntryId: entry.id, id: chatId, text, customerReadAt: null, attachments, ...entryStamps(entry) };
}

export function slackPayload(world: World, entry: Entry, content: SlackContent): Payload {
  return {
    timelineEntryId: entry.id,
    id: entry.id,
    text: content.text,
    attachments: attachmentPayloads(world, content.attachmentIds),
    slackChannelId: 'C0EMULATOR',
    slackChannelName: 'support',
    slackMessageLink: content.slackWebMessageLink,
    ...entryStamps(entry),
  };
}

export function teamsPayload(world: World, entry: Entry, content: TeamsContent, isInbound: boolean): Payload {
  return {
    timelineEntryId: entry.id,
    threadId: entry.threadId,
    msTeamsMessageId: content.msTeamsMessageId,
    type: isInbound ? 'INBOUND' : 'OUTBOUND',
    text: content.text,
    attachments: attachmentPayloads(world, content.attachmentIds),
    lastEditedOnMsTeamsAt: null,
    deletedOnMsTeamsAt: null,
    ...entryStamps(entry),
  };
}

export function notePayload(entry: Entry, { noteId, text, markdown }: NoteContent): Payload {
  const stamps = entryStamps(entry);
  return { timelineEntryId: entry.id, id: noteId, text, markdown, ...stamps, deletedAt: null, deletedBy: null };
}

function actorPayload({ is, id }: ActorRef): Payload {
  switch (is) {
    case 'user':
      return { actorType: 'user', userId: id };
    case 'customer':
      return { actorType: 'customer', customerId: id };
    case 'machineUser':
      return { actorType: 'machineUser', machineUserId: id };
    case 'system':
      return { actorType: 'system', system: id };
  }
}

function assigneePayload({ tables }: World, assignee: AssigneeRef | null): Payload | null {
  if (assignee === null) return null;
  const stamps = (at: Instant): Payload =>
    stampPayload({ createdAt: at, createdBy: system, updatedAt: at, updatedBy: system });
  const user = tables.users.get(assignee.id);
  if (user) return { ...user, deletedAt: user.removedAt, deletedBy: null, ...stamps(user.updatedAt) };
  const machineUser = tables.machineUsers.get(assignee.id);
  if (machineUser) return { ...machineUser, deletedAt: null, deletedBy: null, ...stamps(machineUser.updatedAt) };
  return { id: assignee.id };
}

function labelTypePayload({ tables }: World, id: string): Payload | null {
  const labelType = tables.labelTypes.get(id);
  if (!labelType) return null;
  const { name, icon, archivedAt } = labelType;
  return {
    id,
    name,
    icon,
    isArchived: archivedAt !== null,
    archivedAt,
    archivedBy: archivedAt && actorPayload(system),
    externalId: null,
    ...stampPayload(labelType),
  };
}

function attachmentPayloads({ tables }: World, ids: readonly string[]): Payload[] {
  return ids.flatMap((id) => {
    const attachment = tables.attachments.get(id);
    if (!attachment) return [];
    const { fileName, fileMimeType, bytes, updatedAt } = attachment;
    const stamps = stampPayload({ createdAt: updatedAt, createdBy: system, updatedAt, updatedBy: system });
    const dot = fileName.lastIndexOf('.');
    const fileExtension = dot < 0 ? null : fileName.slice(dot + 1);
    return [{ id, fileName, fileSizeBytes: bytes, fileMimeType, fileExtension, ...stamps }];
  });
}

function participantPayload({ email, name, actor }: Participant): Payload {
  return { email, name, emailActor: actor && emailActorPayload(actor) };
}

function emailActorPayload({ is, id }: NonNullable<Participant['actor']>): Payload {
  if (is === 'supportEmailAddress') return { actorType: is, supportEmailAddress: id };
  return is === 'customer' ? { actorType: is, customerId: id } : { actorType: is, userId: id };
}

function messageInfoPayload(info: MessageInfo | null): Payload | null {
  return info && { ...info };
}

function entryStamps({ timestamp, actor }: Entry): Payload {
  return stampPayload({ createdAt: timestamp, createdBy: actor, updatedAt: timestamp, updatedBy: actor });
}

function stampPayload({ createdAt, createdBy, updatedAt, updatedBy }: Stamps): Payload {
  return { createdAt, createdBy: actorPayload(createdBy), updatedAt, updatedBy: actorPayload(updatedBy) };
}
