/** The two engines as places that can be put back to how they were. */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../src/store/index.ts';
import type { Store } from '../../../src/store/store.ts';
import { dropSchema, newSchema, postgresUrl, query } from '../../store/engines.ts';
import type { Place } from './child.ts';

export interface Ground {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** Where processes find what is there now. Changes with {@link Ground.restore}. */
  place(): Place;
  /** The same in this process. */
  open(): Promise<Store>;
  /** Gives up what {@link Ground.open} has given. */
  leave(store: Store): Promise<void>;
  /** Nobody may be at work. */
  save(): Promise<Saved>;
  restore(saved: Saved): Promise<void>;
  close(): Promise<void>;
}

export type Saved = unknown;

/** A file for each run: copies of one that has its tables. */
export function createSqliteGround(folder: string): Ground {
  let count = 0;
  let path = join(folder, 'run-0.db');
  const parts = ['', '-wal'];
  const remove = (file: string) => {
    for (const part of [...parts, '-shm']) rmSync(file + part, { force: true });
  };
  const copy = (from: string, to: string) => {
    remove(to);
    for (const part of parts) if (existsSync(from + part)) copyFileSync(from + part, to + part);
  };
  return {
    name: 'SQLite',
    place: () => ({ is: 'sqlite', path }),
    open: () => openStore(path),
    leave: (store) => store.close(),
    async save() {
      count += 1;
      const saved = join(folder, `saved-${count}.db`);
      copy(path, saved);
      return saved;
    },
    async restore(saved) {
      remove(path);
      count += 1;
      path = join(folder, `run-${count}.db`);
      copy(String(saved), path);
    },
    async close() {},
  };
}

const tables = ['operations', 'lanes', 'links', 'settings', 'comparisons', 'slots', 'buckets'];

/** One schema with its tables, whose rows come and go. */
export async function createPostgresGround(): Promise<Ground> {
  const schema = newSchema();
  const shared = await openStore(postgresUrl, { schema });
  return {
    name: 'PostgreSQL',
    place: () => ({ is: 'postgres', url: postgresUrl, schema }),
    open: async () => shared,
    leave: async () => {},
    async save() {
      const rows = tables.map((table) => `(select json_agg(t) from ${schema}.${table} t) as ${table}`);
      return (await query(`select ${rows.join(', ')}`))[0];
    },
    async restore(saved) {
      const rows = saved as Record<string, unknown>;
      const all = [...tables.map((table) => `${schema}.${table}`), `${schema}_jobs.job`];
      const back = tables.map((table) => {
        const json = JSON.stringify(rows[table] ?? []).replaceAll("'", "''");
        return `insert into ${schema}.${table} select * from json_populate_recordset(null::${schema}.${table}, '${json}')`;
      });
      await query([...all.map((table) => `delete from ${table}`), ...back].join(';'));
    },
    async close() {
      await shared.close();
      await dropSchema(schema);
    },
  };
}
