/** Reads: always answered by the desk that answers, by whichever id the caller has. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, Helpdesk, ThreadFilter } from '../core/helpdesk.ts';
import { idInput } from '../core/inputs.ts';
import type { Contact, Message, Thread } from '../core/model.ts';
import { given } from '../core/plain-data.ts';
import { issuesOf } from '../core/validate.ts';
import { isUnknownId } from './arrival.ts';
import { linkOf } from './links.ts';
import { type Setup, unlessGone } from './setup.ts';
import { otherSide, type StageRule } from './stages.ts';

export interface Reads {
  getContact(rule: StageRule, id: string, call: CallOptions): Promise<Contact>;
  getThread(rule: StageRule, id: string, call: CallOptions): Promise<Thread>;
  findThread(
    rule: StageRule,
    key: { readonly contactId: string; readonly externalId: string },
    call: CallOptions,
  ): Promise<Thread | undefined>;
  listThreads(rule: StageRule, filter: ThreadFilter, call: CallOptions): AsyncIterable<Thread>;
  listMessages(rule: StageRule, threadId: string, call: CallOptions): AsyncIterable<Message>;
}

/** An id of the form that only the other desk has is no mistake of the caller's: what it stood for is not here. */
function unlinked(error: unknown, id: string): unknown {
  if (!HelpdeskError.is(error) || issuesOf(idInput, id, 'id').length > 0) return error;
  const { provider, operation, requestId } = error;
  const reason = 'this desk has no record of that id';
  return new HelpdeskError({ provider, operation, kind: 'not-found', reason, applied: 'no', requestId });
}

export function createReads(setup: Setup): Reads {
  const { store, desks, translator } = setup;

  /** By the primary's id; a record that only the other desk has is read there, as long as both desks are in use. */
  async function anywhere<T>(
    kind: 'thread' | 'contact',
    { primary, mirrored }: StageRule,
    id: string,
    read: (desk: Helpdesk, id: string) => Promise<T>,
  ): Promise<T> {
    const other = otherSide(primary);
    const link = await linkOf(store, kind, id);
    if (link && link[primary] === undefined && link[other] !== undefined && mirrored)
      return read(desks[other], link[other]);
    try {
      return await read(desks[primary], link?.[primary] ?? id);
    } catch (error) {
      if (link || !isUnknownId(error)) throw error;
      if (!mirrored) throw unlinked(error, id);
      // What the caller's id is wrong in is said by the desk that answers.
      return read(desks[other], id).catch((second: unknown) => {
        throw isUnknownId(second) ? error : second;
      });
    }
  }

  async function contactOnPrimary({ primary }: StageRule, id: string): Promise<string> {
    return (await linkOf(store, 'contact', id))?.[primary] ?? id;
  }

  return {
    getContact: (rule, id, call) => anywhere('contact', rule, id, (desk, own) => desk.getContact(own, call)),
    getThread: (rule, id, call) => anywhere('thread', rule, id, (desk, own) => desk.getThread(own, call)),

    async findThread(rule, { contactId, externalId }, call) {
      const desk = desks[rule.primary];
      const contact = await contactOnPrimary(rule, contactId);
      for (const link of await store.findLinks('thread', externalId)) {
        const id = link[rule.primary];
        const thread = id === undefined ? undefined : await desk.getThread(id, call).catch(unlessGone);
        if (thread?.contact?.id === contact) return thread;
      }
      return desk.findThread({ contactId: contact, externalId }, call);
    },

    async *listThreads(rule, filter, call) {
      const { contactId, assigneeId, labelId, ...others } = filter;
      const own = given({
        contactId: contactId === undefined ? undefined : await contactOnPrimary(rule, contactId),
        assigneeId: assigneeId && translator.toSide('agents', rule.primary, assigneeId),
        labelId: labelId && translator.toSide('labels', rule.primary, labelId),
      });
      yield* desks[rule.primary].listThreads({ ...others, ...own }, call);
    },

    async *listMessages(rule, threadId, call) {
      const messages = await anywhere('thread', rule, threadId, async (desk, id) => {
        const iterator = desk.listMessages(id, call)[Symbol.asyncIterator]();
        return { iterator, first: await iterator.next() };
      });
      try {
        for (let next = messages.first; !next.done; next = await messages.iterator.next()) yield next.value;
      } finally {
        await messages.iterator.return?.();
      }
    },
  };
}
