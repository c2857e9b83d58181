/** How Kysely speaks to SQLite, and who in this process may at the moment. */
import { CompiledQuery, type DatabaseConnection, type Driver } from 'kysely';
import type { SqliteEngine } from './engine.ts';

/** The end of the queue for each file. */
const queues = new Map<string, Promise<void>>();

/**
 * One at a time for each file, also over several stores of this process: calls
 * of SQLite block, so one that waited for another's transaction would keep it
 * from ever ending.
 *
 * `file`: undefined for a database that nobody else can have open.
 */
export function createSqliteDriver(engine: SqliteEngine, file: string | undefined): Driver {
  const queue = file ?? crypto.randomUUID();
  let free = () => {};

  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery) {
      if (engine.reads(sql)) return { rows: engine.all(sql, parameters) as R[] };
      return { rows: [], numAffectedRows: BigInt(engine.run(sql, parameters)) };
    },
    streamQuery: () => {
      throw new Error('rows are read in pages');
    },
  };
  const execute = (sql: string) => async () => {
    await connection.executeQuery(CompiledQuery.raw(sql));
  };

  return {
    init: async () => {},
    async acquireConnection() {
      const before = queues.get(queue);
      const { promise, resolve } = createGate();
      queues.set(queue, promise);
      await before;
      free = () => {
        if (queues.get(queue) === promise) queues.delete(queue);
        resolve();
      };
      return connection;
    },
    releaseConnection: async () => free(),
    // Locked from the first moment: one that reads first and writes later could be refused in the middle.
    beginTransaction: execute('begin immediate'),
    commitTransaction: execute('commit'),
    rollbackTransaction: execute('rollback'),
    destroy: async () => engine.close(),
  };
}

function createGate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}
