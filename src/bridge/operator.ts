/** What a person sees of the operations, and decides about them. */
import * as z from 'zod/mini';
import { HelpdeskError } from '../core/errors.ts';
import { invalid, suggestion, validate } from '../core/validate.ts';
import { sleep } from '../core/wait.ts';
import type { Decision, Operation, OperationFilter, Store } from '../store/store.ts';
import { type BridgeWritten, toWritten } from './operations.ts';

const pageSize = 100;

const decisions = ['retry', 'drop', 'happened', 'did-not-happen'] as const satisfies readonly Decision[];

/** Newest first. Pages as it is read. */
export async function* listOperations(store: Store, filter: OperationFilter): AsyncGenerator<Operation> {
  for (let before: number | undefined; ; ) {
    const page = await store.listOperations(filter, { limit: pageSize, before });
    yield* page;
    // Not its id: it may be deleted by the time the next page is asked for.
    before = page.at(-1)?.sequence;
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
  const where = { provider: 'helpdesk-bridge', operation: 'decide' };
  if (!decisions.some((known) => known === decision)) {
    const message = `must be one of ${decisions.join(', ')}${suggestion(String(decision), decisions)}`;
    throw invalid(where, [{ path: 'decision', message }]);
  }
  if (ids !== 'all') validate(z.array(z.string()), ids, where, 'ids');
  let decided = 0;
  for await (const id of ids === 'all' ? decidable(store, decision) : ids) {
    if (await store.decide(id, decision, now())) decided++;
  }
  return decided;
}

async function* decidable(store: Store, decision: Decision): AsyncGenerator<string> {
  const ofDead = decision === 'retry' || decision === 'drop';
  const filter = ofDead ? { mirror: 'dead' as const } : { state: 'unclear' as const, mirror: 'none' as const };
  for await (const { id } of listOperations(store, filter)) yield id;
}

function missing(operationId: string): HelpdeskError {
  const where = { provider: 'helpdesk-bridge', operation: 'outcome', operationId, applied: 'no' } as const;
  return new HelpdeskError({ ...where, kind: 'not-found', reason: 'no such operation, or it was finished long ago' });
}

/** Why an operation that is over has no answer. */
export function ended({ id, method, state, mirror, failure }: Operation): HelpdeskError {
  const { provider = 'helpdesk-bridge', requestId, issues } = failure ?? {};
  const where = { provider, operation: method, requestId, operationId: id };
  if (state === 'failed') {
    const kind = failure?.kind ?? 'unexpected';
    return new HelpdeskError({ ...where, kind, reason: 'it failed', applied: 'no', issues });
  }
  if (mirror === 'dropped' && failure?.kind === 'not-found') {
    return new HelpdeskError({ ...where, kind: 'not-found', reason: 'its thread is gone', applied: 'unknown' });
  }
  if (mirror === 'dropped') {
    const reason = 'it was given up, and whether it happened is not known';
    return new HelpdeskError({ ...where, kind: 'cancelled', reason, applied: 'unknown' });
  }
  // Where a part of it was refused, these are the fields.
  const kind = failure?.issues ? failure.kind : 'unavailable';
  const reason = 'only a person can tell whether it happened';
  return new HelpdeskError({ ...where, kind, reason, applied: 'unknown', issues });
}
