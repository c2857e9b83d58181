/** Whether a thread that happened elsewhere is stored as it was, once, and without reaching anybody. */
import assert from 'node:assert/strict';
import type { Case } from '../world.ts';
import { asDescribed, described, history } from './conversation.ts';
import {
  keptOrNamed,
  lossOf,
  messagesOf,
  minutesAfter,
  past,
  reachesNobody,
  showing,
  threadsOf,
  visible,
} from './steps.ts';

export const importCases: readonly Case[] = [
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
    when: (traits) => traits.recordsMessages !== 'as-messages',
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
      // A bridge knows whose the external id is.
      if (world.journaled) return assert.equal(again.value.thread.id, first.value.thread.id);
      assert.deepEqual([first.value.outcome, again.value.outcome], ['stored', 'stored']);
      assert.notEqual(again.value.thread.id, first.value.thread.id);
      assert.equal((await threadsOf(world, input.contact.id)).length, 2);
    },
  },
];

const anyField = { key: 'plan', type: 'string', value: 'gold' } as const;
