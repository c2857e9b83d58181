/** Whether a thread, apart from its messages, or a contact says the same on both desks. */
import { type Contact, type CustomField, type Priority, priorities, type Thread } from '../core/model.ts';
import type { Side } from '../store/store.ts';
import type { Counterparts } from './counterparts.ts';
import type { Setup } from './setup.ts';
import { otherSide } from './stages.ts';

/** The longest way to a desk. */
const snoozeSlackMs = 60_000;

export function contactFields(one: Contact, two: Contact): readonly string[] {
  return differing({ email: [one.email, two.email], name: [one.name || one.email, two.name || two.email] });
}

/** The fields in which the mirror's thread, `two`, differs from that of the desk that answers. */
export function threadFields(setup: Setup, primary: Side, one: Thread, two: Thread): readonly string[] {
  const side = otherSide(primary);
  const there = setup.desks[side].traits;
  const here = setup.desks[primary].traits;
  const nearest = (priority: Priority) => coarsest(priority, here.priorities, there.priorities);
  const paired = (kind: keyof Counterparts, ours: readonly Placed[], theirs: readonly Placed[]) =>
    isAmong(setup, kind, side, ours, theirs) && isAmong(setup, kind, primary, theirs, ours);
  // Productlane takes a thread's company from its contact, so a desk may have one that nobody has written.
  const bothPlaced = one.company !== undefined && two.company !== undefined;
  const keepBoth = here.keepsCustomFields && there.keepsCustomFields;
  return differing({
    title: [words(one.title).slice(0, there.titleLimit - 1), words(two.title).slice(0, there.titleLimit - 1)],
    status: [one.status.is, two.status.is],
    'status.until': [true, sameEnd(one, two)],
    priority: [nearest(one.priority.is), nearest(two.priority.is)],
    contact: [one.contact?.email, two.contact?.email],
    labels: [true, paired('labels', one.labels, two.labels)],
    assignee: [true, paired('agents', someOf(one.assignee), someOf(two.assignee))],
    company: [true, !bothPlaced || paired('companies', someOf(one.company), someOf(two.company))],
    customFields: [true, !keepBoth || sameCustomFields(one.customFields, two.customFields)],
    createdAt: [
      seconds(one.createdAt),
      setup.createMirrored === 'live' ? seconds(one.createdAt) : seconds(two.createdAt),
    ],
  });
}

/** An agent, a label or a company. */
interface Placed {
  readonly id: string;
}

function someOf(one: Placed | undefined): readonly Placed[] {
  return one ? [one] : [];
}

/** Whether `others`, which are of that side, have a counterpart of each that has any. */
function isAmong(
  { translator }: Setup,
  kind: keyof Counterparts,
  side: Side,
  some: readonly Placed[],
  others: readonly Placed[],
): boolean {
  return some.every(({ id }) => {
    const theirs = translator.counterpartsOf(kind, side, id);
    return theirs.length === 0 || others.some((other) => theirs.includes(other.id));
  });
}

/** Of a key that only one desk has it is not known whether the other could keep it. */
function sameCustomFields(ours: readonly CustomField[], theirs: readonly CustomField[]): boolean {
  const plain = ({ value }: CustomField) => (value instanceof Date ? value.getTime() : value);
  return ours.every((one) => {
    const two = theirs.find(({ key }) => key === one.key);
    return !two || plain(one) === plain(two);
  });
}

/** The priority as the desk that tells fewer apart shows it. */
function coarsest(priority: Priority, ...known: readonly (readonly Priority[])[]): Priority {
  const least = known.reduce((a, b) => (a.length <= b.length ? a : b));
  if (least.includes(priority)) return priority;
  const distance = (other: Priority) => Math.abs(priorities.indexOf(other) - priorities.indexOf(priority));
  return least.toSorted((a, b) => distance(a) - distance(b))[0] ?? priority;
}

/** A snooze may be kept without its end. One that is told for how long counts from when it hears of it. */
function sameEnd({ status: one }: Thread, { status: two }: Thread): boolean {
  if (one.is !== 'snoozed' || two.is !== 'snoozed' || !one.until || !two.until) return true;
  return Math.abs(one.until.getTime() - two.until.getTime()) <= snoozeSlackMs;
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function words(text: string | undefined): string {
  return (text ?? '').normalize().replace(/\s+/g, ' ').trim();
}

function differing(values: Readonly<Record<string, readonly [unknown, unknown]>>): readonly string[] {
  return Object.entries(values).flatMap(([field, [one, two]]) => (one === two ? [] : field));
}
