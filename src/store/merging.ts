/** What becomes of links when more is learned about a record. */
import type { Link } from './store.ts';

export interface Merged<Known extends Link> {
  /** The link that stays, with what was missing in it. */
  readonly kept: Known;
  /** Says the same as the one that stays, and goes. */
  readonly gone: Known | undefined;
}

/**
 * The caller's id of a thread stands. That of a contact may change: a link that
 * names one desk alone is what that desk has just answered.
 */
export function externalIdOf(known: string | undefined, { kind, from, to, externalId }: Link): string | undefined {
  const isAnswer = kind === 'contact' && (from === undefined || to === undefined);
  return isAnswer ? (externalId ?? known) : (known ?? externalId);
}

/**
 * Desks' ids that are known are never replaced, missing ones are filled in.
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
    const { from, to, deleted } = link;
    const ids = { from: base.from ?? from, to: base.to ?? to, externalId: externalIdOf(base.externalId, link) };
    const kept = { ...base, ...ids, deleted: base.deleted || deleted };
    return { kept, gone: undefined };
  }
  const externalId = externalIdOf(base.externalId ?? other.externalId, link);
  const deleted = base.deleted || other.deleted || link.deleted;
  if (base.to === undefined && other.from === undefined)
    return { kept: { ...base, to: other.to, externalId, deleted }, gone: other };
  return { kept: { ...base, externalId: externalIdOf(base.externalId, link) }, gone: undefined };
}
