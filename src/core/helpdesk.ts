/** The interface every helpdesk is used through, and the inputs of its methods. */
import type {
  Author,
  Body,
  BodyFormat,
  Channel,
  Contact,
  CustomField,
  Message,
  MessageKind,
  Priority,
  Status,
  Thread,
  Word,
  Written,
} from './model.ts';
import type {
  ContactProviderOptions,
  CreateThreadProviderOptions,
  ImportThreadProviderOptions,
  RecordProviderOptions,
  ReplyProviderOptions,
  UpdateThreadProviderOptions,
} from './provider-options.ts';

/**
 * What a desk can hold. Data, not methods: a migration planner reads it before
 * the first call, and the tables in the documentation are printed from it.
 */
export interface Traits {
  /** The format in which the desk stores a body. Others are converted on the way. */
  readonly bodyFormat: BodyFormat;
  /** Characters a title may have. */
  readonly titleLimit: number;
  /** The priorities the desk tells apart. Others become the nearest and a loss. */
  readonly priorities: readonly Priority[];
  /** `createThread` keeps a caller-supplied `createdAt`. `importThread` always does. */
  readonly backdatesThreads: boolean;
  /**
   * Threads and contacts keep `externalId`, `findThread` works, and creating a
   * thread with an id that is taken gives the thread that has it.
   */
  readonly keepsExternalIds: boolean;
  /** `customFields` are kept. */
  readonly keepsCustomFields: boolean;
  /**
   * What `recordMessages` makes of an exchanged message: a message of its kind
   * with author and time, an internal note that names them, or a part of the
   * thread's opening message that names them. Notes are notes everywhere.
   */
  readonly recordsMessages: 'as-messages' | 'as-notes' | 'in-transcript';
  /** Repeating `importThread` with the same `externalId` changes nothing. */
  readonly importsThreadsOnce: boolean;
  /** `reply` gives the id of the new message. */
  readonly returnsReplyId: boolean;
}

/** Exactly one way to name a contact. Only `email` creates the contact when it is new. */
export type ContactRef =
  | { readonly id: string; readonly email?: never; readonly externalId?: never }
  | { readonly email: string; readonly name?: string | undefined; readonly id?: never; readonly externalId?: never }
  | { readonly externalId: string; readonly id?: never; readonly email?: never };

export interface ContactInput {
  /** At most 254 characters. Compared without case. */
  readonly email: string;
  /** Set where given; left as it is where not. */
  readonly name?: string | undefined;
  readonly externalId?: string | undefined;
  readonly providerOptions?: ContactProviderOptions | undefined;
}

/** Where a thread stands. Snoozing needs an end in the future. */
export type StatusInput =
  | { readonly is: 'open' }
  | { readonly is: 'snoozed'; readonly until: Date }
  | { readonly is: 'done' };

export interface CreateThreadInput {
  readonly contact: ContactRef;
  /** 1 to 512 characters; some desks take fewer, see {@link Traits.titleLimit}. */
  readonly title: string;
  /** The opening message. */
  readonly body: Body;
  /** Default: `normal`. */
  readonly priority?: Priority | undefined;
  readonly assigneeId?: string | undefined;
  readonly labelIds?: readonly string[] | undefined;
  /** Productlane: company id. Plain: tenant id. */
  readonly companyId?: string | undefined;
  readonly customFields?: readonly CustomField[] | undefined;
  /** Your own id. Unique per contact. */
  readonly externalId?: string | undefined;
  /** Default: now. Kept only where {@link Traits.backdatesThreads} says so. */
  readonly createdAt?: Date | undefined;
  readonly providerOptions?: CreateThreadProviderOptions | undefined;
}

/** Only the fields that are present change. `null` clears. */
export interface UpdateThreadInput {
  readonly title?: string | undefined;
  readonly status?: StatusInput | undefined;
  readonly priority?: Priority | undefined;
  readonly assigneeId?: string | null | undefined;
  /** All labels the thread has afterwards. */
  readonly labelIds?: readonly string[] | undefined;
  /** Productlane also moves the thread's contact to the company. */
  readonly companyId?: string | null | undefined;
  /** Sets the given keys; other keys stay. */
  readonly customFields?: readonly CustomField[] | undefined;
  readonly providerOptions?: UpdateThreadProviderOptions | undefined;
}

export interface Recipient {
  readonly email: string;
  readonly name?: string | undefined;
}

export interface ReplyInput {
  readonly threadId: string;
  readonly body: Body;
  /** E-mail threads only. */
  readonly cc?: readonly Recipient[] | undefined;
  /** E-mail threads only. */
  readonly bcc?: readonly Recipient[] | undefined;
  readonly providerOptions?: ReplyProviderOptions | undefined;
}

export interface NoteInput {
  readonly threadId: string;
  readonly body: Body;
}

/** A message that was exchanged elsewhere. */
export interface RecordedMessageInput {
  /** Your own id of the message. Recording it a second time changes nothing. */
  readonly externalId: string;
  readonly kind: MessageKind;
  readonly body: Body;
  readonly createdAt: Date;
  /** `id` is an id of **this** desk: an agent's for `outbound` and `note`, the contact's for `inbound`. */
  readonly author?: Partial<Omit<Author, 'is'>> | undefined;
}

export interface RecordMessagesInput {
  readonly threadId: string;
  readonly messages: readonly RecordedMessageInput[];
  readonly providerOptions?: RecordProviderOptions | undefined;
}

export interface ImportThreadInput {
  readonly contact: ContactRef;
  readonly title: string;
  /** Your own id of the thread. */
  readonly externalId: string;
  readonly createdAt: Date;
  /** Default: `open`. */
  readonly status?: StatusInput | undefined;
  /** Default: `normal`. */
  readonly priority?: Priority | undefined;
  readonly assigneeId?: string | undefined;
  readonly labelIds?: readonly string[] | undefined;
  readonly companyId?: string | undefined;
  readonly customFields?: readonly CustomField[] | undefined;
  /** At least one, in any order; stored oldest first. */
  readonly messages: readonly RecordedMessageInput[];
  readonly providerOptions?: ImportThreadProviderOptions | undefined;
}

/** What became of one recorded message. */
export interface Recorded {
  readonly externalId: string;
  /** `existing`: an earlier call had stored it. `refused`: see `reason`; the others are not affected. */
  readonly outcome: 'stored' | 'existing' | 'refused';
  /**
   * The desk's id. `undefined` where refused, and where the message is part of
   * a transcript. Plain: a note goes by its own id (`n_…`), `listMessages` shows
   * that of its timeline entry.
   */
  readonly id: string | undefined;
  /** The desk's code for a refusal. */
  readonly reason?: string;
}

export interface Imported {
  readonly thread: Thread;
  /** `existing`: the desk had a thread of this `externalId` and left it as it was. */
  readonly outcome: 'stored' | 'existing';
  /** One for each message given, in the same order. */
  readonly messages: readonly Recorded[];
}

/** A reply that the desk has accepted for delivery. */
export interface Sent {
  /** `undefined` where {@link Traits.returnsReplyId} is false. */
  readonly id: string | undefined;
  readonly threadId: string;
  /** What carried it. `undefined` where the desk does not say. */
  readonly channel: Word<Channel> | undefined;
}

export interface ThreadFilter {
  readonly status?: Status['is'] | undefined;
  readonly contactId?: string | undefined;
  readonly assigneeId?: string | undefined;
  readonly labelId?: string | undefined;
  /** Inclusive. */
  readonly updatedSince?: Date | undefined;
}

export interface Limit {
  readonly perMinute: number;
  /** As of the last answer. `undefined` where the desk has not said yet. */
  readonly remaining: number | undefined;
}

/** Who the key is and what it may do. */
export interface Check {
  readonly workspace: { readonly id: string; readonly name: string | undefined };
  /** The key's own identity on the desk. */
  readonly actor: { readonly id: string; readonly name: string | undefined };
  readonly permissions: readonly string[];
  /** Permissions that some method of `Helpdesk` needs and the key lacks. */
  readonly missing: readonly string[];
  readonly limits: { readonly reads: Limit; readonly writes: Limit };
}

export interface CallOptions {
  /** Cancels waiting, retrying and the request itself: kind `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Awaited right before each try of each request leaves. A caller that keeps
   * a journal stores here that the request is about to leave.
   *
   * Where it rejects, the request does not leave, no other write follows, and
   * the call ends with its error: a `HelpdeskError` as it is, anything else as
   * `cancelled`. `applied` is `no`, or `unknown` where the call had made a
   * thread by then. Its time counts towards the desk's time limit.
   */
  readonly beforeRequest?: BeforeRequest | undefined;
}

export type BeforeRequest = (request: { readonly access: 'read' | 'write' }) => void | Promise<void>;

/**
 * A helpdesk.
 *
 * Every method is required. Where a desk lacks something, the adapter throws
 * `HelpdeskError` with kind `unsupported` before it sends anything; it never
 * succeeds silently and never picks a stronger effect instead. Bad input is
 * `invalid` before anything is sent. Any method may end in `auth`,
 * `rate-limited`, `unavailable`, `cancelled` or `unexpected`.
 */
export interface Helpdesk<Native = unknown> {
  readonly name: string;
  readonly traits: Traits;
  /** The desk's typed client, for what the model does not cover. */
  readonly native: Native;

  // Reads

  check(options?: CallOptions): Promise<Check>;

  /** Throws `not-found`. */
  getContact(id: string, options?: CallOptions): Promise<Contact>;

  /** By the whole address, without case. */
  findContact(email: string, options?: CallOptions): Promise<Contact | undefined>;

  /** Each contact once, in no promised order. Pages as it is read. */
  listContacts(filter?: { readonly updatedSince?: Date | undefined }, options?: CallOptions): AsyncIterable<Contact>;

  /** Throws `not-found`. */
  getThread(id: string, options?: CallOptions): Promise<Thread>;

  /** External ids are unique per contact. Throws `unsupported` where {@link Traits.keepsExternalIds} is false. */
  findThread(
    key: { readonly contactId: string; readonly externalId: string },
    options?: CallOptions,
  ): Promise<Thread | undefined>;

  /** Each thread once, in no promised order. Pages as it is read; threads created meanwhile may be missing. */
  listThreads(filter?: ThreadFilter, options?: CallOptions): AsyncIterable<Thread>;

  /** Oldest first, the opening message and the notes included. */
  listMessages(threadId: string, options?: CallOptions): AsyncIterable<Message>;

  // Writes

  /** Finds by e-mail, creates if absent, sets the fields that are given. Throws `conflict`. */
  upsertContact(input: ContactInput, options?: CallOptions): Promise<Written<Contact>>;

  /** A contact given by e-mail is created if absent and otherwise left as it is. */
  createThread(input: CreateThreadInput, options?: CallOptions): Promise<Written<Thread>>;

  /**
   * Some desks take one request a field. If a later one fails, `applied` is
   * `unknown`: repeating the same call is safe, and completes it.
   */
  updateThread(id: string, changes: UpdateThreadInput, options?: CallOptions): Promise<Written<Thread>>;

  deleteThread(id: string, options?: CallOptions): Promise<Written<{ readonly id: string }>>;

  /** **Delivers** to the contact, through the thread's channel. Never repeated by the library. */
  reply(input: ReplyInput, options?: CallOptions): Promise<Written<Sent>>;

  /** Stores a message only the team sees. */
  addNote(
    input: NoteInput,
    options?: CallOptions,
  ): Promise<Written<{ readonly id: string; readonly threadId: string }>>;

  /** Stores a thread that happened elsewhere, with its messages and times. Reaches nobody. */
  importThread(input: ImportThreadInput, options?: CallOptions): Promise<Written<Imported>>;

  /** Stores messages that were exchanged elsewhere. Reaches nobody. One result for each, in the order given. */
  recordMessages(input: RecordMessagesInput, options?: CallOptions): Promise<Written<readonly Recorded[]>>;
}
