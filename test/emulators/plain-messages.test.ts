import { describe, expect, it } from 'vitest';
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
