/**
 * Productlane adapter: the REST API, version 2, behind `Helpdesk`.
 *
 * This file only says which requests belong to which method. Field mapping is
 * in `mapping.ts`, history in `history.ts`, failures in `failure.ts`, wire
 * shapes in `wire.ts`.
 */
import { cleanText, convertBody } from '../../core/bodies.ts';
import { createRateBudget } from '../../core/budget.ts';
import { callRules, checkOptions } from '../../core/call-options.ts';
import { checkCredential } from '../../core/credential.ts';
import type { CallOptions, Helpdesk, Recorded } from '../../core/helpdesk.ts';
import * as inputs from '../../core/inputs.ts';
import type { Loss, Message } from '../../core/model.ts';
import { given } from '../../core/plain-data.ts';
import { sealed } from '../../core/sealed.ts';
import { createTransport } from '../../core/transport.ts';
import { invalid, requireContent, unsupported, validate } from '../../core/validate.ts';
import { requestId } from './failure.ts';
import { oldestFirst, recordComments, recordInText, recordNotes, transcript } from './history.ts';
import {
  fromCreateThread,
  fromImportThread,
  fromReply,
  fromUpdateThread,
  replyLosses,
  toContact,
  toThread,
  word,
} from './mapping.ts';
import { messageChannelOf, toMessage, toNote } from './messages.ts';
import { at, createRest, type Query } from './request.ts';
import {
  addComment,
  comments,
  contactByEmail,
  contactById,
  createThread,
  emailOf,
  finish,
  knownLabels,
  patchThread,
  threadById,
  where,
} from './steps.ts';
import { type ProductlaneOptions, productlaneOptions, rateLimits, scopes, traitsWith } from './traits.ts';
import { type ContactBody, wireContact, wireMe, wireMessage, wireNothing, wireSent, wireThread } from './wire.ts';

export { type ProductlaneOptions, productlaneOptions, productlaneTraits } from './traits.ts';

/** Any request of the API, under the same limits, retries and errors as the adapter's own. */
export interface ProductlaneClient {
  /** `path` starts with a slash and follows the base URL, for example `/companies`. Escape the ids in it. */
  request(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    options?: CallOptions & { readonly query?: Query; readonly json?: object },
  ): Promise<unknown>;
}

/**
 * Connects to one Productlane workspace.
 *
 * Reads are retried, see {@link TransportOptions}. Writes are not, except after
 * 429: the API takes no idempotency key, so repeating is the caller's decision,
 * see {@link HelpdeskError.applied}.
 */
export function createProductlane(options: ProductlaneOptions): Helpdesk<ProductlaneClient> {
  validate(productlaneOptions, options, where('createProductlane'), 'options');
  checkCredential(options.apiKey, keyRule, where('createProductlane'));
  const budget = options.budget ?? createRateBudget(rateLimits);
  const transport = createTransport({ provider: 'productlane', keyRule, requestId }, budget, options);
  const baseUrl = (options.baseUrl ?? 'https://productlane.com/api/v2').replace(/\/+$/, '');
  const rest = createRest(transport, baseUrl, options.pageSize ?? 200);

  return sealed({
    name: 'productlane',
    traits: traitsWith(options),
    native: {
      async request(method, path, options) {
        checkOptions(where('native'), options, nativeRules);
        const { query, json, ...call } = options ?? {};
        if (!path.startsWith('/'))
          throw invalid(where('native'), [{ path: 'path', message: 'must start with a slash' }]);
        // No template: the path is the caller's, and may hold an address.
        const target = { path, template: 'native' };
        return rest.send({ operation: 'native', method, path: target, query, json, answer: wireNothing }, call);
      },
    },

    async check(call) {
      const me = await rest.send({ operation: 'check', method: 'GET', path: at`/me`, answer: wireMe }, call);
      return {
        workspace: { id: me.workspace_id, name: undefined },
        actor: { id: me.api_key_id, name: undefined },
        permissions: me.scopes,
        missing: scopes.filter((scope) => !me.scopes.includes(scope)),
        limits: budget.limits(),
      };
    },

    async getContact(id, call) {
      validate(inputs.idInput, id, where('getContact'), 'id');
      return contactById(rest, 'getContact', id, call);
    },

    async findContact(email, call) {
      validate(inputs.emailInput, email, where('findContact'), 'email');
      return contactByEmail(rest, 'findContact', email, call);
    },

    async *listContacts(filter = {}, call) {
      validate(inputs.contactFilter, filter, where('listContacts'));
      const query = { updated_after: since(filter.updatedSince) };
      for await (const wire of rest.pages(
        { operation: 'listContacts', path: at`/contacts`, query, answer: wireContact },
        call,
      )) {
        const contact = toContact(wire);
        if (!filter.updatedSince || contact.updatedAt >= filter.updatedSince) yield contact;
      }
    },

    async getThread(id, call) {
      validate(inputs.idInput, id, where('getThread'), 'id');
      return threadById(rest, 'getThread', id, call);
    },

    async findThread() {
      throw unsupported(where('findThread'), 'Productlane keeps no external ids');
    },

    async *listThreads(filter = {}, call) {
      validate(inputs.threadFilter, filter, where('listThreads'));
      const query = {
        status: filter.status,
        contact_id: filter.contactId,
        assignee_id: filter.assigneeId,
        tag_id: filter.labelId,
        updated_after: since(filter.updatedSince),
      };
      for await (const wire of rest.pages(
        { operation: 'listThreads', path: at`/threads`, query, answer: wireThread },
        call,
      )) {
        const thread = toThread(wire);
        if (!filter.updatedSince || thread.updatedAt >= filter.updatedSince) yield thread;
      }
    },

    async *listMessages(threadId, call) {
      validate(inputs.idInput, threadId, where('listMessages'), 'threadId');
      // The order of comments is not documented, and they are few: all of them first, then merged by time.
      const notes: Message[] = [];
      for await (const wire of comments(rest, 'listMessages', threadId, call)) notes.push(toNote(threadId, wire));
      notes.sort(byTime);
      const path = at`/threads/${threadId}/messages`;
      for await (const wire of rest.pages(
        { operation: 'listMessages', path, query: { order: 'asc' }, answer: wireMessage },
        call,
      )) {
        const message = toMessage(threadId, wire);
        const later = notes.findIndex((note) => byTime(note, message) > 0);
        yield* notes.splice(0, later < 0 ? notes.length : later);
        yield message;
      }
      yield* notes;
    },

    async upsertContact(input, call) {
      const operation = 'upsertContact';
      validate(inputs.contactInput, input, where(operation));
      const email = input.email.trim().toLowerCase();
      const losses: Loss[] = input.externalId === undefined ? [] : [{ field: 'externalId', how: 'dropped' }];
      const name = input.name && cleanText(input.name);
      const others: ContactBody = given(input.providerOptions?.productlane);
      const changes: ContactBody = { ...(name !== undefined && { name }), ...others };
      const known = await contactByEmail(rest, operation, email, call);
      if (!known) {
        const json = { email, ...changes };
        const created = await rest.send(
          { operation, method: 'POST', path: at`/contacts`, json, answer: wireContact },
          call,
        );
        return { value: toContact(created), losses };
      }
      const differs = changes.name !== undefined && changes.name !== known.name;
      if (!differs && Object.keys(others).length === 0) return { value: known, losses };
      const path = at`/contacts/${known.id}`;
      const changed = await rest.send({ operation, method: 'PATCH', path, json: changes, answer: wireContact }, call);
      return { value: toContact(changed), losses };
    },

    async createThread(input, call) {
      const operation = 'createThread';
      validate(inputs.createThreadInput, input, where(operation));
      const { content, losses: lost } = await convertBody(input.body, 'html');
      requireContent(where(operation), content);
      await knownLabels(rest, operation, input.labelIds, call);
      const email = await emailOf(rest, operation, input.contact, call);
      const { body, late, losses } = fromCreateThread(input, email, content);
      const created = await createThread(rest, operation, body, call);
      const after = await finish(rest, operation, created, late, call);
      return { value: after.value, losses: [...losses, ...lost, ...after.losses] };
    },

    async updateThread(id, changes, call) {
      const operation = 'updateThread';
      validate(inputs.idInput, id, where(operation), 'id');
      validate(inputs.updateThreadInput, changes, where(operation));
      const { body, losses } = fromUpdateThread(changes);
      if (Object.values(body).every((value) => value === undefined)) {
        return { value: await threadById(rest, operation, id, call), losses };
      }
      return { value: await patchThread(rest, operation, id, body, call), losses };
    },

    async deleteThread(id, call) {
      validate(inputs.idInput, id, where('deleteThread'), 'id');
      await rest.send(
        { operation: 'deleteThread', method: 'DELETE', path: at`/threads/${id}`, answer: wireNothing },
        call,
      );
      return { value: { id }, losses: [] };
    },

    async reply(input, call) {
      const operation = 'reply';
      validate(inputs.replyInput, input, where(operation));
      const { content, losses } = await convertBody(input.body, 'html');
      requireContent(where(operation), content);
      const json = fromReply(input, content);
      const path = at`/threads/${input.threadId}/messages`;
      const sent = await rest.send({ operation, method: 'POST', path, json, answer: wireSent }, call);
      return {
        value: { id: sent.id, threadId: sent.thread_id, channel: word(messageChannelOf, sent.channel, 'other') },
        losses: [...losses, ...replyLosses(json, sent.channel)],
      };
    },

    async addNote(input, call) {
      const operation = 'addNote';
      validate(inputs.noteInput, input, where(operation));
      const { content, losses } = await convertBody(input.body, 'html');
      requireContent(where(operation), content);
      const { id } = await addComment(rest, operation, input.threadId, content, call);
      return { value: { id, threadId: input.threadId }, losses };
    },

    async importThread(input, call) {
      const operation = 'importThread';
      validate(inputs.importThreadInput, input, where(operation));
      await knownLabels(rest, operation, input.labelIds, call);
      const email = await emailOf(rest, operation, input.contact, call);
      const entries = oldestFirst(input.messages);
      const text = await transcript(entries, input.title);
      const { body, late, losses } = fromImportThread(input, email, text.value, new Date());
      const created = await createThread(rest, operation, body, call);
      const notes = await recordNotes(rest, operation, created.id, entries, call);
      const after = await finish(rest, operation, created, late, call);
      const messages = input.messages.map(
        ({ externalId }, index): Recorded => notes.value.get(index) ?? { externalId, outcome: 'stored', id: undefined },
      );
      return {
        value: { thread: after.value, outcome: 'stored', messages },
        losses: [...losses, ...text.losses, ...notes.losses, ...after.losses],
      };
    },

    async recordMessages(input, call) {
      validate(inputs.recordMessagesInput, input, where('recordMessages'));
      const record = options.records === 'transcript' ? recordInText : recordComments;
      return record(rest, 'recordMessages', input.threadId, oldestFirst(input.messages), call);
    },
  });
}

/** What travels is the caller's business; a misspelt name would be left out in silence. */
const nativeRules = { ...callRules, query: () => undefined, json: () => undefined };

/** A key of version 1 would be refused with 410, and one of the other vendor is not to be shown around. */
function keyRule(key: string): string | undefined {
  if (key.startsWith('plainApiKey_')) return 'this is a key of Plain';
  return key.startsWith('pl_v1_')
    ? 'this is a version 1 key, and version 1 of the API ended on 2026-11-20: create a version 2 key (pl_v2_…) under Settings, Integrations, API'
    : undefined;
}

/** The vendor does not say whether its bounds are inclusive: one millisecond more, and the caller compares. */
function since(date: Date | undefined): string | undefined {
  return date && new Date(date.getTime() - 1).toISOString();
}

function byTime(a: Message, b: Message): number {
  return a.createdAt.getTime() - b.createdAt.getTime();
}
