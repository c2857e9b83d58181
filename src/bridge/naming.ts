/** Under which lane an operation goes, and by which id it knows its thread once it begins. */
import { HelpdeskError } from '../core/errors.ts';
import { type Intent, mirrorLane, type Operation, type OperationMethod, type Store } from '../store/store.ts';
import { contactLane, linkOf, onlyOne, threadLane } from './links.ts';
import { asCall, type Inputs, known } from './operations.ts';

/** Everything that is done to one record shares a lane. Throws `conflict` where several have the external id. */
export async function laneOf<M extends OperationMethod>(
  store: Store,
  method: M,
  input: Inputs[M],
  id: string,
): Promise<string> {
  const asked = asCall(method, input);
  switch (asked.method) {
    case 'upsertContact':
      return contactLane(asked.input.email);
    case 'createThread':
    case 'importThread': {
      const { externalId } = asked.input;
      if (externalId === undefined) return id;
      return threadLane(onlyOne(await store.findLinks('thread', externalId)), externalId);
    }
    case 'updateThread':
    case 'deleteThread':
      return laneOfThread(store, method, 'id', asked.input.id);
    case 'reply':
    case 'addNote':
    case 'recordMessages':
      return laneOfThread(store, method, 'threadId', asked.input.threadId);
    case 'adoptThread':
      return mirrorLane(asked.input.lane);
  }
}

async function laneOfThread(store: Store, method: OperationMethod, path: string, id: string): Promise<string> {
  const link = await linkOf(store, 'thread', id).catch((error: unknown) => {
    if (!isAmbiguous(error)) throw error;
    const issues = [{ path, message: 'is the external id of several threads: use the id of a desk' }];
    const where = { provider: 'helpdesk-bridge', operation: method, applied: 'no' } as const;
    throw new HelpdeskError({ ...where, kind: 'conflict', reason: 'invalid input', issues });
  });
  return threadLane(link, id);
}

function isAmbiguous(error: unknown): boolean {
  return HelpdeskError.is(error) && error.kind === 'conflict';
}

/**
 * The input with a desk's id of the thread, for when the operation begins: the
 * caller's own id may be another thread's by the time it is looked at again. One
 * that stands for no thread, or for several, is left for the desk to refuse.
 */
export async function named(store: Store, operation: Pick<Intent, 'method' | 'input'>): Promise<unknown> {
  const asked = known(operation as Operation);
  switch (asked.method) {
    case 'updateThread':
    case 'deleteThread':
      return { ...asked.input, id: await deskIdOf(store, asked.input.id) };
    case 'reply':
    case 'addNote':
    case 'recordMessages':
      return { ...asked.input, threadId: await deskIdOf(store, asked.input.threadId) };
    case 'upsertContact':
    case 'createThread':
    case 'importThread':
    case 'adoptThread':
      return asked.input;
  }
}

async function deskIdOf(store: Store, id: string): Promise<string> {
  const link = await linkOf(store, 'thread', id).catch((error: unknown) => {
    if (isAmbiguous(error)) return undefined;
    throw error;
  });
  return link?.from ?? link?.to ?? id;
}
