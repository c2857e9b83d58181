import { describe, expect, it } from 'vitest';
import type { EntryContent } from '../../src/emulators/plain/entries.ts';
import { plainWorld } from './plain-world.ts';

const first = [{ componentText: { text: 'Help' } }];
const slack = { slack: { slackChannelId: 'C1', slackTeamId: 'T1' } };
const msTeams = { msTeams: { msTeamsChannelId: 'C1', msTeamsTeamId: 'T1' } };

async function started(options: Parameters<typeof plainWorld>[0] = {}, input: object = { components: first }) {
  const world = plainWorld(options);
  const customerId = await world.addCustomer();
  const threadId = await world.addThread(customerId, input);
  const { postRoom } = world.emulator;
  const own = () => world.thread(threadId);
  const reply = (extra: object = {}) => world.mutate('replyToThread', { threadId, textContent: 'Hi', ...extra });
  const lastContent = () => world.contents(threadId).findLast(({ type }) => !type.startsWith('THREAD_'));
  return { ...world, customerId, threadId, postRoom, own, reply, lastContent };
}

describe('replyToThread', () => {
  it.each([
    ['API', {}, 'EMAIL', 'email'],
    ['EMAIL', {}, 'EMAIL', 'email'],
    ['CHAT', {}, 'CHAT', 'chat'],
    ['SLACK', { channelDetails: slack }, 'SLACK_MESSAGE', 'slack'],
    ['MS_TEAMS', { channelDetails: msTeams }, 'MS_TEAMS_MESSAGE', 'teams'],
  ])('on %s %j adds a message and delivers it', async (channel, extra, type, medium) => {
    const { reply, lastContent, postRoom, threadId, timeline, emulator } = await started(
      {},
      { channel, components: first, ...extra },
    );
    expect(await reply({ markdownContent: '**Hi**' })).toEqual({ error: null });
    expect(lastContent()?.type).toBe(type);
    const entry = timeline(threadId).at(-1);
    expect(entry?.actor).toEqual({ is: 'machineUser', id: emulator.machineUserId });
    expect(postRoom.delivered).toMatchObject([
      {
        channel: medium,
        threadId,
        messageId: entry?.id,
        to: [{ email: 'ada@example.com', name: 'Ada Lovelace' }],
        body: '**Hi**',
      },
    ]);
  });

  it('sends an e-mail on a thread without messages, whatever its channel', async () => {
    const { reply, lastContent, postRoom } = await started({}, { channel: 'CHAT' });
    await reply();
    expect(lastContent()?.type).toBe('EMAIL');
    expect(postRoom.delivered.map(({ channel }) => channel)).toEqual(['email']);
    await reply();
    expect(postRoom.delivered.map(({ channel }) => channel)).toEqual(['email', 'chat']);
  });

  it('is not possible on an INTERNAL thread', async () => {
    const { refusal, threadId, postRoom } = await started({}, { channel: 'INTERNAL', components: first });
    const { code, type } = await refusal('replyToThread', { threadId, textContent: 'Hi' });
    expect({ code, type }).toEqual({ code: 'cannot_reply_to_thread', type: 'VALIDATION' });
    expect(postRoom.delivered).toEqual([]);
  });

  it('is not possible on an imported thread, or goes by e-mail', async () => {
    const strict = await started();
    const imported = await strict.importThread(strict.customerId);
    const { code } = await strict.refusal('replyToThread', { threadId: imported, textContent: 'Hi' });
    expect(code).toBe('cannot_reply_to_thread');
    const loose = await started({ replyToImported: 'email' });
    const threadId = await loose.importThread(loose.customerId);
    expect(await loose.mutate('replyToThread', { threadId, textContent: 'Hi' })).toEqual({ error: null });
    expect(loose.postRoom.delivered).toHaveLength(1);
  });

  it.each(['done', 'snoozed'])('returns a thread that is %s to TODO', async (state) => {
    const { reply, mutate, threadId, own } = await started();
    if (state === 'done') await mutate('markThreadAsDone', { threadId });
    else await mutate('snoozeThread', { threadId, statusDetail: 'WAITING_FOR_CUSTOMER' });
    await reply();
    expect(own().status).toBe('TODO');
  });

  it('copies people in on e-mail only', async () => {
    const copies = {
      email: { additionalRecipients: [{ email: 'cc@x.io' }], hiddenRecipients: [{ email: 'bcc@x.io', name: 'B' }] },
    };
    const mail = await started();
    await mail.reply({ channelSpecificOptions: copies });
    expect(mail.postRoom.delivered).toMatchObject([
      { cc: [{ email: 'cc@x.io' }], bcc: [{ email: 'bcc@x.io', name: 'B' }] },
    ]);
    const chat = await started({}, { channel: 'CHAT', components: first });
    const input = { threadId: chat.threadId, textContent: 'Hi', channelSpecificOptions: copies };
    expect((await chat.refusal('replyToThread', input)).fields[0]?.field).toBe('channelSpecificOptions.email');
    expect(chat.postRoom.delivered).toEqual([]);
  });

  it('refuses no text, a bad copy, and too long a text where there is a limit', async () => {
    const { refusal, threadId } = await started({ textLimit: 10 });
    const refused = async (input: object) =>
      (await refusal('replyToThread', { threadId, textContent: 'Hi', ...input })).code;
    expect(await refused({ textContent: '' })).toBe('input_validation');
    expect(await refused({ textContent: 'x'.repeat(11) })).toBe('input_validation');
    const email = { additionalRecipients: [{ email: 'nobody' }] };
    expect(await refused({ channelSpecificOptions: { email } })).toBe('input_validation');
  });

  it('takes any length without a limit', async () => {
    const { reply } = await started();
    expect(await reply({ textContent: 'x'.repeat(200_000) })).toEqual({ error: null });
  });

  it('refuses a customer who is marked as spam', async () => {
    const { refusal, threadId, emulator, customerId } = await started();
    emulator.setup.markAsSpam(customerId);
    expect((await refusal('replyToThread', { threadId, textContent: 'Hi' })).code).toBe('customer_is_marked_as_spam');
  });

  it('needs e-mail to be set up where it goes by e-mail', async () => {
    const { refusal, threadId } = await started({ emailEnabled: false });
    expect((await refusal('replyToThread', { threadId, textContent: 'Hi' })).code).toBe('workspace_email_not_enabled');
  });

  it('takes thread:reply, or the permission of the channel', async () => {
    const { mutate, refusal, threadId, emulator, customerId, addThread } = await started();
    const input = { threadId, textContent: 'Hi' };
    for (const permission of ['thread:reply', 'email:create'] as const) {
      const key = emulator.mintKey({ permissions: [permission] });
      expect(await mutate('replyToThread', input, '', { key })).toEqual({ error: null });
    }
    const message = 'Insufficient permissions, missing "thread:reply".';
    const chatKey = emulator.mintKey({ permissions: ['chat:create'] });
    expect((await refusal('replyToThread', input, { key: chatKey })).message).toBe(message);
    const chat = { threadId: await addThread(customerId, { channel: 'CHAT', components: first }), textContent: 'Hi' };
    expect(await mutate('replyToThread', chat, '', { key: chatKey })).toEqual({ error: null });
    const key = emulator.mintKey({ permissions: ['thread:edit'] });
    expect((await refusal('replyToThread', input, { key })).message).toBe(message);
  });

  it('carries files of the channel’s type', async () => {
    const { reply, refusal, threadId, emulator, customerId, postRoom } = await started();
    const { id } = emulator.setup.addAttachment({ customerId, type: 'EMAIL' });
    await reply({ attachmentIds: [id] });
    expect(postRoom.delivered[0]?.attachments).toEqual([id]);
    const chatFile = emulator.setup.addAttachment({ customerId, type: 'CHAT' });
    const input = { threadId, textContent: 'Hi', attachmentIds: [chatFile.id] };
    expect((await refusal('replyToThread', input)).code).toBe('input_validation');
  });
});

describe('a reply as the customer', () => {
  const asAda = { impersonation: { asCustomer: { customerIdentifier: { emailAddress: 'ada@example.com' } } } };

  it('comes in from the customer and is delivered to nobody', async () => {
    const { reply, threadId, timeline, customerId, postRoom, own, lastContent } = await started();
    await reply(asAda);
    expect(timeline(threadId).at(-1)?.actor).toEqual({ is: 'customer', id: customerId });
    expect(lastContent()).toMatchObject({ type: 'EMAIL', from: { email: 'ada@example.com' }, sendStatus: null });
    expect(own().lastInbound?.timestamp).toBe(timeline(threadId).at(-1)?.timestamp);
    expect(postRoom.delivered).toEqual([]);
  });

  it('needs its own permission', async () => {
    const { refusal, threadId, emulator } = await started();
    const key = emulator.mintKey({ permissions: ['thread:reply'] });
    const { code, message } = await refusal('replyToThread', { threadId, textContent: 'Hi', ...asAda }, { key });
    expect({ code, message }).toEqual({
      code: 'forbidden',
      message: 'Insufficient permissions, missing "customer:impersonate".',
    });
  });

  it('is not possible on MS_TEAMS, nor as somebody unknown', async () => {
    const teams = await started({}, { channel: 'MS_TEAMS', channelDetails: msTeams, components: first });
    const input = { threadId: teams.threadId, textContent: 'Hi', ...asAda };
    expect((await teams.refusal('replyToThread', input)).code).toBe('cannot_reply_to_thread');
    const { refusal, threadId } = await started();
    const unknown = { impersonation: { asCustomer: { customerIdentifier: { customerId: 'c_1' } } } };
    expect((await refusal('replyToThread', { threadId, textContent: 'Hi', ...unknown })).code).toBe('not_found');
  });
});

describe('sendNewEmail', () => {
  const mail = { subject: 'News', textContent: 'Hi' };
  const email =
    'email { id subject to { email emailActor { ... on CustomerEmailActor { customerId } } } from { email } }';

  it('makes a thread of its own', async () => {
    const { mutate, customerId, emulator, postRoom } = await started();
    const payload = await mutate('sendNewEmail', { customerId, ...mail }, email);
    expect(payload.email).toMatchObject({
      subject: 'News',
      to: { email: 'ada@example.com', emailActor: { customerId } },
      from: { email: 'support@plain.invalid' },
    });
    expect(payload.email.id).toMatch(/^em_/);
    const thread = [...emulator.state.threads.values()].at(-1);
    expect(thread).toMatchObject({ title: 'News', channel: 'EMAIL', customerId });
    expect(postRoom.delivered).toMatchObject([{ threadId: thread?.id, subject: 'News' }]);
  });

  it('goes onto a thread of the customer, an imported one too', async () => {
    const { mutate, importThread, customerId, contents, postRoom, thread } = await started();
    const threadId = await importThread(customerId);
    expect((await mutate('sendNewEmail', { customerId, threadId, ...mail })).error).toBeNull();
    expect(contents(threadId).map(({ type }) => type)).toEqual(['EMAIL', 'THREAD_STATUS_TRANSITIONED']);
    expect(postRoom.delivered).toMatchObject([{ threadId }]);
    expect(thread(threadId).status).toBe('TODO');
  });

  it('refuses what is not there, not the customer’s, or locked', async () => {
    const { refusal, addCustomer, customerId, threadId, emulator } = await started();
    const other = await addCustomer('b@x.io');
    expect((await refusal('sendNewEmail', { customerId: 'c_1', ...mail })).code).toBe('not_found');
    expect((await refusal('sendNewEmail', { customerId, threadId: 'th_1', ...mail })).code).toBe('not_found');
    expect((await refusal('sendNewEmail', { customerId: other, threadId, ...mail })).code).toBe('input_validation');
    emulator.setup.lockThread(threadId);
    expect((await refusal('sendNewEmail', { customerId, threadId, ...mail })).code).toBe('forbidden');
  });

  it('goes to at most 49 more people', async () => {
    const { refusal, mutate, customerId } = await started();
    const people = Array.from({ length: 50 }, (_, index) => ({ email: `p${index}@x.io` }));
    const split = (from: number) => ({
      additionalRecipients: people.slice(from, 25),
      hiddenRecipients: people.slice(25),
    });
    expect((await refusal('sendNewEmail', { customerId, ...mail, ...split(0) })).code).toBe('input_validation');
    expect((await mutate('sendNewEmail', { customerId, ...mail, ...split(1) })).error).toBeNull();
  });

  it('is refused for spam, without e-mail, without a subject, and from a foreign address', async () => {
    const { refusal, customerId, emulator } = await started();
    const from = { fromAlternateSupportEmail: { email: 'me@elsewhere.io' } };
    expect((await refusal('sendNewEmail', { customerId, ...mail, ...from })).code).toBe('input_validation');
    expect((await refusal('sendNewEmail', { customerId, ...mail, subject: '' })).code).toBe('input_validation');
    emulator.setup.markAsSpam(customerId);
    expect((await refusal('sendNewEmail', { customerId, ...mail })).code).toBe('customer_is_marked_as_spam');
    const mute = await started({ emailEnabled: false });
    const input = { customerId: mute.customerId, ...mail };
    expect((await mute.refusal('sendNewEmail', input)).code).toBe('workspace_email_not_enabled');
  });

  it('may come from another support address', async () => {
    const { mutate, customerId } = await started({ supportEmailAddresses: ['a@help.io', 'b@help.io'] });
    const from = { fromAlternateSupportEmail: { email: 'b@help.io', name: 'B' } };
    const payload = await mutate('sendNewEmail', { customerId, ...mail, ...from }, email);
    expect(payload.email.from.email).toBe('b@help.io');
  });
});

describe('mail to an address that is not verified', () => {
  it.each([
    ['delivered', 1, 'SENT'],
    ['declined', 0, 'FAILED'],
  ] as const)('is %s', async (unverifiedAddress, deliveries, sendStatus) => {
    const { mutate, emulator, contents, addThread } = plainWorld({ unverifiedAddress });
    const input = {
      identifier: { emailAddress: 'un@x.io' },
      onCreate: { fullName: 'Un', email: { email: 'un@x.io', isVerified: false } },
      onUpdate: {},
    };
    const { customer } = await mutate('upsertCustomer', input, 'customer { id }');
    const threadId = await addThread(customer.id);
    await mutate('replyToThread', { threadId, textContent: 'Hi' });
    expect(contents(threadId)).toMatchObject([{ type: 'EMAIL', sendStatus }]);
    expect(emulator.postRoom.delivered).toHaveLength(deliveries);
  });
});

describe('createNote', () => {
  it('stores a note of the machine user and delivers nothing', async () => {
    const { mutate, customerId, threadId, lastContent, postRoom } = await started();
    const input = { customerId, threadId, text: 'psst', markdown: '*psst*' };
    const { note } = await mutate('createNote', input, 'note { id text markdown }');
    expect(note).toEqual({ id: expect.stringMatching(/^n_/), text: 'psst', markdown: '*psst*' });
    expect(lastContent()).toMatchObject({ type: 'NOTE', noteId: note.id });
    expect(postRoom.delivered).toEqual([]);
  });

  it('without a thread shows on each thread of the customer, new ones included', async () => {
    const { mutate, customerId, threadId, contents, addThread, addCustomer } = await started();
    await mutate('createNote', { customerId, text: 'VIP' });
    const later = await addThread(customerId);
    const foreign = await addThread(await addCustomer('b@x.io'));
    const notes = (id: string) => contents(id).filter(({ type }) => type === 'NOTE').length;
    expect([threadId, later, foreign].map(notes)).toEqual([1, 1, 0]);
  });

  it.each([
    [{ text: '' }],
    [{ text: 'x'.repeat(10_001) }],
    [{ text: 'x', markdown: '' }],
    [{ text: 'x', markdown: 'x'.repeat(10_001) }],
  ])('refuses %j', async (input) => {
    const { refusal, customerId, threadId } = await started();
    expect((await refusal('createNote', { customerId, threadId, ...input })).code).toBe('input_validation');
  });

  it('refuses a customer or thread that is not there, and a thread of somebody else', async () => {
    const { refusal, customerId, threadId, addCustomer } = await started();
    const other = await addCustomer('b@x.io');
    expect((await refusal('createNote', { customerId: 'c_1', text: 'x' })).code).toBe('not_found');
    expect((await refusal('createNote', { customerId, threadId: 'th_1', text: 'x' })).code).toBe('not_found');
    expect((await refusal('createNote', { customerId: other, threadId, text: 'x' })).code).toBe('input_validation');
  });

  it.each([
    [false, 'DONE'],
    [true, 'TODO'],
  ])('with noteReopens %s leaves a done thread %s', async (noteReopens, status) => {
    const { mutate, customerId, threadId, own } = await started({ noteReopens });
    await mutate('markThreadAsDone', { threadId });
    await mutate('createNote', { customerId, threadId, text: 'x' });
    expect(own().status).toBe(status);
  });
});

describe('a message that comes in', () => {
  it.each([
    ['API', {}, 'EMAIL'],
    ['EMAIL', {}, 'EMAIL'],
    ['CHAT', {}, 'CHAT'],
    ['SLACK', { channelDetails: slack }, 'SLACK_MESSAGE'],
    ['MS_TEAMS', { channelDetails: msTeams }, 'MS_TEAMS_MESSAGE'],
  ])('on %s %j is of the channel’s kind, and opens a done thread', async (channel, extra, type) => {
    const { emulator, mutate, threadId, own, timeline, customerId, lastContent } = await started(
      {},
      { channel, ...extra },
    );
    await mutate('markThreadAsDone', { threadId });
    const { id } = emulator.receive(threadId, { text: 'Still broken' });
    expect(lastContent()?.type).toBe(type);
    expect(timeline(threadId).find((entry) => entry.id === id)?.actor).toEqual({ is: 'customer', id: customerId });
    expect(own()).toMatchObject({ status: 'TODO', statusDetail: { type: 'NEW_REPLY' } });
    expect(own().lastInbound).not.toBeNull();
  });

  it('is a reply in Slack from the second on', () => {
    return started({}, { channel: 'SLACK', channelDetails: slack }).then(({ emulator, threadId, contents }) => {
      emulator.receive(threadId, { text: 'One' });
      emulator.receive(threadId, { text: 'Two' });
      expect(contents(threadId).map(({ type }) => type)).toEqual(['SLACK_MESSAGE', 'SLACK_REPLY']);
    });
  });

  it('is text and a subject of its own, whatever it was written in', async () => {
    const { emulator, threadId, lastContent } = await started({}, { channel: 'EMAIL' });
    emulator.receive(threadId, { html: '<p>Tom &amp; <b>Jerry</b></p><p>Bye</p>', subject: 'Re: x' });
    expect(lastContent()).toMatchObject({ subject: 'Re: x', textContent: 'Tom & Jerry\nBye' });
  });

  it('cannot come to a thread that is internal or not there', async () => {
    const { emulator, threadId } = await started({}, { channel: 'INTERNAL' });
    expect(() => emulator.receive(threadId, { text: 'x' })).toThrow('INTERNAL');
    expect(() => emulator.receive('th_1', { text: 'x' })).toThrow('no thread');
  });
});

describe('an entry that is put on the timeline', () => {
  const participant = { email: 'a@x.io', name: null, actor: null };
  const kinds: readonly (readonly [string, EntryContent])[] = [
    [
      'EmailEntry',
      {
        type: 'EMAIL',
        emailId: 'em_1',
        from: participant,
        to: { ...participant, actor: { is: 'user', id: 'u_1' } },
        additionalRecipients: [],
        hiddenRecipients: [],
        subject: null,
        textContent: null,
        markdownContent: null,
        hasMoreTextContent: true,
        sendStatus: 'BOUNCED',
        attachmentIds: [],
      },
    ],
    ['ChatEntry', { type: 'CHAT', chatId: 'ch_1', text: null, attachmentIds: [] }],
    ['CustomEntry', { type: 'CUSTOM', title: 'T', externalId: 'x', components: [], attachmentIds: [] }],
    ...(['SLACK_MESSAGE', 'SLACK_REPLY'] as const).map(
      (type) =>
        [
          type === 'SLACK_REPLY' ? 'SlackReplyEntry' : 'SlackMessageEntry',
          {
            type,
            text: 'T',
            slackWebMessageLink: 'https://x.io',
            deletedOnSlackAt: '2020-01-01T00:00:00.000Z',
            attachmentIds: [],
          },
        ] as const,
    ),
    [
      'MSTeamsMessageEntry',
      { type: 'MS_TEAMS_MESSAGE', msTeamsMessageId: '1', text: 'T', markdownContent: null, attachmentIds: [] },
    ],
    [
      'DiscordMessageEntry',
      { type: 'DISCORD_MESSAGE', discordMessageId: '1', markdownContent: 'T', attachmentIds: [] },
    ],
    [
      'HelpCenterAiConversationMessageEntry',
      { type: 'HELP_CENTER_AI_CONVERSATION_MESSAGE', messageId: '1', markdown: 'T' },
    ],
    ['NoteEntry', { type: 'NOTE', noteId: 'n_1', text: 'T', markdown: null, attachmentIds: [] }],
    ['MergedThreadMessageEntry', { type: 'MERGED_THREAD_MESSAGE', childThreadId: 'th_9', child: null }],
    ['ThreadStatusTransitionedEntry', { type: 'THREAD_STATUS_TRANSITIONED', nextStatus: 'DONE' }],
    [
      'ThreadAssignmentTransitionedEntry',
      { type: 'THREAD_ASSIGNMENT_TRANSITIONED', nextAssignee: { is: 'system', id: 's' } },
    ],
    ['ThreadEventEntry', { type: 'THREAD_EVENT' }],
  ];
  const selection = `{ timestamp { iso8601 } actor { __typename } entry { __typename
    ... on EmailEntry { emailId from { email emailActor { __typename } } to { emailActor { __typename } } sendStatus }
    ... on ChatEntry { chatId chatText: text } ... on CustomEntry { title externalId components { __typename } }
    ... on SlackMessageEntry { text deletedOnSlackAt { iso8601 } } ... on SlackReplyEntry { text slackWebMessageLink }
    ... on MSTeamsMessageEntry { msTeamsMessageId } ... on DiscordMessageEntry { discordMessageId markdownContent }
    ... on HelpCenterAiConversationMessageEntry { messageId markdown } ... on NoteEntry { noteId }
    ... on MergedThreadMessageEntry { childThreadDetails { id } childTimelineEntry { id } }
    ... on ThreadStatusTransitionedEntry { nextStatus }
    ... on ThreadAssignmentTransitionedEntry { nextAssignee { __typename } } ... on ThreadEventEntry { customerId }
  } }`;

  it.each(kinds)('can be of type %s', async (__typename, content) => {
    const { emulator, read, threadId } = await started({}, {});
    emulator.setup.addEntry(threadId, content, { timestamp: '2020-01-01T00:00:00.000Z' });
    const query = `query Q($id: ID!) { thread(threadId: $id) { timelineEntries { edges { node ${selection} } } } }`;
    const { thread } = await read(query, { id: threadId });
    expect(thread.timelineEntries.edges).toMatchObject([
      {
        node: {
          timestamp: { iso8601: '2020-01-01T00:00:00.000Z' },
          actor: { __typename: 'CustomerActor' },
          entry: { __typename },
        },
      },
    ]);
  });

  it.each([
    ['user', 'UserActor'],
    ['machineUser', 'MachineUserActor'],
    ['system', 'SystemActor'],
    ['customer', 'DeletedCustomerActor'],
  ] as const)('can be by a %s', async (is, __typename) => {
    const { emulator, read, threadId } = await started({}, {});
    emulator.setup.addEntry(threadId, { type: 'THREAD_EVENT' }, { actor: { is, id: 'gone_1' } });
    const query =
      'query Q($id: ID!) { thread(threadId: $id) { timelineEntries { edges { node { actor { __typename } } } } } }';
    const { thread } = await read(query, { id: threadId });
    expect(thread.timelineEntries.edges).toEqual([{ node: { actor: { __typename } } }]);
  });
});
