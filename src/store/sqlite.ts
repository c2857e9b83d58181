/** The store in one file, with SQLite: nothing to install, for one machine. */
import { existsSync, realpathSync } from 'node:fs';
import { Kysely, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { HelpdeskError } from '../core/errors.ts';
import type { Dialect } from './sql/dialect.ts';
import { noStoreYet, prepareSchema } from './sql/migrations.ts';
import type { Schema } from './sql/schema.ts';
import { createSqlStore } from './sql/store.ts';
import { createSqliteDriver, type Wait } from './sqlite/driver.ts';
import { openDatabase, type SqliteEngine } from './sqlite/engine.ts';
import { isConflict, isMissingTable, toFailure } from './sqlite/failure.ts';
import type { Store } from './store.ts';

export interface SqliteStoreOptions {
  /** Of the file. `:memory:`: nothing outlives the process. */
  readonly path: string;
  /** `false`: tables are left as they are, and the file must have those of this version. Default: true. */
  readonly migrate?: boolean | undefined;
  /** Nothing can be changed, and nothing is migrated. Default: false. */
  readonly readOnly?: boolean | undefined;
}

/**
 * Opens the file, or makes it. Several processes may have it open.
 *
 * Throws `invalid` where it may not be made, or was written by a newer version,
 * `unavailable` where it cannot be opened or written, and `unexpected` where it
 * is damaged.
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const inMemory = options.path === ':memory:';
  const readOnly = options.readOnly ?? false;
  const migrate = (options.migrate ?? true) && !readOnly;
  if (!migrate && !inMemory && !existsSync(options.path)) throw noStoreYet(descriptionOf(options.path));
  try {
    return await createStoreOn(await openDatabase(options.path, readOnly), options.path, migrate);
  } catch (error) {
    throw HelpdeskError.is(error) ? error : toFailure(error, 'open');
  }
}

/** With an engine that is open already. Closes it where the store cannot be used. `wait`: for who has the file locked. */
export async function createStoreOn(engine: SqliteEngine, path: string, migrate: boolean, wait?: Wait): Promise<Store> {
  const inMemory = path === ':memory:';
  const dialect = createDialect(path);
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => adapter,
      createDriver: () => createSqliteDriver(engine, inMemory ? undefined : realpathSync(path), wait),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (connection) => new SqliteIntrospector(connection),
    },
  });
  try {
    await prepareSchema(db, dialect, { migrate });
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return createSqlStore(db, dialect);
}

/** Transactions lock the whole file from their first moment, so migrations need no lock of their own. */
const adapter = {
  supportsCreateIfNotExists: true,
  supportsTransactionalDdl: true,
  supportsReturning: true,
  acquireMigrationLock: async () => {},
  releaseMigrationLock: async () => {},
};

function descriptionOf(path: string): string {
  return path === ':memory:' ? 'SQLite in memory' : `SQLite, ${path}`;
}

function createDialect(path: string): Dialect {
  return {
    description: descriptionOf(path),
    durable: path !== ':memory:',
    schema: undefined,
    bigint: 'integer',
    serial: 'integer',
    serialColumn: (column) => column.autoIncrement(),
    forUpdate: (query) => query,
    forUpdateSkipLocked: (query) => query,
    changesInWith: false,
    isMissingTable,
    isConflict,
    toFailure,
  };
}
