import { describe, expect, it } from 'vitest';
import { plainWorld } from './plain-world.ts';

async function started(options: Parameters<typeof plainWorld>[0] = {}) {
  const world = plainWorld(options);
  const customerId = await world.addCustomer();
  const threadId = await world.addThread(customerId);
  const own = () => world.thread(threadId);
  return { ...world, customerId, threadId, own };
}

const detail =
  'thread { status statusDetail { __typename ... on ThreadStatusDetailWaitingForDuration { waitingUntil { iso8601 } } } }';

describe('the status', () => {
  it('becomes DONE by hand unless another detail is given', async () => {
    const { mutate, threadId, own, contents } = await started();
    const { thread } = await mutate('markThreadAsDone', { threadId }, detail);
    expect(thread).toMatchObject({
      status: 'DONE',
      statusDetail: { __typename: 'ThreadStatusDetailDoneManuallySet' },
    });
    const ignored = await mutate('markThreadAsDone', { threadId, statusDetail: 'IGNORED' }, detail);
    expect(ignored.thread.statusDetail.__typename).toBe('ThreadStatusDetailIgnored');
    expect(own().statusChangedAt).toBe(own().updatedAt);
    expect(contents(threadId)).toEqual([{ type: 'THREAD_STATUS_TRANSITIONED', nextStatus: 'DONE' }]);
  });

  it.each(['CREATED', 'IN_PROGRESS', 'NEW_REPLY', 'THREAD_LINK_UPDATED', 'THREAD_DISCUSSION_RESOLVED'])(
    'becomes TODO with %s',
    async (statusDetail) => {
      const { mutate, threadId, own } = await started();
      await mutate('markThreadAsDone', { threadId });
      await mutate('markThreadAsTodo', { threadId, statusDetail });
      expect(own()).toMatchObject({ status: 'TODO', statusDetail: { type: statusDetail } });
    },
  );

  it('cannot become DONE because a timer expired', async () => {
    const { refusal, threadId } = await started();
    expect((await refusal('markThreadAsDone', { threadId, statusDetail: 'TIMER_EXPIRED' })).code).toBe(
      'input_validation',
    );
  });

  it('cannot become DONE while a required field is empty', async () => {
    const { refusal, mutate, threadId, emulator, own } = await started();
    emulator.setup.addThreadFieldSchema({ key: 'k', type: 'STRING', isRequired: true });
    expect((await refusal('markThreadAsDone', { threadId })).fields[0]?.type).toBe('REQUIRED');
    expect(own().status).toBe('TODO');
    await mutate('upsertThreadField', { identifier: { threadId, key: 'k' }, type: 'STRING', stringValue: 'x' });
    await mutate('markThreadAsDone', { threadId });
    expect(own().status).toBe('DONE');
  });

  it('that the thread has may be set again without effect, or is refused', async () => {
    const loose = await started();
    await loose.mutate('markThreadAsDone', { threadId: loose.threadId });
    const before = loose.own();
    expect((await loose.mutate('markThreadAsDone', { threadId: loose.threadId })).error).toBeNull();
    expect(loose.own()).toBe(before);
    const strict = await started({ repeatedStatus: 'refused' });
    await strict.mutate('markThreadAsDone', { threadId: strict.threadId });
    expect((await strict.refusal('markThreadAsDone', { threadId: strict.threadId })).code).toBe(
      'thread_already_is_status',
    );
  });
});

describe('a snooze', () => {
  it('by seconds ends by the clock', async () => {
    const { mutate, threadId, own, emulator, contents } = await started();
    const until = new Date(emulator.clock.now().getTime() + 3_600_000).toISOString();
    const { thread } = await mutate('snoozeThread', { threadId, durationSeconds: 3600 }, detail);
    expect(thread).toMatchObject({
      status: 'SNOOZED',
      statusDetail: { __typename: 'ThreadStatusDetailWaitingForDuration', waitingUntil: { iso8601: until } },
    });
    await emulator.clock.advance(3_599_000);
    expect(own().status).toBe('SNOOZED');
    await emulator.clock.advance(1000);
    expect(own()).toMatchObject({ status: 'TODO', statusChangedBy: { is: 'system' } });
    expect(contents(threadId).map((content) => 'nextStatus' in content && content.nextStatus)).toEqual([
      'SNOOZED',
      'TODO',
    ]);
  });

  it('that was replaced by a longer one ends with the longer one', async () => {
    const { mutate, threadId, own, emulator } = await started();
    await mutate('snoozeThread', { threadId, durationSeconds: 60 });
    await mutate('snoozeThread', { threadId, durationSeconds: 600 });
    await emulator.clock.advance(60_000);
    expect(own().status).toBe('SNOOZED');
    await emulator.clock.advance(540_000);
    expect(own().status).toBe('TODO');
  });

  it.each(['WAITING_FOR_CUSTOMER', 'WAITING_INDEFINITELY'])('%s has no end', async (statusDetail) => {
    const { mutate, refusal, threadId, own, emulator } = await started();
    await mutate('snoozeThread', { threadId, statusDetail });
    await emulator.clock.advance(365 * 86_400_000);
    expect(own()).toMatchObject({ status: 'SNOOZED', statusDetail: { type: statusDetail } });
    expect((await refusal('snoozeThread', { threadId, statusDetail, durationSeconds: 60 })).code).toBe(
      'input_validation',
    );
  });

  it.each([{}, { statusDetail: 'WAITING_FOR_DURATION' }, { durationSeconds: 0 }, { durationSeconds: -1 }])(
    'cannot be %j',
    async (input) => {
      const { refusal, threadId } = await started();
      expect((await refusal('snoozeThread', { threadId, ...input })).fields[0]?.field).toBe('durationSeconds');
    },
  );

  it('has limits where they are set', async () => {
    const { refusal, mutate, threadId } = await started({ shortestSnooze: 60, longestSnooze: 3600 });
    expect((await refusal('snoozeThread', { threadId, durationSeconds: 59 })).code).toBe('input_validation');
    expect((await refusal('snoozeThread', { threadId, durationSeconds: 3601 })).code).toBe('input_validation');
    expect((await mutate('snoozeThread', { threadId, durationSeconds: 60 })).error).toBeNull();
  });
});

describe('the priority and the title', () => {
  it('change, and are refused out of their bounds', async () => {
    const { mutate, refusal, threadId, own } = await started();
    await mutate('changeThreadPriority', { threadId, priority: 0 });
    await mutate('updateThreadTitle', { threadId, title: 'New' });
    expect(own()).toMatchObject({ priority: 0, title: 'New' });
    for (const priority of [-1, 4]) {
      expect((await refusal('changeThreadPriority', { threadId, priority })).fields[0]?.field).toBe('priority');
    }
    for (const title of ['', 'x'.repeat(501)]) {
      expect((await refusal('updateThreadTitle', { threadId, title })).fields[0]?.field).toBe('title');
    }
  });

  it('leave the thread as it was when they are the same', async () => {
    const { mutate, threadId, own } = await started();
    const before = own();
    await mutate('changeThreadPriority', { threadId, priority: 2 });
    await mutate('updateThreadTitle', { threadId, title: 'A title' });
    expect(own()).toBe(before);
  });
});

describe('the assignee', () => {
  it('is one user or machine user, and shows on the timeline', async () => {
    const { mutate, threadId, own, contents, emulator } = await started();
    const { userId, machineUserId } = emulator;
    await mutate('assignThread', { threadId, userId });
    expect(own().assignee).toEqual({ is: 'user', id: userId });
    await mutate('assignThread', { threadId, machineUserId });
    expect(own().assignee).toEqual({ is: 'machineUser', id: machineUserId });
    await mutate('unassignThread', { threadId });
    await mutate('unassignThread', { threadId });
    expect(own()).toMatchObject({ assignee: null, assignedAt: null });
    expect(contents(threadId).map((content) => 'nextAssignee' in content && content.nextAssignee?.id)).toEqual([
      userId,
      machineUserId,
      undefined,
    ]);
  });

  it('is refused unless exactly one is named, and it exists', async () => {
    const { refusal, threadId, emulator } = await started();
    const { userId, machineUserId } = emulator;
    expect((await refusal('assignThread', { threadId })).code).toBe('input_validation');
    expect((await refusal('assignThread', { threadId, userId, machineUserId })).code).toBe('input_validation');
    expect((await refusal('assignThread', { threadId, userId: 'u_1' })).code).toBe('not_found');
    emulator.setup.removeUser(userId);
    expect((await refusal('assignThread', { threadId, userId })).code).toBe('not_found');
  });
});

describe('labels', () => {
  async function labelled(options = {}) {
    const world = await started(options);
    const [bug, billing] = ['Bug', 'Billing'].map((name) => world.emulator.setup.addLabelType({ name }).id);
    const add = (...labelTypeIds: unknown[]) =>
      world.mutate('addLabels', { threadId: world.threadId, labelTypeIds }, 'labels { id labelType { id } }');
    return { ...world, bug, billing, add };
  }

  it('are added by type and removed by their own id', async () => {
    const { add, mutate, bug, billing, own } = await labelled();
    const { labels } = await add(bug, billing);
    expect(labels.map((label: { labelType: { id: string } }) => label.labelType.id)).toEqual([bug, billing]);
    expect(labels[0].id).toMatch(/^l_/);
    await mutate('removeLabels', { labelIds: [labels[0].id] });
    expect(own().labels.map(({ labelTypeId }) => labelTypeId)).toEqual([billing]);
  });

  it('that are present are skipped', async () => {
    const { add, bug, billing, own } = await labelled();
    await add(bug);
    const { labels, error } = await add(bug, billing);
    expect(error).toBeNull();
    expect(labels).toHaveLength(1);
    expect(own().labels).toHaveLength(2);
  });

  it('that are present may be an error, and none is added', async () => {
    const { add, refusal, threadId, bug, billing, own } = await labelled({ presentLabel: 'error' });
    await add(bug);
    const { code } = await refusal('addLabels', { threadId, labelTypeIds: [bug, billing] });
    expect(code).toBe('label_with_given_type_already_added_to_thread');
    expect(own().labels).toHaveLength(1);
  });

  it('of an archived or unknown type are refused', async () => {
    const { refusal, threadId, bug, emulator } = await labelled();
    emulator.setup.archiveLabelType(bug ?? '');
    const { code } = await refusal('addLabels', { threadId, labelTypeIds: [bug] });
    expect(code).toBe('cannot_add_label_using_archived_label_type');
    expect((await refusal('addLabels', { threadId, labelTypeIds: ['lt_1'] })).code).toBe('not_found');
  });

  it('are removed from one thread at a time', async () => {
    const { add, mutate, refusal, addThread, customerId, bug, own } = await labelled();
    const { labels } = await add(bug);
    const other = await addThread(customerId);
    const added = await mutate('addLabels', { threadId: other, labelTypeIds: [bug] }, 'labels { id }');
    const labelIds = [labels[0].id, added.labels[0].id];
    expect((await refusal('removeLabels', { labelIds })).code).toBe('input_validation');
    expect((await refusal('removeLabels', { labelIds: [] })).code).toBe('input_validation');
    expect((await refusal('removeLabels', { labelIds: [labels[0].id, 'l_1'] })).code).toBe('not_found');
    expect(own().labels).toHaveLength(1);
  });
});

describe('the tenant', () => {
  it('is set by id or external id, and taken away by null', async () => {
    const { mutate, refusal, threadId, own, emulator } = await started();
    const { id: tenantId } = emulator.setup.addTenant({ name: 'Acme', externalId: 'acme' });
    await mutate('updateThreadTenant', { threadId, tenantIdentifier: { externalId: 'acme' } });
    expect(own().tenantId).toBe(tenantId);
    await mutate('updateThreadTenant', { threadId, tenantIdentifier: null });
    expect(own().tenantId).toBeNull();
    await mutate('updateThreadTenant', { threadId, tenantIdentifier: { tenantId } });
    expect(own().tenantId).toBe(tenantId);
    const twice = { threadId, tenantIdentifier: { tenantId, externalId: 'acme' } };
    expect((await refusal('updateThreadTenant', twice)).code).toBe('input_validation');
    const unknown = { threadId, tenantIdentifier: { tenantId: 'te_1' } };
    expect((await refusal('updateThreadTenant', unknown)).code).toBe('not_found');
  });
});

describe('a locked thread', () => {
  const changes: readonly (readonly [string, object])[] = [
    ['replyToThread', { textContent: 'x' }],
    ['markThreadAsDone', {}],
    ['markThreadAsTodo', {}],
    ['snoozeThread', { durationSeconds: 60 }],
    ['changeThreadPriority', { priority: 0 }],
    ['updateThreadTitle', { title: 'x' }],
    ['updateThreadTenant', {}],
    ['unassignThread', {}],
    ['addLabels', { labelTypeIds: [] }],
    ['deleteThread', {}],
  ];

  it.each([
    ['forbidden', { type: 'FORBIDDEN', code: 'forbidden' }],
    ['validation', { type: 'VALIDATION', code: 'thread_locked' }],
  ] as const)('refuses every change as %s', async (lockedThread, expected) => {
    const { refusal, threadId, emulator, own } = await started({ lockedThread });
    emulator.setup.lockThread(threadId);
    const before = own();
    for (const [name, input] of changes) {
      expect(await refusal(name, { threadId, ...input })).toMatchObject(expected);
    }
    expect(own()).toBe(before);
  });
});
