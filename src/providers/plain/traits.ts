/** What Plain can hold, what its key must be allowed, and what the adapter can be told. */
import type { RateLimits } from '../../core/budget.ts';
import type { Traits } from '../../core/helpdesk.ts';
import { priorities } from '../../core/model.ts';
import { adapterOptions } from '../../core/options.ts';
import type { TransportOptions } from '../../core/transport.ts';
import { titleLimit } from './checks.ts';

export interface PlainOptions extends TransportOptions {
  /** The GraphQL endpoint. Default: `https://core-api.uk.plain.com/graphql/v1`. */
  readonly baseUrl?: string | undefined;
  /** Records per page, 1 to 100. Default: 100. */
  readonly pageSize?: number | undefined;
}

/** What `createPlain` accepts. */
export const plainOptions = adapterOptions(100);

export const plainTraits: Traits = {
  bodyFormat: 'markdown',
  titleLimit,
  priorities,
  backdatesThreads: false,
  keepsExternalIds: true,
  keepsCustomFields: true,
  recordsMessages: 'as-messages',
  importsThreadsOnce: true,
  returnsReplyId: false,
};

/** What all methods together need: `check` names those that are missing. */
export const permissions = [
  'customer:create',
  'customer:edit',
  'customer:read',
  'email:create',
  'email:read',
  'label:create',
  'label:delete',
  'label:read',
  'labelType:read',
  'machineUser:read',
  'note:create',
  'tenant:read',
  'thread:assign',
  'thread:create',
  'thread:delete',
  'thread:edit',
  'thread:import',
  'thread:read',
  'thread:reply',
  'thread:unassign',
  'threadField:create',
  'threadField:read',
  'threadField:update',
  'timeline:read',
  'user:read',
];

/** Requests a minute of the smallest plan. */
export const rateLimits: RateLimits = { all: 450 };
