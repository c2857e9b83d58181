/** What Plain would refuse, and can be told before: ids of another form, long titles, endless snoozes. */
import type { Issue } from '../../core/errors.ts';
import type { StatusInput } from '../../core/helpdesk.ts';
import { invalid } from '../../core/validate.ts';

/** Characters, by the vendor's webhook schema. */
export const titleLimit = 500;

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

/** What every way of writing a thread takes. Throws `invalid`. */
export function checkPlaced(
  operation: string,
  input: {
    readonly title?: string | undefined;
    readonly status?: StatusInput | undefined;
    readonly contact?: { readonly id?: string | undefined };
    readonly assigneeId?: string | null | undefined;
    readonly labelIds?: readonly string[] | undefined;
    readonly companyId?: string | null | undefined;
  },
): void {
  const refuse = (path: string, message: string) => invalid({ provider: 'plain', operation }, [{ path, message }]);
  if (input.title !== undefined && input.title.length > titleLimit) {
    throw refuse('title', `must be at most ${titleLimit} characters long`);
  }
  if (input.status?.is === 'snoozed' && input.status.until.getTime() - Date.now() > longestSnooze * 1000) {
    throw refuse('status.until', 'must be within the next 68 years');
  }
  checkIds(operation, [
    ['contact.id', 'contact', input.contact?.id],
    ['assigneeId', 'agent', input.assigneeId],
    ['companyId', 'any', input.companyId],
    ...(input.labelIds ?? []).map((id, index) => [`labelIds.${index}`, 'label', id] as const),
  ]);
}
