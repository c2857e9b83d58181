/** Which failure of SQLite is which error. */

import { type ErrorKind, HelpdeskError } from '../../core/errors.ts';
import { isRecord } from '../../core/plain-data.ts';

/** Result codes, https://sqlite.org/rescode.html. An extended one that is not here counts as its primary one. */
const reasons: Readonly<Record<number, readonly [ErrorKind, string]>> = {
  3: ['unavailable', 'the file may not be read or written'],
  5: ['unavailable', 'another process has kept the file locked for ten seconds'],
  6: ['unavailable', 'another process has kept the file locked for ten seconds'],
  8: ['unavailable', 'the file is read-only'],
  10: ['unavailable', 'the disk could not be read or written'],
  11: ['unexpected', 'the file is damaged'],
  13: ['unavailable', 'the disk is full'],
  14: ['unavailable', 'the file cannot be opened'],
  19: ['conflict', 'an operation with this id is there already'],
  26: ['unexpected', 'the file is not a store, or it is damaged'],
  // The index beside the file, which every start makes anew, finds no room.
  4874: ['unavailable', 'the disk is full'],
};

const uniqueViolations: readonly (number | undefined)[] = [1555, 2067];

export function toFailure(error: unknown, operation: string): HelpdeskError {
  const [kind, reason] = reasonOf(error);
  // SQLite takes a transaction back that it could not end.
  return new HelpdeskError({ provider: 'store', operation, kind, reason, applied: 'no' });
}

function reasonOf(error: unknown): readonly [ErrorKind, string] {
  const code = codeOf(error);
  const known = code === undefined ? undefined : (reasons[code] ?? reasons[code & 0xff]);
  if (known) return known;
  const message = messageOf(error);
  if (/driver has already been destroyed|database is not open/.test(message)) return ['invalid', 'the store is closed'];
  if (/Cannot find (?:module|package)/.test(message))
    return ['unsupported', 'there is no SQLite for this platform: Node 24 has one, or install libsql for it'];
  return [
    'unexpected',
    `failed inside (${error instanceof Error ? error.name : typeof error}${code === undefined ? '' : `, SQLite ${code}`})`,
  ];
}

export function isMissingTable(error: unknown): boolean {
  return /^no such table/.test(messageOf(error));
}

/** Another connection has the file locked at the moment. */
export function isBusy(error: unknown): boolean {
  return ((codeOf(error) ?? 0) & 0xff) === 5;
}

export function isConflict(error: unknown): boolean {
  return uniqueViolations.includes(codeOf(error));
}

/** libsql: `rawCode`, and only in words where opening failed. Node: `errcode`. */
function codeOf(error: unknown): number | undefined {
  if (!isRecord(error)) return undefined;
  const code = error['rawCode'] ?? error['errcode'];
  if (typeof code === 'number') return code;
  const said = /^ConnectionFailed\(.*: (\d+)"\)$/.exec(messageOf(error))?.[1];
  return said === undefined ? undefined : Number(said);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
