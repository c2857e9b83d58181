/**
 * The records every helpdesk is translated to.
 *
 * All are readonly plain data. `raw` is the desk's own record, for what the
 * model does not cover.
 */

import type { ErrorKind } from './errors.ts';

/** A word of ours beside the desk's own. `raw` keeps what `is` had to flatten. */
export interface Word<T extends string> {
  readonly is: T;
  readonly raw: string;
}

/** Most pressing first. */
export const priorities = ['urgent', 'high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** Where a thread or message came in. `other` is a channel this version does not know. */
export type Channel = 'email' | 'chat' | 'slack' | 'teams' | 'discord' | 'portal' | 'api' | 'import' | 'other';

/** What a thread is waiting for. Desks with finer states are narrowed to these three. */
export type Status =
  | { readonly is: 'open'; readonly raw: string }
  /** `until` is `undefined` where a desk snoozes without an end. */
  | { readonly is: 'snoozed'; readonly until: Date | undefined; readonly raw: string }
  | { readonly is: 'done'; readonly raw: string };

export const bodyFormats = ['html', 'markdown', 'text'] as const;
export type BodyFormat = (typeof bodyFormats)[number];

/** Text with its format. Callers give what they have; the adapter converts once, to what the desk stores. */
export interface Body {
  readonly format: BodyFormat;
  readonly content: string;
}

export interface Contact {
  readonly id: string;
  /** Lower-cased and trimmed. The identity that matches people across desks. */
  readonly email: string;
  readonly name: string | undefined;
  /** The caller's own id, where the desk keeps one. */
  readonly externalId: string | undefined;
  /** Productlane: company. Plain: `undefined`, tenants belong to threads. */
  readonly companyId: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly raw: unknown;
}

/** A person or machine of the team. */
export interface Agent {
  readonly id: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
}

export interface Label {
  /** The id that writes take. Productlane: tag id. Plain: label **type** id (`lt_…`). */
  readonly id: string;
  readonly name: string;
}

/** A typed value under a key that the workspace has defined. */
export type CustomField =
  | { readonly key: string; readonly type: 'string' | 'enum'; readonly value: string }
  | { readonly key: string; readonly type: 'boolean'; readonly value: boolean }
  | { readonly key: string; readonly type: 'number' | 'currency'; readonly value: number }
  | { readonly key: string; readonly type: 'date'; readonly value: Date };

export interface Thread {
  readonly id: string;
  /** The caller's own id, where the desk keeps one. */
  readonly externalId: string | undefined;
  /** `undefined` where the desk knows no author, for example after a deletion. */
  readonly contact: Contact | undefined;
  readonly title: string | undefined;
  readonly status: Status;
  readonly priority: Word<Priority>;
  readonly channel: Word<Channel>;
  readonly assignee: Agent | undefined;
  readonly labels: readonly Label[];
  /** Productlane: company. Plain: tenant. */
  readonly company: { readonly id: string; readonly name: string } | undefined;
  readonly customFields: readonly CustomField[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly raw: unknown;
}

/**
 * Who a message went to.
 *
 * `inbound`: from the contact. `outbound`: to the contact. `note`: only the
 * team sees it, and it can never become one of the other two.
 */
export const messageKinds = ['inbound', 'outbound', 'note'] as const;
export type MessageKind = (typeof messageKinds)[number];

export interface Author {
  /** `system` covers automations and notices of the desk itself. */
  readonly is: 'contact' | 'agent' | 'system';
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly email: string | undefined;
}

export interface Attachment {
  /** Plain: `att_…`. `undefined` on Productlane, whose attachments have no id. */
  readonly id: string | undefined;
  readonly name: string;
  readonly mimeType: string | undefined;
  /** `undefined` on Plain: a link must be asked for and lives three minutes. */
  readonly url: string | undefined;
}

export interface Message {
  readonly id: string;
  readonly threadId: string;
  readonly kind: MessageKind;
  readonly author: Author;
  readonly body: Body;
  readonly attachments: readonly Attachment[];
  readonly channel: Word<Channel>;
  readonly createdAt: Date;
  readonly raw: unknown;
}

/**
 * Something the model holds and the desk could not keep.
 *
 * Losses travel beside the result instead of in a log, so a dry run can list
 * them and a test can pin them.
 */
export interface Loss {
  /** Dotted path in the input, for example `priority` or `messages.3.createdAt`. */
  readonly field: string;
  /** `dropped`: not stored. `changed`: stored as `stored` instead. */
  readonly how: 'dropped' | 'changed';
  /** What the desk holds instead, in a few words of ours. */
  readonly stored?: string;
  /** Why, where it is not plain from the desk's traits. Never customer data. */
  readonly reason?: string;
  /**
   * A request of its own failed, after the record was there: how. It may have
   * happened all the same.
   */
  readonly failed?: ErrorKind;
}

/** A write that reached the desk, with what it cost. */
export interface Written<T> {
  readonly value: T;
  /** Empty when the desk kept everything. */
  readonly losses: readonly Loss[];
}
