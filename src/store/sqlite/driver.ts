/** How Kysely speaks to SQLite, and who in this process may at the moment. */
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { sleep } from '../../core/wait.ts';
import type { SqliteEngine } from './engine.ts';
import { isBusy } from './failure.ts';

/** Everybody in this process who wants to use a file, also over several stores, in the order of asking. */
interface Line {
  held: boolean;
  /** Makes what was changed last: before somebody on another connection goes on. */
  open: { readonly engine: SqliteEngine; readonly end: () => void } | undefined;
  readonly waiting: { readonly engine: SqliteEngine; readonly go: () => void }[];
}

/**
 * Changes of several callers that are made to last together: the disk is waited
 * for once. Nobody gets an answer before that, not even to a question, because
 * what it has seen might still be taken back.
 */
interface Group {
  size: number;
  readonly ended: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** From getting the connection to giving it back. */
interface Turn extends DatabaseConnection {
  /** Of which it is a part, once it has changed something or seen what another one changed. */
  group: Group | undefined;
  over: boolean;
}

/** Other processes wait for a group's end. */
const largestGroup = 100;

/** Milliseconds for which another process may have the file locked. */
const patienceMs = 10_000;
/** Between two tries. */
const longestWaitMs = 10;

export type Wait = typeof sleep;

/** By file. */
const lines = new Map<string, Line>();

function lineOf(file: string | undefined): Line {
  const known = file === undefined ? undefined : lines.get(file);
  const line: Line = known ?? { held: false, open: undefined, waiting: [] };
  if (file !== undefined) lines.set(file, line);
  return line;
}

/**
 * One at a time for each file: calls of SQLite block, so one that waited for
 * another's transaction would keep it from ever ending.
 *
 * `file`: undefined for a database that nobody else can have open.
 */
export function createSqliteDriver(engine: SqliteEngine, file: string | undefined, wait: Wait = sleep): Driver {
  const line = lineOf(file);
  let open: Group | undefined;

  async function join(turn: Turn): Promise<void> {
    if (turn.group) return;
    if (!open) {
      // Locked from the first moment: one that reads first and writes later could be refused in the middle.
      await patiently(() => engine.run('begin immediate', []));
      open = createGroup();
      line.open = { engine, end };
    }
    open.size++;
    turn.group = open;
  }

  function end(): void {
    const group = open;
    if (!group) return;
    close();
    try {
      engine.run('commit', []);
      group.resolve();
    } catch (error) {
      try {
        takeBack();
      } catch {
        // The next one begins with it.
      }
      group.reject(error);
    }
  }

  function takeBack(): void {
    if (engine.inTransaction()) engine.run('rollback', []);
  }

  /**
   * For what begins outside a group. Another process may have the file locked,
   * or another copy of this module in this one: it is waited for by timers, since
   * SQLite's own waiting would stop everything here, and the other copy with it.
   */
  async function patiently<T>(ask: () => T): Promise<T> {
    for (let [waitedMs, waitMs] = [0, 1]; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      try {
        takeBack();
        return ask();
      } catch (error) {
        if (!isBusy(error) || waitedMs >= patienceMs) throw error;
      }
      await wait(waitMs, undefined);
      waitedMs += waitMs;
    }
  }

  function close(): void {
    open = undefined;
    line.open = undefined;
  }

  async function takeTurn(): Promise<void> {
    if (line.held) await new Promise<void>((go) => line.waiting.push({ engine, go }));
    line.held = true;
  }

  function letGo(): void {
    const next = line.waiting.shift();
    if (next) next.go();
    else line.held = false;
  }

  /**
   * Whoever is next goes on in the same group, unless it is on another
   * connection. A group ends when everybody who could go on at this moment has.
   */
  async function leave(turn: Turn): Promise<void> {
    if (turn.over) return;
    turn.over = true;
    const next = line.waiting[0];
    const group = open;
    if (group && (group.size >= largestGroup || (next && next.engine !== engine))) end();
    letGo();
    if (open && !next) setImmediate(() => open === group && !line.held && end());
    await turn.group?.ended;
  }

  async function execute<R>(turn: Turn, sql: string, parameters: readonly unknown[]): Promise<QueryResult<R>> {
    if (turn.over || (turn.group && turn.group !== open)) throw new Error('the transaction is over');
    const ask = (): QueryResult<R> =>
      engine.reads(sql)
        ? { rows: engine.all(sql, parameters) as R[] }
        : { rows: [], numAffectedRows: BigInt(engine.run(sql, parameters)) };
    if (!open && /^\s*(?:select|pragma)\b/i.test(sql)) return patiently(ask);
    await join(turn);
    try {
      return ask();
    } catch (error) {
      // Where the disk is full SQLite takes the whole transaction back, and not this statement alone.
      if (open && !engine.inTransaction()) {
        open.reject(error);
        close();
      }
      throw error;
    }
  }

  const createTurn = (): Turn => {
    const turn: Turn = {
      group: undefined,
      over: false,
      executeQuery: <R>({ sql, parameters }: CompiledQuery) => execute<R>(turn, sql, parameters),
      streamQuery: () => {
        throw new Error('rows are read in pages');
      },
    };
    return turn;
  };

  return {
    init: async () => {},
    async acquireConnection() {
      await takeTurn();
      if (line.open && line.open.engine !== engine) line.open.end();
      return createTurn();
    },
    releaseConnection: (turn) => leave(turn as Turn),
    async beginTransaction(turn) {
      await execute(turn as Turn, 'savepoint turn', []);
    },
    async commitTransaction(turn) {
      await execute(turn as Turn, 'release turn', []);
      await leave(turn as Turn);
    },
    async rollbackTransaction(connection) {
      const turn = connection as Turn;
      if (!turn.over && turn.group && turn.group === open) {
        await execute(turn, 'rollback to turn', []);
        await execute(turn, 'release turn', []);
      }
      await leave(turn);
    },
    async destroy() {
      // In line like everybody: a transaction is never ended from outside.
      await takeTurn();
      end();
      engine.close();
      letGo();
    },
  };
}

function createGroup(): Group {
  let [resolve, reject]: [() => void, (error: unknown) => void] = [() => {}, () => {}];
  const ended = new Promise<void>((...both) => {
    [resolve, reject] = both;
  });
  // Each of its turns hears of it by itself.
  ended.catch(() => {});
  return { size: 0, ended, resolve, reject };
}
