import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commonFaults, createFaults, type Fault } from '../../src/emulators/faults.ts';
import { emulateProductlane } from '../../src/emulators/productlane/index.ts';
import { type Served, serve } from '../../src/emulators/serve.ts';
import { minimal } from './productlane.world.ts';

const emulator = emulateProductlane({ rateLimits: false });
let served: Served;
beforeAll(async () => {
  served = await serve(emulator);
});
afterAll(() => served.close());
beforeEach(() => emulator.reset());

const request = { method: 'POST', path: '/threads', operation: 'POST /threads', access: 'write' } as const;

/** The next call opens a thread. Every fault is shown to both callers. */
describe.each(['in process', 'over a socket'])('%s', (place) => {
  const inProcess = place === 'in process';

  async function open(signal?: AbortSignal): Promise<Response> {
    const send = inProcess ? emulator.fetch : globalThis.fetch;
    return send(`${inProcess ? emulator.baseUrl : served.url}/threads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(minimal),
      ...(signal && { signal }),
    });
  }

  const failure = (promise: Promise<unknown>): Promise<Error & { cause: { code: string } }> =>
    promise.then(
      () => expect.fail('the call should have failed'),
      (error) => error,
    );
  const stored = (): number => emulator.state.threads.size;

  it('answers as it should when nothing is wrong', async () => {
    const response = await open();
    expect(response.status).toBe(200);
    await expect(response.json()).resolves.toMatchObject({ text: minimal.text });
    expect(stored()).toBe(1);
  });

  it.each([
    ['no', 0],
    ['yes', 1],
  ] as const)('gives a status with the write applied: %s', async (applied, count) => {
    emulator.faults.next({ kind: 'status', status: 502, body: '<h1>Bad Gateway</h1>', applied });
    const response = await open();
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toBe('<h1>Bad Gateway</h1>');
    expect(stored()).toBe(count);
  });

  it('gives a status while the write lands later', async () => {
    emulator.faults.next({ kind: 'status', status: 504, applied: 'later', landsAfterMs: 300 });
    expect((await open()).status).toBe(504);
    expect(stored()).toBe(0);
    await emulator.clock.advance(299);
    expect(stored()).toBe(0);
    await emulator.clock.advance(1);
    expect(stored()).toBe(1);
  });

  it("gives the desk's own envelope and any header where no body is named", async () => {
    emulator.faults.next({ kind: 'status', status: 429, headers: { 'Retry-After': 'soon, perhaps' } });
    const response = await open();
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('soon, perhaps');
    await expect(response.json()).resolves.toMatchObject({ error: { code: 'rate_limited' } });
  });

  it('gives any JSON body, and none where the status has none', async () => {
    emulator.faults.next({ kind: 'status', status: 500, body: { surprise: true } });
    await expect((await open()).json()).resolves.toEqual({ surprise: true });
    emulator.faults.next({ kind: 'status', status: 204 });
    expect(await (await open()).text()).toBe('');
  });

  it.each([
    ['before', 0, 0],
    ['during', 0, 1],
    ['after', 1, 1],
  ] as const)('cuts the connection %s the write', async (when, atOnce, later) => {
    emulator.faults.next({ kind: 'cut', when });
    const error = await failure(open());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('fetch failed');
    expect(error.cause.code).toBe('ECONNRESET');
    expect(stored()).toBe(atOnce);
    await emulator.clock.advance(1000);
    expect(stored()).toBe(later);
  });

  it.each([
    ['yes', 1],
    ['no', 0],
  ] as const)('sends no headers until the caller gives up, with the write applied: %s', async (applied, count) => {
    emulator.faults.next({ kind: 'stall', at: 'headers', applied });
    const controller = new AbortController();
    const call = failure(open(controller.signal));
    await until(() => emulator.requests.entries.length === 1);
    controller.abort();
    expect((await call).name).toBe('AbortError');
    expect(stored()).toBe(count);
  });

  it('sends headers and half a body, and no end', async () => {
    emulator.faults.next({ kind: 'stall', at: 'body' });
    const controller = new AbortController();
    const response = await open(controller.signal);
    expect(response.status).toBe(200);
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toMatch(/^\{"id":"thr_/);
    const rest = failure(reader.read());
    controller.abort();
    expect((await rest).name).toBe('AbortError');
    expect(stored()).toBe(1);
  });

  it('breaks off in the middle of the body', async () => {
    emulator.faults.next({ kind: 'truncate' });
    const response = await open();
    expect(response.status).toBe(200);
    const error = await failure(response.text());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('terminated');
    expect(stored()).toBe(1);
  });

  it.each([
    [undefined, 'Checking your connection'],
    ['{"id": "thr_', '{"id": "thr_'],
  ])('answers with a page instead of JSON', async (body, text) => {
    emulator.faults.next({ kind: 'garble', ...(body && { body }) });
    const response = await open();
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(text);
    expect(stored()).toBe(1);
  });

  it('answers late, by the clock of the desk', async () => {
    emulator.faults.next({ kind: 'slow', ms: 5000 });
    let answered = false;
    const call = open().then((response) => {
      answered = true;
      return response.status;
    });
    await until(() => stored() === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    await emulator.clock.advance(5000);
    expect(await call).toBe(200);
  });

  it('lets the caller give up on a late answer', async () => {
    emulator.faults.next({ kind: 'slow', ms: 5000 });
    const controller = new AbortController();
    const call = failure(open(controller.signal));
    await until(() => stored() === 1);
    controller.abort();
    expect((await call).name).toBe('AbortError');
  });

  it('inserts a record directly after a list was read', async () => {
    const list = async (): Promise<number> => {
      const send = inProcess ? emulator.fetch : globalThis.fetch;
      const response = await send(`${inProcess ? emulator.baseUrl : served.url}/threads`, {
        headers: { authorization: `Bearer ${emulator.apiKey}` },
      });
      return ((await response.json()) as { data: unknown[] }).data.length;
    };
    emulator.faults.next({ kind: 'shift' });
    expect(await list()).toBe(0);
    expect(await list()).toBe(1);
  });
});

describe('an answer without a body', () => {
  const world = async () => {
    const emulator = emulateProductlane({ deletedThread: 'empty' });
    const headers = { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' };
    const body = JSON.stringify(minimal);
    await emulator.fetch(`${emulator.baseUrl}/threads`, { method: 'POST', headers, body });
    const [id] = emulator.state.threads.keys();
    const remove = (signal?: AbortSignal) =>
      emulator.fetch(`${emulator.baseUrl}/threads/${id}`, { method: 'DELETE', headers, ...(signal && { signal }) });
    return { emulator, remove, isGone: () => emulator.state.threads.get(id!)?.deleted_at !== null };
  };

  it('breaks off or stalls as a whole', async () => {
    const broken = await world();
    broken.emulator.faults.next({ kind: 'truncate' });
    await expect(broken.remove()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(broken.isGone()).toBe(true);

    const stalled = await world();
    stalled.emulator.faults.next({ kind: 'stall', at: 'body' });
    const controller = new AbortController();
    const call = stalled.remove(controller.signal);
    await until(stalled.isGone);
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  it('becomes a page with a body when it is garbled', async () => {
    const { emulator, remove } = await world();
    emulator.faults.next({ kind: 'garble' });
    expect((await remove()).status).toBe(200);
  });
});

describe('the queue of faults', () => {
  it('uses each once, in order, and records what it hit', () => {
    const faults = createFaults();
    faults.next({ kind: 'truncate' });
    faults.next({ kind: 'garble' });
    expect(faults.waiting).toBe(2);
    expect([faults.take(request), faults.take(request), faults.take(request)]).toEqual([
      { kind: 'truncate' },
      { kind: 'garble' },
      undefined,
    ]);
    expect(faults.fired).toEqual([
      { fault: { kind: 'truncate' }, request },
      { fault: { kind: 'garble' }, request },
    ]);
  });

  it.each([
    [{ method: 'GET' }, false],
    [{ method: 'POST' }, true],
    [{ path: '/threads' }, true],
    [{ path: '/thread' }, false],
    [{ path: /^\/thr/ }, true],
    [{ operation: 'POST /threads' }, true],
    [{ operation: 'GET /threads' }, false],
    [{ access: 'read' }, false],
    [{ access: 'write', path: '/threads' }, true],
  ] as const)('waits for the request that matches %o', (match, hits) => {
    const faults = createFaults();
    faults.next({ kind: 'truncate' }, match);
    expect(faults.take(request) !== undefined).toBe(hits);
    expect(faults.waiting).toBe(hits ? 0 : 1);
  });

  it('forgets everything when cleared', () => {
    const faults = createFaults();
    faults.next({ kind: 'truncate' });
    faults.random({ seed: 1, rate: 1 });
    faults.take(request);
    faults.clear();
    expect(faults.take(request)).toBeUndefined();
    expect([faults.waiting, faults.fired.length]).toEqual([0, 0]);
  });
});

describe('random faults', () => {
  const take = (seed: number, rate: number, kinds?: readonly Fault[]): readonly (Fault | undefined)[] => {
    const faults = createFaults();
    faults.random({ seed, rate, kinds });
    return Array.from({ length: 400 }, () => faults.take(request));
  };

  it('repeat for the same seed and differ for another', () => {
    expect(take(7, 0.5)).toEqual(take(7, 0.5));
    expect(take(7, 0.5)).not.toEqual(take(8, 0.5));
  });

  it('hit about the share that is asked for, with every kind', () => {
    const hits = take(7, 0.3).filter((fault) => fault !== undefined);
    expect(hits.length).toBeGreaterThan(80);
    expect(hits.length).toBeLessThan(160);
    expect(new Set(hits)).toEqual(new Set(commonFaults));
    expect(take(7, 0).every((fault) => fault === undefined)).toBe(true);
    expect(take(7, 1, [{ kind: 'truncate' }])).toEqual(Array(400).fill({ kind: 'truncate' }));
  });

  it('leave requests alone that do not match', () => {
    const faults = createFaults();
    faults.random({ seed: 1, rate: 1, match: { access: 'read' } });
    expect(faults.take(request)).toBeUndefined();
  });

  it('come after a queued one', () => {
    const faults = createFaults();
    faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'garble' }] });
    faults.next({ kind: 'truncate' });
    expect([faults.take(request), faults.take(request)]).toEqual([{ kind: 'truncate' }, { kind: 'garble' }]);
  });
});

/** Lets the event loop turn until something is so; the runner's own timeout ends it otherwise. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
