/** What of a Productlane message, comment or attachment the model takes. Pure functions. */
import type { Attachment, Author, Channel, Message, MessageKind } from '../../core/model.ts';
import { word } from './mapping.ts';
import type { WireComment, WireMessage } from './wire.ts';

/** Of a message's `type` and of the `channel` that a send answers with. */
export const messageChannelOf = {
  email: 'email',
  slack: 'slack',
  chat: 'teams',
  teams: 'teams',
  live_chat: 'chat',
  feedback: 'api', // made by Productlane out of the thread's own text
} as const satisfies Record<string, Channel>;

const kindOf = { inbound: 'inbound', outbound: 'outbound' } as const satisfies Record<string, MessageKind>;

/** Where the answer leaves `direction` out, a user id tells that the team wrote it. */
export function toMessage(threadId: string, wire: WireMessage): Message {
  const direction = wire.direction ?? (wire.user_id ? 'outbound' : 'inbound');
  const kind = word<MessageKind>(kindOf, direction, 'inbound').is;
  return {
    id: wire.id,
    threadId,
    kind,
    author: toAuthor(kind, wire),
    body: wire.html ? { format: 'html', content: wire.html } : { format: 'text', content: wire.text ?? '' },
    attachments: (wire.attachments ?? []).map(toAttachment).filter((attachment) => attachment !== undefined),
    channel: word<Channel>(messageChannelOf, wire.type, 'other'),
    createdAt: new Date(wire.created_at),
    raw: wire,
  };
}

export function toNote(threadId: string, wire: WireComment): Message {
  return {
    id: wire.id,
    threadId,
    kind: 'note',
    author: { is: 'agent', id: wire.user_id ?? undefined, name: undefined, email: undefined },
    body: { format: 'html', content: wire.content ?? '' },
    attachments: [],
    channel: { is: 'other', raw: 'comment' },
    createdAt: new Date(wire.created_at),
    raw: wire,
  };
}

/** `from` is untyped in the vendor's pages: an address, or an object that holds one. */
function toAuthor(kind: MessageKind, wire: WireMessage): Author {
  const from: Record<string, unknown> = typeof wire.from === 'object' && wire.from !== null ? { ...wire.from } : {};
  const email = typeof wire.from === 'string' ? wire.from : from['email'];
  return {
    is: kind === 'inbound' ? 'contact' : 'agent',
    id: wire.user_id ?? undefined,
    name: typeof from['name'] === 'string' ? from['name'] : undefined,
    email: typeof email === 'string' && email.includes('@') ? email.trim().toLowerCase() : undefined,
  };
}

/** Untyped on reading; the names are those that a send takes. */
function toAttachment(wire: unknown): Attachment | undefined {
  const fields: Record<string, unknown> = typeof wire === 'object' && wire !== null ? { ...wire } : {};
  const text = (...names: string[]) => names.map((name) => fields[name]).find((value) => typeof value === 'string');
  const name = text('Name', 'name', 'file_name');
  const url = text('Content', 'url');
  if (name === undefined && url === undefined) return undefined;
  return { id: undefined, name: name ?? 'attachment', mimeType: text('ContentType', 'content_type'), url };
}
