/** Which inputs are well formed, apart from what the schema checks. */

import { badInput, invalid } from './errors.ts';
import type { Instant } from './records.ts';
import type { DatetimeFilter } from './wire.ts';

/** As in the webhook schema's `emailAddress`. */
const emailPattern =
  /^(([^<>()[\]\\.,;:\s@"]+(\.[^<>()[\]\\.,;:\s@"]+)*)|(".+"))@((\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\])|([^-]([a-zA-Z0-9-]*\.)+[a-zA-Z]{2,}))$/;

const isoPattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/** The one member that is set. Absent and `null` count as not set. */
export function exactlyOne<Name extends string>(
  field: string,
  members: Readonly<Record<Name, string | null | undefined>>,
): { readonly by: Name; readonly value: string } {
  const set = Object.entries<string | null | undefined>(members).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  const [only] = set;
  if (set.length !== 1 || !only || typeof only[1] !== 'string') {
    throw invalid(field, `Exactly one of ${Object.keys(members).join(', ')} is needed.`);
  }
  return { by: only[0] as Name, value: only[1] };
}

/** Throws unless the text has `from` to `to` UTF-16 units. */
export function checkLength(field: string, text: string, to: number, from = 1): void {
  if (text.length < from || text.length > to) throw invalid(field, `Must have ${from} to ${to} characters.`);
}

export function checkEmail(field: string, email: string): void {
  if (!emailPattern.test(email)) throw invalid(field, 'Must be an e-mail address.');
}

export function checkPriority(priority: number): void {
  if (priority < 0 || priority > 3) throw invalid('priority', 'Must be 0, 1, 2 or 3.');
}

/** A text that is no ISO 8601 instant is `undefined`. A date alone is its first moment in UTC. */
export function readInstant(text: string): Instant | undefined {
  if (!isoPattern.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

export function toInstant(field: string, text: string): Instant {
  const instant = readInstant(text);
  if (instant === undefined) throw invalid(field, 'Must be an ISO 8601 date and time.');
  return instant;
}

/** Whether a time is inside: `after` is inclusive, `before` exclusive. Throws `BAD_USER_INPUT` for other text. */
export function within(filter: DatetimeFilter | null | undefined): (instant: Instant) => boolean {
  const [after, before] = [filter?.after, filter?.before].map((text) => {
    if (text === undefined || text === null) return undefined;
    const instant = readInstant(text);
    if (instant === undefined) throw badInput(`"${text}" is not an ISO 8601 date and time.`);
    return instant;
  });
  return (instant) => (after === undefined || instant >= after) && (before === undefined || instant < before);
}
