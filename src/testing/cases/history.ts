/** Whether history is stored as it was, once, and without reaching anybody. */
import assert from 'node:assert/strict';
import type { ImportThreadInput, RecordedMessageInput } from '../../core/helpdesk.ts';
import type { Case, World } from '../world.ts';
import {
  failureOf,
  keptOrNamed,
  lossOf,
  messagesOf,
  minutesAfter,
  newContact,
  open,
  past,
  reachesNobody,
  recorded,
  showing,
  text,
  threadsOf,
  unique,
  visible,
} from './steps.ts';

export const historyCases: readonly Case[] = [
  {
    name: 'imports a thread with its time, and reaches nobody',
    safe: true,
    async run(world) {
      const input = await history(world);
      const { value } = await reachesNobody(world, () => world.helpdesk.importThread(input));
      const read = await world.helpdesk.getThread(value.thread.id);
      for (const thread of [value.thread, read]) {
        assert.deepEqual(
          [thread.title, thread.createdAt, thread.status.is, thread.priority.is, thread.contact?.id],
          [input.title, input.createdAt, 'open', 'normal', input.contact.id],
        );
      }
      assert.equal(value.outcome, 'stored');
    },
  },
  {
    name: 'answers for every imported message, in the order given',
    safe: true,
    async run(world) {
      const input = await history(world);
      const shuffled = [2, 0, 3, 1].flatMap((index) => input.messages[index] ?? []);
      const { value } = await world.helpdesk.importThread({ ...input, messages: shuffled });
      assert.deepEqual(
        value.messages.map(({ externalId, outcome }) => [externalId, outcome]),
        shuffled.map(({ externalId }) => [externalId, 'stored']),
      );
    },
  },
  {
    name: 'shows imported messages oldest first, and no note among those the contact may see',
    safe: true,
    async run(world) {
      const input = await history(world);
      const reversed = [...input.messages].reverse();
      const { value } = await world.helpdesk.importThread({ ...input, messages: reversed });
      const messages = await messagesOf(world, value.thread.id);
      const shown = messages.filter(({ kind }) => kind !== 'note');
      const texts = (await Promise.all(shown.map(({ body }) => visible(body)))).join('\n');
      const places = ['first question', 'first answer', 'second question'].map((words) => texts.indexOf(words));
      assert.ok(!places.includes(-1), 'a message is missing');
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
        'messages are out of order',
      );
      const notes = await showing(messages, 'between us');
      assert.deepEqual(
        notes.map(({ kind }) => kind),
        ['note'],
      );
    },
  },
  {
    name: 'imports messages as they were',
    when: (traits) => traits.recordsMessages === 'as-messages',
    safe: true,
    async run(world) {
      const input = await history(world);
      const { value, losses } = await world.helpdesk.importThread(input);
      assert.deepEqual(await described(world, value.thread.id), input.messages.map(asDescribed(world, input)));
      assert.equal(lossOf(losses, 'messages'), undefined);
      const ids = (await messagesOf(world, value.thread.id)).map(({ id }) => id);
      assert.equal(new Set(ids).size, input.messages.length);
    },
  },
  {
    name: 'imports messages as a transcript that names time and author, and says so',
    when: (traits) => traits.recordsMessages === 'as-notes',
    safe: true,
    async run(world) {
      const input = await history(world);
      const { value, losses } = await world.helpdesk.importThread(input);
      const texts = (
        await Promise.all((await messagesOf(world, value.thread.id)).map(({ body }) => visible(body)))
      ).join('\n');
      for (const [index, { createdAt, author, externalId, kind }] of input.messages.entries()) {
        for (const wanted of [createdAt.toISOString(), author?.name ?? '', externalId, kind]) {
          assert.ok(texts.includes(wanted), `the transcript lacks ${wanted}`);
        }
        assert.equal(lossOf(losses, `messages.${index}`)?.how, 'changed');
      }
    },
  },
  {
    name: 'imports labels, assignee, priority, fields and status, or names what became of them',
    safe: true,
    async run(world) {
      const { known, helpdesk } = world;
      const base = await history(world);
      const until = minutesAfter(new Date(), 60);
      const customFields = helpdesk.traits.keepsCustomFields ? known.customFields : [known.customFields[0] ?? anyField];
      const { value, losses } = await helpdesk.importThread({
        ...base,
        labelIds: known.labelIds,
        assigneeId: known.agentId,
        priority: 'urgent',
        status: { is: 'snoozed', until },
        customFields,
      });
      const read = await helpdesk.getThread(value.thread.id);
      const labels = read.labels.map(({ id }) => id).sort();
      keptOrNamed('labelIds', String(labels) === String([...known.labelIds].sort()), losses);
      keptOrNamed('assigneeId', read.assignee?.id === known.agentId, losses);
      keptOrNamed('priority', read.priority.is === 'urgent', losses);
      keptOrNamed('customFields', read.customFields.length === customFields.length, losses);
      keptOrNamed('externalId', read.externalId === base.externalId, losses);
      assert.ok(read.status.is === 'snoozed' || lossOf(losses, 'status'), 'the status vanished without a word');
      if (read.status.is === 'snoozed') keptOrNamed('status', read.status.until?.getTime() === until.getTime(), losses);
    },
  },
  {
    name: 'imports a thread that is done as done, and loses no end of a snooze without a word',
    safe: true,
    async run(world) {
      const done = await world.helpdesk.importThread({ ...(await history(world)), status: { is: 'done' } });
      assert.equal((await world.helpdesk.getThread(done.value.thread.id)).status.is, 'done');
      assert.equal(lossOf(done.losses, 'status'), undefined);
      const until = minutesAfter(past, 600);
      const over = await world.helpdesk.importThread({ ...(await history(world)), status: { is: 'snoozed', until } });
      assert.ok(lossOf(over.losses, 'status'), 'the end of the snooze vanished without a word');
    },
  },
  {
    name: 'imports a thread once, and leaves it as it was',
    when: (traits) => traits.importsThreadsOnce,
    safe: true,
    async run(world) {
      const input = await history(world);
      const first = await world.helpdesk.importThread(input);
      const again = await reachesNobody(world, () => world.helpdesk.importThread({ ...input, title: 'Another' }));
      assert.deepEqual([again.value.outcome, again.value.thread.id], ['existing', first.value.thread.id]);
      assert.deepEqual(
        again.value.messages.map(({ outcome, id }) => [outcome, id]),
        first.value.messages.map(({ id }) => ['existing', id]),
      );
      const read = await world.helpdesk.getThread(first.value.thread.id);
      assert.deepEqual([read.title, read.createdAt], [input.title, input.createdAt]);
      assert.equal((await messagesOf(world, read.id)).length, input.messages.length);
      assert.equal((await threadsOf(world, input.contact.id)).length, 1);
    },
  },
  {
    name: 'does not claim that a second import found the first',
    when: (traits) => !traits.importsThreadsOnce,
    safe: true,
    async run(world) {
      const input = await history(world);
      const first = await world.helpdesk.importThread(input);
      const again = await world.helpdesk.importThread(input);
      assert.deepEqual([first.value.outcome, again.value.outcome], ['stored', 'stored']);
      assert.notEqual(again.value.thread.id, first.value.thread.id);
      assert.equal((await threadsOf(world, input.contact.id)).length, 2);
    },
  },
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
        results.every(({ id }) => id !== undefined && ids.has(id)) || results.every(({ id }) => id !== undefined),
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

const anyField = { key: 'plan', type: 'string', value: 'gold' } as const;

function conversation(world: World): readonly RecordedMessageInput[] {
  return [
    recorded(world, 'inbound', 'first question', past),
    recorded(world, 'outbound', 'first answer', minutesAfter(past, 5)),
    recorded(world, 'note', 'between us', minutesAfter(past, 6)),
    recorded(world, 'inbound', 'second question', minutesAfter(past, 60)),
  ];
}

type History = ImportThreadInput & { readonly contact: { readonly id: string } };

async function history(world: World): Promise<History> {
  const { id } = await newContact(world);
  return {
    contact: { id },
    title: 'Years ago',
    externalId: unique('import'),
    createdAt: past,
    messages: conversation(world),
  };
}

const described = async (world: World, threadId: string) =>
  Promise.all(
    (await messagesOf(world, threadId)).map(async ({ kind, body, createdAt, author }) => ({
      kind,
      createdAt,
      author: author.id,
      shown: await visible(body),
    })),
  );

const asDescribed =
  ({ known }: World, { contact }: { readonly contact: { readonly id: string } }) =>
  ({ kind, body, createdAt }: RecordedMessageInput) => ({
    kind,
    createdAt,
    author: kind === 'inbound' ? contact.id : known.agentId,
    shown: text(body.content).content,
  });
