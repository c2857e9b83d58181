/** Where the benches of the bridge keep what they store: a new SQLite file, and a new schema of a PostgreSQL server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore } from '../dist/store/index.js';

const server = process.env['PGURL'] ?? 'postgres://postgres@127.0.0.1:5432/test';

/**
 * A place for a store that processes can share. `address` goes to
 * {@link openPlace} of any process.
 *
 * @returns {Promise<{ name: string, address: { url: string, schema?: string }, remove(): Promise<void> }>}
 */
export async function newPlace(engine) {
  if (engine === 'SQLite') {
    const folder = mkdtempSync(join(tmpdir(), 'helpdesk-bench-'));
    const address = { url: `file:${join(folder, 'bridge.db')}` };
    return { name: engine, address, remove: async () => rmSync(folder, { recursive: true, force: true }) };
  }
  const schema = `bench_${crypto.randomUUID().slice(0, 8)}`;
  const remove = () => query(`drop schema if exists ${schema} cascade; drop schema if exists ${schema}_jobs cascade`);
  return { name: engine, address: { url: server, schema }, remove };
}

export function openPlace({ url, schema }) {
  return openStore(url, { schema });
}

/** SQLite, and PostgreSQL where `PGURL`, or a server on this machine, answers. */
export async function engines() {
  const answers = await query('select 1').then(
    () => true,
    () => false,
  );
  if (!answers) console.error('no PostgreSQL answers (PGURL): its rows are left out');
  return answers ? ['SQLite', 'PostgreSQL'] : ['SQLite'];
}

async function query(text) {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 3000 });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
