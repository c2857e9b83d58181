/** What a person sees of the operations, and decides about them. */
import { HelpdeskError } from '../core/errors.ts';
import { sleep } from '../core/wait.ts';
import type { Decision, Operation, OperationFilter, Store } from '../store/store.ts';
import { type BridgeWritten, toWritten } from './operations.ts';

const pageSize = 100;

/** Newest first. Pages as it is read. */
export async function* listOperations(store: Store, filter: OperationFilter): AsyncGenerator<Operation> {
  for (let before: string | undefined; ; ) {
    const page = await store.listOperations(filter, { limit: pageSize, before });
    yield* page;
    before = page.at(-1)?.id;
    if (page.length < pageSize) return;
  }
}

/** See `Bridge.outcome`. */
export async function outcome(
  store: Store,
  operationId: string,
  options: { readonly signal: AbortSignal | undefined; readonly mirror: boolean; readonly lookMs: number },
): Promise<BridgeWritten<unknown>> {
  for (;;) {
    const operation = await store.getOperation(operationId);
    if (!operation) throw missing(operationId);
    if (operation.state === 'failed' || operation.state === 'unclear') throw ended(operation);
    if (operation.state === 'done' && !(options.mirror && operation.mirror === 'queued')) {
      return toWritten(operation, operation.result);
    }
    await sleep(options.lookMs, options.signal);
  }
}

/** See `Bridge.decide`. */
export async function decide(
  store: Store,
  decision: Decision,
  ids: readonly string[] | 'all',
  now: () => number,
): Promise<number> {
  let decided = 0;
  for await (const id of ids === 'all' ? decidable(store, decision) : ids) {
    if (await store.decide(id, decision, now())) decided++;
  }
  return decided;
}

async function* decidable(store: Store, decision: Decision): AsyncGenerator<string> {
  const ofDead = decision === 'retry' || decision === 'drop';
  for await (const { id } of listOperations(store, ofDead ? { mirror: 'dead' } : { state: 'unclear' })) yield id;
}

function missing(operationId: string): HelpdeskError {
  const where = { provider: 'helpdesk-bridge', operation: 'outcome', operationId, applied: 'no' } as const;
  return new HelpdeskError({ ...where, kind: 'not-found', reason: 'no such operation, or it was finished long ago' });
}

function ended({ id, method, state, failure }: Operation): HelpdeskError {
  const unclear = state === 'unclear';
  return new HelpdeskError({
    provider: failure?.provider ?? 'helpdesk-bridge',
    operation: method,
    kind: unclear ? 'unavailable' : (failure?.kind ?? 'unexpected'),
    reason: unclear ? 'only a person can tell whether it happened' : 'it failed',
    applied: unclear ? 'unknown' : 'no',
    requestId: failure?.requestId,
    operationId: id,
    issues: unclear ? undefined : failure?.issues,
  });
}
