/** The requests that several methods make on their way. */
import { afterWriting, isStop } from '../../core/before-request.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type { CallOptions, ContactRef } from '../../core/helpdesk.ts';
import type { Contact, Loss, Thread, Written } from '../../core/model.ts';
import { invalid, unsupported } from '../../core/validate.ts';
import { type Late, toContact, toThread } from './mapping.ts';
import { at, type Rest } from './request.ts';
import {
  type CreateThreadBody,
  type UpdateThreadBody,
  type WireComment,
  wireComment,
  wireContact,
  wireId,
  wireTag,
  wireThread,
} from './wire.ts';

export const where = (operation: string) => ({ provider: 'productlane', operation });

export async function contactById(rest: Rest, operation: string, id: string, call?: CallOptions): Promise<Contact> {
  return toContact(await rest.send({ operation, method: 'GET', path: at`/contacts/${id}`, answer: wireContact }, call));
}

/** The vendor's pages disagree on whether the filter matches exactly, so the whole address is compared here. */
export async function contactByEmail(
  rest: Rest,
  operation: string,
  address: string,
  call?: CallOptions,
): Promise<Contact | undefined> {
  const email = address.trim().toLowerCase();
  for await (const wire of rest.pages(
    { operation, path: at`/contacts`, query: { email }, answer: wireContact },
    call,
  )) {
    const contact = toContact(wire);
    if (contact.email === email) return contact;
  }
  return undefined;
}

/** Threads are created by address alone. */
export async function emailOf(rest: Rest, operation: string, contact: ContactRef, call?: CallOptions): Promise<string> {
  if (contact.email !== undefined) return contact.email.trim().toLowerCase();
  if (contact.id !== undefined) return (await contactById(rest, operation, contact.id, call)).email;
  throw unsupported(where(operation), 'Productlane keeps no external ids of contacts');
}

/**
 * Labels are set after the thread is there, so an unknown one must be found
 * before. Throws `invalid`.
 */
export async function knownLabels(
  rest: Rest,
  operation: string,
  ids: readonly string[] = [],
  call?: CallOptions,
): Promise<void> {
  const unknown = new Set(ids);
  if (unknown.size === 0) return;
  for await (const { id } of rest.pages({ operation, path: at`/tags`, answer: wireTag }, call)) {
    unknown.delete(id);
    if (unknown.size === 0) return;
  }
  const issues = ids.flatMap((id, index) =>
    unknown.has(id) ? [{ path: `labelIds.${index}`, message: 'is no tag of this workspace' }] : [],
  );
  throw invalid(where(operation), issues);
}

export async function threadById(rest: Rest, operation: string, id: string, call?: CallOptions): Promise<Thread> {
  return toThread(await rest.send({ operation, method: 'GET', path: at`/threads/${id}`, answer: wireThread }, call));
}

export async function createThread(
  rest: Rest,
  operation: string,
  json: CreateThreadBody,
  call?: CallOptions,
): Promise<Thread> {
  return toThread(await rest.send({ operation, method: 'POST', path: at`/threads`, json, answer: wireThread }, call));
}

export async function patchThread(
  rest: Rest,
  operation: string,
  id: string,
  json: UpdateThreadBody,
  call?: CallOptions,
): Promise<Thread> {
  const path = at`/threads/${id}`;
  return toThread(await rest.send({ operation, method: 'PATCH', path, json, answer: wireThread }, call));
}

/** The thread's own HTML. `undefined` where the desk does not say, which is not the same as none. */
export async function textOf(
  rest: Rest,
  operation: string,
  id: string,
  call?: CallOptions,
): Promise<string | undefined> {
  const path = at`/threads/${id}`;
  const { text } = await rest.send({ operation, method: 'GET', path, answer: wireThread }, call);
  return text === null ? '' : text;
}

/**
 * What a new thread can only be given afterwards.
 *
 * The thread exists by now: a failure here is a loss of those fields and not a
 * reason to hide the thread from the caller, who would create it again.
 */
export async function finish(
  rest: Rest,
  operation: string,
  thread: Thread,
  late: Late,
  call?: CallOptions,
): Promise<Written<Thread>> {
  if (late.fields.length === 0) return { value: thread, losses: [] };
  try {
    return { value: await patchThread(rest, operation, thread.id, late.json, call), losses: [] };
  } catch (error) {
    if (isStop(error)) throw afterCreation(error);
    if (!HelpdeskError.is(error)) throw error;
    const reason = `the thread was created, this could not be added: ${error.kind}`;
    return {
      value: thread,
      losses: late.fields.map((field): Loss => ({ field, how: 'dropped', reason, failed: error.kind })),
    };
  }
}

/** The caller has stopped the call after the thread was stored, which the error has to say. */
export function afterCreation(stop: unknown): unknown {
  return afterWriting(stop, 'the thread was created, then the caller stopped the call');
}

export function comments(
  rest: Rest,
  operation: string,
  threadId: string,
  call?: CallOptions,
): AsyncGenerator<WireComment> {
  return rest.pages({ operation, path: at`/threads/${threadId}/comments`, answer: wireComment }, call);
}

export function addComment(
  rest: Rest,
  operation: string,
  threadId: string,
  content: string,
  call?: CallOptions,
): Promise<{ readonly id: string }> {
  const path = at`/threads/${threadId}/comments`;
  return rest.send({ operation, method: 'POST', path, json: { content }, answer: wireId }, call);
}
