/** What a thread's timeline holds. */

import type { StoredComponent } from './components.ts';
import type { ActorRef, AssigneeRef, EmailSendStatus, Instant, ThreadStatus } from './records.ts';
import type { TimelineEntryType } from './wire.ts';

export interface Participant {
  readonly email: string;
  readonly name: string | null;
  readonly actor: { readonly is: 'customer' | 'user' | 'supportEmailAddress'; readonly id: string } | null;
}

interface WithFiles {
  readonly attachmentIds: readonly string[];
}

export interface EmailContent extends WithFiles {
  readonly type: 'EMAIL';
  readonly emailId: string;
  readonly from: Participant;
  readonly to: Participant;
  readonly additionalRecipients: readonly Participant[];
  readonly hiddenRecipients: readonly Participant[];
  readonly subject: string | null;
  readonly textContent: string | null;
  readonly markdownContent: string | null;
  /** Whether the text is only the newest part of a longer mail. */
  readonly hasMoreTextContent: boolean;
  /** `null` for mail that came in. */
  readonly sendStatus: EmailSendStatus | null;
}

export interface ChatContent extends WithFiles {
  readonly type: 'CHAT';
  readonly chatId: string;
  readonly text: string | null;
}

interface CustomContent extends WithFiles {
  readonly type: 'CUSTOM';
  readonly title: string;
  readonly externalId: string | null;
  readonly components: readonly StoredComponent[];
}

export interface SlackContent extends WithFiles {
  readonly type: 'SLACK_MESSAGE' | 'SLACK_REPLY';
  readonly text: string;
  readonly slackWebMessageLink: string;
  readonly deletedOnSlackAt: Instant | null;
}

export interface TeamsContent extends WithFiles {
  readonly type: 'MS_TEAMS_MESSAGE';
  readonly msTeamsMessageId: string;
  readonly text: string;
  readonly markdownContent: string | null;
}

interface DiscordContent extends WithFiles {
  readonly type: 'DISCORD_MESSAGE';
  readonly discordMessageId: string;
  readonly markdownContent: string | null;
}

interface HelpCenterContent {
  readonly type: 'HELP_CENTER_AI_CONVERSATION_MESSAGE';
  readonly messageId: string;
  readonly markdown: string;
}

export interface NoteContent extends WithFiles {
  readonly type: 'NOTE';
  readonly noteId: string;
  readonly text: string;
  readonly markdown: string | null;
}

interface MergedContent {
  readonly type: 'MERGED_THREAD_MESSAGE';
  readonly childThreadId: string;
  readonly child: Entry | null;
}

type StateChangeContent =
  | { readonly type: 'THREAD_STATUS_TRANSITIONED'; readonly nextStatus: ThreadStatus }
  | { readonly type: 'THREAD_ASSIGNMENT_TRANSITIONED'; readonly nextAssignee: AssigneeRef | null }
  | { readonly type: 'THREAD_EVENT' };

export type EntryContent =
  | EmailContent
  | ChatContent
  | CustomContent
  | SlackContent
  | TeamsContent
  | DiscordContent
  | HelpCenterContent
  | NoteContent
  | MergedContent
  | StateChangeContent;

export interface Entry {
  readonly id: string;
  readonly threadId: string;
  readonly customerId: string;
  readonly timestamp: Instant;
  readonly actor: ActorRef;
  readonly content: EntryContent;
  /** Given by an import. */
  readonly externalId?: string;
}

const messageTypes: readonly TimelineEntryType[] = [
  'CHAT',
  'CUSTOM',
  'DISCORD_MESSAGE',
  'EMAIL',
  'HELP_CENTER_AI_CONVERSATION_MESSAGE',
  'MERGED_THREAD_MESSAGE',
  'MS_TEAMS_MESSAGE',
  'SLACK_MESSAGE',
  'SLACK_REPLY',
];

/** Everything a customer could see. */
export function isMessage({ content }: Entry): boolean {
  return messageTypes.includes(content.type);
}
