import { describe, expect, it } from 'vitest';
import { kindOfCode, refused } from '../../../src/providers/productlane/failure.ts';
import { createProductlane } from '../../../src/providers/productlane/index.ts';
import { failure, productlaneDesk, thread } from '../../desks.ts';

const exchange = { operation: 'createThread', access: 'write', method: 'POST', url: '', path: '/threads' } as const;
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  refused(exchange, {
    status,
    headers: new Headers(headers),
    text: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** Every row of the vendor's table. */
const documented = [
  [400, 'validation_failed', 'invalid', 'no'],
  [401, 'unauthenticated', 'auth', 'no'],
  [403, 'scope_required', 'auth', 'no'],
  [403, 'forbidden', 'auth', 'no'],
  [404, 'not_found', 'not-found', 'no'],
  [409, 'conflict', 'conflict', 'no'],
  [410, 'unsupported_key_version', 'auth', 'no'],
  [422, 'unprocessable', 'invalid', 'no'],
  [429, 'rate_limited', 'rate-limited', 'no'],
  [500, 'internal_error', 'unavailable', 'unknown'],
] as const;

describe('a documented code', () => {
  it.each(documented)('%i %s is %s in both envelopes, applied: %s', (status, code, kind, applied) => {
    expect(answer(status, { error: { code, message: 'm', request_id: 'req_1' } })).toMatchObject({
      kind,
      applied,
      requestId: 'req_1',
    });
    expect(answer(status, { code, message: 'm', issues: [{ message: 'm' }] })).toMatchObject({ kind, applied });
  });

  it('is in the table, and the table holds no other', () => {
    expect(Object.keys(kindOfCode).sort()).toEqual(documented.map(([, code]) => code).sort());
  });
});

describe('an answer that is no envelope', () => {
  it.each([
    [400, 'invalid', 'no'],
    [401, 'auth', 'no'],
    [403, 'auth', 'no'],
    [404, 'not-found', 'no'],
    [408, 'unavailable', 'unknown'],
    [409, 'conflict', 'no'],
    [410, 'auth', 'no'],
    [418, 'unexpected', 'unknown'],
    [422, 'invalid', 'no'],
    [429, 'rate-limited', 'no'],
    [502, 'unavailable', 'unknown'],
    [503, 'unavailable', 'unknown'],
    [504, 'unavailable', 'unknown'],
    [302, 'unexpected', 'unknown'],
  ] as const)('with status %i is %s, applied: %s', (status, kind, applied) => {
    for (const body of ['<html>', '', '[]', 'null', '"text"', { error: 'text' }]) {
      expect(answer(status, body)).toMatchObject({ kind, applied });
    }
  });
});

describe('a refusal', () => {
  it('names our fields for theirs, and nothing that is no field', () => {
    const details = ['contact_email', 'tag_ids.0', 'text', 'a quotation from the request', 7].map((path) => ({
      path,
      message: 'm',
    }));
    expect(answer(400, { error: { code: 'validation_failed', details } }).issues.map(({ path }) => path)).toEqual([
      'contact.email',
      'labelIds.0',
      'body',
    ]);
  });

  it('names the scope that is missing', async () => {
    const { emulator } = productlaneDesk();
    const apiKey = emulator.mintKey({ scopes: ['threads:read'] });
    const desk = createProductlane({ apiKey, baseUrl: emulator.baseUrl, fetch: emulator.fetch });
    const error = await failure(desk.createThread(thread));
    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining('threads:write') });
  });

  it('says how long to wait', () => {
    expect(answer(429, {}, { 'retry-after': '7' })).toMatchObject({ kind: 'rate-limited', retryAfterMs: 7000 });
  });

  it('takes the request id from the header first', () => {
    expect(answer(500, { error: { request_id: 'req_body' } }, { 'x-request-id': 'req_header' }).requestId).toBe(
      'req_header',
    );
  });

  it('says that the key is of version 1', () => {
    expect(answer(410, { error: { code: 'unsupported_key_version' } }).message).toContain('create a version 2 key');
  });
});

describe('an answer that cannot be read', () => {
  it.each([
    ['no JSON', '<html>', 'the answer is not JSON'],
    ['without an id', { title: 'T' }, 'the answer has no usable id'],
    ['without a date', { id: 't', created_at: 'yesterday' }, 'the answer has no usable'],
  ])('%s is unexpected and names what is wrong', async (_, body, reason) => {
    const { desk, emulator } = productlaneDesk();
    emulator.faults.next({ kind: 'status', status: 200, body });
    expect(await failure(desk.getThread('thr_1'))).toMatchObject({
      kind: 'unexpected',
      applied: 'no',
      message: expect.stringContaining(reason),
    });
    emulator.faults.next({ kind: 'status', status: 200, body });
    expect(await failure(desk.createThread(thread))).toMatchObject({ kind: 'unexpected', applied: 'unknown' });
  });

  it('is not taken for the end of a list', async () => {
    const { desk, emulator } = productlaneDesk();
    emulator.faults.next({ kind: 'status', status: 200, body: { data: [], page: { cursor: null, has_more: true } } });
    const first = desk.listThreads()[Symbol.asyncIterator]().next();
    expect(await failure(first)).toMatchObject({ kind: 'unexpected', message: expect.stringContaining('page.cursor') });
  });
});
