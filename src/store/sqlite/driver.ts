/** How Kysely speaks to SQLite, and who in this process may at the moment. */
import type { CompiledQuery, DatabaseConnection, Driver } from 'kysely';
import type { SqliteEngine } from './engine.ts';

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
export function createSqliteDriver(engine: SqliteEngine, file: string | undefined): Driver {
  const line = lineOf(file);
  let open: Group | undefined;

  function join(turn: Turn): void {
    if (turn.group) return;
    if (!open) {
      // Locked from the first moment: one that reads first and writes later could be refused in the middle.
      engine.run('begin immediate', []);
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
      if (engine.inTransaction()) engine.run('rollback', []);
      group.reject(error);
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

  function execute(turn: Turn, sql: string, parameters: readonly unknown[]) {
    if (turn.over || (turn.group && turn.group !== open)) throw new Error('the transaction is over');
    if (open || !/^\s*(?:select|pragma)\b/i.test(sql)) join(turn);
    try {
      if (engine.reads(sql)) return { rows: engine.all(sql, parameters) };
      return { rows: [], numAffectedRows: BigInt(engine.run(sql, parameters)) };
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
      executeQuery: async <R>({ sql, parameters }: CompiledQuery) => {
        const { rows, ...changes } = execute(turn, sql, parameters);
        return { rows: rows as R[], ...changes };
      },
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
      execute(turn as Turn, 'savepoint turn', []);
    },
    async commitTransaction(turn) {
      execute(turn as Turn, 'release turn', []);
      await leave(turn as Turn);
    },
    async rollbackTransaction(connection) {
      const turn = connection as Turn;
      if (!turn.over && turn.group && turn.group === open) {
        execute(turn, 'rollback to turn', []);
        execute(turn, 'release turn', []);
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
