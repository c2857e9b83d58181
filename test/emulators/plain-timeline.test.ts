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
