import { describe, expect, it } from 'vitest';
import { createWorld, minimal, refusedAs } from './productlane.world.ts';

const times = async (count: number, run: () => Promise<{ status: number }>): Promise<readonly number[]> => {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await run()).status);
  return statuses;
};

describe('the limits of a key', () => {
  it('let 60 writes a minute pass, POST, PATCH and DELETE together', async () => {
    const { emulator, post, patch, remove, open } = createWorld({ rateLimits: {} });
    const { id } = await open();
    await times(30, () => patch(`/threads/${id}`, { title: 'x' }));
    await times(28, () => post('/threads', minimal));
    expect((await remove(`/threads/${id}`)).status).toBe(200);
    const refused = await post('/threads', minimal);
    expect(refused).toMatchObject({
      status: 429,
      body: { error: { code: 'rate_limited', details: { limit: 60, window: '1m' } } },
    });
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(emulator.state.threads.size).toBe(29);
  });

  it('let 1000 reads a minute pass, apart from the writes', async () => {
    const { get, open } = createWorld({ rateLimits: {} });
    await open();
    const statuses = await times(1001, () => get('/me'));
    expect(statuses.indexOf(429)).toBe(1000);
  });

  it('are shown on every response', async () => {
    const { emulator, get, post } = createWorld({ rateLimits: {} });
    const shown = ({ headers }: { headers: Headers }) =>
      ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`x-ratelimit-${name}`)));
    const reset = Number(emulator.clock.now()) / 1000 + 60;
    expect(shown(await get('/me'))).toEqual([1000, 999, reset]);
    expect(shown(await post('/threads', minimal))).toEqual([60, 59, expect.any(Number)]);
    expect(shown(await post('/threads', {}))).toEqual([60, 58, expect.any(Number)]);
    expect(shown(await get('/none'))).toEqual([1000, 998, expect.any(Number)]);
    expect(shown(await get('/me', 'wrong'))).toEqual([1000, 1000, expect.any(Number)]);
  });

  it('open again after the seconds of Retry-After', async () => {
    const { emulator, post } = createWorld({ rateLimits: { writes: 1 } });
    await post('/threads', minimal);
    await emulator.clock.advance(41_500);
    const refused = await post('/threads', minimal);
    expect(refused.headers.get('retry-after')).toBe('19');
    await emulator.clock.advance(19_000);
    expect((await post('/threads', minimal)).status).toBe(200);
  });

  it('are counted for each key', async () => {
    const { emulator, post } = createWorld({ rateLimits: { writes: 1 } });
    const second = emulator.mintKey();
    expect((await post('/threads', minimal)).status).toBe(200);
    expect((await post('/threads', minimal)).status).toBe(429);
    expect((await post('/threads', minimal, second)).status).toBe(200);
  });

  it('count a refused body, and not a refused call', async () => {
    const { emulator, post } = createWorld({ rateLimits: { writes: 2 } });
    expect(await times(4, () => post('/threads', {}))).toEqual([400, 400, 429, 429]);
    await emulator.clock.advance(60_000);
    expect((await post('/threads', minimal)).status).toBe(200);
  });

  it('can be switched off, headers included', async () => {
    const { post } = createWorld({ rateLimits: false });
    const statuses = await times(70, () => post('/threads', minimal));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await post('/threads', minimal)).headers.get('x-ratelimit-limit')).toBeNull();
  });

  it('start anew on reset', async () => {
    const { emulator, post } = createWorld({ rateLimits: { writes: 1 } });
    await post('/threads', minimal);
    emulator.reset();
    expect((await post('/threads', minimal)).status).toBe(200);
  });
});

describe('a burst', () => {
  it('that is free may take the whole minute at once', async () => {
    const { get } = createWorld({ rateLimits: { reads: 12 }, burst: 'free' });
    expect((await times(13, () => get('/me'))).indexOf(429)).toBe(12);
  });

  it('that is spread may take twice its share in ten seconds', async () => {
    const { emulator, get } = createWorld({ rateLimits: { reads: 12 }, burst: 'spread' });
    const first = await times(5, () => get('/me'));
    expect(first).toEqual([200, 200, 200, 200, 429]);
    await emulator.clock.advance(10_000);
    expect(await times(5, () => get('/me'))).toEqual(first);
    await emulator.clock.advance(10_000);
    await times(4, () => get('/me'));
    await emulator.clock.advance(10_000);
    const refused = await get('/me');
    expect(refused).toMatchObject({ status: 429, body: { error: { details: { limit: 12, window: '1m' } } } });
    expect(refused.headers.get('retry-after')).toBe('30');
  });

  it('that comes on top doubles the first ten seconds', async () => {
    const { emulator, get } = createWorld({ rateLimits: { reads: 3 }, burst: 'on-top' });
    expect((await times(7, () => get('/me'))).indexOf(429)).toBe(6);
    await emulator.clock.advance(60_000);
    await get('/me');
    await emulator.clock.advance(10_000);
    expect(await times(3, () => get('/me'))).toEqual([200, 200, 429]);
  });
});

describe('uploads', () => {
  const upload = async ({ emulator }: ReturnType<typeof createWorld>) => {
    const body = new FormData();
    body.set('file', new File(['x'], 'x.txt', { type: 'text/plain' }));
    const headers = { authorization: `Bearer ${emulator.apiKey}` };
    const response = await emulator.fetch(`${emulator.baseUrl}/files`, { method: 'POST', headers, body });
    return { status: response.status, headers: response.headers };
  };

  it('have 30 a minute of their own, and count as writes too', async () => {
    const world = createWorld({ rateLimits: {} });
    const statuses = await times(31, () => upload(world));
    expect(statuses.indexOf(429)).toBe(30);
    expect((await upload(world)).headers.get('x-ratelimit-remaining')).toBe('28');
    expect((await world.post('/threads', minimal)).status).toBe(200);
  });

  it('have a budget a day for the workspace', async () => {
    const world = createWorld({ rateLimits: { uploadsPerDay: 2 } });
    await times(2, () => upload(world));
    await world.emulator.clock.advance(3_600_000);
    expect((await upload(world)).status).toBe(429);
    await world.emulator.clock.advance(23 * 3_600_000);
    expect((await upload(world)).status).toBe(200);
  });

  it('do not use up what is left of the writes', async () => {
    const world = createWorld({ rateLimits: { writes: 1, uploads: 5 } });
    await upload(world);
    expect(await world.post('/threads', minimal)).toMatchObject(refusedAs(429, 'rate_limited'));
  });
});
