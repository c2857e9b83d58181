/** Whatever the model can say comes back from every desk as it went in, or is named as a loss. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, convertBody } from '../src/core/bodies.ts';
import type { CreateThreadInput, RecordedMessageInput } from '../src/core/helpdesk.ts';
import { type Body, type Loss, type Message, messageKinds, priorities } from '../src/core/model.ts';
import type { Known, World } from '../src/testing/index.ts';
import { email, memoryWorld, plainWorld, productlaneWorld } from './worlds.ts';

const desks: Readonly<Record<string, () => World | Promise<World>>> = {
  'a desk in memory': () => memoryWorld(),
  'a desk in memory that forgets': () => memoryWorld({ forgetful: true }),
  Productlane: () => productlaneWorld(),
  Plain: () => plainWorld(),
};

const runs = { numRuns: 80 };

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 150 })
  .filter((value) => cleanText(value).trim() !== '' && /[\p{L}\p{N}]/u.test(value));

const words = fc.array(fc.constantFrom('login', 'fails', 'since', 'Tuesday', 'für', 'ключ', '鍵', '1 < 2', 'a & b'), {
  minLength: 1,
  maxLength: 12,
});

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const body: fc.Arbitrary<Body> = fc.oneof(
  line.map((content): Body => ({ format: 'text', content })),
  fc.array(words, { minLength: 1, maxLength: 4 }).map(
    (paragraphs): Body => ({
      format: 'html',
      content: paragraphs.map((all) => `<p>${escaped(all.join(' '))} <b>${escaped(all[0] ?? '')}</b></p>`).join('\n'),
    }),
  ),
  fc.array(words, { minLength: 1, maxLength: 4 }).map(
    (paragraphs): Body => ({
      format: 'markdown',
      content: paragraphs.map((all) => `- ${all.join(' ')} **${all.at(-1)}**`).join('\n'),
    }),
  ),
);

const time = fc.date({ min: new Date('2001-01-01'), max: new Date('2026-01-01'), noInvalidDate: true });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const externalId = fc.tuple(fc.uuid(), line).map(([id, suffix]) => `${id} ${cleanText(suffix)}`);

/** What both ways of making a thread take. */
const placed = ({ labelIds, agentId, customFields }: Known) => ({
  title: line,
  priority: maybe(fc.constantFrom(...priorities)),
  assigneeId: maybe(fc.constant(agentId)),
  labelIds: maybe(fc.subarray([...labelIds])),
  customFields: maybe(fc.subarray([...customFields, ...(customFields.length === 0 ? [anyField] : [])])),
});
const anyField = { key: 'plan', type: 'string', value: 'gold' } as const;

const visible = async (given: Body): Promise<string> =>
  (await convertBody(given, 'text')).content.replace(/\s+/g, ' ').trim();

const named = (losses: readonly Loss[], field: string): boolean => losses.some((loss) => loss.field.startsWith(field));

const collected = async (items: AsyncIterable<Message>): Promise<Message[]> => {
  const all: Message[] = [];
  for await (const item of items) all.push(item);
  return all;
};

type Placed = Pick<
  CreateThreadInput,
  'title' | 'priority' | 'assigneeId' | 'labelIds' | 'customFields' | 'externalId' | 'createdAt'
>;

/** Each field is as it was given, or named; never both, never neither. */
async function compare({ helpdesk }: World, id: string, given: Placed, losses: readonly Loss[]): Promise<void> {
  const read = await helpdesk.getThread(id);
  expect(read.title).toBe(cleanText(given.title));
  const kept = {
    priority: read.priority.is === (given.priority ?? 'normal'),
    assigneeId: read.assignee?.id === given.assigneeId,
    labelIds: String(read.labels.map((label) => label.id).sort()) === String([...(given.labelIds ?? [])].sort()),
    customFields:
      JSON.stringify(read.customFields.toSorted(byKey)) === JSON.stringify((given.customFields ?? []).toSorted(byKey)),
    externalId: read.externalId === given.externalId,
    createdAt: given.createdAt === undefined || read.createdAt.getTime() === given.createdAt.getTime(),
  };
  for (const [field, isKept] of Object.entries(kept)) expect(named(losses, field), field).toBe(!isKept);
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1);

describe.each(Object.entries(desks))('%s', (_, open) => {
  it('gives back a thread and what was said on it', async () => {
    const world = await open();
    const { helpdesk, emulated, known } = world;
    const input = fc.record({
      ...placed(known),
      body,
      externalId: maybe(externalId),
      createdAt: maybe(time),
      said: fc.array(fc.tuple(fc.constantFrom('note', 'reply'), body), { maxLength: 4 }),
    });
    const property = fc.asyncProperty(input, async ({ said, ...given }) => {
      const delivered = emulated?.delivered().length ?? 0;
      const { value, losses } = await helpdesk.createThread({ ...given, contact: { email: email() } });
      await compare(world, value.id, given, losses);
      for (const [kind, content] of said) {
        if (kind === 'note') await helpdesk.addNote({ threadId: value.id, body: content });
        else await helpdesk.reply({ threadId: value.id, body: content });
      }
      const messages = await collected(helpdesk.listMessages(value.id));
      const kinds = said.map(([kind]) => (kind === 'note' ? 'note' : 'outbound'));
      expect(messages.slice(1).map(({ kind }) => kind)).toEqual(kinds);
      const shown = await Promise.all(messages.map((message) => visible(message.body)));
      expect(shown).toEqual(await Promise.all([given.body, ...said.map(([, content]) => content)].map(visible)));
      expect((emulated?.delivered().length ?? 0) - delivered).toBe(kinds.filter((kind) => kind === 'outbound').length);
    });
    await fc.assert(property, runs);
  });

  it('gives back imported history, and delivers none of it', async () => {
    const world = await open();
    const { helpdesk, emulated, known } = world;
    const message = fc.record({
      externalId,
      kind: fc.constantFrom(...messageKinds),
      body: line.map((content): Body => ({ format: 'text', content })),
      createdAt: time,
    });
    const unique = { selector: (one: { readonly externalId: string }) => one.externalId, minLength: 1, maxLength: 8 };
    const input = fc.record({
      ...placed(known),
      externalId,
      createdAt: time,
      messages: fc.uniqueArray(message, unique),
    });
    const property = fc.asyncProperty(input, async ({ messages, ...given }) => {
      const authored = messages.map(
        (one): RecordedMessageInput => ({ ...one, ...(one.kind !== 'inbound' && { author: { id: known.agentId } }) }),
      );
      const written = await helpdesk.importThread({ ...given, contact: { email: email() }, messages: authored });
      const { thread, messages: results } = written.value;
      await compare(world, thread.id, given, written.losses);
      expect(results.map((one) => [one.externalId, one.outcome])).toEqual(
        messages.map((one) => [one.externalId, 'stored']),
      );
      expect(emulated?.delivered()).toEqual([]);

      const read = await collected(helpdesk.listMessages(thread.id));
      const texts = await Promise.all(read.map((one) => visible(one.body)));
      const wanted = await Promise.all(messages.map((one) => visible(one.body)));
      for (const [index, one] of messages.entries()) {
        const holders = read.filter((_, place) => texts[place]?.includes(wanted[index] ?? ''));
        expect(holders.some(({ kind }) => (kind === 'note') === (one.kind === 'note'))).toBe(true);
      }
      if (helpdesk.traits.recordsMessages !== 'as-messages') return;
      const describe = ({ kind, createdAt }: Pick<Message, 'kind' | 'createdAt'>) =>
        `${createdAt.toISOString()} ${kind}`;
      expect(read.map(describe).sort()).toEqual(messages.map(describe).sort());
      expect(named(written.losses, 'messages')).toBe(false);
    });
    await fc.assert(property, runs);
  });
});
