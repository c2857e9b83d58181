/** What a refusal of Plain means: mutation errors in a 200, GraphQL errors, and answers of the gateway. */

import type { Access } from '../../core/budget.ts';
import { type ErrorKind, HelpdeskError, type Issue } from '../../core/errors.ts';
import { isRecord } from '../../core/plain-data.ts';
import { retryAfterMs } from '../../core/rate-limit.ts';
import type { Answer } from '../../core/transport.ts';
import type { FailureFragment } from './generated/graphql.ts';

export type Failure = FailureFragment;

/** `error.code` of a mutation. The vendor's list is not complete: others follow `error.type`. */
export const kindOfCode: Readonly<Record<string, ErrorKind>> = {
  input_validation: 'invalid',
  forbidden: 'auth',
  internal: 'unavailable',
  not_found: 'not-found',
  not_yet_implemented: 'unsupported',
  action_not_allowed_in_demo_workspace: 'auth',
  insufficient_permissions: 'auth',
  customer_already_exists_with_email: 'conflict',
  customer_already_exists_with_external_id: 'conflict',
  customer_already_marked_as_spam: 'conflict',
  customer_is_marked_as_spam: 'conflict',
  customer_is_not_marked_as_spam: 'conflict',
  customer_group_key_already_exists: 'conflict',
  customer_group_has_memberships: 'conflict',
  attachment_file_size_too_large: 'invalid',
  attachment_file_type_not_allowed: 'invalid',
  attachment_not_uploaded: 'invalid',
  cannot_reply_to_unsent_email: 'conflict',
  cannot_reply_to_thread: 'unsupported',
  workspace_chat_not_enabled: 'unsupported',
  workspace_email_not_enabled: 'unsupported',
  workspace_email_domain_not_set: 'unsupported',
  workspace_email_domain_not_configured: 'unsupported',
  workspace_email_forwarding_not_configured: 'unsupported',
  too_many_webhook_targets: 'conflict',
  cannot_update_field: 'invalid',
  customer_already_is_status: 'conflict',
  cannot_add_label_using_archived_label_type: 'invalid',
  label_with_given_type_already_added_to_thread: 'conflict',
  thread_link_already_exists: 'conflict',
  cannot_create_thread_from_slack_message: 'invalid',
  missing_user_auth_slack_integration_for_team: 'auth',
};

const kindOfType: Readonly<Record<string, ErrorKind>> = {
  VALIDATION: 'invalid',
  FORBIDDEN: 'auth',
  INTERNAL: 'unavailable',
};

/** `errors[0].extensions.code` of an answer without data. */
export const kindOfExtension: Readonly<Record<string, ErrorKind>> = {
  GRAPHQL_PARSE_FAILED: 'unexpected',
  GRAPHQL_VALIDATION_FAILED: 'unexpected',
  BAD_USER_INPUT: 'invalid',
  UNAUTHENTICATED: 'auth',
  FORBIDDEN: 'auth',
  RATE_LIMITED: 'rate-limited',
  INTERNAL_SERVER_ERROR: 'unavailable',
};

/** Their field, our field. */
export const fieldOf: Readonly<Record<string, string>> = {
  customerIdentifier: 'contact',
  customerId: 'contact.id',
  emailAddress: 'contact.email',
  email: 'email',
  fullName: 'name',
  title: 'title',
  components: 'body',
  textContent: 'body',
  markdownContent: 'body',
  text: 'body',
  markdown: 'body',
  externalId: 'externalId',
  priority: 'priority',
  labelTypeIds: 'labelIds',
  labelIds: 'labelIds',
  assignedTo: 'assigneeId',
  userId: 'assigneeId',
  machineUserId: 'assigneeId',
  tenantIdentifier: 'companyId',
  tenantId: 'companyId',
  threadFields: 'customFields',
  durationSeconds: 'status.until',
  threadMessages: 'messages',
  createdAt: 'createdAt',
};

/** The request that each mutation error came with: the answer's headers are gone by the time it is read. */
const requestIds = new WeakMap<object, string>();

export function rememberRequestId(result: unknown, headers: Headers): void {
  const id = requestId(headers);
  if (id === undefined || !isRecord(result)) return;
  for (const payload of Object.values(result)) {
    if (isRecord(payload) && isRecord(payload['error'])) requestIds.set(payload['error'], id);
  }
}

/** A mutation that was answered with `error`. `earlier`: changes of the same request that had been made by then. */
export function refused(operation: string, error: Failure, earlier: readonly string[] = []): HelpdeskError {
  const code = codeOf(error);
  const kind = kindOf(error);
  const issues = kind === 'invalid' || kind === 'conflict' ? issuesOf(error) : undefined;
  const done = earlier.length > 0 ? ` after ${earlier.join(', ')}` : '';
  return new HelpdeskError({
    provider: 'plain',
    operation,
    kind,
    reason: `${code}${done}`,
    applied: kind === 'unavailable' || earlier.length > 0 ? 'unknown' : 'no',
    requestId: requestIds.get(error),
    issues,
  });
}

/** The vendor's code, letters only: its `message` may quote the request. */
export function codeOf(error: Failure): string {
  return /^[a-z_]{1,80}$/.test(error.code) ? error.code : 'refused';
}

export function kindOf(error: Failure): ErrorKind {
  const known = Object.hasOwn(kindOfCode, error.code) ? kindOfCode[error.code] : kindOfType[error.type];
  // A record that the input only refers to is a mistake in the input, not the record that was asked for.
  const referred = error.fields.some(({ type, field }) => type === 'NOT_FOUND' && !/(^|\.)threadId$/.test(field));
  return known === 'not-found' && referred ? 'invalid' : (known ?? 'unexpected');
}

/** An answer that carries no usable data. `undefined` if it does. */
export function failed(operation: string, access: Access, answer: Answer, body: unknown): HelpdeskError | undefined {
  const extension = extensionOf(body);
  if (answer.status >= 200 && answer.status < 300 && extension === undefined && isRecord(body) && body['data']) {
    return undefined;
  }
  const kind = (extension === undefined ? undefined : kindOfExtension[extension]) ?? kindOfStatus(answer.status);
  // Data beside the error: the mutation ran, and only a part of its answer was refused.
  const ran = isRecord(body) && isRecord(body['data']);
  const open = ran || ((kind === 'unavailable' || kind === 'unexpected') && answer.status !== 400);
  return new HelpdeskError({
    provider: 'plain',
    operation,
    kind,
    reason: [`HTTP ${answer.status}`, extension, hint(answer.status, body)].filter(Boolean).join(' '),
    applied: access === 'write' && open ? 'unknown' : 'no',
    retryAfterMs: kind === 'rate-limited' ? retryAfterMs(answer.headers, Date.now()) : undefined,
    requestId: requestId(answer.headers),
  });
}

/** GraphQL hides a rate limit or a fault in a 200: the status it should have had. */
export function statusOf({ status, text }: Answer): number {
  if (status !== 200 || !text.includes('"errors"')) return status;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return status;
  }
  const extension = extensionOf(body);
  // With data beside it something has been done: not to be asked again.
  if (isRecord(body) && isRecord(body['data'])) return status;
  if (extension === 'RATE_LIMITED') return 429;
  return extension === 'INTERNAL_SERVER_ERROR' ? 500 : status;
}

export function requestId(headers: Headers): string | undefined {
  const id = headers.get('apigw-requestid');
  return id !== null && /^[\w=-]{1,80}$/.test(id) ? id : undefined;
}

function kindOfStatus(status: number): ErrorKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rate-limited';
  return status === 408 || status >= 500 ? 'unavailable' : 'unexpected';
}

function hint(status: number, body: unknown): string | undefined {
  if (status === 401) return '(the key was refused)';
  if (status === 200 && body === undefined) return '(the answer is not JSON)';
  return status === 0 || (status >= 300 && status < 400) ? '(redirected: check baseUrl)' : undefined;
}

/** The first GraphQL error's code. One without a code counts as a fault of the server. */
function extensionOf(body: unknown): string | undefined {
  if (!isRecord(body) || !Array.isArray(body['errors']) || body['errors'].length === 0) return undefined;
  const [first] = body['errors'];
  const extensions = isRecord(first) ? first['extensions'] : undefined;
  const code = isRecord(extensions) ? extensions['code'] : undefined;
  return typeof code === 'string' && /^[A-Z_]{1,60}$/.test(code) ? code : 'INTERNAL_SERVER_ERROR';
}

function issuesOf(error: Failure): readonly Issue[] {
  const named = error.fields.flatMap(({ field, type }) => {
    const [first = '', ...rest] = field.replace(/^input\./, '').split('.');
    if (!/^[A-Za-z]{1,40}$/.test(first) || rest.some((part) => !/^\w{1,40}$/.test(part))) return [];
    const message =
      type === 'NOT_FOUND' ? 'does not exist on this desk' : type === 'REQUIRED' ? 'is missing' : 'refused by Plain';
    return [{ path: [fieldOf[first] ?? first, ...rest].join('.'), message }];
  });
  if (named.length > 0) return named;
  const taken = { customer_already_exists_with_email: 'email', customer_already_exists_with_external_id: 'externalId' };
  const path = Object.entries(taken).find(([code]) => code === error.code)?.[1];
  return path ? [{ path, message: 'belongs to another contact' }] : [];
}
