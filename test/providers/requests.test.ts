import { describe, expect, it } from 'vitest';
import { collect, contact, everyMethod, later, plainDesk, productlaneDesk, text, thread } from '../desks.ts';

/** What each method costs on each desk. A number that grows here is a slower migration everywhere. */
const costs = {
  productlane: {
    check: ['GET /me'],
    getContact: ['GET /contacts/{id}'],
    findContact: ['GET /contacts'],
    listContacts: ['GET /contacts'],
    getThread: ['GET /threads/{id}'],
    listThreads: ['GET /threads'],
    listMessages: ['GET /threads/{id}/comments', 'GET /threads/{id}/messages'],
    upsertContact: ['GET /contacts', 'PATCH /contacts/{id}'],
    createThread: ['POST /threads'],
    updateThread: ['PATCH /threads/{id}'],
    reply: ['POST /threads/{id}/messages'],
    addNote: ['POST /threads/{id}/comments'],
    importThread: ['POST /threads'],
    // The thread is asked for what an import has put into its text.
    recordMessages: ['GET /threads/{id}/comments', 'GET /threads/{id}', 'POST /threads/{id}/comments'],
    deleteThread: ['DELETE /threads/{id}'],
  },
  plain: {
    check: ['Check'],
    getContact: ['Customer'],
    findContact: ['CustomerByEmail'],
    listContacts: ['Customers'],
    getThread: ['Thread'],
    listThreads: ['Threads'],
    listMessages: ['ThreadTimeline'],
    upsertContact: ['UpsertCustomer'],
    createThread: ['UpsertCustomer', 'CreateThread'],
    updateThread: ['UpdateThread'],
    reply: ['ReplyToThread'],
    addNote: ['Thread', 'CreateNote'],
    importThread: ['UpsertCustomer', 'ImportThread', 'ImportThreadMessages'],
    recordMessages: ['ImportThreadMessages'],
    deleteThread: ['DeleteThread'],
  },
} as const;

async function productlane() {
  const sent: string[] = [];
  const hooks = {
    onRequest: (event: { method: string; path: string }) => void sent.push(`${event.method} ${event.path}`),
  };
  const { desk, emulator } = productlaneDesk({}, { hooks });
  const { value } = await desk.createThread(thread);
  return {
    desk,
    sent,
    ids: { thread: value.id, contact: value.contact?.id ?? '', user: 'usr_1' },
    count: () => emulator.requests.count(),
  };
}

async function plain() {
  const sent: string[] = [];
  const hooks = { onRequest: (event: { path: string }) => void sent.push(event.path) };
  const { desk, emulator } = plainDesk({}, { hooks });
  const { value } = await desk.createThread(thread);
  return {
    desk,
    sent,
    ids: { thread: value.id, contact: value.contact?.id ?? '', user: emulator.userId },
    count: () => emulator.requests.count(),
  };
}

describe.each([
  ['productlane', productlane],
  ['plain', plain],
] as const)('%s', (name, world) => {
  it.each(Object.entries(costs[name]))('%s sends no request more than needed', async (method, expected) => {
    const { desk, sent, ids, count } = await world();
    const before = count();
    sent.length = 0;
    await everyMethod(desk, ids)[method as keyof ReturnType<typeof everyMethod>]();
    expect(sent).toEqual(expected);
    expect(count() - before).toBe(expected.length);
  });
});

describe('a Productlane thread', () => {
  it('with labels takes one look at the tags and one more write', async () => {
    const { desk, sent } = await productlane();
    const group = (await desk.native.request('POST', '/tags/groups', { json: { name: 'kind', color: '#ff0000' } })) as {
      id: string;
    };
    const json = { name: 'bug', color: '#ff0000', icon: 'Atom', tag_group_id: group.id };
    const tag = (await desk.native.request('POST', '/tags', { json })) as { id: string };
    sent.length = 0;
    const { value } = await desk.createThread({ ...thread, labelIds: [tag.id] });
    expect(sent).toEqual(['GET /tags', 'POST /threads', 'PATCH /threads/{id}']);
    expect(value.labels).toEqual([{ id: tag.id, name: 'bug' }]);
  });
});

describe('a Plain thread', () => {
  it('changes any number of fields in one request', async () => {
    const { desk, sent, ids } = await plain();
    sent.length = 0;
    await desk.updateThread(ids.thread, {
      title: 'T',
      priority: 'low',
      assigneeId: ids.user,
      companyId: null,
      status: { is: 'snoozed', until: later },
    });
    expect(sent).toEqual(['UpdateThread']);
  });

  it('takes one look where labels are replaced', async () => {
    const { desk, sent, ids } = await plain();
    sent.length = 0;
    await desk.updateThread(ids.thread, { labelIds: [], title: 'T' });
    expect(sent).toEqual(['Thread', 'UpdateThread']);
  });

  it('for a known contact takes one request', async () => {
    const { desk, sent, ids } = await plain();
    sent.length = 0;
    await desk.createThread({ ...thread, contact: { id: ids.contact } });
    expect(sent).toEqual(['CreateThread']);
  });

  it('asks for the customer once, however many messages are recorded, in batches of 25', async () => {
    const { desk, sent, ids } = await plain();
    sent.length = 0;
    const messages = Array.from({ length: 60 }, (_, index) => ({
      externalId: `m-${index}`,
      kind: 'inbound' as const,
      body: text(`message ${index}`),
      createdAt: new Date(Date.UTC(2021, 0, 1) + index * 1000),
    }));
    await desk.recordMessages({ threadId: ids.thread, messages });
    expect(sent).toEqual(['Thread', 'ImportThreadMessages', 'ImportThreadMessages', 'ImportThreadMessages']);
  });
});

describe('a list', () => {
  it('pages only as far as it is read', async () => {
    for (const world of [productlane, plain]) {
      const { desk, sent } = await world();
      for (let index = 0; index < 6; index++) await desk.createThread({ ...thread, contact: { email: contact.email } });
      sent.length = 0;
      for await (const first of desk.listThreads()) {
        expect(first.id).toBeTruthy();
        break;
      }
      expect(sent).toHaveLength(1);
      sent.length = 0;
      expect(await collect(desk.listThreads())).toHaveLength(7);
      expect(sent).toHaveLength(4);
    }
  });
});
