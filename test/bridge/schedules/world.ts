/** Two desks, a store and the processes that work with them, all on one machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BridgeOptions } from '../../../src/bridge/options.ts';
import type { RateBudget } from '../../../src/core/budget.ts';
import type { Helpdesk } from '../../../src/core/helpdesk.ts';
import { emulatePlain, type PlainEmulator, permissions } from '../../../src/emulators/plain/index.ts';
import { emulateProductlane, type ProductlaneEmulator } from '../../../src/emulators/productlane/index.ts';
import { type Bridge, createBridge } from '../../../src/index.ts';
import { createPlain } from '../../../src/providers/plain/index.ts';
import { createProductlane } from '../../../src/providers/productlane/index.ts';
import { openStore } from '../../../src/store/index.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import type { Side, Store } from '../../../src/store/store.ts';
import { comparedShare, leaseMs, settleMs, timeoutMs } from './limits.ts';
import { type Machine, type Process, standingStill } from './machine.ts';
import type { DeskName, LiveStage, Schedule } from './steps.ts';

/** What a broken bridge is broken by: its options, its store, its desks, or those that its readers ask. */
export interface Breakage {
  readonly options?: Partial<BridgeOptions>;
  readonly store?: (store: Store) => Store;
  readonly desk?: (desk: Helpdesk) => Helpdesk;
  readonly asked?: (desk: Helpdesk) => Helpdesk;
}

export interface Running {
  readonly process: Process;
  readonly bridge: Bridge;
  /** The same process for reads, with keys and a store that take no writes. */
  readonly reader: Bridge;
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
  /** Reads that nothing stops. */
  readonly reader: Bridge;
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
  const {
    desk: broken = (desk) => desk,
    asked = (desk) => desk,
    store: damaged = (given) => given,
    options,
  } = breakage;

  const readKeys = {
    productlane: productlane.mintKey({ scopes: ['threads:read', 'contacts:read'] }),
    plain: plain.mintKey({ permissions: permissions.filter((one) => one.endsWith(':read')) }),
  };

  function deskOf(name: DeskName, process: Process | undefined, apiKey = emulators[name].apiKey): Helpdesk {
    const { baseUrl, fetch } = emulators[name];
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

  function bridgeOf(desk: (name: DeskName) => Helpdesk, given: Store): Bridge {
    return createBridge({
      from: broken(desk(nameOf.from)),
      to: broken(desk(nameOf.to)),
      stage: () => current.stage,
      store: given,
      drain: false,
      now: () => clock.elapsedMs(),
      random: machine.random,
      compare: { share: comparedShare },
      recordOptions: { plain: { userId: plain.userId } },
      leaseMs,
      settleMs,
      ...options,
    });
  }

  const readerOf = (process: Process | undefined, given: Store) =>
    bridgeOf((name) => asked(deskOf(name, process, readKeys[name])), withoutWrites(given));

  return {
    machine,
    emulators,
    nameOf,
    store,
    current,
    oldDesk: deskOf(nameOf.from, undefined),
    reader: readerOf(undefined, damaged(store)),
    start() {
      const process: Process = { alive: true, frozen: false, written: 0, slow: false };
      const shared = damaged(stoppableStore(machine, process, store));
      const bridge = bridgeOf((name) => deskOf(name, process), shared);
      return { process, bridge, reader: readerOf(process, shared), calls: 0 };
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
    if (isWrite(init)) process.written += 1;
    const answer = machine
      .travel(process)
      .then(() => fetch(input, init?.signal?.aborted ? { ...init, signal: null } : init));
    const response = await untilAborted(answer, init?.signal ?? undefined);
    await machine.pass(process);
    return response;
  };
}

function isWrite({ method, body }: RequestInit = {}): boolean {
  if (method === undefined || method === 'GET') return false;
  return !/^\{"query":"\s*query/.test(String(body));
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

const reads = /^(?:get|find|list|lane|due|next|figures)/;

/** Only what a reader has to keep is kept. */
function withoutWrites(store: Store): Store {
  const kept = ['addComparison', 'setSetting'];
  const entries = Object.entries(store).map(([name, member]) =>
    typeof member !== 'function' || reads.test(name) || kept.includes(name)
      ? [name, member]
      : [name, async () => Promise.reject(new Error(`a read calls ${name}`))],
  );
  return Object.fromEntries(entries) as Store;
}

/** A process may be stopped before each call and after each that changes something. */
function stoppableStore(machine: Machine, process: Process, store: Store): Store {
  const entries = Object.entries(store).map(([name, member]) => {
    if (typeof member !== 'function' || ['listLinks', 'watch', 'close'].includes(name)) return [name, member];
    const call = member as (...given: unknown[]) => Promise<unknown>;
    return [
      name,
      async (...given: unknown[]) => {
        await machine.pass(process);
        const result = await standingStill(() => call(...given));
        if (!reads.test(name)) await machine.pass(process);
        return result;
      },
    ];
  });
  return Object.fromEntries(entries) as Store;
}
