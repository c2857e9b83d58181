import { describe, expect, it } from 'vitest';
import { failed, kindOfCode, kindOfExtension, refused, statusOf } from '../../../src/providers/plain/failure.ts';
import { createPlain } from '../../../src/providers/plain/index.ts';
import { contact, failure, plainDesk, thread } from '../../desks.ts';

const error = (
  code: string,
  type = 'VALIDATION' as const,
  fields: { field: string; type: 'NOT_FOUND' | 'REQUIRED' | 'VALIDATION' }[] = [],
) => ({ code, type, fields });

/** Every code of the vendor's page that a bridge can meet, and those found elsewhere. */
const documented = {
  input_validation: 'invalid',
  forbidden: 'auth',
  internal: 'unavailable',
  not_found: 'not-found',
  not_yet_implemented: 'unsupported',
  action_not_allowed_in_demo_workspace: 'auth',
  insufficient_permissions: 'auth',
  customer_already_exists_with_email: 'conflict',
  customer_already_exists_with_external_id: 'conflict',
  customer_already_marked_as_spam: 'conflict',
  customer_is_marked_as_spam: 'conflict',
  customer_is_not_marked_as_spam: 'conflict',
  customer_group_key_already_exists: 'conflict',
  customer_group_has_memberships: 'conflict',
  attachment_file_size_too_large: 'invalid',
  attachment_file_type_not_allowed: 'invalid',
  attachment_not_uploaded: 'invalid',
  cannot_reply_to_unsent_email: 'conflict',
  workspace_chat_not_enabled: 'unsupported',
  workspace_email_not_enabled: 'unsupported',
  workspace_email_domain_not_set: 'unsupported',
  workspace_email_domain_not_configured: 'unsupported',
  workspace_email_forwarding_not_configured: 'unsupported',
  too_many_webhook_targets: 'conflict',
  cannot_update_field: 'invalid',
  customer_already_is_status: 'conflict',
  cannot_reply_to_thread: 'unsupported',
  cannot_add_label_using_archived_label_type: 'invalid',
  label_with_given_type_already_added_to_thread: 'conflict',
  thread_link_already_exists: 'conflict',
  cannot_create_thread_from_slack_message: 'invalid',
  missing_user_auth_slack_integration_for_team: 'auth',
} as const;

describe('a mutation error', () => {
  it.each(Object.entries(documented))('%s is %s', (code, kind) => {
    expect(refused('createThread', error(code))).toMatchObject({
      kind,
      message: expect.stringContaining(`[plain] createThread: ${code}`),
    });
  });

  it('is in the table, and the table holds no other', () => {
    expect(kindOfCode).toEqual(documented);
  });

  it.each([
    ['VALIDATION', 'invalid', 'no'],
    ['FORBIDDEN', 'auth', 'no'],
    ['INTERNAL', 'unavailable', 'unknown'],
  ] as const)('of an unknown code follows its type: %s is %s, applied: %s', (type, kind, applied) => {
    expect(refused('reply', { code: 'brand_new', type, fields: [] })).toMatchObject({
      kind,
      applied,
      message: '[plain] reply: brand_new',
    });
  });

  it('names our fields for theirs', () => {
    const { issues, kind } = refused(
      'createThread',
      error('not_found', 'VALIDATION', [{ field: 'input.labelTypeIds.0', type: 'NOT_FOUND' }]),
    );
    expect([kind, issues]).toEqual(['invalid', [{ path: 'labelIds.0', message: 'does not exist on this desk' }]]);
  });

  it('says what had been changed before it', () => {
    expect(refused('updateThread', error('input_validation'), ['title'])).toMatchObject({
      applied: 'unknown',
      message: expect.stringContaining('after title'),
    });
  });
});

const answer = (status: number, body: unknown) => ({ status, headers: new Headers(), text: JSON.stringify(body) });
const graphql = (code: string) => ({ data: null, errors: [{ message: 'm', extensions: { code } }] });

describe('an answer without data', () => {
  it.each(Object.entries(kindOfExtension))('with %s is %s', (code, kind) => {
    for (const status of [200, 400, 401]) {
      expect(failed('getThread', 'read', answer(status, graphql(code)), graphql(code))).toMatchObject({ kind });
    }
  });

  it.each([
    [401, { message: 'Unauthorized' }, 'auth'],
    [403, 'error code: 1010', 'auth'],
    [429, {}, 'rate-limited'],
    [500, '<html>', 'unavailable'],
    [302, '', 'unexpected'],
    [200, {}, 'unexpected'],
  ] as const)('and without errors, status %i, is %s %s', (status, body, kind) => {
    expect(failed('getThread', 'read', answer(status, body), body)).toMatchObject({ kind });
  });

  it.each([
    ['RATE_LIMITED', 429],
    ['INTERNAL_SERVER_ERROR', 500],
    ['FORBIDDEN', 200],
  ])('that hides %s in a 200 has the status %i for the retries', (code, status) => {
    expect(statusOf(answer(200, graphql(code)))).toBe(status);
  });

  it('leaves open whether a write happened, where the server failed', () => {
    const body = graphql('INTERNAL_SERVER_ERROR');
    expect(failed('reply', 'write', answer(200, body), body)).toMatchObject({
      kind: 'unavailable',
      applied: 'unknown',
    });
  });
});

describe('a rate limit hidden in a 200', () => {
  it('is waited for by a read and by a write', async () => {
    const { desk, emulator } = plainDesk();
    const hidden = {
      kind: 'status',
      status: 200,
      body: graphql('RATE_LIMITED'),
      headers: { 'retry-after': '0' },
    } as const;
    emulator.faults.next(hidden);
    const { value } = await desk.createThread({ ...thread, contact: { email: contact.email } });
    emulator.faults.next(hidden);
    expect((await desk.getThread(value.id)).id).toBe(value.id);
  });
});

describe('a key', () => {
  it.each([
    ['wrong', () => 'plainApiKey_wrong', 'auth'],
    [
      'revoked',
      (emulator: ReturnType<typeof plainDesk>['emulator']) => {
        const key = emulator.mintKey();
        emulator.revokeKey(key);
        return key;
      },
      'auth',
    ],
    [
      'without the permission',
      (emulator: ReturnType<typeof plainDesk>['emulator']) => emulator.mintKey({ permissions: ['thread:read'] }),
      'auth',
    ],
  ] as const)('that is %s is an auth error on reads and writes', async (_, mint, kind) => {
    const { emulator } = plainDesk();
    const desk = createPlain({ apiKey: mint(emulator), baseUrl: emulator.baseUrl, fetch: emulator.fetch });
    expect(await failure(desk.findContact(contact.email))).toMatchObject({ kind, applied: 'no' });
    expect(await failure(desk.createThread(thread))).toMatchObject({ kind, applied: 'no' });
  });
});

describe('both conflicts of upsertCustomer', () => {
  it('are conflicts that name the field', async () => {
    const { desk } = plainDesk();
    await desk.upsertContact({ email: 'one@example.test', externalId: 'one' });
    const taken = desk.upsertContact({ email: 'two@example.test', externalId: 'one' });
    expect(await failure(taken)).toMatchObject({ kind: 'conflict', issues: [{ path: 'externalId' }] });
    expect(refused('upsertContact', error('customer_already_exists_with_email'))).toMatchObject({
      kind: 'conflict',
      issues: [{ path: 'email' }],
    });
  });
});

describe('an external id that is taken, by whom cannot be seen', () => {
  it('may be that of the thread that was to be created', async () => {
    const { desk, emulator } = plainDesk({}, { retries: 0 });
    const named = { ...thread, externalId: 'order-1' };
    await desk.createThread(named);
    const body = {
      data: {
        createThread: {
          thread: null,
          error: {
            message: 'taken',
            type: 'VALIDATION',
            code: 'input_validation',
            fields: [{ field: 'externalId', message: 'taken', type: 'VALIDATION' }],
          },
        },
      },
    };
    emulator.faults.next({ kind: 'status', status: 200, body }, { operation: 'CreateThread' });
    emulator.faults.next({ kind: 'status', status: 500 }, { operation: 'ThreadByExternalId' });
    expect(await failure(desk.createThread(named))).toMatchObject({ kind: 'unavailable', applied: 'unknown' });
    expect(emulator.faults.waiting).toBe(0);
  });
});

describe('an answer with data beside its errors', () => {
  const body = {
    data: { createThread: { thread: null, error: null } },
    errors: [{ message: 'm', extensions: { code: 'FORBIDDEN' } }],
  };
  const limited = { ...body, errors: [{ message: 'm', extensions: { code: 'RATE_LIMITED' } }] };

  it('means that the write was made, and a part of its answer refused', async () => {
    const { desk, emulator } = plainDesk();
    emulator.faults.next({ kind: 'status', status: 200, body, applied: 'yes' }, { operation: 'CreateThread' });
    expect(await failure(desk.createThread(thread))).toMatchObject({ kind: 'auth', applied: 'unknown' });
  });

  it('is not asked for again, whatever the error', async () => {
    const { desk, emulator } = plainDesk();
    emulator.faults.next({ kind: 'status', status: 200, body: limited, applied: 'yes' }, { operation: 'CreateThread' });
    expect(await failure(desk.createThread(thread))).toMatchObject({ applied: 'unknown' });
    expect(emulator.state.threads.size).toBe(1);
  });
});

describe('a refusal', () => {
  it('carries the id of its request', async () => {
    const { desk } = plainDesk();
    const error = await failure(desk.deleteThread('th_01H14DFQ4PDYBH398J1E99TWSS'));
    expect(error).toMatchObject({ kind: 'not-found', requestId: expect.stringMatching(/./) });
  });
});

describe('a document of the caller', () => {
  it.each(['# send it\nmutation A { x }', 'fragment F on Thread { id } mutation A { x }', 'mutation A { x }'])(
    'is not repeated unless it is plainly a query: %s',
    async (document) => {
      const { desk, emulator } = plainDesk();
      emulator.faults.next({ kind: 'status', status: 500 });
      expect(await failure(desk.native.request(document, {}))).toMatchObject({
        kind: 'unavailable',
        applied: 'unknown',
      });
      expect(emulator.requests.count()).toBe(1);
    },
  );

  it.each(['query A { myWorkspace { id } }', '{ myWorkspace { id } }'])(
    'is repeated where it is: %s',
    async (document) => {
      const { desk, emulator } = plainDesk();
      emulator.faults.next({ kind: 'status', status: 503, headers: { 'retry-after': '0' } });
      expect(await desk.native.request(document, {})).toHaveProperty('myWorkspace.id');
    },
  );
});
