/** What Productlane can hold, what its key must be allowed, and what the adapter can be told. */
import * as z from 'zod/mini';
import type { RateLimits } from '../../core/budget.ts';
import type { Traits } from '../../core/helpdesk.ts';
import { adapterOptions } from '../../core/options.ts';
import type { TransportOptions } from '../../core/transport.ts';

export interface ProductlaneOptions extends TransportOptions {
  /** Default: `https://productlane.com/api/v2`. */
  readonly baseUrl?: string | undefined;
  /** Records per list request, 1 to 200. Default: 200. */
  readonly pageSize?: number | undefined;
  /**
   * How `recordMessages` keeps what was exchanged elsewhere: as internal
   * `comments` of today, or at the end of the thread's own text, the
   * `transcript` in which `importThread` keeps it. A transcript reads in order,
   * may be shown to the contact, and costs two requests however many messages
   * there are, but a text that somebody edits at the same moment is
   * overwritten. Notes are comments in any case. Default: `comments`.
   */
  readonly records?: 'comments' | 'transcript' | undefined;
}

/** What `createProductlane` accepts. */
export const productlaneOptions = z.extend(adapterOptions(200), {
  records: z.optional(z.enum(['comments', 'transcript'])),
});

/** With {@link ProductlaneOptions.records} at its default. */
export const productlaneTraits: Traits = {
  bodyFormat: 'html',
  titleLimit: 512,
  priorities: ['high', 'normal', 'low'],
  backdatesThreads: true,
  keepsExternalIds: false,
  keepsCustomFields: false,
  recordsMessages: 'as-notes',
  importsThreadsOnce: false,
  returnsReplyId: true,
};

export function traitsWith({ records }: ProductlaneOptions): Traits {
  return records === 'transcript' ? { ...productlaneTraits, recordsMessages: 'in-transcript' } : productlaneTraits;
}

/** What all methods together need: `check` names those that are missing. */
export const scopes = [
  'threads:read',
  'threads:write',
  'messages:write',
  'comments:write',
  'contacts:read',
  'contacts:write',
  'tags:read',
];

/** Requests a minute of one key. */
export const rateLimits: RateLimits = { reads: 1000, writes: 60 };
