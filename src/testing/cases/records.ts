/** Whether messages that were exchanged elsewhere are stored as they were, once, and without reaching anybody. */
import assert from 'node:assert/strict';
import type { Case } from '../world.ts';
import { asDescribed, conversation, described } from './conversation.ts';
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
      assert.equal((await messagesOf(world, value.id)).length, rest.length + 2);
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
      assert.equal((await messagesOf(world, value.id)).length, 54);
    },
  },
  {
    name: 'keeps apart messages of one time and one text',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const messages = [1, 2, 3].map(() => recorded(world, 'inbound', 'Hello?', past));
      await world.helpdesk.recordMessages({ threadId: value.id, messages });
      assert.equal((await showing(await messagesOf(world, value.id), 'Hello?')).length, 3);
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
