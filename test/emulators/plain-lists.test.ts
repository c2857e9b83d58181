import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainWorld } from './plain-world.ts';

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const pageParts = '{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
const threadsQuery = `query Q($first: Int, $after: String, $last: Int, $before: String, $filters: ThreadsFilter,
  $sortBy: ThreadsSort) { threads(first: $first, after: $after, last: $last, before: $before, filters: $filters,
  sortBy: $sortBy) ${pageParts} }`;

async function started(count: number, options: Parameters<typeof plainWorld>[0] = {}) {
  const world = plainWorld({ rateLimit: false, ...options });
  const customerId = await world.addCustomer();
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.push(await world.addThread(customerId));
  const list = async (variables: object = {}): Promise<Page> => (await world.read(threadsQuery, variables)).threads;
  const idsOf = async (variables: object = {}) => (await list(variables)).edges.map(({ node }) => node.id);
  return { ...world, customerId, ids, list, idsOf };
}

describe('a page', () => {
  it('has 25 items unless another number is asked for, and at most 100', async () => {
    const { list } = await started(101);
    expect((await list()).edges).toHaveLength(25);
    expect((await list({ first: 100 })).edges).toHaveLength(100);
    expect((await list({ last: 1 })).edges).toHaveLength(1);
  });

  it.each([
    { first: 101 },
    { last: 101 },
    { first: 0 },
    { first: -1 },
    { first: 1, last: 1 },
    { first: 1, before: 'x' },
    { last: 1, after: 'x' },
    { after: 'garbage' },
    { after: '' },
  ])('cannot be asked for with %j', async (variables) => {
    const { ask } = await started(1);
    const { status, body } = await ask(threadsQuery, variables);
    expect(status).toBe(400);
    expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });

  it('leads on, and back', async () => {
    const { list, ids } = await started(5, { listOrder: 'oldest-first' });
    const first = await list({ first: 2 });
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await list({ first: 2, after: first.pageInfo.endCursor });
    expect(second.edges.map(({ node }) => node.id)).toEqual(ids.slice(2, 4));
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const third = await list({ first: 2, after: second.pageInfo.endCursor });
    expect(third.pageInfo.hasNextPage).toBe(false);
    const back = await list({ last: 2, before: second.pageInfo.startCursor });
    expect(back.edges.map(({ node }) => node.id)).toEqual(ids.slice(0, 2));
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const end = await list({ last: 2 });
    expect(end.edges.map(({ node }) => node.id)).toEqual(ids.slice(3));
    expect(end.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it('that is empty has no cursors', async () => {
    const { list } = await started(0);
    expect(await list()).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  it('of other filters refuses the cursor, or takes it', async () => {
    const strict = await started(3);
    const { pageInfo } = await strict.list({ first: 1 });
    const variables = { first: 1, after: pageInfo.endCursor, filters: { statuses: ['TODO'] } };
    expect((await strict.ask(threadsQuery, variables)).status).toBe(400);
    const loose = await started(3, { foreignCursor: 'accepted' });
    const after = (await loose.list({ first: 1 })).pageInfo.endCursor;
    expect((await loose.list({ ...variables, after })).edges).toHaveLength(1);
  });

  it('goes on from a record that is gone', async () => {
    const { list, ids, mutate } = await started(3, { listOrder: 'oldest-first' });
    const { pageInfo } = await list({ first: 2 });
    await mutate('deleteThread', { threadId: ids[1] });
    const { edges } = await list({ first: 2, after: pageInfo.endCursor });
    expect(edges.map(({ node }) => node.id)).toEqual([ids[2]]);
  });

  it('walk gives each record once, whatever the size, while others arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 20 }),
        fc.constantFrom('newest-first' as const, 'oldest-first' as const),
        async (size, count, listOrder) => {
          const { list, ids, addThread, customerId } = await started(count, { listOrder });
          const seen: string[] = [];
          let after: string | null = null;
          let arrivals = 0;
          for (;;) {
            const page: Page = await list({ first: size, after });
            seen.push(...page.edges.map(({ node }) => node.id));
            if (!page.pageInfo.hasNextPage) break;
            after = page.pageInfo.endCursor;
            arrivals += 1;
            if (arrivals < 5) await addThread(customerId);
          }
          expect(new Set(seen).size).toBe(seen.length);
          expect(ids.every((id) => seen.includes(id))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the order of threads', () => {
  it.each(['newest-first', 'oldest-first'] as const)('is %s where none is asked for', async (listOrder) => {
    const { idsOf, ids } = await started(3, { listOrder });
    expect(await idsOf()).toEqual(listOrder === 'newest-first' ? [...ids].reverse() : ids);
  });

  it('can be by creation, change of status, priority, last message or a field', async () => {
    const { idsOf, ids, mutate, emulator } = await started(3);
    const [a = '', b = '', c = ''] = ids;
    emulator.setup.addThreadFieldSchema({ key: 'n', type: 'NUMBER' });
    await mutate('markThreadAsDone', { threadId: a });
    await mutate('changeThreadPriority', { threadId: b, priority: 0 });
    emulator.receive(b, { text: 'x' });
    emulator.receive(a, { text: 'x' });
    const set = (threadId: string, numberValue: number) =>
      mutate('upsertThreadField', { identifier: { threadId, key: 'n' }, type: 'NUMBER', numberValue });
    await set(a, 10);
    await set(b, 9);
    await set(c, -1);
    const by = (field: string, direction: 'ASC' | 'DESC', more = {}) =>
      idsOf({ sortBy: { field, direction, ...more } });
    expect(await by('CREATED_AT', 'ASC')).toEqual([a, b, c]);
    expect(await by('CREATED_AT', 'DESC')).toEqual([c, b, a]);
    expect(await by('STATUS_CHANGED_AT', 'ASC')).toEqual([b, c, a]);
    expect((await by('PRIORITY', 'ASC'))[0]).toBe(b);
    expect(await by('LAST_INBOUND_MESSAGE_AT', 'DESC')).toEqual([a, b, c]);
    expect(await by('THREAD_FIELD', 'ASC', { threadFieldKey: 'n' })).toEqual([c, b, a]);
    expect(await by('CLOSEST_TO_BREACH_SLA', 'ASC')).toEqual([a, b, c]);
  });

  it('by a field needs the field', async () => {
    const { ask } = await started(1);
    const { status } = await ask(threadsQuery, { sortBy: { field: 'THREAD_FIELD', direction: 'ASC' } });
    expect(status).toBe(400);
  });
});

describe('a filter of threads', () => {
  it('picks by each attribute', async () => {
    const { idsOf, ids, mutate, addCustomer, addThread, emulator, thread } = await started(2);
    const [a = '', b = ''] = ids;
    const other = await addCustomer('b@x.io');
    const foreign = await addThread(other);
    const { setup, userId, machineUserId } = emulator;
    const labelType = setup.addLabelType({ name: 'Bug' });
    const tenant = setup.addTenant({ name: 'Acme', externalId: 'acme' });
    await mutate('assignThread', { threadId: a, userId });
    await mutate('assignThread', { threadId: b, machineUserId });
    await mutate('addLabels', { threadId: a, labelTypeIds: [labelType.id] });
    await mutate('updateThreadTenant', { threadId: b, tenantIdentifier: { tenantId: tenant.id } });
    await mutate('changeThreadPriority', { threadId: b, priority: 0 });
    await mutate('markThreadAsDone', { threadId: a });
    setup.markAsSpam(other);
    const filtered = async (filters: object) => (await idsOf({ filters })).sort();

    expect(await filtered({ threadIds: [a, b, 'th_1'] })).toEqual([a, b].sort());
    expect(await filtered({ threadIds: [] })).toEqual([]);
    expect(await filtered({ customerIds: [other] })).toEqual([foreign]);
    expect(await filtered({ statuses: ['DONE', 'SNOOZED'] })).toEqual([a]);
    expect(await filtered({ priorities: [0] })).toEqual([b]);
    expect(await filtered({ isAssigned: false })).toEqual([foreign]);
    expect(await filtered({ isAssigned: true })).toEqual([a, b].sort());
    expect(await filtered({ assignedToUser: [userId] })).toEqual([a]);
    expect(await filtered({ labelTypeIds: [labelType.id] })).toEqual([a]);
    expect(await filtered({ tenantIdentifiers: [{ externalId: 'acme' }] })).toEqual([b]);
    expect(await filtered({ isMarkedAsSpam: true })).toEqual([foreign]);
    expect(await filtered({ isMarkedAsSpam: false })).toEqual([a, b].sort());
    expect(await filtered({ createdAt: { after: thread(b).createdAt } })).toEqual([b, foreign].sort());
    expect(await filtered({ createdAt: { before: thread(b).createdAt } })).toEqual([a]);
    expect(await filtered({ updatedAt: { after: thread(a).updatedAt } })).toEqual([a]);
    expect(await filtered({ statuses: ['DONE'], priorities: [0] })).toEqual([]);
  });

  it('refuses a time that is none', async () => {
    const { ask } = await started(1);
    expect((await ask(threadsQuery, { filters: { updatedAt: { after: 'yesterday' } } })).status).toBe(400);
  });
});

describe('a timeline', () => {
  const query = `query Q($id: ID!, $filters: ThreadTimelineEntriesFilter, $first: Int, $after: String) {
    thread(threadId: $id) { timelineEntries(filters: $filters, first: $first, after: $after) {
      edges { node { id entry { __typename } } } pageInfo { hasNextPage endCursor } } } }`;

  async function busy(options: Parameters<typeof plainWorld>[0] = {}) {
    const world = await started(0, options);
    const id = await world.addThread(world.customerId, { components: [{ componentText: { text: 'x' } }] });
    await world.mutate('createNote', { customerId: world.customerId, threadId: id, text: 'psst' });
    await world.mutate('markThreadAsDone', { threadId: id });
    await world.mutate('replyToThread', { threadId: id, textContent: 'Hi' });
    const types = async (filters?: object): Promise<string[]> => {
      const { thread } = await world.read(query, { id, filters });
      return thread.timelineEntries.edges.map((edge: { node: { entry: { __typename: string } } }) =>
        edge.node.entry.__typename.replace('Entry', ''),
      );
    };
    return { ...world, id, types };
  }

  const whole = ['Custom', 'Note', 'ThreadStatusTransitioned', 'Email', 'ThreadStatusTransitioned'];

  it.each(['oldest-first', 'newest-first'] as const)('is %s', async (timelineOrder) => {
    const { types } = await busy({ timelineOrder });
    expect(await types()).toEqual(timelineOrder === 'oldest-first' ? whole : [...whole].reverse());
  });

  it.each([
    [false, ['Custom', 'Email']],
    [true, ['Custom', 'Note', 'Email']],
  ])('of messages, with notesAreMessages %s', async (notesAreMessages, expected) => {
    const { types } = await busy({ notesAreMessages });
    expect(await types({ isMessage: true })).toEqual(expected);
  });

  it('of chosen types does not mind isMessage', async () => {
    const { types } = await busy();
    expect(await types({ entryTypes: ['NOTE', 'EMAIL'], isMessage: true })).toEqual(['Note', 'Email']);
    expect(await types({ entryTypes: [] })).toEqual([]);
  });

  it('comes in pages', async () => {
    const { read, id } = await busy();
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { thread } = await read(query, { id, first: 2, after });
      const { edges, pageInfo } = thread.timelineEntries;
      seen.push(...edges.map((edge: { node: { id: string } }) => edge.node.id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after);
    expect(new Set(seen).size).toBe(whole.length);
  });

  it('puts a message where its time is', async () => {
    const { emulator, id, types } = await busy();
    const content = { type: 'CHAT', chatId: 'ch_1', text: 'x', attachmentIds: [] } as const;
    emulator.setup.addEntry(id, content, { timestamp: '2001-01-01T00:00:00.000Z' });
    expect((await types())[0]).toBe('Chat');
  });
});
