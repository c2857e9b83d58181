/** What a Productlane workspace stores, in the vendor's words. */
import type { Created } from '../ordered.ts';

/** Ids in other systems. */
export type ExternalIds = Partial<
  Record<'intercom' | 'front' | 'zendesk' | 'hubspot' | 'plain' | 'productboard' | 'slack_channel', string | undefined>
>;

interface Row extends Created {
  updated_at: string;
  /** Set on rows that are gone. The API no longer shows them. */
  deleted_at: string | null;
}

export type ThreadStatus = 'open' | 'snoozed' | 'done';
type PainLevel = 'UNKNOWN' | 'LOW' | 'MEDIUM' | 'HIGH';

export interface AiDraft {
  html: string | null;
  sources: readonly unknown[] | null;
  generated_at: string | null;
  started_at: string | null;
  error_at: string | null;
}

export interface ThreadRow extends Row {
  title: string | null;
  /** HTML. */
  text: string;
  pain_level: PainLevel;
  origin: string;
  status: ThreadStatus;
  /** Open and never dealt with: tab `new`. */
  is_new: boolean;
  /** Done for good. The API does not show it. */
  closed_loop: boolean;
  snoozed_until: string | null;
  last_inbound_message_at: string | null;
  last_outbound_message_at: string | null;
  last_state_change_at: string | null;
  is_read: boolean;
  contact_id: string | null;
  company_id: string | null;
  assignee_id: string | null;
  reporter_id: string | null;
  tag_ids: readonly string[];
  customer_needs: readonly CustomerNeedRow[];
  external_ids: ExternalIds;
  /** Absent until a draft was ever set. */
  ai_draft?: AiDraft;
}

export interface CustomerNeedRow {
  readonly id: string;
  readonly thread_id: string;
  readonly project_id: string | null;
  readonly issue_id: string | null;
  readonly priority: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface MessageAddress {
  readonly email: string;
  readonly name: string;
  readonly mailboxHash: string;
}

/** As it was sent: the vendor's field names are those of its mail service. */
export interface Attachment {
  readonly Name: string;
  readonly ContentType: string;
  readonly Content: string;
  readonly ContentLength?: number | null | undefined;
  readonly ContentID?: string | undefined;
}

export type MessageType = 'email' | 'slack' | 'chat' | 'live_chat' | 'feedback';

export interface MessageRow extends Created {
  readonly thread_id: string;
  readonly type: MessageType;
  readonly direction: 'inbound' | 'outbound';
  readonly subject: string | null;
  readonly html: string;
  readonly from: MessageAddress | null;
  readonly to: readonly MessageAddress[];
  readonly cc: readonly MessageAddress[];
  readonly bcc: readonly MessageAddress[];
  readonly attachments: readonly Attachment[];
  readonly user_id: string | null;
}

export interface CommentRow extends Row {
  readonly thread_id: string;
  content: string;
  attachments: readonly unknown[];
  readonly user_id: string | null;
}

export interface ContactRow extends Row {
  email: string;
  name: string | null;
  image_url: string | null;
  is_subscribed: boolean;
  external_ids: ExternalIds;
  /** The first is the primary one. */
  company_ids: readonly string[];
}

export interface CompanyRow extends Row {
  name: string;
  logo_url: string | null;
  domains: readonly string[];
  size: number | null;
  revenue: number | null;
  status_id: string | null;
  tier_id: string | null;
  owner_id: string | null;
  external_ids: readonly string[];
}

export interface TagRow extends Row {
  name: string;
  color: string;
  icon: string | null;
  tag_group_id: string | null;
}

export interface TagGroupRow extends Row {
  name: string;
  color: string;
}

type Role = 'ADMIN' | 'USER' | 'VIEWER';

export interface MemberRow extends Created {
  readonly email: string;
  readonly name: string | null;
  readonly image_url: string | null;
  role: Role;
}

export interface InviteRow extends Created {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly state: 'PENDING' | 'ACCEPTED';
  readonly invited_by_id: string | null;
}

export interface BlockedSenderRow extends Created {
  readonly type: 'EMAIL' | 'DOMAIN';
  readonly value: string;
}

export interface FileRow extends Created {
  readonly file_name: string;
  readonly content_type: string;
  readonly size: number;
  /** Base64. */
  readonly content: string;
}
