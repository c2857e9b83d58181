/** Two helpdesks as one: the stage says which one answers and whether the other is kept in step. */
import { HelpdeskError } from '../core/errors.ts';
import type {
  CallOptions,
  ContactInput,
  CreateThreadInput,
  Helpdesk,
  Imported,
  ImportThreadInput,
  NoteInput,
  Recorded,
  RecordMessagesInput,
  ReplyInput,
  Sent,
  ThreadFilter,
  UpdateThreadInput,
} from '../core/helpdesk.ts';
import type { Contact, Message, Thread } from '../core/model.ts';
import { sleep } from '../core/wait.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { Decision, Figures, Operation, OperationFilter, Store, Watch } from '../store/store.ts';
import { createCaller, requireSame, toHelpdeskError } from './caller.ts';
import { createComparer } from './compare.ts';
import { createTranslator } from './counterparts.ts';
import { createEvents, type EventName, type Listener } from './events.ts';
import { type BridgeWritten, type Inputs, toWritten, type Values } from './operations.ts';
import { type BridgeOptions, validateOptions } from './options.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { createReads } from './reads.ts';
import { type Setup, toFailure } from './setup.ts';
import { isStore, readStage } from './stage-source.ts';
import { ruleOf, type Stage, type StageRule } from './stages.ts';
import { drainLane } from './worker.ts';

export interface BridgeCallOptions extends CallOptions {
  /** What a stage that is a function is asked with: a tenant, a user, anything. */
  readonly context?: unknown;
}

export interface BridgeWriteOptions extends BridgeCallOptions {
  /**
   * A repeated call with the same key gives the first one's result, also after
   * a restart and also while the first is still running. Throws `conflict`
   * where the key stands for another call. An operation that failed gives its
   * key up.
   */
  readonly idempotencyKey?: string | undefined;
}

/** A write as plain data, for {@link Bridge.enqueue}. */
export type EnqueuedOperation = {
  readonly [Method in Exclude<keyof Inputs, 'adoptThread'>]: {
    readonly method: Method;
    readonly input: Inputs[Method];
    readonly idempotencyKey?: string | undefined;
    readonly context?: unknown;
  };
}[Exclude<keyof Inputs, 'adoptThread'>];

/** One `Helpdesk` in front of two. Ids of either desk, and external ids of threads, are taken at every stage. */
export interface Bridge<From = unknown, To = unknown> extends Helpdesk<{ readonly from: From; readonly to: To }> {
  /** Of the desk that answers, as are the traits. Where the stage is a promise: of the one that did last. */
  readonly name: string;
  /** Whether what is stored outlives the process. */
  readonly durable: boolean;
  /** The stage of a call with this context. */
  stage(context?: unknown): Promise<Stage>;

  upsertContact(input: ContactInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Contact>>;
  createThread(input: CreateThreadInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Thread>>;
  updateThread(id: string, changes: UpdateThreadInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Thread>>;
  deleteThread(id: string, options?: BridgeWriteOptions): Promise<BridgeWritten<{ readonly id: string }>>;
  reply(input: ReplyInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Sent>>;
  addNote(
    input: NoteInput,
    options?: BridgeWriteOptions,
  ): Promise<BridgeWritten<{ readonly id: string; readonly threadId: string }>>;
  importThread(input: ImportThreadInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Imported>>;
  recordMessages(input: RecordMessagesInput, options?: BridgeWriteOptions): Promise<BridgeWritten<readonly Recorded[]>>;

  /**
   * Stores a write in the caller's own PostgreSQL transaction: it is carried out
   * by a worker after the commit, or never where the transaction rolls back.
   * `client`: a client of `pg` within a transaction, on the store's database.
   * Throws `unsupported` on other stores.
   */
  enqueue(client: unknown, operation: EnqueuedOperation): Promise<{ readonly operationId: string }>;

  /**
   * Waits for an operation's answer and, with `mirror`, until the mirror has it
   * or is given up. Throws what it failed of; `not-found` for an unknown id;
   * `unavailable` with `applied: 'unknown'` where only a person can tell.
   */
  outcome(
    operationId: string,
    options?: { readonly signal?: AbortSignal | undefined; readonly mirror?: boolean | undefined },
  ): Promise<BridgeWritten<unknown>>;

  /** Newest first, for example the dead letters: `{ mirror: 'dead' }`. Pages as it is read. */
  listOperations(filter?: OperationFilter): AsyncIterable<Operation>;

  /**
   * `retry` and `drop` are for dead letters; `happened`, `did-not-happen` and
   * `drop` for what is `unclear`. Gives how many there were: those of `ids` that
   * the decision fits, or all that it fits. What did not happen is done again.
   */
  decide(decision: Decision, ids: readonly string[] | 'all'): Promise<number>;

  /** What waits, and for how many milliseconds the oldest has waited. */
  figures(): Promise<Figures & { readonly lagMs: number }>;

  /** Whether the next stage is safe, and what is missing. */
  readiness(): Promise<Readiness>;

  /** Compares linked threads on both desks, all or as many as `limit`; {@link Bridge.readiness} asks for its age. */
  verify(options?: {
    readonly limit?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<{ readonly compared: number; readonly different: number }>;

  /** One stage on, where the stage is kept in the store. Throws `conflict` with what is missing. */
  promote(): Promise<Stage>;
  /** One stage back. Throws `conflict` where the other desk is not in step. */
  demote(): Promise<Stage>;

  /** Does everything that is due now. */
  drain(): Promise<void>;
  /** Does what is due until it is closed. Bridges do by themselves unless `drain` is false. */
  work(): Promise<Watch>;

  /** Gives the function that ends it. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;

  /** Ends the work in the background. The store stays open: it is the caller's. */
  close(): Promise<void>;
}

/** Throws `invalid`, which names the option. Sends nothing. */
export function createBridge<From, To>(options: BridgeOptions<From, To>): Bridge<From, To> {
  validateOptions(options);
  const { from, to, stage: source } = options;
  const store: Store = options.store ?? (isStore(source) ? source : createMemoryStore());
  const now = options.now ?? Date.now;
  const events = createEvents(options.logger);
  const setup: Setup = {
    desks: { from, to },
    store,
    translator: createTranslator(options.counterparts ?? {}),
    events,
    recordOptions: options.recordOptions,
    createMirrored: options.createMirrored ?? 'import',
    now,
    leaseMs: options.leaseMs ?? 60_000,
    settleMs: options.settleMs ?? 120_000,
    clockSkewMs: options.clockSkewMs ?? 120_000,
    giveUpMs: options.giveUpMs ?? 259_200_000,
  };
  const concurrency = options.concurrency ?? 8;
  const pollMs = options.pollMs ?? 1000;
  const retentionMs = options.retentionMs ?? 2_592_000_000;

  const caller = createCaller(setup);
  const reads = createReads(setup);
  const comparer = createComparer(setup, reads, options.compare ?? {}, options.random ?? Math.random);
  const readiness = createReadiness(setup, source, options.whenUnready ?? 'follow', options.readiness);
  const watches: Promise<Watch | undefined>[] = [];
  let latest: Stage = typeof source === 'string' ? source : 'off';
  let prunedAt = now();

  async function stageOf(context: unknown): Promise<Stage> {
    const found = await readiness.allowed(await readStage(source, context), context);
    latest = found;
    return found;
  }

  async function ruleFor(context: unknown): Promise<StageRule> {
    return ruleOf[await stageOf(context)];
  }

  async function drain(lane: string): Promise<void> {
    try {
      await drainLane(setup, lane, caller.run);
      await prune();
    } catch (error) {
      events.emit('trouble', { task: 'drain', failure: toFailure(error) });
    }
  }

  async function prune(): Promise<void> {
    if (now() - prunedAt < Math.min(retentionMs, 3_600_000)) return;
    prunedAt = now();
    await store.prune(now() - retentionMs);
  }

  const work = () => store.watch(drain, { concurrency, now, pollMs });

  async function guarded<T>(operation: string, call: CallOptions | undefined, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw toHelpdeskError(error, operation, call?.signal);
    }
  }

  function read<T>(operation: string, call: BridgeCallOptions | undefined, run: (rule: StageRule) => Promise<T>) {
    return guarded(operation, call, async () => run(await ruleFor(call?.context)));
  }

  async function* list<T>(
    operation: string,
    call: BridgeCallOptions | undefined,
    run: (rule: StageRule) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    try {
      yield* run(await ruleFor(call?.context));
    } catch (error) {
      throw toHelpdeskError(error, operation, call?.signal);
    }
  }

  async function write<M extends keyof Inputs>(
    method: M,
    input: Inputs[M],
    call: BridgeWriteOptions = {},
  ): Promise<BridgeWritten<Values[M]>> {
    const rule = await read(method, call, async (found) => found);
    return caller.write(method, input, rule, call);
  }

  const bridge: Bridge<From, To> = {
    get name() {
      return setup.desks[ruleOf[stageNow()].primary].name;
    },
    get traits() {
      return setup.desks[ruleOf[stageNow()].primary].traits;
    },
    native: { from: from.native, to: to.native },
    durable: store.durable,
    stage: (context) => guarded('stage', undefined, () => stageOf(context)),

    check: (call) => read('check', call, ({ primary }) => setup.desks[primary].check(call)),
    getContact: (id, call) =>
      read('getContact', call, (rule) =>
        comparer.compared(rule, 'getContact', () => reads.getContact(rule, id, call ?? {})),
      ),
    findContact: (email, call) =>
      read('findContact', call, ({ primary }) => setup.desks[primary].findContact(email, call)),
    listContacts: (filter, call) =>
      list('listContacts', call, ({ primary }) => setup.desks[primary].listContacts(filter, call)),
    getThread: (id, call) =>
      read('getThread', call, (rule) =>
        comparer.compared(rule, 'getThread', () => reads.getThread(rule, id, call ?? {})),
      ),
    findThread: (key, call) => read('findThread', call, (rule) => reads.findThread(rule, key, call ?? {})),
    listThreads: (filter: ThreadFilter = {}, call?: BridgeCallOptions) =>
      list('listThreads', call, (rule) => reads.listThreads(rule, filter, call ?? {})),
    listMessages: (threadId: string, call?: BridgeCallOptions): AsyncIterable<Message> =>
      list('listMessages', call, (rule) =>
        comparer.comparedList(rule, threadId, reads.listMessages(rule, threadId, call ?? {})),
      ),

    upsertContact: (input, call) => write('upsertContact', input, call),
    createThread: (input, call) => write('createThread', input, call),
    updateThread: (id, changes, call) => write('updateThread', { id, changes }, call),
    deleteThread: (id, call) => write('deleteThread', { id }, call),
    reply: (input, call) => write('reply', input, call),
    addNote: (input, call) => write('addNote', input, call),
    importThread: (input, call) => write('importThread', input, call),
    recordMessages: (input, call) => write('recordMessages', input, call),

    enqueue: (client, { method, input, idempotencyKey, context }) =>
      read('enqueue', { context }, async (rule) => {
        const intent = await caller.intend(method, input, rule, idempotencyKey);
        const begun = await store.enqueue(intent, client);
        if (begun.is === 'known') requireSame(intent, begun.operation);
        return { operationId: begun.operation.id };
      }),

    outcome: (operationId, { signal, mirror = false } = {}) =>
      guarded('outcome', { signal }, async () => {
        for (;;) {
          const operation = await store.getOperation(operationId);
          if (!operation) throw missing(operationId);
          if (operation.state === 'failed' || operation.state === 'unclear') throw ended(operation);
          if (operation.state === 'done' && !(mirror && operation.mirror === 'queued')) {
            return toWritten(operation, operation.result);
          }
          await sleep(Math.min(pollMs, 50), signal);
        }
      }),

    listOperations: (filter = {}) => operations(store, filter),

    decide: (decision, ids) =>
      guarded('decide', undefined, async () => {
        let decided = 0;
        for await (const id of ids === 'all' ? decidable(store, decision) : ids) {
          if (await store.decide(id, decision, now())) decided++;
        }
        return decided;
      }),

    figures: () =>
      guarded('figures', undefined, async () => {
        const figures = await store.figures();
        return { ...figures, lagMs: figures.oldestAt === undefined ? 0 : Math.max(0, now() - figures.oldestAt) };
      }),

    readiness: () => guarded('readiness', undefined, async () => readiness.report(await stageOf(undefined))),
    verify: (verifying = {}) => read('verify', verifying, (rule) => comparer.verify(rule, verifying)),
    promote: () => guarded('promote', undefined, () => readiness.move('promote')),
    demote: () => guarded('demote', undefined, () => readiness.move('demote')),

    drain: () =>
      guarded('drain', undefined, async () => {
        for (let advanced = true; advanced; ) {
          const lanes = await store.dueLanes(now(), concurrency);
          advanced = (await Promise.all(lanes.map((lane) => drainLane(setup, lane, caller.run)))).includes(true);
        }
        await prune();
      }),
    work: () => guarded('work', undefined, work),
    on: (name, listener) => events.on(name, listener),
    async close() {
      for (const watch of await Promise.all(watches)) await watch?.close();
      await comparer.settled();
    },
  };

  /** Traits are asked for without waiting: what only a promise can say is as it was last. */
  function stageNow(): Stage {
    try {
      const word = typeof source === 'function' ? source(undefined) : source;
      return typeof word === 'string' ? word : latest;
    } catch {
      return latest;
    }
  }

  if (options.drain ?? true) {
    watches.push(
      work().catch((error: unknown) => {
        events.emit('trouble', { task: 'work', failure: toFailure(error) });
        return undefined;
      }),
    );
  }
  return bridge;
}

async function* operations(store: Store, filter: OperationFilter): AsyncGenerator<Operation> {
  const limit = 100;
  for (let before: string | undefined; ; ) {
    const page = await store.listOperations(filter, { limit, before });
    yield* page;
    before = page.at(-1)?.id;
    if (page.length < limit) return;
  }
}

async function* decidable(store: Store, decision: Decision): AsyncGenerator<string> {
  const filters: readonly OperationFilter[] =
    decision === 'retry' || decision === 'drop' ? [{ mirror: 'dead' }] : [{ state: 'unclear' }];
  for (const filter of filters) for await (const { id } of operations(store, filter)) yield id;
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
  });
}
