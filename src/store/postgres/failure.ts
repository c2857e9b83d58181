/** Which failure of PostgreSQL is which error. */
import { type ErrorKind, HelpdeskError } from '../../core/errors.ts';
import { isRecord } from '../../core/plain-data.ts';

/** By SQLSTATE, or its first two characters: https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const reasons: Readonly<Record<string, readonly [ErrorKind, string]>> = {
  '08': ['unavailable', 'the connection to PostgreSQL was lost'],
  '23505': ['conflict', 'an operation with this id is there already'],
  '25P02': ['invalid', 'the transaction of the client has failed before, and can only be rolled back'],
  '25006': ['unavailable', 'PostgreSQL may only be read here'],
  '28': ['auth', 'PostgreSQL refuses the user or the password'],
  '3D000': ['invalid', 'there is no such database'],
  '40': ['unavailable', 'another transaction was in the way'],
  '42501': ['auth', 'the user of PostgreSQL lacks a permission'],
  '53': ['unavailable', 'PostgreSQL is out of connections, memory or disk'],
  '57': ['unavailable', 'PostgreSQL is stopping, or has stopped the statement'],
};

/** Before a statement could have been sent. */
const unreachable = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/;
const silence = 'Query read timeout';
const lost =
  /^(?:ECONNRESET|EPIPE)$|Connection terminated|Client has encountered a connection error|Query read timeout/;

export function toFailure(error: unknown, operation: string, committing: boolean): HelpdeskError {
  const [kind, reason] = reasonOf(error);
  // Where the answer to a commit is lost nobody knows: it may have been done.
  const applied = committing && isLost(error) ? 'unknown' : 'no';
  return new HelpdeskError({ provider: 'store', operation, kind, reason, applied });
}

function reasonOf(error: unknown): readonly [ErrorKind, string] {
  const code = codeOf(error);
  const known = reasons[code] ?? reasons[code.slice(0, 2)];
  if (known) return known;
  const message = messageOf(error);
  if (unreachable.test(code) || /timeout exceeded when trying to connect|timeout expired/.test(message))
    return ['unavailable', 'PostgreSQL cannot be reached'];
  if (isLost(error)) return ['unavailable', 'the connection to PostgreSQL was lost'];
  if (/driver has already been destroyed|after calling end on the pool/.test(message))
    return ['invalid', 'the store is closed'];
  const name = error instanceof Error ? error.name : typeof error;
  return ['unexpected', `failed inside (${name}${code === '' ? '' : `, PostgreSQL ${code}`})`];
}

export function isMissingTable(error: unknown): boolean {
  return codeOf(error) === '42P01' || codeOf(error) === '3F000';
}

/** A row that another transaction made at the same time, a deadlock, or an order that cannot be. */
export function isConflict(error: unknown): boolean {
  return ['23505', '40P01', '40001'].includes(codeOf(error));
}

/** No answer came in the time that a statement has. */
export function isSilence(error: unknown): boolean {
  return messageOf(error) === silence;
}

function isLost(error: unknown): boolean {
  return lost.test(codeOf(error)) || lost.test(messageOf(error));
}

/** Of several addresses that were tried, the error of the first. */
export function codeOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return isRecord(first) && typeof first['code'] === 'string' ? first['code'] : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
