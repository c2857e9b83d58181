/** Whether a reply reaches its contact once, a note nobody, and both are read back as what they are. */
import assert from 'node:assert/strict';
import { HelpdeskError } from '../../core/errors.ts';
import type { Case } from '../world.ts';
import {
  emulatedOf,
  failureOf,
  messagesOf,
  open,
  past,
  reachesNobody,
  recorded,
  showing,
  text,
  unique,
  visible,
} from './steps.ts';

export const messageCases: readonly Case[] = [
  {
    name: 'delivers a reply exactly once, to the contact alone',
    safe: false,
    async run(world) {
      const email = world.email();
      const { value } = await open(world, { contact: { email } });
      await open(world);
      const { losses } = await world.helpdesk.reply({ threadId: value.id, body: text('Try again now.') });
      const delivered = emulatedOf(world).delivered();
      assert.deepEqual(
        delivered.map(({ threadId, to }) => [threadId, to]),
        [[value.id, [email]]],
      );
      assert.match(delivered[0]?.body ?? '', /Try again now\./);
      assert.deepEqual(losses, []);
    },
  },
  {
    name: 'reads back a reply as outbound, by the team',
    safe: false,
    async run(world) {
      const { value } = await open(world);
      const sent = await world.helpdesk.reply({ threadId: value.id, body: text('Try again now.') });
      assert.equal(sent.value.threadId, value.id);
      const [reply, ...others] = await showing(await messagesOf(world, value.id), 'Try again now.');
      assert.deepEqual([reply?.kind, reply?.author.is, others], ['outbound', 'agent', []]);
    },
  },
  {
    name: 'gives the id of the reply that it sent',
    when: (traits) => traits.returnsReplyId,
    safe: false,
    async run(world) {
      const { value } = await open(world);
      const sent = await world.helpdesk.reply({ threadId: value.id, body: text('Try again now.') });
      const [reply] = await showing(await messagesOf(world, value.id), 'Try again now.');
      assert.equal(typeof sent.value.id, 'string');
      assert.equal(sent.value.id, reply?.id);
    },
  },
  {
    name: 'gives no id for a reply where it knows none',
    when: (traits) => !traits.returnsReplyId,
    safe: false,
    async run(world) {
      const { value } = await open(world);
      const sent = await world.helpdesk.reply({ threadId: value.id, body: text('Try again now.') });
      assert.equal(sent.value.id, undefined);
    },
  },
  {
    name: 'delivers a reply to those in copy',
    safe: false,
    async run(world) {
      const { value } = await open(world);
      const [cc, bcc] = [world.email(), world.email()];
      await world.helpdesk.reply({
        threadId: value.id,
        body: text('Try again now.'),
        cc: [{ email: cc, name: 'Boss' }],
        bcc: [{ email: bcc }],
      });
      const [delivered, ...others] = emulatedOf(world).delivered();
      assert.deepEqual([delivered?.to, others], [[value.contact?.email, cc, bcc], []]);
    },
  },
  {
    name: 'delivers a reply on an imported thread once, or says that it cannot',
    safe: false,
    async run(world) {
      const email = world.email();
      const { value } = await world.helpdesk.importThread({
        contact: { email },
        title: 'Years ago',
        externalId: unique('import'),
        createdAt: past,
        messages: [recorded(world, 'inbound', 'Hello?', past)],
      });
      const reply = world.helpdesk.reply({ threadId: value.thread.id, body: text('Try again now.') });
      const sent = await reply.catch((error: unknown) => error);
      const delivered = emulatedOf(world).delivered();
      if (HelpdeskError.is(sent)) assert.deepEqual([sent.kind, sent.applied, delivered], ['unsupported', 'no', []]);
      else
        assert.deepEqual(
          delivered.map(({ threadId, to }) => [threadId, to]),
          [[value.thread.id, [email]]],
        );
    },
  },
  {
    name: 'shows a note to the team alone',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const written = await reachesNobody(world, () =>
        world.helpdesk.addNote({ threadId: value.id, body: text('Do not tell.') }),
      );
      assert.deepEqual([written.value.threadId, written.losses], [value.id, []]);
      const [note, ...others] = await showing(await messagesOf(world, value.id), 'Do not tell.');
      assert.deepEqual([note?.kind, note?.author.is, others], ['note', 'agent', []]);
    },
  },
  {
    name: 'keeps a note a note whatever happens to its thread',
    safe: false,
    async run(world) {
      const { value } = await open(world);
      await world.helpdesk.addNote({ threadId: value.id, body: text('Do not tell.') });
      await world.helpdesk.reply({ threadId: value.id, body: text('Try again now.') });
      await world.helpdesk.updateThread(value.id, { status: { is: 'done' } });
      emulatedOf(world).receive(value.id, 'It works.');
      const kinds = (await showing(await messagesOf(world, value.id), 'Do not tell.')).map(({ kind }) => kind);
      assert.deepEqual(kinds, ['note']);
      const deliveries = emulatedOf(world).delivered();
      assert.ok(
        deliveries.every(({ body }) => !body.includes('Do not tell.')),
        'a note was delivered',
      );
    },
  },
  {
    name: 'leaves a note out of every other thread of the contact',
    safe: true,
    async run(world) {
      const contact = { email: world.email() };
      const { value } = await open(world, { contact });
      await world.helpdesk.addNote({ threadId: value.id, body: text('Do not tell.') });
      const other = await open(world, { contact });
      assert.deepEqual(await showing(await messagesOf(world, other.value.id), 'Do not tell.'), []);
    },
  },
  {
    name: 'reads what the contact writes as inbound',
    safe: false,
    async run(world) {
      const { value } = await open(world);
      emulatedOf(world).receive(value.id, 'Any news?');
      const [message, ...others] = await showing(await messagesOf(world, value.id), 'Any news?');
      assert.deepEqual([message?.kind, message?.author.is, others], ['inbound', 'contact', []]);
    },
  },
  {
    name: 'lists messages and notes oldest first, each once',
    safe: false,
    async run(world) {
      const { helpdesk } = world;
      const { value } = await open(world, { body: text('one') });
      await helpdesk.reply({ threadId: value.id, body: text('two') });
      await helpdesk.addNote({ threadId: value.id, body: text('three') });
      emulatedOf(world).receive(value.id, 'four');
      await helpdesk.addNote({ threadId: value.id, body: text('five') });
      await helpdesk.reply({ threadId: value.id, body: text('six') });
      emulatedOf(world).receive(value.id, 'seven');
      const messages = await messagesOf(world, value.id);
      assert.deepEqual(await Promise.all(messages.map(({ body }) => visible(body))), [
        ...['one', 'two', 'three', 'four', 'five', 'six', 'seven'],
      ]);
      assert.equal(new Set(messages.map(({ id }) => id)).size, 7, 'two messages have one id');
      assert.deepEqual(
        messages.map(({ createdAt }) => createdAt),
        messages.map(({ createdAt }) => createdAt).sort((a, b) => a.getTime() - b.getTime()),
      );
    },
  },
  {
    name: 'writes nothing on a thread that does not exist',
    safe: true,
    async run(world) {
      const threadId = world.known.absent.threadId;
      const body = text('Hello?');
      for (const call of [
        () => world.helpdesk.reply({ threadId, body }),
        () => world.helpdesk.addNote({ threadId, body }),
      ]) {
        const error = await reachesNobody(world, () => failureOf(call()));
        assert.ok(error.kind === 'not-found' || error.kind === 'invalid', `kind is ${error.kind}`);
        assert.equal(error.applied, 'no');
      }
    },
  },
];
