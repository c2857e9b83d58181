/** Which timeline entries are messages, and what of them the model takes. */
import type { Attachment, Author, Body, Channel, Message, MessageKind } from '../../core/model.ts';
import type {
  ActorPartsFragment,
  AttachmentPartsFragment,
  MessageEntryPartsFragment,
  RowComponentPartsFragment,
  TimelineEntryPartsFragment,
  TimelineEntryType,
} from './generated/graphql.ts';
import type { Known } from './mapping.ts';

/**
 * Every kind of entry: `true` is a message or note of the thread, a sentence
 * says why it is not.
 */
export const entryTypes = {
  CUSTOM: true,
  EMAIL: true,
  CHAT: true,
  SLACK_MESSAGE: true,
  SLACK_REPLY: true,
  MS_TEAMS_MESSAGE: true,
  DISCORD_MESSAGE: true,
  HELP_CENTER_AI_CONVERSATION_MESSAGE: true,
  MERGED_THREAD_MESSAGE: true,
  NOTE: true,
  THREAD_DISCUSSION: 'side conversation without the contact',
  THREAD_DISCUSSION_MESSAGE: 'side conversation without the contact',
  THREAD_DISCUSSION_RESOLVED: 'side conversation without the contact',
  THREAD_EVENT: 'event of an application',
  CUSTOMER_EVENT: 'event of an application',
  THREAD_STATUS_TRANSITIONED: 'change of state',
  THREAD_ASSIGNMENT_TRANSITIONED: 'change of state',
  THREAD_ADDITIONAL_ASSIGNEES_TRANSITIONED: 'change of state',
  THREAD_PRIORITY_CHANGED: 'change of state',
  THREAD_LABELS_CHANGED: 'change of state',
  SERVICE_LEVEL_AGREEMENT_STATUS_TRANSITIONED: 'change of state',
  THREAD_LINK_CREATED: 'link to another system',
  THREAD_LINK_UPDATED: 'link to another system',
  THREAD_LINK_DELETED: 'link to another system',
  THREAD_LINK_TARGET_CREATED: 'link to another system',
  THREAD_LINK_TARGET_DELETED: 'link to another system',
  LINEAR_ISSUE_THREAD_LINK_STATE_TRANSITIONED: 'link to another system',
  CUSTOMER_SURVEY_REQUESTED: 'survey, sent by Plain itself',
} as const satisfies Record<Known<TimelineEntryType>, true | string>;

export const messageTypes = Object.entries(entryTypes)
  .filter(([, message]) => message === true)
  .map(([type]) => type as Known<TimelineEntryType>);

type Entry = TimelineEntryPartsFragment['entry'];

/** What one kind of entry holds. */
interface Content {
  readonly body: Body;
  readonly channel: Channel;
  readonly attachments?: readonly AttachmentPartsFragment[];
  readonly note?: true;
}

/** `undefined` for an entry that is no message. */
export function toMessage(wire: TimelineEntryPartsFragment): Message | undefined {
  const merged = wire.entry.__typename === 'MergedThreadMessageEntry' ? wire.entry.childTimelineEntry : undefined;
  const { entry, actor } = merged ?? wire;
  const content = contentOf(entry);
  if (!content) return undefined;
  const author = filed(entry, actor) ? { ...nobody, id: wire.customerId } : toAuthor(actor);
  return {
    id: wire.id,
    threadId: wire.threadId,
    kind: content.note ? 'note' : directionOf(author),
    author,
    body: content.body,
    attachments: (content.attachments ?? []).map(toAttachment),
    channel: { is: content.channel, raw: entry.__typename },
    createdAt: new Date((merged ?? wire).timestamp.iso8601),
    raw: wire,
  };
}

const nobody = { is: 'contact', id: undefined, name: undefined, email: undefined } as const satisfies Author;

/**
 * The opening message of `createThread`: the contact's words, which a key has
 * filed. Its actor is the key's machine user, who wrote none of them.
 */
function filed(entry: Entry | MessageEntryPartsFragment, actor: ActorPartsFragment): boolean {
  return entry.__typename === 'CustomEntry' && actor.__typename === 'MachineUserActor';
}

/** Entries carry no direction: who wrote it tells. */
function directionOf(author: Author): MessageKind {
  return author.is === 'contact' ? 'inbound' : 'outbound';
}

function contentOf(entry: Entry | MessageEntryPartsFragment): Content | undefined {
  switch (entry.__typename) {
    case 'CustomEntry':
      return {
        body: {
          // Plain text read as Markdown would lose its asterisks.
          format: entry.components.every(({ __typename }) => __typename === 'ComponentPlainText') ? 'text' : 'markdown',
          content: entry.components.map(componentText).filter(Boolean).join('\n\n'),
        },
        channel: 'api',
        attachments: entry.attachments,
      };
    case 'EmailEntry':
      return { body: either(entry.emailMarkdown, entry.textContent), channel: 'email', attachments: entry.attachments };
    case 'ChatEntry':
      return { body: text(entry.chatText), channel: 'chat', attachments: entry.attachments };
    case 'SlackMessageEntry':
    case 'SlackReplyEntry':
      return { body: text(entry.slackText), channel: 'slack', attachments: entry.attachments };
    case 'MSTeamsMessageEntry':
      return { body: either(entry.teamsMarkdown, entry.teamsText), channel: 'teams', attachments: entry.attachments };
    case 'DiscordMessageEntry':
      return { body: markdown(entry.discordMarkdown), channel: 'discord', attachments: entry.attachments };
    case 'HelpCenterAiConversationMessageEntry':
      return { body: markdown(entry.helpCenterMarkdown), channel: 'portal' };
    case 'NoteEntry':
      return {
        body: either(entry.noteMarkdown, entry.noteText),
        channel: 'other',
        attachments: entry.attachments,
        note: true,
      };
    default:
      return undefined;
  }
}

function either(rich: string | null, plain: string | null): Body {
  return rich ? markdown(rich) : text(plain);
}

function markdown(content: string | null): Body {
  return { format: 'markdown', content: content ?? '' };
}

function text(content: string | null): Body {
  return { format: 'text', content: content ?? '' };
}

type Component = Extract<Entry, { readonly __typename: 'CustomEntry' }>['components'][number];
type ContainerComponent = Extract<Component, { readonly __typename: 'ComponentContainer' }>['containerContent'][number];

/** Components as Markdown, one paragraph each; a row reads from left to right. Dividers and spacers are layout. */
function componentText(component: Component | ContainerComponent): string {
  switch (component.__typename) {
    case 'ComponentContainer':
      return component.containerContent.map(componentText).filter(Boolean).join('\n\n');
    case 'ComponentRow':
      return [...component.rowMainContent, ...component.rowAsideContent].map(partText).filter(Boolean).join(' ');
    default:
      return partText(component);
  }
}

function partText(part: RowComponentPartsFragment): string {
  switch (part.__typename) {
    case 'ComponentText':
      return part.text;
    case 'ComponentPlainText':
      return part.plainText;
    case 'ComponentLinkButton':
      return `[${part.linkButtonLabel}](${part.linkButtonUrl})`;
    case 'ComponentBadge':
      return part.badgeLabel;
    case 'ComponentCopyButton':
      return part.copyButtonValue;
    case 'ComponentDateTime':
      return part.dateTimeIso8601.iso8601;
    case 'ComponentUser':
      return part.user?.fullName ?? part.userMachineUser?.fullName ?? '';
    case 'ComponentWorkflowButton':
      return part.workflowButtonLabel;
    default:
      return '';
  }
}

function toAuthor(actor: ActorPartsFragment): Author {
  switch (actor.__typename) {
    case 'CustomerActor': {
      const { fullName, email } = actor.customer;
      return { is: 'contact', id: actor.customerId, name: fullName, email: email.email };
    }
    case 'DeletedCustomerActor':
      return { is: 'contact', id: actor.customerId, name: undefined, email: undefined };
    case 'UserActor':
      return { is: 'agent', id: actor.userId, name: actor.user.fullName, email: actor.user.email };
    case 'MachineUserActor':
      return { is: 'agent', id: actor.machineUserId, name: actor.machineUser.fullName, email: undefined };
    case 'SystemActor':
      return { is: 'system', id: actor.systemId, name: undefined, email: undefined };
  }
}

function toAttachment({ id, fileName, fileMimeType }: AttachmentPartsFragment): Attachment {
  return { id, name: fileName, mimeType: fileMimeType, url: undefined };
}
