/** What differs between the databases. */
import type { ColumnDefinitionBuilder, Kysely, SelectQueryBuilder } from 'kysely';
import type { HelpdeskError } from '../../core/errors.ts';
import type { Schema } from './schema.ts';

export interface Dialect {
  /** Kind and place, without a password. */
  readonly description: string;
  readonly durable: boolean;
  /** The schema of the tables. `undefined`: the database has no such thing. */
  readonly schema: string | undefined;

  // Columns

  readonly bigint: 'bigint' | 'integer';
  readonly serial: 'bigserial' | 'integer';
  serialColumn(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;

  // Concurrency

  /** Locks the rows until the end of the transaction. Nothing where one transaction runs at a time anyway. */
  forUpdate<DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>): SelectQueryBuilder<DB, TB, O>;
  /** The same, but rows that are locked by others are left out. */
  forUpdateSkipLocked<DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>): SelectQueryBuilder<DB, TB, O>;
  /** A change can be a part of another statement (`with … as (update …)`): one round trip instead of four. */
  readonly changesInWith: boolean;

  // Errors

  isMissingTable(error: unknown): boolean;
  /** Two transactions got into each other's way: the same one again will see what the other has done. */
  isConflict(error: unknown): boolean;
  /** `committing`: the database was about to make the change last. */
  toFailure(error: unknown, operation: string, committing: boolean): HelpdeskError;

  // Work and other people's connections

  /**
   * Tells workers in other processes, when the transaction is over, that a lane
   * has work. Transactions that tell of the same `name` (default: the lane) wait
   * for each other.
   */
  wake?(db: Kysely<Schema>, lane: string, name?: string): Promise<void>;
  /** Lanes that other processes have spoken of since the last time. */
  heard?(): Promise<readonly string[]>;
  /** Does the work through a caller's client, in its transaction, as a whole or not at all. `undefined`: not a client. */
  through?<T>(client: unknown, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> | undefined;
  /** After the last statement. */
  closed?(): Promise<void>;
}
