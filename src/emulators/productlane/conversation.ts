/** What is said on a thread: replies that are delivered, contacts' messages, and comments that stay inside. */
import type { Incoming } from '../emulator.ts';
import { insertOrdered, type Ordered } from '../ordered.ts';
import { invalid, notFound, refusal } from './refusal.ts';
import type { MessageSend } from './requests.ts';
import { addressOf, channelOf, feedbackOf, messageTypeOf, showComment, showMessage, showThread } from './responses.ts';
import type { CommentRow, MessageRow, ThreadRow } from './rows.ts';
import { listOf, live } from './state.ts';
import { findThread, setStatus } from './threads.ts';
import { isBlocked, stamp, storedHtml, teamAddress, type Workspace } from './workspace.ts';

/** The synthetic first message and everything since, oldest first. */
export function messagesOf(workspace: Workspace, thread: ThreadRow): Ordered<MessageRow> {
  const rows = [...(workspace.tables.messages.get(thread.id) ?? [])];
  insertOrdered(rows, feedbackOf(workspace, thread));
  return rows;
}

export interface Sent {
  readonly id: string;
  readonly thread_id: string;
  readonly channel: ReturnType<typeof channelOf>;
}

/**
 * Delivers for real, by the channel the thread came in by. `cc`, `bcc` and
 * attachments go along by mail only; elsewhere they are dropped in silence, as
 * documented. A thread that was new is not new afterwards.
 */
export function sendMessage(workspace: Workspace, threadId: string, body: MessageSend, userId: string | null): Sent {
  const thread = findThread(workspace, threadId);
  const channel = channelOf(thread);
  if (!workspace.integrations.has(channel)) {
    throw invalid({ path: '', message: `The ${channel} integration is not configured` });
  }
  if (channel === 'slack' && body.channel_id === undefined && thread.external_ids.slack_channel === undefined) {
    throw invalid({ path: 'channel_id', message: 'Required: the thread stores no Slack channel' });
  }
  const contact = live(workspace.tables.contacts, thread.contact_id);
  if (!contact) throw refusal('unprocessable', 'The thread has no contact.');
  const html = storedHtml(workspace, body.content, 'content');

  const byMail = channel === 'email';
  const row: MessageRow = {
    id: workspace.ids.next('msg'),
    created_at: stamp(workspace),
    thread_id: thread.id,
    type: messageTypeOf[channel],
    direction: 'outbound',
    subject: byMail ? thread.title : null,
    html,
    from: teamAddress,
    to: [addressOf(contact)],
    cc: (byMail && body.cc) || [],
    bcc: (byMail && body.bcc) || [],
    attachments: (byMail && body.attachments) || [],
    user_id: userId,
  };
  addMessage(workspace, thread, row);
  thread.last_outbound_message_at = row.created_at;
  thread.is_read = true;
  thread.is_new = false;
  if (workspace.switches.replyReopens) reopen(workspace, thread, row.created_at);

  workspace.postRoom.deliver({
    channel: channel === 'live_chat' ? 'chat' : channel,
    threadId: thread.id,
    messageId: row.id,
    to: row.to,
    cc: row.cc,
    bcc: row.bcc,
    ...(row.subject !== null && { subject: row.subject }),
    body: row.html,
    attachments: row.attachments.map(({ Content }) => Content),
    at: workspace.clock.now(),
  });
  workspace.webhooks.emit('message.sent', showMessage(workspace.switches, row));
  return { id: row.id, thread_id: thread.id, channel };
}

/** A contact's message, as if it came in by the thread's channel. Throws for a blocked sender. */
export function receiveMessage(workspace: Workspace, threadId: string, message: Incoming): MessageRow {
  const thread = findThread(workspace, threadId);
  const contact = live(workspace.tables.contacts, thread.contact_id);
  if (contact && isBlocked(workspace, contact.email)) throw refusal('forbidden', 'The sender is blocked.');
  const html = message.html ?? `<p>${escapeHtml(message.text ?? '')}</p>`;
  const row: MessageRow = {
    id: workspace.ids.next('msg'),
    created_at: stamp(workspace),
    thread_id: thread.id,
    type: messageTypeOf[channelOf(thread)],
    direction: 'inbound',
    subject: message.subject ?? thread.title,
    html: workspace.switches.storeHtml(html),
    from: contact ? addressOf(contact) : null,
    to: [teamAddress],
    cc: [],
    bcc: [],
    attachments: [],
    user_id: null,
  };
  addMessage(workspace, thread, row);
  thread.last_inbound_message_at = row.created_at;
  thread.is_read = false;
  reopen(workspace, thread, row.created_at);
  workspace.webhooks.emit('message.received', showMessage(workspace.switches, row));
  return row;
}

function addMessage(workspace: Workspace, thread: ThreadRow, row: MessageRow): void {
  insertOrdered(listOf(workspace.tables.messages, thread.id), row);
  if (workspace.switches.touchedBy.includes('message')) thread.updated_at = row.created_at;
}

function reopen(workspace: Workspace, thread: ThreadRow, now: string): void {
  if (thread.status !== 'open' && setStatus(workspace, thread, 'open', undefined, now)) {
    workspace.webhooks.emit('thread.status_changed', showThread(workspace, thread));
  }
}

/** Live comments, oldest first. */
export function commentsOf(workspace: Workspace, thread: ThreadRow): Ordered<CommentRow> {
  return (workspace.tables.comments.get(thread.id) ?? []).filter(({ deleted_at }) => deleted_at === null);
}

export function addComment(
  workspace: Workspace,
  threadId: string,
  body: { readonly content: string; readonly attachments?: readonly unknown[] | undefined },
  userId: string | null,
): CommentRow {
  const thread = findThread(workspace, threadId);
  const content = storedHtml(workspace, body.content, 'content');
  const now = stamp(workspace);
  const row: CommentRow = {
    id: workspace.ids.next('com'),
    created_at: now,
    updated_at: now,
    deleted_at: null,
    thread_id: thread.id,
    content,
    attachments: body.attachments ?? [],
    user_id: userId,
  };
  insertOrdered(listOf(workspace.tables.comments, thread.id), row);
  touchByComment(workspace, thread, now);
  workspace.webhooks.emit('comment.created', showComment(row));
  return row;
}

export function changeComment(
  workspace: Workspace,
  threadId: string,
  commentId: string,
  body: { readonly content?: string | undefined; readonly attachments?: readonly unknown[] | undefined },
): CommentRow {
  const { thread, comment } = findComment(workspace, threadId, commentId);
  if (body.content !== undefined) comment.content = storedHtml(workspace, body.content, 'content');
  comment.attachments = body.attachments ?? comment.attachments;
  comment.updated_at = stamp(workspace);
  touchByComment(workspace, thread, comment.updated_at);
  workspace.webhooks.emit('comment.updated', showComment(comment));
  return comment;
}

export function deleteComment(workspace: Workspace, threadId: string, commentId: string): CommentRow {
  const { thread, comment } = findComment(workspace, threadId, commentId);
  comment.deleted_at = stamp(workspace);
  touchByComment(workspace, thread, comment.deleted_at);
  workspace.webhooks.emit('comment.deleted', showComment(comment));
  return comment;
}

function findComment(workspace: Workspace, threadId: string, commentId: string) {
  const thread = findThread(workspace, threadId);
  const comment = commentsOf(workspace, thread).find(({ id }) => id === commentId);
  if (!comment) throw notFound('Comment');
  return { thread, comment };
}

function touchByComment(workspace: Workspace, thread: ThreadRow, now: string): void {
  if (workspace.switches.touchedBy.includes('comment')) thread.updated_at = now;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
