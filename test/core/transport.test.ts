import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isStop } from '../../src/core/before-request.ts';
import { createRateBudget } from '../../src/core/budget.ts';
import { HelpdeskError } from '../../src/core/errors.ts';
import {
  createTransport,
  type Exchange,
  type RequestEvent,
  type ResponseEvent,
  type RetryEvent,
  type TransportOptions,
} from '../../src/core/transport.ts';
import { version } from '../../src/core/version.ts';

type Step = Response | Error | 'stall' | 'stalled body';

/** A desk that answers with the given steps, the last one for ever, and remembers what it was asked. */
function script(...steps: Step[]) {
  const seen: Request[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    seen.push(request);
    const step = steps[Math.min(seen.length, steps.length) - 1] ?? new Response('{}');
    if (step instanceof Error) throw step;
    const { signal } = request;
    const never = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    never.catch(() => {}); // not every step waits for it
    if (step === 'stall') return never;
    if (step === 'stalled body') {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"half'));
          never.catch((error) => controller.error(error));
        },
      });
      return new Response(body);
    }
    return step.clone();
  };
  return { seen, fetch };
}

const status = (code: number, headers: Record<string, string> = {}) => new Response('{}', { status: code, headers });
const socket = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

function transportTo(fetch: typeof globalThis.fetch, options: Partial<TransportOptions> = {}) {
  const budget = createRateBudget({ reads: 1e6, writes: 1e6 });
  const desk = {
    provider: 'test',
    keyRule: () => undefined,
    requestId: (headers: Headers) => headers.get('x-request-id') ?? undefined,
  };
  return createTransport(desk, budget, { apiKey: 'secret-key', fetch, ...options });
}

const read: Exchange = {
  operation: 'getThread',
  access: 'read',
  method: 'GET',
  url: 'https://desk.test/threads/t1',
  path: '/threads/{id}',
};
const write: Exchange = {
  ...read,
  operation: 'reply',
  access: 'write',
  method: 'POST',
  body: '{"content":"private words"}',
};

/** Pauses between tries take no time: the next timer is always due. */
beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }).setTimerTickMode('nextTimerAsync'),
);
afterEach(() => void vi.useRealTimers());

describe('a request', () => {
  it('carries the key, the user agent and the body', async () => {
    const { seen, fetch } = script(status(200));
    await transportTo(fetch)(write);
    const [request] = seen;
    expect(request?.headers.get('authorization')).toBe('Bearer secret-key');
    expect(request?.headers.get('user-agent')).toBe(`helpdesk-bridge/${version}`);
    expect(await request?.text()).toBe(write.body);
  });

  it('asks for the key each time', async () => {
    const { seen, fetch } = script(status(200));
    let serial = 0;
    const send = transportTo(fetch, { apiKey: async () => `key-${++serial}` });
    await send(read);
    await send(read);
    expect(seen.map((request) => request.headers.get('authorization'))).toEqual(['Bearer key-1', 'Bearer key-2']);
  });

  it.each([
    ['is empty', () => ''],
    ['holds a line break', () => 'secret\nkey'],
    ['holds a letter that no header takes', () => 'schlüssel'],
    ['cannot be had', () => Promise.reject(new Error('vault says: secret-key'))],
  ])('is not sent where the key %s', async (_, apiKey) => {
    const { seen, fetch } = script(status(200));
    const error: unknown = await transportTo(fetch, { apiKey })(read).catch((error: unknown) => error);
    expect(error).toMatchObject({ kind: 'auth', applied: 'no' });
    expect(String(error)).not.toMatch(/secret|schlüssel/);
    expect(seen).toHaveLength(0);
  });

  it('does not follow a redirect with the key', async () => {
    const elsewhere: string[] = [];
    const other = createServer((request, response) => {
      elsewhere.push(request.headers.authorization ?? '');
      response.end('{}');
    });
    const desk = createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end();
    });
    await Promise.all(
      [other, desk].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
    );
    onTestFinished(() => void [other, desk].map((server) => server.close()));
    const url = `http://127.0.0.1:${(desk.address() as AddressInfo).port}/`;
    const answer = await transportTo(globalThis.fetch)({ ...read, url });
    expect(answer.status).toBe(307);
    expect(elsewhere).toEqual([]);
  });
});

describe('a read', () => {
  it.each([408, 429, 500, 502, 503, 504])('is repeated after %i', async (code) => {
    const { seen, fetch } = script(status(code), status(200));
    expect((await transportTo(fetch)(read)).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  it.each([400, 401, 403, 404, 409, 410, 422])('is not repeated after %i', async (code) => {
    const { seen, fetch } = script(status(code));
    expect((await transportTo(fetch)(read)).status).toBe(code);
    expect(seen).toHaveLength(1);
  });

  it('is repeated after a broken connection, and ends as unavailable', async () => {
    const { seen, fetch } = script(socket('ECONNRESET'));
    await expect(transportTo(fetch)(read)).rejects.toMatchObject({
      kind: 'unavailable',
      applied: 'no',
      message: '[test] getThread: no answer, ECONNRESET',
    });
    expect(seen).toHaveLength(3);
  });

  it('is repeated where the body breaks off', async () => {
    const broken = () =>
      new Response(new ReadableStream({ start: (controller) => controller.error(socket('UND_ERR_SOCKET')) }));
    let calls = 0;
    const fetch = async () => (++calls === 1 ? broken() : status(200));
    expect((await transportTo(fetch)(read)).status).toBe(200);
  });

  it('waits at least as long as the desk says', async () => {
    const { seen, fetch } = script(status(429, { 'retry-after': '7' }), status(200));
    const retries: RetryEvent[] = [];
    await transportTo(fetch, { hooks: { onRetry: (event) => retries.push(event) } })(read);
    expect(seen).toHaveLength(2);
    expect(retries[0]?.waitMs).toBeGreaterThanOrEqual(7000);
    expect(retries[0]?.waitMs).toBeLessThanOrEqual(7500);
  });

  it.each(['soon', '', '-3', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    'does not wait for ever on Retry-After "%s"',
    async (value) => {
      const { seen, fetch } = script(status(429, { 'retry-after': value }), status(200));
      const retries: RetryEvent[] = [];
      await transportTo(fetch, { hooks: { onRetry: (event) => retries.push(event) } })(read);
      expect(seen).toHaveLength(2);
      expect(retries[0]?.waitMs).toBeLessThan(1000);
    },
  );

  it('gives up at once where the desk asks for more than the bound', async () => {
    const { seen, fetch } = script(status(429, { 'retry-after': '3600' }));
    expect((await transportTo(fetch)(read)).status).toBe(429);
    expect(seen).toHaveLength(1);
  });

  it('waits within its bound whatever the desk sends', async () => {
    vi.useRealTimers(); // Nothing is repeated here, so nothing waits.
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme-ascii' }),
        fc.constantFrom('retry-after', 'x-ratelimit-reset'),
        async (value, name) => {
          const waits: number[] = [];
          const hooks = { onRetry: ({ waitMs }: RetryEvent) => waits.push(waitMs) };
          const { fetch } = script(status(429, { [name]: value }));
          await transportTo(fetch, { hooks, maxRetryWaitMs: 1, retries: 1 })(read);
          for (const wait of waits) expect(wait).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a write', () => {
  it('is repeated after 429, which comes before the desk does anything', async () => {
    const { seen, fetch } = script(status(429, { 'retry-after': '1' }), status(200));
    expect((await transportTo(fetch)(write)).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  it.each([408, 500, 502, 503, 504])('is never repeated after %i', async (code) => {
    const { seen, fetch } = script(status(code), status(200));
    expect((await transportTo(fetch)(write)).status).toBe(code);
    expect(seen).toHaveLength(1);
  });

  it.each(['ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE'])(
    'may have happened after %s, and is not repeated',
    async (code) => {
      const { seen, fetch } = script(socket(code), status(200));
      await expect(transportTo(fetch)(write)).rejects.toMatchObject({ kind: 'unavailable', applied: 'unknown' });
      expect(seen).toHaveLength(1);
    },
  );

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])('cannot have happened after %s', async (code) => {
    const { fetch } = script(socket(code));
    await expect(transportTo(fetch)(write)).rejects.toMatchObject({ kind: 'unavailable', applied: 'no' });
  });
});

describe('a port that is closed to fetch', () => {
  beforeEach(() => void vi.useRealTimers());

  it('gets nothing', async () => {
    const toDiscard = { ...write, url: 'http://127.0.0.1:9/threads' };
    await expect(transportTo(globalThis.fetch)(toDiscard)).rejects.toMatchObject({
      kind: 'unavailable',
      applied: 'no',
      message: '[test] reply: no answer, BAD_PORT',
    });
  });
});

describe('a desk that does not answer', () => {
  beforeEach(() => void vi.useRealTimers()); // AbortSignal.timeout has no other clock

  it.each(['stall', 'stalled body'] as const)('ends with the time limit: %s', async (step) => {
    const { fetch } = script(step);
    await expect(transportTo(fetch, { timeoutMs: 30 })(write)).rejects.toMatchObject({
      kind: 'unavailable',
      applied: 'unknown',
      message: '[test] reply: no answer within 30 ms',
    });
  });

  it.each(['stall', 'stalled body'] as const)('ends with the caller: %s', async (step) => {
    const { seen, fetch } = script(step);
    const caller = new AbortController();
    const call = transportTo(fetch)({ ...write, signal: caller.signal });
    await vi.waitFor(() => expect(seen).toHaveLength(1), { interval: 1 });
    caller.abort();
    await expect(call).rejects.toMatchObject({ kind: 'cancelled', applied: 'unknown' });
  });

  it('is not asked where the caller had cancelled before', async () => {
    const { seen, fetch } = script(status(200));
    await expect(transportTo(fetch)({ ...write, signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
      applied: 'no',
    });
    expect(seen).toHaveLength(0);
  });
});

describe('a write that was refused with 429', () => {
  it('has not happened where the caller leaves during the pause', async () => {
    const { seen, fetch } = script(status(429, { 'retry-after': '5' }));
    const caller = new AbortController();
    const hooks = { onRetry: () => caller.abort() };
    await expect(transportTo(fetch, { hooks })({ ...write, signal: caller.signal })).rejects.toMatchObject({
      kind: 'cancelled',
      applied: 'no',
    });
    expect(seen).toHaveLength(1);
  });
});

describe('a key that never comes', () => {
  beforeEach(() => void vi.useRealTimers());

  it('ends with the time limit, and nothing is sent', async () => {
    const { seen, fetch } = script(status(200));
    const send = transportTo(fetch, { apiKey: () => new Promise(() => {}), timeoutMs: 20 });
    await expect(send(write)).rejects.toMatchObject({ kind: 'unavailable', applied: 'no' });
    expect(seen).toHaveLength(0);
  });
});

describe('an observer', () => {
  it('that fails later does not end the process', async () => {
    const { fetch } = script(status(200));
    const late = async () => Promise.reject(new Error('observer'));
    expect((await transportTo(fetch, { hooks: { onRequest: late, onResponse: late } })(read)).status).toBe(200);
  });

  it('sees method, template, status, attempt and request id, and nothing of the request', async () => {
    const events: (RequestEvent | ResponseEvent | RetryEvent)[] = [];
    const push = (event: RequestEvent) => void events.push(event);
    const { fetch } = script(status(429), status(200, { 'x-request-id': 'req_1' }));
    await transportTo(fetch, { hooks: { onRequest: push, onResponse: push, onRetry: push } })(write);
    expect(events).toMatchObject([
      { attempt: 1, method: 'POST', path: '/threads/{id}', operation: 'reply' },
      { attempt: 1, status: 429 },
      { attempt: 1, status: 429, waitMs: expect.any(Number) },
      { attempt: 2 },
      { attempt: 2, status: 200, requestId: 'req_1', durationMs: expect.any(Number) },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/secret-key|private words|t1/);
  });

  it('cannot fail or double the request it watches', async () => {
    const { seen, fetch } = script(status(200));
    const boom = () => {
      throw new Error('observer');
    };
    await transportTo(fetch, { hooks: { onRequest: boom, onResponse: boom, onRetry: boom } })(write);
    expect(seen).toHaveLength(1);
  });
});

describe('a caller that is asked before each request', () => {
  it('hears of every try, and the request leaves after it has answered', async () => {
    const order: string[] = [];
    const { fetch } = script(status(503), status(200));
    const watched: typeof globalThis.fetch = (...input) => {
      order.push('sent');
      return fetch(...input);
    };
    const beforeRequest = async ({ access }: { access: string }) => {
      await Promise.resolve();
      order.push(access);
    };
    await transportTo(watched)({ ...read, beforeRequest });
    expect(order).toEqual(['read', 'sent', 'read', 'sent']);
  });

  it('is asked for leave to write after budget and key', async () => {
    const order: string[] = [];
    const note = (word: string) => void order.push(word);
    const budget = { ...createRateBudget({ all: 1e6 }), take: async () => note('budget') };
    const apiKey = () => {
      note('key');
      return 'secret-key';
    };
    const transport = createTransport(
      { provider: 'test', keyRule: () => undefined, requestId: () => undefined },
      budget,
      {
        apiKey,
        fetch: async () => status(200),
      },
    );
    await transport({ ...write, beforeRequest: ({ access }) => note(access) });
    expect(order).toEqual(['budget', 'key', 'write']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('private words');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('private words'))],
    ['rejects with nothing', async () => Promise.reject(undefined)],
  ])('stops the request where it %s', async (_, beforeRequest) => {
    for (const exchange of [read, write]) {
      const { seen, fetch } = script(status(200));
      let asked = 0;
      const events: unknown[] = [];
      const hooks = { onRequest: (event: RequestEvent) => events.push(event) };
      const counted = () => {
        asked += 1;
        return beforeRequest();
      };
      const error = await transportTo(fetch, { hooks })({ ...exchange, beforeRequest: counted }).catch(
        (cause) => cause,
      );
      expect(error).toMatchObject({
        kind: 'cancelled',
        applied: 'no',
        provider: 'test',
        operation: exchange.operation,
      });
      expect(error.message).not.toContain('private');
      expect(isStop(error)).toBe(true);
      expect([seen.length, asked, events.length]).toEqual([0, 1, 0]);
    }
  });

  it('stops a second try, and the refused first one has not written', async () => {
    const { seen, fetch } = script(status(429, { 'retry-after': '0' }), status(200));
    let asked = 0;
    const beforeRequest = () => {
      asked += 1;
      if (asked === 2) throw new Error('full');
    };
    await expect(transportTo(fetch)({ ...write, beforeRequest })).rejects.toMatchObject({
      kind: 'cancelled',
      applied: 'no',
    });
    expect([seen.length, asked]).toEqual([1, 2]);
  });

  it('gives its own HelpdeskError to whoever called', async () => {
    const own = new HelpdeskError({
      provider: 'bridge',
      operation: 'reply',
      kind: 'unavailable',
      reason: 'the store is away',
      applied: 'no',
      operationId: 'op-1',
    });
    const { seen, fetch } = script(status(200));
    const beforeRequest = () => Promise.reject(own);
    for (const exchange of [read, write]) {
      await expect(transportTo(fetch)({ ...exchange, beforeRequest })).rejects.toBe(own);
    }
    expect(seen).toHaveLength(0);
  });

  it('keeps nothing waiting that was cancelled, and nothing is sent', async () => {
    const { seen, fetch } = script(status(200));
    const caller = new AbortController();
    const beforeRequest = () => {
      caller.abort();
      return new Promise<void>(() => {});
    };
    await expect(transportTo(fetch)({ ...write, signal: caller.signal, beforeRequest })).rejects.toMatchObject({
      kind: 'cancelled',
      applied: 'no',
    });
    expect(seen).toHaveLength(0);
  });

  it('sends nothing that was cancelled while it agreed, or in the moments after', async () => {
    for (let moments = 0; moments < 12; moments++) {
      const caller = new AbortController();
      const sent: boolean[] = [];
      const fetch = async () => {
        sent.push(caller.signal.aborted);
        return status(200);
      };
      const abort = (left: number): void => (left === 0 ? caller.abort() : queueMicrotask(() => abort(left - 1)));
      const beforeRequest = () => abort(moments);
      const error = await transportTo(fetch)({ ...write, signal: caller.signal, beforeRequest }).catch(
        (cause) => cause,
      );
      expect(sent).not.toContain(true);
      if (sent.length === 0) expect(error).toMatchObject({ kind: 'cancelled', applied: 'no' });
    }
  });

  it('that never answers ends with the time limit', async () => {
    vi.useRealTimers();
    const { seen, fetch } = script(status(200));
    const beforeRequest = () => new Promise<void>(() => {});
    await expect(transportTo(fetch, { timeoutMs: 20 })({ ...write, beforeRequest })).rejects.toMatchObject({
      kind: 'unavailable',
      applied: 'no',
    });
    expect(seen).toHaveLength(0);
  });
});
