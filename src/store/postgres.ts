/** The store in PostgreSQL, for several machines. Needs the packages `pg` and `pg-boss`. */
import { Kysely, PostgresDialect, sql } from 'kysely';
import { HelpdeskError } from '../core/errors.ts';
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
}

const defaultSchema = 'helpdesk_bridge';
/** Any number: the same in every process that migrates a store. */
const migrationLock = 7_342_915_001;

/**
 * Connects, and makes the schema where there is none.
 *
 * Throws `invalid` where a package is missing, an option means nothing or the
 * store was written by a newer version, `auth` where the server refuses the
 * user, and `unavailable` where it cannot be reached.
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const schema = options.schema ?? defaultSchema;
  if (!/^[a-z_]\w{0,39}$/i.test(schema))
    throw wrongOption('schema', 'must be at most 40 letters, digits and underscores, and not begin with a digit');
  if (!URL.canParse(options.connectionString)) throw wrongOption('connectionString', 'must be postgres://…');
  const migrate = (options.migrate ?? true) && !(options.readOnly ?? false);
  const pool = await openPool(options.connectionString, {
    connections: options.connections ?? 10,
    readOnly: options.readOnly ?? false,
  });
  const postgres = new PostgresDialect({ pool });
  const own = {
    createAdapter: () => postgres.createAdapter(),
    createDriver: () => postgres.createDriver(),
    createQueryCompiler: () => postgres.createQueryCompiler(),
    createIntrospector: (connection: Kysely<unknown>) => introspectSchema(connection, schema),
  };
  const db = new Kysely<Schema>({ dialect: own }).withSchema(schema);
  try {
    const wakeups = await openWakeups(pool, `${schema}_jobs`);
    const dialect = createDialect(options.connectionString, schema, wakeups, pool);
    await prepareAll(db, dialect, wakeups, migrate);
    return createSqlStore(db, dialect);
  } catch (error) {
    await db.destroy();
    throw HelpdeskError.is(error) ? error : toFailure(error, 'open', false);
  }
}

/** One process at a time makes tables. The others find them made. */
async function prepareAll(db: Kysely<Schema>, dialect: Dialect, wakeups: Wakeups, migrate: boolean): Promise<void> {
  if (!migrate) return prepareSchema(db, dialect, { migrate });
  await db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${migrationLock})`.execute(connection);
    try {
      await prepareSchema(connection, dialect, { migrate });
      await wakeups.prepare();
    } finally {
      await sql`select pg_advisory_unlock(${migrationLock})`.execute(connection);
    }
  });
}

function createDialect(connectionString: string, schema: string, wakeups: Wakeups, pool: Pool): Dialect {
  return {
    description: describe(connectionString, schema),
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
    listen: wakeups.listen,
    through: (client, work) => throughClient(client, (theirs) => work(theirs.withSchema(schema))),
    closed: () => pool.ended(),
  };
}

/** Host and database, never user, password or options. */
function describe(connectionString: string, schema: string): string {
  const { hostname, port, pathname } = new URL(connectionString);
  return `PostgreSQL, ${hostname || 'localhost'}${port && `:${port}`}${pathname}, schema ${schema}`;
}

/** The value is not repeated: it may hold a password. */
function wrongOption(path: string, message: string): HelpdeskError {
  return new HelpdeskError({
    provider: 'store',
    operation: 'open',
    kind: 'invalid',
    reason: 'the options are wrong',
    applied: 'no',
    issues: [{ path, message }],
  });
}
