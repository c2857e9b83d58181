/** How a stored timeline entry looks to a query. */

import { componentView } from './components.ts';
import type { EmailContent, Entry, EntryContent, Participant } from './entries.ts';
import type { Instant } from './records.ts';
import { actorView, assigneeView, attachmentViews, dateTime, type View } from './views.ts';
import type { TimelineEntryType } from './wire.ts';
import type { World } from './world.ts';

export interface ThreadTimelineEntriesFilter {
  readonly entryTypes?: readonly TimelineEntryType[] | null | undefined;
  readonly isMessage?: boolean | null | undefined;
}

export function entryView(world: World, entry: Entry): View {
  const { id, threadId, customerId } = entry;
  return {
    __typename: 'TimelineEntry',
    id,
    threadId,
    customerId,
    timestamp: dateTime(world, entry.timestamp),
    actor: () => actorView(world, entry.actor),
    entry: () => ({
      ...contentView(world, entry),
      customerId,
      attachments: () => filesOf(world, entry),
    }),
  };
}

function filesOf(world: World, { content }: Entry): View[] {
  return attachmentViews(world, 'attachmentIds' in content ? content.attachmentIds : []);
}

function contentView(world: World, { content }: Entry): View {
  switch (content.type) {
    case 'EMAIL':
      return { __typename: 'EmailEntry', ...content, ...partiesOf(content) };
    case 'CUSTOM': {
      const components = (): View[] => content.components.map((component) => componentView(world, component));
      return { __typename: 'CustomEntry', title: content.title, externalId: content.externalId, components };
    }
    case 'SLACK_MESSAGE':
    case 'SLACK_REPLY': {
      const deletedOnSlackAt = dateTime(world, content.deletedOnSlackAt);
      return { ...content, __typename: typeNameOf(content), deletedOnSlackAt };
    }
    case 'MERGED_THREAD_MESSAGE': {
      const { child, childThreadId } = content;
      return {
        __typename: 'MergedThreadMessageEntry',
        childThreadDetails: { id: childThreadId },
        childTimelineEntry: () => child && entryView(world, child),
      };
    }
    case 'THREAD_ASSIGNMENT_TRANSITIONED':
      return {
        __typename: 'ThreadAssignmentTransitionedEntry',
        nextAssignee: () => assigneeView(world, content.nextAssignee),
      };
    default:
      return { ...content, __typename: typeNameOf(content) };
  }
}

const typeNames = {
  EMAIL: 'EmailEntry',
  CHAT: 'ChatEntry',
  CUSTOM: 'CustomEntry',
  SLACK_MESSAGE: 'SlackMessageEntry',
  SLACK_REPLY: 'SlackReplyEntry',
  MS_TEAMS_MESSAGE: 'MSTeamsMessageEntry',
  DISCORD_MESSAGE: 'DiscordMessageEntry',
  HELP_CENTER_AI_CONVERSATION_MESSAGE: 'HelpCenterAiConversationMessageEntry',
  NOTE: 'NoteEntry',
  MERGED_THREAD_MESSAGE: 'MergedThreadMessageEntry',
  THREAD_STATUS_TRANSITIONED: 'ThreadStatusTransitionedEntry',
  THREAD_ASSIGNMENT_TRANSITIONED: 'ThreadAssignmentTransitionedEntry',
  THREAD_EVENT: 'ThreadEventEntry',
} as const satisfies Record<EntryContent['type'], string>;

function typeNameOf({ type }: EntryContent): string {
  return typeNames[type];
}

function partiesOf(content: EmailContent): View {
  return {
    from: participantView(content.from),
    to: participantView(content.to),
    additionalRecipients: content.additionalRecipients.map(participantView),
    hiddenRecipients: content.hiddenRecipients.map(participantView),
  };
}

function participantView({ email, name, actor }: Participant): View {
  return { email, name, emailActor: actor && emailActorView(actor) };
}

function emailActorView({ is, id }: NonNullable<Participant['actor']>): View {
  switch (is) {
    case 'customer':
      return { __typename: 'CustomerEmailActor', customerId: id };
    case 'user':
      return { __typename: 'UserEmailActor', userId: id };
    case 'supportEmailAddress':
      return { __typename: 'SupportEmailAddressEmailActor', supportEmailAddress: id };
  }
}

/** The e-mail itself, which `sendNewEmail` gives. */
export function emailView(world: World, content: EmailContent, at: Instant): View {
  return {
    id: content.emailId,
    subject: content.subject,
    textContent: content.textContent,
    markdownContent: content.markdownContent,
    inReplyToEmailId: null,
    attachments: () => attachmentViews(world, content.attachmentIds),
    createdAt: dateTime(world, at),
    updatedAt: dateTime(world, at),
    ...partiesOf(content),
  };
}

export function noteView({ noteId, text, markdown }: { noteId: string; text: string; markdown: string | null }): View {
  return { __typename: 'Note', id: noteId, text, markdown };
}
