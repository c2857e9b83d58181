/** The engines that one suite is run against, each with two stores on the same data. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Failure, Intent, Lease, Settlement, Store } from '../../src/store/store.ts';

export const postgresUrl = process.env['PGURL'] ?? 'postgres://postgres@127.0.0.1:5432/test';

export async function query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgresUrl, connectionTimeoutMillis: 3_000 });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Slow, without a free place, or just starting: it is there, and what needs it must not be left out in silence. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message === 'timeout expired' || ('code' in error && ['53300', '57P03'].includes(String(error.code)));
}

const answers = await query('select 1').then(() => true, isBusy);
/** On a build server it must be there: tests that are skipped there would be skipped everywhere. */
export const hasPostgres = answers || process.env['CI'] !== undefined;

export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'helpdesk-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const newSchema = () => `test_${process.pid}_${crypto.randomUUID().slice(0, 8)}`;

export async function dropSchema(schema: string): Promise<void> {
  await query(`drop schema if exists ${schema} cascade; drop schema if exists ${schema}_jobs cascade`);
}

/** What a test has: a store, and another one on the same data. In memory both are the same. */
export interface Desk {
  readonly store: Store;
  readonly other: Store;
}

interface Opened extends Desk {
  close(): Promise<void>;
}

interface Engine {
  readonly name: 'memory' | 'SQLite' | 'PostgreSQL';
  open(): Promise<Opened>;
  readonly after?: () => Promise<void>;
}

function memory(): Engine {
  return {
    name: 'memory',
    async open() {
      const store = createMemoryStore();
      return { store, other: store, close: () => store.close() };
    },
  };
}

function sqlite(): Engine {
  return {
    name: 'SQLite',
    async open() {
      const folder = temporaryFolder();
      const [store, other] = [
        await openStore(join(folder.path, 'bridge.db')),
        await openStore(`file:${join(folder.path, 'bridge.db')}`),
      ];
      const close = async () => {
        await store.close();
        await other.close();
        folder.remove();
      };
      return { store, other, close };
    },
  };
}

function postgres(): Engine {
  const schema = newSchema();
  let opened: Desk | undefined;
  return {
    name: 'PostgreSQL',
    async open() {
      opened ??= { store: await openStore(postgresUrl, { schema }), other: await openStore(postgresUrl, { schema }) };
      const close = async () => {
        const tables = ['operations', 'lanes', 'links', 'settings', 'comparisons', 'slots', 'buckets'];
        const all = [...tables.map((table) => `${schema}.${table}`), `${schema}_jobs.job`];
        await query(all.map((table) => `delete from ${table}`).join(';'));
      };
      return { ...opened, close };
    },
    async after() {
      await opened?.store.close();
      await opened?.other.close();
      await dropSchema(schema);
    },
  };
}

/** Runs the tests against each engine. `desk()` is new in each test. */
export function describeEngines(title: string, tests: (desk: () => Desk, name: Engine['name']) => void): void {
  for (const engine of [memory(), sqlite(), postgres()])
    describe.skipIf(engine.name === 'PostgreSQL' && !hasPostgres)(`${title}, ${engine.name}`, () => {
      let opened: Opened | undefined;
      beforeEach(async () => {
        opened = await engine.open();
      });
      afterEach(async () => {
        await opened?.close();
        opened = undefined;
      });
      afterAll(async () => {
        await engine.after?.();
      });
      tests(() => {
        if (opened === undefined) throw new Error('a test must be running');
        return opened;
      }, engine.name);
    });
}

let count = 0;

export function newIntent(fields: Partial<Intent> = {}): Intent {
  count += 1;
  return {
    id: `operation-${count}`,
    lane: 'lane',
    key: undefined,
    fingerprint: 'fingerprint',
    method: 'reply',
    input: { threadId: 'thread', sentAt: new Date(5) },
    primary: 'from',
    mirrored: true,
    createdAt: 1_000,
    ...fields,
  };
}

export function newLease(fields: Partial<Lease> = {}): Lease {
  return { lane: 'lane', owner: 'ann', now: 1_000, until: 2_000, ...fields };
}

export const failure: Failure = { provider: 'plain', kind: 'unavailable', message: 'not now', requestId: undefined };

export const done = {
  state: 'done',
  result: { id: 'thread' },
  losses: [],
  links: [],
} as const satisfies Settlement;

/** An operation that was begun, in the state that is asked for. */
export async function stored(
  store: Store,
  state: 'pending' | 'queued' | 'finished' | 'failed' | 'unclear' | 'dead',
  fields: Partial<Intent> & { readonly at?: number } = {},
): Promise<string> {
  const { at = 1_000, ...rest } = fields;
  const intent = newIntent({ createdAt: at, mirrored: state === 'queued' || state === 'dead', ...rest });
  const lease = newLease({ lane: intent.lane, now: at, until: at + 1_000 });
  const begun = await store.begin(intent, lease);
  if (begun.is !== 'begun') throw new Error(`the lane is ${begun.is}`);
  switch (state) {
    case 'pending':
      await store.release(lease);
      break;
    case 'failed':
    case 'unclear':
      await store.settle(intent.id, { state, failure }, lease);
      break;
    case 'queued':
    case 'finished':
      await store.settle(intent.id, done, lease);
      break;
    case 'dead': {
      await store.settle(intent.id, done, lease);
      const mirror = { ...lease, lane: `${intent.lane}/mirror` };
      await store.take(mirror);
      await store.mirrored(intent.id, { mirror: 'dead', failure, attempts: 1 }, mirror);
    }
  }
  return intent.id;
}

/** The error it is refused with. */
export async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: unknown) => error,
  );
}
