/** How a customer's message arrives on a thread. */
import type { Incoming } from '../emulator.ts';
import { compose, type Draft, type Route } from './outgoing.ts';
import { addMessage } from './timeline.ts';
import type { ThreadChannel } from './wire.ts';
import type { World } from './world.ts';

const routeOf = {
  API: 'EMAIL',
  CHAT: 'CHAT',
  DISCORD: 'DISCORD',
  EMAIL: 'EMAIL',
  IMPORT: 'EMAIL',
  INTERNAL: undefined,
  MS_TEAMS: 'MS_TEAMS',
  SLACK: 'SLACK',
} as const satisfies Record<ThreadChannel, Route | undefined>;

/** Gives the timeline entry's id. Throws for a thread that is not there or that no customer can write to. */
export function receive(world: World, threadId: string, incoming: Incoming): { readonly id: string } {
  const { tables } = world;
  const thread = tables.threads.get(threadId);
  const customer = tables.customers.get(thread?.customerId ?? '');
  if (!thread || !customer) throw new Error(`There is no thread ${threadId}.`);
  const route = routeOf[thread.channel];
  if (!route) throw new Error(`No customer can write to a thread of channel ${thread.channel}.`);
  const draft = toDraft(incoming);
  const content = compose(world, route, 'inbound', { thread, customer, draft });
  const actor = { is: 'customer', id: customer.id } as const;
  const { entry } = addMessage(world, thread, { actor, content, direction: 'inbound', text: draft.text });
  return { id: entry.id };
}

/** Plain keeps no HTML: of a message in HTML, the text between its tags. */
function toDraft({ html, text, subject }: Incoming): Draft {
  const plain = text ?? textOf(html ?? '');
  return { text: plain, markdown: plain, subject, attachmentIds: [] };
}

function textOf(html: string): string {
  return html
    .replace(/<(br|\/p|\/div|\/li)\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => characterOf[name] ?? '')
    .trim();
}

const characterOf: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" };
