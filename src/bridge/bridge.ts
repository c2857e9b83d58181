/** Two helpdesks as one: the stage says which one answers and whether the other is kept in step. */
import { checkOptions, type Rule } from '../core/call-options.ts';
import type { CallOptions, ThreadFilter } from '../core/helpdesk.ts';
import type { Message } from '../core/model.ts';
import { abortable } from '../core/wait.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { Store, Watch, WatchOptions } from '../store/store.ts';
import { createCaller, requireSame, toHelpdeskError } from './caller.ts';
import { createComparer } from './compare.ts';
import { createTranslator } from './counterparts.ts';
import { createEvents } from './events.ts';
import type { Bridge, BridgeCallOptions, BridgeWriteOptions } from './interface.ts';
import { type BridgeWritten, copyOf, type Inputs, type Values, validateEnqueued } from './operations.ts';
import { decide, listOperations, outcome } from './operator.ts';
import { type BridgeOptions, rulesOf, validateOptions } from './options.ts';
import { createPairing } from './pairing.ts';
import { createReadiness } from './readiness.ts';
import { createReads } from './reads.ts';
import { type Setup, toFailure } from './setup.ts';
import { isStore, readStage } from './stage-source.ts';
import { ruleOf, type Stage, type StageRule } from './stages.ts';
import { drainLane } from './worker.ts';

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
  const paired = createPairing(store, { from: from.name, to: to.name }, options.readiness);
  const watches: Promise<Watch | undefined>[] = [];
  /** What is asked for without waiting, such as the traits, is as it was last. */
  let latest: Stage = typeof source === 'string' ? source : 'off';
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function stageOf(context: unknown): Promise<Stage> {
    await paired();
    const found = await readiness.allowed(await readStage(source, context), context);
    latest = found;
    return found;
  }

  async function ruleFor(context: unknown): Promise<StageRule> {
    return ruleOf[await stageOf(context)];
  }

  async function drain(lane: string): Promise<void> {
    try {
      await paired();
      await drainLane(setup, lane, caller.run);
      await prune();
    } catch (error) {
      events.emit('trouble', { task: 'drain', failure: toFailure(error) });
    }
  }

  async function prune(): Promise<void> {
    const everyMs = Math.min(retentionMs, 3_600_000);
    if (now() - lookedAt < everyMs) return;
    lookedAt = now();
    // In the store, so that processes that live shorter than that prune too, and several no more often than one. One
    // that keeps less than another prunes all the same.
    const before = now() - retentionMs;
    const last = await store.getSetting('pruned');
    if (last !== undefined && Math.abs(before - Number(last)) < everyMs) return;
    if (await store.setSetting('pruned', String(before), last)) await store.prune(before);
  }

  function work(options: Pick<WatchOptions, 'background'> = {}): Promise<Watch> {
    return store.watch(drain, { concurrency, now, pollMs, ...options });
  }

  async function guarded<T>(operation: string, call: CallOptions | undefined, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw toHelpdeskError(error, operation, call?.signal);
    }
  }

  /** `run` is given what a desk takes of the call's options. */
  function read<T>(
    operation: string,
    call: BridgeCallOptions | undefined,
    run: (rule: StageRule, call: CallOptions) => Promise<T>,
    rules: Readonly<Record<string, Rule>> = rulesOf.read,
  ) {
    return guarded(operation, call, async () => {
      checkOptions({ provider: 'helpdesk-bridge', operation }, call, rules);
      return run(await abortable(ruleFor(call?.context), call?.signal), forDesk(call));
    });
  }

  async function* list<T>(
    operation: string,
    call: BridgeCallOptions | undefined,
    run: (rule: StageRule, call: CallOptions) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    try {
      checkOptions({ provider: 'helpdesk-bridge', operation }, call, rulesOf.read);
      yield* run(await abortable(ruleFor(call?.context), call?.signal), forDesk(call));
    } catch (error) {
      throw toHelpdeskError(error, operation, call?.signal);
    }
  }

  async function write<M extends keyof Inputs>(
    method: M,
    input: Inputs[M],
    call: BridgeWriteOptions | undefined,
  ): Promise<BridgeWritten<Values[M]>> {
    checkOptions({ provider: 'helpdesk-bridge', operation: method }, call, rulesOf.write);
    const given = copyOf(input);
    const options = { ...call };
    const [rule, desk] = await read(method, options, async (...found) => found, rulesOf.write);
    return caller.write(method, given, rule, { ...desk, idempotencyKey: options.idempotencyKey });
  }

  function move(direction: 'promote' | 'demote'): Promise<Stage> {
    return guarded(direction, undefined, async () => {
      await paired();
      return readiness.move(direction);
    });
  }

  const bridge: Bridge<From, To> = {
    get name() {
      return setup.desks[ruleOf[latest].primary].name;
    },
    get traits() {
      return setup.desks[ruleOf[latest].primary].traits;
    },
    native: { from: from.native, to: to.native },
    durable: store.durable,
    stage: (context) => guarded('stage', undefined, () => stageOf(context)),

    check: (call) => read('check', call, ({ primary }, desk) => setup.desks[primary].check(desk)),
    getContact: (id, call) =>
      read('getContact', call, (rule, desk) =>
        comparer.compared(rule, 'getContact', () => reads.getContact(rule, id, desk)),
      ),
    findContact: (email, call) =>
      read('findContact', call, (rule, desk) =>
        comparer.compared(rule, 'findContact', () => setup.desks[rule.primary].findContact(email, desk)),
      ),
    listContacts: (filter, call) =>
      list('listContacts', call, ({ primary }, desk) => setup.desks[primary].listContacts(filter, desk)),
    getThread: (id, call) =>
      read('getThread', call, (rule, desk) =>
        comparer.compared(rule, 'getThread', () => reads.getThread(rule, id, desk)),
      ),
    findThread: (key, call) =>
      read('findThread', call, (rule, desk) =>
        comparer.compared(rule, 'findThread', () => reads.findThread(rule, key, desk)),
      ),
    listThreads: (filter: ThreadFilter = {}, call?: BridgeCallOptions) =>
      list('listThreads', call, (rule, desk) => reads.listThreads(rule, filter, desk)),
    listMessages: (threadId: string, call?: BridgeCallOptions): AsyncIterable<Message> =>
      list('listMessages', call, (rule, desk) =>
        comparer.comparedList(rule, threadId, reads.listMessages(rule, threadId, desk)),
      ),

    upsertContact: (input, call) => write('upsertContact', input, call),
    createThread: (input, call) => write('createThread', input, call),
    updateThread: (id, changes, call) => write('updateThread', { id, changes }, call),
    deleteThread: (id, call) => write('deleteThread', { id }, call),
    reply: (input, call) => write('reply', input, call),
    addNote: (input, call) => write('addNote', input, call),
    importThread: (input, call) => write('importThread', input, call),
    recordMessages: (input, call) => write('recordMessages', input, call),

    enqueue: async (client, operation) => {
      checkOptions({ provider: 'helpdesk-bridge', operation: 'enqueue' }, operation, rulesOf.enqueue);
      validateEnqueued(operation);
      const { method, idempotencyKey, context } = operation;
      const input = copyOf(operation.input);
      return read('enqueue', { context }, async (rule) => {
        const intent = await caller.intend(method, input, rule, idempotencyKey);
        const begun = await store.enqueue(intent, client);
        if (begun.is === 'known') requireSame(intent, begun.operation);
        return { operationId: begun.operation.id };
      });
    },

    outcome: (operationId, waiting) =>
      guarded('outcome', waiting, () => {
        checkOptions({ provider: 'helpdesk-bridge', operation: 'outcome' }, waiting, rulesOf.outcome);
        const { signal, mirror = false } = waiting ?? {};
        return outcome(store, operationId, { signal, mirror, lookMs: Math.min(pollMs, 50) });
      }),

    listOperations: (filter = {}) => listOperations(store, filter),
    decide: (decision, ids) => guarded('decide', undefined, () => decide(store, decision, ids, now)),
    recheck: () => guarded('recheck', undefined, () => store.recheck(now())),

    figures: () =>
      guarded('figures', undefined, async () => {
        const figures = await store.figures();
        return { ...figures, lagMs: figures.oldestAt === undefined ? 0 : Math.max(0, now() - figures.oldestAt) };
      }),

    readiness: () => guarded('readiness', undefined, async () => readiness.report(await stageOf(undefined))),
    verify: (verifying) => read('verify', verifying, (rule) => comparer.verify(rule, verifying ?? {}), rulesOf.verify),
    promote: () => move('promote'),
    demote: () => move('demote'),

    drain: () =>
      guarded('drain', undefined, async () => {
        await paired();
        for (let advanced = true; advanced; ) {
          const lanes = await store.dueLanes(now(), concurrency);
          advanced = (await Promise.all(lanes.map((lane) => drainLane(setup, lane, caller.run)))).includes(true);
        }
        await prune();
      }),
    work: () =>
      guarded('work', undefined, async () => {
        await paired();
        return work();
      }),
    on: (name, listener) => events.on(name, listener),
    async close() {
      for (const watch of await Promise.all(watches)) await watch?.close();
      // Whoever closes the store next would take the ground from under them.
      await caller.settled();
      await comparer.settled();
    },
  };

  if (options.drain ?? true) {
    const tell = (error: unknown) => {
      events.emit('trouble', { task: 'work', failure: toFailure(error) });
      return undefined;
    };
    // What is wrong with the store is told at once, and asked again before each piece of work.
    void paired().catch(tell);
    watches.push(work({ background: true }).catch(tell));
  }
  return bridge;
}

function forDesk(call: CallOptions | undefined): CallOptions {
  return { signal: call?.signal, beforeRequest: call?.beforeRequest };
}
