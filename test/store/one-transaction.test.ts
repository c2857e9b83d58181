/** What is one transaction: where a part of it fails, all of it stays to be done. */
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import type { Link, Store } from '../../src/store/store.ts';
import {
  done,
  dropSchema,
  hasPostgres,
  newIntent,
  newLease,
  newSchema,
  postgresUrl,
  query,
  refusal,
  stored,
  temporaryFolder,
} from './engines.ts';

const link: Link = { kind: 'thread', from: 'thr_1', to: undefined, lane: 'lane', externalId: undefined };
const mirror = newLease({ lane: 'lane/mirror' });

interface Opened {
  readonly store: Store;
  /** Until it is called again no link can be written. */
  toggle(): Promise<void>;
}

const ends: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

async function openSqlite(): Promise<Opened> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'bridge.db');
  const store = await openStore(path);
  const other = new Database(path);
  ends.push(
    folder.remove,
    () => void other.close(),
    () => store.close(),
  );
  let refuses = false;
  return {
    store,
    async toggle() {
      refuses = !refuses;
      const refuse = "create trigger refuse before insert on links begin select raise(abort, 'refused'); end";
      other.exec(refuses ? refuse : 'drop trigger refuse');
    },
  };
}

async function openPostgres(): Promise<Opened> {
  const schema = newSchema();
  const store = await openStore(postgresUrl, { schema });
  ends.push(
    () => dropSchema(schema),
    () => store.close(),
  );
  let refuses = false;
  return {
    store,
    async toggle() {
      refuses = !refuses;
      const refuse = `
        create function ${schema}.refuse() returns trigger language plpgsql
          as $$ begin raise exception 'refused'; end $$;
        create trigger refuse before insert on ${schema}.links for each row execute function ${schema}.refuse()`;
      await query(refuses ? refuse : `drop function ${schema}.refuse cascade`);
    },
  };
}

describe.each([
  ['SQLite', false, openSqlite],
  ['PostgreSQL', !hasPostgres, openPostgres],
] as const)('where no link can be written, %s', (_name, skipped, open) => {
  it.skipIf(skipped)('an answer is not stored either, and nothing is left to the mirror', async () => {
    const { store, toggle } = await open();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await toggle();
    await refusal(store.settle(intent.id, { ...done, links: [link] }, newLease()));
    expect(await store.getOperation(intent.id)).toMatchObject({ state: 'pending', mirror: 'none', result: undefined });
    expect(await store.figures()).toMatchObject({ pending: 1, queued: 0 });
    await toggle();
    expect(await store.settle(intent.id, { ...done, links: [link] }, newLease())).toBe(true);
    expect(await store.findLink('thread', 'from', 'thr_1')).toMatchObject(link);
    expect(await store.getOperation(intent.id)).toMatchObject({ state: 'done', mirror: 'queued' });
  });

  it.skipIf(skipped)('the mirror still has it to do', async () => {
    const { store, toggle } = await open();
    const id = await stored(store, 'queued');
    await store.take(mirror);
    await toggle();
    await refusal(store.mirrored(id, { mirror: 'done', losses: [], links: [link] }, mirror));
    expect(await store.getOperation(id)).toMatchObject({ mirror: 'queued' });
    await toggle();
    expect(await store.mirrored(id, { mirror: 'done', losses: [], links: [link] }, mirror)).toBe(true);
    expect(await store.findLink('thread', 'from', 'thr_1')).toMatchObject(link);
  });

  it.skipIf(skipped)('the lane stays with whoever had it', async () => {
    const { store, toggle } = await open();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await toggle();
    await refusal(store.settle(intent.id, { ...done, links: [link] }, newLease()));
    expect(await store.take(newLease({ owner: 'bob' }))).toBe(false);
  });
});
