/** The requests that several methods make on their way. */
import { cleanText } from '../../core/bodies.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type { CallOptions, ContactRef } from '../../core/helpdesk.ts';
import type { Thread } from '../../core/model.ts';
import { type Failure, refused } from './failure.ts';
import {
  CustomerByEmailDocument,
  CustomerByExternalIdDocument,
  type CustomerIdentifierInput,
  type CustomerPartsFragment,
  SendNewEmailDocument,
  type SendNewEmailInput,
  ThreadByExternalIdDocument,
  ThreadDocument,
  type ThreadPartsFragment,
  UpdateThreadDocument,
  type UpdateThreadMutationVariables,
  UpsertCustomerDocument,
  type UpsertCustomerInput,
} from './generated/graphql.ts';
import { toThread } from './mapping.ts';
import type { Run } from './request.ts';

export const where = (operation: string) => ({ provider: 'plain', operation });

/** Plain answers a look-up that finds nothing with null. */
export function found<T>(operation: string, record: T | null): T {
  if (record !== null) return record;
  throw new HelpdeskError({ ...where(operation), kind: 'not-found', reason: 'no such record', applied: 'no' });
}

/** A mutation answers with its record or an error. */
export function accepted<T>(operation: string, record: T | null, error: Failure | null): T {
  if (error) throw refused(operation, error);
  if (record !== null) return record;
  const reason = 'the answer has neither a record nor an error';
  throw new HelpdeskError({ ...where(operation), kind: 'unexpected', reason, applied: 'unknown' });
}

export async function threadById(
  run: Run,
  operation: string,
  threadId: string,
  call?: CallOptions,
): Promise<ThreadPartsFragment> {
  return found(operation, (await run(operation, ThreadDocument, { threadId }, call)).thread);
}

export async function customerByEmail(
  run: Run,
  operation: string,
  address: string,
  call?: CallOptions,
): Promise<CustomerPartsFragment | null> {
  const email = address.trim().toLowerCase();
  return (await run(operation, CustomerByEmailDocument, { email }, call)).customerByEmail;
}

export async function upsertCustomer(
  run: Run,
  operation: string,
  input: UpsertCustomerInput,
  call?: CallOptions,
): Promise<CustomerPartsFragment> {
  const { upsertCustomer } = await run(operation, UpsertCustomerDocument, { input }, call);
  return accepted(operation, upsertCustomer.customer, upsertCustomer.error);
}

/** The customer of a new thread. Only one named by e-mail takes a request, and is created if absent. */
export async function customerOf(
  run: Run,
  operation: string,
  contact: ContactRef,
  call?: CallOptions,
): Promise<CustomerIdentifierInput> {
  if (contact.id !== undefined) return { customerId: contact.id };
  if (contact.externalId !== undefined) return { externalId: contact.externalId };
  const email = contact.email.trim().toLowerCase();
  const onCreate = { fullName: cleanText(contact.name ?? email), email: { email, isVerified: true } };
  const input = { identifier: { emailAddress: email }, onCreate, onUpdate: {} };
  return { customerId: (await upsertCustomer(run, operation, input, call)).id };
}

export async function threadByExternalId(
  run: Run,
  operation: string,
  customer: CustomerIdentifierInput,
  externalId: string,
  call?: CallOptions,
): Promise<ThreadPartsFragment | null> {
  const customerId = customer.customerId ?? (await customerIdOf(run, operation, customer, call));
  if (!customerId) return null;
  const { threadByExternalId } = await run(operation, ThreadByExternalIdDocument, { customerId, externalId }, call);
  return threadByExternalId;
}

async function customerIdOf(
  run: Run,
  operation: string,
  { emailAddress, externalId }: CustomerIdentifierInput,
  call?: CallOptions,
): Promise<string | undefined> {
  if (emailAddress) return (await customerByEmail(run, operation, emailAddress, call))?.id;
  if (!externalId) return undefined;
  return (await run(operation, CustomerByExternalIdDocument, { externalId }, call)).customerByExternalId?.id;
}

/**
 * A failure after which the thread may be there is settled by looking it up:
 * Plain does not document what a second creation with the same id answers.
 */
export async function createOnce(
  run: Run,
  operation: string,
  externalId: string | null | undefined,
  customer: CustomerIdentifierInput,
  call: CallOptions | undefined,
  create: () => Promise<ThreadPartsFragment>,
): Promise<ThreadPartsFragment> {
  try {
    return await create();
  } catch (error) {
    if (!externalId || !HelpdeskError.is(error) || call?.signal?.aborted) throw error;
    if (error.applied === 'no' && error.kind !== 'invalid' && error.kind !== 'conflict') throw error;
    const existing = await threadByExternalId(run, operation, customer, externalId, call).catch(() => null);
    if (existing) return existing;
    throw error;
  }
}

/** Each change of the request, in the order in which Plain makes them, by its name in the input. */
const changeOf = {
  updateThreadTitle: 'title',
  changeThreadPriority: 'priority',
  assignThread: 'assigneeId',
  unassignThread: 'assigneeId',
  removeLabels: 'labelIds',
  addLabels: 'labelIds',
  updateThreadTenant: 'companyId',
  bulkUpsertThreadFields: 'customFields',
  markThreadAsTodo: 'status',
  markThreadAsDone: 'status',
  snoozeThread: 'status',
} as const;

/** The vendor's two pages disagree on whether a label that is there already is an error. It is there. */
const harmless = 'label_with_given_type_already_added_to_thread';

/** The thread as the last change left it. Throws for the first change that was refused. */
export async function updateThread(
  run: Run,
  operation: string,
  threadId: string,
  variables: UpdateThreadMutationVariables,
  call?: CallOptions,
): Promise<Thread> {
  const answer = await run(operation, UpdateThreadDocument, variables, call);
  const done: string[] = [];
  let thread: ThreadPartsFragment | null = null;
  for (const [mutation, field] of Object.entries(changeOf) as [keyof typeof changeOf, string][]) {
    const result = answer[mutation];
    if (!result) continue;
    if (result.error && result.error.code !== harmless) throw refused(operation, result.error, done);
    done.push(field);
    thread = ('thread' in result && result.thread) || thread;
    if (mutation === 'bulkUpsertThreadFields') thread = null; // its answer holds no thread, and the one before is stale
  }
  return toThread(thread ?? (await threadById(run, operation, threadId, call)));
}

/** Delivers an e-mail to the thread's customer, under the thread's title. */
export async function sendEmail(
  run: Run,
  operation: string,
  mail: Omit<SendNewEmailInput, 'customerId' | 'subject' | 'threadId'> & { readonly threadId: string },
  call?: CallOptions,
): Promise<{ readonly id: string }> {
  const { customer, title } = await threadById(run, operation, mail.threadId, call);
  const input = { ...mail, customerId: customer.id, subject: title };
  const { sendNewEmail } = await run(operation, SendNewEmailDocument, { input }, call);
  return accepted(operation, sendNewEmail.email, sendNewEmail.error);
}
