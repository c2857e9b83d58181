import { describe, expect, it } from 'vitest';
import { createWorld, ids, invalidAt, minimal, refusedAs, type World } from './productlane.world.ts';

const memberOf = ({ emulator }: World): string => [...emulator.state.members.keys()][0]!;

const tagsIn = async (world: World, ...names: readonly string[]): Promise<string[]> => {
  const { body: group } = await world.post('/tags/groups', { name: 'Kind', color: '#000' });
  const made: string[] = [];
  for (const name of names) {
    made.push((await world.post('/tags', { name, color: '#f00', icon: 'x', tag_group_id: group.id })).body.id);
  }
  return made;
};

describe('opening a thread', () => {
  it('answers 200 with every documented field and no other', async () => {
    const world = createWorld();
    const { status, body } = await world.post('/threads', minimal);
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.any(String),
      created_at: '2026-01-05T09:00:00.001Z',
      updated_at: '2026-01-05T09:00:00.001Z',
      title: null,
      text: minimal.text,
      pain_level: 'LOW',
      origin: 'api',
      status: 'open',
      tab: 'new',
      snoozed_until: null,
      last_inbound_message_at: '2026-01-05T09:00:00.001Z',
      last_outbound_message_at: null,
      last_state_change_at: null,
      is_read: false,
      contact: {
        id: expect.any(String),
        email: minimal.contact_email,
        name: null,
        image_url: null,
        company_id: null,
        is_subscribed: true,
        external_ids: {},
        created_at: '2026-01-05T09:00:00.000Z',
        updated_at: '2026-01-05T09:00:00.000Z',
      },
      company: null,
      assignee: null,
      reporter: null,
      tags: [],
      customer_needs: [],
      external_ids: {},
      ai_draft_html: null,
      ai_draft_sources: null,
      ai_draft_generated_at: null,
      ai_draft_started_at: null,
      ai_draft_error_at: null,
    });
  });

  it('keeps the dates it is given, in UTC', async () => {
    const { open } = createWorld();
    expect(await open({ created_at: '2021-03-04T05:06:07+02:00', updated_at: '2021-03-05T00:00:00.5Z' })).toMatchObject(
      {
        created_at: '2021-03-04T03:06:07.000Z',
        updated_at: '2021-03-05T00:00:00.500Z',
      },
    );
  });

  it.each([
    ['text', ''],
    ['text', undefined],
    ['pain_level', 'low'],
    ['pain_level', undefined],
    ['contact_email', 'ann'],
    ['contact_email', undefined],
    ['title', 'x'.repeat(513)],
    ['title', null],
    ['status', 'closed'],
    ['origin', 'fax'],
    ['assignee_id', 'nobody'],
    ['company_id', 'nothing'],
    ['created_at', '2021-03-04'],
    ['created_at', '2021-03-04T05:06Z'],
    ['snoozed_until', '2027-01-01T00:00:00Z'],
    ['tag_ids', []],
    ['closed_loop', true],
    ['contact_id', 'con_1'],
    ['external_ids', {}],
  ])('refuses %s: %j', async (field, value) => {
    const { emulator, post } = createWorld();
    expect(await post('/threads', { ...minimal, [field]: value })).toMatchObject(invalidAt(field));
    expect([emulator.state.threads.size, emulator.state.contacts.size]).toEqual([0, 0]);
  });

  it('takes a title of 512 characters', async () => {
    const { open } = createWorld();
    expect((await open({ title: 'x'.repeat(512) })).title).toHaveLength(512);
  });

  it.each([
    ['open', 'new'],
    ['snoozed', 'snoozed'],
    ['done', 'done'],
  ])('as %s puts it in tab %s', async (status, tab) => {
    const { open } = createWorld();
    expect(await open({ status })).toMatchObject({ status, tab, snoozed_until: null });
  });

  it('as snoozed gives it no time to wake', async () => {
    const world = createWorld();
    const { id } = await world.open({ status: 'snoozed' });
    await world.emulator.clock.advance(365 * 86_400_000);
    expect((await world.get(`/threads/${id}`)).body.status).toBe('snoozed');
  });

  it('takes assignee, company, project and issue', async () => {
    const world = createWorld();
    const company = (await world.post('/companies', { name: 'Acme' })).body;
    const member = memberOf(world);
    expect(
      await world.open({ assignee_id: member, company_id: company.id, project_id: 'prj_1', issue_id: 'iss_1' }),
    ).toMatchObject({
      assignee: { id: member, name: 'Ada Brandt', email: 'ada@team.invalid', image_url: null },
      company: { id: company.id, name: 'Acme' },
      contact: { company_id: null },
      customer_needs: [{ project_id: 'prj_1', issue_id: 'iss_1', priority: 0 }],
    });
  });

  it('names the user of the key as reporter', async () => {
    const world = createWorld();
    const userId = memberOf(world);
    const { body } = await world.post('/threads', minimal, world.emulator.mintKey({ userId }));
    expect(body.reporter.id).toBe(userId);
  });

  it('refuses projects and issues without Linear', async () => {
    const world = createWorld({ integrations: ['email'] });
    expect(await world.post('/threads', { ...minimal, project_id: 'p' })).toMatchObject(invalidAt('project_id'));
    expect(await world.post('/threads', { ...minimal, issue_id: 'i' })).toMatchObject(invalidAt('issue_id'));
  });

  it('twice makes two threads', async () => {
    const world = createWorld();
    await world.open();
    await world.open();
    expect([world.emulator.state.threads.size, world.emulator.state.contacts.size]).toEqual([2, 1]);
  });

  it.each([
    ['published', 'productboard', 200],
    ['published', 'teams', 400],
    ['later', 'productboard', 400],
    ['later', 'teams', 200],
  ] as const)('by the %s specification with origin %s gives %i', async (specification, origin, status) => {
    expect((await createWorld({ specification }).post('/threads', { ...minimal, origin })).status).toBe(status);
  });

  it('keeps external ids by the later specification, and finds them', async () => {
    const world = createWorld({ specification: 'later' });
    const { id, external_ids } = await world.open({ external_ids: { plain: 'th_1' } });
    expect(external_ids).toEqual({ plain: 'th_1' });
    expect(ids(await world.get('/threads?external_id=th_1'))).toEqual([id]);
    expect((await world.patch(`/threads/${id}`, { external_ids: { zendesk: 'z' } })).body.external_ids).toEqual({
      zendesk: 'z',
    });
  });

  it('keeps or cleans the HTML, and limits it, as the switches say', async () => {
    const text = '<p>Hi</p><script>alert(1)</script>';
    expect((await createWorld().open({ text })).text).toBe(text);
    const storeHtml = (html: string): string => html.replace(/<script>.*<\/script>/, '');
    expect((await createWorld({ storeHtml }).open({ text })).text).toBe('<p>Hi</p>');
    const world = createWorld({ textLimit: 10 });
    expect(await world.post('/threads', { ...minimal, text: 'x'.repeat(11) })).toMatchObject(invalidAt('text'));
    expect((await world.open({ text: 'x'.repeat(10) })).text).toHaveLength(10);
  });
});

describe('the contact of a new thread', () => {
  it('is found by e-mail, and its name is left alone', async () => {
    const { emulator, open } = createWorld();
    const first = await open({ contact_name: 'Ann' });
    const second = await open({ contact_name: 'Anna' });
    expect(first.contact.name).toBe('Ann');
    expect(second.contact).toEqual(first.contact);
    expect(emulator.state.contacts.size).toBe(1);
  });

  it.each([
    ['insensitive', 1],
    ['sensitive', 2],
  ] as const)('is compared %s to case', async (emailCase, count) => {
    const { emulator, open } = createWorld({ emailCase });
    await open({ contact_email: 'ann@x.io' });
    await open({ contact_email: 'Ann@X.io' });
    expect(emulator.state.contacts.size).toBe(count);
  });

  it('brings its company along', async () => {
    const world = createWorld();
    const { id } = (await world.post('/companies', { name: 'Acme' })).body;
    await world.post('/contacts', { email: minimal.contact_email, company_id: id });
    expect((await world.open()).company.id).toBe(id);
  });

  it.each([
    ['forbidden', 403],
    ['accepted', 200],
  ] as const)('is %s when its address or domain is blocked', async (blockedSender, status) => {
    const world = createWorld({ blockedSender });
    await world.post('/contacts/blocked-senders', { type: 'EMAIL', value: 'Spam@Ads.io' });
    await world.post('/contacts/blocked-senders', { type: 'DOMAIN', value: 'junk.io' });
    const open = (contact_email: string) => world.post('/threads', { ...minimal, contact_email });
    expect((await open('spam@ads.io')).status).toBe(status);
    expect((await open('any@JUNK.io')).status).toBe(status);
    expect((await open('good@ads.io')).status).toBe(200);
  });
});

describe('changing a thread', () => {
  it('changes only what is named', async () => {
    const world = createWorld();
    const before = await world.open({ title: 'Old' });
    const { body } = await world.patch(`/threads/${before.id}`, {
      title: 'New',
      text: '<p>New</p>',
      pain_level: 'HIGH',
    });
    expect(body).toEqual({
      ...before,
      title: 'New',
      text: '<p>New</p>',
      pain_level: 'HIGH',
      updated_at: expect.any(String),
    });
    expect(body.updated_at > before.updated_at).toBe(true);
    expect((await world.patch(`/threads/${before.id}`, { title: null })).body.title).toBeNull();
  });

  it.each([
    ['text', ''],
    ['title', 'x'.repeat(513)],
    ['pain_level', 'NONE'],
    ['assignee_id', 'nobody'],
    ['contact_id', 'nobody'],
    ['contact_id', null],
    ['company_id', 'nothing'],
    ['status', 'new'],
    ['snoozed_until', 'tomorrow'],
    ['origin', 'email'],
    ['created_at', '2021-01-01T00:00:00Z'],
    ['updated_at', '2021-01-01T00:00:00Z'],
    ['issue_id', 'i'],
    ['external_ids', {}],
    ['tab', 'done'],
  ])('refuses %s: %j', async (field, value) => {
    const world = createWorld();
    const before = await world.open();
    expect(await world.patch(`/threads/${before.id}`, { [field]: value })).toMatchObject(invalidAt(field));
    expect((await world.get(`/threads/${before.id}`)).body).toEqual(before);
  });

  it('assigns and takes back', async () => {
    const world = createWorld();
    const { id } = await world.open();
    const member = memberOf(world);
    expect((await world.patch(`/threads/${id}`, { assignee_id: member })).body.assignee.id).toBe(member);
    expect((await world.patch(`/threads/${id}`, { assignee_id: null })).body.assignee).toBeNull();
  });

  it('moves it to another contact', async () => {
    const world = createWorld();
    const thread = await world.open();
    const other = (await world.post('/contacts', { email: 'bob@customer.invalid' })).body;
    expect((await world.patch(`/threads/${thread.id}`, { contact_id: other.id })).body.contact.id).toBe(other.id);
    expect(ids(await world.get(`/threads?contact_id=${other.id}`))).toEqual([thread.id]);
    expect(ids(await world.get(`/threads?contact_id=${thread.contact.id}`))).toEqual([]);
  });

  it('moves the contact to the company, too', async () => {
    const world = createWorld();
    const { id, contact } = await world.open();
    const company = (await world.post('/companies', { name: 'Acme' })).body;
    expect((await world.patch(`/threads/${id}`, { company_id: company.id })).body).toMatchObject({
      company: { id: company.id },
      contact: { company_id: company.id },
    });
    expect((await world.get(`/contacts/${contact.id}`)).body.company_id).toBe(company.id);
    expect((await world.patch(`/threads/${id}`, { company_id: null })).body).toMatchObject({
      company: null,
      contact: { company_id: null },
    });
  });

  it('replaces the whole set of tags, or nothing', async () => {
    const world = createWorld();
    const { id } = await world.open();
    const [one, two] = await tagsIn(world, 'one', 'two');
    const tags = async (tag_ids: unknown): Promise<string[]> =>
      (await world.patch(`/threads/${id}`, { tag_ids })).body.tags.map((tag: { id: string }) => tag.id);
    expect(await tags([one])).toEqual([one]);
    expect(await tags([two, two])).toEqual([two]);
    expect(await world.patch(`/threads/${id}`, { tag_ids: [one, 'none'], title: 'x' })).toMatchObject(
      invalidAt('tag_ids.1'),
    );
    expect(await world.patch(`/threads/${id}`, { tag_ids: [7] })).toMatchObject(invalidAt('tag_ids.0'));
    expect((await world.get(`/threads/${id}`)).body).toMatchObject({ title: null, tags: [{ id: two }] });
    expect(await tags([])).toEqual([]);
  });

  it('links and unlinks a project, and leaves issues linked', async () => {
    const world = createWorld();
    const { id } = await world.open({ issue_id: 'iss_1' });
    const needs = async (project_id: string | null) =>
      (await world.patch(`/threads/${id}`, { project_id })).body.customer_needs;
    expect(await needs('prj_1')).toMatchObject([{ issue_id: 'iss_1' }, { project_id: 'prj_1' }]);
    expect(await needs('prj_2')).toMatchObject([{ issue_id: 'iss_1' }, { project_id: 'prj_2' }]);
    expect(await needs(null)).toMatchObject([{ issue_id: 'iss_1' }]);
  });

  it('notifies the team and never the contact', async () => {
    const world = createWorld();
    const { id } = await world.open({ notify: { slack: true } });
    await world.patch(`/threads/${id}`, { title: 'x', notify: { email: true, slack: false } });
    await world.patch(`/threads/${id}`, { title: 'y' });
    expect(world.emulator.postRoom.notices).toMatchObject([
      { channel: 'slack', threadId: id, about: 'thread.created' },
      { channel: 'email', threadId: id, about: 'thread.updated' },
    ]);
    expect(world.emulator.postRoom.delivered).toEqual([]);
  });

  it('stamps a draft, clears what failed before it, and clears the draft', async () => {
    const world = createWorld();
    const { id } = await world.open();
    const row = world.emulator.state.threads.get(id)!;
    row.ai_draft = { html: null, sources: null, generated_at: null, started_at: 'then', error_at: 'then' };
    const sources = [{ type: 'doc', title: 'Guide', url: 'https://x.io' }];
    expect(
      (await world.patch(`/threads/${id}`, { ai_draft_html: '<p>Try</p>', ai_draft_sources: sources })).body,
    ).toMatchObject({
      ai_draft_html: '<p>Try</p>',
      ai_draft_sources: sources,
      ai_draft_generated_at: expect.any(String),
      ai_draft_started_at: null,
      ai_draft_error_at: null,
    });
    expect((await world.patch(`/threads/${id}`, { ai_draft_html: '' })).body).toMatchObject({
      ai_draft_html: null,
      ai_draft_generated_at: null,
      ai_draft_sources: sources,
    });
    expect((await world.patch(`/threads/${id}`, { ai_draft_sources: null })).body.ai_draft_sources).toBeNull();
    expect(await world.patch(`/threads/${id}`, { ai_draft_sources: [{ type: 'doc' }] })).toMatchObject(
      invalidAt('ai_draft_sources.0.title'),
    );
  });

  it('dismisses a failed draft', async () => {
    const world = createWorld();
    const { id } = await world.open();
    world.emulator.state.threads.get(id)!.ai_draft = {
      html: null,
      sources: null,
      generated_at: null,
      started_at: null,
      error_at: 'then',
    };
    expect((await world.get(`/threads/${id}`)).body.ai_draft_error_at).toBe('then');
    expect((await world.patch(`/threads/${id}`, { clear_ai_draft_error: true })).body.ai_draft_error_at).toBeNull();
  });
});

describe('the status of a thread', () => {
  it('cannot be snoozed without an end', async () => {
    const world = createWorld();
    const { id } = await world.open();
    expect(await world.patch(`/threads/${id}`, { status: 'snoozed' })).toMatchObject(invalidAt('snoozed_until'));
  });

  it('opens by itself when the snooze is over', async () => {
    const world = createWorld();
    const { id } = await world.open();
    const snoozed_until = '2026-01-05T10:00:00.000Z';
    expect((await world.patch(`/threads/${id}`, { status: 'snoozed', snoozed_until })).body).toMatchObject({
      status: 'snoozed',
      tab: 'snoozed',
      snoozed_until,
    });
    await world.emulator.clock.advance(59 * 60_000);
    expect((await world.get(`/threads/${id}`)).body.status).toBe('snoozed');
    await world.emulator.clock.advance(60_000);
    expect((await world.get(`/threads/${id}`)).body).toMatchObject({
      status: 'open',
      tab: 'open',
      snoozed_until: null,
    });
  });

  it('sleeps until the newest end, and not at all after it was opened', async () => {
    const world = createWorld();
    const { id } = await world.open();
    await world.patch(`/threads/${id}`, { status: 'snoozed', snoozed_until: '2026-01-05T10:00:00Z' });
    await world.patch(`/threads/${id}`, { snoozed_until: '2026-01-05T12:00:00Z' });
    await world.emulator.clock.advance(2 * 3_600_000);
    expect((await world.get(`/threads/${id}`)).body.status).toBe('snoozed');
    await world.patch(`/threads/${id}`, { status: 'done' });
    await world.emulator.clock.advance(2 * 3_600_000);
    expect((await world.get(`/threads/${id}`)).body).toMatchObject({ status: 'done', snoozed_until: null });
  });

  it('opens at once when the end has passed', async () => {
    const world = createWorld();
    const { id } = await world.open();
    expect(
      (await world.patch(`/threads/${id}`, { status: 'snoozed', snoozed_until: '2020-01-01T00:00:00Z' })).body,
    ).toMatchObject({ status: 'open', tab: 'open', snoozed_until: null });
  });

  it('ignores an end without a snooze', async () => {
    const world = createWorld();
    const { id } = await world.open();
    expect((await world.patch(`/threads/${id}`, { snoozed_until: '2027-01-01T00:00:00Z' })).body).toMatchObject({
      status: 'open',
      snoozed_until: null,
    });
  });

  it('stays new when `open` is written on a new thread, and is not new again after done', async () => {
    const world = createWorld();
    const { id } = await world.open();
    const tab = async (status: string) => (await world.patch(`/threads/${id}`, { status })).body.tab;
    expect(await tab('open')).toBe('new');
    expect(await tab('done')).toBe('done');
    expect(await tab('open')).toBe('open');
  });

  it('keeps `closed_loop` to itself', async () => {
    const world = createWorld();
    const { id } = await world.open();
    const { body } = await world.patch(`/threads/${id}`, { status: 'done', closed_loop: true });
    expect(body).not.toHaveProperty('closed_loop');
    expect(world.emulator.state.threads.get(id)?.closed_loop).toBe(true);
    await world.patch(`/threads/${id}`, { status: 'open', closed_loop: true });
    expect(world.emulator.state.threads.get(id)?.closed_loop).toBe(false);
  });

  it('tells when it last changed', async () => {
    const world = createWorld();
    const { id } = await world.open();
    const first = (await world.patch(`/threads/${id}`, { status: 'done' })).body;
    expect(first.last_state_change_at).toBe(first.updated_at);
    const second = (await world.patch(`/threads/${id}`, { status: 'done' })).body;
    expect(second.last_state_change_at).toBe(first.last_state_change_at);
  });

  it('conflicts when a live chat is closed twice', async () => {
    const world = createWorld();
    const { id } = await world.open({ origin: 'live_chat' });
    await world.patch(`/threads/${id}`, { status: 'done' });
    expect(await world.patch(`/threads/${id}`, { status: 'done' })).toMatchObject(refusedAs(409, 'conflict'));
  });
});

describe('the tabs of a user', () => {
  it('hold what is assigned and what waits for an answer', async () => {
    const world = createWorld();
    const userId = memberOf(world);
    const key = world.emulator.mintKey({ userId });
    const { id: mine } = await world.open({ assignee_id: userId });
    const { id: nobodys } = await world.open();
    const { id: done } = await world.open({ assignee_id: userId, status: 'done' });
    expect(ids(await world.get('/threads?tab=my', key))).toEqual([mine]);
    expect(ids(await world.get('/threads?tab=needs-response', key))).toEqual([nobodys, mine]);
    await world.post(`/threads/${mine}/messages`, { content: 'Hi' });
    expect(ids(await world.get('/threads?tab=needs-response', key))).toEqual([nobodys]);
    expect(ids(await world.get('/threads?tab=new', key))).toEqual([nobodys]);
    expect(ids(await world.get('/threads?tab=open', key))).toEqual([mine]);
    expect(ids(await world.get('/threads?tab=done', key))).toEqual([done]);
  });

  it('are refused or empty for a key of no user', async () => {
    const refused = createWorld({ tabWithoutUser: 'refused' });
    const empty = createWorld({ tabWithoutUser: 'empty' });
    await empty.open();
    for (const tab of ['my', 'needs-response']) {
      expect(await refused.get(`/threads?tab=${tab}`)).toMatchObject(invalidAt('tab'));
      expect(ids(await empty.get(`/threads?tab=${tab}`))).toEqual([]);
    }
  });
});

describe('deleting a thread', () => {
  it.each([
    ['result', 200, (id: string) => ({ id, deleted: true })],
    ['thread', 200, (id: string) => expect.objectContaining({ id, text: minimal.text })],
    ['empty', 204, () => undefined],
  ] as const)('answers with %s', async (deletedThread, status, body) => {
    const world = createWorld({ deletedThread });
    const { id } = await world.open();
    const answer = await world.remove(`/threads/${id}`);
    expect([answer.status, answer.body]).toEqual([status, body(id)]);
  });

  it('hides it from every call, and keeps it in the table', async () => {
    const world = createWorld();
    const { id, contact } = await world.open();
    await world.remove(`/threads/${id}`);
    const gone = refusedAs(404, 'not_found');
    expect(await world.get(`/threads/${id}`)).toMatchObject(gone);
    expect(await world.patch(`/threads/${id}`, {})).toMatchObject(gone);
    expect(await world.remove(`/threads/${id}`)).toMatchObject(gone);
    expect(await world.get(`/threads/${id}/messages`)).toMatchObject(gone);
    expect(await world.post(`/threads/${id}/messages`, { content: 'x' })).toMatchObject(gone);
    expect(await world.post(`/threads/${id}/comments`, { content: 'x' })).toMatchObject(gone);
    expect(ids(await world.get('/threads'))).toEqual([]);
    expect(ids(await world.get(`/threads?contact_id=${contact.id}`))).toEqual([]);
    expect(world.emulator.state.threads.get(id)?.deleted_at).toEqual(expect.any(String));
  });
});

describe('links to Linear', () => {
  it('are added to the thread', async () => {
    const world = createWorld();
    const { id } = await world.open();
    const body = { issue_ids: ['i1', 'i2'], project_ids: ['p1'], priority: 2 };
    expect((await world.post(`/threads/${id}/customer-needs`, body)).body.data).toHaveLength(3);
    expect((await world.get(`/threads/${id}`)).body.customer_needs).toMatchObject([
      { thread_id: id, issue_id: 'i1', project_id: null, priority: 2 },
      { issue_id: 'i2' },
      { issue_id: null, project_id: 'p1' },
    ]);
  });

  it('need Linear', async () => {
    const world = createWorld({ integrations: ['email'] });
    const { id } = await world.open();
    expect((await world.post(`/threads/${id}/customer-needs`, { issue_ids: ['i'] })).status).toBe(400);
  });
});
