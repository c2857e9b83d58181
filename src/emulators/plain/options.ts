/** Which Plain is emulated: what its documents leave open, and what its workspace can do. */
import type { Clock } from '../clock.ts';
import type { SeedSize } from '../emulator.ts';

/**
 * Where the vendor's documents disagree or are silent, one switch each. The
 * defaults follow the schema's own text where it says anything, and the
 * stricter reading where nothing does.
 */
export interface PlainSwitches {
  /** Whether an `externalId` that identifies a new customer is stored without `onCreate.externalId`. Default: `ignored`. */
  readonly identifierExternalId: 'taken-over' | 'ignored';
  /** `createThread` with an `externalId` the customer already has. Default: `error`. */
  readonly duplicateThread: 'error' | 'existing';
  /** Who wrote the first message of `createThread`. Default: `machine-user`. */
  readonly openingActor: 'machine-user' | 'customer';
  /** A row with nothing at its side: the pages refuse it, the schema does not. Default: `refused`. */
  readonly emptyRowAside: 'refused' | 'accepted';
  /** `addLabels` with a label that is there: the schema's text skips it, the pages refuse it. Default: `skipped`. */
  readonly presentLabel: 'skipped' | 'error';
  /** What a change of a locked thread is refused with. Default: `forbidden`. */
  readonly lockedThread: 'forbidden' | 'validation';
  /** Setting the status a thread has. Default: `accepted`, without effect. */
  readonly repeatedStatus: 'accepted' | 'refused';
  /** Seconds. Default: 1. */
  readonly shortestSnooze: number;
  /** Seconds. Default: no limit. */
  readonly longestSnooze: number;
  /** Whether a note opens a thread that is done or snoozed. Messages always do. Default: false. */
  readonly noteReopens: boolean;
  /** `replyToThread` on an IMPORT thread. Default: `refused`. */
  readonly replyToImported: 'refused' | 'email';
  /** Mail to an address that is not verified. `declined` stores it as FAILED. Default: `delivered`. */
  readonly unverifiedAddress: 'delivered' | 'declined';
  /** Characters a reply, an e-mail or an imported message may have. Default: no limit. */
  readonly textLimit: number;
  /**
   * Where an import's `externalId` is unique: a thread's within its customer and a
   * message's within its thread, or both within the workspace. Default: `narrow`.
   */
  readonly importScope: 'narrow' | 'workspace';
  /** `importThreadMessages` on a thread that was not imported. Default: `accepted`. */
  readonly importIntoLive: 'accepted' | 'refused';
  /** What an imported message that is no note becomes. Default: `CHAT`. */
  readonly importedEntry: 'CHAT' | 'EMAIL' | 'CUSTOM';
  /** Whether imports fire webhooks. Default: `fired`. */
  readonly importEvents: 'fired' | 'silent';
  /** Lists without `sortBy`, by time of creation. Default: `newest-first`. */
  readonly listOrder: 'newest-first' | 'oldest-first';
  /** `Thread.timelineEntries`. Default: `oldest-first`. */
  readonly timelineOrder: 'oldest-first' | 'newest-first';
  /** Whether `isMessage` takes notes in. Default: false. */
  readonly notesAreMessages: boolean;
  /** A cursor under filters or an order it was not issued for. Default: `refused`. */
  readonly foreignCursor: 'refused' | 'accepted';
  /** Whether each selected object needs its own read permission. Default: false. */
  readonly nestedPermissions: boolean;
  /** How `RATE_LIMITED` arrives. Default: 429. */
  readonly rateLimitStatus: 429 | 200;
  /** The vendor's samples differ. Default: `ms`. */
  readonly unixTimestamp: 'ms' | 's';
}

export const defaultSwitches: PlainSwitches = {
  identifierExternalId: 'ignored',
  duplicateThread: 'error',
  openingActor: 'machine-user',
  emptyRowAside: 'refused',
  presentLabel: 'skipped',
  lockedThread: 'forbidden',
  repeatedStatus: 'accepted',
  shortestSnooze: 1,
  longestSnooze: Number.POSITIVE_INFINITY,
  noteReopens: false,
  replyToImported: 'refused',
  unverifiedAddress: 'delivered',
  textLimit: Number.POSITIVE_INFINITY,
  importScope: 'narrow',
  importIntoLive: 'accepted',
  importedEntry: 'CHAT',
  importEvents: 'fired',
  listOrder: 'newest-first',
  timelineOrder: 'oldest-first',
  notesAreMessages: false,
  foreignCursor: 'refused',
  nestedPermissions: false,
  rateLimitStatus: 429,
  unixTimestamp: 'ms',
};

export interface PlainOptions extends Partial<PlainSwitches> {
  /** Default: a virtual clock. */
  readonly clock?: Clock | undefined;
  /** Default: `https://plain.invalid/graphql/v1`. */
  readonly baseUrl?: string | undefined;
  /** Requests a minute for the whole workspace. `false`: no limit and no headers. Default: 450. */
  readonly rateLimit?: number | false | undefined;
  /** Whether the workspace has e-mail set up. Default: true. */
  readonly emailEnabled?: boolean | undefined;
  /** The first one sends. Default: `support@plain.invalid`. */
  readonly supportEmailAddresses?: readonly string[] | undefined;
  /** Default: an empty workspace with one user and one machine user. */
  readonly seed?: SeedSize | undefined;
  /** The version webhook targets are pinned to. Default: `2026-04-21`. */
  readonly webhookVersion?: string | undefined;
  /** How webhooks are sent. Default: the global `fetch`. */
  readonly webhookFetch?: typeof globalThis.fetch | undefined;
  /** Real milliseconds. Default: 10 000. */
  readonly webhookTimeoutMs?: number | undefined;
}
