/** The store in a file: what survives, and what is said where it cannot be used. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HelpdeskError } from '../../src/core/errors.ts';
import { openStore } from '../../src/store/index.ts';
import { openDatabase } from '../../src/store/sqlite/engine.ts';
import { createStoreOn } from '../../src/store/sqlite.ts';
import type { OperationFilter } from '../../src/store/store.ts';
import { newIntent, newLease, refusal, stored, temporaryFolder } from './engines.ts';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'bridge.db');
});
afterEach(() => folder.remove());

// With the library that the store itself uses: locks of two in one process do not see each other.
const change = async (sql: string) => {
  const database = await openDatabase(path, false);
  database.run(sql, []);
  database.close();
};

/** Only the file itself, without its log, which holds nothing more once a store has been closed. */
const copyOf = () => {
  const copy = join(folder.path, 'copy.db');
  copyFileSync(path, copy);
  return copy;
};

const contentOf = async (file: string) => {
  const database = await openDatabase(file, false);
  const tables = database.all('select name, sql from sqlite_master order by name', []);
  const migrations = database.all('select * from migrations order by name', []);
  database.close();
  return { tables, migrations };
};

const openWith = async (pragma: string) => {
  const engine = await openDatabase(path, false);
  engine.all(pragma, []);
  return createStoreOn(engine, path, true);
};

describe('a store in a file', () => {
  it('says what it is', async () => {
    const store = await openStore(path);
    expect([store.durable, store.description]).toEqual([true, `SQLite, ${path}`]);
    await store.close();
  });

  it('holds everything after it was closed', async () => {
    const store = await openStore(path);
    const id = await stored(store, 'queued', { key: 'key' });
    await store.setSetting('stage', 'live');
    const before = await store.getOperation(id);
    await store.close();
    const again = await openStore(path);
    expect(await again.getOperation(id)).toEqual(before);
    expect(await again.getSetting('stage')).toBe('live');
    expect(await again.begin(newIntent(), newLease())).toMatchObject({ operation: { position: 2 } });
    await again.close();
  });

  it('holds what was stored by a process that was killed', async () => {
    const store = await openStore(path);
    const id = await stored(store, 'queued');
    // Read by somebody else while the first has never been closed.
    const other = await openStore(path);
    expect(await other.getOperation(id)).toMatchObject({ mirror: 'queued' });
    await other.close();
    await store.close();
  });

  it('waits for what survives the loss of power', async () => {
    const store = await openStore(path);
    await store.close();
    const database = await openDatabase(path, false);
    const [mode] = database.all('pragma journal_mode', []);
    const [synchronous] = database.all('pragma synchronous', []);
    database.close();
    expect([mode, synchronous]).toEqual([{ journal_mode: 'wal' }, { synchronous: 2 }]);
  });

  it('is whole in its one file after it was closed', async () => {
    const store = await openStore(path);
    const id = await stored(store, 'queued');
    await store.close();
    const again = await openStore(copyOf());
    expect(await again.getOperation(id)).toMatchObject({ mirror: 'queued' });
    await again.close();
  });

  it('lists what waits and what failed without reading all that is done', async () => {
    const engine = await openDatabase(path, false);
    const asked: string[] = [];
    const all: typeof engine.all = (sql, parameters) => {
      asked.push(sql);
      return engine.all(sql, parameters);
    };
    const store = await createStoreOn({ ...engine, all }, path, true);
    const plans = async (filter: OperationFilter) => {
      await store.listOperations(filter, { limit: 100 });
      const [plan] = engine.all(`explain query plan ${asked.at(-1)}`, [100]);
      return plan?.['detail'];
    };
    for (const state of ['pending', 'failed', 'unclear'] as const)
      expect(await plans({ state })).toMatch(/USING INDEX operations_/);
    expect(await plans({ mirror: 'dead' })).toMatch(/USING INDEX operations_/);
    await store.close();
  });

  it('forgets in memory', async () => {
    const store = await openStore(':memory:');
    expect([store.durable, store.description]).toEqual([false, 'SQLite in memory']);
    const id = await stored(store, 'queued');
    const other = await openStore(':memory:');
    expect(await other.getOperation(id)).toBeUndefined();
    await store.close();
    await other.close();
  });

  it('says that it is closed', async () => {
    const store = await openStore(path);
    await store.close();
    expect(await refusal(store.getOperation('a'))).toMatchObject({ kind: 'invalid', operation: 'getOperation' });
  });
});

describe('opening without migrating', () => {
  it.each([{ migrate: false }, { readOnly: true }])('makes no file: %j', async (options) => {
    const error = await refusal(openStore(path, options));
    expect(error).toMatchObject({ kind: 'invalid', message: `[store] open: there is no store yet: SQLite, ${path}` });
    expect(existsSync(path)).toBe(false);
  });

  it('makes no tables', async () => {
    writeFileSync(path, '');
    const error = await refusal(openStore(path, { migrate: false }));
    expect(error).toMatchObject({ kind: 'invalid', message: `[store] open: there is no store yet: SQLite, ${path}` });
    const database = await openDatabase(path, false);
    expect(database.all('select name from sqlite_master', [])).toEqual([]);
    database.close();
  });

  it('refuses an older store', async () => {
    await (await openStore(path)).close();
    await change(`delete from migrations where name = '004_slots'`);
    const error = await refusal(openStore(path, { migrate: false }));
    expect(error).toMatchObject({
      kind: 'invalid',
      message: '[store] open: the store was written by an older version',
    });
  });

  it('reads, and changes nothing where it may only read', async () => {
    const store = await openStore(path);
    const id = await stored(store, 'queued');
    await store.close();
    const reader = await openStore(path, { readOnly: true });
    expect(await reader.getOperation(id)).toMatchObject({ mirror: 'queued' });
    expect(await refusal(reader.take(newLease()))).toMatchObject({ kind: 'unavailable', applied: 'no' });
    await reader.close();
  });
});

describe('a store that cannot be used', () => {
  it('was written by a newer version, and is left as it is', async () => {
    await (await openStore(path)).close();
    await change(`insert into migrations values ('999_future', '2030-01-01')`);
    const before = await contentOf(path);
    const error = await refusal(openStore(path));
    expect(error).toMatchObject({ kind: 'invalid', message: '[store] open: the store was written by a newer version' });
    expect(await contentOf(path)).toEqual(before);
  });

  it('is no database, and is left as it is', async () => {
    const garbage = 'this is a letter to a friend and no database at all. '.repeat(200);
    writeFileSync(path, garbage);
    expect(await refusal(openStore(path))).toMatchObject({ kind: 'unexpected', applied: 'no' });
    expect(readFileSync(path, 'utf8')).toBe(garbage);
  });

  it('was cut off, and is left as it is', async () => {
    const store = await openStore(path);
    for (let index = 0; index < 20; index++) await stored(store, 'queued', { input: 'x'.repeat(5_000) });
    await store.close();
    const copy = copyOf();
    truncateSync(copy, 3 * 4_096);
    const error = await refusal(openStore(copy));
    expect(error).toMatchObject({ kind: 'unexpected', message: '[store] open: the file is damaged' });
    expect(readFileSync(copy)).toHaveLength(3 * 4_096);
  });

  it('is damaged in the middle, which is said where it is found', async () => {
    const store = await openStore(path);
    const id = await stored(store, 'queued', { input: 'x'.repeat(5_000) });
    await store.close();
    const copy = copyOf();
    const size = readFileSync(copy).length;
    const file = openSync(copy, 'r+');
    for (let page = 2; page < size / 4_096; page++) writeSync(file, Buffer.alloc(4_096, 0xff), 0, 4_096, page * 4_096);
    closeSync(file);
    const opened = openStore(copy).then(async (damaged) => {
      try {
        return await damaged.getOperation(id);
      } finally {
        await damaged.close();
      }
    });
    expect(await refusal(opened)).toMatchObject({ kind: 'unexpected', provider: 'store', applied: 'no' });
  });

  it('is in a folder that is not there', async () => {
    const error = await refusal(openStore(join(folder.path, 'nowhere', 'bridge.db')));
    expect(error).toMatchObject({ kind: 'unavailable', message: '[store] open: the file cannot be opened' });
  });

  it('is a folder', async () => {
    mkdirSync(path);
    expect(await refusal(openStore(path))).toMatchObject({ kind: 'unavailable' });
  });

  it('is on a disk that is full: an error, and nothing has changed', async () => {
    const store = await openStore(path);
    const id = await stored(store, 'queued');
    await store.close();
    // SQLite's own limit stands for the end of the disk.
    const full = await openWith('pragma max_page_count = 40');
    const before = await full.listOperations({}, { limit: 10_000 });
    const intent = newIntent({ lane: 'big', input: 'x'.repeat(300_000) });
    const error = await refusal(full.begin(intent, newLease({ lane: 'big' })));
    expect(error).toMatchObject({ kind: 'unavailable', message: '[store] begin: the disk is full', applied: 'no' });
    expect(await full.listOperations({}, { limit: 10_000 })).toEqual(before);
    expect(await full.getOperation(id)).toBeDefined();
    await full.close();
    const again = await openStore(path);
    expect(await again.begin(intent, newLease({ lane: 'big' }))).toMatchObject({ is: 'begun' });
    await again.close();
  });

  it('is locked by another process for more than ten seconds', async () => {
    let waitedMs = 0;
    const store = await createStoreOn(await openDatabase(path, false), path, true, async (ms) => {
      waitedMs += ms;
    });
    const holder = await openDatabase(path, false);
    holder.run('begin immediate', []);
    const error = await refusal(store.take(newLease()));
    holder.run('rollback', []);
    expect(error).toMatchObject({ kind: 'unavailable', applied: 'no' });
    expect(waitedMs).toBeGreaterThanOrEqual(10_000);
    expect(waitedMs).toBeLessThan(10_100);
    expect(await store.take(newLease({ owner: 'bob' }))).toBe(true);
    holder.close();
    await store.close();
  });

  it('is locked by another process for a while, in which everything else here goes on', async () => {
    const store = await openStore(path);
    const holder = await openDatabase(path, false);
    holder.run('begin immediate', []);
    const taken = store.take(newLease());
    // Only while this process is not stopped.
    setTimeout(() => holder.run('commit', []), 50);
    expect(await taken).toBe(true);
    holder.close();
    await store.close();
  });

  it('is opened anew by another process, and then read', async () => {
    const engine = await openDatabase(path, false);
    let refusals = 0;
    const busy = Object.assign(new Error('database is locked'), { rawCode: 261 });
    const all: typeof engine.all = (sql, parameters) => {
      if (refusals-- > 0) throw busy;
      return engine.all(sql, parameters);
    };
    const store = await createStoreOn({ ...engine, all }, path, true);
    const id = await stored(store, 'queued');
    refusals = 3;
    expect(await store.getOperation(id)).toMatchObject({ mirror: 'queued' });
    await store.close();
  });
});

describe('an address that means nothing', () => {
  it.each(['', 'bridge', 'mysql://ann:secret@host/db', 'file:', 'https://ann:secret@host/a.db', 'postgres:secret'])(
    'is refused: %s',
    async (url) => {
      const error = await refusal(openStore(url));
      expect(error).toMatchObject({ kind: 'invalid', issues: [{ path: 'url' }] });
      expect(HelpdeskError.is(error) && JSON.stringify(error)).not.toContain('secret');
    },
  );

  it('is not a number, nothing, or an option that there is not', async () => {
    const issuesOf = async (...given: unknown[]) => {
      const error = await refusal(openStore(...(given as Parameters<typeof openStore>)));
      expect(error).toMatchObject({ kind: 'invalid', provider: 'store', operation: 'open', applied: 'no' });
      return HelpdeskError.is(error) && error.issues.map((issue) => `${issue.path} ${issue.message}`);
    };
    expect(await issuesOf()).toEqual(['url is missing']);
    expect(await issuesOf(3)).toEqual(['url must be a string']);
    expect(await issuesOf(path, null)).toEqual(['options must be an object']);
    expect(await issuesOf(path, { readonly: true })).toEqual([
      'options unknown field "readonly" (did you mean "readOnly"?)',
    ]);
    expect(await issuesOf(path, { migrate: 'no' })).toEqual(['migrate must be a boolean']);
    expect(await issuesOf(path, { schema: 'desk' })).toEqual(['schema is for PostgreSQL only']);
    expect(await issuesOf('postgres://ann:secret@host/desk', { schema: 'a-b', readOnly: 1 })).toHaveLength(2);
    expect(existsSync(path)).toBe(false);
  });

  it.each(['a b', '100%', 'a#b', 'ä'])('is not a URL that Node has made of a path: %s', async (name) => {
    const file = join(folder.path, `${name}.db`);
    const store = await openStore(pathToFileURL(file).href);
    expect([store.description, existsSync(file)]).toEqual([`SQLite, ${file}`, true]);
    await store.close();
  });

  it.each(['file:bridge.db', 'file:./bridge', 'file:///'])('is not one of a file: %s', async (url) => {
    const name = url === 'file:///' ? `file://${path}` : url.replace('file:', `file:${folder.path}/`);
    const store = await openStore(name);
    expect(store.description).toContain(folder.path);
    await store.close();
  });
});
