/** The store in PostgreSQL, for several machines. Needs the packages `pg` and `pg-boss`. */
import { Kysely, PostgresDialect, type RawBuilder, sql } from 'kysely';
import { HelpdeskError } from '../core/errors.ts';
import { invalid } from '../core/validate.ts';
import { sleep } from '../core/wait.ts';
import { throughClient } from './postgres/client.ts';
import { openPool, type Pool } from './postgres/connection.ts';
import { isConflict, isMissingTable, toFailure } from './postgres/failure.ts';
import { introspectSchema } from './postgres/introspection.ts';
import { openWakeups, type Wakeups } from './postgres/wakeups.ts';
import type { Dialect } from './sql/dialect.ts';
import { prepareSchema } from './sql/migrations.ts';
import type { Schema } from './sql/schema.ts';
import { createSqlStore } from './sql/store.ts';
import type { Store } from './store.ts';

export interface PostgresStoreOptions {
  readonly connectionString: string;
  /**
   * Of the tables; those of pg-boss are in one that is called the same with
   * `_jobs`. Letters, digits and underscores, at most 40. Default: `helpdesk_bridge`.
   */
  readonly schema?: string | undefined;
  /** `false`: tables are left as they are, and must be those of this version. Default: true. */
  readonly migrate?: boolean | undefined;
  /** Nothing can be changed, and nothing is migrated. Default: false. */
  readonly readOnly?: boolean | undefined;
  /** Connections at a time. Default: 10. */
  readonly connections?: number | undefined;
  /** Milliseconds for the answer to a statement, and for another process that makes the tables. Default: 30 000. */
  readonly timeoutMs?: number | undefined;
}

const defaultSchema = 'helpdesk_bridge';

/**
 * Connects, and makes the schema where there is none.
 *
 * Throws `invalid` where a package is missing, an option means nothing or the
 * store was written by a newer version, `auth` where the server refuses the
 * user, and `unavailable` where it cannot be reached.
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { connectionString, schema = defaultSchema, readOnly = false, connections = 10, timeoutMs = 30_000 } = options;
  if (!URL.canParse(connectionString)) throw invalid(where, [{ path: 'url', message: 'must be postgres://…' }]);
  await requirePackages();
  const pool = await openPool(connectionString, { connections, readOnly, timeoutMs });
  const postgres = new PostgresDialect({ pool });
  const own = {
    createAdapter: () => postgres.createAdapter(),
    createDriver: () => postgres.createDriver(),
    createQueryCompiler: () => postgres.createQueryCompiler(),
    createIntrospector: (connection: Kysely<unknown>) => introspectSchema(connection, schema),
  };
  const db = new Kysely<Schema>({ dialect: own }).withSchema(schema);
  try {
    const wakeups = await openWakeups(pool, schema);
    const dialect = createDialect(connectionString, schema, wakeups, pool);
    if (readOnly || options.migrate === false) await prepareSchema(db, dialect, { migrate: false });
    else await makeTables(db, dialect, wakeups, timeoutMs);
    if (!readOnly)
      await wakeups.ready().catch((error: unknown) => {
        throw isMissingTable(error) ? withoutJobs() : error;
      });
    return createSqlStore(db, dialect);
  } catch (error) {
    await db.destroy();
    throw HelpdeskError.is(error) ? error : toFailure(error, 'open', false);
  }
}

const where = { provider: 'store', operation: 'open' } as const;

/** One process at a time for each schema. The others find them made. */
async function makeTables(db: Kysely<Schema>, dialect: Dialect, wakeups: Wakeups, timeoutMs: number): Promise<void> {
  const key = sql`hashtextextended(${`helpdesk-bridge ${dialect.schema}`}, 0)`;
  await db.connection().execute(async (connection) => {
    for (let waitedMs = 0; !(await locked(connection, key)); waitedMs += lookMs) {
      if (waitedMs >= timeoutMs) throw beingChanged();
      await sleep(lookMs, undefined);
    }
    try {
      await prepareSchema(connection, dialect, { migrate: true });
      await wakeups.prepare(connection);
    } finally {
      await sql`select pg_advisory_unlock(${key})`.execute(connection);
    }
  });
}

const lookMs = 100;

async function locked(connection: Kysely<Schema>, key: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_lock(${key}) as locked`.execute(connection);
  return rows[0]?.locked ?? false;
}

function beingChanged(): HelpdeskError {
  const reason = 'another process has been changing its tables for too long';
  return new HelpdeskError({ ...where, kind: 'unavailable', reason, applied: 'no' });
}

function withoutJobs(): HelpdeskError {
  const reason = 'the store has no tables yet of this version of pg-boss: open it once without migrate: false';
  return new HelpdeskError({ ...where, kind: 'invalid', reason, applied: 'no' });
}

/** They are optional, so both are named at once. */
async function requirePackages(): Promise<void> {
  const loaded = await Promise.allSettled([import('pg'), import('pg-boss')]);
  const missing = ['pg', 'pg-boss'].filter((_, index) => loaded[index]?.status === 'rejected');
  if (missing.length === 0) return;
  const reason = `a store in PostgreSQL needs ${missing.join(' and ')}: npm install ${missing.join(' ')}`;
  throw new HelpdeskError({ ...where, kind: 'invalid', reason, applied: 'no' });
}

function createDialect(connectionString: string, schema: string, wakeups: Wakeups, pool: Pool): Dialect {
  return {
    description: describeAddress(connectionString, schema),
    durable: true,
    schema,
    bigint: 'bigint',
    serial: 'bigserial',
    serialColumn: (column) => column,
    forUpdate: (query) => query.forUpdate(),
    forUpdateSkipLocked: (query) => query.forUpdate().skipLocked(),
    changesInWith: true,
    isMissingTable,
    isConflict,
    toFailure,
    wake: wakeups.send,
    heard: wakeups.heard,
    through: (client, work) => throughClient(client, (theirs) => work(theirs.withSchema(schema))),
    closed: () => pool.ended(),
  };
}

/** Host or socket, and database. Never user, password or options. */
export function describeAddress(connectionString: string, schema: string): string {
  const { hostname, port, pathname, searchParams } = new URL(connectionString);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  return `PostgreSQL, ${host || 'localhost'}${port && `:${port}`}${pathname}, schema ${schema}`;
}
