/**
 * What a bridge must not forget, and the steps in which that changes.
 *
 * Each method is one transaction: after it resolves its change survives a
 * crash, and where it rejects nothing has changed. Every engine keeps the same
 * rules, so one suite tests them all.
 *
 * Times are milliseconds since 1970 and come from the caller, whose clock is
 * injected. Machines that share a store must agree on the time to a few seconds.
 */
import type { ErrorKind, Issue } from '../core/errors.ts';
import type { Loss } from '../core/model.ts';

/** The desk that is moved away from, and the one that is moved to. */
export type Side = 'from' | 'to';

/** The writes of `Helpdesk`, and `adoptThread`: a thread of one desk is created on the other with its history. */
export const operationMethods = [
  'upsertContact',
  'createThread',
  'updateThread',
  'deleteThread',
  'reply',
  'addNote',
  'importThread',
  'recordMessages',
  'adoptThread',
] as const;
export type OperationMethod = (typeof operationMethods)[number];

/** What an operation failed of last. No customer data: the same fields that `HelpdeskError` prints. */
export interface Failure {
  readonly provider: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly requestId: string | undefined;
  /** The fields that are wrong, where the desk has named them. */
  readonly issues?: readonly Issue[] | undefined;
  /** Its caller has called it off: unless it has happened by now, it is not to. */
  readonly calledOff?: boolean | undefined;
}

/** What is known before the first request leaves. */
export interface Intent {
  /** Unique. */
  readonly id: string;
  /** Operations of one lane are carried out one after the other. One lane for each thread. */
  readonly lane: string;
  /** The caller's idempotency key. Unique among all that have not failed. */
  readonly key: string | undefined;
  /** Of method and input: one key may not stand for two different operations. */
  readonly fingerprint: string;
  readonly method: OperationMethod;
  /** The method's arguments: plain data, with dates. */
  readonly input: unknown;
  /** Which desk answers. */
  readonly primary: Side;
  /** Whether the other desk is kept in step. */
  readonly mirrored: boolean;
  readonly createdAt: number;
}

export interface Operation extends Intent {
  /** The order in which they were stored, whatever the lane. */
  readonly sequence: number;
  /**
   * The order of execution within the lane. Operations that nobody has begun
   * yet come after all others, in the order in which they were stored.
   */
  readonly position: number;
  /** `false`: stored by `enqueue`, and not begun yet. */
  readonly begun: boolean;
  /**
   * `pending`: not known to have happened, a worker will see to it. `unclear`:
   * it may have happened and nobody but a person can tell. Only what `failed`
   * has certainly not happened.
   */
  readonly state: 'pending' | 'done' | 'failed' | 'unclear';
  /**
   * `none`: there is nothing to do for the mirror, or not yet. `dropped`: it
   * is given up, so an unclear one waits for nobody any more.
   */
  readonly mirror: 'none' | 'queued' | 'done' | 'dead' | 'dropped';
  /** When a worker may go on with it. */
  readonly dueAt: number;
  /** When the last write request left for the primary. `undefined`: none has, so it has not happened. */
  readonly sentAt: number | undefined;
  /** The same for the mirror. */
  readonly mirrorSentAt: number | undefined;
  /** How a copy that was made for it can be told, see {@link Store.seeking}. */
  readonly sought: unknown;
  /** Tries of the mirror that failed last of the same kind, one after the other. */
  readonly attempts: number;
  /** When the first try failed: of the primary's part, and once that is done of the mirror's. A decision begins anew. */
  readonly failingSince: number | undefined;
  readonly doneAt: number | undefined;
  /** The value the primary answered with. */
  readonly result: unknown;
  readonly losses: readonly Loss[];
  readonly mirrorLosses: readonly Loss[];
  /** The message on the primary that this operation made, so that no other operation takes it for its own. */
  readonly messageId: string | undefined;
  readonly failure: Failure | undefined;
}

/**
 * The right to work on a lane until a time. Who has lost it may write no more.
 *
 * A lease that ends further ahead than it can, see {@link leaseHorizon}, was
 * taken before the clock was put back, and counts as over. Its operation stays
 * due when it was.
 */
export interface Lease {
  readonly lane: string;
  readonly owner: string;
  readonly now: number;
  readonly until: number;
}

/** Of an operation: the desk that answers does one, the desk that is kept in step the other. */
export type Part = 'primary' | 'mirror';

export type Begun =
  | { readonly is: 'begun'; readonly operation: Operation }
  /** Another operation of the lane is under way. */
  | { readonly is: 'busy'; readonly until: number }
  /** An operation of this key is there already. */
  | { readonly is: 'known'; readonly operation: Operation };

export type LinkKind = 'thread' | 'contact';

/** The same record on both desks. */
export interface Link {
  readonly kind: LinkKind;
  /** The lane of everything that is done to the record. */
  readonly lane: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The caller's own id, unique per contact. */
  readonly externalId: string | undefined;
  /** The record was deleted through the bridge, so its external id may be another one's by now. Never taken back. */
  readonly deleted?: boolean | undefined;
}

/** How the primary's part of an operation ended, or how it goes on. */
export type Settlement =
  | {
      readonly state: 'done';
      readonly result: unknown;
      readonly losses: readonly Loss[];
      readonly messageId?: string | undefined;
      readonly links: readonly Link[];
    }
  | { readonly state: 'failed'; readonly failure: Failure }
  | {
      readonly state: 'unclear';
      readonly failure: Failure;
      /** There is nothing left that a person could decide: it is over, as after `drop`. */
      readonly dropped?: boolean | undefined;
    }
  | {
      readonly state: 'pending';
      readonly failure: Failure;
      readonly dueAt: number;
      /** Replaces `Operation.sentAt`: a request that the desk has certainly not carried out counts as not sent. */
      readonly sentAt: number | undefined;
    };

/** How the mirror's part ended, or how it goes on. */
export type Mirroring =
  | {
      readonly mirror: 'done';
      readonly losses: readonly Loss[];
      readonly messageId?: string | undefined;
      readonly links: readonly Link[];
    }
  | {
      readonly mirror: 'queued';
      readonly failure: Failure;
      /** Replaces `Operation.attempts`. */
      readonly attempts: number;
      readonly dueAt: number;
      /** Replaces `Operation.mirrorSentAt`, as above. */
      readonly sentAt: number | undefined;
    }
  | {
      readonly mirror: 'dead';
      readonly failure: Failure;
      /** Replaces `Operation.attempts`. */
      readonly attempts: number;
    };

/** Which operations. Every given field must match. */
export interface OperationFilter {
  readonly state?: Operation['state'] | undefined;
  readonly mirror?: Operation['mirror'] | undefined;
  readonly lane?: string | undefined;
}

/** What is waiting. */
export interface Figures {
  /** Writes of the primary that are not known to have happened. */
  readonly pending: number;
  /** Those that only a person can settle, and that nobody has given up. */
  readonly unclear: number;
  /** Writes of the mirror that are to come. */
  readonly queued: number;
  readonly dead: number;
  /** When the oldest of the pending and queued ones was stored. */
  readonly oldestAt: number | undefined;
}

/** What a person may decide: about a dead letter `retry` and `drop`, about an unclear write the others and `drop`. */
export type Decision = 'retry' | 'drop' | 'happened' | 'did-not-happen';

/** One compared read. */
export interface Comparison {
  readonly at: number;
  readonly operation: string;
  /** The record's id on the primary. */
  readonly id: string;
  /** Paths of the fields that differ. Empty: the same on both desks. Never values. */
  readonly fields: readonly string[];
}

export interface Settings {
  /** What the store decides. */
  readonly stage: string;
  /** The stage that was followed last, where the application gives it. Empty: the store decides. */
  readonly followed: string;
  /** JSON of the names of the two desks. */
  readonly desks: string;
  /** JSON of what a bridge asks for before a next stage. */
  readonly readiness: string;
  /** Up to when finished operations were deleted last, milliseconds since 1970. */
  readonly pruned: string;
  /** JSON of the last verify: when, what it found, and whether no thread was left out. */
  readonly verified: string;
}

export interface Watch {
  /** Waits for what is under way. */
  close(): Promise<void>;
}

export interface WatchOptions {
  /** Lanes at a time. */
  readonly concurrency: number;
  readonly now: () => number;
  /** Milliseconds between two looks for work that nobody announced. */
  readonly pollMs: number;
  /** The process may end while nothing is under way. Default: false. */
  readonly background?: boolean | undefined;
}

export interface Store {
  /** Whether anything outlives the process. */
  readonly durable: boolean;
  /** Kind and place, without a password. */
  readonly description: string;

  // Operations

  /**
   * Stores the intent and takes its lane, or does neither. An operation of the
   * same key that failed gives its key up.
   */
  begin(intent: Intent, lease: Lease): Promise<Begun>;

  /**
   * Stores the intent for a worker, in nobody's name. Keys are treated as by
   * `begin`.
   *
   * `client`: one of `pg`, in whose transaction it is stored, and with which it
   * is taken back. `invalid` where it is in none, which is always so with a pool.
   * Where it fails the transaction can go on. `unsupported` where the store is
   * not in PostgreSQL.
   */
  enqueue(intent: Intent, client?: unknown): Promise<Exclude<Begun, { readonly is: 'busy' }>>;

  /** Takes a lane that nobody else holds, or whose holder's time is over. */
  take(lease: Lease): Promise<boolean>;

  /**
   * Takes a lane that nobody has for what comes next in it, see {@link laneHead},
   * where that is due, and gives the operation as it then is. `undefined`: there
   * is nothing to do, and nothing has changed.
   */
  takeHead(lease: Lease, part: Part): Promise<Operation | undefined>;

  /** The lease goes on. `false`: the lane is lost, also where it is free by now. */
  prolong(lease: Lease): Promise<boolean>;

  /** Gives the lane back. Nothing happens where it is somebody else's by now. */
  release(lease: Pick<Lease, 'lane' | 'owner'>): Promise<void>;

  /**
   * Marks an enqueued operation as begun: it gets its position and the input it
   * begins with, and the lane goes on. One that is begun already stays as it is.
   * `undefined`: the lane is lost, or has no such operation.
   */
  place(id: string, lease: Lease, input: unknown): Promise<Operation | undefined>;

  /**
   * A write request is about to leave: the time is stored and the lease goes
   * on. `false`: the lane is lost or somebody else has settled the operation,
   * and the request must not leave.
   */
  sending(id: string, part: Part, lease: Lease): Promise<boolean>;

  /**
   * A copy of a thread is about to be made for an operation: stores how it can
   * be told, should its answer be lost and the thread be gone by then.
   */
  seeking(id: string, sought: unknown): Promise<void>;

  /**
   * Ends the primary's part of a pending operation, with links and the mirror's
   * job in the same transaction, and gives the lane back. `done` is the truth
   * whoever holds the lane; everything else needs the lease. `false`: somebody
   * else has settled it, or the lane is lost.
   */
  settle(id: string, settlement: Settlement, lease: Lease): Promise<boolean>;

  /**
   * Ends a try of the mirror's part, and gives the lane back. `false`: the lane is
   * lost, or nothing is queued by now.
   */
  mirrored(id: string, mirroring: Mirroring, lease: Lease): Promise<boolean>;

  getOperation(id: string): Promise<Operation | undefined>;

  findOperation(key: string): Promise<Operation | undefined>;

  /** In order of execution, all states. */
  listLane(lane: string): Promise<readonly Operation[]>;

  /**
   * What comes next in a lane. For the primary: the first that is pending,
   * whatever the mirror lacks. For the mirror: the first that is pending or
   * queued, and until it is queued the mirror waits. Unclear and dead ones stand
   * in nobody's way.
   */
  laneHead(lane: string, part: Part): Promise<Operation | undefined>;

  /**
   * Leases under which there is something to do: lanes whose next pending
   * operation is due, and the {@link mirrorLane} of those whose next queued one
   * is. Not those that somebody holds. The longest waiting first, those of the
   * primary before those of the mirror; where there are too many, at most half
   * of them are the primary's.
   */
  dueLanes(now: number, limit: number): Promise<readonly string[]>;

  /** When {@link Store.dueLanes} will next have something. `undefined`: nothing is waiting. */
  nextDue(): Promise<number | undefined>;

  /** Newest first. `before`: a `sequence` of an earlier page. */
  listOperations(
    filter: OperationFilter,
    page: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<readonly Operation[]>;

  /** Whether it could be done: the operation is there and in the state that the decision is about. */
  decide(id: string, decision: Decision, now: number): Promise<boolean>;

  /**
   * The store is an older copy of itself, so everything that waits may have been
   * done since: it counts as sent now, and is looked for before it is sent. Dead
   * letters count as sent too, for when they are tried again. Gives how many
   * operations waited.
   */
  recheck(now: number): Promise<number>;

  figures(): Promise<Figures>;

  /**
   * Deletes finished operations that were done before, with lanes that nobody
   * uses and the oldest comparisons. One stays while an earlier one of its lane
   * is not finished. Gives how many operations went.
   */
  prune(before: number): Promise<number>;

  // Links

  findLink(kind: LinkKind, side: Side, id: string): Promise<Link | undefined>;

  /** External ids are unique per contact only. */
  findLinks(kind: LinkKind, externalId: string): Promise<readonly Link[]>;

  /** In no promised order. */
  listLinks(kind: LinkKind): AsyncIterable<Link>;

  // Stage and comparisons

  getSetting<Name extends keyof Settings>(name: Name): Promise<Settings[Name] | undefined>;

  /** `false`: the setting is not what the caller believes. */
  setSetting<Name extends keyof Settings>(
    name: Name,
    value: Settings[Name],
    expected?: Settings[Name] | undefined,
  ): Promise<boolean>;

  /** Keeps the newest 1,000. */
  addComparison(comparison: Comparison): Promise<void>;

  /** Newest first. */
  listComparisons(limit: number): Promise<readonly Comparison[]>;

  // Rate budget

  /**
   * Takes one of the `capacity` places that a bucket has in any `windowMs`.
   * Gives 0, or after how many milliseconds to ask again.
   */
  takeSlot(bucket: string, capacity: number, windowMs: number, now: number): Promise<number>;

  /**
   * No place of the bucket is given before. A bucket is never closed for longer
   * than its window: a time further ahead was written before the clock was put
   * back, and is not believed.
   */
  closeSlots(bucket: string, until: number, windowMs: number, now: number): Promise<void>;

  // Work

  /**
   * Calls `drain` for what {@link Store.dueLanes} names, and for leases under
   * which that may have changed; never twice at once for one in this process.
   * Keeps the process until it is closed, unless it is in the background.
   */
  watch(drain: (lane: string) => Promise<void>, options: WatchOptions): Promise<Watch>;

  /** Closes its watches and waits for calls in flight. A durable store refuses later ones with `invalid`. */
  close(): Promise<void>;
}

const mirrorSuffix = '/mirror';

/** The lease under which the mirror of a lane is written: callers of the primary never wait for it. */
export function mirrorLane(lane: string): string {
  return `${lane}${mirrorSuffix}`;
}

/** The lane whose mirror is written under this lease. `undefined`: it is that of a primary. */
export function mirroredLane(lease: string): string | undefined {
  return lease.endsWith(mirrorSuffix) ? lease.slice(0, -mirrorSuffix.length) : undefined;
}

/** How far the clocks of machines that share a store may be apart. What is further ahead is wrong. */
export const clockSlackMs = 60_000;

/** Leases are believed that long, or as long as the asker's own. */
const believedLeaseMs = 600_000;

/** No lease that is held at that time ends later. */
export function leaseHorizon({ now, until }: Pick<Lease, 'now' | 'until'>): number {
  return Math.max(until, now + believedLeaseMs) + clockSlackMs;
}
