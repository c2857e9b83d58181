/** What is done in the transaction of a caller, through the caller's own client. */
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { HelpdeskError } from '../../core/errors.ts';
import { isRecord } from '../../core/plain-data.ts';
import type { Schema } from '../sql/schema.ts';
import { type Client, toPoolClient } from './connection.ts';
import { codeOf } from './failure.ts';

/** The last of each client: a savepoint that begins within another one's would end with it. */
const turns = new WeakMap<Client, Promise<unknown>>();

/**
 * Does the work as a whole, or takes it back and leaves the caller's transaction
 * as it was. `undefined`: it is not a client of `pg`. Throws `invalid` where it
 * is in no transaction; a pool never is.
 */
export function throughClient<T>(client: unknown, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> | undefined {
  if (!isClient(client)) return undefined;
  const before = turns.get(client) ?? Promise.resolve();
  const mine = before.then(() => inSavepoint(databaseOf(client), work));
  turns.set(
    client,
    mine.catch(() => {}),
  );
  return mine;
}

async function inSavepoint<T>(db: Kysely<Schema>, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  const run = (text: string) => db.executeQuery(CompiledQuery.raw(text));
  await run('savepoint helpdesk_bridge').catch((error: unknown) => {
    throw codeOf(error) === '25P01' ? withoutTransaction() : error;
  });
  try {
    const answer = await work(db);
    await run('release savepoint helpdesk_bridge');
    return answer;
  } catch (error) {
    // The first failure is the one to tell. Where the connection is gone there is nothing to take back.
    await run('rollback to savepoint helpdesk_bridge; release savepoint helpdesk_bridge').catch(() => {});
    throw error;
  }
}

function databaseOf(client: Client): Kysely<Schema> {
  const { query } = toPoolClient({ query: (text, values) => client.query(text, values) });
  const pool = { connect: async () => ({ query, release: () => {} }), end: async () => {} };
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

function isClient(value: unknown): value is Client {
  return isRecord(value) && typeof value['query'] === 'function';
}

function withoutTransaction(): HelpdeskError {
  return new HelpdeskError({
    provider: 'store',
    operation: 'enqueue',
    kind: 'invalid',
    reason: 'invalid input',
    applied: 'no',
    issues: [{ path: 'client', message: 'must be a client within a transaction: begin one first, and pass no pool' }],
  });
}
