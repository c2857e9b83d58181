/**
 * Plain's records to the model and back. Pure functions: no clock, no network,
 * no configuration. Unknown words coming in are tolerated; unknown words going
 * out do not compile.
 */
import { cleanText } from '../../core/bodies.ts';
import type {
  CreateThreadInput,
  ImportThreadInput,
  Recipient,
  StatusInput,
  ThreadFilter,
  UpdateThreadInput,
} from '../../core/helpdesk.ts';
import type { Agent, Channel, Contact, CustomField, Loss, Priority, Status, Thread, Word } from '../../core/model.ts';
import { given } from '../../core/plain-data.ts';
import { assignee } from './checks.ts';
import type {
  ComponentInput,
  CreateThreadFieldOnThreadInput,
  CustomerIdentifierInput,
  CustomerPartsFragment,
  EmailParticipantInput,
  ImportThreadStatusDetail,
  ThreadChannel,
  ThreadFieldSchemaType,
  ThreadPartsFragment,
  ThreadStatus,
  ThreadsFilter,
  UpdateThreadMutationVariables,
  CreateThreadInput as WireCreateThread,
  ImportThreadInput as WireImportThread,
} from './generated/graphql.ts';

/** The words of today. Generated types add one for those of tomorrow. */
export type Known<T extends string> = Exclude<T, '%future added value'>;

// Out: total over our words.

export const priorityNumber = { urgent: 0, high: 1, normal: 2, low: 3 } as const satisfies Record<Priority, number>;

export const statusWord = { open: 'TODO', snoozed: 'SNOOZED', done: 'DONE' } as const satisfies Record<
  Status['is'],
  ThreadStatus
>;

export const fieldTypeWord = {
  string: 'STRING',
  enum: 'ENUM',
  boolean: 'BOOL',
  number: 'NUMBER',
  currency: 'CURRENCY',
  date: 'DATE',
} as const satisfies Record<CustomField['type'], ThreadFieldSchemaType>;

// In: total over their words as known today.

export const channelOf = {
  EMAIL: 'email',
  SLACK: 'slack',
  CHAT: 'chat',
  API: 'api',
  MS_TEAMS: 'teams',
  DISCORD: 'discord',
  IMPORT: 'import',
  INTERNAL: 'other',
} as const satisfies Record<Known<ThreadChannel>, Channel>;

const priorityOf: Readonly<Record<number, Priority>> = { 0: 'urgent', 1: 'high', 2: 'normal', 3: 'low' };

export function toContact(wire: CustomerPartsFragment): Contact {
  return {
    id: wire.id,
    email: wire.email.email.trim().toLowerCase(),
    // The address stands in for the name of a contact who was created without one.
    name: wire.fullName.toLowerCase() === wire.email.email.toLowerCase() ? undefined : wire.fullName || undefined,
    externalId: wire.externalId ?? undefined,
    companyId: undefined,
    createdAt: new Date(wire.createdAt.iso8601),
    updatedAt: new Date(wire.updatedAt.iso8601),
    raw: wire,
  };
}

export function toThread(wire: ThreadPartsFragment): Thread {
  return {
    id: wire.id,
    externalId: wire.externalId ?? undefined,
    contact: toContact(wire.customer),
    title: wire.title,
    status: toStatus(wire),
    priority: { is: priorityOf[wire.priority] ?? 'normal', raw: String(wire.priority) },
    channel: toChannel(wire.channel),
    assignee: toAgent(wire.assignedTo),
    labels: wire.labels.map(({ labelType }) => ({ id: labelType.id, name: labelType.name })),
    company: wire.tenant ? { id: wire.tenant.id, name: wire.tenant.name } : undefined,
    customFields: wire.threadFields.map(toCustomField).filter((field) => field !== undefined),
    createdAt: new Date(wire.createdAt.iso8601),
    updatedAt: new Date(wire.updatedAt.iso8601),
    raw: wire,
  };
}

/** A channel of tomorrow is `other`, with its own word beside it. */
export function toChannel(raw: ThreadChannel): Word<Channel> {
  const known: Readonly<Record<string, Channel>> = channelOf;
  return { is: (Object.hasOwn(known, raw) && known[raw]) || 'other', raw };
}

function toStatus({ status, statusDetail }: ThreadPartsFragment): Status {
  const raw = statusDetail ? `${status} ${statusDetail.__typename}` : status;
  switch (status) {
    case 'DONE':
      return { is: 'done', raw };
    case 'SNOOZED': {
      const until =
        statusDetail?.__typename === 'ThreadStatusDetailWaitingForDuration' ? statusDetail.waitingUntil : undefined;
      return { is: 'snoozed', until: until && new Date(until.iso8601), raw };
    }
    default:
      // A status we have never seen stays visible in the inbox instead of hiding in `done`.
      return { is: 'open', raw };
  }
}

function toAgent(wire: ThreadPartsFragment['assignedTo']): Agent | undefined {
  switch (wire?.__typename) {
    case 'User':
      return { id: wire.userId, name: wire.fullName, email: wire.email };
    case 'MachineUser':
      return { id: wire.machineUserId, name: wire.fullName, email: undefined };
    case 'System':
      return { id: wire.systemId, name: undefined, email: undefined };
    default:
      return undefined;
  }
}

function toCustomField(wire: ThreadPartsFragment['threadFields'][number]): CustomField | undefined {
  const { key, type, stringValue, booleanValue, numberValue, dateValue } = wire;
  switch (type) {
    case 'BOOL':
      return booleanValue === null ? undefined : { key, type: 'boolean', value: booleanValue };
    case 'NUMBER':
    case 'CURRENCY':
      return numberValue === null
        ? undefined
        : { key, type: type === 'NUMBER' ? 'number' : 'currency', value: numberValue };
    case 'DATE':
      return dateValue === null ? undefined : { key, type: 'date', value: new Date(dateValue.iso8601) };
    default:
      // STRING, ENUM, and a type of tomorrow as far as it is text.
      return stringValue === null ? undefined : { key, type: type === 'ENUM' ? 'enum' : 'string', value: stringValue };
  }
}

export function fromCustomField(field: CustomField): CreateThreadFieldOnThreadInput {
  const { key } = field;
  const type = fieldTypeWord[field.type];
  switch (field.type) {
    case 'string':
    case 'enum':
      return { key, type, stringValue: field.value };
    case 'boolean':
      return { key, type, booleanValue: field.value };
    case 'number':
    case 'currency':
      return { key, type, numberValue: field.value };
    case 'date':
      return { key, type, dateValue: field.value.toISOString() };
  }
}

export function fromCreateThread(
  input: CreateThreadInput,
  customerIdentifier: CustomerIdentifierInput,
  components: readonly ComponentInput[],
): { readonly input: WireCreateThread; readonly losses: readonly Loss[] } {
  return {
    input: {
      title: cleanText(input.title),
      components,
      labelTypeIds: input.labelIds && [...new Set(input.labelIds)],
      threadFields: input.customFields?.map(fromCustomField),
      assignedTo: input.assigneeId === undefined ? undefined : assignee(input.assigneeId),
      externalId: input.externalId,
      priority: priorityNumber[input.priority ?? 'normal'],
      tenantIdentifier: input.companyId === undefined ? undefined : { tenantId: input.companyId },
      ...given(input.providerOptions?.plain),
      customerIdentifier,
    },
    losses: input.createdAt ? [{ field: 'createdAt', how: 'dropped' }] : [],
  };
}

/** What the status of an import may be. Plain imports no end of a snooze. */
const importStatus = {
  open: { status: 'TODO', detail: 'IN_PROGRESS' },
  snoozed: { status: 'SNOOZED', detail: 'WAITING_FOR_CUSTOMER' },
  done: { status: 'DONE', detail: 'DONE_MANUALLY_SET' },
} as const satisfies Record<Status['is'], { status: ThreadStatus; detail: ImportThreadStatusDetail }>;

export function fromImportThread(
  input: ImportThreadInput,
  customerIdentifier: CustomerIdentifierInput,
): { readonly input: WireImportThread; readonly losses: readonly Loss[] } {
  const { userId: _, statusDetail, ...plain } = input.providerOptions?.plain ?? {};
  const { status, detail } = importStatus[input.status?.is ?? 'open'];
  return {
    input: {
      title: cleanText(input.title),
      externalId: input.externalId,
      createdAt: input.createdAt.toISOString(),
      status,
      statusDetail: { type: statusDetail ?? detail },
      priority: priorityNumber[input.priority ?? 'normal'],
      assignedTo: input.assigneeId === undefined ? undefined : assignee(input.assigneeId),
      labelTypeIds: input.labelIds && [...new Set(input.labelIds)],
      tenantId: input.companyId,
      ...given(plain),
      customerIdentifier,
    },
    losses:
      input.status?.is === 'snoozed' ? [{ field: 'status.until', how: 'dropped', reason: 'imports take no end' }] : [],
  };
}

/**
 * The one request that carries all changes.
 *
 * `labels` are those the thread has now, asked for only where `labelIds`
 * changes them: Plain adds by label type and removes by label.
 */
export function fromUpdateThread(
  threadId: string,
  changes: UpdateThreadInput,
  labels: ThreadPartsFragment['labels'],
  now: Date,
): { readonly variables: UpdateThreadMutationVariables; readonly losses: readonly Loss[] } {
  const { title, priority, assigneeId, labelIds, companyId, customFields, status } = changes;
  const { tenantIdentifier, statusDetail } = changes.providerOptions?.plain ?? {};
  const gone = labelIds ? labels.filter(({ labelType }) => !labelIds.includes(labelType.id)) : [];
  const fresh = [...new Set(labelIds)].filter((id) => !labels.some(({ labelType }) => labelType.id === id));
  const tenant = tenantIdentifier ?? (companyId == null ? companyId : { tenantId: companyId });
  const { variables, losses } = fromStatus(threadId, status, statusDetail, now);
  return {
    variables: {
      ...(title !== undefined && { hasTitle: true, title: { threadId, title: cleanText(title) } }),
      ...(priority && { hasPriority: true, priority: { threadId, priority: priorityNumber[priority] } }),
      ...(assigneeId && { hasAssign: true, assign: { threadId, ...assignee(assigneeId) } }),
      ...(assigneeId === null && { hasUnassign: true, unassign: { threadId } }),
      ...(gone.length > 0 && { hasRemoveLabels: true, removeLabels: { labelIds: gone.map(({ id }) => id) } }),
      ...(fresh.length > 0 && { hasAddLabels: true, addLabels: { threadId, labelTypeIds: fresh } }),
      ...(tenant !== undefined && { hasTenant: true, tenant: { threadId, tenantIdentifier: tenant } }),
      ...(customFields && { hasThreadFields: true, threadFields: fromThreadFields(threadId, customFields) }),
      ...variables,
    },
    losses,
  };
}

export function fromThreadFields(
  threadId: string,
  fields: readonly CustomField[],
): NonNullable<UpdateThreadMutationVariables['threadFields']> {
  return {
    inputs: fields.map((field) => {
      const { key, ...value } = fromCustomField(field);
      return { identifier: { threadId, key }, ...value };
    }),
  };
}

type StatusDetail = NonNullable<NonNullable<UpdateThreadInput['providerOptions']>['plain']>['statusDetail'];

function fromStatus(
  threadId: string,
  status: StatusInput | undefined,
  detail: StatusDetail,
  now: Date,
): { readonly variables: UpdateThreadMutationVariables; readonly losses: readonly Loss[] } {
  switch (status?.is) {
    case undefined:
      return { variables: {}, losses: [] };
    case 'open': {
      const statusDetail =
        detail === 'NEW_REPLY' || detail === 'IN_PROGRESS' || detail === 'CREATED' ? detail : undefined;
      return { variables: { hasTodo: true, todo: { threadId, statusDetail } }, losses: [] };
    }
    case 'done': {
      const statusDetail = detail === 'IGNORED' || detail === 'DONE_MANUALLY_SET' ? detail : undefined;
      return { variables: { hasDone: true, done: { threadId, statusDetail } }, losses: [] };
    }
    case 'snoozed': {
      if (detail === 'WAITING_FOR_CUSTOMER' || detail === 'WAITING_INDEFINITELY') {
        const snooze = { threadId, statusDetail: detail };
        return { variables: { hasSnooze: true, snooze }, losses: [{ field: 'status.until', how: 'dropped' }] };
      }
      const durationSeconds = Math.ceil((status.until.getTime() - now.getTime()) / 1000);
      return { variables: { hasSnooze: true, snooze: { threadId, durationSeconds } }, losses: [] };
    }
  }
}

/** Machine users cannot be filtered by: the caller has to refuse them. */
export function fromThreadFilter(filter: ThreadFilter): ThreadsFilter {
  return {
    ...(filter.status && { statuses: [statusWord[filter.status]] }),
    ...(filter.contactId && { customerIds: [filter.contactId] }),
    ...(filter.assigneeId && { assignedToUser: [filter.assigneeId] }),
    ...(filter.labelId && { labelTypeIds: [filter.labelId] }),
    ...(filter.updatedSince && { updatedAt: { after: filter.updatedSince.toISOString() } }),
  };
}

export function fromRecipients(
  recipients: readonly Recipient[] | undefined,
): readonly EmailParticipantInput[] | undefined {
  return recipients?.map(({ email, name }) => ({ email: email.trim(), name }));
}
