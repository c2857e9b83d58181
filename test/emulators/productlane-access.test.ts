import { describe, expect, it } from 'vitest';
import { emulateProductlane, type Scope } from '../../src/emulators/productlane/index.ts';
import { createWorld, invalidAt, minimal, refusedAs } from './productlane.world.ts';

describe('a key', () => {
  it('tells what it may do', async () => {
    const { emulator, get } = createWorld();
    const key = emulator.mintKey({ scopes: ['threads:read'] });
    expect((await get('/me', key)).body).toEqual({
      workspace_id: expect.any(String),
      api_key_id: expect.any(String),
      scopes: ['threads:read'],
      linear_team_ids: expect.any(Array),
      default_linear_team_id: expect.any(String),
    });
  });

  it('shows no team without Linear', async () => {
    const { get } = createWorld({ integrations: ['email'] });
    expect((await get('/me')).body).toMatchObject({ linear_team_ids: [], default_linear_team_id: null });
  });

  it.each([
    ['unknown', 'Bearer pl_v2_nobody'],
    ['malformed', 'pl_v2_emulator00000001'],
    ['of another kind', 'Basic abc'],
    ['missing', undefined],
  ])('that is %s is refused', async (_, authorization) => {
    const { emulator } = createWorld();
    const headers = authorization === undefined ? {} : { authorization };
    const response = await emulator.fetch(`${emulator.baseUrl}/me`, { headers });
    expect(response.status).toBe(401);
    await expect(response.json()).resolves.toMatchObject({ error: { code: 'unauthenticated' } });
  });

  it('works beside others until it is revoked', async () => {
    const { emulator, get } = createWorld();
    const second = emulator.mintKey();
    expect([(await get('/me')).status, (await get('/me', second)).status]).toEqual([200, 200]);
    emulator.revokeKey(emulator.apiKey);
    expect([(await get('/me')).status, (await get('/me', second)).status]).toEqual([401, 200]);
    emulator.reset();
    expect([(await get('/me')).status, (await get('/me', second)).status]).toEqual([200, 401]);
  });

  it.each([
    [410, 'unsupported_key_version'],
    [401, 'unauthenticated'],
  ] as const)('of version 1 gives %i', async (oldKeyStatus, code) => {
    const { get } = createWorld({ oldKeyStatus });
    expect(await get('/me', 'pl_v1_old')).toMatchObject(refusedAs(oldKeyStatus, code));
  });
});

describe('a scope', () => {
  const calls: readonly (readonly [string, string, readonly Scope[]])[] = [
    ['GET', '/threads', ['threads:read']],
    ['POST', '/threads', ['threads:write']],
    ['GET', '/threads/x', ['threads:read']],
    ['PATCH', '/threads/x', ['threads:write']],
    ['DELETE', '/threads/x', ['threads:write']],
    ['GET', '/threads/x/messages', ['threads:read']],
    ['POST', '/threads/x/messages', ['messages:write']],
    ['GET', '/threads/x/comments', ['threads:read']],
    ['POST', '/threads/x/comments', ['comments:write']],
    ['PATCH', '/threads/x/comments/y', ['comments:write']],
    ['DELETE', '/threads/x/comments/y', ['comments:write']],
    ['POST', '/threads/x/customer-needs', ['threads:write']],
    ['GET', '/contacts', ['contacts:read']],
    ['POST', '/contacts', ['contacts:write']],
    ['GET', '/contacts/by-email', ['contacts:read']],
    ['GET', '/contacts/x', ['contacts:read']],
    ['PATCH', '/contacts/x', ['contacts:write']],
    ['DELETE', '/contacts/x', ['contacts:write']],
    ['GET', '/contacts/x/companies', ['contacts:read', 'companies:read']],
    ['POST', '/contacts/x/companies', ['contacts:write']],
    ['DELETE', '/contacts/x/companies/y', ['contacts:write']],
    ['GET', '/contacts/blocked-senders', ['contacts:read']],
    ['POST', '/contacts/blocked-senders', ['contacts:write']],
    ['DELETE', '/contacts/blocked-senders/x', ['contacts:write']],
    ['GET', '/companies', ['companies:read']],
    ['POST', '/companies', ['companies:write']],
    ['GET', '/companies/linear-options', ['companies:read']],
    ['GET', '/companies/x', ['companies:read']],
    ['PATCH', '/companies/x', ['companies:write']],
    ['DELETE', '/companies/x', ['companies:write']],
    ['POST', '/companies/x/merge', ['companies:write']],
    ['GET', '/tags', ['tags:read']],
    ['POST', '/tags', ['tags:write']],
    ['GET', '/tags/x', ['tags:read']],
    ['PATCH', '/tags/x', ['tags:write']],
    ['DELETE', '/tags/x', ['tags:write']],
    ['GET', '/tags/groups', ['tags:read']],
    ['POST', '/tags/groups', ['tags:write']],
    ['GET', '/tags/groups/x', ['tags:read']],
    ['PATCH', '/tags/groups/x', ['tags:write']],
    ['DELETE', '/tags/groups/x', ['tags:write']],
    ['GET', '/members', ['admin']],
    ['PATCH', '/members/x', ['admin']],
    ['POST', '/members/invites', ['admin']],
    ['POST', '/files', ['files:write']],
    ['POST', '/files/import', ['files:write']],
    ['POST', '/webhooks', ['admin']],
  ];

  it.each(calls)('%s %s needs %j', async (method, path, required) => {
    const { emulator, call } = createWorld();
    const granted: Scope[] = ['docs:read'];
    const body = method === 'POST' || method === 'PATCH' ? {} : undefined;
    expect(await call(method, path, body, emulator.mintKey({ scopes: granted }))).toMatchObject({
      status: 403,
      body: { error: { code: 'scope_required', details: { required, granted } } },
    });
    const enough = await call(method, path, body, emulator.mintKey({ scopes: required }));
    expect(enough.status).not.toBe(403);
  });

  it('is not needed for the identity of the key', async () => {
    const { emulator, get } = createWorld();
    expect((await get('/me', emulator.mintKey({ scopes: [] }))).status).toBe(200);
  });
});

describe('what is not there', () => {
  it.each([
    ['GET', '/snippets'],
    ['PUT', '/threads'],
    ['GET', '/'],
    ['GET', '/threads/none'],
    ['GET', '//threads'],
    ['DELETE', '/members/x'],
  ])('%s %s gives not_found', async (method, path) => {
    const { call } = createWorld();
    expect(await call(method, path)).toMatchObject(refusedAs(404, 'not_found'));
  });

  it('is only told to a good key', async () => {
    expect(await createWorld().get('/snippets', 'wrong')).toMatchObject({ status: 401 });
  });
});

describe('every response', () => {
  it('carries a request id of its own, which the envelope repeats', async () => {
    const { get } = createWorld();
    const good = await get('/me');
    const bad = await get('/none');
    expect(good.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{16}$/);
    expect(bad.body.error.request_id).toBe(bad.headers.get('x-request-id'));
    expect(bad.headers.get('x-request-id')).not.toBe(good.headers.get('x-request-id'));
  });
});

describe('the error envelope', () => {
  it('is nested in the guides', async () => {
    const { post } = createWorld({ errorEnvelope: 'nested' });
    expect((await post('/threads', {})).body).toEqual({
      error: {
        code: 'validation_failed',
        message: expect.any(String),
        details: ['text', 'pain_level', 'contact_email'].map((path) => ({ path, message: expect.any(String) })),
        request_id: expect.any(String),
      },
    });
  });

  it('is flat in the OpenAPI file', async () => {
    const { post, get } = createWorld({ errorEnvelope: 'flat' });
    expect((await post('/threads', {})).body).toEqual({
      message: expect.any(String),
      code: 'validation_failed',
      issues: Array(3).fill({ message: expect.any(String) }),
    });
    expect((await get('/none')).body).toEqual({ message: expect.any(String), code: 'not_found' });
  });
});

describe('a body', () => {
  it.each(['', '{', '"text"', '[]', 'null'])('that is %j is refused', async (body) => {
    const { emulator } = createWorld();
    const response = await emulator.fetch(`${emulator.baseUrl}/threads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    await expect(response.json()).resolves.toMatchObject({ error: { code: 'validation_failed' } });
  });

  it('must say that it is JSON', async () => {
    const { emulator } = createWorld();
    const response = await emulator.fetch(`${emulator.baseUrl}/threads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}` },
      body: JSON.stringify(minimal),
    });
    expect(response.status).toBe(400);
    expect(emulator.state.threads.size).toBe(0);
  });

  it('is closed, and every unknown key is named', async () => {
    const { post } = createWorld();
    expect(await post('/threads', { ...minimal, nope: 1, notify: { slack: true, sms: true } })).toMatchObject(
      invalidAt('notify.sms', 'nope'),
    );
  });

  it.each([
    ['kept', 200],
    ['fails', 500],
  ] as const)('with a NUL character is %s', async (nulCharacter, status) => {
    const { post } = createWorld({ nulCharacter });
    expect((await post('/threads', { ...minimal, text: 'a\u0000b' })).status).toBe(status);
  });
});

describe('an emulator', () => {
  it('treats undefined options as absent', async () => {
    const emulator = emulateProductlane({ errorEnvelope: undefined as never, seed: undefined });
    const response = await emulator.fetch(`${emulator.baseUrl}/me`);
    await expect(response.json()).resolves.toMatchObject({ error: { code: 'unauthenticated' } });
  });

  it.each([
    ['prefixed', /^thr_\d{10}$/],
    ['uuid', /^[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}$/],
  ] as const)('makes ids of the form %s', async (ids, form) => {
    const { open } = createWorld({ ids });
    expect((await open()).id).toMatch(form);
  });

  it('has the same records after every reset', async () => {
    const { emulator, open } = createWorld({ seed: 'small' });
    const before = emulator.snapshot();
    await open();
    expect(emulator.snapshot()).not.toEqual(before);
    emulator.reset();
    expect(emulator.snapshot()).toEqual(before);
    expect(createWorld({ seed: 'small' }).emulator.snapshot()).toEqual(before);
  });
});
