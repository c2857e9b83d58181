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
}

export function createSession(db: Kysely<Schema>, dialect: Dialect): Session {
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

    async run(operation, work) {
      try {
        return await work(db);
      } catch (error) {
        throw failureOf(error, operation, true, dialect);
      }
    },

    async transaction(operation, work) {
      const phase = { committing: false };
      try {
        return await attempt(work, phase).catch((error: unknown) => {
          if (!dialect.isConflict(error)) throw error;
          return attempt(work, phase);
        });
      } catch (error) {
        throw failureOf(error, operation, phase.committing, dialect);
      }
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
