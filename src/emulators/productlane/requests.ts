/** What the API accepts: closed bodies and query parameters. */
import { z } from 'zod';
import type { ProductlaneSwitches } from './options.ts';

const name = z.string().min(1).max(255);
const boundedEmail = z.email().max(254);
const id = z.string();
const html = z.string().min(1);

/** RFC 3339 with seconds, as an ISO string in UTC. */
const instant = z.iso
  .datetime({ offset: true, abort: true })
  .regex(/T\d\d:\d\d:\d\d/, 'Seconds are missing')
  .transform((text) => new Date(text).toISOString());

const painLevel = z.enum(['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH']);
const status = z.enum(['open', 'snoozed', 'done']);
const tab = z.enum(['open', 'new', 'needs-response', 'my', 'snoozed', 'done']);

const sharedOrigins = [
  'in_app',
  'portal',
  'support_portal',
  'email',
  'slack',
  'slack_connect',
  'intercom',
  'intercom_attachment',
  'zendesk',
  'zendesk_attachment',
  'front_attachment',
  'zapier',
  'hubspot',
  'plain',
  'api',
  'live_chat',
] as const;
const laterOrigins = ['ai_chat', 'calendar', 'widget', 'teams', 'linear', 'upvote'] as const;

const notify = z.strictObject({ slack: z.boolean().optional(), email: z.boolean().optional() });

const externalIds = z.strictObject({
  intercom: z.string().optional(),
  front: z.string().optional(),
  zendesk: z.string().optional(),
  hubspot: z.string().optional(),
  plain: z.string().optional(),
  productboard: z.string().optional(),
  slack_channel: z.string().optional(),
});

const draftSource = z.strictObject({
  type: z.string(),
  title: z.string(),
  identifier: z.string().optional(),
  url: z.string().optional(),
});

const threadCreate = z.strictObject({
  title: z.string().max(512).optional(),
  text: html,
  pain_level: painLevel,
  status: status.optional(),
  origin: z.enum([...sharedOrigins, 'productboard']).optional(),
  contact_email: z.email(),
  contact_name: z.string().optional(),
  assignee_id: id.optional(),
  company_id: id.optional(),
  project_id: id.optional(),
  issue_id: id.optional(),
  created_at: instant.optional(),
  updated_at: instant.optional(),
  notify: notify.optional(),
});

const threadUpdate = z.strictObject({
  text: html.optional(),
  title: z.string().max(512).nullable().optional(),
  pain_level: painLevel.optional(),
  assignee_id: id.nullable().optional(),
  contact_id: id.optional(),
  company_id: id.nullable().optional(),
  tag_ids: z.array(id).optional(),
  project_id: id.nullable().optional(),
  status: status.optional(),
  snoozed_until: instant.optional(),
  closed_loop: z.boolean().optional(),
  ai_draft_html: z.string().nullable().optional(),
  ai_draft_sources: z.array(draftSource).nullable().optional(),
  clear_ai_draft_error: z.boolean().optional(),
  notify: notify.optional(),
});

const address = z.strictObject({
  email: boundedEmail,
  name: z.string().default(''),
  mailboxHash: z.string().default(''),
});

const attachment = z.strictObject({
  Name: z.string().min(1),
  ContentType: z.string().min(1),
  Content: z.url({ protocol: /^https$/, message: 'A publicly fetchable https URL' }),
  ContentLength: z.int().min(0).nullable().optional(),
  ContentID: z.string().optional(),
});

const messageSend = z.strictObject({
  content: html,
  cc: z.array(address).optional(),
  bcc: z.array(address).optional(),
  attachments: z.array(attachment).optional(),
  channel_id: z.string().optional(),
});

const laterThreadCreate = threadCreate.extend({
  origin: z.enum([...sharedOrigins, ...laterOrigins]).optional(),
  external_ids: externalIds.optional(),
});
const laterThreadUpdate = threadUpdate.extend({ external_ids: externalIds.optional() });
// The shape of `author` is not known: anything passes.
const laterMessageSend = messageSend.extend({ author: z.unknown().optional() });

const companySelectors = {
  company_id: name.optional(),
  company_name: name.optional(),
  company_external_id: name.optional(),
};

const contactFields = {
  is_subscribed: z.boolean().optional(),
  image_url: z.url().nullable().optional(),
  ...companySelectors,
};
const contactCreate = z.strictObject({ email: boundedEmail, name: name.optional(), ...contactFields });
const contactUpdate = z.strictObject({ email: boundedEmail.optional(), name: name.optional(), ...contactFields });

const domain = z
  .string()
  .min(1)
  .max(63)
  .regex(/[0-9a-z-]+\.(?:(?:co|or|gv|ac|com)\.)?[a-z]{2,7}$/);
const companyFields = {
  logo_url: z.url().nullable().optional(),
  domains: z.array(domain).optional(),
  external_ids: z.array(z.string()).optional(),
  status_id: id.nullable().optional(),
  tier_id: id.nullable().optional(),
  owner_id: id.nullable().optional(),
};
const amount = z.int().min(0);

const role = z.enum(['ADMIN', 'USER', 'VIEWER']);

/** The bodies that do not depend on the specification's age. */
export const bodies = {
  comment: z.strictObject({ content: html, attachments: z.array(z.unknown()).optional() }),
  commentUpdate: z.strictObject({ content: html.optional(), attachments: z.array(z.unknown()).optional() }),
  customerNeeds: z.strictObject({
    issue_ids: z.array(id).optional(),
    project_ids: z.array(id).optional(),
    priority: z.number().optional(),
  }),
  companySelector: z.strictObject(companySelectors),
  blockedSender: z.strictObject({ type: z.enum(['EMAIL', 'DOMAIN']), value: z.string().min(3).max(254) }),
  companyCreate: z.strictObject({ name, size: amount.optional(), revenue: amount.optional(), ...companyFields }),
  companyUpdate: z.strictObject({
    name: name.optional(),
    size: amount.nullable().optional(),
    revenue: amount.nullable().optional(),
    ...companyFields,
  }),
  companyMerge: z.strictObject({ source_id: id }),
  tag: z.strictObject({ name: z.string(), color: z.string(), icon: z.string(), tag_group_id: id }),
  tagUpdate: z.strictObject({
    name: z.string().optional(),
    color: z.string().optional(),
    icon: z.string().optional(),
    tag_group_id: id.optional(),
  }),
  tagGroup: z.strictObject({ name: z.string(), color: z.string() }),
  tagGroupUpdate: z.strictObject({ name: z.string().optional(), color: z.string().optional() }),
  memberRole: z.strictObject({ role }),
  invite: z.strictObject({ email: boundedEmail, name, role }),
  fileImport: z.strictObject({
    url: z.url().optional(),
    content_base64: z.base64().optional(),
    file_name: z.string().optional(),
    content_type: z.string().optional(),
  }),
  webhook: z.strictObject({
    url: z.url({ protocol: /^https?$/ }),
    label: z.string().optional(),
    events: z.array(
      z.enum([
        'thread.*',
        'message.*',
        'comment.*',
        'contact.*',
        'company.*',
        'changelog.*',
        'issue.*',
        'project.*',
        'customer_need.*',
        'doc.*',
        'tag.*',
        'membership.*',
      ]),
    ),
  }),
} as const;

export type ThreadCreate = z.infer<typeof laterThreadCreate> | z.infer<typeof threadCreate>;
export type ThreadUpdate = z.infer<typeof laterThreadUpdate>;
export type MessageSend = z.infer<typeof messageSend>;
export type ContactCreate = z.infer<typeof contactCreate>;
export type ContactUpdate = z.infer<typeof contactUpdate>;
export type CompanySelector = z.infer<typeof bodies.companySelector>;
export type CompanyUpdate = z.infer<typeof bodies.companyUpdate>;

/** The bodies that a later specification extends. */
export function bodiesOf(specification: ProductlaneSwitches['specification']) {
  const later = specification === 'later';
  return {
    threadCreate: later ? laterThreadCreate : threadCreate,
    threadUpdate: later ? laterThreadUpdate : threadUpdate,
    messageSend: later ? laterMessageSend : messageSend,
    contactCreate: later ? contactCreate.extend({ external_ids: externalIds.optional() }) : contactCreate,
    contactUpdate: later ? contactUpdate.extend({ external_ids: externalIds.optional() }) : contactUpdate,
  } as const;
}

const dates = {
  created_after: instant.optional(),
  created_before: instant.optional(),
  updated_after: instant.optional(),
  updated_before: instant.optional(),
};

const bound = z.string().regex(/^\d+$/).transform(Number).optional();

/** Query parameters: what the vendor shows, and what only other clients know. */
export const queries = {
  threads: {
    vendor: {
      status: status.optional(),
      tab: tab.optional(),
      assignee_id: id.optional(),
      contact_id: id.optional(),
      company_id: id.optional(),
      tag_id: id.optional(),
    },
    others: {
      pain_level: painLevel.optional(),
      origin: z.string().optional(),
      issue_id: id.optional(),
      project_id: id.optional(),
      external_id: id.optional(),
      ...dates,
    },
  },
  messages: {
    vendor: {
      order: z.enum(['asc', 'desc']).optional(),
      type: z.enum(['email', 'slack', 'chat', 'live_chat', 'feedback']).optional(),
      direction: z.enum(['inbound', 'outbound']).optional(),
      user_id: id.optional(),
    },
    others: { q: z.string().optional(), ...dates },
  },
  contacts: {
    vendor: { email: z.string().min(1).optional(), name_contains: name.optional(), company_id: id.optional() },
    others: { external_id: id.optional(), ...dates },
  },
  companies: {
    vendor: {
      external_id: id.optional(),
      domain: z.string().optional(),
      name_contains: name.optional(),
      status_id: id.optional(),
      tier_id: id.optional(),
      size_gte: bound,
      size_lte: bound,
      revenue_gte: bound,
      revenue_lte: bound,
    },
    others: dates,
  },
  tags: { vendor: { name_contains: z.string().optional(), tag_group_id: id.optional() }, others: dates },
  blockedSenders: { vendor: { type: z.enum(['EMAIL', 'DOMAIN']).optional() }, others: {} },
  thread: { vendor: { expand: z.string().optional() }, others: {} },
  byEmail: { vendor: { email: z.email() }, others: {} },
  none: { vendor: {}, others: {} },
} as const;
