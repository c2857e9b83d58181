import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { load, save } from '../../src/emulators/persistence.ts';
import { emulateProductlane, type ProductlaneEmulator } from '../../src/emulators/productlane/index.ts';
import { type Served, serve } from '../../src/emulators/serve.ts';
import { minimal } from './productlane.world.ts';

let emulator: ProductlaneEmulator;
let served: Served;
beforeEach(async () => {
  emulator = emulateProductlane();
  served = await serve(emulator);
});
afterEach(() => served.close());

// biome-ignore lint/suspicious/noExplicitAny: whatever the endpoint shows.
async function control(method: string, path = '', body?: unknown): Promise<any> {
  const response = await fetch(`${served.origin}/_emulator${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

const open = (url = served.url, fetch: typeof globalThis.fetch = globalThis.fetch): Promise<Response> =>
  fetch(`${url}/threads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(minimal),
  });

describe('a served emulator', () => {
  it('answers on the loopback address below the path of its base URL', async () => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v2$/);
    expect((await open()).status).toBe(200);
    expect(emulator.state.threads.size).toBe(1);
  });

  it('refuses a port that is taken', async () => {
    const port = Number(new URL(served.origin).port);
    await expect(serve(emulateProductlane(), { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('closes although a fault keeps a connection open', async () => {
    const other = await serve(emulator);
    emulator.faults.next({ kind: 'stall', at: 'headers' });
    const call = open(other.url).then(
      () => 'answered',
      () => 'broken',
    );
    while (emulator.requests.entries.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await other.close();
    expect(await call).toBe('broken');
  });

  it('tells the time of the desk in the Date header', async () => {
    expect((await open()).headers.get('date')).toBe('Mon, 05 Jan 2026 09:00:00 GMT');
  });
});

describe('the control endpoints', () => {
  it('say what is emulated', async () => {
    await open();
    expect(await control('GET')).toMatchObject({
      name: 'productlane',
      path: '/api/v2',
      apiKey: emulator.apiKey,
      requests: 1,
    });
  });

  it('show requests, deliveries and webhooks', async () => {
    const { id } = (await (await open()).json()) as { id: string };
    await fetch(`${served.url}/threads/${id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content: '<p>Done</p>' }),
    });
    const response = await fetch(`${served.origin}/_emulator/requests`);
    await expect(response.json()).resolves.toMatchObject([{ path: '/threads' }, { path: `/threads/${id}/messages` }]);
    expect(await control('GET', '/post-room')).toMatchObject({ delivered: [{ threadId: id, body: '<p>Done</p>' }] });
    expect(await control('GET', '/webhooks')).toMatchObject({ targets: [], attempts: [], dead: [] });
  });

  it('queue and clear faults', async () => {
    expect(await control('POST', '/faults', { fault: { kind: 'status', status: 503 } })).toMatchObject({ waiting: 1 });
    expect((await open()).status).toBe(503);
    await control('POST', '/faults', { random: { seed: 1, rate: 1, kinds: [{ kind: 'status', status: 500 }] } });
    expect((await open()).status).toBe(500);
    await control('DELETE', '/faults');
    expect((await open()).status).toBe(200);
  });

  it('refuse a fault they do not know', async () => {
    expect((await control('POST', '/faults', { fault: { kind: 'flood' } })).status).toBe(400);
    expect((await control('GET', '/nothing')).status).toBe(404);
  });

  it('move and skew the clock', async () => {
    expect(await control('POST', '/clock', { advanceMs: 60_000 })).toMatchObject({ now: '2026-01-05T09:01:00.000Z' });
    expect(await control('POST', '/clock', { skewMs: 1000 })).toMatchObject({ now: '2026-01-05T09:01:01.000Z' });
  });

  it('let a contact write', async () => {
    const { id } = (await (await open()).json()) as { id: string };
    const message = await control('POST', '/receive', { threadId: id, text: 'Any news?' });
    expect(emulator.state.messages.get(id)).toMatchObject([{ id: message.id, direction: 'inbound' }]);
    expect((await control('POST', '/receive', { threadId: 'nope', text: 'x' })).status).toBe(400);
  });

  it('fill, empty, store and restore the workspace', async () => {
    await control('POST', '/seed', { size: 'small' });
    expect(emulator.state.threads.size).toBe(25);
    const { status: _, ...state } = await control('GET', '/state');
    await control('POST', '/reset');
    expect(emulator.state.threads.size).toBe(0);
    await control('PUT', '/state', state);
    expect(emulator.state.threads.size).toBe(25);
    expect((await control('PUT', '/state', {})).status).toBe(400);
    expect(emulator.state.threads.size).toBe(25);
  });
});

describe('an emulator on disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('goes on in another process where it was', async () => {
    const path = join(folder, 'state.json');
    expect(await load(emulator, path)).toBe(false);
    await open();
    await save(emulator, path);
    const next = emulateProductlane();
    expect(await load(next, path)).toBe(true);
    expect(next.snapshot()).toEqual(emulator.snapshot());
    expect((await open(next.baseUrl, next.fetch)).status).toBe(200);
    expect(next.state.threads.size).toBe(2);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ emulator: 'productlane' });
  });

  it('does not read what it did not write', async () => {
    await expect(load(emulator, folder)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('fetch in process', () => {
  it('cannot reach any other host', async () => {
    const call = emulator.fetch('https://elsewhere.invalid/threads');
    await expect(call).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ENOTFOUND' } });
  });

  it('takes a Request, and gives up when its signal has fired', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const request = new Request(`${emulator.baseUrl}/me`, { signal: controller.signal });
    await expect(emulator.fetch(request)).rejects.toThrow('enough');
    expect(emulator.requests.count()).toBe(0);
  });

  it('records each request once, with its operation and status', async () => {
    await open(emulator.baseUrl, emulator.fetch);
    emulator.faults.next({ kind: 'cut', when: 'before' });
    await open(emulator.baseUrl, emulator.fetch).catch(() => undefined);
    await emulator.fetch(`${emulator.baseUrl}/threads/x?expand=messages`);
    expect(emulator.requests.entries).toMatchObject([
      { method: 'POST', path: '/threads', operation: 'POST /threads', access: 'write', status: 200, authorized: true },
      { operation: 'POST /threads', status: null },
      { operation: 'GET /threads/:id', query: 'expand=messages', access: 'read', status: 401, authorized: false },
    ]);
    expect(emulator.requests.count({ access: 'write' })).toBe(2);
    expect(emulator.requests.count({ path: /^\/threads\// })).toBe(1);
    emulator.reset();
    expect(emulator.requests.count()).toBe(0);
  });
});
