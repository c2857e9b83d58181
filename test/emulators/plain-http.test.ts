import { describe, expect, it } from 'vitest';
import { permissions } from '../../src/emulators/plain/index.ts';
import { plainWorld } from './plain-world.ts';

const workspace = '{ myWorkspace { id } }';

describe('the front door', () => {
  it('answers 403 with a text to an empty user agent', async () => {
    const { ask } = plainWorld();
    const answer = await ask(workspace, {}, { headers: { 'user-agent': '' } });
    expect(answer).toMatchObject({ status: 403, body: 'error code: 1010' });
  });

  it('answers 405 to anything but POST, and 404 beside its path', async () => {
    const { emulator } = plainWorld();
    const headers = { 'user-agent': 'test' };
    expect((await emulator.fetch(emulator.baseUrl, { headers })).status).toBe(405);
    expect((await emulator.fetch(`${emulator.baseUrl}/more`, { method: 'POST', headers })).status).toBe(404);
  });

  it('gives its schema without a key', async () => {
    const { emulator } = plainWorld();
    const answer = await emulator.fetch(`${emulator.baseUrl}/schema.graphql`, { headers: { 'user-agent': 'test' } });
    expect(await answer.text()).toContain('type Query');
  });

  it.each(['', 'plainApiKey_wrong'])('answers 401 without errors to the key "%s"', async (key) => {
    const { ask } = plainWorld();
    const answer = await ask(workspace, {}, { key });
    expect(answer).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
    expect(answer.body.errors).toBeUndefined();
  });

  it('stops knowing a key that is revoked', async () => {
    const { ask, emulator } = plainWorld();
    const key = emulator.mintKey();
    expect(key).toMatch(/^plainApiKey_/);
    expect((await ask(workspace, {}, { key })).status).toBe(200);
    emulator.revokeKey(key);
    expect((await ask(workspace, {}, { key })).status).toBe(401);
  });

  it('names each request', async () => {
    const { ask } = plainWorld();
    const [first, second] = [await ask(workspace), await ask(workspace)];
    expect(first.headers.get('apigw-requestid')).toBeTruthy();
    expect(first.headers.get('apigw-requestid')).not.toBe(second.headers.get('apigw-requestid'));
  });
});

describe('a request that does not fit', () => {
  it.each([
    ['{ myWorkspace { id }', {}, 'GRAPHQL_PARSE_FAILED'],
    ['{ myWorkspace { nonsense } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['query Q($id: ID!) { customer(customerId: $id) { id } }', {}, 'BAD_USER_INPUT'],
    [
      'mutation M($input: DeleteThreadInput!) { deleteThread(input: $input) { error { code } } }',
      { input: { threadId: 'th_1', extra: 1 } },
      'BAD_USER_INPUT',
    ],
  ])('answers 400 to %s', async (query, variables, code) => {
    const { ask } = plainWorld();
    const { status, body } = await ask(query, variables);
    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({ message: expect.any(String), extensions: { code } });
    expect(body.errors[0].locations[0]).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
  });

  it('refuses two fields of one name and different nullability', async () => {
    const { ask } = plainWorld();
    const { status, body } = await ask(
      '{ thread(threadId: "x") { timelineEntries { edges { node { entry { ... on NoteEntry { text } ... on ChatEntry { text } } } } } } }',
    );
    expect(status).toBe(400);
    expect(body.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it.each(['', 'no json', '[]', '{"variables":{}}'])('answers 400 to the body %j', async (body) => {
    const { emulator } = plainWorld();
    const headers = { 'user-agent': 'test', authorization: `Bearer ${emulator.apiKey}` };
    const answer = await emulator.fetch(emulator.baseUrl, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
  });

  it('needs a name where a document has several operations', async () => {
    const { ask } = plainWorld();
    expect((await ask('query A { myWorkspace { id } } query B { myWorkspace { id } }')).status).toBe(400);
  });
});

describe('what is not there', () => {
  it('is null in a query', async () => {
    const { read } = plainWorld();
    const data = await read(`{
      customer(customerId: "c_1") { id } customerByEmail(email: "no@one.example") { id }
      customerByExternalId(externalId: "no") { id } thread(threadId: "th_1") { id }
      threadByExternalId(customerId: "c_1", externalId: "no") { id } }`);
    expect(Object.values(data)).toEqual([null, null, null, null, null]);
  });

  it('is not_found with status 200 in a mutation', async () => {
    const { ask } = plainWorld();
    const { status, body } = await ask(
      'mutation { markThreadAsDone(input: { threadId: "th_1" }) { thread { id } error { type code message } } }',
    );
    expect(status).toBe(200);
    expect(body.data.markThreadAsDone).toEqual({
      thread: null,
      error: { type: 'VALIDATION', code: 'not_found', message: 'There was a validation error.' },
    });
  });
});

describe('a permission', () => {
  it('that a query lacks gives 401, FORBIDDEN and no data', async () => {
    const { ask, emulator } = plainWorld();
    const key = emulator.mintKey({ permissions: ['thread:read'] });
    const { status, body } = await ask('{ customers { edges { node { id } } } }', {}, { key });
    expect(status).toBe(401);
    expect(body.data).toBeNull();
    expect(body.errors[0]).toMatchObject({
      message: 'Insufficient permissions, missing "customer:read".',
      path: ['customers'],
      extensions: { code: 'FORBIDDEN' },
    });
  });

  it('that a mutation lacks gives 200 and an error of type FORBIDDEN, and nothing happens', async () => {
    const { refusal, addCustomer, addThread, emulator } = plainWorld();
    const threadId = await addThread(await addCustomer());
    const key = emulator.mintKey({ permissions: ['thread:edit'] });
    expect(await refusal('markThreadAsDone', { threadId }, { key })).toEqual({
      type: 'FORBIDDEN',
      code: 'forbidden',
      message: 'Insufficient permissions, missing "thread:read".',
      fields: [],
    });
    expect(emulator.state.threads.get(threadId)?.status).toBe('TODO');
  });

  it.each([
    ['upsertCustomer', ['customer:create', 'customer:edit']],
    ['createThread', ['thread:create', 'thread:read']],
    ['importThread', ['thread:import']],
    ['importThreadMessages', ['thread:import']],
    ['assignThread', ['thread:assign', 'thread:read']],
    ['unassignThread', ['thread:unassign', 'thread:read']],
    ['snoozeThread', ['thread:edit', 'thread:read']],
    ['markThreadAsTodo', ['thread:edit', 'thread:read']],
    ['changeThreadPriority', ['thread:edit']],
    ['updateThreadTitle', ['thread:edit']],
    ['updateThreadTenant', ['thread:edit']],
    ['deleteThread', ['thread:delete']],
    ['sendNewEmail', ['email:create', 'email:read']],
    ['createNote', ['note:create']],
    ['addLabels', ['label:create']],
    ['removeLabels', ['label:delete']],
    ['upsertThreadField', ['threadField:create', 'threadField:update']],
    ['bulkUpsertThreadFields', ['threadField:create', 'threadField:update']],
  ] as const)('is needed for %s: %j', async (name, needed) => {
    const { refusal, emulator } = plainWorld();
    const input = inputs[name] ?? {};
    for (const permission of needed) {
      const key = emulator.mintKey({ permissions: permissions.filter((other) => other !== permission) });
      const { message } = await refusal(name, input, { key });
      expect(message).toBe(`Insufficient permissions, missing "${permission}".`);
    }
    const enough = emulator.mintKey({ permissions: needed });
    expect((await refusal(name, input, { key: enough })).code).not.toBe('forbidden');
  });

  it('is listed by myPermissions, and the machine user by myMachineUser', async () => {
    const { read, emulator } = plainWorld();
    const other = emulator.setup.addMachineUser({ fullName: 'Other' });
    const key = emulator.mintKey({ permissions: ['thread:read'], machineUserId: other.id });
    const query = '{ myPermissions { permissions } myMachineUser { id } }';
    expect(await read(query, {}, { key })).toEqual({
      myPermissions: { permissions: ['thread:read'] },
      myMachineUser: { id: other.id },
    });
    expect((await read(query)).myMachineUser.id).toBe(emulator.machineUserId);
  });

  const nestedQuery = '{ threads { edges { node { ...Parts } } } } fragment Parts on Thread { customer { id } }';

  it('is not needed for a nested object by default', async () => {
    const { ask, emulator } = plainWorld();
    const key = emulator.mintKey({ permissions: ['thread:read'] });
    expect((await ask(nestedQuery, {}, { key })).status).toBe(200);
  });

  it('is needed for a nested object where the workspace asks for it', async () => {
    const { ask, refusal, mutate, addCustomer, addThread, emulator } = plainWorld({ nestedPermissions: true });
    const key = emulator.mintKey({ permissions: ['thread:read', 'thread:edit'] });
    const { status, body } = await ask(nestedQuery, {}, { key });
    expect(status).toBe(401);
    expect(body.errors[0].message).toBe('Insufficient permissions, missing "customer:read".');

    const threadId = await addThread(await addCustomer());
    const input = { threadId, title: 'New' };
    const { error } = await mutate('updateThreadTitle', input, 'thread { labels { id } }', { key });
    expect(error.message).toBe('Insufficient permissions, missing "label:read".');
    expect(emulator.state.threads.get(threadId)?.title).toBe('A title');
    await expect(refusal('updateThreadTitle', input, { key })).rejects.toThrow('was not refused');
  });
});

/** Inputs that are well formed and name nothing that exists. */
const inputs: Readonly<Record<string, object>> = {
  upsertCustomer: {
    identifier: { customerId: 'c_1' },
    onCreate: { fullName: 'A', email: { email: 'a@x.io', isVerified: true } },
    onUpdate: {},
  },
  createThread: { customerIdentifier: { customerId: 'c_1' } },
  importThread: {
    customerIdentifier: { customerId: 'c_1' },
    title: 'T',
    externalId: 'e',
    priority: 2,
    status: 'TODO',
    statusDetail: { type: 'NEW_REPLY' },
    createdAt: '2020-01-01T00:00:00Z',
  },
  importThreadMessages: { threadId: 'th_1', threadMessages: [] },
  assignThread: { threadId: 'th_1', userId: 'u_1' },
  unassignThread: { threadId: 'th_1' },
  snoozeThread: { threadId: 'th_1', durationSeconds: 60 },
  markThreadAsTodo: { threadId: 'th_1' },
  changeThreadPriority: { threadId: 'th_1', priority: 1 },
  updateThreadTitle: { threadId: 'th_1', title: 'T' },
  updateThreadTenant: { threadId: 'th_1' },
  deleteThread: { threadId: 'th_1' },
  sendNewEmail: { customerId: 'c_1', subject: 'S', textContent: 'T' },
  createNote: { customerId: 'c_1', text: 'T' },
  addLabels: { threadId: 'th_1', labelTypeIds: ['lt_1'] },
  removeLabels: { labelIds: ['l_1'] },
  upsertThreadField: { identifier: { threadId: 'th_1', key: 'k' }, type: 'STRING', stringValue: 'v' },
  bulkUpsertThreadFields: {
    inputs: [{ identifier: { threadId: 'th_1', key: 'k' }, type: 'STRING', stringValue: 'v' }],
  },
};

describe('the rate limit', () => {
  it('shows itself on each answer, with the end of the window as an instant', async () => {
    const { ask, emulator } = plainWorld();
    const { headers } = await ask(workspace);
    expect(headers.get('x-ratelimit-limit')).toBe('450');
    expect(headers.get('x-ratelimit-remaining')).toBe('449');
    const inAMinute = new Date(emulator.clock.now().getTime() + 60_000).toISOString();
    expect(headers.get('x-ratelimit-reset')).toBe(inAMinute);
  });

  it('counts for the workspace, whatever the key', async () => {
    const { ask, emulator } = plainWorld({ rateLimit: 2 });
    await ask(workspace);
    await ask(workspace, {}, { key: emulator.mintKey() });
    expect((await ask(workspace)).status).toBe(429);
  });

  it('ends in 429 and RATE_LIMITED, does nothing, and is over a minute later', async () => {
    const { ask, emulator, addCustomer } = plainWorld({ rateLimit: 1 });
    await addCustomer();
    const { status, body, headers } = await ask(
      'mutation { deleteThread(input: { threadId: "x" }) { error { code } } }',
    );
    expect(status).toBe(429);
    expect(body).toEqual({
      errors: [{ message: 'Too Many Requests - Rate limit exceeded', extensions: { code: 'RATE_LIMITED' } }],
    });
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    expect(headers.has('retry-after')).toBe(false);
    await emulator.clock.advance(60_000);
    expect((await ask(workspace)).status).toBe(200);
  });

  it('may arrive with status 200', async () => {
    const { ask } = plainWorld({ rateLimit: 1, rateLimitStatus: 200 });
    await ask(workspace);
    const { status, body } = await ask(workspace);
    expect(status).toBe(200);
    expect(body.errors[0].extensions.code).toBe('RATE_LIMITED');
  });

  it('may be off, headers included', async () => {
    const { ask } = plainWorld({ rateLimit: false });
    const { headers } = await ask(workspace);
    expect(headers.has('x-ratelimit-limit')).toBe(false);
  });
});

describe('a time', () => {
  it.each([
    ['ms', 13],
    ['s', 10],
  ] as const)('has its number in %s', async (unixTimestamp, digits) => {
    const { read } = plainWorld({ unixTimestamp });
    const { myWorkspace } = await read('{ myWorkspace { createdAt { iso8601 unixTimestamp } } }');
    expect(myWorkspace.createdAt.unixTimestamp).toHaveLength(digits);
    expect(myWorkspace.createdAt.iso8601).toBe('2026-01-05T09:00:00.000Z');
  });
});
