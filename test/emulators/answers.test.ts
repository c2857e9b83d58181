/** What holds for every answer of an emulated desk, and for what a served one can be told. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../../src/emulators/serve.ts';
import { createPlain } from '../../src/providers/plain/index.ts';
import { failure, html, past, plainDesk, productlaneDesk, thread } from '../desks.ts';

describe('an injected failure', () => {
  it('carries the id of its request, as every answer does', async () => {
    for (const { desk, emulator } of [productlaneDesk(), plainDesk()]) {
      emulator.faults.next({ kind: 'status', status: 400, body: 'no envelope' });
      expect(await failure(desk.check())).toMatchObject({ requestId: expect.stringMatching(/./) });
    }
  });
});

describe('a body that stalls', () => {
  it.each([
    ['yes', 1],
    ['no', 0],
  ] as const)('with the work done: %s', async (applied, threads) => {
    const { desk, emulator } = productlaneDesk({}, { timeoutMs: 30 });
    emulator.faults.next({ kind: 'stall', at: 'body', applied });
    expect(await failure(desk.createThread(thread))).toMatchObject({ kind: 'unavailable', applied: 'unknown' });
    expect(emulator.state.threads.size).toBe(threads);
  });
});

describe('a thread that is created snoozed', () => {
  it.each(['accepted', 'refused'] as const)('is %s, as the switch says', async (snoozedOnCreate) => {
    const { desk, emulator } = productlaneDesk({ snoozedOnCreate });
    const create = desk.createThread({
      ...thread,
      body: html('<p>x</p>'),
      providerOptions: { productlane: { status: 'snoozed' } },
    });
    if (snoozedOnCreate === 'refused')
      expect(await failure(create)).toMatchObject({ kind: 'invalid', issues: [{ path: 'status' }] });
    else expect((await create).value.status).toMatchObject({ is: 'snoozed', until: undefined });
    expect(emulator.state.threads.size).toBe(snoozedOnCreate === 'accepted' ? 1 : 0);
  });
});

describe('a served desk', () => {
  it('takes a webhook target, and holds, doubles and releases what it sends', async () => {
    const received: string[] = [];
    const webhookFetch: typeof fetch = async (_, init) => {
      received.push(JSON.parse(String(init?.body)).id);
      return new Response(null);
    };
    const { desk, emulator } = plainDesk({ webhookFetch });
    const served = await serve(emulator);
    onTestFinished(() => served.close());
    const tell = (body: object) =>
      fetch(`${served.origin}/_emulator/webhooks`, { method: 'POST', body: JSON.stringify(body) });
    const target = { id: 'whTarget_1', url: 'https://app.test/hook', secret: 's', events: ['thread.thread_created'] };
    expect((await tell({ target })).status).toBe(200);
    await tell({ duplicate: 1 });
    await tell({ hold: true });
    await desk.createThread(thread);
    await emulator.webhooks.settle();
    expect(received).toEqual([]);
    await tell({ release: 'in-order' });
    await emulator.webhooks.settle();
    expect(received).toHaveLength(2);
    expect(new Set(received).size).toBe(1);
    expect((await tell({ strange: 1 })).ok).toBe(false);
  });
});

describe('an import with files', () => {
  it('asks for the permission to make them', async () => {
    const { desk, emulator } = plainDesk();
    const { value } = await desk.createThread(thread);
    const weak = createPlain({
      apiKey: emulator.mintKey({ permissions: ['thread:import'] }),
      baseUrl: emulator.baseUrl,
      fetch: emulator.fetch,
    });
    const document = `mutation M($input: ImportThreadMessagesInput!) { importThreadMessages(input: $input) { error { code message } } }`;
    const ask = async (attachmentIds: string[]) => {
      const author = { customerId: value.contact?.id };
      const message = {
        externalId: 'm',
        type: 'INBOUND',
        text: 'x',
        createdAt: past.toISOString(),
        author,
        attachmentIds,
      };
      const input = { threadId: value.id, threadMessages: [message] };
      return weak.native.request<{ importThreadMessages: { error: { code: string } | null } }, object>(document, {
        input,
      });
    };
    const attachment = emulator.setup.addAttachment({ customerId: value.contact?.id ?? '' });
    expect((await ask([attachment.id])).importThreadMessages.error).toMatchObject({ code: 'forbidden' });
    expect((await ask([])).importThreadMessages.error).toBeNull();
  });
});
