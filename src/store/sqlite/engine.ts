/** Which SQLite there is: Node's own where it is stable, libsql otherwise. */
import { fromRows, toParameters } from '../sql/text.ts';

/** The part of both that is used. */
export interface SqliteEngine {
  /** Rows of statements that give any. */
  all(sql: string, parameters: readonly unknown[]): Record<string, unknown>[];
  /** How many rows have changed, and no rows. */
  run(sql: string, parameters: readonly unknown[]): number;
  /** Whether the statement gives rows. */
  reads(sql: string): boolean;
  inTransaction(): boolean;
  close(): void;
}

interface Statement {
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { readonly changes: number | bigint };
}

/** Node's own is experimental before, and says so on every start. */
const firstStableNode = 24;
/** Statements that are kept. There are about forty, and a few more for each combination of filters. */
const keptStatements = 200;

export async function openDatabase(path: string, readOnly: boolean): Promise<SqliteEngine> {
  const engine = (await openOwn(path)) ?? (await openLibsql(path));
  try {
    // Another process may be opening it too.
    engine.all('pragma busy_timeout = 10000', []);
    if (readOnly) {
      engine.run('pragma query_only = on', []);
    } else {
      engine.all('pragma journal_mode = wal', []);
      // What was promised survives the loss of power.
      engine.run('pragma synchronous = full', []);
    }
    engine.run('pragma foreign_keys = on', []);
    // From here on waiting would stop the whole process: see the driver.
    engine.all('pragma busy_timeout = 0', []);
    return engine;
  } catch (error) {
    engine.close();
    throw error;
  }
}

interface OwnDatabase {
  readonly isTransaction: boolean;
  prepare(sql: string): Statement & { columns(): readonly unknown[] };
  close(): void;
}

async function openOwn(path: string): Promise<SqliteEngine | undefined> {
  if (Number.parseInt(process.versions.node, 10) < firstStableNode) return undefined;
  // As a variable: the types of the oldest Node do not know it.
  const name: string = 'node:sqlite';
  const module: unknown = await import(name).catch(() => undefined);
  if (module === undefined) return undefined;
  const { DatabaseSync } = module as { DatabaseSync: new (path: string) => OwnDatabase };
  const database = new DatabaseSync(path);
  return createEngine(
    (sql) => {
      const statement = database.prepare(sql);
      return { statement, reads: statement.columns().length > 0 };
    },
    () => database.isTransaction,
    () => database.close(),
  );
}

async function openLibsql(path: string): Promise<SqliteEngine> {
  const { default: Database } = await import('libsql');
  const database = new Database(path);
  return createEngine(
    (sql) => {
      const statement = database.prepare(sql);
      return { statement, reads: statement.reader };
    },
    () => database.inTransaction,
    () => database.close(),
  );
}

interface Prepared {
  readonly statement: Statement;
  readonly reads: boolean;
}

function createEngine(
  prepare: (sql: string) => Prepared,
  inTransaction: () => boolean,
  close: () => void,
): SqliteEngine {
  const kept = new Map<string, Prepared>();
  const prepared = (sql: string): Prepared => {
    const known = kept.get(sql);
    if (known) return known;
    const fresh = prepare(sql);
    if (kept.size >= keptStatements) kept.clear();
    kept.set(sql, fresh);
    return fresh;
  };
  return {
    all: (sql, parameters) =>
      fromRows(prepared(sql).statement.all(...toParameters(parameters)) as Record<string, unknown>[]),
    run: (sql, parameters) => Number(prepared(sql).statement.run(...toParameters(parameters)).changes),
    reads: (sql) => prepared(sql).reads,
    inTransaction,
    close: () => {
      // Statements that nobody has collected yet keep SQLite from doing it by itself. Where it cannot be done now the
      // next one to open the file does it.
      try {
        prepared('pragma wal_checkpoint').statement.all();
      } catch {}
      kept.clear();
      close();
    },
  };
}
