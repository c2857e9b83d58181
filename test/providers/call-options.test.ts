/** What a call is told besides its input, and with which key: what cannot be meant is refused before anything is sent. */
import { describe, expect, it } from 'vitest';
import type { CallOptions } from '../../src/core/helpdesk.ts';
import { createPlain } from '../../src/providers/plain/index.ts';
import { createProductlane } from '../../src/providers/productlane/index.ts';
import { everyMethod, failure, plainDesk, productlaneDesk } from '../desks.ts';

const ids = { thread: `th_${'0'.repeat(26)}`, contact: `c_${'0'.repeat(26)}`, user: `u_${'0'.repeat(26)}` };

const wrong: readonly (readonly [string, unknown, object])[] = [
  [
    'a misspelt name',
    { singal: undefined },
    { path: 'options', message: 'unknown field "singal" (did you mean "signal"?)' },
  ],
  [
    'a key that only a bridge takes',
    { idempotencyKey: 'k' },
    { path: 'options', message: 'unknown field "idempotencyKey"' },
  ],
  ['a name of every object', { constructor: 1 }, { path: 'options', message: 'unknown field "constructor"' }],
  ['a controller', { signal: new AbortController() }, { path: 'signal', message: 'must be an AbortSignal' }],
  ['a word as beforeRequest', { beforeRequest: 'x' }, { path: 'beforeRequest', message: 'must be a function' }],
  ['a signal itself', AbortSignal.timeout(9), { path: 'options', message: 'must be an object, such as { signal }' }],
  ['a number', 7, { path: 'options', message: 'must be an object, such as { signal }' }],
];

describe.each([
  ['productlane', productlaneDesk],
  ['plain', plainDesk],
] as const)('%s', (_, open) => {
  it.each(wrong)('refuses on every method: %s', async (_name, options, issue) => {
    const { desk, emulator } = open();
    for (const [method, call] of Object.entries(everyMethod(desk, ids, options as CallOptions))) {
      expect(await failure(call()), method).toMatchObject({ kind: 'invalid', applied: 'no', operation: method });
      expect(await failure(call()), method).toMatchObject({ issues: [issue] });
    }
    expect(emulator.requests.count()).toBe(0);
  });

  it('takes options that are there and undefined', async () => {
    const { desk } = open();
    await expect(desk.check({ signal: undefined, beforeRequest: undefined })).resolves.toBeDefined();
  });
});

describe('native', () => {
  it('refuses what it does not take, and takes what is its own', async () => {
    const { desk } = productlaneDesk();
    const call = desk.native.request('GET', '/threads', { qeury: {} } as object);
    expect(await failure(call)).toMatchObject({
      issues: [{ message: 'unknown field "qeury" (did you mean "query"?)' }],
    });
    await desk.native.request('GET', '/threads', { query: { limit: 1 } });
    const plain = plainDesk().desk.native.request('query x { a }', {}, { timeout: 1 } as object);
    expect(await failure(plain)).toMatchObject({ kind: 'invalid', issues: [{ message: 'unknown field "timeout"' }] });
  });
});

describe('a key', () => {
  const create = { createPlain, createProductlane };

  it.each([
    ['createPlain', 'pl_v2_secret', 'this is a key of Productlane'],
    ['createPlain', 'pl_v1_secret', 'this is a key of Productlane'],
    ['createProductlane', 'plainApiKey_secret', 'this is a key of Plain'],
    ['createProductlane', 'pl_v1_secret', 'this is a version 1 key'],
  ] as const)('of a form that cannot be right is refused by %s: %s', (name, apiKey, reason) => {
    const work = () => create[name]({ apiKey });
    expect(work).toThrow(`${name}: invalid input (apiKey: ${reason}`);
    expect(work).not.toThrow('secret');
  });

  it.each(['a-key-of-some-new-form', 'PLAIN'])('of an unknown form is for the desk to judge: %s', (apiKey) => {
    expect(() => [createPlain({ apiKey }), createProductlane({ apiKey })]).not.toThrow();
  });
});
