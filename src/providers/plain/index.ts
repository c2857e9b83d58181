/**
 * Plain adapter: the GraphQL API behind `Helpdesk`.
 *
 * This file only says which operations belong to which method. Field mapping
 * is in `mapping.ts` and `timeline.ts`, history in `history.ts`, failures in
 * `failure.ts`, the operations themselves in `operations/`.
 */
import { cleanText } from '../../core/bodies.ts';
import { createRateBudget } from '../../core/budget.ts';
import { checkOptions } from '../../core/call-options.ts';
import { checkCredential } from '../../core/credential.ts';
import type { CallOptions, Helpdesk } from '../../core/helpdesk.ts';
import * as inputs from '../../core/inputs.ts';
import type { Loss, Message } from '../../core/model.ts';
import { given } from '../../core/plain-data.ts';
import { sealed } from '../../core/sealed.ts';
import { createTransport } from '../../core/transport.ts';
import { invalid, requireContent, unsupported, validate } from '../../core/validate.ts';
import { asComponents, asReply, asTextAndMarkdown } from './bodies.ts';
import { checkIds, checkPlaced, checkRecipients } from './checks.ts';
import { refused, requestId, statusOf } from './failure.ts';
import {
  CheckDocument,
  CreateNoteDocument,
  CreateThreadDocument,
  CustomerDocument,
  CustomersDocument,
  DeleteThreadDocument,
  ImportThreadDocument,
  ReplyToThreadDocument,
  type ThreadPartsFragment,
  ThreadsDocument,
  ThreadTimelineDocument,
  type TypedDocument,
} from './generated/graphql.ts';
import { checkAuthors, importMessages } from './history.ts';
import {
  fromCreateThread,
  fromImportThread,
  fromRecipients,
  fromThreadFilter,
  fromUpdateThread,
  toChannel,
  toContact,
  toThread,
} from './mapping.ts';
import { pages } from './paging.ts';
import { createRun } from './request.ts';
import {
  accepted,
  afterImport,
  createOnce,
  customerByEmail,
  customerOf,
  found,
  lateFields,
  sendEmail,
  threadByExternalId,
  threadById,
  updateThread,
  upsertCustomer,
  where,
} from './steps.ts';
import { messageTypes, toMessage } from './timeline.ts';
import { type PlainOptions, permissions, plainOptions, plainTraits, rateLimits } from './traits.ts';

export { type PlainOptions, plainOptions, plainTraits } from './traits.ts';

/** Any GraphQL document, under the same limits, retries and errors as the adapter's own. */
export interface PlainClient {
  request<Result, Variables extends object>(
    document: TypedDocument<Result, Variables> | string,
    variables: Variables,
    options?: CallOptions,
  ): Promise<Result>;
}

/** Characters of a note, by the vendor's webhook schema. */
const noteLimit = 10_000;

/**
 * Connects to one Plain workspace.
 *
 * Reads are retried, see {@link TransportOptions}. Writes are not, except after
 * 429; a thread created with an `externalId` is looked up after an unknown
 * outcome, which is how Plain allows to be sure.
 */
export function createPlain(options: PlainOptions): Helpdesk<PlainClient> {
  validate(plainOptions, options, where('createPlain'), 'options');
  checkCredential(options.apiKey, keyRule, where('createPlain'));
  // The smallest plan's limit: a larger one is not known beforehand.
  const budget = options.budget ?? createRateBudget(rateLimits);
  const transport = createTransport({ provider: 'plain', keyRule, requestId, statusOf }, budget, options);
  const run = createRun(transport, options.baseUrl ?? 'https://core-api.uk.plain.com/graphql/v1');
  const first = options.pageSize ?? 100;

  return sealed({
    name: 'plain',
    traits: plainTraits,
    native: {
      async request<Result, Variables extends object>(
        document: TypedDocument<Result, Variables> | string,
        variables: Variables,
        call?: CallOptions,
      ) {
        checkOptions(where('native'), call);
        return run('native', document as TypedDocument<Result, Variables>, variables, call);
      },
    },

    async check(call) {
      const { myWorkspace, myMachineUser, myPermissions } = await run('check', CheckDocument, {}, call);
      const workspace = found('check', myWorkspace);
      const actor = found('check', myMachineUser);
      return {
        workspace: { id: workspace.id, name: workspace.name },
        actor: { id: actor.id, name: actor.fullName },
        permissions: myPermissions.permissions,
        missing: permissions.filter((permission) => !myPermissions.permissions.includes(permission)),
        limits: budget.limits(),
      };
    },

    async getContact(id, call) {
      validate(inputs.idInput, id, where('getContact'), 'id');
      checkIds('getContact', [['id', 'contact', id]]);
      const { customer } = await run('getContact', CustomerDocument, { customerId: id }, call);
      return toContact(found('getContact', customer));
    },

    async findContact(email, call) {
      validate(inputs.emailInput, email, where('findContact'), 'email');
      const customer = await customerByEmail(run, 'findContact', email, call);
      return customer ? toContact(customer) : undefined;
    },

    async *listContacts(filter = {}, call) {
      validate(inputs.contactFilter, filter, where('listContacts'));
      const after = filter.updatedSince?.toISOString();
      const filters = after ? { updatedAt: { after } } : {};
      const load = async (cursor: string | undefined) =>
        (await run('listContacts', CustomersDocument, { filters, first, after: cursor }, call)).customers;
      yield* pages('listContacts', load, toContact);
    },

    async getThread(id, call) {
      validate(inputs.idInput, id, where('getThread'), 'id');
      checkIds('getThread', [['id', 'thread', id]]);
      return toThread(await threadById(run, 'getThread', id, call));
    },

    async findThread(key, call) {
      validate(inputs.threadKey, key, where('findThread'));
      const { contactId, externalId } = key;
      checkIds('findThread', [['contactId', 'contact', contactId]]);
      const thread = await threadByExternalId(run, 'findThread', { customerId: contactId }, externalId, call);
      return thread ? toThread(thread) : undefined;
    },

    async *listThreads(filter = {}, call) {
      const operation = 'listThreads';
      validate(inputs.threadFilter, filter, where(operation));
      checkIds(operation, [
        ['contactId', 'contact', filter.contactId],
        ['assigneeId', 'agent', filter.assigneeId],
        ['labelId', 'label', filter.labelId],
      ]);
      if (filter.assigneeId?.startsWith('mu_')) {
        throw unsupported(where(operation), 'Plain does not filter threads by machine user');
      }
      const filters = fromThreadFilter(filter);
      const sortBy = { field: 'CREATED_AT', direction: 'DESC' } as const;
      const load = async (after: string | undefined) =>
        (await run(operation, ThreadsDocument, { filters, sortBy, first, after }, call)).threads;
      yield* pages(operation, load, toThread);
    },

    async *listMessages(threadId, call) {
      const operation = 'listMessages';
      validate(inputs.idInput, threadId, where(operation), 'threadId');
      checkIds(operation, [['threadId', 'thread', threadId]]);
      const load = async (after: string | undefined) => {
        const page = { threadId, entryTypes: messageTypes, first, after };
        return found(operation, (await run(operation, ThreadTimelineDocument, page, call)).thread).timelineEntries;
      };
      // The order of a thread's timeline is not documented: all of it, then sorted.
      const messages: Message[] = [];
      for await (const message of pages(operation, load, toMessage)) if (message) messages.push(message);
      yield* messages.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
    },

    async upsertContact(input, call) {
      const operation = 'upsertContact';
      validate(inputs.contactInput, input, where(operation));
      const { isVerified, shortName, ...onlyNew } = given(input.providerOptions?.plain);
      const { externalId } = input;
      const name = input.name === undefined ? undefined : cleanText(input.name);
      const address = input.email.trim().toLowerCase();
      const email = { email: address, isVerified: isVerified ?? true };
      const { customer, created } = await upsertCustomer(
        run,
        operation,
        {
          identifier: { emailAddress: address },
          onCreate: { fullName: name ?? address, email, externalId, shortName, ...onlyNew },
          onUpdate: {
            ...(name !== undefined && { fullName: { value: name } }),
            ...(externalId !== undefined && { externalId: { value: externalId } }),
            ...(shortName !== undefined && { shortName: { value: shortName } }),
            ...(isVerified !== undefined && { email }),
          },
        },
        call,
      );
      const late = created ? [] : Object.keys(onlyNew);
      const losses = late.map(
        (field): Loss => ({
          field: `providerOptions.plain.${field}`,
          how: 'dropped',
          reason: 'Plain takes it for new contacts only',
        }),
      );
      return { value: toContact(customer), losses };
    },

    async createThread(input, call) {
      const operation = 'createThread';
      validate(inputs.createThreadInput, input, where(operation));
      checkPlaced(operation, input);
      const { customerIdentifier, components } = input.providerOptions?.plain ?? {};
      const body = components ? { value: components, losses: [] } : await asComponents(input.body);
      if (body.value.length === 0) requireContent(where(operation), '');
      const customer = customerIdentifier ?? (await customerOf(run, operation, input.contact, call));
      const { input: wire, losses } = fromCreateThread(input, customer, body.value);
      const value = await createOnce(run, operation, wire.externalId, customer, call, async () => {
        const { createThread } = await run(operation, CreateThreadDocument, { input: wire }, call);
        return accepted(operation, createThread.thread, createThread.error);
      });
      return { value: toThread(value), losses: [...losses, ...body.losses] };
    },

    async updateThread(id, changes, call) {
      const operation = 'updateThread';
      validate(inputs.idInput, id, where(operation), 'id');
      validate(inputs.updateThreadInput, changes, where(operation));
      checkIds(operation, [['id', 'thread', id]]);
      checkPlaced(operation, changes);
      const labels = changes.labelIds ? (await threadById(run, operation, id, call)).labels : [];
      const { variables, losses } = fromUpdateThread(id, changes, labels, new Date());
      if (Object.keys(variables).length === 0)
        return { value: toThread(await threadById(run, operation, id, call)), losses };
      return { value: await updateThread(run, operation, id, variables, call), losses };
    },

    async deleteThread(id, call) {
      const operation = 'deleteThread';
      validate(inputs.idInput, id, where(operation), 'id');
      checkIds(operation, [['id', 'thread', id]]);
      const { deleteThread } = await run(operation, DeleteThreadDocument, { input: { threadId: id } }, call);
      if (deleteThread.error) throw refused(operation, deleteThread.error);
      return { value: { id }, losses: [] };
    },

    async reply(input, call) {
      const operation = 'reply';
      validate(inputs.replyInput, input, where(operation));
      const { threadId } = input;
      checkIds(operation, [['threadId', 'thread', threadId]]);
      checkRecipients(operation, input);
      const { value: body, losses } = await asReply(input.body);
      requireContent(where(operation), body.markdown ?? body.text);
      const content = { textContent: body.text, markdownContent: body.markdown };
      const recipients = {
        additionalRecipients: fromRecipients(input.cc),
        hiddenRecipients: fromRecipients(input.bcc),
      };
      const plain = input.providerOptions?.plain;
      const email = input.cc || input.bcc ? { channelSpecificOptions: { email: recipients } } : {};
      const wire = { threadId, ...content, ...email, ...given(plain) };
      const { replyToThread } = await run(operation, ReplyToThreadDocument, { input: wire }, call);
      if (!replyToThread.error) return { value: { id: undefined, threadId, channel: undefined }, losses };
      if (replyToThread.error.code !== 'cannot_reply_to_thread' || plain?.impersonation) {
        throw refused(operation, replyToThread.error);
      }
      // The refusal says that nothing was sent. An e-mail on the same thread is the documented other way.
      const sent = await sendEmail(
        run,
        operation,
        { threadId, ...content, ...recipients, attachmentIds: plain?.attachmentIds },
        call,
      );
      const byMail: Loss = { field: 'channel', how: 'changed', stored: 'email', reason: 'the thread takes no replies' };
      return { value: { id: sent.id, threadId, channel: toChannel('EMAIL') }, losses: [...losses, byMail] };
    },

    async addNote(input, call) {
      const operation = 'addNote';
      validate(inputs.noteInput, input, where(operation));
      const { threadId } = input;
      checkIds(operation, [['threadId', 'thread', threadId]]);
      const { value: body, losses } = await asTextAndMarkdown(input.body);
      requireContent(where(operation), body.markdown ?? body.text);
      if (Math.max(body.text.length, body.markdown?.length ?? 0) > noteLimit) {
        throw invalid(where(operation), [
          { path: 'body.content', message: `must be at most ${noteLimit} characters long` },
        ]);
      }
      const { customer } = await threadById(run, operation, threadId, call);
      // Always with the thread: without it the note would stand on every thread of the customer.
      const wire = { customerId: customer.id, threadId, ...body };
      const { createNote } = await run(operation, CreateNoteDocument, { input: wire }, call);
      const note = accepted(operation, createNote.note, createNote.error);
      return { value: { id: note.id, threadId }, losses };
    },

    async importThread(input, call) {
      const operation = 'importThread';
      validate(inputs.importThreadInput, input, where(operation));
      checkPlaced(operation, { ...input, status: input.status ?? { is: 'open' } });
      const { userId, customerIdentifier } = input.providerOptions?.plain ?? {};
      checkAuthors(operation, input.messages, userId);
      const customer = customerIdentifier ?? (await customerOf(run, operation, input.contact, call));
      const { input: wire, losses } = fromImportThread(input, customer);
      const { importThread } = await run(operation, ImportThreadDocument, { input: wire }, call);
      const imported = accepted(operation, importThread.thread, importThread.error);
      const outcome = importThread.result === 'NOOP' ? 'existing' : 'stored';
      const { thread, losses: late } = await lateFields(run, operation, imported, input.customFields ?? [], call);
      const authors = { userId, customerId: async () => imported.customer.id };
      const messages = await importMessages(run, operation, imported.id, input.messages, authors, call).catch(
        (error) => {
          throw afterImport(error);
        },
      );
      return {
        value: { thread, outcome, messages: messages.value },
        losses: [...losses, ...late, ...messages.losses],
      };
    },

    async recordMessages(input, call) {
      const operation = 'recordMessages';
      validate(inputs.recordMessagesInput, input, where(operation));
      const { threadId, messages } = input;
      const userId = input.providerOptions?.plain?.userId;
      checkIds(operation, [['threadId', 'thread', threadId]]);
      checkAuthors(operation, messages, userId);
      let thread: Promise<ThreadPartsFragment> | undefined;
      const customerId = async () => {
        thread ??= threadById(run, operation, threadId, call);
        return (await thread).customer.id;
      };
      return importMessages(run, operation, threadId, messages, { userId, customerId }, call);
    },
  });
}

/** A key of the other vendor is not to be shown around. */
function keyRule(key: string): string | undefined {
  return /^pl_v\d_/.test(key) ? 'this is a key of Productlane' : undefined;
}
