import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ProductlaneOptions } from '../../src/emulators/productlane/index.ts';
import { createWorld, ids, invalidAt, refusedAs, type World } from './productlane.world.ts';

describe('companies', () => {
  it('have every documented field and no other', async () => {
    const { emulator, post } = createWorld();
    const [owner_id] = emulator.state.members.keys();
    const body = { name: 'Acme', domains: ['acme.com'], size: 5, external_ids: ['a-1'], status_id: 's', owner_id };
    expect((await post('/companies', body)).body).toEqual({
      id: expect.any(String),
      name: 'Acme',
      logo_url: null,
      domains: ['acme.com'],
      size: 5,
      revenue: null,
      status_id: 's',
      status_name: 'Status s',
      tier_id: null,
      tier_name: null,
      owner: { id: owner_id, name: 'Ada Brandt', avatar_url: null },
      external_ids: ['a-1'],
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
  });

  it('can show the external ids of older pages', async () => {
    const { post } = createWorld({ companyExternalIds: 'object' });
    expect((await post('/companies', { name: 'Acme', external_ids: ['a-1'] })).body.external_ids).toEqual({});
  });

  it.each([
    ['name', ''],
    ['name', undefined],
    ['logo_url', 'nowhere'],
    ['domains.0', undefined, { domains: ['no domain!'] }],
    ['size', -1],
    ['size', 1.5],
    ['size', null],
    ['external_ids', { plain: 'x' }],
    ['owner_id', 'nobody'],
    ['website', 'x'],
  ])('refuse %s: %j', async (path, value, body: object = { [path]: value }) => {
    const { emulator, post } = createWorld();
    expect(await post('/companies', { name: 'Acme', ...body })).toMatchObject(invalidAt(path));
    expect(emulator.state.companies.size).toBe(0);
  });

  it('are found by every filter', async () => {
    const { get, post } = createWorld();
    await post('/companies', { name: 'Other', size: 1 });
    const fields = { name: 'Acme', domains: ['acme.com'], size: 50, revenue: 9, external_ids: ['a-1'] };
    const wanted = (await post('/companies', { ...fields, status_id: 's', tier_id: 't' })).body;
    const queries = [
      'external_id=a-1',
      'domain=acme.com',
      'name_contains=acm',
      'status_id=s',
      'tier_id=t',
      'size_gte=50',
      'size_gte=2&size_lte=50',
      'revenue_gte=1',
      'revenue_lte=9',
    ];
    for (const query of queries) expect([query, ids(await get(`/companies?${query}`))]).toEqual([query, [wanted.id]]);
    expect(await get('/companies?size_gte=many')).toMatchObject(invalidAt('size_gte'));
  });

  it('are changed, and lose what is null', async () => {
    const { get, post, patch } = createWorld();
    const { body } = await post('/companies', { name: 'Acme', size: 5, domains: ['acme.com'] });
    const changed = (await patch(`/companies/${body.id}`, { size: null, domains: [] })).body;
    expect(changed).toEqual({ ...body, size: null, domains: [], updated_at: expect.any(String) });
    expect((await get(`/companies/${body.id}`)).body).toEqual(changed);
    expect(await patch('/companies/none', {})).toMatchObject(refusedAs(404, 'not_found'));
  });

  it('leave contacts and threads behind when they are deleted', async () => {
    const { get, post, open, patch, remove } = createWorld();
    const { id } = (await post('/companies', { name: 'Acme' })).body;
    const thread = await open();
    await patch(`/threads/${thread.id}`, { company_id: id });
    expect((await remove(`/companies/${id}`)).body).toEqual({ id, deleted: true });
    expect((await get(`/threads/${thread.id}`)).body).toMatchObject({ company: null, contact: { company_id: null } });
    expect(ids(await get('/companies'))).toEqual([]);
  });

  it('take over everything from the one that is merged into them', async () => {
    const { get, post, open, patch } = createWorld();
    const target = (await post('/companies', { name: 'Acme', external_ids: ['a'] })).body;
    const source = (await post('/companies', { name: 'Acme Inc', external_ids: ['b'], domains: ['acme.com'] })).body;
    const thread = await open();
    await patch(`/threads/${thread.id}`, { company_id: source.id });
    const merged = await post(`/companies/${target.id}/merge`, { source_id: source.id });
    expect(merged.body).toMatchObject({ id: target.id, external_ids: ['a', 'b'], domains: ['acme.com'] });
    expect((await get(`/threads/${thread.id}`)).body).toMatchObject({
      company: { id: target.id },
      contact: { company_id: target.id },
    });
    expect(await get(`/companies/${source.id}`)).toMatchObject(refusedAs(404, 'not_found'));
    for (const source_id of [source.id, target.id]) {
      expect(await post(`/companies/${target.id}/merge`, { source_id })).toMatchObject(invalidAt('source_id'));
    }
  });

  it('know no options of Linear', async () => {
    expect((await createWorld().get('/companies/linear-options')).body).toBeNull();
  });
});

describe('tags', () => {
  const made = async ({ post }: World) => {
    const group = (await post('/tags/groups', { name: 'Kind', color: '#000' })).body;
    const tag = (await post('/tags', { name: 'bug', color: '#f00', icon: 'x', tag_group_id: group.id })).body;
    return { group, tag };
  };

  it('are made in a group, changed, found and deleted', async () => {
    const world = createWorld();
    const { group, tag } = await made(world);
    expect(Object.keys(tag)).toEqual(['id', 'name', 'color', 'icon', 'tag_group_id', 'created_at', 'updated_at']);
    expect((await world.patch(`/tags/${tag.id}`, { name: 'Bugs' })).body).toMatchObject({
      name: 'Bugs',
      color: '#f00',
    });
    expect(ids(await world.get(`/tags?name_contains=bug&tag_group_id=${group.id}`))).toEqual([tag.id]);
    expect((await world.get(`/tags/${tag.id}`)).body.name).toBe('Bugs');
    expect((await world.remove(`/tags/${tag.id}`)).body).toEqual({ id: tag.id, deleted: true });
    expect(ids(await world.get('/tags'))).toEqual([]);
    expect(await world.get(`/tags/${tag.id}`)).toMatchObject(refusedAs(404, 'not_found'));
  });

  it('need all four fields and a group that exists', async () => {
    const { post } = createWorld();
    expect(await post('/tags', {})).toMatchObject(invalidAt('name', 'color', 'icon', 'tag_group_id'));
    const body = { name: 'a', color: 'b', icon: 'c', tag_group_id: 'none' };
    expect(await post('/tags', body)).toMatchObject(invalidAt('tag_group_id'));
  });

  it('leave the threads they were on when they are deleted', async () => {
    const world = createWorld();
    const { tag } = await made(world);
    const { id } = await world.open();
    await world.patch(`/threads/${id}`, { tag_ids: [tag.id] });
    await world.remove(`/tags/${tag.id}`);
    expect((await world.get(`/threads/${id}`)).body.tags).toEqual([]);
  });

  it('keep their group from being deleted', async () => {
    const world = createWorld();
    const { group, tag } = await made(world);
    expect(await world.remove(`/tags/groups/${group.id}`)).toMatchObject(refusedAs(409, 'conflict'));
    await world.remove(`/tags/${tag.id}`);
    expect((await world.patch(`/tags/groups/${group.id}`, { name: 'Sort' })).body.name).toBe('Sort');
    expect((await world.get(`/tags/groups/${group.id}`)).body.name).toBe('Sort');
    expect((await world.remove(`/tags/groups/${group.id}`)).body).toEqual({ id: group.id, deleted: true });
    expect(ids(await world.get('/tags/groups'))).toEqual([]);
    expect(await world.get(`/tags/groups/${group.id}`)).toMatchObject(refusedAs(404, 'not_found'));
  });
});

describe('members', () => {
  it('are listed and given roles', async () => {
    const { get, patch } = createWorld();
    const { data } = (await get('/members')).body;
    expect(data).toHaveLength(3);
    expect(Object.keys(data[0])).toEqual(['id', 'email', 'name', 'image_url', 'role', 'joined_at']);
    expect((await patch(`/members/${data[0].id}`, { role: 'VIEWER' })).body).toEqual({ ...data[0], role: 'VIEWER' });
    expect(await patch(`/members/${data[0].id}`, { role: 'OWNER' })).toMatchObject(invalidAt('role'));
  });

  it('are invited', async () => {
    const { post } = createWorld();
    const body = { email: 'new@team.invalid', name: 'New', role: 'USER' };
    expect((await post('/members/invites', body)).body).toEqual({
      id: expect.any(String),
      ...body,
      state: 'PENDING',
      invited_by_id: null,
      created_at: expect.any(String),
    });
    expect(await post('/members/invites', { ...body, name: '' })).toMatchObject(invalidAt('name'));
  });
});

describe('files', () => {
  const upload = async ({ emulator }: World, ...files: readonly (File | string)[]) => {
    const form = new FormData();
    for (const file of files) form.append('file', file);
    const headers = { authorization: `Bearer ${emulator.apiKey}` };
    const response = await emulator.fetch(`${emulator.baseUrl}/files`, { method: 'POST', headers, body: form });
    return { status: response.status, body: await response.json() };
  };

  it.each(['url', 'file_url'] as const)('are found at the address in `%s`, without a key', async (fileUrlField) => {
    const world = createWorld({ fileUrlField });
    const { body } = await upload(world, new File(['a,b'], 'my table.csv', { type: 'text/csv' }));
    expect(body[fileUrlField]).toMatch(/^https:\/\/files\.productlane\.invalid\/fil_\d+\/my%20table\.csv$/);
    const response = await world.emulator.fetch(body[fileUrlField]);
    expect([response.headers.get('content-type'), await response.text()]).toEqual(['text/csv', 'a,b']);
    expect((await world.emulator.fetch('https://files.productlane.invalid/none/x')).status).toBe(404);
    const { pathname } = new URL(body[fileUrlField]);
    const served = await world.emulator.fetch(`${new URL(world.emulator.baseUrl).origin}/_files${pathname}`);
    expect(await served.text()).toBe('a,b');
  });

  it.each(['image/svg+xml', 'text/html', 'application/octet-stream', ''])('of type %j are refused', async (type) => {
    expect(await upload(createWorld(), new File(['x'], 'x', { type }))).toMatchObject(invalidAt('file'));
  });

  it('over 10 MB are refused', async () => {
    const most = 10 * 1024 * 1024;
    const file = (size: number) => new File([new Uint8Array(size)], 'x.png', { type: 'image/png' });
    expect((await upload(createWorld(), file(most))).status).toBe(200);
    expect(await upload(createWorld(), file(most + 1))).toMatchObject(invalidAt('file'));
  });

  it('come one at a time, as multipart', async () => {
    const world = createWorld();
    const text = new File(['x'], 'x.txt', { type: 'text/plain' });
    expect(await upload(world, text, text)).toMatchObject(invalidAt('file'));
    expect(await upload(world, 'x')).toMatchObject(invalidAt('file'));
    expect(await upload(world)).toMatchObject({ status: 400 });
    expect(await world.post('/files', {})).toMatchObject({ status: 400 });
  });

  it('are imported from an address or from base64, never both', async () => {
    const world = createWorld();
    const { body } = await world.post('/files/import', {
      content_base64: btoa('hello'),
      file_name: 'x.txt',
      content_type: 'text/plain',
    });
    expect(await (await world.emulator.fetch(body.url)).text()).toBe('hello');
    const imported = await world.post('/files/import', { url: 'https://x.io/a.png', content_type: 'image/png' });
    expect(imported.body).toMatchObject({ file_name: 'a.png', content_type: 'image/png', size: 0 });
    expect(await world.post('/files/import', {})).toMatchObject(invalidAt('url'));
    expect(await world.post('/files/import', { url: 'https://x.io/a', content_base64: '' })).toMatchObject(
      invalidAt('url'),
    );
  });
});

describe('webhooks', () => {
  async function listening(
    events: readonly string[],
    options: ProductlaneOptions = {},
    statuses: readonly number[] = [],
  ) {
    const received: { headers: Headers; body: string }[] = [];
    const world = createWorld({
      ...options,
      async webhookFetch(input, init) {
        const request = new Request(input, init);
        received.push({ headers: request.headers, body: await request.text() });
        return new Response(null, { status: statuses[received.length - 1] ?? 200 });
      },
    });
    const { body: target } = await world.post('/webhooks', { url: 'https://app.invalid/hook', label: 'App', events });
    const types = async (): Promise<string[]> => {
      await world.emulator.webhooks.settle();
      return received.map(({ body }) => JSON.parse(body).type);
    };
    return { world, received, target, types };
  }

  it('are registered with a secret', async () => {
    const { target } = await listening(['thread.*']);
    expect(target).toEqual({
      id: expect.stringMatching(/^wbk_/),
      url: 'https://app.invalid/hook',
      label: 'App',
      events: ['thread.*'],
      secret: expect.any(String),
      created_at: expect.any(String),
    });
    const { post } = createWorld();
    expect(await post('/webhooks', { url: 'ftp://x.io', events: ['all'] })).toMatchObject(invalidAt('url', 'events.0'));
  });

  it('carry the documented headers, body and signature', async () => {
    const { world, received, target, types } = await listening(['thread.*']);
    const thread = await world.open();
    await types();
    const [{ headers, body }] = received as [(typeof received)[0]];
    expect(JSON.parse(body)).toEqual({
      id: expect.stringMatching(/^evt_/),
      type: 'thread.created',
      created_at: '2026-01-05T09:00:00.002Z',
      data: thread,
    });
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Productlane-Webhooks/1.0',
      'productlane-event': 'thread.created',
      'productlane-event-id': JSON.parse(body).id,
      'productlane-delivery-id': expect.stringMatching(/^wdl_/),
      'productlane-webhook-id': target.id,
    });
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers.get('productlane-signature') ?? '') ?? [];
    expect(seconds).toBe(String(Date.UTC(2026, 0, 5, 9) / 1000));
    expect(hex).toBe(createHmac('sha256', target.secret).update(`${seconds}.${body}`).digest('hex'));
  });

  it.each([
    [6, [60, 300, 1800, 7200, 21_600, 86_400]],
    [3, [60, 300, 1800]],
  ] as const)('are retried %i times', async (webhookRetries, seconds) => {
    const { world, received, types } = await listening(['thread.*'], { webhookRetries }, Array(9).fill(500));
    await world.open();
    await types();
    for (const [index, delay] of seconds.entries()) {
      await world.emulator.clock.advance(delay * 1000 - 1);
      expect(received).toHaveLength(index + 1);
      await world.emulator.clock.advance(1);
      expect(received).toHaveLength(index + 2);
    }
    expect(world.emulator.webhooks.dead).toHaveLength(1);
    const named = (name: string) => new Set(received.map(({ headers }) => headers.get(name)));
    expect(named('productlane-event-id').size).toBe(1);
    expect(named('productlane-delivery-id').size).toBe(seconds.length + 1);
  });

  it('tell what happens to a thread', async () => {
    const { world, types } = await listening(['thread.*']);
    const { id } = await world.open();
    const [member] = world.emulator.state.members.keys();
    await world.patch(`/threads/${id}`, { title: 'x' });
    await world.patch(`/threads/${id}`, { assignee_id: member, tag_ids: [] });
    await world.patch(`/threads/${id}`, { status: 'snoozed', snoozed_until: '2026-01-05T10:00:00Z' });
    await world.emulator.clock.advance(3_600_000);
    await world.remove(`/threads/${id}`);
    expect(await types()).toEqual([
      'thread.created',
      'thread.updated',
      'thread.updated',
      'thread.assigned',
      'thread.tagged',
      'thread.updated',
      'thread.status_changed',
      'thread.updated',
      'thread.status_changed',
      'thread.deleted',
    ]);
  });

  it('tell what is said', async () => {
    const { world, types } = await listening(['message.*', 'comment.*']);
    const { id } = await world.open();
    await world.post(`/threads/${id}/messages`, { content: 'x' });
    world.emulator.receive(id, { text: 'y' });
    const { body } = await world.post(`/threads/${id}/comments`, { content: 'z' });
    await world.patch(`/threads/${id}/comments/${body.id}`, { content: 'zz' });
    await world.remove(`/threads/${id}/comments/${body.id}`);
    expect(await types()).toEqual([
      'message.sent',
      'message.received',
      'comment.created',
      'comment.updated',
      'comment.deleted',
    ]);
  });

  it('tell what happens to everything else', async () => {
    const { world, types } = await listening(['contact.*', 'company.*', 'tag.*', 'customer_need.*', 'membership.*']);
    const { id, contact } = await world.open();
    await world.post(`/threads/${id}/customer-needs`, { issue_ids: ['i'] });
    await world.patch(`/contacts/${contact.id}`, { name: 'x' });
    await world.remove(`/contacts/${contact.id}`);
    const company = (await world.post('/companies', { name: 'x' })).body;
    await world.patch(`/companies/${company.id}`, { name: 'y' });
    await world.remove(`/companies/${company.id}`);
    const group = (await world.post('/tags/groups', { name: 'x', color: 'y' })).body;
    const tag = (await world.post('/tags', { name: 'x', color: 'y', icon: 'z', tag_group_id: group.id })).body;
    await world.patch(`/tags/${tag.id}`, { name: 'y' });
    await world.remove(`/tags/${tag.id}`);
    await world.post('/members/invites', { email: 'a@b.io', name: 'x', role: 'USER' });
    await world.patch(`/members/${[...world.emulator.state.members.keys()][0]}`, { role: 'USER' });
    expect(await types()).toEqual([
      'contact.created',
      'customer_need.created',
      'contact.updated',
      'contact.deleted',
      'company.created',
      'company.updated',
      'company.deleted',
      'tag.created',
      'tag.updated',
      'tag.deleted',
      'membership.invited',
      'membership.role_changed',
    ]);
  });

  it('can arrive before the answer to the call that caused them', async () => {
    const order: string[] = [];
    const world = createWorld({
      async webhookFetch() {
        order.push('webhook');
        return new Response(null);
      },
    });
    await world.post('/webhooks', { url: 'https://app.invalid/hook', events: ['thread.*'] });
    await world.open();
    order.push('answer');
    expect(order).toEqual(['webhook', 'answer']);
  });
});

describe('seeds', () => {
  it('fill a workspace with threads of five messages', async () => {
    const { emulator, get } = createWorld({ seed: 'small' });
    const page = (await get('/threads?limit=200')).body;
    expect(page.data).toHaveLength(25);
    for (const { id } of page.data) expect((await get(`/threads/${id}/messages`)).body.data).toHaveLength(5);
    expect([emulator.state.contacts.size, emulator.state.companies.size, emulator.state.tags.size]).toEqual([10, 3, 3]);
    expect([emulator.postRoom.delivered, emulator.webhooks.attempts]).toEqual([[], []]);
  });

  it('can be large, and every thread is walked once', async () => {
    const { emulator, get } = createWorld({ seed: 'large' });
    const seen = new Set<string>();
    let cursor = '';
    do {
      const page = (await get(`/threads?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)).body;
      for (const { id } of page.data) seen.add(id);
      cursor = page.page.cursor ?? '';
    } while (cursor !== '');
    expect(seen.size).toBe(100_000);
    expect([...emulator.state.messages.values()].reduce((sum, messages) => sum + messages.length, 0)).toBe(400_000);
  });
});

describe('a snapshot', () => {
  it('keeps everything, deleted rows and running snoozes included', async () => {
    const before = createWorld({ seed: 'small' });
    const { id, contact } = await before.open();
    await before.patch(`/threads/${id}`, { status: 'snoozed', snoozed_until: '2026-01-05T10:00:00Z' });
    await before.post(`/threads/${id}/comments`, { content: 'x' });
    const gone = await before.open();
    await before.remove(`/threads/${gone.id}`);
    await before.post('/webhooks', { url: 'https://app.invalid/hook', events: ['thread.*'] });
    const snapshot = JSON.parse(JSON.stringify(before.emulator.snapshot()));

    const after = createWorld({ webhookFetch: async () => new Response(null) });
    after.emulator.restore(snapshot);
    expect(after.emulator.snapshot()).toEqual(before.emulator.snapshot());
    for (const path of [
      '/threads?limit=200',
      '/contacts',
      '/companies',
      '/tags',
      '/members',
      `/threads/${id}/comments`,
    ]) {
      expect((await after.get(path)).body).toEqual((await before.get(path)).body);
    }
    expect((await after.get(`/threads/${gone.id}`)).status).toBe(404);
    expect((await after.open()).contact.id).toBe(contact.id);
    await after.emulator.clock.advance(3_600_000);
    expect((await after.get(`/threads/${id}`)).body.status).toBe('open');
    expect(snapshot.threads.find((row: { id: string }) => row.id === id).status).toBe('snoozed');
  });

  it('of something else is refused, and nothing changes', async () => {
    const { emulator } = createWorld({ seed: 'small' });
    const before = emulator.snapshot();
    for (const data of [{}, null, { emulator: 'plain' }]) expect(() => emulator.restore(data)).toThrow(TypeError);
    expect(emulator.snapshot()).toEqual(before);
  });
});
