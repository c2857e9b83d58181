/** Which Productlane is emulated: what its documents leave open, and how large its workspace is. */
import type { Clock } from '../clock.ts';
import type { SeedSize } from '../emulator.ts';

/**
 * Where the vendor's documents disagree or are silent, one switch each. The
 * defaults follow the vendor's own pages where these say anything, and the
 * stricter reading where they do not.
 */
export interface ProductlaneSwitches {
  /** `nested` is in the guides, `flat` in the OpenAPI file. Default: `nested`. */
  readonly errorEnvelope: 'nested' | 'flat';
  /** The answer to a version 1 key. Default: 410. */
  readonly oldKeyStatus: 410 | 401;
  /** `later` takes `external_ids`, `author` and the origins of a newer specification. Default: `published`. */
  readonly specification: 'published' | 'later';
  /** A query parameter nobody documents. Default: `refused`. */
  readonly unknownQuery: 'refused' | 'ignored';
  /** Filters that only other people's clients know: dates, `q`, `origin`, and so on. Default: `work`. */
  readonly thirdPartyFilters: 'work' | 'ignored' | 'refused';
  /** Whether `*_after` and `*_before` include the instant itself. Default: `exclusive`. */
  readonly dateBounds: 'exclusive' | 'inclusive';
  /** A cursor under filters it was not issued for. The vendor only warns. Default: `refused`. */
  readonly foreignCursor: 'refused' | 'accepted';
  /** Whether a full page always promises another, so that the last one may be empty. Default: false. */
  readonly emptyLastPage: boolean;
  /** Whether filters apply after the limit, so that any page may be short or empty. Default: false. */
  readonly sparsePages: boolean;
  /** `my` and `needs-response` with a key of no user. Default: `refused`. */
  readonly tabWithoutUser: 'refused' | 'empty';
  /** Whether the upsert by e-mail tells `Ann@x.io` from `ann@x.io`. Default: `insensitive`. */
  readonly emailCase: 'insensitive' | 'sensitive';
  /** The `email` filter of `GET /contacts`. Default: `substring`. */
  readonly emailFilter: 'substring' | 'exact';
  /** `GET /contacts/by-email`. Default: `present`. */
  readonly contactByEmail: 'present' | 'absent';
  /** `POST /contacts` with an address that is taken. Default: `conflict`. */
  readonly duplicateContact: 'conflict' | 'upsert';
  /** `POST /threads` with `snoozed`, for which it has no time to wake. Default: `accepted`, for good. */
  readonly snoozedOnCreate: 'accepted' | 'refused';
  /** `POST /threads` for a blocked sender. Default: `forbidden`. */
  readonly blockedSender: 'forbidden' | 'accepted';
  /** Ids chosen by the caller, or the other desks' ids. Default: `list`. */
  readonly companyExternalIds: 'list' | 'object';
  /** Default: `result`, which is `{ id, deleted: true }`. `empty` is a 204. */
  readonly deletedThread: 'result' | 'thread' | 'empty';
  /** Default: `desc`, as every other list. */
  readonly commentsOrder: 'desc' | 'asc';
  /** Whether messages carry `type` and `direction`. Default: `present`. */
  readonly messageKind: 'present' | 'absent';
  /** `from`, `to`, `cc` and `bcc` of a message. Default: `objects`. */
  readonly messageAddresses: 'objects' | 'strings';
  /** Most messages or comments that `expand` adds. Default: no limit. */
  readonly expandLimit: number;
  /** What moves a thread's `updated_at` besides its own changes. Default: messages. */
  readonly touchedBy: readonly ('message' | 'comment')[];
  /** Whether a reply of the team opens a thread that is done or snoozed. A contact's message always does. Default: true. */
  readonly replyReopens: boolean;
  /** What becomes of HTML that is stored. Default: kept as it is. */
  readonly storeHtml: (html: string) => string;
  /** Longest `text` or `content` in characters; beyond it 400. Default: no limit. */
  readonly textLimit: number;
  /** A NUL character in a body. `fails` is a 500. Default: `kept`. */
  readonly nulCharacter: 'kept' | 'fails';
  /** The older page names six, the newer three. Default: 6. */
  readonly webhookRetries: 6 | 3;
  /** What 2× over ten seconds means for a cap per minute, see `limits.ts`. Default: `free`. */
  readonly burst: 'free' | 'spread' | 'on-top';
  /** Default: `prefixed`, which rises with time; `uuid` does not. */
  readonly ids: 'prefixed' | 'uuid';
  /** The field of an uploaded file's address. Default: `url`. */
  readonly fileUrlField: 'url' | 'file_url';
}

export const defaultSwitches: ProductlaneSwitches = {
  errorEnvelope: 'nested',
  oldKeyStatus: 410,
  specification: 'published',
  unknownQuery: 'refused',
  thirdPartyFilters: 'work',
  dateBounds: 'exclusive',
  foreignCursor: 'refused',
  emptyLastPage: false,
  sparsePages: false,
  tabWithoutUser: 'refused',
  emailCase: 'insensitive',
  emailFilter: 'substring',
  contactByEmail: 'present',
  duplicateContact: 'conflict',
  snoozedOnCreate: 'accepted',
  blockedSender: 'forbidden',
  companyExternalIds: 'list',
  deletedThread: 'result',
  commentsOrder: 'desc',
  messageKind: 'present',
  messageAddresses: 'objects',
  expandLimit: Number.POSITIVE_INFINITY,
  touchedBy: ['message'],
  replyReopens: true,
  storeHtml: (html) => html,
  textLimit: Number.POSITIVE_INFINITY,
  nulCharacter: 'kept',
  webhookRetries: 6,
  burst: 'free',
  ids: 'prefixed',
  fileUrlField: 'url',
};

/** What a workspace can be connected to. A channel that is missing refuses replies. */
export type Integration = 'email' | 'slack' | 'live_chat' | 'teams' | 'linear';

/** Calls per minute and key, and uploads per day and workspace. */
export interface RateLimits {
  /** GET. Default: 1000. */
  readonly reads: number;
  /** POST, PATCH and DELETE together. Default: 60. */
  readonly writes: number;
  /** Counted on top of the writes. Default: 30. */
  readonly uploads: number;
  /** Default: 500. */
  readonly uploadsPerDay: number;
}

export interface ProductlaneOptions extends Partial<ProductlaneSwitches> {
  /** Default: a virtual clock. */
  readonly clock?: Clock | undefined;
  /** Default: `https://productlane.invalid/api/v2`. */
  readonly baseUrl?: string | undefined;
  /** `false`: none. Default: the vendor's. */
  readonly rateLimits?: Partial<RateLimits> | false | undefined;
  /** Default: all. */
  readonly integrations?: readonly Integration[] | undefined;
  /** Default: an empty workspace with three members. */
  readonly seed?: SeedSize | undefined;
  /** How webhooks are sent. Default: the global `fetch`. */
  readonly webhookFetch?: typeof globalThis.fetch | undefined;
  /** Real milliseconds. Default: 10 000. */
  readonly webhookTimeoutMs?: number | undefined;
}
