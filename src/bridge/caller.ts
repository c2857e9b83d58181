/** How a caller's write becomes an operation, and what a repeated call with the same key gets. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions } from '../core/helpdesk.ts';
import { abortable, sleep } from '../core/wait.ts';
import type { Begun, Intent, Operation, OperationMethod } from '../store/store.ts';
import type { Holder } from './arrival.ts';
import { fingerprint } from './fingerprint.ts';
import { aboutPrimary, carryOut, stillPending } from './journal.ts';
import { holding, leaseOn } from './lease.ts';
import { laneOf, named } from './naming.ts';
import {
  type BridgeWritten,
  type Inputs,
  known,
  toWritten,
  type Values,
  validateInput,
  validateKey,
} from './operations.ts';
import { ended } from './operator.ts';
import type { Setup } from './setup.ts';
import type { StageRule } from './stages.ts';
import { recoverLane } from './worker.ts';

export interface WriteOptions extends CallOptions {
  readonly idempotencyKey?: string | undefined;
}

export interface Caller {
  write<M extends OperationMethod>(
    method: M,
    input: Inputs[M],
    rule: StageRule,
    options: WriteOptions,
  ): Promise<BridgeWritten<Values[M]>>;
  /** What will be stored, for whoever stores it himself. */
  intend<M extends OperationMethod>(
    method: M,
    input: Inputs[M],
    rule: StageRule,
    key: string | undefined,
  ): Promise<Intent>;
  /** Carries out an operation that another one needs first. */
  readonly run: Holder['run'];
  /** Resolves when nothing is under way. Calls that only wait, for a lane or for another call, are not waited for. */
  settled(): Promise<void>;
}

type Entered =
  | { readonly is: 'carried'; readonly operation: Operation }
  /** An operation of its key is there already. */
  | { readonly is: 'known'; readonly operation: Operation };

/** Milliseconds between two looks at what another process does. */
const lookMs = 40;

export function createCaller(setup: Setup): Caller {
  const { store, now } = setup;
  /** What this process is doing, by operation: who asks again waits for it. */
  const running = new Map<string, Promise<unknown>>();
  /** What has been begun here, from its storing to its result. */
  const underWay = new Set<Promise<unknown>>();
  /** The last of each lane in this process: its callers go one after the other without asking the store. */
  const turns = new Map<string, Promise<unknown>>();

  async function inTurn<T>(lane: string, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    const before = turns.get(lane) ?? Promise.resolve();
    const mine = before.then(() => {
      signal?.throwIfAborted();
      return run();
    });
    const settled = mine.catch(() => {});
    turns.set(lane, settled);
    void settled.then(() => turns.get(lane) === settled && turns.delete(lane));
    // A caller may stop waiting for its turn. Once it has begun, what happened is for the journal to say.
    await abortable(before, signal);
    return mine;
  }

  /** What was right when it was first called, such as a time to come, need not be so any more. */
  async function requireValid<M extends OperationMethod>(
    method: M,
    input: Inputs[M],
    key: string | undefined,
  ): Promise<void> {
    try {
      validateInput(method, input);
    } catch (error) {
      const first = key === undefined ? undefined : await store.findOperation(key);
      if (!first || first.state === 'failed') throw error;
      if (first.fingerprint !== (await fingerprint([method, input]))) throw error;
    }
  }

  async function intend<M extends OperationMethod>(
    method: M,
    input: Inputs[M],
    rule: StageRule,
    key: string | undefined,
  ): Promise<Intent> {
    if (key !== undefined) validateKey(method, key);
    await requireValid(method, input, key);
    const id = crypto.randomUUID();
    const { primary, mirrored } = rule;
    return {
      id,
      key,
      fingerprint: await fingerprint([method, input]),
      method,
      lane: await laneOf(store, method, input, id),
      input,
      primary,
      mirrored,
      createdAt: now(),
    };
  }

  /**
   * Carries it out where nobody has its key. Rejects with what the operation
   * failed of; with `applied: 'unknown'` where that is not known.
   */
  async function begin(intent: Intent, call: CallOptions): Promise<Entered> {
    const { signal } = call;
    const owner = crypto.randomUUID();
    for (;;) {
      signal?.throwIfAborted();
      const entered = await track(enter(intent, owner, call));
      switch (entered.is) {
        case 'carried':
          return entered;
        case 'known':
          requireSame(intent, entered.operation);
          return entered;
        case 'busy':
          await sleep(Math.min(lookMs, Math.max(1, entered.until - now())), signal);
      }
    }
  }

  async function enter(
    intent: Intent,
    owner: string,
    call: CallOptions,
  ): Promise<Entered | Extract<Begun, { is: 'busy' }>> {
    const beginning = { ...intent, input: await named(store, intent) };
    const begun = await store.begin(beginning, leaseOn(setup, { lane: intent.lane, owner })).catch((error: unknown) => {
      // The connection broke at the commit: if it is stored, a worker will see to it.
      throw HelpdeskError.is(error) && error.applied === 'unknown' ? unknown(intent, error) : error;
    });
    if (begun.is !== 'begun') return begun;
    setup.events.emit('intent', { ...aboutPrimary(setup, begun.operation), key: intent.key !== undefined });
    return { is: 'carried', operation: await carried(begun.operation, owner, call) };
  }

  async function track<T>(work: Promise<T>): Promise<T> {
    underWay.add(work);
    try {
      return await work;
    } finally {
      underWay.delete(work);
    }
  }

  /** Carries it out, or gives the first result of its key. Who waits for that one has no turn, and holds nobody up. */
  async function answered(
    intent: Intent,
    call: CallOptions,
    turn: (run: () => Promise<Entered>) => Promise<Entered>,
  ): Promise<Operation> {
    for (;;) {
      const entered = await turn(() => begin(intent, call));
      const operation = entered.is === 'carried' ? entered.operation : await repeated(entered.operation, call);
      if (operation) return operation;
    }
  }

  async function carried(operation: Operation, owner: string, call: CallOptions): Promise<Operation> {
    // Stored it is, so a worker will see to it: nothing that goes wrong here can say that it did not happen.
    const work = holding(setup, { lane: operation.lane, owner }, () =>
      carryOut(setup, known(operation), { owner, is: 'caller', call, run }),
    ).catch((error: unknown) => {
      throw unknown(operation, error);
    });
    running.set(
      operation.id,
      work.catch(() => {}),
    );
    try {
      const outcome = await work;
      if (outcome.is === 'failed') throw outcome.error;
      if (outcome.is === 'unknown') throw unknown(operation, outcome.error);
      const { value: result, losses } = outcome.done;
      return { ...operation, state: 'done', mirror: operation.mirrored ? 'queued' : 'none', result, losses };
    } finally {
      running.delete(operation.id);
    }
  }

  /** The first result, once there is one. `undefined`: it failed, and its key is free. */
  async function repeated(first: Operation, call: CallOptions): Promise<Operation | undefined> {
    const { signal } = call;
    /** The first call may happen, whatever ends the waiting for it. */
    const meanwhile = <T>(work: Promise<T>): Promise<T> =>
      work.catch((error: unknown) => {
        throw unknown(first, signal?.aborted ? toHelpdeskError(undefined, first.method, signal) : error);
      });
    let operation: Operation | undefined = first;
    while (operation) {
      if (operation.state === 'done') return operation;
      if (operation.state === 'unclear') throw ended(operation);
      if (operation.state === 'failed') return undefined;
      const here = running.get(operation.id);
      if (here) {
        await meanwhile(abortable(here, signal));
      } else {
        const owner = crypto.randomUUID();
        const taken = await meanwhile(takenOver(operation, owner));
        if (taken) return track(carried(taken, owner, call));
        await meanwhile(sleep(lookMs, signal));
      }
      operation = await meanwhile(store.getOperation(first.id));
    }
    // It is over and deleted: sent again it could be there twice.
    throw unknown(first, undefined);
  }

  /**
   * The operation with its lane, where it is its turn. `undefined`: somebody is
   * at it, or at what comes before. Throws where only time can tell: it has
   * failed, or what comes before has.
   */
  async function takenOver(operation: Operation, owner: string): Promise<Operation | undefined> {
    // One that was called off is wanted after all, and that is stored by trying.
    const waits = operation.begun && operation.dueAt > now() && !operation.failure?.calledOff;
    if (waits && operation.failure) throw unknown(operation, undefined);
    if (waits) return undefined;
    const head = await store.laneHead(operation.lane, 'primary');
    if (head && head.id !== operation.id) {
      if (head.failure && head.dueAt > now()) throw unknown(operation, undefined);
      await recoverLane(setup, operation.lane, run);
      return undefined;
    }
    const lease = leaseOn(setup, { lane: operation.lane, owner });
    return (await store.take(lease)) ? stillPending(setup, operation, lease) : undefined;
  }

  const run: Holder['run'] = async (wanted, call) => {
    const id = crypto.randomUUID();
    const print = await fingerprint([wanted.method, wanted.input]);
    return answered({ ...wanted, id, fingerprint: print, createdAt: now() }, call, (enter) => enter());
  };

  return {
    run,
    intend,
    async settled() {
      await Promise.allSettled(underWay);
    },
    async write(method, input, rule, { idempotencyKey, ...call }) {
      const { signal } = call;
      try {
        const intent = await intend(method, input, rule, idempotencyKey);
        const operation = await answered(intent, call, (enter) => inTurn(intent.lane, signal, enter));
        if (operation.result === null) throw settledByHand(operation);
        return toWritten(operation, operation.result as Values[typeof method]);
      } catch (error) {
        throw toHelpdeskError(error, method, signal);
      }
    },
  };
}

/** Throws `conflict`: one key stands for one operation. */
export function requireSame(intent: Intent, first: Operation): void {
  if (first.fingerprint === intent.fingerprint) return;
  const where = { provider: 'helpdesk-bridge', operation: intent.method, applied: 'no' } as const;
  const issues = [{ path: 'idempotencyKey', message: 'was used for another operation' }];
  throw new HelpdeskError({ ...where, kind: 'conflict', reason: 'invalid input', issues });
}

function settledByHand({ id, method }: Operation): HelpdeskError {
  const reason = 'a person has settled it as done, and what the desk answered is not known';
  const where = { provider: 'helpdesk-bridge', operation: method, operationId: id } as const;
  return new HelpdeskError({ ...where, kind: 'conflict', reason, applied: 'unknown' });
}

function unknown({ id, method }: Intent, error: unknown): HelpdeskError {
  const known = HelpdeskError.is(error) ? error : undefined;
  return new HelpdeskError({
    provider: known?.provider ?? 'helpdesk-bridge',
    operation: method,
    kind: known?.kind ?? 'unavailable',
    reason: 'it is stored, and not known yet to have happened: its outcome can be asked for by operationId',
    applied: 'unknown',
    retryAfterMs: known?.retryAfterMs,
    requestId: known?.requestId,
    operationId: id,
    issues: known?.issues,
  });
}

/** Nothing but a `HelpdeskError` leaves the bridge. */
export function toHelpdeskError(error: unknown, operation: string, signal: AbortSignal | undefined): HelpdeskError {
  if (HelpdeskError.is(error)) return error;
  const where = { provider: 'helpdesk-bridge', operation, applied: 'no' } as const;
  if (signal?.aborted) return new HelpdeskError({ ...where, kind: 'cancelled', reason: 'cancelled by the caller' });
  const name = error instanceof Error ? error.name : 'unknown error';
  return new HelpdeskError({ ...where, kind: 'unexpected', reason: `a mistake of the library, ${name}` });
}
