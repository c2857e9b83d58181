/** What both desks hold in the end, in words that can be compared. */
import type { Entry } from '../../../src/emulators/plain/entries.ts';
import type { Side } from '../../../src/store/store.ts';
import type { DeskName } from './steps.ts';
import type { World } from './world.ts';

export interface Held {
  readonly id: string;
  readonly title: string | undefined;
  readonly status: 'open' | 'snoozed' | 'done';
  /** Milliseconds since 1970: when a snooze ends, where the desk knows that. */
  readonly until: number | undefined;
  /** As far as the coarser desk tells them apart. */
  readonly priority: string;
  readonly email: string | undefined;
  /** What the contact may see, oldest first. */
  readonly shown: readonly string[];
  /** What only the team sees, oldest first. */
  readonly notes: readonly string[];
  /** The longest list in which the desk keeps both together, oldest first: Plain's timeline, Productlane's comments. */
  readonly together: readonly string[];
}

const statusOf = { TODO: 'open', SNOOZED: 'snoozed', DONE: 'done' } as const;
const painOf = ['HIGH', 'HIGH', 'MEDIUM', 'LOW'];

export function threadsOn(world: World, side: Side): readonly Held[] {
  return world.nameOf[side] === 'plain' ? plainThreads(world) : productlaneThreads(world);
}

function productlaneThreads({ emulators }: World): readonly Held[] {
  const { threads, messages, comments, contacts } = emulators.productlane.state;
  return [...threads.values()]
    .filter(({ deleted_at }) => deleted_at === null)
    .map((thread) => {
      const written = (comments.get(thread.id) ?? []).filter(({ deleted_at }) => deleted_at === null);
      const notes = written.map(({ content }) => content);
      return {
        id: thread.id,
        title: thread.title ?? undefined,
        status: thread.status,
        until: toTime(thread.snoozed_until),
        priority: thread.pain_level,
        email: contacts.get(thread.contact_id ?? '')?.email,
        shown: [thread.text, ...(messages.get(thread.id) ?? []).map(({ html }) => html)],
        notes,
        together: notes,
      };
    });
}

function plainThreads({ emulators }: World): readonly Held[] {
  const { threads, timelines, customers } = emulators.plain.state;
  return [...threads.values()].map((thread) => {
    const entries = timelines.get(thread.id) ?? [];
    return {
      id: thread.id,
      title: thread.title,
      status: statusOf[thread.status],
      until: toTime(thread.statusDetail.waitingUntil),
      priority: painOf[thread.priority] ?? '',
      email: customers.get(thread.customerId)?.email,
      shown: entries.filter(({ content }) => content.type !== 'NOTE').map(wordsOf),
      notes: entries.filter(({ content }) => content.type === 'NOTE').map(wordsOf),
      together: entries.map(wordsOf),
    };
  });
}

function toTime(instant: string | null | undefined): number | undefined {
  return instant ? Date.parse(instant) : undefined;
}

function wordsOf({ content }: Entry): string {
  switch (content.type) {
    case 'EMAIL':
      return content.textContent ?? '';
    case 'CHAT':
    case 'NOTE':
      return content.text ?? '';
    default:
      return JSON.stringify(content);
  }
}

/** How often the words stand there. */
export function count(texts: readonly string[], words: string): number {
  return texts.reduce((sum, one) => sum + one.split(words).length - 1, 0);
}

export function contactName({ emulators }: World, name: DeskName, email: string): string | undefined {
  if (name === 'plain')
    return [...emulators.plain.state.customers.values()].find((one) => one.email === email)?.fullName;
  const found = [...emulators.productlane.state.contacts.values()].find((one) => one.email === email);
  return found?.name ?? undefined;
}
