/** How Kysely and pg-boss reach PostgreSQL. */
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { HelpdeskError } from '../../core/errors.ts';
import { fromRows, toParameters } from '../sql/text.ts';

export interface Pool extends PostgresPool {
  /** One statement on any connection, values as they are. */
  execute(text: string, values: readonly unknown[]): Promise<{ rows: unknown[] }>;
  /** After `end`: when the last connection is gone. */
  ended(): Promise<void>;
}

/** The part of a client of `pg` that is used. */
export interface Client {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
  release?: (() => void) | undefined;
}

/** Type numbers of `bigint` and `numeric`, which `pg` gives as text. Ours are all below 2^53. */
const numbers: readonly number[] = [20, 1700];

export async function openPool(
  connectionString: string,
  options: { readonly connections: number; readonly readOnly: boolean },
): Promise<Pool> {
  const { default: pg } = await import('pg').catch(() => {
    throw missingPackage('pg');
  });
  const pool = new pg.Pool({
    connectionString,
    max: options.connections,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // Work in flight keeps the process, an idle connection does not.
    allowExitOnIdle: true,
    application_name: 'helpdesk-bridge',
    ...(options.readOnly && { options: '-c default_transaction_read_only=on' }),
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') =>
        numbers.includes(type) ? Number : pg.types.getTypeParser(type, format as 'text'),
    },
  });
  // A connection may be lost at any time, also while nothing is asked: who asks next gets a new one, or the error.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  let end: Promise<void> | undefined;
  return {
    connect: async () => toPoolClient(await pool.connect()),
    end: () => {
      end ??= pool.end();
      return end;
    },
    execute: (text, values) => pool.query(text, [...values]),
    ended: async () => end,
  };
}

/** The wrapper of a client is the same each time: Kysely keeps its connections by it. */
const wrappers = new WeakMap<Client, PostgresPoolClient>();

export function toPoolClient(client: Client): PostgresPoolClient {
  const known = wrappers.get(client);
  if (known) return known;
  const wrapper = {
    async query<R>(text: string, values: readonly unknown[]) {
      const result = await client.query(text, toParameters(values));
      // Several statements at once, without parameters, give several results. None of ours gives rows.
      if (!Array.isArray(result)) fromRows(result.rows);
      return result as PostgresQueryResult<R>;
    },
    release: () => client.release?.(),
  } as PostgresPoolClient;
  wrappers.set(client, wrapper);
  return wrapper;
}

export function missingPackage(name: string): HelpdeskError {
  const reason = `a store in PostgreSQL needs the package ${name}: npm install ${name}`;
  return new HelpdeskError({ provider: 'store', operation: 'open', kind: 'invalid', reason, applied: 'no' });
}
