/** Whether a list holds each thread once and none that was not asked for, whatever happens meanwhile. */
import assert from 'node:assert/strict';
import type { ThreadFilter } from '../../core/helpdesk.ts';
import type { Thread } from '../../core/model.ts';
import type { Case, World } from '../world.ts';
import { collect, emulatedOf, inAnHour, newContact, open, threadsOf } from './steps.ts';

export const listCases: readonly Case[] = [
  {
    name: 'lists each thread of a contact once, across pages',
    safe: true,
    async run(world) {
      const { contact, threads } = await severalThreads(world);
      await open(world);
      assert.deepEqual(ids(await threadsOf(world, contact.id)).sort(), ids(threads).sort());
    },
  },
  {
    name: 'lists threads as it gives them one by one',
    safe: true,
    async run(world) {
      const { contact } = await severalThreads(world);
      for (const { raw: _, ...listed } of await threadsOf(world, contact.id)) {
        const { raw: __, ...read } = await world.helpdesk.getThread(listed.id);
        assert.deepEqual(listed, read);
      }
    },
  },
  {
    name: 'lists each thread once while others arrive',
    safe: false,
    async run(world) {
      const { threads } = await severalThreads(world);
      await whileListing(world, {}, threads, async (count) => {
        if (count <= 3) await open(world);
      });
    },
  },
  {
    name: 'lists each thread once while they change',
    safe: true,
    async run(world) {
      const { contact, threads } = await severalThreads(world);
      await whileListing(world, { contactId: contact.id }, threads, async (count) => {
        const changed = threads[(count * 2) % threads.length];
        if (changed) await world.helpdesk.updateThread(changed.id, { title: `Changed ${count}` });
      });
    },
  },
  {
    name: 'lists on when a thread it has passed is deleted',
    safe: true,
    async run(world) {
      const { contact, threads } = await severalThreads(world);
      await whileListing(world, { contactId: contact.id }, threads, async (_, { id }) => {
        await world.helpdesk.deleteThread(id);
      });
    },
  },
  {
    name: 'keeps to the filter on every page',
    safe: true,
    async run(world) {
      const { contact, threads } = await severalThreads(world);
      const [label] = world.known.labelIds;
      const { agentId } = world.known;
      const chosen = threads.filter((_, index) => index % 2 === 0);
      for (const { id } of chosen) {
        await world.helpdesk.updateThread(id, { labelIds: [label], assigneeId: agentId, status: { is: 'done' } });
      }
      const filters: readonly ThreadFilter[] = [{ labelId: label }, { assigneeId: agentId }, { status: 'done' }];
      for (const filter of [...filters, { labelId: label, assigneeId: agentId, status: 'done' } as const]) {
        const seen = ids(await collect(world.helpdesk.listThreads({ ...filter, contactId: contact.id })));
        assert.deepEqual(seen.sort(), ids(chosen).sort(), `filter ${Object.keys(filter)}`);
      }
    },
  },
  {
    name: 'filters by each status',
    safe: true,
    async run(world) {
      const { contact, threads } = await severalThreads(world, 3);
      const [, done, snoozed] = threads;
      assert.ok(done && snoozed);
      await world.helpdesk.updateThread(done.id, { status: { is: 'done' } });
      await world.helpdesk.updateThread(snoozed.id, { status: { is: 'snoozed', until: inAnHour() } });
      for (const [index, status] of (['open', 'done', 'snoozed'] as const).entries()) {
        const seen = await collect(world.helpdesk.listThreads({ status, contactId: contact.id }));
        assert.deepEqual(ids(seen), [threads[index]?.id]);
      }
    },
  },
  {
    name: 'lists the threads that changed since a time, that time included',
    safe: true,
    async run(world) {
      const { contact, threads } = await severalThreads(world, 4);
      const [first, second] = threads;
      assert.ok(first && second);
      const { value } = await world.helpdesk.updateThread(first.id, { title: 'Changed' });
      await world.helpdesk.updateThread(second.id, { title: 'Changed later' });
      const filter = { contactId: contact.id, updatedSince: value.updatedAt };
      assert.deepEqual(ids(await collect(world.helpdesk.listThreads(filter))).sort(), [first.id, second.id].sort());
    },
  },
  {
    name: 'lists nothing for a contact without threads',
    safe: true,
    async run(world) {
      await open(world);
      const { id } = await newContact(world);
      assert.deepEqual(await threadsOf(world, id), []);
    },
  },
  {
    name: 'asks for no page before it is read',
    safe: false,
    async run(world) {
      const { contact } = await severalThreads(world);
      const { requests } = emulatedOf(world);
      const before = requests();
      for await (const { id } of world.helpdesk.listThreads({ contactId: contact.id })) {
        assert.ok(id);
        break;
      }
      assert.equal(requests() - before, 1);
    },
  },
];

const ids = (threads: readonly { readonly id: string }[]): string[] => threads.map(({ id }) => id);

async function severalThreads(world: World, count = 5) {
  const contact = await newContact(world);
  const threads: Thread[] = [];
  for (let index = 0; index < count; index++) {
    threads.push((await open(world, { contact: { id: contact.id }, title: `Thread ${index}` })).value);
  }
  return { contact, threads };
}

/** Walks the list, disturbs it after each thread, and holds it to what was there at the start. */
async function whileListing(
  { helpdesk }: World,
  filter: ThreadFilter,
  expected: readonly Thread[],
  disturb: (count: number, thread: Thread) => Promise<void>,
): Promise<void> {
  const seen: string[] = [];
  for await (const thread of helpdesk.listThreads(filter)) await disturb(seen.push(thread.id), thread);
  assert.equal(new Set(seen).size, seen.length, 'a thread came twice');
  assert.deepEqual(
    ids(expected).filter((id) => !seen.includes(id)),
    [],
    'a thread was skipped',
  );
}
