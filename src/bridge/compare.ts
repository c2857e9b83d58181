/** Whether the two desks tell the same: a sample of the reads, and all linked threads on demand. */
import { HelpdeskError } from '../core/errors.ts';
import type { Helpdesk } from '../core/helpdesk.ts';
import { type Contact, type Message, type Priority, priorities, type Thread } from '../core/model.ts';
import type { Link, LinkKind, Side } from '../store/store.ts';
import { messageFields } from './compare-messages.ts';
import { linkOf } from './links.ts';
import type { CompareOptions } from './options.ts';
import type { Reads } from './reads.ts';
import { type Setup, toFailure, unlessGone } from './setup.ts';
import { otherSide, type StageRule } from './stages.ts';

export interface Comparer {
  /** Answers at once; the other desk is read afterwards, and its failure is nobody's. */
  compared<T extends Thread | Contact>(rule: StageRule, operation: string, read: () => Promise<T>): Promise<T>;
  comparedList(rule: StageRule, threadId: string, messages: AsyncIterable<Message>): AsyncIterable<Message>;
  verify(
    rule: StageRule,
    options: { readonly limit?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly compared: number; readonly different: number }>;
  /** Resolves when no comparison is under way. */
  settled(): Promise<void>;
}

/** The longest way to a desk. */
const snoozeSlackMs = 60_000;

/** The field that stands for the whole record where the other desk has none. */
const wholeRecord = 'missing';

export function createComparer(setup: Setup, reads: Reads, options: CompareOptions, random: () => number): Comparer {
  const { store, desks, events } = setup;
  const share = options.share ?? 0.1;
  const timeoutMs = options.timeoutMs ?? 5000;
  const ignore = options.ignore ?? (() => false);
  const underWay = new Set<Promise<void>>();

  function sampled({ compared }: StageRule): boolean {
    return compared && random() < share;
  }

  function later(task: () => Promise<void>): void {
    const work = task()
      .catch((error: unknown) => events.emit('trouble', { task: 'compare', failure: toFailure(error) }))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }

  /** `undefined`: the desks are not in step yet, so there is nothing to compare. */
  async function other(
    rule: StageRule,
    kind: LinkKind,
    id: string,
    fieldsOn: (desk: Helpdesk, id: string, link: Link, signal: AbortSignal) => Promise<readonly string[]>,
  ): Promise<readonly string[] | undefined> {
    const link = await linkOf(store, kind, id);
    const side = otherSide(rule.primary);
    if (link && (await store.laneHead(link.lane, 'mirror'))) return undefined;
    const there = link?.[side];
    if (!link || there === undefined) return [wholeRecord];
    try {
      return await fieldsOn(desks[side], there, link, AbortSignal.timeout(timeoutMs));
    } catch (error) {
      if (HelpdeskError.is(error) && error.kind === 'not-found') return [wholeRecord];
      throw error;
    }
  }

  async function differingMessages(
    { primary }: StageRule,
    messages: readonly Message[],
    mirror: Helpdesk,
    there: string,
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    const mirrored = await collect(mirror.listMessages(there, { signal }));
    const { createMirrored } = setup;
    return messageFields({ desk: desks[primary], messages }, { desk: mirror, messages: mirrored }, createMirrored);
  }

  async function note(operation: string, id: string, found: readonly string[] | undefined): Promise<boolean> {
    if (!found) return false;
    const fields = found.filter((field) => !ignore({ operation, field }));
    await store.addComparison({ at: setup.now(), operation, id, fields });
    if (fields.length > 0) events.emit('diverged', { operation, id, fields });
    return fields.length > 0;
  }

  return {
    async compared(rule, operation, read) {
      const record = await read();
      if (!sampled(rule)) return record;
      later(async () => {
        const fields = await other(
          rule,
          'email' in record ? 'contact' : 'thread',
          record.id,
          async (desk, there, _, signal) =>
            'email' in record
              ? contactFields(record, await desk.getContact(there, { signal }))
              : threadFields(setup, rule.primary, record, await desk.getThread(there, { signal })),
        );
        await note(operation, record.id, fields);
      });
      return record;
    },

    async *comparedList(rule, threadId, messages) {
      const all: Message[] = [];
      const kept = sampled(rule);
      for await (const message of messages) {
        if (kept) all.push(message);
        yield message;
      }
      if (!kept) return;
      later(async () => {
        const fields = await other(rule, 'thread', threadId, async (desk, there, _, signal) =>
          differingMessages(rule, all, desk, there, signal),
        );
        const link = await linkOf(store, 'thread', threadId);
        await note('listMessages', link?.[rule.primary] ?? threadId, fields);
      });
    },

    async verify(rule, { limit = Number.POSITIVE_INFINITY, signal }) {
      let compared = 0;
      let different = 0;
      let whole = true;
      for await (const link of store.listLinks('thread')) {
        if (compared >= limit) {
          whole = false;
          break;
        }
        signal?.throwIfAborted();
        const id = link[rule.primary];
        if (id === undefined || link.deleted) continue;
        const thread = await reads.getThread(rule, id, { signal }).catch(unlessGone);
        if (!thread) continue;
        const messages = await collect(reads.listMessages(rule, id, { signal }));
        const fields = await other(rule, 'thread', id, async (desk, there) => [
          ...threadFields(setup, rule.primary, thread, await desk.getThread(there, { signal })),
          ...(await differingMessages(rule, messages, desk, there, signal)),
        ]);
        if (!fields) continue;
        compared++;
        if (await note('verify', id, fields)) different++;
      }
      await store.setSetting('verified', JSON.stringify({ at: setup.now(), compared, different, whole }));
      return { compared, different };
    },

    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function contactFields(one: Contact, two: Contact): readonly string[] {
  return differing({ email: [one.email, two.email], name: [one.name || one.email, two.name || two.email] });
}

function threadFields(setup: Setup, primary: Side, one: Thread, two: Thread): readonly string[] {
  const side = otherSide(primary);
  const { toSide } = setup.translator;
  const there = setup.desks[side].traits;
  const here = setup.desks[primary].traits;
  const nearest = (priority: Priority) => coarsest(priority, here.priorities, there.priorities);
  // Only what has a counterpart was ever written there.
  const labels = one.labels
    .map(({ id }) => toSide('labels', side, id))
    .filter((id) => !one.labels.some((label) => label.id === id));
  const known = new Set(two.labels.map(({ id }) => id));
  const assignee = one.assignee && toSide('agents', side, one.assignee.id);
  const assigned = assignee !== undefined && assignee !== one.assignee?.id;
  return differing({
    title: [words(one.title).slice(0, there.titleLimit - 1), words(two.title).slice(0, there.titleLimit - 1)],
    status: [one.status.is, two.status.is],
    'status.until': [true, sameEnd(one, two)],
    priority: [nearest(one.priority.is), nearest(two.priority.is)],
    contact: [one.contact?.email, two.contact?.email],
    labels: [true, labels.every((id) => known.has(id))],
    assignee: [assigned ? assignee : undefined, assigned ? two.assignee?.id : undefined],
    createdAt: [
      seconds(one.createdAt),
      setup.createMirrored === 'live' ? seconds(one.createdAt) : seconds(two.createdAt),
    ],
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

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
