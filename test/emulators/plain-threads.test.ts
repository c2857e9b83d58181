import { describe, expect, it } from 'vitest';
import { plainWorld } from './plain-world.ts';

async function started(options: Parameters<typeof plainWorld>[0] = {}) {
  const world = plainWorld(options);
  const customerId = await world.addCustomer();
  const create = (input: object, selection = 'thread { id }') =>
    world.mutate('createThread', { customerIdentifier: { customerId }, title: 'A title', ...input }, selection);
  const refused = (input: object) =>
    world.refusal('createThread', { customerIdentifier: { customerId }, title: 'A title', ...input });
  return { ...world, customerId, create, refused };
}

const hello = [{ componentText: { text: 'Hello' } }];

describe('createThread', () => {
  it('makes a TODO thread of normal priority on the API channel', async () => {
    const { create, emulator } = await started();
    const { thread } = await create(
      { components: hello },
      `thread { id ref title description previewText priority status channel externalId assignedTo { __typename }
        statusDetail { __typename } labels { id } createdBy { ... on MachineUserActor { machineUserId } } }`,
    );
    expect(thread).toMatchObject({
      ref: 'T-1',
      title: 'A title',
      description: 'Hello',
      previewText: 'Hello',
      priority: 2,
      status: 'TODO',
      statusDetail: { __typename: 'ThreadStatusDetailCreated' },
      channel: 'API',
      externalId: null,
      assignedTo: null,
      labels: [],
      createdBy: { machineUserId: emulator.machineUserId },
    });
    expect(thread.id).toMatch(/^th_[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('runs autoresponders and service levels', async () => {
    const { create, emulator } = await started();
    const { thread } = await create({});
    expect(emulator.state.sideEffects.map(({ threadId, kind }) => [threadId, kind])).toEqual([
      [thread.id, 'autoresponder'],
      [thread.id, 'service-level-agreement'],
    ]);
  });

  it('takes its description before the components', async () => {
    const { create, thread } = await started();
    const payload = await create({ components: hello, description: 'Given' });
    expect(thread(payload.thread.id)).toMatchObject({ description: 'Given', previewText: 'Given' });
  });

  it('takes a customer by id, address or external id, one of them, that exists', async () => {
    const { mutate, refused, customerId } = await started();
    const address = { emailAddress: 'Ada@example.com' };
    expect((await mutate('createThread', { customerIdentifier: address }, 'thread { id }')).thread.id).toBeTruthy();
    expect((await refused({ customerIdentifier: { externalId: 'nobody' } })).code).toBe('not_found');
    expect((await refused({ customerIdentifier: {} })).code).toBe('input_validation');
    expect((await refused({ customerIdentifier: { ...address, customerId } })).code).toBe('input_validation');
  });

  it('refuses a customer who is marked as spam', async () => {
    const { refused, emulator, customerId } = await started();
    emulator.setup.markAsSpam(customerId);
    expect((await refused({})).code).toBe('customer_is_marked_as_spam');
  });

  it.each([
    { title: '' },
    { title: 'x'.repeat(501) },
    { externalId: '' },
    { externalId: 'x'.repeat(501) },
    { priority: 4 },
    { priority: -1 },
    { channel: 'DISCORD' },
    { channel: 'IMPORT' },
    { channel: 'SLACK' },
    { channel: 'MS_TEAMS', channelDetails: {} },
    { assignedTo: {} },
    { assignedTo: { userId: 'u_1', machineUserId: 'mu_1' } },
    { tenantIdentifier: {} },
  ])('refuses %j', async (input) => {
    const { refused, emulator } = await started();
    expect((await refused(input)).code).toBe('input_validation');
    expect(emulator.state.threads.size).toBe(0);
  });

  it.each([
    { assignedTo: { userId: 'u_1' } },
    { assignedTo: { machineUserId: 'mu_1' } },
    { tenantIdentifier: { tenantId: 'te_1' } },
    { labelTypeIds: ['lt_1'] },
    { attachmentIds: ['att_1'] },
    { threadFields: [{ key: 'nope', type: 'STRING', stringValue: 'x' }] },
  ])('does not find %j', async (input) => {
    const { refused } = await started();
    expect((await refused(input)).code).toBe('not_found');
  });

  it.each([
    { channel: 'EMAIL' },
    { channel: 'CHAT' },
    { channel: 'INTERNAL' },
    { channel: 'SLACK', channelDetails: { slack: { slackChannelId: 'C1', slackTeamId: 'T1' } } },
    { channel: 'MS_TEAMS', channelDetails: { msTeams: { msTeamsChannelId: 'C1', msTeamsTeamId: 'T1' } } },
  ])('takes %j', async (input) => {
    const { create } = await started();
    const { thread } = await create(input, 'thread { channel }');
    expect(thread.channel).toBe(input.channel);
  });

  it('takes labels, fields, an assignee, a tenant and a priority', async () => {
    const { create, emulator } = await started();
    const { setup, userId } = emulator;
    const tenant = setup.addTenant({ name: 'Acme', externalId: 'acme' });
    const labelType = setup.addLabelType({ name: 'Bug' });
    setup.addThreadFieldSchema({ key: 'plan', type: 'ENUM', enumValues: ['free'] });
    const { thread } = await create(
      {
        labelTypeIds: [labelType.id, labelType.id],
        threadFields: [{ key: 'plan', type: 'ENUM', stringValue: 'free' }],
        assignedTo: { userId },
        tenantIdentifier: { externalId: 'acme' },
        priority: 0,
      },
      `thread { labels { id labelType { id name } } threadFields { key stringValue } tenant { id } priority
        assignedTo { ... on User { id } } assignedAt { iso8601 } }`,
    );
    expect(thread).toMatchObject({
      labels: [{ labelType: { id: labelType.id, name: 'Bug' } }],
      threadFields: [{ key: 'plan', stringValue: 'free' }],
      tenant: { id: tenant.id },
      priority: 0,
      assignedTo: { id: userId },
      assignedAt: { iso8601: expect.any(String) },
    });
  });

  it('refuses an archived label type', async () => {
    const { refused, emulator } = await started();
    const { id } = emulator.setup.addLabelType({ name: 'Old' });
    emulator.setup.archiveLabelType(id);
    expect((await refused({ labelTypeIds: [id] })).code).toBe('cannot_add_label_using_archived_label_type');
  });

  it('refuses a used external id of the same customer, and takes it for another', async () => {
    const { create, refused, read, addCustomer, addThread, customerId, emulator } = await started();
    const first = await create({ externalId: 'x' });
    expect((await refused({ externalId: 'x' })).fields[0]?.field).toBe('externalId');
    expect(emulator.state.threads.size).toBe(1);
    const other = await addCustomer('b@example.com');
    const second = await addThread(other, { externalId: 'x' });
    const find = async (id: string) => {
      const query = 'query Q($id: ID!) { threadByExternalId(customerId: $id, externalId: "x") { id } }';
      return (await read(query, { id })).threadByExternalId.id;
    };
    expect(await find(customerId)).toBe(first.thread.id);
    expect(await find(other)).toBe(second);
  });

  it('may give the thread that has the external id', async () => {
    const { create, emulator } = await started({ duplicateThread: 'existing' });
    const first = await create({ externalId: 'x' });
    const second = await create({ externalId: 'x', title: 'Other' }, 'thread { id title }');
    expect(second.thread).toEqual({ id: first.thread.id, title: 'A title' });
    expect(emulator.state.threads.size).toBe(1);
  });

  it.each([
    ['machine-user', 'MachineUserActor'],
    ['customer', 'CustomerActor'],
  ] as const)('has its first message written by the %s', async (openingActor, __typename) => {
    const { create } = await started({ openingActor });
    const { thread } = await create(
      { components: hello },
      'thread { timelineEntries { edges { node { actor { __typename } entry { ... on CustomEntry { title } } } } } }',
    );
    expect(thread.timelineEntries.edges).toEqual([{ node: { actor: { __typename }, entry: { title: 'A title' } } }]);
  });

  it('has no message for an empty list of components', async () => {
    const { create, timeline } = await started();
    expect(timeline((await create({ components: [] })).thread.id)).toEqual([]);
  });

  it('names a thread without a title after its text', async () => {
    const { create, customerId, mutate, thread } = await started();
    expect((await create({ title: null, components: hello }, 'thread { title }')).thread.title).toBe('Hello');
    const bare = await mutate('createThread', { customerIdentifier: { customerId } }, 'thread { id }');
    expect(thread(bare.thread.id).title).toBe('No title');
  });
});

describe('a thread field', () => {
  const values = {
    STRING: { stringValue: 'x' },
    ENUM: { stringValue: 'free' },
    BOOL: { booleanValue: false },
    NUMBER: { numberValue: 0 },
    CURRENCY: { numberValue: 1.5 },
    DATE: { dateValue: '2020-01-02T00:00:00.000Z' },
  } as const;
  const types = Object.keys(values) as (keyof typeof values)[];

  async function withField(type: keyof typeof values) {
    const world = await started();
    world.emulator.setup.addThreadFieldSchema({ key: 'k', type, enumValues: ['free', 'paid'] });
    const threadId = await world.addThread(world.customerId);
    const identifier = { threadId, key: 'k' };
    return { ...world, threadId, identifier };
  }

  it.each(types)('of type %s is created, then unchanged, then updated', async (type) => {
    const { mutate, identifier } = await withField(type);
    const other = {
      STRING: { stringValue: 'y' },
      ENUM: { stringValue: 'paid' },
      BOOL: { booleanValue: true },
      NUMBER: { numberValue: 7 },
      CURRENCY: { numberValue: 7 },
      DATE: { dateValue: '2021-01-02T00:00:00.000Z' },
    }[type];
    const upsert = (value: object) =>
      mutate('upsertThreadField', { identifier, type, ...value }, 'result threadField { key type threadId }');
    expect(await upsert(values[type])).toMatchObject({
      result: 'CREATED',
      threadField: { key: 'k', type, threadId: identifier.threadId },
    });
    expect((await upsert(values[type])).result).toBe('NOOP');
    expect((await upsert(other)).result).toBe('UPDATED');
  });

  it.each(types)('of type %s takes its own value only', async (type) => {
    const { refusal, identifier } = await withField(type);
    const wrong = type === 'BOOL' ? { stringValue: 'x' } : { booleanValue: true };
    expect((await refusal('upsertThreadField', { identifier, type, ...wrong })).code).toBe('input_validation');
    expect((await refusal('upsertThreadField', { identifier, type })).fields[0]?.type).toBe('REQUIRED');
    const both = { ...values[type], ...wrong };
    expect((await refusal('upsertThreadField', { identifier, type, ...both })).code).toBe('input_validation');
  });

  it('must be of its schema’s type, and an ENUM one of its values', async () => {
    const { refusal, identifier } = await withField('ENUM');
    const asString = { identifier, type: 'STRING', stringValue: 'free' };
    expect((await refusal('upsertThreadField', asString)).code).toBe('input_validation');
    const unknown = { identifier, type: 'ENUM', stringValue: 'gold' };
    expect((await refusal('upsertThreadField', unknown)).code).toBe('input_validation');
    const noSchema = { identifier: { ...identifier, key: 'nope' }, type: 'STRING', stringValue: 'x' };
    expect((await refusal('upsertThreadField', noSchema)).code).toBe('not_found');
  });

  it('goes in up to 25 at once, and one that is bad fails all', async () => {
    const { mutate, refusal, identifier, thread } = await withField('STRING');
    const good = { identifier, type: 'STRING', stringValue: 'x' };
    const bad = { identifier: { ...identifier, key: 'nope' }, type: 'STRING', stringValue: 'x' };
    const failed = await mutate('bulkUpsertThreadFields', { inputs: [good, bad] }, 'results { result }');
    expect(failed).toMatchObject({ results: [], error: { code: 'not_found' } });
    expect(thread(identifier.threadId).fields).toEqual([]);
    const { results } = await mutate('bulkUpsertThreadFields', { inputs: [good, good] }, 'results { result }');
    expect(results).toEqual([{ result: 'CREATED' }, { result: 'NOOP' }]);
    const tooMany = { inputs: Array(26).fill(good) };
    expect((await refusal('bulkUpsertThreadFields', tooMany)).fields[0]?.field).toBe('inputs');
  });
});

describe('deleteThread', () => {
  it('takes the thread and its timeline away for good, and remembers that', async () => {
    const { create, mutate, read, emulator, timeline, refusal, customerId } = await started();
    const { thread } = await create({ components: hello, externalId: 'x' });
    expect(await mutate('deleteThread', { threadId: thread.id })).toEqual({ error: null });
    const query =
      'query Q($id: ID!) { threadByExternalId(customerId: $id, externalId: "x") { id } threads { edges { cursor } } }';
    expect(await read(query, { id: customerId })).toEqual({ threadByExternalId: null, threads: { edges: [] } });
    expect(timeline(thread.id)).toEqual([]);
    expect(emulator.state.deletedThreads.map(({ threadId }) => threadId)).toEqual([thread.id]);
    expect((await refusal('deleteThread', { threadId: thread.id })).code).toBe('not_found');
  });
});
