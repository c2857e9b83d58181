import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/emulators/clock.ts';
import { createWebhooks, type WebhookDialect, type WebhooksOptions } from '../../src/emulators/webhooks.ts';

const target = { id: 'w1', url: 'https://app.invalid/hook', secret: 's', events: ['thread'] };

function createDialect(): WebhookDialect {
  let serial = 0;
  return {
    retryDelaysMs: [1000, 5000],
    wants: ({ events }, type) => events.includes(type.split('.')[0] ?? ''),
    newEventId: () => `evt_${++serial}`,
    compose: ({ target: { secret }, event, number, at }) => ({
      body: JSON.stringify({ id: event.id, type: event.type, data: event.data, number }),
      headers: { 'x-signature': `${secret} ${at.toISOString()}` },
    }),
  };
}

function createWorld(statuses: readonly (number | 'lost')[] = [], more: Partial<WebhooksOptions> = {}) {
  const clock = createVirtualClock();
  const received: { id: string; type: string; data: unknown; number: number; signature: string | null }[] = [];
  const webhooks = createWebhooks({
    clock,
    dialect: createDialect(),
    async fetch(input, init) {
      const request = new Request(input, init);
      const status = statuses[received.length] ?? 200;
      received.push({ ...(await request.json()), signature: request.headers.get('x-signature') });
      if (status === 'lost') throw new TypeError('fetch failed');
      return new Response(status < 400 ? null : 'no', { status });
    },
    ...more,
  });
  webhooks.add(target);
  return { clock, webhooks, received };
}

describe('webhooks', () => {
  it('deliver a signed snapshot of what happened', async () => {
    const { webhooks, received } = createWorld();
    const data = { title: 'then' };
    webhooks.emit('thread.created', data);
    data.title = 'now';
    await webhooks.settle();
    expect(received).toEqual([
      {
        id: 'evt_1',
        type: 'thread.created',
        data: { title: 'then' },
        number: 1,
        signature: 's 2026-01-05T09:00:00.000Z',
      },
    ]);
    expect(webhooks.attempts).toMatchObject([{ targetId: 'w1', eventId: 'evt_1', number: 1, status: 200 }]);
  });

  it('reach only targets that asked for the event', async () => {
    const { webhooks, received } = createWorld();
    webhooks.emit('contact.created', {});
    await webhooks.settle();
    expect(received).toEqual([]);
    webhooks.remove('w1');
    webhooks.emit('thread.created', {});
    await webhooks.settle();
    expect([received, webhooks.targets]).toEqual([[], []]);
  });

  it('are retried on the clock under the same event id, signed anew', async () => {
    const { clock, webhooks, received } = createWorld([500, 'lost', 302]);
    webhooks.emit('thread.created', {});
    await webhooks.settle();
    await clock.advance(999);
    expect(received).toHaveLength(1);
    await clock.advance(1);
    expect(received).toHaveLength(2);
    await clock.advance(5000);
    expect(received.map(({ id, number }) => [id, number])).toEqual([
      ['evt_1', 1],
      ['evt_1', 2],
      ['evt_1', 3],
    ]);
    expect(received[2]?.signature).toBe('s 2026-01-05T09:00:06.000Z');
    expect(webhooks.attempts.map(({ status }) => status)).toEqual([500, null, 302]);
  });

  it('are given up after the last retry', async () => {
    const { clock, webhooks, received } = createWorld([500, 500, 500]);
    webhooks.emit('thread.created', {});
    await webhooks.settle();
    await clock.advance(100_000);
    expect(received).toHaveLength(3);
    expect(webhooks.dead).toMatchObject([{ targetId: 'w1', event: { id: 'evt_1' } }]);
  });

  it('stop after one success', async () => {
    const { clock, webhooks, received } = createWorld([500, 204]);
    webhooks.emit('thread.created', {});
    await webhooks.settle();
    await clock.advance(100_000);
    expect(received).toHaveLength(2);
    expect(webhooks.dead).toEqual([]);
  });

  it('fail when no answer comes in time', async () => {
    const { webhooks } = createWorld([], {
      timeoutMs: 1,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        }),
    });
    webhooks.emit('thread.created', {});
    await webhooks.settle();
    expect(webhooks.attempts).toMatchObject([{ status: null }]);
  });

  it('can be doubled under the same event id', async () => {
    const { webhooks, received } = createWorld();
    webhooks.duplicate(2);
    webhooks.emit('thread.created', {});
    await webhooks.settle();
    expect(received.map(({ id }) => id)).toEqual(['evt_1', 'evt_1', 'evt_1']);
  });

  it('can be held back and sent in the wrong order', async () => {
    const { webhooks, received } = createWorld();
    webhooks.hold();
    for (const type of ['thread.created', 'thread.updated', 'thread.deleted']) webhooks.emit(type, {});
    await webhooks.settle();
    expect(received).toEqual([]);
    webhooks.release('reversed');
    await webhooks.settle();
    expect(received.map(({ type }) => type)).toEqual(['thread.deleted', 'thread.updated', 'thread.created']);
    webhooks.hold();
    webhooks.emit('thread.created', {});
    webhooks.emit('thread.updated', {});
    webhooks.release();
    await webhooks.settle();
    expect(received.slice(3).map(({ type }) => type)).toEqual(['thread.created', 'thread.updated']);
  });

  it('tell the skewed time of the desk', async () => {
    const { clock, webhooks, received } = createWorld();
    clock.skew(-3_600_000);
    webhooks.emit('thread.created', {});
    await webhooks.settle();
    expect(received[0]?.signature).toBe('s 2026-01-05T08:00:00.000Z');
  });

  it('neither report nor retry what was under way when they were cleared', async () => {
    const { clock, webhooks, received } = createWorld([500]);
    webhooks.emit('thread.created', {});
    webhooks.clear();
    await webhooks.settle();
    await clock.advance(100_000);
    expect(received).toHaveLength(1);
    expect([webhooks.attempts, webhooks.dead]).toEqual([[], []]);
  });
});
