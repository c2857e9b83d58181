/** Whether the two desks tell the same: a sample of the reads, and all linked threads on demand. */
import { HelpdeskError } from '../core/errors.ts';
import type { Helpdesk } from '../core/helpdesk.ts';
import type { Contact, Message, Thread } from '../core/model.ts';
import { abortable } from '../core/wait.ts';
import type { Link, LinkKind, Side } from '../store/store.ts';
import { messageFields } from './compare-messages.ts';
import { contactFields, threadFields } from './compare-records.ts';
import { deskLink, linkOf } from './links.ts';
import type { CompareOptions } from './options.ts';
import type { Reads } from './reads.ts';
import { type Setup, toFailure, unlessGone } from './setup.ts';
import { siblingsOf } from './siblings.ts';
import { otherSide, type StageRule } from './stages.ts';

/** What a look at all linked threads has found. Each thread counts once. */
export interface Verified {
  /** Those that are on both desks, or should be. */
  readonly compared: number;
  readonly different: number;
  /** Not compared, since they were being written to, also when they were looked at again. */
  readonly skipped: number;
  /** Not compared, since one desk alone has them and nothing is on its way: nobody has written to them since both are kept in step. */
  readonly onlyOn: Readonly<Record<Side, number>>;
}

export interface Comparer {
  /** Answers at once; the other desk is read afterwards, and its failure is nobody's. */
  compared<T extends Thread | Contact | undefined>(
    rule: StageRule,
    operation: string,
    read: () => Promise<T>,
  ): Promise<T>;
  comparedList(rule: StageRule, threadId: string, messages: AsyncIterable<Message>): AsyncIterable<Message>;
  verify(
    rule: StageRule,
    options: { readonly limit?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<Verified>;
  /** Resolves when no comparison is under way. */
  settled(): Promise<void>;
}

/** The field that stands for a whole record that the other desk lacks. */
const missing = 'missing';
/** The field that stands for a whole record that only the other desk has. */
const surplus = 'surplus';

/** Sampled comparisons at a time. While there are as many, no other read is sampled. */
const mostUnderWay = 20;
/** Messages that a sampled comparison holds of each desk. Longer threads are left to `verify`. */
const mostMessages = 500;

/** What came of a look at both desks. */
type Look =
  | { readonly is: 'compared'; readonly id: string; readonly fields: readonly string[] }
  /** Something is still to be written. */
  | { readonly is: 'waiting' }
  | { readonly is: 'one-desk'; readonly side: Side }
  /** Neither desk has it any more. */
  | { readonly is: 'gone' }
  | { readonly is: 'too-long' };

/** How the other desk's record is read, and what it is compared with. `undefined`: it is too long for that. */
interface Comparison<T> {
  read(desk: Helpdesk, id: string): Promise<T | undefined>;
  fields(theirs: T): readonly string[] | Promise<readonly string[]>;
}

export function createComparer(setup: Setup, reads: Reads, options: CompareOptions, random: () => number): Comparer {
  const { store, desks, events } = setup;
  const share = options.share ?? 0.1;
  const timeoutMs = options.timeoutMs ?? 5000;
  const ignore = options.ignore ?? (() => false);
  const underWay = new Set<Promise<void>>();

  function sampled({ compared }: StageRule): boolean {
    return compared && underWay.size < mostUnderWay && random() < share;
  }

  function later(task: () => Promise<void>): void {
    const work = task()
      .catch((error: unknown) => events.emit('trouble', { task: 'compare', failure: toFailure(error) }))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }

  /** A desk may ignore its signal: it is not waited for, and what it still gives is not kept. */
  async function inTime<T>(desk: Helpdesk, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    return abortable(read(signal), signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
      const where = { provider: desk.name, operation: 'compare', applied: 'no' } as const;
      throw new HelpdeskError({ ...where, kind: 'unavailable', reason: `no answer within ${timeoutMs} ms` });
    });
  }

  /** Of a record that the desk that answers has. */
  async function look<T>(
    { primary }: StageRule,
    kind: LinkKind,
    link: Link | undefined,
    { read, fields }: Comparison<T>,
  ): Promise<Look> {
    const side = otherSide(primary);
    // The first write makes the link.
    if (!link) return { is: 'one-desk', side: primary };
    if (await store.laneHead(link.lane, 'mirror')) return { is: 'waiting' };
    const here = link[primary];
    const there = link[side];
    if (here === undefined || there === undefined) return lonely(kind, link, primary);
    const theirs = await read(desks[side], there).catch(orGone);
    if (theirs === 'gone') return { is: 'compared', id: here, fields: [missing] };
    return theirs === undefined ? { is: 'too-long' } : { is: 'compared', id: here, fields: await fields(theirs) };
  }

  /** A record that only one desk has: should the other have it? */
  async function lonely(kind: LinkKind, link: Link, primary: Side): Promise<Look> {
    const side = link[primary] === undefined ? otherSide(primary) : primary;
    const id = link[side] ?? '';
    const all = kind === 'thread' ? await siblingsOf(setup, link.lane, id) : await store.listLane(link.lane);
    const isGivenUp = all.some(({ mirror }) => mirror === 'dead' || mirror === 'dropped');
    if (!isGivenUp) return { is: 'one-desk', side };
    return { is: 'compared', id, fields: [side === primary ? missing : surplus] };
  }

  async function differingMessages(
    { primary }: StageRule,
    messages: readonly Message[],
    mirrored: readonly Message[],
  ): Promise<readonly string[]> {
    const mirror = desks[otherSide(primary)];
    const { createMirrored } = setup;
    return messageFields({ desk: desks[primary], messages }, { desk: mirror, messages: mirrored }, createMirrored);
  }

  async function note(operation: string, id: string, found: readonly string[]): Promise<boolean> {
    const fields = found.filter((field) => !ignore({ operation, field }));
    await store.addComparison({ at: setup.now(), operation, id, fields });
    if (fields.length > 0) events.emit('diverged', { operation, id, fields });
    return fields.length > 0;
  }

  async function noteSample(operation: string, found: Look): Promise<void> {
    if (found.is === 'compared') await note(operation, found.id, found.fields);
  }

  /** A linked thread as it is on both desks now. */
  async function lookAtThread(rule: StageRule, listed: Link, signal: AbortSignal | undefined): Promise<Look> {
    const { primary } = rule;
    const waited = <T>(work: Promise<T>) => abortable(work, signal);
    const id = listed[primary];
    const thread = id && (await waited(reads.getThread(rule, id, { signal }).catch(unlessGone)));
    if (!thread) return lookForSurplus(rule, listed, signal);
    const link = (await deskLink(store, 'thread', id)) ?? listed;
    const isOnBoth = link[otherSide(primary)] !== undefined;
    const messages = isOnBoth ? await waited(collect(reads.listMessages(rule, id, { signal }), signal)) : [];
    return look(rule, 'thread', link, {
      read: (desk, there) =>
        waited(Promise.all([desk.getThread(there, { signal }), collect(desk.listMessages(there, { signal }), signal)])),
      fields: async ([theirs, mirrored]) => [
        ...threadFields(setup, primary, thread, theirs),
        ...(await differingMessages(rule, messages, mirrored)),
      ],
    });
  }

  /** Of a thread that the desk that answers does not have. */
  async function lookForSurplus({ primary }: StageRule, link: Link, signal: AbortSignal | undefined): Promise<Look> {
    const side = otherSide(primary);
    const there = link[side];
    if (there === undefined) return { is: 'gone' };
    if (await store.laneHead(link.lane, 'mirror')) return { is: 'waiting' };
    const theirs = await abortable(desks[side].getThread(there, { signal }).catch(orGone), signal);
    if (theirs === 'gone') return { is: 'gone' };
    const here = link[primary];
    return here === undefined ? lonely('thread', link, primary) : { is: 'compared', id: here, fields: [surplus] };
  }

  return {
    async compared(rule, operation, read) {
      const record = await read();
      if (!record || !sampled(rule)) return record;
      later(async () => {
        const found =
          'email' in record
            ? await look(rule, 'contact', await linkOf(store, 'contact', record.id), {
                read: (desk, there) => inTime(desk, (signal) => desk.getContact(there, { signal })),
                fields: (theirs: Contact) => contactFields(record, theirs),
              })
            : await look(rule, 'thread', await linkOf(store, 'thread', record.id), {
                read: (desk, there) => inTime(desk, (signal) => desk.getThread(there, { signal })),
                fields: (theirs: Thread) => threadFields(setup, rule.primary, record, theirs),
              });
        await noteSample(operation, found);
      });
      return record;
    },

    async *comparedList(rule, threadId, messages) {
      let all: Message[] | undefined = sampled(rule) ? [] : undefined;
      for await (const message of messages) {
        if (all && all.length < mostMessages) all.push(message);
        else all = undefined;
        yield message;
      }
      const ours = all;
      if (!ours) return;
      later(async () => {
        const found = await look(rule, 'thread', await linkOf(store, 'thread', threadId), {
          read: (desk, there) =>
            inTime(desk, (signal) => collect(desk.listMessages(there, { signal }), signal, mostMessages)),
          fields: (mirrored) => differingMessages(rule, ours, mirrored),
        });
        await noteSample('listMessages', found);
      });
    },

    async verify(rule, { limit = Number.POSITIVE_INFINITY, signal }) {
      let looked = 0;
      let compared = 0;
      let different = 0;
      let whole = true;
      const onlyOn = { from: 0, to: 0 };
      const waiting: Link[] = [];

      async function count(found: Look): Promise<void> {
        if (found.is === 'one-desk') onlyOn[found.side]++;
        if (found.is !== 'compared') return;
        compared++;
        if (await note('verify', found.id, found.fields)) different++;
      }

      for await (const link of store.listLinks('thread')) {
        if (looked++ >= limit) {
          whole = false;
          break;
        }
        signal?.throwIfAborted();
        const found = await lookAtThread(rule, link, signal);
        if (found.is === 'waiting') waiting.push(link);
        else await count(found);
      }
      let skipped = 0;
      for (const link of waiting) {
        signal?.throwIfAborted();
        const found = await lookAtThread(rule, link, signal);
        if (found.is === 'waiting') skipped++;
        else await count(found);
      }
      const verified: Verified = { compared, different, skipped, onlyOn };
      const all = { at: setup.now(), ...verified, whole: whole && skipped === 0 };
      await store.setSetting('verified', JSON.stringify(all));
      return verified;
    },

    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** As {@link unlessGone}, where `undefined` means something else. */
function orGone(error: unknown): 'gone' {
  return unlessGone(error) ?? 'gone';
}

/** `undefined`: there are more than `most`. */
async function collect<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): Promise<readonly T[]>;
async function collect<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal | undefined,
  most: number,
): Promise<readonly T[] | undefined>;
async function collect<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal | undefined,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly T[] | undefined> {
  const all: T[] = [];
  for await (const item of items) {
    signal?.throwIfAborted();
    if (all.length >= most) return undefined;
    all.push(item);
  }
  return all;
}
