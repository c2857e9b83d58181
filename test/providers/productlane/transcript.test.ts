/** Messages that are recorded at the end of a thread's own text. */
import { describe, expect, it } from 'vitest';
import { HelpdeskError } from '../../../src/core/errors.ts';
import type { RecordedMessageInput } from '../../../src/core/helpdesk.ts';
import { createProductlane } from '../../../src/providers/productlane/index.ts';
import { collect, contact, failure, html, past, productlaneDesk, text, thread } from '../../desks.ts';

const message = (externalId: string, more: Partial<RecordedMessageInput> = {}): RecordedMessageInput => ({
  externalId,
  kind: 'inbound',
  body: text(`words of ${externalId}`),
  createdAt: past,
  ...more,
});

async function opened(emulation: Parameters<typeof productlaneDesk>[0] = {}) {
  const { desk, emulator } = productlaneDesk(emulation, { records: 'transcript' });
  const { value } = await desk.createThread(thread);
  const { apiKey, baseUrl, fetch } = emulator;
  return {
    desk,
    emulator,
    threadId: value.id,
    commenting: createProductlane({ apiKey, baseUrl, fetch }),
    text: () => emulator.state.threads.get(value.id)?.text ?? '',
    comments: async () =>
      (await collect(desk.listMessages(value.id)))
        .filter(({ kind }) => kind === 'note')
        .map(({ body }) => body.content),
    record: (...messages: RecordedMessageInput[]) => desk.recordMessages({ threadId: value.id, messages }),
  };
}

describe('recorded messages', () => {
  it('follow the text, oldest first, each under a heading', async () => {
    const { record, text } = await opened();
    const earlier = new Date(past.getTime() - 60_000);
    const author = { name: 'Grace <b>', email: 'grace@team.test' };
    await record(
      message('m-2'),
      message('m-1', { kind: 'outbound', createdAt: earlier, author, body: html('<b>Yes</b>') }),
    );
    expect(text()).toBe(
      [
        '<p>It says no.</p>',
        '<p>[outbound] Grace &lt;b&gt; (grace@team.test) · 2021-03-04T05:05:07.000Z · ref m-1</p>\n<b>Yes</b>',
        '<p>[inbound] · 2021-03-04T05:06:07.000Z · ref m-2</p>\n<p>words of m-2</p>',
      ].join('\n<hr>\n'),
    );
  });

  it('take one write, however many they are', async () => {
    const { record, emulator } = await opened();
    const before = emulator.requests.count({ access: 'write' });
    await record(...Array.from({ length: 40 }, (_, index) => message(`m-${index}`)));
    expect(emulator.requests.count({ access: 'write' }) - before).toBe(1);
  });

  it('write nothing where all are there', async () => {
    const { record, emulator } = await opened();
    await record(message('m-1'), message('m-2', { kind: 'note' }));
    const before = emulator.requests.count({ access: 'write' });
    const { value, losses } = await record(message('m-1'), message('m-2', { kind: 'note' }));
    expect(value.map(({ outcome }) => outcome)).toEqual(['existing', 'existing']);
    expect(losses).toEqual([]);
    expect(emulator.requests.count({ access: 'write' })).toBe(before);
  });

  it('that an import has put into the text are not stored again', async () => {
    const { desk, emulator } = await opened();
    const { value } = await desk.importThread({
      ...{ contact, title: 'Old', externalId: 'e-1', createdAt: past },
      messages: [message('m-1')],
    });
    const { id } = value.thread;
    const { value: results } = await desk.recordMessages({ threadId: id, messages: [message('m-1'), message('m-2')] });
    expect(results.map(({ outcome }) => outcome)).toEqual(['existing', 'stored']);
    expect(emulator.state.threads.get(id)?.text.split('words of m-1')).toHaveLength(2);
  });

  it('that are there as comments are not stored again', async () => {
    const { record, commenting, threadId, text } = await opened();
    const { value: first } = await commenting.recordMessages({ threadId, messages: [message('m-1')] });
    const { value } = await record(message('m-1'), message('m-2'));
    expect(value).toEqual([
      { externalId: 'm-1', outcome: 'existing', id: first[0]?.id },
      { externalId: 'm-2', outcome: 'stored', id: undefined },
    ]);
    expect(text()).not.toContain('words of m-1');
  });

  it.each(['a b/c', 'é·鍵', "it's (~*!)", '100%', 'x'.repeat(180), '\ud800'])(
    'are found again by the id "%s"',
    async (externalId) => {
      const { record } = await opened();
      await record(message(externalId));
      expect((await record(message(externalId))).value[0]?.outcome).toBe('existing');
    },
  );

  it('are told from words that look like a heading without being one', async () => {
    const { record, text } = await opened();
    await record(message('m-1', { body: html('<p>[inbound] · see · ref m-2</p>') }));
    expect((await record(message('m-2'))).value[0]?.outcome).toBe('stored');
    expect(text()).toContain('words of m-2');
  });

  it('name what they became, and what was lost inside', async () => {
    const { record } = await opened();
    const { losses } = await record(
      message('m-1', { kind: 'note' }),
      message('m-2', { body: html('<p>x</p><video src="a.mp4"></video>') }),
    );
    expect(losses).toMatchObject([
      { field: 'messages.1', how: 'changed', stored: "part of the thread's text" },
      { field: 'messages.1.body' },
      { field: 'messages.0', how: 'changed', stored: 'internal comment of today' },
    ]);
  });
});

describe('a note', () => {
  it('is a comment, and no part of the text', async () => {
    const { record, text, comments } = await opened();
    const { value } = await record(message('m-1', { kind: 'note' }), message('m-2'));
    expect(value.map(({ id }) => id === undefined)).toEqual([false, true]);
    expect(text()).not.toContain('words of m-1');
    expect(await comments()).toEqual([expect.stringContaining('words of m-1')]);
  });
});

describe('a thread', () => {
  it.each([null, '', '  \n'])('without a text (%j) gets one', async (nothing) => {
    const { record, emulator, threadId, text } = await opened();
    const answer = { ...(await raw(emulator, threadId)), text: nothing };
    emulator.faults.next({ kind: 'status', status: 200, body: answer }, { operation: 'GET /threads/:id' });
    await record(message('m-1'));
    expect(text()).toBe('<p>[inbound] · 2021-03-04T05:06:07.000Z · ref m-1</p>\n<p>words of m-1</p>');
  });

  it('whose text the desk does not tell keeps it, and gets comments', async () => {
    const { record, emulator, threadId, text, comments } = await opened();
    const { text: _, ...answer } = await raw(emulator, threadId);
    emulator.faults.next({ kind: 'status', status: 200, body: answer }, { operation: 'GET /threads/:id' });
    const { value } = await record(message('m-1'));
    expect(value[0]?.outcome).toBe('stored');
    expect(text()).toBe('<p>It says no.</p>');
    expect(await comments()).toEqual([expect.stringContaining('words of m-1')]);
  });

  it('whose answer was lost is completed by the same call, and holds each message once', async () => {
    const { record, emulator, text } = await opened();
    emulator.faults.next({ kind: 'cut', when: 'after' }, { access: 'write' });
    const error = await failure(record(message('m-1'), message('m-2', { kind: 'note' })));
    expect(HelpdeskError.is(error) && error.applied).toBe('unknown');
    const { value } = await record(message('m-1'), message('m-2', { kind: 'note' }));
    expect(value.map(({ outcome }) => outcome)).toEqual(['existing', 'stored']);
    expect(text().split('words of m-1')).toHaveLength(2);
  });
});

describe('the option', () => {
  it('decides what the traits say', () => {
    const records = (given: 'comments' | 'transcript' | undefined) =>
      createProductlane({ apiKey: 'pl_v2_x', records: given }).traits.recordsMessages;
    expect([records(undefined), records('comments'), records('transcript')]).toEqual([
      'as-notes',
      'as-notes',
      'in-transcript',
    ]);
  });

  it('takes no other word, and other options no other name', () => {
    for (const options of [{ records: 'notes' }, { record: 'comments' }]) {
      expect(() => createProductlane({ apiKey: 'pl_v2_x', ...(options as object) })).toThrow(/options\.|record/);
    }
  });
});

async function raw(emulator: ReturnType<typeof productlaneDesk>['emulator'], id: string) {
  const headers = { authorization: `Bearer ${emulator.apiKey}` };
  const response = await emulator.fetch(`${emulator.baseUrl}/threads/${id}`, { headers });
  return (await response.json()) as Record<string, unknown>;
}
