/** Two desks, a store and the processes that work with them, all on one machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BridgeOptions } from '../../../src/bridge/options.ts';
import type { RateBudget } from '../../../src/core/budget.ts';
import type { Helpdesk } from '../../../src/core/helpdesk.ts';
import { emulatePlain, type PlainEmulator } from '../../../src/emulators/plain/index.ts';
import { emulateProductlane, type ProductlaneEmulator } from '../../../src/emulators/productlane/index.ts';
import { type Bridge, createBridge } from '../../../src/index.ts';
import { createPlain } from '../../../src/providers/plain/index.ts';
import { createProductlane } from '../../../src/providers/productlane/index.ts';
import { openStore } from '../../../src/store/index.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import type { Side, Store } from '../../../src/store/store.ts';
import { leaseMs, settleMs, timeoutMs } from './limits.ts';
import type { Machine, Process } from './machine.ts';
import type { DeskName, LiveStage, Schedule } from './steps.ts';

/** What a broken bridge is broken by: its options, its store or its desks. */
export interface Breakage {
  readonly options?: Partial<BridgeOptions>;
  readonly store?: (store: Store) => Store;
  readonly desk?: (desk: Helpdesk) => Helpdesk;
}

export interface Running {
  readonly process: Process;
  readonly bridge: Bridge;
  /** How many of its callers wait. */
  calls: number;
}

export interface World {
  readonly machine: Machine;
  readonly emulators: { readonly productlane: ProductlaneEmulator; readonly plain: PlainEmulator };
  readonly nameOf: Readonly<Record<Side, DeskName>>;
  /** As it is, without places to be stopped. */
  readonly store: Store;
  readonly current: { stage: LiveStage };
  start(): Running;
  /** A desk that nothing stops, for what was there before. */
  readonly oldDesk: Helpdesk;
  close(): Promise<void>;
}

const unlimited: RateBudget = {
  take: async () => {},
  observe: () => {},
  limits: () => ({ reads: { perMinute: 1e6, remaining: undefined }, writes: { perMinute: 1e6, remaining: undefined } }),
};

export async function createWorld(machine: Machine, schedule: Schedule, breakage: Breakage): Promise<World> {
  const { clock } = machine;
  const productlane = emulateProductlane({ clock, rateLimits: false, replyReopens: false });
  const plain = emulatePlain({ clock, rateLimit: false });
  const emulators = { productlane, plain };
  const nameOf = { from: schedule.from, to: schedule.from === 'plain' ? 'productlane' : 'plain' } as const;
  const { store, remove } = await openStoreOf(schedule);
  const current = { stage: schedule.stage };
  const { desk: broken = (desk) => desk, store: damaged = (given) => given, options } = breakage;

  function deskOf(name: DeskName, process: Process | undefined): Helpdesk {
    const { apiKey, baseUrl, fetch } = emulators[name];
    const common = {
      apiKey,
      baseUrl,
      fetch: process ? stoppable(machine, process, fetch) : fetch,
      budget: unlimited,
      retries: schedule.retries,
      timeoutMs,
    };
    return name === 'plain' ? createPlain(common) : createProductlane(common);
  }

  return {
    machine,
    emulators,
    nameOf,
    store,
    current,
    oldDesk: deskOf(nameOf.from, undefined),
    start() {
      const process: Process = { alive: true, frozen: false };
      const bridge = createBridge({
        from: broken(deskOf(nameOf.from, process)),
        to: broken(deskOf(nameOf.to, process)),
        stage: () => current.stage,
        store: damaged(stoppableStore(machine, process, store)),
        drain: false,
        now: () => clock.elapsedMs(),
        random: machine.random,
        compare: { share: 0 },
        recordOptions: { plain: { userId: plain.userId } },
        leaseMs,
        settleMs,
        ...options,
      });
      return { process, bridge, calls: 0 };
    },
    async close() {
      await store.close();
      await remove();
    },
  };
}

async function openStoreOf({ store }: Schedule): Promise<{ readonly store: Store; remove(): Promise<void> }> {
  if (store === 'memory') return { store: createMemoryStore(), remove: async () => {} };
  if (store === 'sqlite') return { store: await openStore(':memory:'), remove: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'schedules-'));
  return {
    store: await openStore(join(folder, 'bridge.db')),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A request is on its way whatever becomes of its process; the answer is for the process to read. */
function stoppable(machine: Machine, process: Process, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const answer = machine.travel().then(() => fetch(input, init?.signal?.aborted ? { ...init, signal: null } : init));
    const response = await untilAborted(answer, init?.signal ?? undefined);
    await machine.pass(process);
    return response;
  };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

/** A process may be stopped before each call and after each that changes something. */
function stoppableStore(machine: Machine, process: Process, store: Store): Store {
  const reads = /^(?:get|find|list|lane|due|next|figures)/;
  const entries = Object.entries(store).map(([name, member]) => {
    if (typeof member !== 'function' || name === 'listLinks') return [name, member];
    const call = member as (...given: unknown[]) => Promise<unknown>;
    return [
      name,
      async (...given: unknown[]) => {
        await machine.pass(process);
        const result = await call(...given);
        if (!reads.test(name)) await machine.pass(process);
        return result;
      },
    ];
  });
  return Object.fromEntries(entries) as Store;
}
