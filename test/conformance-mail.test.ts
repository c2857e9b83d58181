/** Real mail keeps its visible text on every desk, on every way in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { convertBody } from '../src/core/bodies.ts';
import { HelpdeskError } from '../src/core/errors.ts';
import type { Body, Message } from '../src/core/model.ts';
import { email, type Opened, plainWorld, productlaneWorld } from './worlds.ts';

const folder = fileURLToPath(new URL('../../shared/fixtures/emails/', import.meta.url));
const mails = existsSync(folder) ? readdirSync(folder) : [];
const desks: Readonly<Record<string, () => Promise<Opened>>> = { Productlane: productlaneWorld, Plain: plainWorld };

describe.skipIf(mails.length === 0).each(Object.entries(desks))('on %s', (_, open) => {
  it.each(mails)('%s is read as it was written', async (file) => {
    const { helpdesk, emulated } = await open();
    const body: Body = {
      format: file.endsWith('.html') ? 'html' : 'text',
      content: readFileSync(`${folder}${file}`, 'utf8'),
    };
    const rich = body.format !== 'text';
    const given = await letters(body);
    expect(given.length).toBeGreaterThan(10);
    const contact = { email: email() };
    const last = async (threadId: string): Promise<string> => {
      const messages: Message[] = [];
      for await (const message of helpdesk.listMessages(threadId)) messages.push(message);
      const body = messages.at(-1)?.body ?? { format: 'text', content: '' };
      // Plain imports one text, in which a rich body is Markdown source.
      return letters(rich && body.format === 'text' ? { ...body, format: 'markdown' } : body);
    };

    const { value: thread } = await helpdesk.createThread({ contact, title: file, body });
    expect(await last(thread.id)).toBe(given);

    await helpdesk.reply({ threadId: thread.id, body });
    expect(await last(thread.id)).toBe(given);
    expect(emulated?.delivered()).toHaveLength(1);

    const note = await helpdesk.addNote({ threadId: thread.id, body }).catch((error: unknown) => error);
    // A desk may have a limit for notes, but only one that it names.
    if (HelpdeskError.is(note)) expect(note).toMatchObject({ kind: 'invalid', applied: 'no' });
    else expect(await last(thread.id)).toBe(given);

    const message = { externalId: file, kind: 'inbound', body, createdAt: new Date('2021-03-04T05:06:07Z') } as const;
    const imported = await helpdesk.importThread({
      ...{ contact, title: file, externalId: file, createdAt: message.createdAt },
      messages: [message],
    });
    expect(await last(imported.value.thread.id)).toContain(given);

    const recorded = { ...message, externalId: `${file} again`, createdAt: new Date() };
    await helpdesk.recordMessages({ threadId: imported.value.thread.id, messages: [recorded] });
    expect(await last(imported.value.thread.id)).toContain(given);
    expect(emulated?.delivered()).toHaveLength(1);
  });
});

/** What a person reads of it: letters and digits, without signs of layout. */
async function letters(body: Body): Promise<string> {
  return (await convertBody(body, 'text')).content.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}
