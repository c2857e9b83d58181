/** What a refusal of Productlane means: both documented envelopes, and bodies that are neither. */
import { type ErrorKind, HelpdeskError, type Issue } from '../../core/errors.ts';
import { isRecord } from '../../core/plain-data.ts';
import { retryAfterMs } from '../../core/rate-limit.ts';
import type { Answer, Exchange } from '../../core/transport.ts';

/** The vendor's codes as documented; a status alone decides where the code is unknown. */
export const kindOfCode = {
  validation_failed: 'invalid',
  unauthenticated: 'auth',
  scope_required: 'auth',
  forbidden: 'auth',
  not_found: 'not-found',
  conflict: 'conflict',
  unsupported_key_version: 'auth',
  unprocessable: 'invalid',
  rate_limited: 'rate-limited',
  internal_error: 'unavailable',
} as const satisfies Record<string, ErrorKind>;

/** Their field, our field. */
export const fieldOf: Readonly<Record<string, string>> = {
  text: 'body',
  content: 'body',
  title: 'title',
  contact_email: 'contact.email',
  contact_name: 'contact.name',
  contact_id: 'contact.id',
  email: 'email',
  name: 'name',
  pain_level: 'priority',
  status: 'status',
  snoozed_until: 'status.until',
  assignee_id: 'assigneeId',
  company_id: 'companyId',
  tag_ids: 'labelIds',
  created_at: 'createdAt',
};

export function refused({ operation, access }: Exchange, answer: Answer): HelpdeskError {
  const { status, headers } = answer;
  const envelope = envelopeOf(answer.text);
  const code = lowerCase(envelope['code']);
  const kind =
    (code !== undefined && Object.hasOwn(kindOfCode, code) && kindOfCode[code as keyof typeof kindOfCode]) ||
    kindOfStatus(status);
  return new HelpdeskError({
    provider: 'productlane',
    operation,
    kind,
    reason: [`HTTP ${status}`, code, hint(status, code, envelope['details'])].filter(Boolean).join(' '),
    // A 5xx may be the gateway giving up on a write that went through; so may an answer nobody documents.
    applied: access === 'write' && (kind === 'unavailable' || kind === 'unexpected') ? 'unknown' : 'no',
    retryAfterMs: kind === 'rate-limited' ? retryAfterMs(headers, Date.now()) : undefined,
    requestId: requestId(headers) ?? word(envelope['request_id'], /^[\w-]{1,80}$/),
    issues: kind === 'invalid' ? issuesOf(envelope['details']) : undefined,
  });
}

export function requestId(headers: Headers): string | undefined {
  return word(headers.get('x-request-id'), /^[\w-]{1,80}$/);
}

function kindOfStatus(status: number): ErrorKind {
  if (status === 401 || status === 403 || status === 410) return 'auth';
  if (status === 404) return 'not-found';
  if (status === 409) return 'conflict';
  if (status === 429) return 'rate-limited';
  if (status === 408 || status >= 500) return 'unavailable';
  return status === 400 || status === 413 || status === 422 ? 'invalid' : 'unexpected';
}

function hint(status: number, code: string | undefined, details: unknown): string | undefined {
  if (code === 'scope_required') {
    const scopes = isRecord(details) && Array.isArray(details['required']) ? details['required'] : [];
    const names = scopes.map((scope) => word(scope, /^[a-z_:]{1,40}$/)).filter(Boolean);
    return names.length > 0 ? `(the key needs ${names.join(', ')})` : undefined;
  }
  if (status === 410) return '(version 1 of the API ended on 2026-11-20: create a version 2 key)';
  return status === 0 || (status >= 300 && status < 400) ? '(redirected: check baseUrl)' : undefined;
}

/**
 * Fields only: the vendor's messages may quote the request.
 *
 * A path is dotted, such as `tag_ids.0`.
 */
function issuesOf(details: unknown): readonly Issue[] {
  if (!Array.isArray(details)) return [];
  return details.flatMap((detail) => {
    const path = word(isRecord(detail) ? detail['path'] : undefined, /^[a-z_]{1,40}(\.[\w-]{1,40})*$/);
    if (path === undefined) return [];
    const [field = '', ...rest] = path.split('.');
    return [{ path: [fieldOf[field] ?? field, ...rest].join('.'), message: 'refused by Productlane' }];
  });
}

/** The nested form, `{ error: { code, message, details, request_id } }`, or the flat one, `{ code, message, issues }`. */
function envelopeOf(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isRecord(body)) return {};
  return isRecord(body['error']) ? body['error'] : body;
}

function lowerCase(value: unknown): string | undefined {
  return word(value, /^[a-z_]{1,40}$/);
}

/** Short words of a known alphabet only: anything longer or richer could be a quotation from the request. */
function word(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}
