import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/emulators/faults.ts';
import { contact, everyMethod, failure, plainDesk, productlaneDesk, thread } from '../desks.ts';

/** What a hostile or careless server could send back: the request, in every envelope. */
const quoted = 'Bearer key-of-ours ada@example.test private words private title Ada Lovelace';

const faults: readonly Fault[] = [
  {
    kind: 'status',
    status: 400,
    body: {
      error: {
        code: 'validation_failed',
        message: quoted,
        details: [
          { path: quoted, message: quoted },
          { path: 'text', message: quoted },
        ],
      },
    },
  },
  { kind: 'status', status: 400, body: { code: 'validation_failed', message: quoted, issues: [{ message: quoted }] } },
  {
    kind: 'status',
    status: 400,
    body: { errors: [{ message: quoted, extensions: { code: 'BAD_USER_INPUT', quoted } }] },
  },
  { kind: 'status', status: 401, body: { message: quoted } },
  {
    kind: 'status',
    status: 403,
    body: {
      error: {
        code: 'scope_required',
        message: quoted,
        details: { required: [quoted, 'threads:write'], granted: [quoted] },
      },
    },
  },
  { kind: 'status', status: 404, body: quoted },
  { kind: 'status', status: 409, body: { error: { code: quoted, message: quoted, request_id: quoted } } },
  { kind: 'status', status: 429, body: quoted, headers: { 'retry-after': '3600', 'x-request-id': quoted } },
  {
    kind: 'status',
    status: 200,
    body: {
      data: {
        createThread: {
          thread: null,
          error: {
            type: 'VALIDATION',
            code: quoted,
            message: quoted,
            fields: [{ field: quoted, message: quoted, type: quoted }],
          },
        },
      },
    },
  },
  { kind: 'status', status: 200, body: { errors: [{ message: quoted, extensions: { code: quoted } }], data: null } },
  { kind: 'status', status: 200, body: { id: 'x', email: quoted } },
  { kind: 'status', status: 302, headers: { location: `https://elsewhere.invalid/?${encodeURIComponent(quoted)}` } },
  { kind: 'status', status: 500, body: { error: { message: quoted } } },
  { kind: 'garble', body: `<html>${quoted}` },
  { kind: 'truncate' },
  { kind: 'cut', when: 'before' },
  { kind: 'cut', when: 'after' },
  { kind: 'stall', at: 'headers' },
  { kind: 'stall', at: 'body' },
];

const secrets = /key-of-ours|ada@example|private words|private title|Lovelace/i;

/** Everything a program may print an error with. */
const printed = (error: unknown): string =>
  [inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }), JSON.stringify(error), String(error)].join(
    '\n',
  );

/** Nothing here may wait: one try each, and a short time limit for what stalls. */
const options = { retries: 0, timeoutMs: 50 };

async function world(name: 'productlane' | 'plain') {
  if (name === 'plain') {
    const { desk, emulator } = plainDesk({}, options);
    const { value } = await desk.createThread(thread);
    const key = emulator.apiKey;
    return { desk, emulator, key, ids: { thread: value.id, contact: value.contact?.id ?? '', user: emulator.userId } };
  }
  const { desk, emulator } = productlaneDesk({}, options);
  const { value } = await desk.createThread(thread);
  return {
    desk,
    emulator,
    key: emulator.apiKey,
    ids: { thread: value.id, contact: value.contact?.id ?? '', user: 'usr_1' },
  };
}

const methods = [
  'check',
  'getContact',
  'findContact',
  'listContacts',
  'getThread',
  'listThreads',
  'listMessages',
  'upsertContact',
  'createThread',
  'updateThread',
  'reply',
  'addNote',
  'importThread',
  'recordMessages',
  'deleteThread',
] as const;

describe.each(['productlane', 'plain'] as const)('an error of %s', (name) => {
  it.each(faults.map((fault) => [JSON.stringify(fault).slice(0, 60), fault] as const))(
    'shows neither key, address nor body after %s',
    async (_, fault) => {
      let failures = 0;
      for (const method of methods) {
        // A new desk each time: after a refusal for too many requests the budget of an old one holds back.
        const { desk, emulator, key, ids } = await world(name);
        emulator.faults.next(fault);
        const error = await failure(everyMethod(desk, ids)[method]());
        if (error === undefined) continue; // a write whose answer says nothing wrong
        failures++;
        expect(printed(error)).toContain(`[${name}]`);
        expect(printed(error)).not.toMatch(secrets);
        expect(printed(error)).not.toContain(key);
        expect(error).not.toHaveProperty('cause');
      }
      expect(failures).toBeGreaterThan(7);
    },
  );

  it('shows neither key, address nor body after bad input', async () => {
    const { desk, ids } = await world(name);
    for (const call of [
      desk.createThread({ ...thread, contact: { email: `${contact.email} private words` } }),
      desk.createThread({ ...thread, title: `private title ${'x'.repeat(600)}` }),
      desk.reply({ threadId: `${ids.thread} private words`, body: thread.body }),
      desk.findContact('private words'),
    ]) {
      expect(printed(await failure(call))).not.toMatch(secrets);
    }
  });
});
