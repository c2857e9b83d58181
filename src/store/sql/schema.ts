/** Which tables and columns the store has, and which parts of them are indexed. */
import { type Generated, type SelectQueryBuilder, sql } from 'kysely';
import type { LinkKind, Operation, OperationMethod, Side } from '../store.ts';

/** Times are milliseconds since 1970. Text that holds JSON was made by `toJson`. */
export interface OperationsTable {
  /** The order in which they were stored. */
  readonly seq: Generated<number>;
  readonly id: string;
  readonly lane: string;
  readonly key: string | null;
  readonly fingerprint: string;
  readonly method: OperationMethod;
  /** JSON. */
  readonly input: string;
  readonly primary_side: Side;
  readonly mirrored: 0 | 1;
  readonly created_at: number;
  readonly position: number;
  readonly begun: 0 | 1;
  readonly state: Operation['state'];
  readonly mirror: Operation['mirror'];
  readonly due_at: number;
  readonly sent_at: number | null;
  readonly mirror_sent_at: number | null;
  /** JSON. */
  readonly sought: string | null;
  readonly attempts: number;
  readonly failing_since: number | null;
  readonly done_at: number | null;
  /** JSON. */
  readonly result: string | null;
  /** JSON. */
  readonly losses: string;
  /** JSON. */
  readonly mirror_losses: string;
  readonly message_id: string | null;
  /** JSON. */
  readonly failure: string | null;
}

export interface LanesTable {
  readonly name: string;
  readonly owner: string | null;
  /** 0: nobody has it. */
  readonly until: number;
  /** Of the operation that was begun last. */
  readonly position: number;
}

export interface LinksTable {
  readonly id: Generated<number>;
  readonly kind: LinkKind;
  readonly lane: string;
  readonly from_id: string | null;
  readonly to_id: string | null;
  readonly external_id: string | null;
  readonly deleted: 0 | 1;
}

export interface SettingsTable {
  readonly name: string;
  readonly value: string;
}

export interface ComparisonsTable {
  readonly seq: Generated<number>;
  readonly at: number;
  readonly operation: string;
  readonly record_id: string;
  /** JSON. */
  readonly fields: string;
}

/** A ring: each place of a bucket is used again when its window is over. */
export interface SlotsTable {
  readonly bucket: string;
  readonly place: number;
  readonly used_at: number;
}

export interface BucketsTable {
  readonly name: string;
  readonly closed_until: number;
}

export interface Schema {
  readonly operations: OperationsTable;
  readonly lanes: LanesTable;
  readonly links: LinksTable;
  readonly settings: SettingsTable;
  readonly comparisons: ComparisonsTable;
  readonly slots: SlotsTable;
  readonly buckets: BucketsTable;
}

/** The position of operations that nobody has begun: after all others. */
export const unplaced = Number.MAX_SAFE_INTEGER;

// Partial indices serve only queries that repeat their condition word for word,
// with constants instead of parameters.

/** A worker will see to it. */
export const isOpen = sql<boolean>`(state = 'pending' or mirror = 'queued')`;

/** Of the open ones, what the primary waits for. */
export const isPending = sql<boolean>`state = 'pending'`;

/** Is listed by these states: nobody should have to read all that is done. */
export const isListed = sql<boolean>`(state = 'pending' or state = 'failed')`;

/** Waits for a person. */
export const isStuck = sql<boolean>`(state = 'unclear' or mirror = 'dead')`;

/** It may have happened, and nobody has given it up. */
export const isUnclear = sql<boolean>`(state = 'unclear' and mirror = 'none')`;

/** The order of execution within a lane. */
export function inOrder<O>(query: SelectQueryBuilder<Schema, 'operations', O>) {
  return query.orderBy('position').orderBy('seq');
}
