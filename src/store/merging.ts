/** What becomes of links when more is learned about a record. */
import type { Link } from './store.ts';

export interface Merged<Known extends Link> {
  /** The link that stays, with what was missing in it. */
  readonly kept: Known;
  /** Says the same as the one that stays, and goes. */
  readonly gone: Known | undefined;
}

/**
 * Ids that are known are never replaced, missing ones are filled in.
 *
 * `byFrom`, `byTo`: the links that hold the new one's ids; at least one is
 * there. Two halves of one record become one link. Where one desk's record is
 * linked to another one already, the earlier link stands.
 */
export function mergeLinks<Known extends Link>(
  byFrom: Known | undefined,
  byTo: Known | undefined,
  link: Link,
): Merged<Known> | undefined {
  const base = byFrom ?? byTo;
  if (base === undefined) return undefined;
  const other = byTo === base ? undefined : byTo;
  if (other === undefined) {
    const { from, to, externalId, deleted } = link;
    const ids = { from: base.from ?? from, to: base.to ?? to, externalId: base.externalId ?? externalId };
    const kept = { ...base, ...ids, deleted: base.deleted || deleted };
    return { kept, gone: undefined };
  }
  const externalId = base.externalId ?? other.externalId ?? link.externalId;
  const deleted = base.deleted || other.deleted || link.deleted;
  if (base.to === undefined && other.from === undefined)
    return { kept: { ...base, to: other.to, externalId, deleted }, gone: other };
  return { kept: { ...base, externalId: base.externalId ?? link.externalId }, gone: undefined };
}
