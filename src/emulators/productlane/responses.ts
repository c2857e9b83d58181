/** What the API shows of a row. */
import type { ProductlaneSwitches } from './options.ts';
import type {
  Attachment,
  CommentRow,
  CompanyRow,
  ContactRow,
  MemberRow,
  MessageAddress,
  MessageRow,
  MessageType,
  TagRow,
  ThreadRow,
} from './rows.ts';
import { live } from './state.ts';
import { teamAddress, type Workspace } from './workspace.ts';

export function showThread(workspace: Workspace, row: ThreadRow): Record<string, unknown> {
  const { tables } = workspace;
  const contact = live(tables.contacts, row.contact_id);
  const company = live(tables.companies, row.company_id);
  return {
    id: row.id,
    created_at: row.created_at,
    updated_at: row.updated_at,
    title: row.title,
    text: row.text,
    pain_level: row.pain_level,
    origin: row.origin,
    status: row.status,
    tab: tabOf(row),
    snoozed_until: row.snoozed_until,
    last_inbound_message_at: row.last_inbound_message_at,
    last_outbound_message_at: row.last_outbound_message_at,
    last_state_change_at: row.last_state_change_at,
    is_read: row.is_read,
    contact: contact ? showContact(contact) : null,
    company: company ? showCompany(workspace, company) : null,
    assignee: showUser(tables.members.get(row.assignee_id ?? '')),
    reporter: showUser(tables.members.get(row.reporter_id ?? '')),
    tags: row.tag_ids.flatMap((id) => live(tables.tags, id) ?? []).map(showTag),
    customer_needs: row.customer_needs,
    external_ids: row.external_ids,
    ai_draft_html: row.ai_draft?.html ?? null,
    ai_draft_sources: row.ai_draft?.sources ?? null,
    ai_draft_generated_at: row.ai_draft?.generated_at ?? null,
    ai_draft_started_at: row.ai_draft?.started_at ?? null,
    ai_draft_error_at: row.ai_draft?.error_at ?? null,
  };
}

/** `my` and `needs-response` are views of one user, so a thread itself is never in them. */
export function tabOf(row: ThreadRow): 'new' | 'open' | 'snoozed' | 'done' {
  if (row.status !== 'open') return row.status;
  return row.is_new ? 'new' : 'open';
}

export function showContact(row: ContactRow): Record<string, unknown> {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    image_url: row.image_url,
    company_id: row.company_ids[0] ?? null,
    is_subscribed: row.is_subscribed,
    external_ids: row.external_ids,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

export function showCompany(workspace: Workspace, row: CompanyRow): Record<string, unknown> {
  const owner = workspace.tables.members.get(row.owner_id ?? '');
  return {
    id: row.id,
    name: row.name,
    logo_url: row.logo_url,
    domains: row.domains,
    size: row.size,
    revenue: row.revenue,
    status_id: row.status_id,
    status_name: row.status_id && `Status ${row.status_id}`,
    tier_id: row.tier_id,
    tier_name: row.tier_id && `Tier ${row.tier_id}`,
    owner: owner ? { id: owner.id, name: owner.name, avatar_url: owner.image_url } : null,
    external_ids: workspace.switches.companyExternalIds === 'list' ? row.external_ids : {},
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

function showUser(row: MemberRow | undefined): Record<string, unknown> | null {
  return row ? { id: row.id, name: row.name, email: row.email, image_url: row.image_url } : null;
}

export function showMember(row: MemberRow): Record<string, unknown> {
  const { id, email, name, image_url, role, created_at } = row;
  return { id, email, name, image_url, role, joined_at: created_at };
}

export function showTag({
  id,
  name,
  color,
  icon,
  tag_group_id,
  created_at,
  updated_at,
}: TagRow): Record<string, unknown> {
  return { id, name, color, icon, tag_group_id, created_at, updated_at };
}

export function showComment(row: CommentRow): Record<string, unknown> {
  const { id, thread_id, content, attachments, user_id, created_at, updated_at } = row;
  return { id, thread_id, content, attachments, user_id, created_at, updated_at };
}

/** The first message of every thread is made from the thread itself. */
export function feedbackOf(workspace: Workspace, thread: ThreadRow): MessageRow {
  const contact = live(workspace.tables.contacts, thread.contact_id);
  return {
    id: `fbk_${thread.id}`,
    created_at: thread.created_at,
    thread_id: thread.id,
    type: 'feedback',
    direction: 'inbound',
    subject: thread.title,
    html: thread.text,
    from: contact ? addressOf(contact) : null,
    to: [teamAddress],
    cc: [],
    bcc: [],
    attachments: [],
    user_id: null,
  };
}

export function showMessage(switches: ProductlaneSwitches, row: MessageRow): Record<string, unknown> {
  const address = (one: MessageAddress): unknown => (switches.messageAddresses === 'objects' ? one : one.email);
  return {
    id: row.id,
    created_at: row.created_at,
    thread_id: row.thread_id,
    ...(switches.messageKind === 'present' && { type: row.type, direction: row.direction }),
    subject: row.subject,
    text: plainText(row.html),
    html: row.html,
    from: row.from && address(row.from),
    to: row.to.map(address),
    cc: row.cc.map(address),
    bcc: row.bcc.map(address),
    attachments: row.attachments.map(showAttachment),
    user_id: row.user_id,
  };
}

function showAttachment(attachment: Attachment): Attachment {
  return { ...attachment, ContentLength: attachment.ContentLength ?? null };
}

export function addressOf({ email, name }: Pick<ContactRow, 'email' | 'name'>): MessageAddress {
  return { email, name: name ?? '', mailboxHash: '' };
}

/** The channel a reply takes, by where the thread came from. Everything else goes by mail. */
const channelOfOrigin: Readonly<Record<string, 'slack' | 'live_chat' | 'teams'>> = {
  slack: 'slack',
  slack_connect: 'slack',
  live_chat: 'live_chat',
  in_app: 'live_chat',
  ai_chat: 'live_chat',
  widget: 'live_chat',
  teams: 'teams',
};

export function channelOf(thread: ThreadRow): 'email' | 'slack' | 'live_chat' | 'teams' {
  return channelOfOrigin[thread.origin] ?? 'email';
}

/** Lists say `chat` where sending says `teams`. */
export const messageTypeOf: Readonly<Record<ReturnType<typeof channelOf>, MessageType>> = {
  email: 'email',
  slack: 'slack',
  live_chat: 'live_chat',
  teams: 'chat',
};

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" };

/** Enough for a search field and a preview; not a parser. */
export function plainText(html: string): string {
  return html
    .replace(/<br\s*\/?>|<\/(?:p|div|li|h[1-6])>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => entities[name] ?? '')
    .trim();
}
