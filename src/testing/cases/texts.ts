/** Whether text of every alphabet, size and format arrives as it was written, and nothing that runs. */
import assert from 'node:assert/strict';
import type { Body } from '../../core/model.ts';
import type { Case, World } from '../world.ts';
import { lossOf, messagesOf, open, past, recorded, text, unique, visible } from './steps.ts';

/** One word each: emoji with joiners, right to left, combining marks, quotes, beyond the basic plane. */
const letters = 'Žluťoučký 👩‍👩‍👧‍👦 שלום مرحبا e\u0301 “quoted” 日本語 𝔘nicode';

/** Signs that mean something to HTML or Markdown, and nothing here. */
const signs = 'a<b&c &amp; \\ ~ ` *one* _two_ <b>three</b> [four](five)';

const alphabets = `${letters} ${signs}`;

export const textCases: readonly Case[] = [
  {
    name: 'keeps text of every alphabet in title, name and body',
    safe: true,
    async run(world) {
      const email = world.email();
      const { value: contact } = await world.helpdesk.upsertContact({ email, name: alphabets });
      const { value } = await open(world, { contact: { email }, title: alphabets, body: text(alphabets) });
      assert.equal((await world.helpdesk.getThread(value.id)).title, alphabets);
      assert.equal((await world.helpdesk.getContact(contact.id)).name, alphabets);
      assert.deepEqual(await everyText(world, value.id), [alphabets]);
    },
  },
  {
    name: 'keeps text of every alphabet in notes and recorded messages, and in their ids',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      await world.helpdesk.addNote({ threadId: value.id, body: text(letters) });
      const message = { ...recorded(world, 'inbound', letters, new Date()), externalId: unique(letters) };
      for (const outcome of ['stored', 'existing']) {
        const { value: results } = await world.helpdesk.recordMessages({ threadId: value.id, messages: [message] });
        assert.deepEqual(
          results.map((result) => [result.externalId, result.outcome]),
          [[message.externalId, outcome]],
        );
      }
      const texts = await everyText(world, value.id);
      assert.equal(texts.filter((shown) => shown.includes(letters)).length, 2);
    },
  },
  {
    name: 'takes no sign in a note or a recorded message for markup',
    safe: true,
    async run(world) {
      const { value } = await open(world);
      await world.helpdesk.addNote({ threadId: value.id, body: text(signs) });
      const messages = [recorded(world, 'inbound', signs, new Date())];
      await world.helpdesk.recordMessages({ threadId: value.id, messages });
      const texts = await everyText(world, value.id);
      assert.equal(texts.filter((shown) => shown.includes(signs)).length, 2);
    },
  },
  {
    name: 'keeps text of every alphabet in replies',
    safe: false,
    async run(world) {
      const { value } = await open(world);
      await world.helpdesk.reply({ threadId: value.id, body: text(alphabets) });
      assert.equal((await everyText(world, value.id)).at(-1), alphabets);
    },
  },
  {
    name: 'stores what holds characters that no desk can keep, without them',
    safe: true,
    async run(world) {
      const email = world.email();
      const broken = 'one\u0000two \ud83d three';
      const mended = 'onetwo \ufffd three';
      const { value: contact } = await world.helpdesk.upsertContact({ email, name: broken });
      assert.equal((await world.helpdesk.getContact(contact.id)).name, mended);
      const { value } = await open(world, { contact: { email }, title: broken, body: text(broken) });
      assert.equal((await world.helpdesk.getThread(value.id)).title, mended);
      await world.helpdesk.addNote({ threadId: value.id, body: text(broken) });
      assert.deepEqual(await everyText(world, value.id), [mended, mended]);
      await world.helpdesk.updateThread(value.id, { title: `${broken}!` });
      assert.equal((await world.helpdesk.getThread(value.id)).title, `${mended}!`);
    },
  },
  {
    name: 'shows a body of any format as its writer saw it',
    safe: true,
    async run(world) {
      const bodies: readonly Body[] = [
        { format: 'text', content: 'Dear team,\n\n1 < 2 & *not bold* <b>not a tag</b>\n\nAda' },
        {
          format: 'markdown',
          content: '# Hello\n\nIt **says** `no` &amp; [more](https://example.com/a?b=c).\n\n- one\n- two',
        },
        {
          format: 'html',
          content: '<h1>Hello</h1><p>It <b>says</b> <code>no</code>&nbsp;&amp; more.</p><ul><li>one</li></ul>',
        },
      ];
      for (const body of bodies) {
        const { value, losses } = await open(world, { body });
        const given = await visible(body);
        const [read] = await everyText(world, value.id);
        assert.ok(read === given || lossOf(losses, 'body'), `${body.format}: ${read}`);
        assert.equal(read?.replace(/[^\p{L}\p{N}]/gu, ''), given.replace(/[^\p{L}\p{N}]/gu, ''));
      }
    },
  },
  {
    name: 'stores nothing that runs',
    safe: true,
    async run(world) {
      const hostile: readonly Body[] = [
        {
          format: 'html',
          content: '<p onclick="alert(1)">Hi<script>alert(1)</script><a href="java&#10;script:alert(1)">there</a></p>',
        },
        { format: 'markdown', content: 'Hi [there](javascript:alert(1)) <img src=x onerror=alert(1)>' },
      ];
      for (const body of hostile) {
        const { value } = await open(world, { body });
        await world.helpdesk.addNote({ threadId: value.id, body });
        for (const { body: read } of await messagesOf(world, value.id)) {
          // As text it may be shown: that is how somebody reports it.
          if (read.format !== 'text') assert.doesNotMatch(read.content, /<[^>]*alert\(1\)|\]\(\s*javascript|<script/i);
        }
      }
    },
  },
  {
    name: 'keeps a body of 100 kB',
    safe: true,
    async run(world) {
      const long = sentences(100_000);
      const { value } = await open(world, { body: text(long) });
      const [read] = await everyText(world, value.id);
      assert.equal(read, long);
    },
  },
  {
    name: 'keeps a recorded message of 100 kB',
    safe: true,
    async run(world) {
      const long = sentences(100_000);
      const { value } = await open(world);
      const messages = [recorded(world, 'inbound', long, past)];
      await world.helpdesk.recordMessages({ threadId: value.id, messages });
      const texts = await everyText(world, value.id);
      assert.equal(texts.filter((shown) => shown.endsWith(long)).length, 1);
    },
  },
  {
    name: 'keeps 20 000 characters of rich text, whatever pieces the desk needs',
    safe: true,
    async run(world) {
      const content = Array.from({ length: 200 }, (_, index) => `${sentences(80)} **bold ${index}** _slanted_.`).join(
        '\n\n',
      );
      const body = { format: 'markdown', content } as const;
      const { value } = await open(world, { body });
      const [read] = await everyText(world, value.id);
      assert.equal(read, await visible(body));
    },
  },
];

async function everyText(world: World, threadId: string): Promise<string[]> {
  return Promise.all((await messagesOf(world, threadId)).map(({ body }) => visible(body)));
}

function sentences(length: number): string {
  const sentence = 'The quick brown fox jumps over the lazy dog, and says no. ';
  return sentence
    .repeat(Math.ceil(length / sentence.length))
    .slice(0, length)
    .trim();
}
