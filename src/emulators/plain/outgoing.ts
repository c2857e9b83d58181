/** How a message is put together for its channel, and how one reaches the customer. */

import type { Address, Delivery } from '../post-room.ts';
import type { EmailContent, Entry, EntryContent, Participant } from './entries.ts';
import { checkEmail } from './input.ts';
import type { Customer, Thread } from './records.ts';
import type { EmailParticipantInput } from './wire.ts';
import { newId, type World } from './world.ts';

/** A channel a message can travel on. */
export type Route = 'EMAIL' | 'CHAT' | 'SLACK' | 'MS_TEAMS' | 'DISCORD';

export interface Draft {
  readonly text: string;
  readonly markdown: string | null;
  readonly attachmentIds: readonly string[];
  readonly subject?: string | undefined;
  readonly additionalRecipients?: readonly Participant[] | undefined;
  readonly hiddenRecipients?: readonly Participant[] | undefined;
  /** A support address other than the first. */
  readonly from?: Participant | undefined;
}

export function customerParticipant({ id, email, fullName }: Customer): Participant {
  return { email, name: fullName, actor: { is: 'customer', id } };
}

export function supportParticipant({ workspace }: World): Participant {
  const email = workspace.supportEmailAddresses[0] ?? 'support@plain.invalid';
  return { email, name: workspace.publicName, actor: { is: 'supportEmailAddress', id: email } };
}

/** Copied-in people, as customers where they are. */
export function toParticipants(
  { tables }: World,
  field: string,
  inputs: readonly EmailParticipantInput[] | null | undefined,
): readonly Participant[] {
  return (inputs ?? []).map(({ email, name }) => {
    checkEmail(field, email);
    const customer = tables.customerByEmail(email);
    return { email, name: name ?? null, actor: customer ? { is: 'customer', id: customer.id } : null };
  });
}

/** What the team says to the customer, or what the customer says to the team. */
export function compose(
  world: World,
  route: Route,
  direction: 'inbound' | 'outbound',
  { thread, customer, draft }: { readonly thread: Thread; readonly customer: Customer; readonly draft: Draft },
): EntryContent {
  const { text, markdown, attachmentIds } = draft;
  switch (route) {
    case 'EMAIL':
      return composeEmail(world, direction, { thread, customer, draft });
    case 'CHAT':
      return { type: 'CHAT', chatId: newId(world, 'ch'), text: text === '' ? null : text, attachmentIds };
    case 'SLACK': {
      const timeline = world.tables.timelines.get(thread.id) ?? [];
      const isReply = timeline.some(({ content }) => content.type === 'SLACK_MESSAGE');
      const slackWebMessageLink = `https://slack.invalid/archives/C0EMULATOR/p${world.clock.now().getTime()}`;
      const type = isReply ? 'SLACK_REPLY' : 'SLACK_MESSAGE';
      return { type, text, slackWebMessageLink, deletedOnSlackAt: null, attachmentIds };
    }
    case 'MS_TEAMS': {
      const msTeamsMessageId = newId(world, 'te');
      return { type: 'MS_TEAMS_MESSAGE', msTeamsMessageId, text, markdownContent: markdown, attachmentIds };
    }
    case 'DISCORD': {
      const discordMessageId = newId(world, 'te');
      return { type: 'DISCORD_MESSAGE', discordMessageId, markdownContent: markdown ?? text, attachmentIds };
    }
  }
}

export function composeEmail(
  world: World,
  direction: 'inbound' | 'outbound',
  { thread, customer, draft }: { readonly thread: Thread; readonly customer: Customer; readonly draft: Draft },
): EmailContent {
  const us = draft.from ?? supportParticipant(world);
  const them = customerParticipant(customer);
  const isInbound = direction === 'inbound';
  const isSent = customer.isVerified || world.switches.unverifiedAddress === 'delivered';
  return {
    type: 'EMAIL',
    emailId: newId(world, 'em'),
    from: isInbound ? them : us,
    to: isInbound ? us : them,
    additionalRecipients: draft.additionalRecipients ?? [],
    hiddenRecipients: draft.hiddenRecipients ?? [],
    subject: draft.subject ?? thread.title,
    textContent: draft.text,
    markdownContent: draft.markdown ?? draft.text,
    hasMoreTextContent: false,
    sendStatus: isInbound ? null : isSent ? 'SENT' : 'FAILED',
    attachmentIds: draft.attachmentIds,
  };
}

const channelOf = {
  EMAIL: 'email',
  CHAT: 'chat',
  SLACK: 'slack',
  MS_TEAMS: 'teams',
  DISCORD: 'discord',
} as const satisfies Record<Route, Delivery['channel']>;

/** Nothing leaves if the mail was declined. */
export function deliver(world: World, route: Route, customer: Customer, entry: Entry, draft: Draft): void {
  const { content } = entry;
  const isEmail = content.type === 'EMAIL';
  if (isEmail && content.sendStatus === 'FAILED') return;
  world.postRoom.deliver({
    channel: channelOf[route],
    threadId: entry.threadId,
    messageId: entry.id,
    to: [toAddress(customerParticipant(customer))],
    cc: isEmail ? content.additionalRecipients.map(toAddress) : [],
    bcc: isEmail ? content.hiddenRecipients.map(toAddress) : [],
    subject: isEmail ? (content.subject ?? undefined) : undefined,
    body: draft.markdown ?? draft.text,
    attachments: draft.attachmentIds,
    at: new Date(entry.timestamp),
  });
}

function toAddress({ email, name }: Participant): Address {
  return { email, ...(name !== null && { name }) };
}
