/** What compared reads find in messages, and what they do not see because it is the same. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BridgeOptions } from '../../src/bridge/options.ts';
import type { Body } from '../../src/core/model.ts';
import type { Entry } from '../../src/emulators/plain/entries.ts';
import type { PlainOptions } from '../../src/emulators/plain/index.ts';
import type { Bridge } from '../../src/index.ts';
import { contact, html, markdown, plainDesk, productlaneDesk, text, thread } from '../desks.ts';
import { type Bridged, bridged, onlyThread } from './bridges.ts';

const emails = new URL('../../../shared/fixtures/emails/', import.meta.url);
const realMail = (existsSync(emails) ? readdirSync(emails) : []).map((name): Body => {
  const content = readFileSync(new URL(name, emails), 'utf8');
  return name.endsWith('.html') ? html(content) : text(content);
});
const bodies: readonly Body[] = [
  html(
    '<div>Hello,</div><div><br></div><div>see <a href="https://a.test/x_y?b=1">the <b>page</b></a>.</div><ul><li>one<ol><li>two</li></ol></li></ul>',
  ),
  html('<p>a<br>b</p><blockquote>On Monday <a@b.test> wrote:<blockquote>No.</blockquote></blockquote>'),
  html('<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2|3</td></tr></table><pre>if (a) {\n  b();\n}</pre>'),
  html('<p>Costs 2 * 3 * 4, a_b_c, <u>under</u>lined, https://a.test/b_c</p><img src="https://a.test/x.png" alt="x">'),
  markdown('# Title\n\nIt **says** _no_.\n\n- [x] done\n- [ ] open\n\n```ts\nconst a = `1`;\n```'),
  text('Dear team,\n  it costs 2 * 3 * 4\n- one\n- two\n\n> quoted\n\nhttps://a.test/b_c'),
  text('*no*'),
  html('<p>Yes and</p><p>no</p>'),
  html('<p>no</p>'),
];
/** Plain takes an opening message in pieces of 5 000 characters. */
const inPieces: readonly Body[] = [
  html(`<blockquote>${'<p>Some <b>words</b><br>in a quote</p>'.repeat(250)}</blockquote>`),
  text('A line of *words*\n'.repeat(300)),
];

/** The fields of each thread that `verify` finds different. */
async function found(bridge: Bridge): Promise<readonly (readonly string[])[]> {
  const fields: (readonly string[])[] = [];
  const stop = bridge.on('diverged', (event) => fields.push(event.fields));
  const { compared, different } = await bridge.verify();
  stop();
  expect([compared > 0, different]).toEqual([true, fields.length]);
  return fields;
}

/** Each body opens a thread, and is a reply and a note in one of them. */
async function converse({ clock }: Bridged, bridge: Bridge): Promise<void> {
  const { value } = await bridge.createThread(thread);
  for (const [index, body] of [...bodies, ...realMail].entries()) {
    await clock.advance(1000);
    await bridge.createThread({ ...thread, contact: { email: `${index}@example.test` }, body });
    await bridge.reply({ threadId: value.id, body });
    await bridge.addNote({ threadId: value.id, body });
  }
  for (const body of inPieces) await bridge.createThread({ ...thread, body });
  await bridge.drain();
  expect(await bridge.figures()).toMatchObject({ pending: 0, queued: 0, dead: 0 });
}

/** A thread's history on the desk that answers, from before the bridge, which its first write takes to the mirror. */
async function adopt({ clock, productlane }: Bridged, bridge: Bridge): Promise<void> {
  const { desk, emulator } = productlane;
  const { value } = await desk.createThread(thread);
  for (const body of [...bodies, ...realMail]) {
    await clock.advance(1000);
    emulator.receive(value.id, body.format === 'html' ? { html: body.content } : { text: body.content });
    await desk.reply({ threadId: value.id, body });
  }
  await bridge.addNote({ threadId: value.id, body: text('VIP') });
  await bridge.drain();
}

describe('a comparison sees no difference', () => {
  const mirrors: readonly (readonly [Partial<BridgeOptions>, Partial<PlainOptions>])[] = [
    [{ createMirrored: 'import' }, {}],
    [{ createMirrored: 'live' }, {}],
    [{}, { importedEntry: 'EMAIL' }],
    [{}, { importedEntry: 'CUSTOM' }],
  ];

  it.each(mirrors)('on Plain as the mirror, told %j, that does %j', async (options, emulation) => {
    const world = bridged('shadow');
    const { desk, emulator } = plainDesk({ clock: world.clock, ...emulation });
    const recordOptions = { plain: { userId: emulator.userId } };
    const bridge = world.open({ to: desk, recordOptions, ...options });
    await converse(world, bridge);
    expect(await found(bridge)).toEqual([]);
  });

  it.each(['comments', 'transcript'] as const)('on Productlane as the mirror that keeps %s', async (records) => {
    const world = bridged('live');
    const { desk } = productlaneDesk({ clock: world.clock }, { records });
    const bridge = world.open({ from: desk });
    await converse(world, bridge);
    expect(await found(bridge)).toEqual([]);
  });

  it('in a history that came over with its first write', async () => {
    const world = bridged('shadow');
    await adopt(world, world.bridge);
    expect(await found(world.bridge)).toEqual([]);
  });

  it('in the time of a reply that took long to be answered', async () => {
    const world = bridged('shadow');
    const bridge = world.open({ now: () => world.clock.elapsedMs() + 5000 });
    const { value } = await bridge.createThread(thread);
    await bridge.reply({ threadId: value.id, body: text('Try now.') });
    await bridge.drain();
    expect(await found(bridge)).toEqual([]);
  });

  it.each(['productlane', 'plain'] as const)(
    'in a reply of which the channel kept the words alone, on %s as the mirror',
    async (mirror) => {
      const world = bridged(mirror === 'plain' ? 'shadow' : 'live');
      const other = plainDesk({ clock: world.clock });
      const bridge = mirror === 'plain' ? world.open({ from: other.desk }) : world.bridge;
      const { value } = await bridge.createThread({ ...thread, providerOptions: { plain: { channel: 'CHAT' } } });
      await bridge.reply({ threadId: value.id, body: conversation.reply });
      await bridge.drain();
      expect(await found(bridge)).toEqual([]);
    },
  );

  it('in a transcript that is too large for a tree', async () => {
    const world = bridged('live');
    const { desk, emulator } = productlaneDesk({ clock: world.clock }, { records: 'transcript' });
    const bridge = world.open({ from: desk });
    const { value } = await bridge.createThread(thread);
    for (const word of ['one', 'two', 'three']) {
      await bridge.reply({ threadId: value.id, body: html(`<p>Some <b>${word}</b> of them</p>`.repeat(900)) });
    }
    await bridge.reply({ threadId: value.id, body: html('<p>And a <i>last</i> word.</p>') });
    await bridge.reply({ threadId: value.id, body: text('👍') });
    await bridge.drain();
    expect(await found(bridge)).toEqual([]);
    const copy = emulator.state.threads.get((await onlyThread(desk)).id);
    if (copy) copy.text = copy.text.replace('last', 'lost').replace('two', 'ten');
    expect(await found(bridge)).toEqual([['messages.2.body', 'messages.4.body']]);
  });

  it('in what the desk that answers has itself recorded, in its text and in comments', async () => {
    const world = bridged('shadow');
    const { value } = await world.bridge.importThread(past);
    await world.bridge.drain();
    expect(await found(world.bridge)).toEqual([]);
    await world.bridge.recordMessages({ threadId: value.thread.id, messages: later });
    await world.bridge.drain();
    expect(await found(world.bridge)).toEqual([]);
  });

  it.each(['comments', 'transcript'] as const)('after the desks have changed places, with %s', async (records) => {
    const world = bridged('live');
    const { desk } = productlaneDesk({ clock: world.clock }, { records });
    const bridge = world.open({ from: desk });
    await talk(world, bridge);
    await bridge.importThread(past);
    await bridge.drain();
    world.flag.stage = 'shadow';
    expect(await found(bridge)).toEqual([]);
  });

  it('in a message without words', async () => {
    const world = bridged('shadow');
    const { value } = await world.productlane.desk.createThread(thread);
    world.productlane.emulator.receive(value.id, { html: '<p>&nbsp;</p>' });
    await world.bridge.addNote({ threadId: value.id, body: text('Only a file.') });
    await world.bridge.drain();
    expect(await found(world.bridge)).toEqual([]);
  });
});

const conversation = {
  opening: html('<p>See <a href="https://a.test/one">the page</a>.</p>'),
  reply: html('<p>It is <strong>not</strong> done.</p>'),
  note: html('<ul><li>first</li><li>second</li></ul><p>Both.</p>'),
  last: html('<p>See the page.</p>'),
};

async function talk({ clock }: Bridged, bridge: Bridge): Promise<string> {
  const { value } = await bridge.createThread({ contact, title: 'Login fails', body: conversation.opening });
  await clock.advance(1000);
  await bridge.reply({ threadId: value.id, body: conversation.reply });
  await clock.advance(1000);
  await bridge.addNote({ threadId: value.id, body: conversation.note });
  await clock.advance(1000);
  await bridge.addNote({ threadId: value.id, body: conversation.last });
  await bridge.drain();
  expect(await found(bridge)).toEqual([]);
  return value.id;
}

const at = (minute: number) => new Date(Date.UTC(2021, 2, 4, 5, minute));
/** As `importThread` and `recordMessages` take it. */
const past = {
  contact,
  title: 'Long ago',
  externalId: 'old-1',
  createdAt: at(1),
  messages: [
    { externalId: 'm-1', kind: 'inbound', body: conversation.opening, createdAt: at(1) },
    { externalId: 'm-2', kind: 'outbound', body: conversation.reply, createdAt: at(2) },
    { externalId: 'm-3', kind: 'note', body: conversation.note, createdAt: at(3) },
  ],
} as const;
const later = [{ externalId: 'm-4', kind: 'outbound', body: conversation.last, createdAt: at(4) }] as const;

/** What is wrong, how the mirror's text comes to it, and where it is seen. */
const changes = [
  ['a link to elsewhere', 'https://a.test/one', 'https://a.test/two', 'messages.0.body'],
  ['a link that is gone', /\[the page\]\(.*?\)|<a .*?<\/a>/, 'the page', 'messages.0.body'],
  ['emphasis that is gone', /\*\*not\*\*|<strong>not<\/strong>/, 'not', 'messages.1.body'],
  ['items in another order', /(- |<li>)first([\s\S]*)second/, '$1second$2first', 'messages.2.body'],
  ['a list that is none', /- first\n- second|<ul>.*<\/ul>/, 'first\n\nsecond', 'messages.2.body'],
  ['a word that is another', 'Both', 'All', 'messages.2.body'],
] as const;

describe('a comparison sees on Plain as the mirror', () => {
  async function world() {
    const world = bridged('shadow');
    await talk(world, world.bridge);
    const copy = await onlyThread(world.plain.desk);
    const timeline = world.plain.emulator.state.timelines.get(copy.id) as Entry[];
    const edit = (change: (words: string) => string) => {
      for (const { content } of timeline) {
        if ('text' in content) Object.assign(content, { text: change(content.text ?? '') });
      }
    };
    return { ...world, timeline, edit };
  }

  it.each(changes)('%s', async (_, from, to, field) => {
    const { bridge, edit } = await world();
    edit((words) => words.replace(from, to));
    expect(await found(bridge)).toEqual([[field]]);
  });

  it('a message that is gone', async () => {
    for (const index of [0, 1, 2, 3]) {
      const { bridge, timeline } = await world();
      timeline.splice(index, 1);
      expect(await found(bridge)).toEqual([[`messages.${index}`]]);
    }
  });

  it('emphasis that is gone from a long reply', async () => {
    const { bridge, edit } = await world();
    const { id } = await onlyThread(bridge);
    await bridge.reply({ threadId: id, body: html(`${'<p>Some words.</p>'.repeat(500)}<p><b>Some</b> more.</p>`) });
    await bridge.drain();
    expect(await found(bridge)).toEqual([]);
    edit((words) => words.replace('**Some**', 'Some'));
    expect(await found(bridge)).toEqual([['messages.4.body']]);
  });

  it('a message too many', async () => {
    const { bridge, plain } = await world();
    await plain.desk.addNote({ threadId: (await onlyThread(plain.desk)).id, body: text('By hand.') });
    expect(await found(bridge)).toEqual([['messages.length']]);
  });

  it('a time that is another by a second', async () => {
    const { bridge, timeline } = await world();
    const shift = (by: number) => {
      for (const entry of timeline.slice(0, 1)) {
        Object.assign(entry, { timestamp: new Date(Date.parse(entry.timestamp) + by).toISOString() });
      }
    };
    shift(400);
    expect(await found(bridge)).toEqual([]);
    shift(600);
    expect(await found(bridge)).toEqual([['messages.0.createdAt']]);
  });

  it('two times that are each other’s', async () => {
    const { bridge, timeline } = await world();
    const [, , note, last] = timeline;
    const times = [last?.timestamp, note?.timestamp];
    for (const [index, entry] of timeline.slice(2).entries()) Object.assign(entry, { timestamp: times[index] });
    expect(await found(bridge)).toEqual([['messages.2.createdAt', 'messages.3.createdAt']]);
  });

  it('a note that is a message', async () => {
    const { bridge, timeline } = await world();
    for (const { content } of timeline.slice(2, 3)) Object.assign(content, { type: 'CHAT', chatId: 'chat' });
    expect(await found(bridge)).toEqual([['messages.2', 'messages.length']]);
  });

  it('the first of two that is gone, whether they say the same or not', async () => {
    const notes = await world();
    const { id } = await onlyThread(notes.bridge);
    await notes.clock.advance(1000);
    await notes.bridge.addNote({ threadId: id, body: conversation.last });
    await notes.bridge.drain();
    notes.timeline.splice(3, 1);
    expect(await found(notes.bridge)).toEqual([['messages.3']]);
    const replies = await world();
    await replies.bridge.reply({ threadId: (await onlyThread(replies.bridge)).id, body: text('Now it is.') });
    await replies.bridge.drain();
    replies.timeline.splice(1, 1);
    expect(await found(replies.bridge)).toEqual([['messages.1']]);
  });

  it('a body that is gone', async () => {
    const { bridge, edit } = await world();
    edit((words) => (words.includes('first') ? '' : words));
    expect(await found(bridge)).toEqual([['messages.2.body']]);
  });

  it('what is not ignored, in a read of the messages', async () => {
    const { open, edit, store } = await world();
    edit(() => 'Other words.');
    const bridge = open({
      compare: {
        share: 1,
        ignore: ({ operation, field }) => operation === 'listMessages' && field === 'messages.1.body',
      },
    });
    const id = (await onlyThread(bridge)).id;
    for await (const _ of bridge.listMessages(id));
    await bridge.close();
    const [comparison] = await store.listComparisons(1);
    expect(comparison?.fields).toEqual(['messages.0.body', 'messages.2.body', 'messages.3.body']);
  });
});

describe('a comparison with a desk that answers and has recorded sees', () => {
  async function world() {
    const world = bridged('shadow');
    await world.bridge.importThread(past);
    await world.bridge.addNote({ threadId: 'old-1', body: text('VIP') });
    await world.bridge.drain();
    expect(await found(world.bridge)).toEqual([]);
    const { timelines } = world.plain.emulator.state;
    const timeline = timelines.get((await onlyThread(world.plain.desk)).id) as Entry[];
    return { ...world, timeline };
  }

  it('a message that the mirror lacks', async () => {
    const { bridge, timeline } = await world();
    timeline.splice(1, 1);
    expect(await found(bridge)).toEqual([['messages.0.body']]);
  });

  it('a message whose emphasis is gone', async () => {
    const { bridge, timeline } = await world();
    for (const { content } of timeline)
      if ('textContent' in content) Object.assign(content, { textContent: content.textContent?.replaceAll('*', '') });
      else if ('text' in content) Object.assign(content, { text: content.text?.replaceAll('*', '') });
    expect(await found(bridge)).toEqual([['messages.0.body', 'messages.length']]);
  });

  it('a note that the mirror shows to the contact', async () => {
    const { bridge, timeline } = await world();
    const note = timeline.at(-1);
    const shown = timeline.at(1);
    if (note && shown) Object.assign(note.content, { ...shown.content, text: 'VIP', textContent: 'VIP' });
    expect(await found(bridge)).toEqual([['messages.2', 'messages.length']]);
  });
});

describe.each(['comments', 'transcript'] as const)('a comparison sees on Productlane that keeps %s', (records) => {
  async function world() {
    const world = bridged('live');
    const { desk, emulator } = productlaneDesk({ clock: world.clock }, { records });
    const bridge = world.open({ from: desk });
    await talk(world, bridge);
    const { id } = await onlyThread(desk);
    const { threads, comments } = emulator.state;
    const edit = (change: (content: string) => string) => {
      const thread = threads.get(id);
      if (thread) thread.text = change(thread.text);
      for (const comment of comments.get(id) ?? []) comment.content = change(comment.content);
    };
    return { bridge, edit };
  }

  it.each(changes)('%s', async (_, from, to, field) => {
    const { bridge, edit } = await world();
    edit((content) => content.replace(from, to));
    expect(await found(bridge)).toEqual([[field]]);
  });

  it('a message that is gone', async () => {
    for (const [index, body] of [
      conversation.opening,
      conversation.reply,
      conversation.note,
      conversation.last,
    ].entries()) {
      const { bridge, edit } = await world();
      edit((content) => content.replace(body.content, ''));
      expect(await found(bridge), String(index)).toEqual([[`messages.${index}.body`]]);
    }
  });

  it('another word in a text that Markdown would not show', async () => {
    const { bridge, edit } = await world();
    const { id } = await onlyThread(bridge);
    await bridge.addNote({ threadId: id, body: text('<!-- see below -->') });
    await bridge.drain();
    expect(await found(bridge)).toEqual([]);
    edit((content) => content.replace('below', 'above'));
    expect(await found(bridge)).toEqual([['messages.4.body']]);
  });

  it('one of two that say the same', async () => {
    const { bridge, edit } = await world();
    const { id } = await onlyThread(bridge);
    await bridge.addNote({ threadId: id, body: conversation.last });
    await bridge.drain();
    expect(await found(bridge)).toEqual([]);
    let left = 1;
    edit((content) => content.replace('See the page.', (words) => (left-- > 0 ? '' : words)));
    expect(await found(bridge)).toHaveLength(1);
  });
});
