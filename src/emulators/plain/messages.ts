/** How the team's messages and notes are written: replies, e-mails and notes. */

import { checkAttachments } from './attachments.ts';
import { type Entry, isMessage, type NoteContent, type Participant } from './entries.ts';
import { emailView, noteView } from './entry-views.ts';
import { forbidden, invalid, missingPermission, notFound, refuse } from './errors.ts';
import { entryAdded, threadCreated } from './events.ts';
import { checkLength } from './input.ts';
import { checkNoSpam, getCustomer, getThread } from './lookup.ts';
import {
  compose,
  composeEmail,
  type Draft,
  deliver,
  type Route,
  supportParticipant,
  toParticipants,
} from './outgoing.ts';
import { lacking, type Permission } from './permissions.ts';
import type { ActorRef, AttachmentType, Customer, Thread } from './records.ts';
import { addCustomerNotes, longestTitle, newThread } from './threads.ts';
import { addEntry, addMessage, changeThread, checkUnlocked, reopen } from './timeline.ts';
import type { View } from './views.ts';
import type { CreateNoteInput, ReplyToThreadInput, SendNewEmailInput, ThreadChannel } from './wire.ts';
import { type Call, newId, now, type World } from './world.ts';

const mostRecipients = 49;
const longestNote = 10_000;

const fileTypeOf = {
  EMAIL: 'EMAIL',
  CHAT: 'CHAT',
  SLACK: 'SLACK',
  MS_TEAMS: 'MS_TEAMS',
  DISCORD: 'DISCORD',
} as const satisfies Record<Route, AttachmentType>;

/** `undefined` where a reply is not possible. */
const routeOf = {
  EMAIL: 'EMAIL',
  API: 'EMAIL',
  CHAT: 'CHAT',
  SLACK: 'SLACK',
  MS_TEAMS: 'MS_TEAMS',
  IMPORT: undefined,
  DISCORD: undefined,
  INTERNAL: undefined,
} as const satisfies Record<ThreadChannel, Route | undefined>;

/** What allows a reply without `thread:reply`, channel by channel. */
const sendPermissionOf: Readonly<Partial<Record<Route, Permission>>> = { EMAIL: 'email:create', CHAT: 'chat:create' };
const sendPermissions = Object.values(sendPermissionOf);

export function replyToThread({ input }: { readonly input: ReplyToThreadInput }, call: Call): View {
  const { world, actor } = call;
  const mayAll = lacking(call.key, ['thread:reply']) === undefined;
  if (!mayAll && sendPermissions.every((permission) => lacking(call.key, [permission]))) {
    throw forbidden(missingPermission('thread:reply'));
  }
  const thread = getThread(world, input.threadId);
  const customer = customerOf(world, thread);
  checkUnlocked(world, thread);
  checkNoSpam(customer);
  checkLength('textContent', input.textContent, world.switches.textLimit);
  const route = toRoute(world, thread);
  const own = sendPermissionOf[route];
  if (!mayAll && (!own || lacking(call.key, [own]))) throw forbidden(missingPermission('thread:reply'));
  const email = input.channelSpecificOptions?.email;
  if (email && route !== 'EMAIL') throw invalid('channelSpecificOptions.email', 'Are for e-mail only.');
  if (route === 'EMAIL') checkMail(world);
  const draft: Draft = {
    text: input.textContent,
    markdown: input.markdownContent ?? null,
    attachmentIds: checkAttachments(world, input.attachmentIds, fileTypeOf[route]),
    ...recipients(world, email ?? {}, 'channelSpecificOptions.email'),
  };

  const { impersonation } = input;
  if (impersonation) {
    const author = impersonated(call, route, impersonation.asCustomer.customerIdentifier);
    const content = compose(world, route, 'inbound', { thread, customer: author, draft });
    addMessage(world, thread, { actor: refTo(author), content, direction: 'inbound', text: draft.text });
    return {};
  }
  const content = compose(world, route, 'outbound', { thread, customer, draft });
  const { entry } = addMessage(world, thread, { actor, content, direction: 'outbound', text: draft.text });
  deliver(world, route, customer, entry, draft);
  return {};
}

function toRoute(world: World, thread: Thread): Route {
  const { channel } = thread;
  const route = channel === 'IMPORT' && world.switches.replyToImported === 'email' ? 'EMAIL' : routeOf[channel];
  if (!route) throw refuse('cannot_reply_to_thread', `Threads of channel ${channel} cannot be replied to.`);
  const isEmpty = !world.tables.timelines.get(thread.id)?.some(isMessage);
  return isEmpty ? 'EMAIL' : route;
}

function impersonated({ world, key }: Call, route: Route, identifier: Parameters<typeof getCustomer>[2]): Customer {
  const missing = lacking(key, ['customer:impersonate']);
  if (missing) throw forbidden(missingPermission(missing));
  const customer = getCustomer(world, 'impersonation.asCustomer.customerIdentifier', identifier);
  if (route === 'MS_TEAMS') throw refuse('cannot_reply_to_thread', 'Customers cannot be impersonated on MS_TEAMS.');
  return customer;
}

function refTo({ id }: Customer): ActorRef {
  return { is: 'customer', id };
}

function customerOf({ tables }: World, thread: Thread): Customer {
  const customer = tables.customers.get(thread.customerId);
  if (!customer) throw notFound('threadId', 'Customer');
  return customer;
}

function checkMail({ workspace }: World): void {
  if (!workspace.emailEnabled) throw refuse('workspace_email_not_enabled', 'E-mail is not enabled in this workspace.');
}

function recipients(
  world: World,
  { additionalRecipients, hiddenRecipients }: Pick<SendNewEmailInput, 'additionalRecipients' | 'hiddenRecipients'>,
  path?: string,
): Pick<Draft, 'additionalRecipients' | 'hiddenRecipients'> {
  const at = (name: string): string => (path ? `${path}.${name}` : name);
  const copies = toParticipants(world, at('additionalRecipients'), additionalRecipients);
  const hidden = toParticipants(world, at('hiddenRecipients'), hiddenRecipients);
  if (copies.length + hidden.length > mostRecipients) {
    throw invalid(at('additionalRecipients'), `At most ${mostRecipients} recipients, hidden ones included.`);
  }
  return { additionalRecipients: copies, hiddenRecipients: hidden };
}

export function sendNewEmail({ input }: { readonly input: SendNewEmailInput }, { world, actor }: Call): View {
  const { tables } = world;
  const customer = getCustomer(world, 'customerId', { customerId: input.customerId });
  checkNoSpam(customer);
  checkMail(world);
  checkLength('subject', input.subject, longestTitle);
  checkLength('textContent', input.textContent, world.switches.textLimit);
  const known = input.threadId ? getThread(world, input.threadId) : undefined;
  if (known) {
    checkUnlocked(world, known);
    checkOwner(known, customer);
  }
  const draft: Draft = {
    text: input.textContent,
    markdown: input.markdownContent ?? null,
    subject: input.subject,
    attachmentIds: checkAttachments(world, input.attachmentIds, 'EMAIL'),
    from: sender(world, input.fromAlternateSupportEmail),
    ...recipients(world, input),
  };

  const thread = known ?? {
    ...newThread(world, { customerId: customer.id, actor, at: now(world), channel: 'EMAIL' }),
    title: input.subject,
  };
  if (!known) {
    tables.putThread(thread);
    addCustomerNotes(world, thread);
    threadCreated(world, thread);
  }
  const content = composeEmail(world, 'outbound', { thread, customer, draft });
  const { entry } = addMessage(world, thread, { actor, content, direction: 'outbound', text: draft.text });
  deliver(world, 'EMAIL', customer, entry, draft);
  return { email: emailView(world, content, entry.timestamp) };
}

function sender(world: World, chosen: SendNewEmailInput['fromAlternateSupportEmail']): Participant {
  const own = supportParticipant(world);
  if (!chosen) return own;
  const { email, name } = chosen;
  if (!world.workspace.supportEmailAddresses.includes(email)) {
    throw invalid('fromAlternateSupportEmail', 'Must be a support address of the workspace.');
  }
  return { email, name: name ?? own.name, actor: { is: 'supportEmailAddress', id: email } };
}

function checkOwner(thread: Thread, customer: Customer): void {
  if (thread.customerId !== customer.id) throw invalid('threadId', 'The thread is of another customer.');
}

/** Without a thread, the note shows on each thread of the customer, those to come included. */
export function createNote({ input }: { readonly input: CreateNoteInput }, { world, actor }: Call): View {
  const { tables } = world;
  const customer = getCustomer(world, 'customerId', { customerId: input.customerId });
  const chosen = input.threadId ? getThread(world, input.threadId) : undefined;
  if (chosen) checkOwner(chosen, customer);
  const { text } = input;
  const markdown = input.markdown ?? null;
  checkLength('text', text, longestNote);
  if (markdown !== null) checkLength('markdown', markdown, longestNote);
  const attachmentIds = checkAttachments(world, input.attachmentIds, 'NOTE');
  const content: NoteContent = { type: 'NOTE', noteId: newId(world, 'n'), text, markdown, attachmentIds };

  const timestamp = now(world);
  for (const thread of chosen ? [chosen] : tables.threadsOf(customer.id)) {
    const entry = addEntry(world, thread, { actor, content, timestamp });
    const changed = changeThread(world, thread, {}, actor, timestamp);
    entryAdded(world, changed, entry, 'outbound');
    if (world.switches.noteReopens) reopen(world, changed, actor, 'IN_PROGRESS');
  }
  if (!chosen) {
    const own: Entry = { id: content.noteId, threadId: '', customerId: customer.id, timestamp, actor, content };
    tables.customerNotes.set(customer.id, [...(tables.customerNotes.get(customer.id) ?? []), own]);
  }
  return { note: noteView(content) };
}
