/** Whether a write whose answer was lost has happened on the desk that answers. */
import { bodyText } from '../core/bodies.ts';
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions, Helpdesk, Sent } from '../core/helpdesk.ts';
import type { Loss, Thread } from '../core/model.ts';
import type { OperationMethod } from '../store/store.ts';
import { contactOn } from './links.ts';
import { findMessage, findThread } from './lookup.ts';
import { type Known, messageKind } from './operations.ts';
import { type Done, threadLinks, threadOn, toldTime, touched } from './primary.ts';
import type { Setup } from './setup.ts';

/** Whether an operation whose request left, and whose answer is not known, has happened. */
export type Verdict =
  | { readonly is: 'happened'; readonly done: Done }
  /** It has not, unless the request is still under way. */
  | { readonly is: 'absent' }
  | { readonly is: 'unclear' }
  /** The same call again completes it and doubles nothing, once no earlier request can arrive any more. */
  | { readonly is: 'repeatable' };

/**
 * Whether the desk itself sees to it that the same call takes effect once,
 * however late an earlier request arrives. A late change would undo a newer one.
 */
export function isOnce({ traits }: Helpdesk, method: OperationMethod, part: 'primary' | 'mirror'): boolean {
  switch (method) {
    case 'createThread':
      return part === 'primary' ? traits.keepsExternalIds : traits.importsThreadsOnce;
    case 'importThread':
    case 'adoptThread':
    case 'recordMessages':
      return traits.importsThreadsOnce;
    case 'reply':
    case 'addNote':
      return part === 'mirror' && traits.importsThreadsOnce;
    case 'upsertContact':
    case 'updateThread':
    case 'deleteThread':
      return false;
  }
}

export async function verdictOn(setup: Setup, operation: Known, call: CallOptions): Promise<Verdict> {
  const { primary } = operation;
  const { traits } = setup.desks[primary];
  switch (operation.method) {
    case 'upsertContact':
    case 'updateThread':
    case 'deleteThread':
    case 'recordMessages':
    // These look for themselves whether the thread is there.
    case 'importThread':
    case 'adoptThread':
      return { is: 'repeatable' };
    case 'createThread': {
      if (traits.keepsExternalIds) return { is: 'repeatable' };
      const { input, lane } = operation;
      const contact = await contactOn(setup, operation, input.contact, call);
      const createdAt = toldTime(operation);
      const backdated = traits.backdatesThreads;
      const since = backdated ? createdAt : new Date(operation.createdAt);
      const found = await findThread(
        setup,
        primary,
        {
          ...{ contact, title: input.title, createdAt: since, backdated, lane },
          ...{ opening: await bodyText(input.body), recordedAs: undefined },
        },
        call,
      );
      if (found.is !== 'found') return found;
      const completed = await completeThread(setup, operation, found.record, call);
      const links = await threadLinks(operation, completed.value, input.externalId);
      return { is: 'happened', done: { ...completed, links } };
    }
    case 'reply':
    case 'addNote': {
      const { threadId: given, body } = operation.input;
      const threadId = await threadOn(setup, operation, given);
      const kind = messageKind(operation, setup.desks[primary]);
      const found = await findMessage(setup, primary, { operation, threadId, kind, body }, call);
      if (found.is !== 'found') return found;
      const { id, channel } = found.record;
      const sent: Sent = { id: traits.returnsReplyId ? id : undefined, threadId, channel };
      const value = operation.method === 'reply' ? sent : { id, threadId };
      return { is: 'happened', done: { value, losses: [], messageId: id, links: touched(operation, threadId) } };
    }
  }
}

/** Labels take a request of their own on some desks, which may not have been made. */
async function completeThread(
  setup: Setup,
  operation: Known & { method: 'createThread' },
  thread: Thread,
  call: CallOptions,
): Promise<{ readonly value: Thread; readonly losses: readonly Loss[] }> {
  const { labelIds = [] } = setup.translator.forPrimary(operation.input, operation.primary);
  const lacking = labelIds.filter((id) => !thread.labels.some((label) => label.id === id));
  if (lacking.length === 0) return { value: thread, losses: [] };
  const late = setup.desks[operation.primary].updateThread(thread.id, { labelIds }, call);
  return late.catch((error: unknown) => {
    if (!HelpdeskError.is(error) || error.retryable || error.applied === 'unknown') throw error;
    // The thread is there, whatever is wrong with its labels.
    const reason = `the thread was created, this could not be added: ${error.kind}`;
    return { value: thread, losses: [{ field: 'labelIds', how: 'dropped' as const, reason }] };
  });
}

/**
 * Whether a thread that the desk creates only once is not there. Of everything
 * else that can be repeated nobody can tell, and a change that is made twice is
 * the same change.
 */
export async function isThreadAbsent(setup: Setup, operation: Known, call: CallOptions): Promise<boolean> {
  if (operation.method !== 'createThread') return false;
  const { primary, input, id } = operation;
  const desk = setup.desks[primary];
  const contact = await contactOn(setup, operation, input.contact, call);
  if (contact.id === undefined && contact.email === undefined) return false;
  const contactId = contact.id ?? (await desk.findContact(contact.email ?? '', call))?.id;
  if (contactId === undefined) return true;
  return (await desk.findThread({ contactId, externalId: input.externalId ?? id }, call)) === undefined;
}
