/** The requests that several methods make on their way. */
import { afterWriting, isStop } from '../../core/before-request.ts';
import { cleanText } from '../../core/bodies.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type { CallOptions, ContactRef } from '../../core/helpdesk.ts';
import type { CustomField, Loss, Thread } from '../../core/model.ts';
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
import { fromThreadFields, toThread } from './mapping.ts';
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
): Promise<{ readonly customer: CustomerPartsFragment; readonly created: boolean }> {
  const { upsertCustomer } = await run(operation, UpsertCustomerDocument, { input }, call);
  const customer = accepted(operation, upsertCustomer.customer, upsertCustomer.error);
  return { customer, created: upsertCustomer.result === 'CREATED' };
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
  return { customerId: (await upsertCustomer(run, operation, input, call)).customer.id };
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
    if (!externalId || !HelpdeskError.is(error) || call?.signal?.aborted || isStop(error)) throw error;
    // A refusal that names another field is about that field, whatever thread has the id.
    const taken = error.issues.every(({ path }) => path === 'externalId');
    if (error.applied === 'no' && !(taken && (error.kind === 'invalid' || error.kind === 'conflict'))) throw error;
    const existing = await threadByExternalId(run, operation, customer, externalId, call).catch(() => {
      throw error.applied === 'unknown' ? error : unseen(operation);
    });
    if (existing) return existing;
    throw error;
  }
}

/** The thread that has the id may be one that this very call has created earlier. */
function unseen(operation: string): HelpdeskError {
  const reason = 'a thread has this externalId, and could not be looked at';
  return new HelpdeskError({ provider: 'plain', operation, kind: 'unavailable', reason, applied: 'unknown' });
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
    // Neither answer holds the thread as it is now, and the one before is stale.
    if (mutation === 'bulkUpsertThreadFields' || result.error) thread = null;
  }
  const after =
    thread ??
    (await threadById(run, operation, threadId, call).catch((error: unknown) => {
      throw afterWriting(error, 'the changes were made, and the thread could not be read then');
    }));
  // One label that was there must not hide that another is not.
  const clash = answer.addLabels?.error;
  if (clash && !hasLabels(after, variables.addLabels?.labelTypeIds ?? [])) throw refused(operation, clash, done);
  return toThread(after);
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

function hasLabels({ labels }: ThreadPartsFragment, typeIds: readonly string[]): boolean {
  return typeIds.every((id) => labels.some(({ labelType }) => labelType.id === id));
}

/** Makes of a failure that came after the thread was stored one that says so: repeating the call completes it. */
export function afterImport(error: unknown): unknown {
  return afterWriting(error, 'the thread was imported, its messages only in part');
}

/**
 * Custom fields of an imported thread, which the import itself does not take.
 *
 * Only those the thread lacks: on a repeated import somebody may have changed
 * the others since. The thread is stored by now, so a failure is a loss.
 */
export async function lateFields(
  run: Run,
  operation: string,
  imported: ThreadPartsFragment,
  fields: readonly CustomField[],
  call?: CallOptions,
): Promise<{ readonly thread: Thread; readonly losses: readonly Loss[] }> {
  const absent = fields.filter(({ key }) => !imported.threadFields.some((field) => field.key === key));
  if (absent.length === 0) return { thread: toThread(imported), losses: [] };
  const variables = { hasThreadFields: true, threadFields: fromThreadFields(imported.id, absent) };
  try {
    return { thread: await updateThread(run, operation, imported.id, variables, call), losses: [] };
  } catch (error) {
    if (isStop(error)) throw afterImport(error);
    if (!HelpdeskError.is(error)) throw error;
    const reason = `the thread was imported, this could not be added: ${error.kind}`;
    return {
      thread: toThread(imported),
      losses: [{ field: 'customFields', how: 'dropped', reason, failed: error.kind }],
    };
  }
}
