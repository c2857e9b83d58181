/** What a Plain workspace stores. Plain data: a change replaces the record, so an older one stays as it was. */
import type { EmailSendStatus, ThreadChannel, ThreadFieldSchemaType, ThreadStatus } from './wire.ts';

export type { EmailSendStatus, ThreadChannel, ThreadStatus };

/** `Date.toISOString()`: 24 characters, so that text order is time order. */
export type Instant = string;

/** A customer who is not stored any more is shown as deleted. */
export interface ActorRef {
  readonly is: 'user' | 'machineUser' | 'customer' | 'system';
  readonly id: string;
}

export interface AssigneeRef {
  readonly is: 'user' | 'machineUser' | 'system';
  readonly id: string;
}

interface Stamped {
  readonly id: string;
  readonly createdAt: Instant;
  readonly createdBy: ActorRef;
  readonly updatedAt: Instant;
  readonly updatedBy: ActorRef;
}

export interface Customer extends Stamped {
  readonly externalId: string | null;
  readonly fullName: string;
  readonly shortName: string | null;
  readonly email: string;
  readonly isVerified: boolean;
  readonly verifiedAt: Instant | null;
  readonly tenantIds: readonly string[];
  readonly markedAsSpamAt: Instant | null;
}

export interface User {
  readonly id: string;
  readonly fullName: string;
  readonly publicName: string;
  readonly email: string;
  /** Set for somebody who left: still the author of what they wrote, but nobody to assign to. */
  readonly removedAt: Instant | null;
  readonly updatedAt: Instant;
}

export interface MachineUser {
  readonly id: string;
  readonly fullName: string;
  readonly publicName: string;
  readonly description: string | null;
  readonly updatedAt: Instant;
}

export interface Tenant extends Stamped {
  readonly externalId: string;
  readonly name: string;
  readonly url: string | null;
}

export interface LabelType extends Stamped {
  readonly name: string;
  readonly icon: string | null;
  readonly archivedAt: Instant | null;
}

export interface Label extends Stamped {
  readonly labelTypeId: string;
}

export interface ThreadFieldSchema {
  readonly key: string;
  readonly type: ThreadFieldSchemaType;
  /** For ENUM. */
  readonly enumValues: readonly string[];
  /** A thread without it cannot be done. */
  readonly isRequired: boolean;
}

export interface ThreadFieldValue {
  readonly key: string;
  readonly type: ThreadFieldSchemaType;
  readonly stringValue: string | null;
  readonly booleanValue: boolean | null;
  readonly numberValue: number | null;
  readonly dateValue: Instant | null;
}

export interface ThreadField extends Stamped, ThreadFieldValue {}

export type AttachmentType = 'EMAIL' | 'CUSTOM_TIMELINE_ENTRY' | 'CHAT' | 'SLACK' | 'MS_TEAMS' | 'DISCORD' | 'NOTE';

export interface Attachment {
  readonly id: string;
  readonly customerId: string;
  readonly fileName: string;
  readonly fileMimeType: string;
  readonly bytes: number;
  readonly type: AttachmentType;
  readonly isUploaded: boolean;
  readonly updatedAt: Instant;
}

export type StatusDetailType =
  | 'CREATED'
  | 'IN_PROGRESS'
  | 'NEW_REPLY'
  | 'THREAD_DISCUSSION_RESOLVED'
  | 'THREAD_LINK_UPDATED'
  | 'WAITING_FOR_CUSTOMER'
  | 'WAITING_FOR_DURATION'
  | 'WAITING_INDEFINITELY'
  | 'DONE_AUTOMATICALLY_SET'
  | 'DONE_MANUALLY_SET'
  | 'IGNORED';

export interface StatusDetail {
  readonly type: StatusDetailType;
  /** For WAITING_FOR_DURATION. */
  readonly waitingUntil?: Instant;
  /** For WAITING_FOR_DURATION. */
  readonly durationSeconds?: number;
}

export type MessageSource = 'API' | 'CHAT' | 'DISCORD' | 'EMAIL' | 'INTERNAL' | 'MS_TEAMS' | 'SLACK';

export interface MessageInfo {
  readonly timestamp: Instant;
  readonly messageSource: MessageSource;
}

export interface Thread extends Stamped {
  /** Shown as `T-<number>`. */
  readonly number: number;
  readonly customerId: string;
  readonly externalId: string | null;
  readonly title: string;
  readonly description: string | null;
  readonly previewText: string | null;
  readonly priority: number;
  readonly channel: ThreadChannel;
  /** Where an imported thread came from. */
  readonly importSourceUrl: string | null;
  readonly status: ThreadStatus;
  readonly statusDetail: StatusDetail;
  readonly statusChangedAt: Instant;
  readonly statusChangedBy: ActorRef;
  readonly assignee: AssigneeRef | null;
  readonly assignedAt: Instant | null;
  readonly labels: readonly Label[];
  readonly fields: readonly ThreadField[];
  readonly tenantId: string | null;
  readonly lockedAt: Instant | null;
  readonly firstInbound: MessageInfo | null;
  readonly firstOutbound: MessageInfo | null;
  readonly lastInbound: MessageInfo | null;
  readonly lastOutbound: MessageInfo | null;
}

export interface DeletedThread {
  readonly threadId: string;
  readonly deletedAt: Instant;
}

/** What a new thread sets off and an imported one does not. */
export interface SideEffect {
  readonly threadId: string;
  readonly kind: 'autoresponder' | 'service-level-agreement';
  readonly at: Instant;
}
