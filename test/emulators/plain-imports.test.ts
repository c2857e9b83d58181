import { describe, expect, it } from 'vitest';
import { plainWorld } from './plain-world.ts';

const old = '2020-02-03T04:05:06.000Z';

async function started(options: Parameters<typeof plainWorld>[0] = {}) {
  const world = plainWorld(options);
  const customerId = await world.addCustomer();
  const base = {
    customerIdentifier: { customerId },
    title: 'Old',
    externalId: 'old-1',
    priority: 1,
    status: 'TODO',
    statusDetail: { type: 'IN_PROGRESS' },
    createdAt: old,
  };
  const threadOf = (input: object = {}) =>
    world.mutate('importThread', { ...base, ...input }, 'result thread { id title }');
  const refusedThread = (input: object) => world.refusal('importThread', { ...base, ...input });
  return { ...world, customerId, threadOf, refusedThread };
}

async function withThread(options: Parameters<typeof plainWorld>[0] = {}) {
  const world = await started(options);
  const threadId = await world.importThread(world.customerId);
  const { userId } = world.emulator;
  const message = (input: object = {}) => ({
    externalId: 'm-1',
    createdAt: old,
    text: 'Hello',
    type: 'INBOUND',
    author: { customerId: world.customerId },
    ...input,
  });
  const importAll = (threadMessages: object[], id = threadId) =>
    world.mutate(
      'importThreadMessages',
      { threadId: id, threadMessages },
      `results { result error { code fields { field } }
        threadMessage { __typename ... on TimelineEntry { entryId: id } ... on Note { noteId: id text } } }`,
    );
  return { ...world, threadId, userId, message, importAll };
}

describe('importThread', () => {
  it('keeps the time, the status and where it came from', async () => {
    const { mutate, customerId, thread, emulator } = await started();
    const { setup, userId } = emulator;
    const labelType = setup.addLabelType({ name: 'Bug' });
    const tenant = setup.addTenant({ name: 'Acme', externalId: 'acme' });
    setup.joinTenant(customerId, tenant.id);
    const input = {
      customerIdentifier: { emailAddress: 'ada@example.com' },
      title: 'Old',
      externalId: 'old-1',
      priority: 3,
      status: 'SNOOZED',
      statusDetail: { type: 'WAITING_FOR_CUSTOMER' },
      createdAt: old,
      description: 'As it was',
      externalUrl: 'https://old.desk/1',
      assignedTo: { userId },
      labelTypeIds: [labelType.id],
      tenantId: tenant.id,
    };
    const payload = await mutate('importThread', input, 'result thread { id channel createdAt { iso8601 } }');
    expect(payload).toMatchObject({ result: 'CREATED', thread: { channel: 'IMPORT', createdAt: { iso8601: old } } });
    expect(thread(payload.thread.id)).toMatchObject({
      customerId,
      externalId: 'old-1',
      priority: 3,
      status: 'SNOOZED',
      statusDetail: { type: 'WAITING_FOR_CUSTOMER' },
      description: 'As it was',
      importSourceUrl: 'https://old.desk/1',
      assignee: { is: 'user', id: userId },
      labels: [{ labelTypeId: labelType.id }],
      tenantId: tenant.id,
    });
  });

  it('runs neither autoresponders nor service levels, and delivers nothing', async () => {
    const { threadOf, emulator } = await started();
    await threadOf();
    expect(emulator.state.sideEffects).toEqual([]);
    expect(emulator.postRoom.delivered).toEqual([]);
  });

  it('is NOOP the second time and updates nothing', async () => {
    const { threadOf, emulator } = await started();
    const first = await threadOf();
    const again = await threadOf({ title: 'Changed', priority: 0 });
    expect(again).toEqual({ result: 'NOOP', thread: { id: first.thread.id, title: 'Old' }, error: null });
    expect(emulator.state.threads.size).toBe(1);
  });

  it.each([
    ['narrow', 'CREATED', 2],
    ['workspace', 'NOOP', 1],
  ] as const)('with a %s scope is %s for another customer', async (importScope, result, count) => {
    const { threadOf, addCustomer, emulator } = await started({ importScope });
    await threadOf();
    const other = await addCustomer('b@x.io');
    expect((await threadOf({ customerIdentifier: { customerId: other } })).result).toBe(result);
    expect(emulator.state.threads.size).toBe(count);
  });

  it.each([
    ['TODO', 'NEW_REPLY'],
    ['TODO', 'IN_PROGRESS'],
    ['SNOOZED', 'WAITING_FOR_CUSTOMER'],
    ['DONE', 'DONE_MANUALLY_SET'],
    ['DONE', 'IGNORED'],
  ])('takes %s with %s', async (status, type) => {
    const { threadOf } = await started();
    expect((await threadOf({ status, statusDetail: { type } })).error).toBeNull();
  });

  it.each([
    ['TODO', 'IGNORED'],
    ['TODO', 'WAITING_FOR_CUSTOMER'],
    ['SNOOZED', 'IN_PROGRESS'],
    ['DONE', 'NEW_REPLY'],
  ])('refuses %s with %s', async (status, type) => {
    const { refusedThread } = await started();
    expect((await refusedThread({ status, statusDetail: { type } })).fields[0]?.field).toBe('statusDetail');
  });

  it.each([
    [{ customerIdentifier: { customerId: 'c_1' } }, 'not_found'],
    [{ customerIdentifier: {} }, 'input_validation'],
    [{ externalId: '' }, 'input_validation'],
    [{ title: '' }, 'input_validation'],
    [{ priority: 4 }, 'input_validation'],
    [{ createdAt: 'long ago' }, 'input_validation'],
    [{ assignedTo: { userId: 'u_1' } }, 'not_found'],
    [{ assignedTo: {} }, 'input_validation'],
    [{ labelTypeIds: ['lt_1'] }, 'not_found'],
    [{ tenantId: 'te_1' }, 'not_found'],
  ])('refuses %j with %s', async (input, code) => {
    const { refusedThread, emulator } = await started();
    expect((await refusedThread(input)).code).toBe(code);
    expect(emulator.state.threads.size).toBe(0);
  });

  it('refuses a tenant the customer is not in', async () => {
    const { refusedThread, emulator } = await started();
    const { id: tenantId } = emulator.setup.addTenant({ name: 'Acme', externalId: 'acme' });
    expect((await refusedThread({ tenantId })).fields[0]?.field).toBe('tenantId');
  });
});

describe('importThreadMessages', () => {
  it('keeps times, authors and the order of the results', async () => {
    const { importAll, message, timeline, threadId, userId, customerId } = await withThread();
    const { results, error } = await importAll([
      message({ externalId: 'c', type: 'NOTE', author: { userId }, createdAt: '2020-03-03T00:00:00Z', text: 'psst' }),
      message({ externalId: 'a', createdAt: '2020-03-01T00:00:00Z' }),
      message({ externalId: 'b', type: 'OUTBOUND', author: { userId }, createdAt: '2020-03-02T00:00:00+02:00' }),
    ]);
    expect(error).toBeNull();
    expect(results.map(({ result }: { result: string }) => result)).toEqual(['CREATED', 'CREATED', 'CREATED']);
    expect(results.map((each: { threadMessage: { __typename: string } }) => each.threadMessage.__typename)).toEqual([
      'Note',
      'TimelineEntry',
      'TimelineEntry',
    ]);
    expect(results[0].threadMessage).toMatchObject({ text: 'psst' });
    expect(timeline(threadId).map(({ timestamp, actor, externalId }) => [externalId, timestamp, actor.id])).toEqual([
      ['a', '2020-03-01T00:00:00.000Z', customerId],
      ['b', '2020-03-01T22:00:00.000Z', userId],
      ['c', '2020-03-03T00:00:00.000Z', userId],
    ]);
  });

  it('delivers nothing and leaves the status as it is', async () => {
    const { importAll, message, thread, threadId, emulator, userId } = await withThread();
    await importAll([message(), message({ externalId: 'm-2', type: 'OUTBOUND', author: { userId } })]);
    expect(emulator.postRoom.delivered).toEqual([]);
    expect(thread(threadId)).toMatchObject({
      status: 'DONE',
      lastInbound: { timestamp: old },
      lastOutbound: { timestamp: old },
    });
  });

  it('is NOOP for a message that is there, and adds the others', async () => {
    const { importAll, message, contents, threadId } = await withThread();
    const first = await importAll([message()]);
    const { results } = await importAll([message({ text: 'Changed' }), message({ externalId: 'm-2' })]);
    expect(results.map(({ result }: { result: string }) => result)).toEqual(['NOOP', 'CREATED']);
    expect(results[0].threadMessage).toEqual(first.results[0].threadMessage);
    expect(contents(threadId)).toMatchObject([{ text: 'Hello' }, { text: 'Hello' }]);
  });

  it.each([
    ['narrow', 'CREATED'],
    ['workspace', 'NOOP'],
  ] as const)('with a %s scope is %s on another thread', async (importScope, result) => {
    const { importAll, message, importThread, customerId } = await withThread({ importScope });
    await importAll([message()]);
    const other = await importThread(customerId, { externalId: 'old-2' });
    const { results } = await importAll([message()], other);
    expect(results[0].result).toBe(result);
  });

  it('says of each message whether it failed, and imports the rest', async () => {
    const { importAll, message, userId, customerId, timeline, threadId, emulator } = await withThread();
    const left = emulator.setup.addUser({ fullName: 'Left', email: 'left@x.io' });
    emulator.setup.removeUser(left.id);
    const bad: [object, string][] = [
      [{ author: { userId } }, 'input_validation'],
      [{ type: 'OUTBOUND' }, 'input_validation'],
      [{ type: 'NOTE' }, 'input_validation'],
      [{ author: {} }, 'input_validation'],
      [{ author: { userId, customerId } }, 'input_validation'],
      [{ author: { customerId: 'c_1' } }, 'not_found'],
      [{ type: 'OUTBOUND', author: { userId: 'u_1' } }, 'not_found'],
      [{ type: 'OUTBOUND', author: { userId: emulator.machineUserId } }, 'not_found'],
      [{ type: 'OUTBOUND', author: { userId: left.id } }, 'not_found'],
      [{ text: '' }, 'input_validation'],
      [{ createdAt: 'long ago' }, 'input_validation'],
      [{ externalId: '' }, 'input_validation'],
      [{ attachmentIds: ['att_1'] }, 'not_found'],
    ];
    const messages = bad.map(([input], index) => message({ externalId: `bad-${index}`, ...input }));
    const { results } = await importAll([...messages, message({ externalId: 'good' })]);
    expect(results.slice(0, -1).map((each: { error: { code: string } }) => each.error.code)).toEqual(
      bad.map(([, code]) => code),
    );
    expect(results.at(-1)).toMatchObject({ result: 'CREATED', error: null });
    expect(timeline(threadId).map(({ externalId }) => externalId)).toEqual(['good']);
  });

  it('takes 25 at once and fails as a whole above, or on a thread that is not there', async () => {
    const { importAll, message, timeline, threadId } = await withThread();
    const many = (count: number) => Array.from({ length: count }, (_, index) => message({ externalId: `m-${index}` }));
    expect(await importAll(many(26))).toMatchObject({ results: [], error: { code: 'input_validation' } });
    expect(timeline(threadId)).toHaveLength(0);
    expect((await importAll(many(25))).results).toHaveLength(25);
    expect(await importAll(many(1), 'th_1')).toMatchObject({ results: [], error: { code: 'not_found' } });
  });

  it.each([
    ['CHAT', { type: 'CHAT', text: 'Hello' }],
    ['CUSTOM', { type: 'CUSTOM', components: [{ is: 'Text', text: 'Hello' }] }],
    ['EMAIL', { type: 'EMAIL', textContent: 'Hello', from: { email: 'ada@example.com' } }],
  ] as const)('may store messages as %s', async (importedEntry, content) => {
    const { importAll, message, contents, threadId } = await withThread({ importedEntry });
    await importAll([message()]);
    expect(contents(threadId)).toMatchObject([content]);
  });

  it('on a thread that was not imported is taken, or refused', async () => {
    const loose = await withThread();
    const live = await loose.addThread(loose.customerId);
    expect((await loose.importAll([loose.message()], live)).error).toBeNull();
    const strict = await withThread({ importIntoLive: 'refused' });
    const other = await strict.addThread(strict.customerId);
    expect((await strict.importAll([strict.message()], other)).error.code).toBe('input_validation');
    expect((await strict.importAll([strict.message()])).error).toBeNull();
  });

  it('has the limit of texts where there is one', async () => {
    const { importAll, message } = await withThread({ textLimit: 4 });
    const { results } = await importAll([message()]);
    expect(results[0].error.fields[0].field).toBe('text');
  });
});
