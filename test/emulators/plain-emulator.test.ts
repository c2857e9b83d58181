import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { emulatePlain } from '../../src/emulators/plain/index.ts';
import { serve } from '../../src/emulators/serve.ts';
import { plainWorld } from './plain-world.ts';

const operationsFolder = new URL('../../src/providers/plain/operations/', import.meta.url);
const operations = readdirSync(operationsFolder)
  .map((name) => readFileSync(new URL(name, operationsFolder), 'utf8'))
  .join('\n');

describe('the operations of the adapter', () => {
  it('are all valid in the schema that is answered', async () => {
    const { emulator } = plainWorld();
    const answer = await emulator.fetch(`${emulator.baseUrl}/schema.graphql`, { headers: { 'user-agent': 'test' } });
    expect(validate(buildSchema(await answer.text()), parse(operations))).toEqual([]);
  });

  it('change several attributes in one request, in order', async () => {
    const { emulator, addCustomer, addThread, thread } = plainWorld();
    const threadId = await addThread(await addCustomer());
    emulator.setup.addThreadFieldSchema({ key: 'k', type: 'STRING', isRequired: true });
    const response = await emulator.fetch(emulator.baseUrl, {
      method: 'POST',
      headers: { 'user-agent': 'test', authorization: `Bearer ${emulator.apiKey}` },
      body: JSON.stringify({
        query: operations,
        operationName: 'UpdateThread',
        variables: {
          hasTitle: true,
          title: { threadId, title: 'New' },
          hasThreadFields: true,
          threadFields: { inputs: [{ identifier: { threadId, key: 'k' }, type: 'STRING', stringValue: 'v' }] },
          hasDone: true,
          done: { threadId },
        },
      }),
    });
    const { data } = (await response.json()) as { data: Record<string, { error: unknown }> };
    expect(Object.entries(data).map(([name, { error }]) => [name, error])).toEqual([
      ['updateThreadTitle', null],
      ['bulkUpsertThreadFields', null],
      ['markThreadAsDone', null],
    ]);
    expect(thread(threadId)).toMatchObject({ title: 'New', status: 'DONE' });
  });
});

describe('a request', () => {
  it('is logged by its operation, or by its first field', async () => {
    const { emulator, ask } = plainWorld();
    await ask('query Mine { myWorkspace { id } }');
    await ask('{ myWorkspace { id } }');
    await ask('mutation { deleteThread(input: { threadId: "x" }) { error { code } } }');
    await ask('nonsense');
    expect(emulator.requests.entries.map(({ operation, access, status }) => [operation, access, status])).toEqual([
      ['Mine', 'read', 200],
      ['myWorkspace', 'read', 200],
      ['deleteThread', 'write', 200],
      ['unknown', 'read', 400],
    ]);
  });
});

describe('a workspace', () => {
  it('that is seeded is the same each time', () => {
    const [one, two] = [emulatePlain({ seed: 'small' }), emulatePlain()];
    two.seed('small');
    expect(one.snapshot()).toEqual(two.snapshot());
    expect(one.state.threads.size).toBe(12);
    expect([...one.state.timelines.values()].every((timeline) => timeline.length === 5)).toBe(true);
  });

  it('goes back to how it was made', async () => {
    const { emulator, addCustomer, ask } = plainWorld({ seed: 'small' });
    const before = emulator.snapshot();
    const { userId, machineUserId, apiKey } = emulator;
    await addCustomer();
    const key = emulator.mintKey();
    emulator.reset();
    expect(emulator.snapshot()).toEqual(before);
    expect(emulator).toMatchObject({ userId, machineUserId, apiKey });
    expect((await ask('{ myWorkspace { id } }', {}, { key })).status).toBe(401);
    expect((await ask('{ myWorkspace { id } }')).status).toBe(200);
  });

  it('can be written down and read back, with its ids, indexes and snoozes', async () => {
    const first = plainWorld({ seed: 'small' });
    const customerId = await first.addCustomer();
    const threadId = await first.addThread(customerId, { externalId: 'x' });
    await first.mutate('snoozeThread', { threadId, durationSeconds: 60 });
    await first.mutate('createNote', { customerId, text: 'VIP' });
    const imported = await first.importThread(customerId);
    const message = {
      externalId: 'm',
      createdAt: '2020-01-01T00:00:00Z',
      text: 'x',
      type: 'INBOUND',
      author: { customerId },
    };
    await first.mutate('importThreadMessages', { threadId: imported, threadMessages: [message] });

    const second = plainWorld();
    second.emulator.restore(JSON.parse(JSON.stringify(first.emulator.snapshot())));
    expect(second.emulator.snapshot()).toEqual(first.emulator.snapshot());
    const again = await second.mutate(
      'importThreadMessages',
      { threadId: imported, threadMessages: [message] },
      'results { result }',
    );
    expect(again.results).toEqual([{ result: 'NOOP' }]);
    const { code } = await second.refusal('createThread', { customerIdentifier: { customerId }, externalId: 'x' });
    expect(code).toBe('input_validation');
    const fresh = await second.addThread(customerId);
    expect(first.emulator.state.threads.has(fresh)).toBe(false);
    expect(second.contents(fresh)).toMatchObject([{ type: 'NOTE', text: 'VIP' }]);
    // The second clock is a moment behind the first.
    await second.emulator.clock.advance(61_000);
    expect(second.thread(threadId).status).toBe('TODO');
  });

  it('refuses to read back what it did not write', () => {
    expect(() => emulatePlain().restore({ threads: [] })).toThrow('not a snapshot');
  });
});

describe('a fault', () => {
  const createThread = (customerId: string) => ({ customerIdentifier: { customerId }, title: 'T' });
  const mutation =
    'mutation M($input: CreateThreadInput!) { createThread(input: $input) { thread { id } error { code } } }';

  it.each([
    [401, { message: 'Unauthorized' }],
    [403, 'error code: 1010'],
    [429, { errors: [{ message: 'Too Many Requests - Rate limit exceeded', extensions: { code: 'RATE_LIMITED' } }] }],
  ])('of status %i has the desk’s own body', async (status, body) => {
    const { emulator, ask } = plainWorld();
    emulator.faults.next({ kind: 'status', status });
    expect(await ask('{ myWorkspace { id } }')).toMatchObject({ status, body });
  });

  it.each([200, 500])('of status %i names INTERNAL_SERVER_ERROR', async (status) => {
    const { emulator, ask } = plainWorld();
    emulator.faults.next({ kind: 'status', status });
    const answer = await ask('{ myWorkspace { id } }');
    expect(answer.status).toBe(status);
    expect(answer.body.errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
  });

  it('of status 429 says when the window ends', async () => {
    const { emulator, ask } = plainWorld();
    emulator.faults.next({ kind: 'status', status: 429 });
    const { headers } = await ask('{ myWorkspace { id } }');
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    expect(headers.get('x-ratelimit-reset')).toBe(new Date(emulator.clock.now().getTime() + 60_000).toISOString());
  });

  it('meets the operation it is meant for', async () => {
    const { emulator, ask } = plainWorld();
    emulator.faults.next({ kind: 'status', status: 503 }, { operation: 'Second' });
    expect((await ask('query First { myWorkspace { id } }')).status).toBe(200);
    expect((await ask('query Second { myWorkspace { id } }')).status).toBe(503);
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('that cuts the connection %s the work leaves %i threads', async (when, count) => {
    const { emulator, ask, addCustomer } = plainWorld();
    const customerId = await addCustomer();
    emulator.faults.next({ kind: 'cut', when });
    await expect(ask(mutation, { input: createThread(customerId) })).rejects.toThrow('fetch failed');
    expect(emulator.state.threads.size).toBe(count);
  });

  it('during the work lets it land later', async () => {
    const { emulator, ask, addCustomer } = plainWorld();
    const customerId = await addCustomer();
    emulator.faults.next({ kind: 'cut', when: 'during' });
    await expect(ask(mutation, { input: createThread(customerId) })).rejects.toThrow('fetch failed');
    expect(emulator.state.threads.size).toBe(0);
    await emulator.clock.advance(1000);
    expect(emulator.state.threads.size).toBe(1);
  });

  it('that shifts a list puts a record into what was read', async () => {
    const { emulator, ask, addCustomer, addThread, timeline } = plainWorld();
    const threadId = await addThread(await addCustomer());
    emulator.faults.next({ kind: 'shift' });
    await ask('{ threads { edges { node { id } } } }');
    expect(emulator.state.threads.size).toBe(2);
    emulator.faults.next({ kind: 'shift' });
    const query = 'query Q($id: ID!) { thread(threadId: $id) { timelineEntries { edges { node { id } } } } }';
    await ask(query, { id: threadId });
    expect(timeline(threadId)).toHaveLength(1);
  });

  it('breaks a real connection too', async () => {
    const { emulator, addCustomer } = plainWorld();
    const customerId = await addCustomer();
    const served = await serve(emulator);
    const post = () =>
      fetch(served.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${emulator.apiKey}` },
        body: JSON.stringify({ query: mutation, variables: { input: createThread(customerId) } }),
      });
    try {
      emulator.faults.next({ kind: 'cut', when: 'after' });
      await expect(post()).rejects.toThrow('fetch failed');
      emulator.faults.next({ kind: 'truncate' });
      await expect(post().then((response) => response.text())).rejects.toThrow('terminated');
      expect(emulator.state.threads.size).toBe(2);
      expect((await post()).status).toBe(200);
    } finally {
      await served.close();
    }
  });
});
