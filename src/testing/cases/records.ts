/** Whether messages that were exchanged elsewhere are stored as they were, once, and without reaching anybody. */
import assert from 'node:assert/strict';
import type { RecordedMessageInput } from '../../core/helpdesk.ts';
import type { Case, World } from '../world.ts';
import { asDescribed, conversation, described, history } from './conversation.ts';
import {
  failureOf,
  lossOf,
  messagesOf,
  minutesAfter,
  open,
  past,
  reachesNobody,
  recorded,
  showing,
  visible,
} from './steps.ts';

export const recordCases: readonly Case[] = [
  {
    name: 'records messages on a thread that lives, and reaches nobody',
    when: (traits) => traits.recordsMessages !== 'in-transcript',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const messages = conversation(world);
      const { value: results } = await reachesNobody(world, () =>
        world.helpdesk.recordMessages({ threadId: value.id, messages }),
      );
      assert.deepEqual(
        results.map(({ externalId, outcome }) => [externalId, outcome]),
        messages.map(({ externalId }) => [externalId, 'stored']),
      );
      const read = await messagesOf(world, value.id);
      assert.equal(read.length, messages.length + 1);
      const ids = new Set(read.map(({ id }) => id));
      assert.ok(
        // A note may go by an id of its own beside that of its place in the conversation.
        results.every(({ id }, index) => id !== undefined && (messages[index]?.kind === 'note' || ids.has(id))),
        'an id is nobody’s',
      );
    },
  },
  {
    name: 'records messages as they were',
    when: (traits) => traits.recordsMessages === 'as-messages',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const messages = conversation(world);
      const { losses } = await world.helpdesk.recordMessages({ threadId: value.id, messages: [...messages].reverse() });
      const recordedOnes = (await described(world, value.id)).filter(({ shown }) => shown !== 'It says no.');
      assert.deepEqual(recordedOnes, messages.map(asDescribed(world, { contact: { id: value.contact?.id ?? '' } })));
      assert.deepEqual(losses, []);
    },
  },
  {
    name: 'records messages as notes that name time, author and kind, and says so',
    when: (traits) => traits.recordsMessages === 'as-notes',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const messages = conversation(world);
      const { losses } = await world.helpdesk.recordMessages({ threadId: value.id, messages });
      for (const [index, message] of messages.entries()) {
        const [note, ...others] = await showing(await messagesOf(world, value.id), await visible(message.body));
        assert.deepEqual([note?.kind, others], ['note', []]);
        const shown = note ? await visible(note.body) : '';
        for (const wanted of [message.createdAt.toISOString(), message.author?.name ?? '', `[${message.kind}]`]) {
          assert.ok(shown.includes(wanted), `the note lacks ${wanted}`);
        }
        assert.equal(lossOf(losses, `messages.${index}`)?.how, 'changed');
      }
    },
  },
  {
    name: 'records messages in the opening one, names time, author and kind, and says so',
    when: (traits) => traits.recordsMessages === 'in-transcript',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const messages = conversation(world);
      const { value: results, losses } = await reachesNobody(world, () =>
        world.helpdesk.recordMessages({ threadId: value.id, messages }),
      );
      assert.deepEqual(
        results.map(({ externalId, outcome, id }) => [externalId, outcome, id === undefined]),
        messages.map(({ externalId, kind }) => [externalId, 'stored', kind !== 'note']),
      );
      const [opening, ...others] = await messagesOf(world, value.id);
      const shown = opening ? await visible(opening.body) : '';
      inOrder(shown, ['It says no.', ...inText(messages).map(({ body }) => body.content)]);
      for (const [index, { createdAt, author, kind }] of messages.entries()) {
        if (kind === 'note') continue;
        for (const wanted of [createdAt.toISOString(), author?.name ?? '', `[${kind}]`]) {
          assert.ok(shown.includes(wanted), `the transcript lacks ${wanted}`);
        }
        assert.equal(lossOf(losses, `messages.${index}`)?.how, 'changed');
      }
      assert.ok(!shown.includes('between us'), 'the contact may see a note');
      const notes = await showing(others, 'between us');
      assert.deepEqual([others.length, notes.length, notes[0]?.kind], [1, 1, 'note']);
    },
  },
  {
    name: 'adds to a transcript, and leaves what is there',
    when: (traits) => traits.recordsMessages === 'in-transcript',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const { threadId, messages } = { threadId: value.id, messages: inText(conversation(world)) };
      for (const message of messages) await world.helpdesk.recordMessages({ threadId, messages: [message] });
      const [opening] = await messagesOf(world, threadId);
      const shown = opening ? await visible(opening.body) : '';
      inOrder(shown, ['It says no.', ...messages.map(({ body }) => body.content)]);
    },
  },
  {
    name: 'records no message a second time that came with its thread',
    when: (traits) => traits.recordsMessages !== 'as-notes',
    safe: true,
    async run(world) {
      const input = await history(world);
      const { value } = await world.helpdesk.importThread(input);
      const before = await wordsOf(world, value.thread.id);
      const later = recorded(world, 'inbound', 'third question', minutesAfter(past, 90));
      const messages = [...inText(input.messages), later];
      const { value: results } = await world.helpdesk.recordMessages({ threadId: value.thread.id, messages });
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        messages.map((message) => (message === later ? 'stored' : 'existing')),
      );
      const after = await wordsOf(world, value.thread.id);
      for (const { body } of input.messages) {
        assert.equal(after.split(body.content).length, before.split(body.content).length, 'a message is there twice');
      }
      assert.ok(after.includes('third question'), 'the new message is missing');
    },
  },
  {
    name: 'records a message once, however often it is given',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const [first, ...rest] = conversation(world);
      assert.ok(first);
      const one = await world.helpdesk.recordMessages({ threadId: value.id, messages: [first] });
      const all = await world.helpdesk.recordMessages({ threadId: value.id, messages: [...rest, first] });
      assert.deepEqual(
        all.value.map(({ outcome }) => outcome),
        [...rest.map(() => 'stored'), 'existing'],
      );
      assert.equal(all.value.at(-1)?.id, one.value[0]?.id);
      const words = await wordsOf(world, value.id);
      for (const { body } of [first, ...rest]) {
        assert.equal(words.split(body.content).length, 2, 'a message is there twice or not at all');
      }
    },
  },
  {
    name: 'records more messages than a desk takes at once',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const messages = Array.from({ length: 53 }, (_, index) =>
        recorded(world, index % 2 ? 'outbound' : 'inbound', `message ${index}.`, minutesAfter(past, index)),
      );
      const { value: results } = await world.helpdesk.recordMessages({ threadId: value.id, messages });
      assert.deepEqual(
        results.map(({ externalId, outcome }) => [externalId, outcome]),
        messages.map(({ externalId }) => [externalId, 'stored']),
      );
      const words = await wordsOf(world, value.id);
      for (const { body } of messages) assert.equal(words.split(body.content).length, 2, `${body.content} is lost`);
    },
  },
  {
    name: 'keeps apart messages of one time and one text',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const messages = [1, 2, 3].map(() => recorded(world, 'inbound', 'Hello?', past));
      await world.helpdesk.recordMessages({ threadId: value.id, messages });
      assert.equal((await wordsOf(world, value.id)).split('Hello?').length, 4);
    },
  },
  {
    name: 'records nothing on a thread that does not exist',
    safe: true,
    async run(world) {
      const { threadId } = world.known.absent;
      const messages = conversation(world);
      const error = await failureOf(world.helpdesk.recordMessages({ threadId, messages }));
      assert.ok(error.kind === 'not-found' || error.kind === 'invalid', `kind is ${error.kind}`);
      assert.equal(error.applied, 'no');
    },
  },
];

/** What a transcript takes. */
const inText = (messages: readonly RecordedMessageInput[]) => messages.filter(({ kind }) => kind !== 'note');

/** Everything that can be read on the thread. */
async function wordsOf(world: World, threadId: string): Promise<string> {
  const messages = await messagesOf(world, threadId);
  return (await Promise.all(messages.map(({ body }) => visible(body)))).join('\n');
}

function inOrder(shown: string, wanted: readonly string[]): void {
  const places = wanted.map((words) => shown.indexOf(words));
  assert.ok(!places.includes(-1), 'a message is missing');
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    'messages are out of order',
  );
}
