/** How a recorded message is told inside another text, on a desk that has no other place for it. */
import type { RecordedMessageInput } from './helpdesk.ts';

/** A line above the message: which kind, by whom, when, and the id by which it can be found again. */
export function recordedHeading({ kind, author, createdAt, externalId }: RecordedMessageInput): string {
  const who = [author?.name, author?.email && `(${author.email})`].filter(Boolean).join(' ').replace(/\s+/g, ' ');
  return [`[${kind}]${who && ` ${who}`}`, createdAt.toISOString(), `ref ${encodeRef(externalId)}`].join(' · ');
}

/** The external ids of all messages in a text, whatever the desk has made of the markup around them. */
export function recordedIds(shown: string): ReadonlySet<string> {
  const headings = shown.matchAll(/ · [+-]?\d{4,6}-\d\d-\d\dT[\d:.]+Z · ref ([\w%.-]+)/g);
  return new Set(Array.from(headings, ([, ref]) => decodeRef(ref)).filter((id) => id !== undefined));
}

/** Whether a text begins with a recorded message. */
export function beginsRecorded(shown: string): boolean {
  return /^\s*\[(?:inbound|outbound|note)\](?: .{1,500}?)? · [+-]?\d{4,6}-\d\d-\d\dT[\d:.]+Z · ref [\w%.-]/s.test(
    shown,
  );
}

/** What remains of an external id once it was written into a heading and read back. */
export function keptId(externalId: string): string {
  return externalId.toWellFormed();
}

export function decodeRef(ref: string | undefined): string | undefined {
  try {
    return ref && decodeURIComponent(ref);
  } catch {
    return undefined;
  }
}

/** Word characters, `.`, `-` and `%` only, so that no sanitiser changes it. */
function encodeRef(id: string): string {
  const hex = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(keptId(id)).replace(/[!'()*~]/g, hex);
}
