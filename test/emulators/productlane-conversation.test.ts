import { describe, expect, it } from 'vitest';
import { createWorld, ids, invalidAt, minimal, refusedAs } from './productlane.world.ts';

describe('the messages of a thread', () => {
  it('begin with one made from the thread', async () => {
    const { open, get } = createWorld();
    const { id, created_at } = await open({
      title: 'Broken',
      text: '<p>It &amp; that<br>broke</p>',
      contact_name: 'Ann',
    });
    expect((await get(`/threads/${id}/messages`)).body.data).toEqual([
      {
        id: expect.any(String),
        created_at,
        thread_id: id,
        type: 'feedback',
        direction: 'inbound',
        subject: 'Broken',
        text: 'It & that\nbroke',
        html: '<p>It &amp; that<br>broke</p>',
        from: { email: minimal.contact_email, name: 'Ann', mailboxHash: '' },
        to: [{ email: 'support@productlane.invalid', name: 'Support', mailboxHash: '' }],
        cc: [],
        bcc: [],
        attachments: [],
        user_id: null,
      },
    ]);
  });

  it('follow the text of the thread when it is changed', async () => {
    const { open, get, patch } = createWorld();
    const { id } = await open();
    await patch(`/threads/${id}`, { text: '<p>Rewritten</p>' });
    expect((await get(`/threads/${id}/messages`)).body.data).toMatchObject([{ html: '<p>Rewritten</p>' }]);
  });

  it('are oldest first, or newest first when asked, page by page', async () => {
    const { open, get, post } = createWorld();
    const { id } = await open();
    for (const content of ['one', 'two']) await post(`/threads/${id}/messages`, { content });
    const path = `/threads/${id}/messages`;
    const all = ids(await get(path));
    expect(all).toHaveLength(3);
    expect(ids(await get(`${path}?order=desc`))).toEqual(all.toReversed());
    for (const [order, expected] of [
      ['asc', all],
      ['desc', all.toReversed()],
    ] as const) {
      const first = await get(`${path}?order=${order}&limit=2`);
      const cursor = encodeURIComponent(first.body.page.cursor);
      const second = await get(`${path}?order=${order}&limit=2&cursor=${cursor}`);
      expect([...ids(first), ...ids(second)]).toEqual(expected);
    }
  });

  it('refuse a cursor of the other order', async () => {
    const { open, get, post } = createWorld();
    const { id } = await open();
    await post(`/threads/${id}/messages`, { content: 'one' });
    const { cursor } = (await get(`/threads/${id}/messages?limit=1`)).body.page;
    const turned = await get(`/threads/${id}/messages?limit=1&order=desc&cursor=${encodeURIComponent(cursor)}`);
    expect(turned).toMatchObject(refusedAs(422, 'unprocessable'));
  });

  it('are filtered by type, direction, user, words and dates', async () => {
    const { emulator, open, get, post } = createWorld();
    const [userId] = emulator.state.members.keys();
    const { id } = await open();
    const path = `/threads/${id}/messages`;
    const sent = (await post(path, { content: '<p>Try <b>again</b></p>' }, emulator.mintKey({ userId: userId! }))).body
      .id;
    const received = emulator.receive(id, { text: 'No luck' }).id;
    const [feedback] = ids(await get(path));
    const found = async (query: string) => ids(await get(`${path}?${query}`));
    expect(await found('type=email')).toEqual([sent, received]);
    expect(await found('type=feedback')).toEqual([feedback]);
    expect(await found('direction=inbound')).toEqual([feedback, received]);
    expect(await found('direction=outbound')).toEqual([sent]);
    expect(await found(`user_id=${userId}`)).toEqual([sent]);
    expect(await found('q=TRY+AGAIN')).toEqual([sent]);
    expect(await found(`created_after=${emulator.state.messages.get(id)?.[0]?.created_at}`)).toEqual([received]);
    expect(await get(`${path}?type=fax`)).toMatchObject(invalidAt('type'));
  });

  it('of a user leave live chat out', async () => {
    const { emulator, open, get, post } = createWorld();
    const [userId] = emulator.state.members.keys();
    const { id } = await open({ origin: 'live_chat' });
    await post(`/threads/${id}/messages`, { content: 'Hi' }, emulator.mintKey({ userId: userId! }));
    expect(ids(await get(`/threads/${id}/messages?user_id=${userId}`))).toEqual([]);
  });

  it.each([
    ['present', { type: 'email', direction: 'outbound' }],
    ['absent', {}],
  ] as const)('have type and direction %s', async (messageKind, kind) => {
    const { open, get, post } = createWorld({ messageKind });
    const { id } = await open();
    await post(`/threads/${id}/messages`, { content: 'Hi' });
    const { type, direction } = (await get(`/threads/${id}/messages`)).body.data[1];
    expect({ type, direction }).toEqual(kind);
  });

  it('can show addresses as strings', async () => {
    const { open, get } = createWorld({ messageAddresses: 'strings' });
    const { id } = await open();
    expect((await get(`/threads/${id}/messages`)).body.data).toMatchObject([
      { from: minimal.contact_email, to: ['support@productlane.invalid'] },
    ]);
  });
});

describe('sending a message', () => {
  it.each([
    ['email', 'email', 'email'],
    ['api', 'email', 'email'],
    ['portal', 'email', 'email'],
    ['plain', 'email', 'email'],
    ['slack', 'slack', 'slack'],
    ['slack_connect', 'slack', 'slack'],
    ['live_chat', 'live_chat', 'live_chat'],
    ['in_app', 'live_chat', 'live_chat'],
  ])('on a thread from %s delivers by %s', async (origin, channel, type) => {
    const { emulator, open, get, post } = createWorld();
    const { id } = await open({ origin });
    const body = { content: '<p>Hi</p>', ...(channel === 'slack' && { channel_id: 'C1' }) };
    const sent = await post(`/threads/${id}/messages`, body);
    expect(sent).toMatchObject({ status: 200, body: { id: expect.any(String), thread_id: id, channel } });
    expect(Object.keys(sent.body)).toEqual(['id', 'thread_id', 'channel']);
    expect(emulator.postRoom.delivered).toMatchObject([
      {
        channel: channel === 'live_chat' ? 'chat' : channel,
        threadId: id,
        messageId: sent.body.id,
        to: [{ email: minimal.contact_email }],
        body: '<p>Hi</p>',
      },
    ]);
    expect((await get(`/threads/${id}/messages?direction=outbound`)).body.data).toMatchObject([
      { id: sent.body.id, type },
    ]);
  });

  it('on a thread from Teams is listed as chat', async () => {
    const { open, get, post } = createWorld({ specification: 'later' });
    const { id } = await open({ origin: 'teams' });
    expect((await post(`/threads/${id}/messages`, { content: 'Hi' })).body.channel).toBe('teams');
    expect((await get(`/threads/${id}/messages?type=chat`)).body.data).toHaveLength(1);
  });

  it('twice delivers twice', async () => {
    const { emulator, open, post } = createWorld();
    const { id } = await open();
    await post(`/threads/${id}/messages`, { content: 'Hi' });
    await post(`/threads/${id}/messages`, { content: 'Hi' });
    expect(emulator.postRoom.deliveredTo('ANN@customer.invalid')).toHaveLength(2);
  });

  it('needs the integration of its channel', async () => {
    const { emulator, open, post } = createWorld({ integrations: ['slack'] });
    const { id } = await open();
    expect(await post(`/threads/${id}/messages`, { content: 'Hi' })).toMatchObject({
      status: 400,
      body: { error: { code: 'validation_failed' } },
    });
    expect(emulator.postRoom.delivered).toEqual([]);
    expect(emulator.state.messages.size).toBe(0);
  });

  it('to Slack needs a channel unless the thread stores one', async () => {
    const { emulator, open, post } = createWorld();
    const { id } = await open({ origin: 'slack' });
    expect(await post(`/threads/${id}/messages`, { content: 'Hi' })).toMatchObject(invalidAt('channel_id'));
    emulator.state.threads.get(id)!.external_ids = { slack_channel: 'C1' };
    expect((await post(`/threads/${id}/messages`, { content: 'Hi' })).status).toBe(200);
  });

  it('takes copies and files along by mail', async () => {
    const { emulator, open, get, post } = createWorld();
    const { id } = await open({ title: 'Broken' });
    const file = { Name: 'a.pdf', ContentType: 'application/pdf', Content: 'https://files.x.io/a.pdf' };
    await post(`/threads/${id}/messages`, {
      content: 'Hi',
      cc: [{ email: 'cc@x.io', name: 'Cc' }],
      bcc: [{ email: 'bcc@x.io' }],
      attachments: [file],
    });
    expect(emulator.postRoom.delivered).toMatchObject([
      {
        subject: 'Broken',
        cc: [{ email: 'cc@x.io', name: 'Cc' }],
        bcc: [{ email: 'bcc@x.io' }],
        attachments: [file.Content],
      },
    ]);
    expect((await get(`/threads/${id}/messages`)).body.data[1]).toMatchObject({
      cc: [{ email: 'cc@x.io', name: 'Cc', mailboxHash: '' }],
      attachments: [{ ...file, ContentLength: null }],
    });
    expect(emulator.postRoom.deliveredTo('bcc@x.io')).toHaveLength(1);
  });

  it('drops copies and files on any other channel', async () => {
    const { emulator, open, post } = createWorld();
    const { id } = await open({ origin: 'live_chat' });
    const body = { content: 'Hi', cc: [{ email: 'cc@x.io' }], bcc: [{ email: 'bcc@x.io' }] };
    expect((await post(`/threads/${id}/messages`, body)).status).toBe(200);
    expect(emulator.postRoom.delivered).toMatchObject([{ cc: [], bcc: [], attachments: [] }]);
  });

  it.each([
    ['content', { content: '' }],
    ['content', {}],
    ['cc.0.email', { content: 'x', cc: [{ email: 'nobody' }] }],
    ['cc.0.email', { content: 'x', cc: [{ email: `${'x'.repeat(250)}@x.io` }] }],
    ['bcc.0.title', { content: 'x', bcc: [{ email: 'a@x.io', title: 'Dr' }] }],
    [
      'attachments.0.Content',
      { content: 'x', attachments: [{ Name: 'a', ContentType: 'b', Content: 'http://x.io/a' }] },
    ],
    ['attachments.0.Content', { content: 'x', attachments: [{ Name: 'a', ContentType: 'b', Content: 'aGk=' }] }],
    ['attachments.0.Name', { content: 'x', attachments: [{ Name: '', ContentType: 'b', Content: 'https://x.io/a' }] }],
    ['author', { content: 'x', author: 'me' }],
    ['created_at', { content: 'x', created_at: '2021-01-01T00:00:00Z' }],
    ['text', { content: 'x', text: 'y' }],
  ])('refuses %s in %j', async (path, body) => {
    const { emulator, open, post } = createWorld();
    const { id } = await open();
    expect(await post(`/threads/${id}/messages`, body)).toMatchObject(invalidAt(path));
    expect(emulator.postRoom.delivered).toEqual([]);
  });

  it('takes an author by the later specification', async () => {
    const { open, post } = createWorld({ specification: 'later' });
    const { id } = await open();
    expect((await post(`/threads/${id}/messages`, { content: 'x', author: { name: 'Me' } })).status).toBe(200);
  });

  it('is impossible when the contact is gone', async () => {
    const { open, post, remove } = createWorld();
    const { id, contact } = await open();
    await remove(`/contacts/${contact.id}`);
    expect(await post(`/threads/${id}/messages`, { content: 'x' })).toMatchObject(refusedAs(422, 'unprocessable'));
  });

  it('marks the thread as read, answered and not new', async () => {
    const { open, get, post } = createWorld();
    const { id } = await open();
    await post(`/threads/${id}/messages`, { content: 'x' });
    expect((await get(`/threads/${id}`)).body).toMatchObject({
      is_read: true,
      tab: 'open',
      last_outbound_message_at: expect.any(String),
    });
  });

  it.each([
    [true, 'done', 'open'],
    [true, 'snoozed', 'open'],
    [false, 'done', 'done'],
    [false, 'snoozed', 'snoozed'],
  ])('with replyReopens %s leaves a thread that is %s as %s', async (replyReopens, before, after) => {
    const { open, get, post } = createWorld({ replyReopens });
    const { id } = await open({ status: before });
    await post(`/threads/${id}/messages`, { content: 'x' });
    expect((await get(`/threads/${id}`)).body.status).toBe(after);
  });
});

describe("a contact's message", () => {
  it('arrives by the channel of the thread and opens it', async () => {
    const { emulator, open, get } = createWorld();
    const { id } = await open({ status: 'done', origin: 'slack' });
    const { id: messageId } = emulator.receive(id, { text: 'a < b' });
    expect((await get(`/threads/${id}/messages`)).body.data[1]).toMatchObject({
      id: messageId,
      type: 'slack',
      direction: 'inbound',
      html: '<p>a &lt; b</p>',
      text: 'a < b',
      from: { email: minimal.contact_email },
    });
    expect((await get(`/threads/${id}`)).body).toMatchObject({
      status: 'open',
      is_read: false,
      last_inbound_message_at: emulator.state.messages.get(id)?.[0]?.created_at,
    });
    expect(emulator.postRoom.delivered).toEqual([]);
  });

  it('cannot come from a blocked sender or to a thread that is gone', async () => {
    const { emulator, open, post, remove } = createWorld();
    const { id } = await open();
    const { body } = await post('/contacts/blocked-senders', { type: 'EMAIL', value: minimal.contact_email });
    expect(() => emulator.receive(id, { text: 'x' })).toThrow('blocked');
    await remove(`/contacts/blocked-senders/${body.id}`);
    expect(emulator.receive(id, { html: '<p>x</p>', subject: 'Re' }).id).toEqual(expect.any(String));
    await remove(`/threads/${id}`);
    expect(() => emulator.receive(id, { text: 'x' })).toThrow('not found');
  });
});

describe('updated_at of a thread', () => {
  it.each([
    [['message'], true, false],
    [['comment'], false, true],
    [[], false, false],
  ] as const)('moves with %j', async (touchedBy, byMessage, byComment) => {
    const { open, get, post } = createWorld({ touchedBy });
    const { id, updated_at } = await open();
    await post(`/threads/${id}/messages`, { content: 'x' });
    const second = (await get(`/threads/${id}`)).body.updated_at;
    expect(second > updated_at).toBe(byMessage);
    await post(`/threads/${id}/comments`, { content: 'x' });
    expect((await get(`/threads/${id}`)).body.updated_at > second).toBe(byComment);
  });
});

describe('comments', () => {
  it('stay inside', async () => {
    const { emulator, open, get, post } = createWorld();
    const { id } = await open();
    const { body } = await post(`/threads/${id}/comments`, { content: '<p>Psst</p>', attachments: ['https://x.io/a'] });
    expect(body).toEqual({
      id: expect.any(String),
      thread_id: id,
      content: '<p>Psst</p>',
      attachments: ['https://x.io/a'],
      user_id: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect(emulator.postRoom.delivered).toEqual([]);
    expect((await get(`/threads/${id}/messages`)).body.data).toHaveLength(1);
    expect((await get(`/threads/${id}/comments`)).body.data).toEqual([body]);
  });

  it('are changed and deleted', async () => {
    const { open, get, post, patch, remove } = createWorld();
    const { id } = await open();
    const { body } = await post(`/threads/${id}/comments`, { content: 'one' });
    const path = `/threads/${id}/comments/${body.id}`;
    expect((await patch(path, { content: 'two' })).body).toMatchObject({ content: 'two', created_at: body.created_at });
    expect((await remove(path)).body).toEqual({ id: body.id, deleted: true });
    expect((await get(`/threads/${id}/comments`)).body.data).toEqual([]);
    expect(await patch(path, { content: 'x' })).toMatchObject(refusedAs(404, 'not_found'));
    expect(await remove(path)).toMatchObject(refusedAs(404, 'not_found'));
  });

  it.each([
    ['desc', ['two', 'one']],
    ['asc', ['one', 'two']],
  ] as const)('are listed %s', async (commentsOrder, contents) => {
    const { open, get, post } = createWorld({ commentsOrder });
    const { id } = await open();
    for (const content of ['one', 'two']) await post(`/threads/${id}/comments`, { content });
    const { data } = (await get(`/threads/${id}/comments`)).body;
    expect(data.map((comment: { content: string }) => comment.content)).toEqual(contents);
  });

  it('need content and nothing unknown', async () => {
    const { open, post } = createWorld();
    const { id } = await open();
    expect(await post(`/threads/${id}/comments`, { text: 'x' })).toMatchObject(invalidAt('content', 'text'));
  });
});

describe('expand', () => {
  it('adds messages and comments, oldest first, and ignores what it does not know', async () => {
    const { open, get, post } = createWorld();
    const thread = await open();
    for (const content of ['one', 'two']) await post(`/threads/${thread.id}/comments`, { content });
    const path = `/threads/${thread.id}`;
    expect((await get(`${path}?expand=nothing`)).body).toEqual(thread);
    expect((await get(`${path}?expand=messages`)).body).toMatchObject({ messages: [{ type: 'feedback' }] });
    const { body } = await get(`${path}?expand=comments,messages,nothing`);
    expect(body).toMatchObject({ messages: [{}], comments: [{ content: 'one' }, { content: 'two' }] });
    expect(await get(`${path}?include=messages`)).toMatchObject(invalidAt('include'));
  });

  it('may be capped', async () => {
    const { open, get, post } = createWorld({ expandLimit: 1 });
    const { id } = await open();
    for (const content of ['one', 'two']) await post(`/threads/${id}/comments`, { content });
    expect((await get(`/threads/${id}?expand=comments`)).body.comments).toMatchObject([{ content: 'one' }]);
  });
});
