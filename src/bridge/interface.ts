/** What a bridge offers. */
import type {
  CallOptions,
  ContactInput,
  CreateThreadInput,
  Helpdesk,
  Imported,
  ImportThreadInput,
  NoteInput,
  Recorded,
  RecordMessagesInput,
  ReplyInput,
  Sent,
  UpdateThreadInput,
} from '../core/helpdesk.ts';
import type { Contact, Thread } from '../core/model.ts';
import type { Decision, Figures, Operation, OperationFilter, Watch } from '../store/store.ts';
import type { Verified } from './compare.ts';
import type { EventName, Listener } from './events.ts';
import type { BridgeWritten, Inputs } from './operations.ts';
import type { Readiness } from './readiness.ts';
import type { Stage } from './stages.ts';

export interface BridgeCallOptions extends CallOptions {
  /** What a stage that is a function is asked with: a tenant, a user, anything. */
  readonly context?: unknown;
}

export interface BridgeWriteOptions extends BridgeCallOptions {
  /**
   * A repeated call with the same key gives the first one's result, also after
   * a restart and also while the first is still running. Throws `conflict`
   * where the key stands for another call. An operation that failed gives its
   * key up; one that may have happened keeps it, also where a person has given
   * it up: the call then throws, with `applied: 'unknown'`. So does one that a
   * person has settled as done, for what it was answered is not known.
   */
  readonly idempotencyKey?: string | undefined;
}

/** A write as plain data, for {@link Bridge.enqueue}. */
export type EnqueuedOperation = {
  readonly [Method in Exclude<keyof Inputs, 'adoptThread'>]: {
    readonly method: Method;
    readonly input: Inputs[Method];
    readonly idempotencyKey?: string | undefined;
    readonly context?: unknown;
  };
}[Exclude<keyof Inputs, 'adoptThread'>];

/** One `Helpdesk` in front of two. Ids of either desk, and external ids of threads, are taken at every stage. */
export interface Bridge<From = unknown, To = unknown> extends Helpdesk<{ readonly from: From; readonly to: To }> {
  /**
   * Of the desk that answered last, as are the traits: the stage is not asked
   * for. Where it is not a word, and before the first call, that is the desk
   * that is moved away from; `await bridge.stage()` makes it known.
   */
  readonly name: string;
  /** Whether what is stored outlives the process. */
  readonly durable: boolean;
  /** The stage of a call with this context. */
  stage(context?: unknown): Promise<Stage>;

  upsertContact(input: ContactInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Contact>>;
  createThread(input: CreateThreadInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Thread>>;
  updateThread(id: string, changes: UpdateThreadInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Thread>>;
  deleteThread(id: string, options?: BridgeWriteOptions): Promise<BridgeWritten<{ readonly id: string }>>;
  reply(input: ReplyInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Sent>>;
  addNote(
    input: NoteInput,
    options?: BridgeWriteOptions,
  ): Promise<BridgeWritten<{ readonly id: string; readonly threadId: string }>>;
  importThread(input: ImportThreadInput, options?: BridgeWriteOptions): Promise<BridgeWritten<Imported>>;
  recordMessages(input: RecordMessagesInput, options?: BridgeWriteOptions): Promise<BridgeWritten<readonly Recorded[]>>;

  /**
   * Stores a write in the caller's own PostgreSQL transaction: it is carried out
   * by a worker after the commit, or never where the transaction rolls back.
   * `client`: a client of `pg` within a transaction, on the store's database.
   * Throws `unsupported` on other stores.
   */
  enqueue(client: unknown, operation: EnqueuedOperation): Promise<{ readonly operationId: string }>;

  /**
   * Waits for an operation's answer and, with `mirror`, until the mirror has it
   * or is given up. The value is `null` where a person has settled it as done.
   * Throws what it failed of; `not-found` for an unknown id;
   * `unavailable` with `applied: 'unknown'` where only a person can tell.
   */
  outcome(
    operationId: string,
    options?: { readonly signal?: AbortSignal | undefined; readonly mirror?: boolean | undefined },
  ): Promise<BridgeWritten<unknown>>;

  /** Newest first, for example the dead letters: `{ mirror: 'dead' }`. Pages as it is read. */
  listOperations(filter?: OperationFilter): AsyncIterable<Operation>;

  /**
   * `retry` and `drop` are for dead letters; `happened`, `did-not-happen` and
   * `drop` for what is `unclear`. What did not happen is done again; of what is
   * dropped it stays unknown whether it happened, and the mirror never gets it.
   * `all`: all dead letters to `retry` or `drop`, all unclear writes otherwise.
   * Gives how many there were that the decision fits.
   */
  decide(decision: Decision, ids: readonly string[] | 'all'): Promise<number>;

  /**
   * For a store that was restored from an older copy, before anything is done:
   * what waits in it may have been done since, and is looked for on the desks
   * before it is sent. Gives how many writes that are.
   */
  recheck(): Promise<number>;

  /** What waits, and for how many milliseconds the oldest has waited. */
  figures(): Promise<Figures & { readonly lagMs: number }>;

  /** Whether the next stage is safe, and what is missing. */
  readiness(): Promise<Readiness>;

  /** Looks at linked threads on both desks, all or as many as `limit`, and compares them; {@link Bridge.readiness} asks for its age. */
  verify(options?: {
    readonly limit?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<Verified>;

  /** One stage on, where the stage is kept in the store. Throws `conflict` with what is missing. */
  promote(): Promise<Stage>;
  /** One stage back. Throws `conflict` where the other desk is not in step. */
  demote(): Promise<Stage>;

  /** Does everything that is due now. */
  drain(): Promise<void>;
  /**
   * Does what is due until it is closed, and keeps the process until then.
   * Bridges do by themselves unless `drain` is false; that keeps no process.
   */
  work(): Promise<Watch>;

  /** Gives the function that ends it. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;

  /** Ends the work in the background. The store stays open: it is the caller's. */
  close(): Promise<void>;
}
