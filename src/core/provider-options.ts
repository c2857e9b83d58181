/**
 * What only one desk has: typed additions to the inputs, under the desk's name
 * and with the desk's own field names. The adapter lays them over what it would
 * send, so here its documentation holds, word for word.
 *
 * The only file of the core that knows desks by name: inputs are written before
 * it is known which desk will take them.
 */
import * as z from 'zod/mini';
import { emailAddress } from './email.ts';

const text = z.string().check(z.minLength(1));
const instant = z.iso.datetime({ offset: true });
const list = <T extends z.ZodMiniType>(item: T) => z.readonly(z.array(item));

/** Exactly one of the fields is given. */
const oneOf = <T extends z.ZodMiniObject>(fields: T) =>
  fields.check(
    z.refine((value) => Object.values(value).filter((given) => given !== undefined).length === 1, {
      error: () => `give exactly one of ${Object.keys(fields.def.shape).join(', ')}`,
    }),
  );

// Productlane

const notify = z.strictObject({ slack: z.optional(z.boolean()), email: z.optional(z.boolean()) });
const painLevel = z.enum(['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH']);
const threadStatus = z.enum(['open', 'snoozed', 'done']);
const origin = z.enum([
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
  'productboard',
  'api',
  'live_chat',
]);

const productlaneContact = z
  .strictObject({
    image_url: z.optional(z.nullable(z.url())),
    is_subscribed: z.optional(z.boolean()),
    company_id: z.optional(text),
    company_name: z.optional(text),
    company_external_id: z.optional(text),
  })
  .check(
    z.refine(
      ({ company_id, company_name, company_external_id }) =>
        [company_id, company_name, company_external_id].filter((given) => given !== undefined).length <= 1,
      { error: () => 'give at most one of company_id, company_name, company_external_id' },
    ),
  );

const productlaneCreateThread = z.strictObject({
  pain_level: z.optional(painLevel),
  /** `snoozed` has no documented end at creation; use `updateThread` to snooze. */
  status: z.optional(threadStatus),
  /** Decides the channel of later replies. Default: `api`. */
  origin: z.optional(origin),
  assignee_id: z.optional(text),
  company_id: z.optional(text),
  project_id: z.optional(text),
  issue_id: z.optional(text),
  created_at: z.optional(instant),
  updated_at: z.optional(instant),
  /** Tells the **team** by Slack or e-mail. Default: nobody. */
  notify: z.optional(notify),
});

const productlaneUpdateThread = z.strictObject({
  /** HTML, sent as it is. */
  text: z.optional(text),
  title: z.optional(z.nullable(z.string().check(z.maxLength(512)))),
  pain_level: z.optional(painLevel),
  assignee_id: z.optional(z.nullable(text)),
  contact_id: z.optional(text),
  company_id: z.optional(z.nullable(text)),
  tag_ids: z.optional(list(text)),
  project_id: z.optional(z.nullable(text)),
  status: z.optional(threadStatus),
  snoozed_until: z.optional(instant),
  /** With `done`: fully closed. */
  closed_loop: z.optional(z.boolean()),
  ai_draft_html: z.optional(z.nullable(z.string())),
  ai_draft_sources: z.optional(
    z.nullable(
      list(
        z.strictObject({
          type: z.string(),
          title: z.string(),
          identifier: z.optional(z.string()),
          url: z.optional(z.string()),
        }),
      ),
    ),
  ),
  clear_ai_draft_error: z.optional(z.boolean()),
  notify: z.optional(notify),
});

const productlaneRecipient = z.strictObject({
  email: emailAddress,
  name: z.optional(z.string()),
  mailboxHash: z.optional(z.string()),
});

const productlaneReply = z.strictObject({
  cc: z.optional(list(productlaneRecipient)),
  bcc: z.optional(list(productlaneRecipient)),
  attachments: z.optional(
    list(
      z.strictObject({
        Name: text,
        ContentType: text,
        /** A public https URL of the file. */
        Content: z.url({ protocol: /^https$/ }),
        ContentLength: z.optional(z.nullable(z.int().check(z.minimum(0)))),
        ContentID: z.optional(z.string()),
      }),
    ),
  ),
  /** Slack channel. Needed on Slack threads that hold none. */
  channel_id: z.optional(text),
});

// Plain

/** `customerId` (`c_…`), `emailAddress` or `externalId`. */
const customerIdentifier = oneOf(
  z.strictObject({ customerId: z.optional(text), emailAddress: z.optional(text), externalId: z.optional(text) }),
);
const tenantIdentifier = oneOf(z.strictObject({ tenantId: z.optional(text), externalId: z.optional(text) }));
const assignedTo = oneOf(z.strictObject({ userId: z.optional(text), machineUserId: z.optional(text) }));

const spacing = z.enum(['XS', 'S', 'M', 'L', 'XL']);
const textSize = z.enum(['S', 'M', 'L']);
const textColor = z.enum(['NORMAL', 'MUTED', 'SUCCESS', 'WARNING', 'ERROR']);
const within = (limit: number) => text.check(z.maxLength(limit));

/** The components that may stand anywhere. Limits: Plain's webhook schema, the narrower of its two. */
const rowComponents = {
  componentText: z.optional(
    z.strictObject({ text: within(5000), textSize: z.optional(textSize), textColor: z.optional(textColor) }),
  ),
  componentPlainText: z.optional(
    z.strictObject({
      plainText: within(5000),
      plainTextSize: z.optional(textSize),
      plainTextColor: z.optional(textColor),
    }),
  ),
  componentLinkButton: z.optional(z.strictObject({ linkButtonUrl: z.url(), linkButtonLabel: within(500) })),
  componentBadge: z.optional(
    z.strictObject({
      badgeLabel: within(500),
      badgeColor: z.optional(z.enum(['GREY', 'GREEN', 'YELLOW', 'RED', 'BLUE'])),
    }),
  ),
  componentCopyButton: z.optional(
    z.strictObject({ copyButtonValue: within(1000), copyButtonTooltipLabel: z.optional(within(500)) }),
  ),
  componentSpacer: z.optional(z.strictObject({ spacerSize: spacing })),
  componentDivider: z.optional(z.strictObject({ dividerSpacingSize: z.optional(spacing) })),
  componentDateTime: z.optional(z.strictObject({ dateTimeIso8601: instant })),
  componentUser: z.optional(
    z.strictObject({
      userIdentifier: oneOf(
        z.strictObject({
          userId: z.optional(text),
          emailAddress: z.optional(text),
          machineUserId: z.optional(text),
        }),
      ),
    }),
  ),
  componentWorkflowButton: z.optional(
    z.strictObject({
      workflowButtonLabel: within(500),
      workflowButtonWorkflowIdentifier: oneOf(
        z.strictObject({ workflowId: z.optional(text), workflowKey: z.optional(text) }),
      ),
    }),
  ),
};
const rowContent = list(oneOf(z.strictObject(rowComponents))).check(z.minLength(1));
const componentRow = z.optional(z.strictObject({ rowMainContent: rowContent, rowAsideContent: rowContent }));
const containerContent = list(oneOf(z.strictObject({ ...rowComponents, componentRow }))).check(z.minLength(1));
const component = oneOf(
  z.strictObject({
    ...rowComponents,
    componentRow,
    componentContainer: z.optional(z.strictObject({ containerContent })),
  }),
);

const plainContact = z.strictObject({
  shortName: z.optional(text),
  /** Plain may decline to mail an address that is not verified. Default: true. */
  isVerified: z.optional(z.boolean()),
  /** Only when the contact is new. */
  tenantIdentifiers: z.optional(list(tenantIdentifier)),
  /** Only when the contact is new. */
  customerGroupIdentifiers: z.optional(
    list(
      oneOf(
        z.strictObject({
          customerGroupId: z.optional(text),
          customerGroupKey: z.optional(text),
          externalId: z.optional(text),
        }),
      ),
    ),
  ),
});

const plainCreateThread = z.strictObject({
  /** Names the customer instead of `contact`, who is then not created. */
  customerIdentifier: z.optional(customerIdentifier),
  /** Instead of `body`. */
  components: z.optional(list(component).check(z.minLength(1))),
  attachmentIds: z.optional(list(text)),
  labelTypeIds: z.optional(list(text)),
  threadFields: z.optional(
    list(
      z.strictObject({
        key: text,
        type: z.enum(['STRING', 'BOOL', 'ENUM', 'NUMBER', 'CURRENCY', 'DATE']),
        stringValue: z.optional(z.string()),
        booleanValue: z.optional(z.boolean()),
        numberValue: z.optional(z.number()),
        dateValue: z.optional(instant),
      }),
    ),
  ),
  assignedTo: z.optional(assignedTo),
  description: z.optional(text),
  /** 0 urgent, 1 high, 2 normal, 3 low. */
  priority: z.optional(z.int().check(z.minimum(0), z.maximum(3))),
  tenantIdentifier: z.optional(tenantIdentifier),
  /** Default: `API`. SLACK and MS_TEAMS need `channelDetails`. */
  channel: z.optional(z.enum(['API', 'EMAIL', 'SLACK', 'MS_TEAMS', 'CHAT', 'INTERNAL'])),
  channelDetails: z.optional(
    oneOf(
      z.strictObject({
        slack: z.optional(z.strictObject({ slackChannelId: text, slackTeamId: text })),
        msTeams: z.optional(z.strictObject({ msTeamsTeamId: text, msTeamsChannelId: text })),
      }),
    ),
  ),
});

const plainUpdateThread = z.strictObject({
  /** Goes with `status`: `NEW_REPLY`, `IN_PROGRESS`; `WAITING_FOR_CUSTOMER`, …; `IGNORED`, `DONE_MANUALLY_SET`. */
  statusDetail: z.optional(
    z.enum([
      'CREATED',
      'IN_PROGRESS',
      'NEW_REPLY',
      'WAITING_FOR_CUSTOMER',
      'WAITING_FOR_DURATION',
      'WAITING_INDEFINITELY',
      'IGNORED',
      'DONE_MANUALLY_SET',
    ]),
  ),
  /** Instead of `companyId`, to name the tenant by its external id. */
  tenantIdentifier: z.optional(tenantIdentifier),
});

const plainReply = z.strictObject({
  attachmentIds: z.optional(list(text)),
  /** Writes as the customer. Needs the plan Grow and `customer:impersonate`. */
  impersonation: z.optional(z.strictObject({ asCustomer: z.strictObject({ customerIdentifier }) })),
});

const plainRecord = z.strictObject({
  /** `u_…`: who wrote the outbound messages and notes that name no author. Plain accepts human users only. */
  userId: z.optional(text),
});

const plainImportThread = z.extend(plainRecord, {
  customerIdentifier: z.optional(customerIdentifier),
  description: z.optional(text),
  /** Link back to the thread's former place. */
  externalUrl: z.optional(z.url()),
  statusDetail: z.optional(
    z.enum(['NEW_REPLY', 'IN_PROGRESS', 'WAITING_FOR_CUSTOMER', 'DONE_MANUALLY_SET', 'IGNORED']),
  ),
});

const perDesk = <P extends z.ZodMiniType, Q extends z.ZodMiniType>(productlane: P, plain: Q) =>
  z.strictObject({ productlane: z.optional(productlane), plain: z.optional(plain) });

export const contactProviderOptions = perDesk(productlaneContact, plainContact);
export const createThreadProviderOptions = perDesk(productlaneCreateThread, plainCreateThread);
export const updateThreadProviderOptions = perDesk(productlaneUpdateThread, plainUpdateThread);
export const replyProviderOptions = perDesk(productlaneReply, plainReply);
export const importThreadProviderOptions = perDesk(productlaneCreateThread, plainImportThread);
export const recordProviderOptions = perDesk(z.strictObject({}), plainRecord);

export type ContactProviderOptions = z.infer<typeof contactProviderOptions>;
export type CreateThreadProviderOptions = z.infer<typeof createThreadProviderOptions>;
export type UpdateThreadProviderOptions = z.infer<typeof updateThreadProviderOptions>;
export type ReplyProviderOptions = z.infer<typeof replyProviderOptions>;
export type ImportThreadProviderOptions = z.infer<typeof importThreadProviderOptions>;
export type RecordProviderOptions = z.infer<typeof recordProviderOptions>;
