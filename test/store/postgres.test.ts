/** The store in PostgreSQL: several machines, other people's transactions, and a server that goes away. */
import pg from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { HelpdeskError } from '../../src/core/errors.ts';
import { openStore } from '../../src/store/index.ts';
import { toFailure } from '../../src/store/postgres/failure.ts';
import type { Store } from '../../src/store/store.ts';
import {
  done,
  dropSchema,
  hasPostgres,
  jobsOf,
  newIntent,
  newLease,
  newSchema,
  postgresUrl,
  query,
  refusal,
  stored,
} from './engines.ts';

const schemas: string[] = [];
const stores: Store[] = [];
afterAll(async () => {
  for (const store of stores) await store.close();
  for (const schema of schemas) await dropSchema(schema);
});

function schemaOf(): string {
  const schema = newSchema();
  schemas.push(schema);
  return schema;
}

async function open(schema = schemaOf()): Promise<{ readonly store: Store; readonly schema: string }> {
  // By this name the server knows the connections of one test.
  const url = new URL(postgresUrl);
  url.searchParams.set('application_name', schema);
  const store = await openStore(url.href, { schema });
  stores.push(store);
  return { store, schema };
}

function placeOf(schema: string): string {
  const { host, pathname } = new URL(postgresUrl);
  return `PostgreSQL, ${host}${pathname}, schema ${schema}`;
}

/** As a restart of the server does it. */
async function cutConnections(schema: string): Promise<void> {
  const cut = await query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    schema,
  ]);
  expect(cut).not.toEqual([]);
}

const until = <T>(check: () => Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 20_000, interval: 20 });

describe.skipIf(!hasPostgres)('a store in PostgreSQL', () => {
  it('says what it is, without user and password', async () => {
    const { store, schema } = await open();
    expect([store.durable, store.description]).toEqual([true, placeOf(schema)]);
  });

  it('holds everything after it was closed', async () => {
    const schema = schemaOf();
    const first = await openStore(postgresUrl, { schema });
    const id = await stored(first, 'queued');
    const before = await first.getOperation(id);
    await first.close();
    const { store } = await open(schema);
    expect(await store.getOperation(id)).toEqual(before);
  });

  it('is made once by four that open it at once', async () => {
    const schema = schemaOf();
    const all = await Promise.all(Array.from({ length: 4 }, () => open(schema)));
    const taken = await Promise.all(all.map(({ store }, index) => store.take(newLease({ owner: `owner ${index}` }))));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('says that it is closed', async () => {
    const store = await openStore(postgresUrl, { schema: schemaOf() });
    await store.close();
    expect(await refusal(store.getOperation('a'))).toMatchObject({ kind: 'invalid', operation: 'getOperation' });
  });
});

describe.skipIf(!hasPostgres)('opening without migrating', () => {
  it.each([{ migrate: false }, { readOnly: true }])('makes nothing: %j', async (options) => {
    const schema = schemaOf();
    const error = await refusal(openStore(postgresUrl, { schema, ...options }));
    expect(error).toMatchObject({
      kind: 'invalid',
      message: `[store] open: there is no store yet: ${placeOf(schema)}`,
    });
    expect(await query('select 1 from pg_namespace where nspname = $1', [schema])).toEqual([]);
  });

  it('refuses an older store', async () => {
    const { schema } = await open();
    await query(`delete from ${schema}.migrations where name = '004_slots'`);
    const error = await refusal(openStore(postgresUrl, { schema, migrate: false }));
    expect(error).toMatchObject({
      kind: 'invalid',
      message: '[store] open: the store was written by an older version',
    });
  });

  it('refuses one whose jobs were made by another generation of pg-boss', async () => {
    const { schema } = await open();
    await query(`drop schema ${await jobsOf(schema)} cascade`);
    const error = await refusal(openStore(postgresUrl, { schema, migrate: false }));
    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('this version of pg-boss') });
    const reader = await openStore(postgresUrl, { schema, readOnly: true });
    stores.push(reader);
    expect(await reader.figures()).toMatchObject({ pending: 0 });
  });

  it('reads, and changes nothing where it may only read', async () => {
    const { store, schema } = await open();
    const id = await stored(store, 'queued');
    const reader = await openStore(postgresUrl, { schema, readOnly: true });
    stores.push(reader);
    expect(await reader.getOperation(id)).toMatchObject({ mirror: 'queued' });
    expect(await refusal(reader.take(newLease()))).toMatchObject({ kind: 'unavailable', applied: 'no' });
  });
});

describe.skipIf(!hasPostgres)('a store that cannot be used', () => {
  it('was written by a newer version', async () => {
    const { schema } = await open();
    await query(`insert into ${schema}.migrations values ('999_future', '2030-01-01')`);
    const error = await refusal(openStore(postgresUrl, { schema }));
    expect(error).toMatchObject({ kind: 'invalid', message: '[store] open: the store was written by a newer version' });
  });

  it.each(['', '1st', 'a-b', 'a;drop schema public', 'x'.repeat(41)])('has a wrong schema: %s', async (schema) => {
    const error = await refusal(openStore(postgresUrl, { schema }));
    expect(error).toMatchObject({ kind: 'invalid', issues: [{ path: 'schema' }] });
  });

  it('has no database of that name', async () => {
    const url = new URL(postgresUrl);
    url.pathname = '/nowhere';
    expect(await refusal(openStore(url.href))).toMatchObject({ kind: 'invalid', applied: 'no' });
  });
});

describe('a server that is not there', () => {
  it('is unavailable, and the error holds no password', async () => {
    const error = await refusal(openStore('postgres://ann:secret@127.0.0.1:1/desk'));
    expect(error).toMatchObject({ kind: 'unavailable', message: '[store] open: PostgreSQL cannot be reached' });
    expect(HelpdeskError.is(error) && `${error.stack}${JSON.stringify(error)}`).not.toContain('secret');
  });

  it('has an address that can be read', async () => {
    const error = await refusal(openStore('postgres://ann:secret@[bad/desk'));
    expect(error).toMatchObject({ kind: 'invalid' });
    expect(HelpdeskError.is(error) && `${error.stack}`).not.toContain('secret');
  });
});

describe('what is known of a change whose answer was lost', () => {
  const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const stopped = Object.assign(new Error('terminating connection'), { code: '57P01' });

  it('is nothing, once the commit was under way', () => {
    expect(toFailure(lost, 'begin', true)).toMatchObject({ kind: 'unavailable', applied: 'unknown' });
  });

  it('is that it did not happen, before the commit or where the server says so', () => {
    expect(toFailure(lost, 'begin', false)).toMatchObject({ kind: 'unavailable', applied: 'no' });
    expect(toFailure(stopped, 'begin', true)).toMatchObject({ kind: 'unavailable', applied: 'no' });
  });
});

describe.skipIf(!hasPostgres)('an operation in the transaction of a caller', () => {
  async function inTransaction(end: 'commit' | 'rollback', work: (client: pg.Client) => Promise<void>) {
    const client = new pg.Client({ connectionString: postgresUrl });
    await client.connect();
    try {
      await client.query('begin');
      await work(client);
      await client.query(end);
    } finally {
      await client.end();
    }
  }

  it('is there after the commit, and wakes a worker of another process', async () => {
    const { store, schema } = await open();
    const { store: worker } = await open(schema);
    const intent = newIntent({ lane: 'a\0b', mirrored: false });
    const watch = await worker.watch(
      async (lane) => {
        const head = await worker.laneHead(lane, 'primary');
        if (head) await worker.settle(head.id, done, newLease({ lane }));
      },
      // The looks are hours apart: only the wake-up can tell of it.
      { concurrency: 1, now: () => 5_000, pollMs: 60_000_000 },
    );
    await inTransaction('commit', async (client) => {
      expect(await store.enqueue(intent, client)).toMatchObject({ is: 'begun', operation: { id: intent.id } });
      expect(await store.getOperation(intent.id)).toBeUndefined();
    });
    await until(async () => expect(await store.getOperation(intent.id)).toMatchObject({ state: 'done', dueAt: 1_000 }));
    await watch.close();
  });

  it('is gone after a rollback, with its wake-up', async () => {
    const { store, schema } = await open();
    const intent = newIntent();
    await inTransaction('rollback', async (client) => {
      await store.enqueue(intent, client);
    });
    expect(await store.getOperation(intent.id)).toBeUndefined();
    expect(await query(`select * from ${await jobsOf(schema)}.job`)).toEqual([]);
  });

  it('is known by its key', async () => {
    const { store } = await open();
    const id = await stored(store, 'finished', { key: 'key' });
    await inTransaction('commit', async (client) => {
      expect(await store.enqueue(newIntent({ key: 'key' }), client)).toMatchObject({ is: 'known', operation: { id } });
    });
  });

  it('needs a client', async () => {
    const { store } = await open();
    expect(await refusal(store.enqueue(newIntent(), 'client'))).toMatchObject({ kind: 'unsupported' });
  });

  it('needs a transaction, which a pool is never in', async () => {
    const { store } = await open();
    const pool = new pg.Pool({ connectionString: postgresUrl });
    const client = await pool.connect();
    const intent = newIntent();
    const expected = { kind: 'invalid', applied: 'no', issues: [{ path: 'client' }] };
    expect(await refusal(store.enqueue(intent, client))).toMatchObject(expected);
    await client.query('begin');
    expect(await refusal(store.enqueue(intent, pool))).toMatchObject(expected);
    await client.query('commit');
    client.release();
    await pool.end();
    expect(await store.getOperation(intent.id)).toBeUndefined();
  });

  it('leaves the transaction as it was where it is refused', async () => {
    const { store } = await open();
    const there = await stored(store, 'finished');
    const kept = newIntent();
    await inTransaction('commit', async (client) => {
      const several = [newIntent({ id: there }), kept, newIntent({ id: there })].map((intent) =>
        store.enqueue(intent, client).then(
          ({ is }) => is,
          (error: unknown) => HelpdeskError.is(error) && error.kind,
        ),
      );
      expect(await Promise.all(several)).toEqual(['conflict', 'begun', 'conflict']);
    });
    expect(await store.getOperation(kept.id)).toMatchObject({ state: 'pending' });
  });

  it('says so where the transaction has failed before', async () => {
    const { store } = await open();
    await inTransaction('rollback', async (client) => {
      await client.query('select 1 / 0').catch(() => {});
      expect(await refusal(store.enqueue(newIntent(), client))).toMatchObject({ kind: 'invalid', applied: 'no' });
    });
  });
});

describe.skipIf(!hasPostgres)('a worker of another process', () => {
  /** Whose looks are hours apart, and that has had its first one: only a wake-up can tell it of more. */
  async function listening(prepare: (store: Store) => Promise<void> = async () => {}) {
    const { store, schema } = await open();
    const { store: worker } = await open(schema);
    await prepare(store);
    // A wake-up of what was there before is no news.
    await query(`delete from ${schema}_jobs.job`);
    const named: string[] = [];
    const before = newIntent({ lane: 'before', mirrored: false });
    await store.enqueue(before);
    const watch = await worker.watch(
      async (lane) => {
        named.push(lane);
        if (lane === before.lane) await worker.settle(before.id, done, newLease({ lane }));
      },
      { concurrency: 4, now: () => 5_000, pollMs: 60_000_000 },
    );
    await until(async () => expect(await store.getOperation(before.id)).toMatchObject({ state: 'done' }));
    return { store, watch, heard: (lane: string) => until(async () => expect(named).toContain(lane)) };
  }

  it('hears of a settled write for the mirror', async () => {
    const { store, watch, heard } = await listening();
    await stored(store, 'queued', { lane: 'settled' });
    await heard('settled/mirror');
    await watch.close();
  });

  it('hears of a dead letter that a person takes up again', async () => {
    const { store, watch, heard } = await listening(async (there) => {
      await stored(there, 'dead', { lane: 'dead' });
    });
    const [dead] = await store.listOperations({ mirror: 'dead' }, { limit: 1 });
    expect(await store.decide(dead?.id ?? '', 'retry', 4_000)).toBe(true);
    await heard('dead/mirror');
    await watch.close();
  });

  it('hears of an unclear write that is to be done again', async () => {
    const { store, watch, heard } = await listening(async (there) => {
      await stored(there, 'unclear', { lane: 'unclear', mirrored: false });
    });
    const [unclear] = await store.listOperations({ state: 'unclear' }, { limit: 1 });
    expect(await store.decide(unclear?.id ?? '', 'did-not-happen', 4_000)).toBe(true);
    await heard('unclear');
    await watch.close();
  });
});

describe.skipIf(!hasPostgres)('a server that cuts all connections', () => {
  it('does not end the process, and work goes on', async () => {
    const { store, schema } = await open();
    const id = await stored(store, 'queued');
    await cutConnections(schema);
    await until(async () => expect(await store.getOperation(id)).toBeDefined());
    expect(await store.begin(newIntent(), newLease())).toMatchObject({ is: 'begun' });
  });

  it('makes calls in flight fail, without a part of them being done', async () => {
    const { store, schema } = await open();
    const calls = Array.from({ length: 20 }, (_, index) => {
      const lane = `lane ${index}`;
      return { lane, begun: store.begin(newIntent({ lane }), newLease({ lane })).catch((error: unknown) => error) };
    });
    await cutConnections(schema);
    for (const { lane, begun } of calls) {
      const answer = await begun;
      // Any number of the pool's idle connections may turn out to be cut.
      const there = await until(() => store.listLane(lane));
      if (HelpdeskError.is(answer)) {
        expect(answer.kind).toBe('unavailable');
        if (answer.applied === 'no') expect(there).toEqual([]);
      } else expect(there).toHaveLength(1);
    }
  });

  it('keeps a watch going', async () => {
    const { store, schema } = await open();
    const { store: caller } = await open(schema);
    const watch = await store.watch(
      async (lane) => {
        const head = await store.laneHead(lane, 'primary');
        if (head?.state === 'pending') await store.settle(head.id, done, newLease({ lane }));
      },
      { concurrency: 2, now: () => 5_000, pollMs: 100 },
    );
    await cutConnections(schema);
    const intent = newIntent({ mirrored: false });
    await until(async () => expect(await caller.enqueue(intent).catch(() => undefined)).toBeDefined());
    await until(async () => expect(await caller.getOperation(intent.id)).toMatchObject({ state: 'done' }));
    await watch.close();
  });
});
