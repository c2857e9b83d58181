/** How a step of the store becomes one transaction, and its failure a `HelpdeskError`. */
import type { Kysely, Transaction } from 'kysely';
import { HelpdeskError } from '../../core/errors.ts';
import type { Dialect } from './dialect.ts';
import type { Schema } from './schema.ts';

/** Takes everything back that the transaction did, and gives the answer. */
export type Undo = <T>(answer: T) => T;

export interface Session {
  readonly db: Kysely<Schema>;
  readonly dialect: Dialect;

  /** For a single statement. `operation`: the method's name, for errors. */
  run<T>(operation: string, work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;

  /** `work` is repeated once where it got into another transaction's way. */
  transaction<T>(operation: string, work: (db: Transaction<Schema>, undo: Undo) => Promise<T>): Promise<T>;

  /** Refuses all calls from now on, and waits for those in flight. */
  close(): Promise<void>;
}

export function createSession(db: Kysely<Schema>, dialect: Dialect): Session {
  const inFlight = new Set<Promise<unknown>>();
  let closed = false;

  async function counted<T>(operation: string, work: () => Promise<T>): Promise<T> {
    if (closed) throw refusal(operation);
    const call = work();
    inFlight.add(call);
    try {
      return await call;
    } finally {
      inFlight.delete(call);
    }
  }

  async function attempt<T>(work: (db: Transaction<Schema>, undo: Undo) => Promise<T>, phase: Phase): Promise<T> {
    phase.committing = false;
    const transaction = await db.startTransaction().execute();
    let undone = false;
    const undo: Undo = (answer) => {
      undone = true;
      return answer;
    };
    try {
      const answer = await work(transaction, undo);
      phase.committing = !undone;
      await (undone ? transaction.rollback() : transaction.commit()).execute();
      return answer;
    } catch (error) {
      // The first failure is the one to tell. Where the connection is gone there is nothing to roll back.
      await transaction
        .rollback()
        .execute()
        .catch(() => {});
      throw error;
    }
  }

  return {
    db,
    dialect,

    run: (operation, work) =>
      counted(operation, async () => {
        try {
          return await work(db);
        } catch (error) {
          throw failureOf(error, operation, true, dialect);
        }
      }),

    transaction: (operation, work) =>
      counted(operation, async () => {
        const phase = { committing: false };
        try {
          return await attempt(work, phase).catch((error: unknown) => {
            if (!dialect.isConflict(error)) throw error;
            return attempt(work, phase);
          });
        } catch (error) {
          throw failureOf(error, operation, phase.committing, dialect);
        }
      }),

    async close() {
      closed = true;
      await Promise.allSettled(inFlight);
    },
  };
}

interface Phase {
  committing: boolean;
}

function failureOf(error: unknown, operation: string, committing: boolean, dialect: Dialect): HelpdeskError {
  if (HelpdeskError.is(error)) return error;
  const changes = !/^(get|find|list|lane|due|next|figures)/.test(operation);
  return dialect.toFailure(error, operation, committing && changes);
}

function refusal(operation: string): HelpdeskError {
  const reason = 'the store is closed';
  return new HelpdeskError({ provider: 'store', operation, kind: 'invalid', reason, applied: 'no' });
}
