import { describe, expect, it } from 'vitest';
import { entryTypes, messageTypes } from '../../../src/providers/plain/timeline.ts';
import { collect, markdown, past, plainDesk, text, thread } from '../../desks.ts';

type World = ReturnType<typeof plainDesk>;
type Content = Parameters<World['emulator']['setup']['addEntry']>[1];

const none = { attachmentIds: [] } as const;
const mail = {
  ...none,
  type: 'EMAIL',
  emailId: 'em_1',
  from: { email: 'a@example.test', name: null, actor: null },
  to: { email: 'b@example.test', name: null, actor: null },
  additionalRecipients: [],
  hiddenRecipients: [],
  subject: 'S',
  textContent: 'plain words',
  markdownContent: '**rich** words',
  hasMoreTextContent: false,
  sendStatus: null,
} as const;

/** Every kind of entry that is a message: what is in it, and what is read. */
const messages: readonly (readonly [Content, object])[] = [
  [
    { ...none, type: 'CHAT', chatId: 'ch_1', text: 'chatting' },
    { body: text('chatting'), channel: { is: 'chat' } },
  ],
  [mail, { body: markdown('**rich** words'), channel: { is: 'email' } }],
  [{ ...mail, markdownContent: null }, { body: text('plain words') }],
  [
    { ...none, type: 'SLACK_MESSAGE', text: 'from Slack', slackWebMessageLink: 'https://s', deletedOnSlackAt: null },
    { body: text('from Slack'), channel: { is: 'slack' } },
  ],
  [
    { ...none, type: 'SLACK_REPLY', text: 'and back', slackWebMessageLink: 'https://s', deletedOnSlackAt: null },
    { body: text('and back'), channel: { is: 'slack', raw: 'SlackReplyEntry' } },
  ],
  [
    { ...none, type: 'MS_TEAMS_MESSAGE', msTeamsMessageId: 'm', text: 't', markdownContent: '*t*' },
    { body: markdown('*t*'), channel: { is: 'teams' } },
  ],
  [
    { ...none, type: 'DISCORD_MESSAGE', discordMessageId: 'd', markdownContent: '*d*' },
    { body: markdown('*d*'), channel: { is: 'discord' } },
  ],
  [
    { type: 'HELP_CENTER_AI_CONVERSATION_MESSAGE', messageId: 'h', markdown: '*h*' },
    { body: markdown('*h*'), channel: { is: 'portal' } },
  ],
  [
    { ...none, type: 'NOTE', noteId: 'n_1', text: 'psst', markdown: null },
    { kind: 'note', body: text('psst') },
  ],
];

async function world() {
  const made = plainDesk();
  const { value } = await made.desk.createThread(thread);
  return { ...made, id: value.id, contactId: value.contact?.id ?? '' };
}

describe('an entry that is a message', () => {
  it.each(messages)('is read: $type', async (content, expected) => {
    const { desk, emulator, id } = await world();
    emulator.setup.addEntry(id, content);
    const [, read] = await collect(desk.listMessages(id));
    expect(read).toMatchObject({ kind: 'inbound', threadId: id, ...expected });
  });

  it('is read with every component of the opening message', async () => {
    const { desk } = plainDesk();
    const part = { componentText: { text: 'left' } };
    const { value } = await desk.createThread({
      ...thread,
      providerOptions: {
        plain: {
          components: [
            { componentText: { text: '**bold**' } },
            { componentPlainText: { plainText: 'as it is' } },
            { componentLinkButton: { linkButtonUrl: 'https://example.test/', linkButtonLabel: 'open' } },
            { componentBadge: { badgeLabel: 'gold' } },
            { componentCopyButton: { copyButtonValue: 'copy me' } },
            { componentSpacer: { spacerSize: 'M' } },
            { componentDivider: {} },
            { componentDateTime: { dateTimeIso8601: past.toISOString() } },
            { componentRow: { rowMainContent: [part], rowAsideContent: [{ componentText: { text: 'right' } }] } },
            {
              componentContainer: {
                containerContent: [part, { componentRow: { rowMainContent: [part], rowAsideContent: [part] } }],
              },
            },
          ],
        },
      },
    });
    const [opening] = await collect(desk.listMessages(value.id));
    expect(opening?.body).toEqual(
      markdown(
        '**bold**\n\nas it is\n\n[open](https://example.test/)\n\ngold\n\ncopy me\n\n2021-03-04T05:06:07.000Z\n\nleft right\n\nleft\n\nleft left',
      ),
    );
  });

  it('of a merged thread is read with its own author, time and words', async () => {
    const { desk, emulator, id } = await world();
    const other = (await desk.createThread({ ...thread, title: 'Other' })).value.id;
    const child = emulator.setup.addEntry(
      other,
      { ...none, type: 'CHAT', chatId: 'ch_1', text: 'merged' },
      { timestamp: past.toISOString() },
    );
    emulator.setup.addEntry(id, { type: 'MERGED_THREAD_MESSAGE', childThreadId: other, child });
    const read = await collect(desk.listMessages(id));
    expect(read[0]).toMatchObject({ kind: 'inbound', threadId: id, body: text('merged'), createdAt: past });
  });
});

describe('the direction of a message', () => {
  const chat = { ...none, type: 'CHAT', chatId: 'ch_1', text: 'x' } as const;
  it('is that of who wrote it', async () => {
    const { desk, emulator, id, contactId } = await world();
    const { userId, machineUserId, setup } = emulator;
    setup.addEntry(id, chat, { actor: { is: 'customer', id: contactId } as never });
    setup.addEntry(id, chat, { actor: { is: 'user', id: userId } as never });
    setup.addEntry(id, chat, { actor: { is: 'machineUser', id: machineUserId } as never });
    const [, ...read] = await collect(desk.listMessages(id));
    expect(read.map(({ kind, author }) => [kind, author.is, author.id])).toEqual([
      ['inbound', 'contact', contactId],
      ['outbound', 'agent', userId],
      ['outbound', 'agent', machineUserId],
    ]);
  });

  it('never makes a note anything but a note', async () => {
    const { desk, emulator, id, contactId } = await world();
    for (const actor of [
      { is: 'customer', id: contactId },
      { is: 'user', id: emulator.userId },
    ]) {
      emulator.setup.addEntry(
        id,
        { ...none, type: 'NOTE', noteId: 'n', text: 'psst', markdown: null },
        { actor: actor as never },
      );
    }
    const read = await collect(desk.listMessages(id));
    expect(read.slice(1).map(({ kind }) => kind)).toEqual(['note', 'note']);
  });
});

describe('an entry that is no message', () => {
  it('is not asked for', async () => {
    const { desk, emulator, id } = await world();
    emulator.setup.addEntry(id, { type: 'THREAD_EVENT' });
    emulator.setup.addEntry(id, { type: 'THREAD_STATUS_TRANSITIONED', nextStatus: 'DONE' });
    expect(await collect(desk.listMessages(id))).toHaveLength(1);
    expect(messageTypes).toHaveLength(Object.values(entryTypes).filter((type) => type === true).length);
  });
});

describe('the order', () => {
  it.each(['oldest-first', 'newest-first'] as const)(
    'is oldest first on a desk that lists %s',
    async (timelineOrder) => {
      const { desk, emulator } = plainDesk({ timelineOrder });
      const { value } = await desk.createThread(thread);
      for (const words of ['one', 'two', 'three']) emulator.receive(value.id, { text: words });
      const read = await collect(desk.listMessages(value.id));
      expect(read.map(({ body }) => body.content).slice(1)).toEqual(['one', 'two', 'three']);
    },
  );
});
