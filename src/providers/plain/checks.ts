/** What Plain would refuse, and can be told before: ids of another form, long titles, endless snoozes. */
import type { Issue } from '../../core/errors.ts';
import type { ReplyInput, StatusInput } from '../../core/helpdesk.ts';
import type { CreateThreadProviderOptions, UpdateThreadProviderOptions } from '../../core/provider-options.ts';
import { invalid } from '../../core/validate.ts';

/** Characters, by the vendor's webhook schema. */
export const titleLimit = 500;

/** Characters, by the vendor's webhook schema. */
const externalIdLimit = 500;

/** By the vendor's page on e-mails. */
const recipientLimit = 49;

/** Seconds: a GraphQL integer. */
const longestSnooze = 2 ** 31 - 1;

/** By Plain's webhook schema an id is a prefix and a ULID. `any` where the vendor's pages do not show the prefix. */
const prefixes = {
  thread: ['th'],
  contact: ['c'],
  label: ['lt'],
  agent: ['u', 'mu'],
  user: ['u'],
  any: undefined,
} as const satisfies Record<string, readonly string[] | undefined>;

export type IdKind = keyof typeof prefixes;

/** The name of a field, its kind, and its value: an absent one is fine. */
export type IdField = readonly [path: string, kind: IdKind, value: string | null | undefined];

/** Throws `invalid` that names each field whose id cannot be of its kind. */
export function checkIds(operation: string, fields: readonly IdField[]): void {
  const issues = fields.flatMap(([path, kind, value]): readonly Issue[] => {
    if (value === null || value === undefined || isId(kind, value)) return [];
    const forms = prefixes[kind]?.map((prefix) => `${prefix}_…`).join(' or ') ?? 'a prefix, _ and 26 characters';
    return [{ path, message: `is no id of Plain's (${forms})` }];
  });
  if (issues.length > 0) throw invalid({ provider: 'plain', operation }, issues);
}

function isId(kind: IdKind, value: string): boolean {
  const [, prefix = ''] = /^([a-zA-Z]+)_[0-9A-HJKMNP-TV-Z]{26}$/.exec(value) ?? [];
  const allowed: readonly string[] | undefined = prefixes[kind];
  return prefix !== '' && (allowed === undefined || allowed.includes(prefix));
}

/** A machine user's id differs from a person's by its prefix alone. */
export function assignee(id: string): { readonly userId: string } | { readonly machineUserId: string } {
  return id.startsWith('mu_') ? { machineUserId: id } : { userId: id };
}

interface Placed {
  readonly title?: string | undefined;
  readonly externalId?: string | undefined;
  readonly status?: StatusInput | undefined;
  readonly contact?: { readonly id?: string | undefined };
  readonly assigneeId?: string | null | undefined;
  readonly labelIds?: readonly string[] | undefined;
  readonly companyId?: string | null | undefined;
  readonly providerOptions?: CreateThreadProviderOptions | UpdateThreadProviderOptions | undefined;
}

/** What every way of writing a thread takes. Throws `invalid`. */
export function checkPlaced(operation: string, input: Placed): void {
  const refuse = (path: string, message: string) => invalid({ provider: 'plain', operation }, [{ path, message }]);
  for (const [path, value, limit] of [
    ['title', input.title, titleLimit],
    ['externalId', input.externalId, externalIdLimit],
  ] as const) {
    if (value !== undefined && value.length > limit) throw refuse(path, `must be at most ${limit} characters long`);
  }
  if (input.status?.is === 'snoozed' && input.status.until.getTime() - Date.now() > longestSnooze * 1000) {
    throw refuse('status.until', 'must be within the next 68 years');
  }
  const plain: PlainOptions = input.providerOptions?.plain ?? {};
  const { statusDetail } = plain;
  if (statusDetail !== undefined && statusDetail !== null && !fits(statusDetail, input.status?.is)) {
    throw refuse('providerOptions.plain.statusDetail', 'does not go with the status');
  }
  checkIds(operation, [
    ['contact.id', 'contact', input.contact?.id],
    ['assigneeId', 'agent', input.assigneeId],
    ['companyId', 'any', input.companyId],
    ...(input.labelIds ?? []).map((id, index): IdField => [`labelIds.${index}`, 'label', id]),
    ['providerOptions.plain.customerIdentifier.customerId', 'contact', plain.customerIdentifier?.customerId],
    ['providerOptions.plain.assignedTo.userId', 'user', plain.assignedTo?.userId],
    ...(plain.labelTypeIds ?? []).map(
      (id, index): IdField => [`providerOptions.plain.labelTypeIds.${index}`, 'label', id],
    ),
  ]);
}

/** Of `providerOptions.plain`, what is checked here; which input has which is its schema's business. */
interface PlainOptions {
  readonly statusDetail?: string | null | undefined;
  readonly customerIdentifier?: { readonly customerId?: string | undefined } | undefined;
  readonly assignedTo?: { readonly userId?: string | undefined } | undefined;
  readonly labelTypeIds?: readonly string[] | undefined;
}

const detailsOf: Readonly<Record<StatusInput['is'], readonly string[]>> = {
  open: ['CREATED', 'NEW_REPLY', 'IN_PROGRESS'],
  snoozed: ['WAITING_FOR_CUSTOMER', 'WAITING_FOR_DURATION', 'WAITING_INDEFINITELY'],
  done: ['DONE_MANUALLY_SET', 'IGNORED'],
};

function fits(detail: string, status: StatusInput['is'] | undefined): boolean {
  return status !== undefined && detailsOf[status].includes(detail);
}

/** Plain takes 49 copies in all. Throws `invalid`. */
export function checkRecipients(operation: string, { cc = [], bcc = [] }: Pick<ReplyInput, 'cc' | 'bcc'>): void {
  if (cc.length + bcc.length <= recipientLimit) return;
  const message = `must be at most ${recipientLimit} entries long, bcc included`;
  throw invalid({ provider: 'plain', operation }, [{ path: 'cc', message }]);
}
