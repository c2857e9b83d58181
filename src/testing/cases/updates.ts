/** Whether a change changes what it names, and nothing else. */
import assert from 'node:assert/strict';
import type { StatusInput, UpdateThreadInput } from '../../core/helpdesk.ts';
import type { Status, Thread } from '../../core/model.ts';
import type { Case, World } from '../world.ts';
import { failureOf, inAnHour, keptOrNamed, open, reachesNobody } from './steps.ts';

export const updateCases: readonly Case[] = [
  {
    name: 'changes only the fields that are given',
    safe: true,
    async run(world) {
      const { known, helpdesk } = world;
      const full = { priority: 'high', assigneeId: known.agentId, labelIds: known.labelIds } as const;
      const { value } = await open(world, full);
      const changed = await change(world, value.id, { title: 'Solved' });
      assert.deepEqual(shape(changed), { ...shape(value), title: 'Solved' });
      assert.deepEqual(shape(await helpdesk.getThread(value.id)), shape(changed));
      assert.ok(changed.updatedAt > value.updatedAt, 'the time of the change is not kept');
    },
  },
  {
    name: 'changes every field in one call',
    safe: true,
    async run(world) {
      const { agentId, labelIds, companyId } = world.known;
      const { value } = await open(world, { labelIds: [labelIds[0]] });
      const changed = await change(world, value.id, {
        title: 'Solved',
        priority: 'high',
        assigneeId: agentId,
        labelIds: [labelIds[1]],
        companyId,
        status: { is: 'done' },
      });
      assert.deepEqual(shape(changed), {
        ...shape(value),
        title: 'Solved',
        priority: 'high',
        assignee: agentId,
        labels: [labelIds[1]],
        company: companyId,
        status: 'done',
      });
    },
  },
  {
    name: 'keeps a changed priority, or names what became of it',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const changed = await world.helpdesk.updateThread(value.id, { priority: 'urgent' });
      keptOrNamed('priority', changed.value.priority.is === 'urgent', changed.losses);
    },
  },
  {
    name: 'clears with null',
    safe: true,
    async run(world) {
      const { agentId, companyId } = world.known;
      const { value } = await open(world, { assigneeId: agentId, companyId });
      assert.deepEqual([value.assignee?.id, value.company?.id], [agentId, companyId]);
      const changed = await change(world, value.id, { assigneeId: null, companyId: null });
      assert.deepEqual([changed.assignee, changed.company], [undefined, undefined]);
    },
  },
  {
    name: 'replaces the labels by those that are given',
    safe: true,
    async run(world) {
      const [first, second] = world.known.labelIds;
      const { value } = await open(world, { labelIds: [first] });
      const labelsAfter = async (labelIds: readonly string[]): Promise<readonly string[]> =>
        shape(await change(world, value.id, { labelIds })).labels;
      assert.deepEqual(await labelsAfter([second]), [second]);
      assert.deepEqual(await labelsAfter([first, second]), [first, second].sort());
      assert.deepEqual(await labelsAfter([second, first]), [first, second].sort());
      assert.deepEqual(await labelsAfter([]), []);
    },
  },
  {
    name: 'sets the custom fields that are given and leaves the others',
    when: (traits) => traits.keepsCustomFields,
    needs: ({ customFields }) => customFields.length >= 2,
    safe: true,
    async run(world) {
      const [first, second] = world.known.customFields;
      assert.ok(first && second, 'the world knows no custom fields');
      const { value } = await open(world, { customFields: [first] });
      const { customFields } = await change(world, value.id, { customFields: [second] });
      assert.deepEqual(new Set(customFields), new Set([first, second]));
    },
  },
  {
    name: 'names the custom fields it cannot set',
    when: (traits) => !traits.keepsCustomFields,
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const field = { key: 'plan', type: 'string', value: 'gold' } as const;
      const { losses } = await world.helpdesk.updateThread(value.id, { customFields: [field] });
      assert.deepEqual(losses, [{ field: 'customFields', how: 'dropped' }]);
    },
  },
  {
    name: 'is done, snoozed until a time, and open again, in every order',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      const until = inAnHour();
      const orders = [
        'done',
        'snoozed',
        'open',
        'done',
        'open',
        'snoozed',
        'done',
        'snoozed',
        'snoozed',
        'open',
      ] as const;
      for (const is of orders) {
        const status: StatusInput = is === 'snoozed' ? { is, until } : { is };
        const changed = await reachesNobody(world, () => change(world, value.id, { status }));
        assert.equal(changed.status.is, is);
        if (is === 'snoozed') assert.ok(isNear(changed.status, until), 'the end of the snooze is another');
      }
    },
  },
  {
    name: 'sets the status a thread has already',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      assert.equal((await change(world, value.id, { status: { is: 'open' } })).status.is, 'open');
      await change(world, value.id, { status: { is: 'done' } });
      assert.equal((await change(world, value.id, { status: { is: 'done' } })).status.is, 'done');
    },
  },
  {
    name: 'opens a thread that is done when the contact writes',
    safe: false,
    async run(world) {
      const { value } = await open(world);
      await change(world, value.id, { status: { is: 'done' } });
      world.emulated?.receive(value.id, 'One more thing');
      assert.equal((await world.helpdesk.getThread(value.id)).status.is, 'open');
    },
  },
  {
    name: 'refuses a change to what does not exist, and changes nothing',
    safe: true,
    async run(world) {
      const { absent } = world.known;
      const { value } = await open(world);
      for (const changes of [{ labelIds: [absent.labelId] }, { assigneeId: absent.agentId }]) {
        const error = await failureOf(world.helpdesk.updateThread(value.id, changes));
        assert.deepEqual([error.kind, error.applied], ['invalid', 'no']);
      }
      assert.deepEqual(shape(await world.helpdesk.getThread(value.id)), shape(value));
    },
  },
];

/** The thread after the change, which the desk must hold as it answered. Nothing may be lost. */
async function change({ helpdesk }: World, id: string, changes: UpdateThreadInput): Promise<Thread> {
  const { value, losses } = await helpdesk.updateThread(id, changes);
  assert.deepEqual(losses, []);
  assert.deepEqual(shape(await helpdesk.getThread(id)), shape(value), 'the answer is not what the desk holds');
  return value;
}

function shape({ id, title, status, priority, assignee, labels, company, customFields }: Thread) {
  return {
    id,
    title,
    status: status.is,
    priority: priority.is,
    assignee: assignee?.id,
    labels: labels.map((label) => label.id).sort(),
    company: company?.id,
    customFields,
  };
}

/** Some desks count from their own clock. */
function isNear(status: Status, until: Date): boolean {
  return status.is === 'snoozed' && Math.abs((status.until?.getTime() ?? 0) - until.getTime()) <= 5000;
}
