/** Changes of several callers that are made to last together. */
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase, type SqliteEngine } from '../../src/store/sqlite/engine.ts';
import { createStoreOn } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { newIntent, newLease, refusal, temporaryFolder } from './engines.ts';

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
/** Runs before each statement that gives no rows. */
let before: (sql: string, engine: SqliteEngine) => void;
let commits: number;

const path = () => join(folder.path, 'bridge.db');

beforeEach(async () => {
  folder = temporaryFolder();
  before = () => {};
  const engine = await openDatabase(path(), false);
  const watched: SqliteEngine = {
    ...engine,
    run(sql, parameters) {
      before(sql, engine);
      if (sql === 'commit') commits += 1;
      return engine.run(sql, parameters);
    },
  };
  store = await createStoreOn(watched, path(), true);
  commits = 0;
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

const begin = (lane: string) => store.begin(newIntent({ id: lane, lane }), newLease({ lane }));

/** What a process would find that opens the file now. */
function lasting(): readonly string[] {
  const database = new Database(path(), { readonly: true });
  try {
    return (database.prepare('select id from operations order by id').all() as { id: string }[]).map(({ id }) => id);
  } finally {
    database.close();
  }
}

it('waits for the disk once for all who ask at the same time', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map(begin));
  expect({ commits, kept: lasting() }).toEqual({ commits: 1, kept: ['a', 'b', 'c', 'd'] });
});

it('answers nobody before the change lasts', async () => {
  const found = await Promise.all(['a', 'b', 'c'].map((lane) => begin(lane).then(() => lasting().includes(lane))));
  expect(found).toEqual([true, true, true]);
});

it('answers a question no earlier than what it has seen lasts', async () => {
  const begun = begin('a');
  const seen = await Promise.all(
    [store.getOperation('a'), store.getOperation('a')].map(async (asked) => {
      const operation = await asked;
      return operation === undefined || lasting().includes('a');
    }),
  );
  await begun;
  expect(seen).toEqual([true, true]);
});

it('takes one back and keeps the others', async () => {
  const begun = await Promise.all(
    ['a', 'b', 'c'].map((lane) =>
      store.begin(newIntent({ id: lane, lane, key: lane === 'c' ? undefined : 'key' }), newLease({ lane })),
    ),
  );
  expect(begun.map(({ is }) => is)).toEqual(['begun', 'known', 'begun']);
  expect(lasting()).toEqual(['a', 'c']);
  // The lane that was taken for it is free again.
  expect(await store.take(newLease({ lane: 'b', owner: 'bob' }))).toBe(true);
});

it('fails for all where the end of it fails, and goes on afterwards', async () => {
  before = (sql) => {
    if (sql === 'commit') throw new Error('the disk is gone');
  };
  const refused = await Promise.all(['a', 'b'].map((lane) => refusal(begin(lane))));
  before = () => {};
  expect(refused).toEqual([expect.objectContaining({ applied: 'no' }), expect.objectContaining({ applied: 'no' })]);
  expect(lasting()).toEqual([]);
  await begin('c');
  expect(lasting()).toEqual(['c']);
});

it('fails for all where neither the end of it nor taking it back is possible, and goes on afterwards', async () => {
  before = (sql) => {
    if (sql === 'commit' || sql === 'rollback') throw new Error('the disk is gone');
  };
  const refused = await Promise.all(['a', 'b'].map((lane) => refusal(begin(lane))));
  expect(refused).toEqual([expect.objectContaining({ applied: 'no' }), expect.objectContaining({ applied: 'no' })]);
  expect(await refusal(store.getOperation('a'))).toMatchObject({ applied: 'no' });
  before = () => {};
  expect(await store.getOperation('a')).toBeUndefined();
  await begin('c');
  expect(lasting()).toEqual(['c']);
});

it('fails for those before where SQLite takes everything back by itself, and for nobody after', async () => {
  let statements = 0;
  before = (sql, engine) => {
    if (!sql.startsWith('release') || ++statements < 2) return;
    before = () => {};
    engine.run('rollback', []);
    throw new Error('the disk is full');
  };
  const [first, second, third] = await Promise.all([refusal(begin('a')), refusal(begin('b')), begin('c')]);
  expect([first, second]).toEqual([
    expect.objectContaining({ applied: 'no' }),
    expect.objectContaining({ applied: 'no' }),
  ]);
  expect(third.is).toBe('begun');
  expect(lasting()).toEqual(['c']);
});
