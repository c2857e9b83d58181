/** Transactions on PostgreSQL that get into each other's way. Those of others are held open by a client of their own. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../src/core/wait.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/store.ts';
import {
  done,
  dropSchema,
  hasPostgres,
  newIntent,
  newLease,
  newSchema,
  postgresUrl,
  query,
  stored,
} from './engines.ts';

const schema = newSchema();
let store: Store;
const clients: pg.Client[] = [];

async function transaction(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgresUrl });
  clients.push(client);
  await client.connect();
  await client.query('begin');
  return client;
}

/** Long enough for it to end, or to wait for a lock. */
const aWhile = (work: Promise<unknown>) => Promise.race([work, sleep(500, undefined)]);

describe.skipIf(!hasPostgres)('a store in PostgreSQL', () => {
  beforeAll(async () => {
    store = await openStore(postgresUrl, { schema });
  });
  afterAll(async () => {
    for (const client of clients) await client.end();
    await store.close();
    await dropSchema(schema);
  });

  it('keeps the count of a lane in which something is done while it is pruned', async () => {
    for (const lane of ['first', 'second'])
      for (let index = 0; index < 3; index++) await stored(store, 'finished', { lane });
    await query(`delete from ${schema}.operations`);
    const holder = await transaction();
    await holder.query(`select * from ${schema}.lanes where name = 'first' for update`);
    const pruned = store.prune(9_000);
    await aWhile(pruned);
    const write = async () => {
      const intent = newIntent({ lane: 'second' });
      await store.begin(intent, newLease({ lane: 'second', now: 9_000, until: 10_000 }));
      await store.settle(intent.id, done, newLease({ lane: 'second', now: 9_000, until: 10_000 }));
      return intent.id;
    };
    const earlier = await write();
    await holder.query('commit');
    await pruned;
    const later = await write();
    expect((await store.listLane('second')).map(({ id }) => id)).toEqual([earlier, later]);
  });

  it('lets transactions of callers enqueue into the same lanes in any order, and its own between them', async () => {
    const [first, second] = [await transaction(), await transaction()];
    await store.enqueue(newIntent({ lane: 'a' }), first);
    await store.enqueue(newIntent({ lane: 'b' }), second);
    const crossed = [
      store.enqueue(newIntent({ lane: 'b' }), first),
      store.enqueue(newIntent({ lane: 'a' }), second),
      store.enqueue(newIntent({ lane: 'a' })),
    ].map((stored) => stored.then(({ is }) => is));
    const waits = crossed.map((stored) => Promise.race([stored, sleep(5_000, undefined).then(() => 'waits')]));
    expect(await Promise.all(waits)).toEqual(['begun', 'begun', 'begun']);
    await first.query('commit');
    await second.query('rollback');
    expect(await store.listLane('a')).toHaveLength(2);
    expect(await store.listLane('b')).toHaveLength(1);
  });
});
