/** Whether a thread keeps what it was created with. */
import assert from 'node:assert/strict';
import { priorities } from '../../core/model.ts';
import type { Case } from '../world.ts';
import {
  collect,
  failureOf,
  keptOrNamed,
  lossOf,
  messagesOf,
  open,
  past,
  threadsOf,
  unique,
  visible,
} from './steps.ts';

export const threadCases: readonly Case[] = [
  {
    name: 'reads back the thread it created',
    safe: true,
    async run(world) {
      const email = world.email();
      const { value } = await open(world, { contact: { email, name: 'Ada' }, title: 'Login fails' });
      const read = await world.helpdesk.getThread(value.id);
      for (const thread of [value, read]) {
        assert.deepEqual(
          [thread.id, thread.title, thread.status.is, thread.priority.is, thread.contact?.email, thread.contact?.name],
          [value.id, 'Login fails', 'open', 'normal', email, 'Ada'],
        );
        assert.deepEqual(
          [thread.assignee, thread.labels, thread.company, thread.customFields],
          [undefined, [], undefined, []],
        );
        assert.ok(Math.abs(thread.createdAt.getTime() - Date.now()) < 3_600_000, 'not created now');
        assert.ok(thread.updatedAt >= thread.createdAt, 'updated before it was created');
        assert.notEqual(thread.raw, undefined);
      }
      assert.deepEqual(read.createdAt, value.createdAt);
    },
  },
  {
    name: 'names no loss where it keeps everything',
    safe: true,
    async run(world) {
      const { losses } = await open(world, { priority: 'normal', assigneeId: world.known.agentId });
      assert.deepEqual(losses, []);
    },
  },
  {
    name: 'reads back the opening message as it was given',
    safe: true,
    async run(world) {
      const { bodyFormat } = world.helpdesk.traits;
      const content = { html: '<p>It <strong>says</strong> no.</p>', markdown: 'It **says** no.', text: 'It says no.' };
      const { value } = await open(world, { body: { format: bodyFormat, content: content[bodyFormat] } });
      const [opening, ...others] = await messagesOf(world, value.id);
      assert.ok(opening, 'the thread has no message');
      assert.deepEqual([opening.body.format, await visible(opening.body), others], [bodyFormat, 'It says no.', []]);
      assert.deepEqual([opening.threadId, opening.createdAt], [value.id, value.createdAt]);
      if (bodyFormat !== 'text') assert.match(opening.body.content, /strong|\*\*/);
    },
  },
  {
    name: 'keeps each priority, or names what became of it',
    safe: true,
    async run(world) {
      const { traits } = world.helpdesk;
      for (const priority of priorities) {
        const { value, losses } = await open(world, { priority });
        const { is } = (await world.helpdesk.getThread(value.id)).priority;
        assert.equal(value.priority.is, is);
        assert.equal(is === priority, traits.priorities.includes(priority), `the traits are wrong about ${priority}`);
        keptOrNamed('priority', is === priority, losses);
        if (is !== priority)
          assert.deepEqual(lossOf(losses, 'priority'), { field: 'priority', how: 'changed', stored: is });
      }
    },
  },
  {
    name: 'keeps labels, assignee and company of a new thread',
    safe: true,
    async run(world) {
      const { labelIds, agentId, companyId } = world.known;
      const { value, losses } = await open(world, { labelIds, assigneeId: agentId, companyId });
      const read = await world.helpdesk.getThread(value.id);
      assert.deepEqual(losses, []);
      for (const thread of [value, read]) {
        assert.deepEqual(thread.labels.map(({ id }) => id).sort(), [...labelIds].sort());
        assert.deepEqual([thread.assignee?.id, thread.company?.id], [agentId, companyId]);
      }
      assert.ok(read.labels.every(({ name }) => name !== '') && read.company?.name, 'a name is missing');
    },
  },
  {
    name: 'keeps custom fields of every type',
    when: (traits) => traits.keepsCustomFields,
    needs: ({ customFields }) => customFields.length >= 2,
    safe: true,
    async run(world) {
      const { customFields } = world.known;
      const { value, losses } = await open(world, { customFields });
      assert.deepEqual(losses, []);
      const { customFields: read } = await world.helpdesk.getThread(value.id);
      assert.deepEqual([...read].sort(byKey), [...customFields].sort(byKey));
    },
  },
  {
    name: 'names the custom fields it cannot keep',
    when: (traits) => !traits.keepsCustomFields,
    safe: true,
    async run(world) {
      const { value, losses } = await open(world, { customFields: [{ key: 'plan', type: 'string', value: 'gold' }] });
      assert.deepEqual(losses, [{ field: 'customFields', how: 'dropped' }]);
      assert.deepEqual((await world.helpdesk.getThread(value.id)).customFields, []);
    },
  },
  {
    name: 'keeps the time a thread was created',
    when: (traits) => traits.backdatesThreads,
    safe: true,
    async run(world) {
      const { value, losses } = await open(world, { createdAt: past });
      assert.deepEqual([(await world.helpdesk.getThread(value.id)).createdAt, losses], [past, []]);
    },
  },
  {
    name: 'names the time of creation it cannot keep',
    when: (traits) => !traits.backdatesThreads,
    safe: true,
    async run(world) {
      const { value, losses } = await open(world, { createdAt: past });
      assert.deepEqual(losses, [{ field: 'createdAt', how: 'dropped' }]);
      assert.notDeepEqual((await world.helpdesk.getThread(value.id)).createdAt, past);
    },
  },
  {
    name: 'finds a thread by the external id it keeps',
    when: (traits) => traits.keepsExternalIds,
    safe: true,
    async run(world) {
      const externalId = unique('thread');
      const { value, losses } = await open(world, { externalId });
      const contactId = value.contact?.id ?? '';
      assert.deepEqual([value.externalId, losses], [externalId, []]);
      assert.equal((await world.helpdesk.findThread({ contactId, externalId }))?.id, value.id);
      assert.equal(await world.helpdesk.findThread({ contactId, externalId: unique('other') }), undefined);
    },
  },
  {
    name: 'creates a thread once for each contact and external id',
    when: (traits) => traits.keepsExternalIds,
    safe: true,
    async run(world) {
      const externalId = unique('thread');
      const contact = { email: world.email() };
      const first = await open(world, { contact, externalId });
      const second = await open(world, { contact, externalId, title: 'Once more' });
      assert.deepEqual([second.value.id, second.value.title], [first.value.id, first.value.title]);
      assert.equal((await threadsOf(world, first.value.contact?.id ?? '')).length, 1);
      const other = await open(world, { externalId });
      assert.notEqual(other.value.id, first.value.id, 'external ids are unique for each contact, not for all');
    },
  },
  {
    name: 'creates a thread once for a contact that is named by its own external id',
    when: (traits) => traits.keepsExternalIds,
    safe: true,
    async run(world) {
      const [contactId, externalId] = [unique('contact'), unique('thread')];
      await world.helpdesk.upsertContact({ email: world.email(), externalId: contactId });
      const first = await open(world, { contact: { externalId: contactId }, externalId });
      const second = await open(world, { contact: { externalId: contactId }, externalId });
      assert.equal(second.value.id, first.value.id);
      assert.equal((await threadsOf(world, first.value.contact?.id ?? '')).length, 1);
    },
  },
  {
    name: 'names the external id it cannot keep, and looks for none',
    when: (traits) => !traits.keepsExternalIds,
    safe: true,
    async run(world) {
      const externalId = unique('thread');
      const { value, losses } = await open(world, { externalId });
      assert.deepEqual(losses, [{ field: 'externalId', how: 'dropped' }]);
      assert.equal((await world.helpdesk.getThread(value.id)).externalId, undefined);
      const before = world.emulated?.requests();
      const key = { contactId: value.contact?.id ?? '', externalId };
      if (world.journaled) return assert.equal((await world.helpdesk.findThread(key))?.id, value.id);
      const error = await failureOf(world.helpdesk.findThread(key));
      assert.deepEqual([error.kind, error.applied, world.emulated?.requests()], ['unsupported', 'no', before]);
    },
  },
  {
    name: 'takes titles up to its limit, and no longer ones',
    safe: true,
    async run(world) {
      const { titleLimit } = world.helpdesk.traits;
      const title = 'x'.repeat(titleLimit);
      const { value } = await open(world, { title });
      assert.equal((await world.helpdesk.getThread(value.id)).title, title);
      const before = world.emulated?.requests();
      const error = await failureOf(open(world, { title: `${title}x` }));
      assert.deepEqual([error.kind, error.issues.map(({ path }) => path)], ['invalid', ['title']]);
      assert.equal(world.emulated?.requests(), before, 'a title that is too long was sent');
    },
  },
  {
    name: 'creates nothing where a label or an assignee does not exist',
    safe: true,
    async run(world) {
      const { absent } = world.known;
      const contact = { email: world.email() };
      const { id } = (await world.helpdesk.upsertContact(contact)).value;
      for (const wrong of [{ labelIds: [absent.labelId] }, { assigneeId: absent.agentId }]) {
        const error = await failureOf(open(world, { contact, ...wrong }));
        assert.deepEqual([error.kind, error.applied], ['invalid', 'no']);
      }
      assert.deepEqual(await threadsOf(world, id), []);
    },
  },
  {
    name: 'deletes a thread for good',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const { value: deleted, losses } = await world.helpdesk.deleteThread(value.id);
      assert.deepEqual([deleted, losses], [{ id: value.id }, []]);
      assert.equal((await failureOf(world.helpdesk.getThread(value.id))).kind, 'not-found');
      assert.deepEqual(await collect(world.helpdesk.listThreads({ contactId: value.contact?.id })), []);
    },
  },
];

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1);
