/**
 * Productlane records to the model and back. Pure functions: no clock, no
 * network, no configuration. Unknown words coming in are tolerated; unknown
 * words going out do not compile.
 */
import { cleanText } from '../../core/bodies.ts';
import type {
  CreateThreadInput,
  ImportThreadInput,
  ReplyInput,
  StatusInput,
  UpdateThreadInput,
} from '../../core/helpdesk.ts';
import type { Channel, Contact, Loss, Priority, Status, Thread, Word } from '../../core/model.ts';
import { given } from '../../core/plain-data.ts';
import type {
  CreateThreadBody,
  SendMessageBody,
  UpdateThreadBody,
  WireContact,
  WireOrigin,
  WirePain,
  WireThread,
} from './wire.ts';

// Out: total over our words.

export const painOf = {
  urgent: 'HIGH', // Productlane has no level above HIGH
  high: 'HIGH',
  normal: 'MEDIUM',
  low: 'LOW',
} as const satisfies Record<Priority, WirePain>;

// In: total over their words as known today. Others fall back, see `word`.

export const priorityOf = {
  HIGH: 'high',
  MEDIUM: 'normal',
  LOW: 'low',
  UNKNOWN: 'normal',
} as const satisfies Record<WirePain, Priority>;

export const channelOf = {
  in_app: 'chat',
  portal: 'portal',
  support_portal: 'portal',
  email: 'email',
  slack: 'slack',
  slack_connect: 'slack',
  intercom: 'import',
  intercom_attachment: 'import',
  zendesk: 'import',
  zendesk_attachment: 'import',
  front_attachment: 'import',
  zapier: 'api',
  hubspot: 'import',
  plain: 'import',
  productboard: 'import',
  api: 'api',
  live_chat: 'chat',
} as const satisfies Record<WireOrigin, Channel>;

/** An unknown word keeps its spelling in `raw` beside a default that stays in view. */
export function word<T extends string>(
  table: Readonly<Record<string, T>>,
  raw: string | null | undefined,
  otherwise: T,
): Word<T> {
  const key = raw ?? '';
  return { is: (Object.hasOwn(table, key) && table[key]) || otherwise, raw: key };
}

export function toThread(wire: WireThread): Thread {
  return {
    id: wire.id,
    externalId: undefined,
    contact: wire.contact ? toContact(wire.contact) : undefined,
    title: wire.title ?? undefined,
    status: toStatus(wire),
    priority: word(priorityOf, wire.pain_level, 'normal'),
    channel: word<Channel>(channelOf, wire.origin, 'other'),
    assignee: wire.assignee
      ? { id: wire.assignee.id, name: wire.assignee.name ?? undefined, email: wire.assignee.email ?? undefined }
      : undefined,
    labels: (wire.tags ?? []).map(({ id, name }) => ({ id, name })),
    company: wire.company ? { id: wire.company.id, name: wire.company.name } : undefined,
    customFields: [],
    createdAt: new Date(wire.created_at),
    updatedAt: new Date(wire.updated_at),
    raw: wire,
  };
}

export function toContact(wire: WireContact): Contact {
  return {
    id: wire.id,
    email: wire.email.trim().toLowerCase(),
    name: wire.name ?? undefined,
    externalId: undefined,
    companyId: wire.company_id ?? undefined,
    createdAt: new Date(wire.created_at),
    updatedAt: new Date(wire.updated_at),
    raw: wire,
  };
}

/** A new thread: what goes into the request, what has to wait for a second one, and what has no place. */
export interface NewThread {
  readonly body: CreateThreadBody;
  readonly late: Late;
  readonly losses: readonly Loss[];
}

/** Fields that creation does not take. */
export interface Late {
  readonly json: UpdateThreadBody;
  /** Their names in the input. */
  readonly fields: readonly string[];
}

/** `text` is the converted body. */
export function fromCreateThread(input: CreateThreadInput, email: string, text: string): NewThread {
  return {
    body: {
      ...fromPlaced(input, email),
      text,
      created_at: input.createdAt?.toISOString(),
      ...given(input.providerOptions?.productlane),
    },
    late: lateOf(undefined, input.labelIds),
    losses: lossesOf(input),
  };
}

/** `text` is the transcript. A snooze that is over by `now` leaves the thread open. */
export function fromImportThread(input: ImportThreadInput, email: string, text: string, now: Date): NewThread {
  const { status } = input;
  const snoozed = status?.is === 'snoozed' && status.until > now ? status : undefined;
  const over: Loss = { field: 'status', how: 'changed', stored: 'open', reason: 'the snooze is over' };
  const updatedAt = new Date(Math.max(...[input, ...input.messages].map(({ createdAt }) => createdAt.getTime())));
  return {
    body: {
      ...fromPlaced(input, email),
      text,
      status: status?.is === 'done' ? 'done' : 'open',
      created_at: input.createdAt.toISOString(),
      updated_at: updatedAt.toISOString(),
      ...given(input.providerOptions?.productlane),
    },
    late: lateOf(snoozed, input.labelIds),
    losses: [...lossesOf(input), ...(status?.is === 'snoozed' && !snoozed ? [over] : [])],
  };
}

function lateOf(status: StatusInput | undefined, labelIds: readonly string[] | undefined): Late {
  return {
    json: { ...(status && fromStatus(status)), ...(labelIds?.length && { tag_ids: [...new Set(labelIds)] }) },
    fields: [...(status ? ['status'] : []), ...(labelIds?.length ? ['labelIds'] : [])],
  };
}

function fromPlaced(
  input: CreateThreadInput | ImportThreadInput,
  email: string,
): Omit<CreateThreadBody, 'text'> & { readonly pain_level: WirePain } {
  return {
    contact_email: email,
    contact_name: input.contact.email === undefined ? undefined : input.contact.name && cleanText(input.contact.name),
    title: cleanText(input.title),
    pain_level: painOf[input.priority ?? 'normal'],
    assignee_id: input.assigneeId,
    company_id: input.companyId,
  };
}

export function fromUpdateThread(changes: UpdateThreadInput): {
  readonly body: UpdateThreadBody;
  readonly losses: readonly Loss[];
} {
  return {
    body: {
      title: changes.title && cleanText(changes.title),
      pain_level: changes.priority && painOf[changes.priority],
      assignee_id: changes.assigneeId,
      company_id: changes.companyId,
      tag_ids: changes.labelIds && [...new Set(changes.labelIds)],
      ...(changes.status && fromStatus(changes.status)),
      ...given(changes.providerOptions?.productlane),
    },
    losses: lossesOf(changes),
  };
}

export function fromStatus(status: StatusInput): Pick<UpdateThreadBody, 'status' | 'snoozed_until'> {
  switch (status.is) {
    case 'open':
    case 'done':
      return { status: status.is };
    case 'snoozed':
      return { status: 'snoozed', snoozed_until: status.until.toISOString() };
  }
}

export function fromReply(input: ReplyInput, content: string): SendMessageBody {
  const trimmed = (recipients: ReplyInput['cc']) =>
    recipients?.map(({ email, ...rest }) => ({ email: email.trim(), ...rest }));
  return { content, cc: trimmed(input.cc), bcc: trimmed(input.bcc), ...given(input.providerOptions?.productlane) };
}

/** What only e-mail carries, on a thread of another channel. `channel` is what the desk says it has used. */
export function replyLosses(sent: SendMessageBody, channel: string): readonly Loss[] {
  if (channel === 'email') return [];
  const fields = ['cc', 'bcc', 'attachments'] as const;
  return fields
    .filter((field) => sent[field]?.length)
    .map((field) => ({ field, how: 'dropped', reason: 'the thread is not e-mail' }));
}

/** What Productlane has no place for. */
function lossesOf(input: {
  readonly priority?: Priority | undefined;
  readonly externalId?: string | undefined;
  readonly customFields?: readonly unknown[] | undefined;
  readonly providerOptions?: { readonly productlane?: { readonly pain_level?: unknown } | undefined } | undefined;
}): readonly Loss[] {
  const losses: Loss[] = [];
  if (input.priority === 'urgent' && input.providerOptions?.productlane?.pain_level === undefined)
    losses.push({ field: 'priority', how: 'changed', stored: 'high' });
  if (input.externalId !== undefined) losses.push({ field: 'externalId', how: 'dropped' });
  if (input.customFields?.length) losses.push({ field: 'customFields', how: 'dropped' });
  return losses;
}

function toStatus({ status, snoozed_until }: WireThread): Status {
  switch (status) {
    case 'done':
      return { is: 'done', raw: status };
    case 'snoozed':
      return { is: 'snoozed', until: snoozed_until ? new Date(snoozed_until) : undefined, raw: status };
    default:
      // A status we have never seen stays visible in the inbox instead of hiding in `done`.
      return { is: 'open', raw: status };
  }
}
