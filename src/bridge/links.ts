/** Which record of one desk is which of the other: the ids that callers give, and those that the desks take. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, ContactRef } from '../core/helpdesk.ts';
import type { Contact } from '../core/model.ts';
import type { Link, LinkKind, Operation, Side, Store } from '../store/store.ts';
import { fingerprint } from './fingerprint.ts';
import type { Setup } from './setup.ts';
import { otherSide } from './stages.ts';

/** The link of a record, by its id on either desk or the caller's own id of it. Throws `conflict` where two have that id. */
export async function linkOf(store: Store, kind: LinkKind, id: string): Promise<Link | undefined> {
  const known = await deskLink(store, kind, id);
  if (known) return known;
  const named = await store.findLinks(kind, id);
  const link = onlyOne(named);
  if (link || named.length === 0) return link;
  throw new HelpdeskError({
    provider: 'helpdesk-bridge',
    operation: 'links',
    kind: 'conflict',
    reason: 'several records have this external id: use the id of a desk',
    applied: 'no',
  });
}

/**
 * The link of a record by its id on either desk. An operation that has begun
 * knows its record by such an id alone: the caller's own may be another one's by
 * the time it is looked at again.
 */
export async function deskLink(store: Store, kind: LinkKind, id: string): Promise<Link | undefined> {
  const [from, to] = await Promise.all([store.findLink(kind, 'from', id), store.findLink(kind, 'to', id)]);
  return from ?? to;
}

/** The one that an external id stands for: of those that are left, or the last one that was deleted. */
export function onlyOne(named: readonly Link[]): Link | undefined {
  const left = named.filter(({ deleted }) => !deleted);
  const [link, ...others] = left;
  return left.length === 0 ? named.at(-1) : others.length === 0 ? link : undefined;
}

/**
 * Everything that is done to a thread shares a lane, by whichever id it is
 * called. One that nothing is known of has that of its id, the same at every
 * stage: also a thread that is yet to be created with that external id.
 */
export async function threadLane(link: Link | undefined, id: string): Promise<string> {
  return link?.lane ?? `thread:${await short(id)}`;
}

/** No address leaves the store's tables by way of a lane's name. */
export async function contactLane(email: string): Promise<string> {
  return `contact:${await short(email.trim().toLowerCase())}`;
}

/** Ids of the caller's own may be anything, and the names of lanes get about. */
async function short(value: string): Promise<string> {
  return (await fingerprint(value)).slice(0, 32);
}

export async function contactLink(side: Side, contact: Contact, externalId?: string | undefined): Promise<Link> {
  return linkOn('contact', side, contact.id, await contactLane(contact.email), externalId ?? contact.externalId);
}

export function linkOn(kind: LinkKind, side: Side, id: string, lane: string, externalId?: string | undefined): Link {
  const ids = side === 'from' ? { from: id, to: undefined } : { from: undefined, to: id };
  return { kind, lane, ...ids, externalId };
}

/** One record, with its ids on both sides. */
export function pair(
  kind: LinkKind,
  side: Side,
  id: string,
  otherId: string,
  lane: string,
  externalId?: string | undefined,
): Link {
  const ids = side === 'from' ? { from: id, to: otherId } : { from: otherId, to: id };
  return { kind, lane, ...ids, externalId };
}

/** The same contact on both desks, as far as they name one. */
export async function contactPair(
  side: Side,
  contact: Contact | undefined,
  copy: Contact | undefined,
  externalId?: string | undefined,
): Promise<readonly Link[]> {
  if (!contact || !copy) return [];
  return [
    pair('contact', side, contact.id, copy.id, await contactLane(contact.email), externalId ?? contact.externalId),
  ];
}

/** A contact as the primary can find it: ids of the other desk become the address. */
export async function contactOn(
  setup: Setup,
  { primary, mirrored }: Pick<Operation, 'primary' | 'mirrored'>,
  ref: ContactRef,
  call: CallOptions,
): Promise<ContactRef> {
  const { store, desks } = setup;
  if (ref.email !== undefined) return ref;
  const keeps = ref.externalId !== undefined && desks[primary].traits.keepsExternalIds;
  const link = await linkOf(store, 'contact', ref.id ?? ref.externalId).catch((error: unknown) => {
    if (keeps) return undefined;
    throw error;
  });
  const id = link?.[primary];
  // A desk that keeps such ids, and has the contact, knows whose it is today.
  if (keeps && (!link || id !== undefined)) return ref;
  if (id !== undefined) return { id };
  const other = desks[otherSide(primary)];
  const there = link?.[otherSide(primary)];
  if (there !== undefined) return addressOf(await other.getContact(there, call));
  // Nobody has used it yet, so it may be an id of either desk.
  if (link || ref.id === undefined || !mirrored) return ref;
  if (await desks[primary].getContact(ref.id, call).catch(unlessUnknown)) return ref;
  const contact = await other.getContact(ref.id, call).catch(unlessUnknown);
  return contact ? addressOf(contact) : ref;
}

function addressOf({ email, name }: Contact): ContactRef {
  return { email, name };
}

/** The desk has no such record, or the id does not even look like one of its own. */
function unlessUnknown(error: unknown): undefined {
  if (HelpdeskError.is(error) && (error.kind === 'not-found' || error.kind === 'invalid')) return undefined;
  throw error;
}
