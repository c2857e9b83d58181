/** A conversation that happened elsewhere, and how it should be read back. */
import type { ImportThreadInput, RecordedMessageInput } from '../../core/helpdesk.ts';
import type { World } from '../world.ts';
import { messagesOf, minutesAfter, newContact, past, recorded, unique, visible } from './steps.ts';

export function conversation(world: World): readonly RecordedMessageInput[] {
  return [
    recorded(world, 'inbound', 'first question', past),
    recorded(world, 'outbound', 'first answer', minutesAfter(past, 5)),
    recorded(world, 'note', 'between us', minutesAfter(past, 6)),
    recorded(world, 'inbound', 'second question', minutesAfter(past, 60)),
  ];
}

interface History extends ImportThreadInput {
  readonly contact: { readonly id: string };
}

export async function history(world: World): Promise<History> {
  const { id } = await newContact(world);
  return {
    contact: { id },
    title: 'Years ago',
    externalId: unique('import'),
    createdAt: past,
    messages: conversation(world),
  };
}

export const described = async (world: World, threadId: string) =>
  Promise.all(
    (await messagesOf(world, threadId)).map(async ({ kind, body, createdAt, author }) => ({
      kind,
      createdAt,
      author: author.id,
      shown: await visible(body),
    })),
  );

export const asDescribed =
  ({ known }: World, { contact }: { readonly contact: { readonly id: string } }) =>
  ({ kind, body, createdAt }: RecordedMessageInput) => ({
    kind,
    createdAt,
    author: kind === 'inbound' ? contact.id : known.agentId,
    shown: body.content,
  });
