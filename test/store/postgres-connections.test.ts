/** How the store reaches PostgreSQL: with few connections, by any address, and over one that falls silent. */
import { connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { createPostgresStore, describeAddress, type PostgresStoreOptions } from '../../src/store/postgres.ts';
import type { Store } from '../../src/store/store.ts';
import {
  done,
  dropSchema,
  hasPostgres,
  newIntent,
  newLease,
  newSchema,
  postgresUrl,
  refusal,
  stored,
} from './engines.ts';

const schema = newSchema();
const stores: Store[] = [];

async function open(options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
  const store = await createPostgresStore({ connectionString: postgresUrl, schema, ...options });
  stores.push(store);
  return store;
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});
afterAll(() => (hasPostgres ? dropSchema(schema) : undefined));

/** In front of the server. `fallSilent`: nothing comes back from the connections that there are, and none ends. */
async function createProxy() {
  const { hostname, port } = new URL(postgresUrl);
  const sockets: Socket[] = [];
  const silent = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port || 5432), hostname);
    for (const socket of [near, far]) socket.on('error', () => {});
    sockets.push(near, far);
    near.on('data', (data) => silent.has(near) || far.write(data));
    far.on('data', (data) => silent.has(near) || near.write(data));
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = new URL(postgresUrl);
  const address = server.address();
  url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return {
    url: url.href,
    fallSilent: () => {
      for (const socket of sockets) silent.add(socket);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe.skipIf(!hasPostgres)('a store in PostgreSQL', () => {
  it('is made and used with one connection', async () => {
    const own = newSchema();
    const store = await open({ schema: own, connections: 1 });
    const id = await stored(store, 'queued');
    await store.enqueue(newIntent({ lane: 'other' }));
    expect(await store.getOperation(id)).toMatchObject({ mirror: 'queued' });
    await dropSchema(own);
  });

  it('may only be read where the address has options of its own', async () => {
    await open();
    const url = new URL(postgresUrl);
    url.searchParams.set('options', '-c statement_timeout=5000 -c default_transaction_read_only=off');
    const reader = await openStore(url.href, { schema, readOnly: true });
    stores.push(reader);
    expect(await refusal(reader.take(newLease()))).toMatchObject({ kind: 'unavailable', applied: 'no' });
  });

  it('understands numbers, whatever the application has taught pg', async () => {
    const store = await open();
    const usual = pg.types.getTypeParser(23);
    pg.types.setTypeParser(23, (text) => BigInt(text));
    try {
      const lane = 'numbers';
      const links = [
        { kind: 'thread', lane, from: 'one', to: undefined, externalId: undefined, deleted: true },
      ] as const;
      const intent = newIntent({ lane });
      expect(await store.begin(intent, newLease({ lane }))).toMatchObject({
        operation: { mirrored: true, begun: true, attempts: 0 },
      });
      await store.settle(intent.id, { ...done, links }, newLease({ lane }));
      expect(await store.findLink('thread', 'from', 'one')).toMatchObject({ deleted: true });
    } finally {
      pg.types.setTypeParser(23, usual);
    }
  });

  it('takes a connection that is silent for lost, and goes on with another one', async () => {
    await open();
    const proxy = await createProxy();
    const store = await createPostgresStore({ connectionString: proxy.url, schema, connections: 2, timeoutMs: 400 });
    try {
      await Promise.all([store.figures(), store.figures()]);
      proxy.fallSilent();
      const lane = 'silent';
      const lost = { kind: 'unavailable', message: expect.stringContaining('the connection to PostgreSQL was lost') };
      expect(await refusal(store.begin(newIntent({ lane }), newLease({ lane })))).toMatchObject({
        ...lost,
        applied: 'unknown',
      });
      expect(await refusal(store.figures())).toMatchObject({ ...lost, applied: 'no' });
      expect(await store.take(newLease({ lane }))).toBe(true);
    } finally {
      await store.close();
      proxy.close();
    }
  });

  it('waits for another process that makes the tables, if it is the same schema, and not for ever', async () => {
    const [own, other] = [newSchema(), newSchema()];
    const holder = new pg.Client({ connectionString: postgresUrl });
    await holder.connect();
    await holder.query('select pg_advisory_lock(hashtextextended($1, 0))', [`helpdesk-bridge ${own}`]);
    const error = await refusal(open({ schema: own, timeoutMs: 200 }));
    expect(error).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('changing its tables') });
    await open({ schema: other });
    const opened = open({ schema: own });
    await holder.end();
    await opened;
    for (const name of [own, other]) await dropSchema(name);
  });
});

describe('the description of a store in PostgreSQL', () => {
  it.each([
    ['postgres://ann:secret@db.test:5433/desk', 'db.test:5433/desk'],
    ['postgres:///desk', 'localhost/desk'],
    ['postgres:///desk?host=/var/run/postgresql&user=ann', '/var/run/postgresql/desk'],
    ['postgres://ann:secret@%2Fvar%2Frun%2Fpostgresql/desk', '/var/run/postgresql/desk'],
  ])('shows host or socket: %s', (url, place) => {
    expect(describeAddress(url, 'own')).toBe(`PostgreSQL, ${place}, schema own`);
  });
});

describe('the packages that a store in PostgreSQL needs', () => {
  afterEach(() => {
    vi.doUnmock('pg');
    vi.doUnmock('pg-boss');
    vi.resetModules();
  });

  it('are all named that are missing', async () => {
    const missing = () => {
      throw new Error('Cannot find package');
    };
    vi.doMock('pg', missing);
    vi.doMock('pg-boss', missing);
    const error = await refusal(createPostgresStore({ connectionString: postgresUrl }));
    expect(error).toMatchObject({
      kind: 'invalid',
      message: '[store] open: a store in PostgreSQL needs pg and pg-boss: npm install pg pg-boss',
    });
  });
});
