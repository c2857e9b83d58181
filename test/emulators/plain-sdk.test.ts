/** The vendor's own client, as it is published, against the served emulator. */
import { PlainClient, type PlainSDKError, ThreadFieldSchemaType, ThreadStatus } from '@team-plain/typescript-sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emulatePlain, type PlainEmulator } from '../../src/emulators/plain/index.ts';
import { type Served, serve } from '../../src/emulators/serve.ts';

let emulator: PlainEmulator;
let served: Served;
let client: PlainClient;

beforeEach(async () => {
  emulator = emulatePlain();
  served = await serve(emulator);
  client = new PlainClient({ apiKey: emulator.apiKey, apiUrl: served.url });
});

afterEach(() => served.close());

async function data<Value>(result: Promise<{ data?: Value; error?: PlainSDKError }>): Promise<NonNullable<Value>> {
  const { data: value, error } = await result;
  if (error || value === undefined || value === null) throw new Error(JSON.stringify(error) ?? 'no data');
  return value;
}

async function addCustomer() {
  const { customer } = await data(
    client.upsertCustomer({
      identifier: { externalId: 'ada' },
      onCreate: { externalId: 'ada', fullName: 'Ada', email: { email: 'ada@example.com', isVerified: true } },
      onUpdate: {},
    }),
  );
  return customer;
}

async function addThread() {
  const customer = await addCustomer();
  const thread = await data(
    client.createThread({
      customerIdentifier: { customerId: customer.id },
      title: 'Help',
      externalId: 'help-1',
      components: [{ componentText: { text: 'Hello' } }],
    }),
  );
  return { customer, thread, threadId: thread.id };
}

describe('the vendor’s client', () => {
  it('reads the workspace', async () => {
    const workspace = await data(client.getMyWorkspace());
    expect(workspace).toMatchObject({ __typename: 'Workspace', name: 'Emulated workspace' });
  });

  it('upserts a customer and finds it in three ways', async () => {
    const { id } = await addCustomer();
    expect((await data(client.getCustomerById({ customerId: id }))).fullName).toBe('Ada');
    expect((await data(client.getCustomerByEmail({ email: 'ADA@example.com' }))).id).toBe(id);
    expect((await data(client.getCustomerByExternalId({ externalId: 'ada' }))).id).toBe(id);
    const { customers, pageInfo, totalCount } = await data(client.getCustomers({ first: 1 }));
    expect(customers.map((customer) => customer.id)).toEqual([id]);
    expect([pageInfo.hasNextPage, totalCount]).toEqual([false, 1]);
  });

  it('creates a thread and finds it in three ways', async () => {
    const { customer, thread, threadId } = await addThread();
    expect(thread).toMatchObject({ ref: 'T-1', title: 'Help', previewText: 'Hello', status: 'TODO' });
    expect((await data(client.getThread({ threadId }))).id).toBe(threadId);
    const byExternalId = await data(client.getThreadByExternalId({ customerId: customer.id, externalId: 'help-1' }));
    expect(byExternalId.id).toBe(threadId);
    const { threads } = await data(client.getThreads({ filters: { statuses: [ThreadStatus.Todo] } }));
    expect(threads.map(({ id }) => id)).toEqual([threadId]);
  });

  it('replies, writes a note and sends an e-mail', async () => {
    const { customer, threadId } = await addThread();
    expect(
      (await client.replyToThread({ threadId, textContent: 'Hi', markdownContent: '**Hi**' })).error,
    ).toBeUndefined();
    const note = await data(client.createNote({ customerId: customer.id, threadId, text: 'psst' }));
    expect(note.text).toBe('psst');
    const email = await data(
      client.sendNewEmail({ customerId: customer.id, threadId, subject: 'S', textContent: 'T' }),
    );
    expect(email).toMatchObject({ subject: 'S', to: { email: 'ada@example.com' } });
    expect(emulator.postRoom.delivered.map(({ body }) => body)).toEqual(['**Hi**', 'T']);
  });

  it('moves a thread through its states', async () => {
    const { threadId } = await addThread();
    expect((await data(client.markThreadAsDone({ threadId }))).status).toBe('DONE');
    expect((await data(client.markThreadAsTodo({ threadId }))).status).toBe('TODO');
    const snoozed = await data(client.snoozeThread({ threadId, durationSeconds: 3600 }));
    expect(snoozed.statusDetail).toMatchObject({ __typename: 'ThreadStatusDetailWaitingForDuration' });
  });

  it('changes priority, assignee, labels, tenant and fields', async () => {
    const { threadId } = await addThread();
    const { setup, userId } = emulator;
    expect((await data(client.changeThreadPriority({ threadId, priority: 0 }))).priority).toBe(0);
    expect((await data(client.assignThread({ threadId, userId }))).assignedTo).toMatchObject({ id: userId });
    expect((await data(client.unassignThread({ threadId }))).assignedTo).toBeNull();

    const labelType = setup.addLabelType({ name: 'Bug' });
    const [label] = await data(client.addLabels({ threadId, labelTypeIds: [labelType.id] }));
    expect(label?.labelType.name).toBe('Bug');
    expect((await client.removeLabels({ labelIds: [label?.id ?? ''] })).error).toBeUndefined();
    expect((await data(client.getThread({ threadId }))).labels).toEqual([]);

    setup.addTenant({ name: 'Acme', externalId: 'acme' });
    const moved = await data(client.updateThreadTenant({ threadId, tenantIdentifier: { externalId: 'acme' } }));
    expect(moved.tenant?.name).toBe('Acme');

    setup.addThreadFieldSchema({ key: 'plan', type: 'STRING' });
    const upserted = await data(
      client.upsertThreadField({
        identifier: { threadId, key: 'plan' },
        type: ThreadFieldSchemaType.String,
        stringValue: 'free',
      }),
    );
    expect(upserted).toMatchObject({ key: 'plan', stringValue: 'free' });
  });
});

describe('the vendor’s client, refused,', () => {
  it('says why a mutation failed', async () => {
    const { customer } = await addThread();
    const { error } = await client.createThread({
      customerIdentifier: { customerId: customer.id },
      title: 'Again',
      externalId: 'help-1',
    });
    expect(error).toMatchObject({
      type: 'mutation_error',
      message: 'There was a validation error.',
      errorDetails: { type: 'VALIDATION', code: 'input_validation', fields: [{ field: 'externalId' }] },
      requestId: expect.any(String),
    });
  });

  it('finds nothing, in a query as null and in a mutation as not_found', async () => {
    expect(await client.getThread({ threadId: 'th_1' })).toEqual({ data: null });
    expect(await client.getCustomerByEmail({ email: 'no@one.example' })).toEqual({ data: null });
    const { error } = await client.markThreadAsDone({ threadId: 'th_1' });
    expect(error).toMatchObject({ type: 'mutation_error', errorDetails: { code: 'not_found' } });
  });

  it('knows a bad request', async () => {
    const { error } = await client.rawRequest({
      query: 'query Q($id: ID!) { customer(customerId: $id) { id } }',
      variables: {},
    });
    expect(error).toMatchObject({
      type: 'bad_request',
      graphqlErrors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      requestId: expect.any(String),
    });
  });

  it('knows a wrong key', async () => {
    const stranger = new PlainClient({ apiKey: 'plainApiKey_wrong', apiUrl: served.url });
    const { error } = await stranger.getMyWorkspace();
    expect(error).toMatchObject({ type: 'forbidden', message: expect.stringContaining('Authentication failed') });
  });

  it('knows a permission that is missing, in a query and in a mutation', async () => {
    const apiKey = emulator.mintKey({ permissions: ['thread:read'] });
    const limited = new PlainClient({ apiKey, apiUrl: served.url });
    expect((await limited.getCustomers({})).error).toMatchObject({
      type: 'forbidden',
      message: 'Insufficient permissions, missing "customer:read".',
    });
    expect((await limited.changeThreadPriority({ threadId: 'th_1', priority: 1 })).error).toMatchObject({
      type: 'forbidden',
      message: 'Insufficient permissions, missing "thread:edit".',
    });
  });

  it('knows a fault of the server', async () => {
    emulator.faults.next({ kind: 'status', status: 500 });
    expect((await client.getMyWorkspace()).error?.type).toBe('internal_server_error');
  });
});
