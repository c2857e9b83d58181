/** How Kysely and pg-boss reach PostgreSQL. */
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { fromRows, toParameters } from '../sql/text.ts';
import { isSilence } from './failure.ts';

export interface Pool extends PostgresPool {
  /** One statement on any connection, values as they are. */
  execute(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>;
  /** After `end`: when the last connection is gone. */
  ended(): Promise<void>;
}

/** The part of a client of `pg` that is used. */
export interface Client {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
  /** `broken`: nobody gets it again. */
  release?: ((broken: boolean) => void) | undefined;
}

/** Type numbers of `bigint` and `numeric`, which `pg` gives as text. Ours are all below 2^53. */
const numbers: readonly number[] = [20, 1700];

/** What may take as long as it takes: the tables of a large store are changed, or somebody else changes them. */
const slow = /\b(?:create|alter|drop)\b|pg_advisory/i;

export async function openPool(
  connectionString: string,
  options: {
    readonly connections: number;
    readonly readOnly: boolean;
    /** Milliseconds after which a statement without an answer counts as lost, with its connection. */
    readonly timeoutMs: number;
  },
): Promise<Pool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: options.readOnly ? onlyReading(connectionString) : connectionString,
    max: options.connections,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // Work in flight keeps the process, an idle connection does not.
    allowExitOnIdle: true,
    application_name: 'helpdesk-bridge',
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') =>
        numbers.includes(type) ? Number : pg.types.getTypeParser(type, format as 'text'),
    },
  });
  // A connection may be lost at any time, also while nothing is asked: who asks next gets a new one, or the error.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const statement = (text: string, values: readonly unknown[]) => ({
    text,
    values: [...values],
    ...(!slow.test(text) && { query_timeout: options.timeoutMs }),
  });
  let end: Promise<void> | undefined;
  return {
    async connect() {
      const client = await pool.connect();
      return wrapperOf(client, () =>
        toPoolClient({
          query: (text, values) => client.query(statement(text, values)),
          release: (broken) => client.release(broken),
        }),
      );
    },
    end: () => {
      end ??= pool.end();
      return end;
    },
    execute: (text, values = []) => pool.query(statement(text, values)),
    ended: async () => end,
  };
}

/** Whatever options the address has, the last one counts. */
function onlyReading(connectionString: string): string {
  const url = new URL(connectionString);
  const options = [url.searchParams.get('options') ?? '', '-c default_transaction_read_only=on'];
  url.searchParams.set('options', options.join(' ').trim());
  return url.href;
}

/** The wrapper of a client is the same each time: Kysely keeps its connections by it. */
const wrappers = new WeakMap<object, PostgresPoolClient>();

function wrapperOf(client: object, wrap: () => PostgresPoolClient): PostgresPoolClient {
  const wrapper = wrappers.get(client) ?? wrap();
  wrappers.set(client, wrapper);
  return wrapper;
}

export function toPoolClient(client: Client): PostgresPoolClient {
  let silent = false;
  return {
    async query<R>(text: string, values: readonly unknown[]) {
      // What comes next would wait behind what has no answer.
      if (silent) throw new Error('Connection terminated');
      try {
        const result = await client.query(text, toParameters(values));
        // Several statements at once, without parameters, give several results. None of ours gives rows.
        if (!Array.isArray(result)) fromRows(result.rows);
        return result as PostgresQueryResult<R>;
      } catch (error) {
        silent = isSilence(error);
        throw error;
      }
    },
    release: () => client.release?.(silent),
  } as PostgresPoolClient;
}
