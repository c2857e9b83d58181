/** A process that does what it is told in one line, and dies where it is told to. */
import { createInterface } from 'node:readline';
import pg from 'pg';
import { createBridge } from '../../../src/bridge/bridge.ts';
import type { Bridge } from '../../../src/bridge/interface.ts';
import { createPlain } from '../../../src/providers/plain/index.ts';
import { createProductlane } from '../../../src/providers/productlane/index.ts';
import { createPostgresStore } from '../../../src/store/postgres.ts';
import { createSqliteStore } from '../../../src/store/sqlite.ts';
import type { Store } from '../../../src/store/store.ts';
import { adapterOptions } from './desks.ts';
import { type Mutant, mutate } from './mutants.ts';
import { enqueue, type LiveStage, perform, type ScenarioName } from './scenarios.ts';
import { createSteps, type Point, type Steps, tell, watchFetch, watchStore } from './steps.ts';

/** Where the state is that all processes share. */
export type Place =
  | { readonly is: 'sqlite'; readonly path: string }
  | { readonly is: 'postgres'; readonly url: string; readonly schema: string };

export interface Order {
  readonly place: Place;
  readonly desks: {
    readonly productlane: { readonly url: string; readonly apiKey: string };
    readonly plain: { readonly url: string; readonly apiKey: string; readonly userId: string };
  };
  readonly caller: string;
  readonly stage: LiveStage;
  /** `undefined`: the computer's time. */
  readonly now: number | undefined;
  readonly task:
    | { readonly is: 'call'; readonly scenario: ScenarioName; readonly threadId: string; readonly key: string }
    | { readonly is: 'drain' }
    /** Until it is ended from outside. */
    | { readonly is: 'work'; readonly leaseMs: number; readonly settleMs: number };
  readonly end?: Point | undefined;
  readonly endsBy?: 'SIGKILL' | 'SIGSTOP' | undefined;
  readonly mutant?: Mutant | undefined;
}

async function openAt(place: Place): Promise<Store> {
  if (place.is === 'sqlite') return createSqliteStore({ path: place.path });
  const { url: connectionString, schema } = place;
  const store = await createPostgresStore({ connectionString, schema, migrate: false, connections: 4 });
  await store.figures();
  return store;
}

function bridgeOf(order: Order, store: Store, steps: Steps): Bridge {
  const { desks, caller, stage, now, task } = order;
  const adapter = (name: 'productlane' | 'plain') => ({
    apiKey: desks[name].apiKey,
    baseUrl: desks[name].url,
    fetch: watchFetch(name, caller, steps),
    ...adapterOptions(),
  });
  return createBridge({
    from: createProductlane(adapter('productlane')),
    to: createPlain(adapter('plain')),
    stage,
    store: watchStore(mutate(store, order.mutant), steps),
    recordOptions: { plain: { userId: desks.plain.userId } },
    compare: { share: 0 },
    drain: false,
    // One lane after the other where a point counts: steps come in the same order each time, and nobody freezes in the
    // middle of another lane's transaction, which on SQLite would keep all others out.
    concurrency: task.is === 'work' && order.end === undefined ? 4 : 1,
    ...(task.is === 'work' && { leaseMs: task.leaseMs, settleMs: task.settleMs, pollMs: 100 }),
    ...(now !== undefined && { now: () => now }),
  });
}

async function carryOut(order: Order, store: Store): Promise<void> {
  const steps = createSteps(order.end, order.endsBy);
  const bridge = bridgeOf(order, store, steps);
  const { task, place } = order;
  switch (task.is) {
    case 'call':
      if (task.scenario === 'enqueue') await enqueueIn(place, bridge, task, steps);
      else await perform(task.scenario, bridge, task.threadId, { idempotencyKey: task.key });
      await bridge.drain();
      break;
    case 'drain':
      await bridge.drain();
      break;
    case 'work':
      await bridge.work();
      tell({ working: true });
      return;
  }
  tell({ taken: steps.taken });
}

/** The caller's own transaction is a step of its own. */
async function enqueueIn(
  place: Place,
  bridge: Bridge,
  task: { readonly scenario: ScenarioName; readonly threadId: string; readonly key: string },
  steps: Steps,
): Promise<void> {
  if (place.is !== 'postgres') throw new Error('only PostgreSQL has clients');
  const client = new pg.Client({ connectionString: place.url });
  await client.connect();
  await client.query('begin');
  await enqueue(task.scenario, bridge, task.threadId, client, task.key);
  await client.query('commit');
  steps.step('after commit');
  await client.end();
}

const lines = createInterface({ input: process.stdin });
let opened: { readonly key: string; readonly store: Store } | undefined;

async function storeAt(place: Place): Promise<Store> {
  const key = JSON.stringify(place);
  if (opened?.key === key) return opened.store;
  opened = { key, store: await openAt(place) };
  return opened.store;
}

// The first line may name the place alone, so that connections are there before they are needed.
lines.on('line', (line) => {
  const order = JSON.parse(line) as Order | { readonly place: Place };
  storeAt(order.place)
    .then((store) => ('task' in order ? carryOut(order, store) : tell({ ready: true })))
    .catch((error: unknown) => tell({ failed: error instanceof Error ? `${error.stack}` : String(error) }));
});
tell({ ready: true });
