/** Every field of the vendor's pages for creating, changing and answering a thread reaches the desk. */
import { describe, expect, it } from 'vitest';
import { html, past, productlaneDesk, text, thread } from '../../desks.ts';

/** The bodies that were sent, by method and path. */
function recorded() {
  const bodies: Record<string, unknown>[] = [];
  const { emulator } = productlaneDesk();
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (typeof init?.body === 'string') bodies.push(JSON.parse(init.body));
    return emulator.fetch(input, init);
  };
  const { desk } = productlaneDesk({}, { fetch, apiKey: emulator.apiKey });
  return { bodies, emulator, desk };
}

async function workspace() {
  const made = recorded();
  const post = async (path: string, json: object) =>
    ((await made.desk.native.request('POST', path, { json })) as { id: string }).id;
  const group = await post('/tags/groups', { name: 'g', color: '#ff0000' });
  const tag = await post('/tags', { name: 'bug', color: '#ff0000', icon: 'Atom', tag_group_id: group });
  const company = await post('/companies', { name: 'Acme' });
  const user = [...made.emulator.state.members.keys()][0] ?? '';
  made.bodies.length = 0;
  return { ...made, tag, company, user };
}

describe('createThread', () => {
  it('sends every field of the page', async () => {
    const { desk, bodies, company, user } = await workspace();
    const productlane = {
      pain_level: 'UNKNOWN',
      status: 'done',
      origin: 'email',
      assignee_id: user,
      company_id: company,
      project_id: 'prj_1',
      issue_id: 'iss_1',
      created_at: past.toISOString(),
      updated_at: past.toISOString(),
      notify: { slack: true, email: false },
    } as const;
    const { value } = await desk.createThread({ ...thread, body: html('<p>x</p>'), providerOptions: { productlane } });
    expect(bodies).toEqual([
      {
        contact_email: 'ada@example.test',
        contact_name: 'Ada Lovelace',
        title: thread.title,
        text: '<p>x</p>',
        ...productlane,
      },
    ]);
    expect(value).toMatchObject({ status: { is: 'done' }, channel: { is: 'email' }, createdAt: past, updatedAt: past });
  });

  it('sends what the model says where the page is not asked for', async () => {
    const { desk, bodies } = await workspace();
    await desk.createThread(thread);
    expect(bodies).toEqual([
      {
        contact_email: 'ada@example.test',
        contact_name: 'Ada Lovelace',
        title: thread.title,
        text: '<p>It says no.</p>',
        pain_level: 'MEDIUM',
      },
    ]);
  });
});

describe('updateThread', () => {
  it('sends every field of the page', async () => {
    const { desk, bodies, tag, company, user } = await workspace();
    const { value } = await desk.createThread(thread);
    const other = (await desk.upsertContact({ email: 'grace@example.test' })).value.id;
    bodies.length = 0;
    const productlane = {
      text: '<p>new</p>',
      title: null,
      pain_level: 'LOW',
      assignee_id: user,
      contact_id: other,
      company_id: company,
      tag_ids: [tag],
      project_id: null,
      status: 'snoozed',
      snoozed_until: '2050-01-01T00:00:00Z',
      closed_loop: true,
      ai_draft_html: '<p>draft</p>',
      ai_draft_sources: [{ type: 'doc', title: 'T', identifier: 'i', url: 'https://example.test' }],
      clear_ai_draft_error: true,
      notify: { email: true },
    } as const;
    const after = await desk.updateThread(value.id, { providerOptions: { productlane } });
    expect(bodies).toEqual([productlane]);
    expect(after.value).toMatchObject({
      title: undefined,
      contact: { id: other },
      company: { id: company },
      labels: [{ id: tag }],
      status: { is: 'snoozed' },
    });
    expect((await desk.getContact(other)).companyId).toBe(company);
  });

  it('closes a thread for good', async () => {
    const { desk, bodies } = await workspace();
    const { value } = await desk.createThread(thread);
    bodies.length = 0;
    await desk.updateThread(value.id, {
      status: { is: 'done' },
      providerOptions: { productlane: { closed_loop: true } },
    });
    expect(bodies).toEqual([{ status: 'done', closed_loop: true }]);
  });

  it('clears with null', async () => {
    const { desk, user, company } = await workspace();
    const { value } = await desk.createThread({ ...thread, assigneeId: user, companyId: company });
    const after = await desk.updateThread(value.id, { assigneeId: null, companyId: null, labelIds: [] });
    expect(after.value).toMatchObject({ assignee: undefined, company: undefined, labels: [] });
  });
});

describe('reply', () => {
  it('sends every field of the page, and delivers once', async () => {
    const { desk, bodies, emulator } = await workspace();
    const { value } = await desk.createThread(thread);
    bodies.length = 0;
    const productlane = {
      cc: [{ email: 'cc@example.test', name: 'C', mailboxHash: 'h' }],
      bcc: [{ email: 'bcc@example.test' }],
      attachments: [
        {
          Name: 'a.pdf',
          ContentType: 'application/pdf',
          Content: 'https://files.example.test/a.pdf',
          ContentLength: 3,
          ContentID: 'c1',
        },
      ],
      channel_id: 'C1',
    } as const;
    const { value: sent } = await desk.reply({ threadId: value.id, body: text('x'), providerOptions: { productlane } });
    expect(bodies).toEqual([{ content: '<p>x</p>', ...productlane }]);
    expect(sent).toMatchObject({ threadId: value.id, channel: { is: 'email', raw: 'email' } });
    expect(emulator.postRoom.delivered).toHaveLength(1);
  });
});

describe('what only e-mail carries', () => {
  it('is reported as lost on another channel', async () => {
    const { desk } = productlaneDesk();
    const { value } = await desk.createThread({ ...thread, providerOptions: { productlane: { origin: 'live_chat' } } });
    const { losses } = await desk.reply({ threadId: value.id, body: text('x'), cc: [{ email: 'cc@example.test' }] });
    expect(losses).toMatchObject([{ field: 'cc', how: 'dropped' }]);
  });
});

describe('an option that is undefined', () => {
  it('does not erase what the model says', async () => {
    const { desk, bodies } = await workspace();
    await desk.createThread({
      ...thread,
      priority: 'low',
      providerOptions: { productlane: { pain_level: undefined } },
    });
    expect(bodies[0]).toMatchObject({ pain_level: 'LOW' });
  });

  it('is no loss where it says more than the model', async () => {
    const { desk } = productlaneDesk();
    const providerOptions = { productlane: { pain_level: 'LOW' } } as const;
    expect((await desk.createThread({ ...thread, priority: 'urgent', providerOptions })).losses).toEqual([]);
  });
});

describe('the base URL', () => {
  it('may end with a slash', async () => {
    const { emulator } = productlaneDesk();
    const { desk } = productlaneDesk(
      {},
      { fetch: emulator.fetch, apiKey: emulator.apiKey, ...{ baseUrl: `${emulator.baseUrl}/` } },
    );
    expect((await desk.check()).missing).toEqual([]);
  });
});

describe('a request of the caller', () => {
  it('is shown to observers without its path', async () => {
    const seen: string[] = [];
    const { desk } = productlaneDesk({}, { hooks: { onRequest: ({ path }) => void seen.push(path) } });
    await desk.native.request('GET', '/contacts?email=ada@example.test');
    expect(seen).toEqual(['native']);
  });
});

describe('reading', () => {
  it.each(['list', 'object'] as const)('takes a company whose external ids are a %s', async (companyExternalIds) => {
    const { desk } = productlaneDesk({ companyExternalIds });
    const company = ((await desk.native.request('POST', '/companies', { json: { name: 'Acme' } })) as { id: string })
      .id;
    const { value } = await desk.createThread({ ...thread, companyId: company });
    expect((await desk.getThread(value.id)).company).toEqual({ id: company, name: 'Acme' });
  });

  it('keeps unknown keys and words', async () => {
    const { desk, emulator } = productlaneDesk();
    const { value } = await desk.createThread(thread);
    const strange = {
      ...(value.raw as object),
      status: 'escalated',
      pain_level: 'EXTREME',
      origin: 'telepathy',
      mood: 'grim',
    };
    emulator.faults.next({ kind: 'status', status: 200, body: strange });
    expect(await desk.getThread(value.id)).toMatchObject({
      status: { is: 'open', raw: 'escalated' },
      priority: { is: 'normal', raw: 'EXTREME' },
      channel: { is: 'other', raw: 'telepathy' },
      raw: { mood: 'grim' },
    });
  });

  it('survives parts that are missing', async () => {
    const { desk, emulator } = productlaneDesk();
    const bare = {
      id: 't',
      pain_level: 'LOW',
      status: 'open',
      created_at: past.toISOString(),
      updated_at: past.toISOString(),
    };
    emulator.faults.next({ kind: 'status', status: 200, body: bare });
    expect(await desk.getThread('t')).toMatchObject({
      id: 't',
      title: undefined,
      contact: undefined,
      assignee: undefined,
      labels: [],
    });
  });
});
