import { describe, expect, it } from 'vitest';
import { createWorld, ids, invalidAt, refusedAs } from './productlane.world.ts';

const ann = { email: 'ann@x.io' };

describe('creating a contact', () => {
  it('gives every documented field and no other', async () => {
    const { post } = createWorld();
    const { status, body } = await post('/contacts', { ...ann, name: 'Ann' });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.any(String),
      email: 'ann@x.io',
      name: 'Ann',
      image_url: null,
      company_id: null,
      is_subscribed: true,
      external_ids: {},
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
  });

  it.each([
    ['email', 'ann'],
    ['email', `${'x'.repeat(250)}@x.io`],
    ['email', undefined],
    ['name', ''],
    ['name', 'x'.repeat(256)],
    ['image_url', 'nowhere'],
    ['is_subscribed', 'yes'],
    ['company_id', 'none'],
    ['company_name', 'None'],
    ['company_external_id', 'none'],
    ['external_ids', {}],
    ['phone', '1'],
  ])('refuses %s: %j', async (field, value) => {
    const { emulator, post } = createWorld();
    expect(await post('/contacts', { ...ann, [field]: value })).toMatchObject(invalidAt(field));
    expect(emulator.state.contacts.size).toBe(0);
  });

  it('conflicts with an address that is taken', async () => {
    const { emulator, post } = createWorld({ duplicateContact: 'conflict' });
    await post('/contacts', ann);
    expect(await post('/contacts', { email: 'ANN@x.io', name: 'Anna' })).toMatchObject(refusedAs(409, 'conflict'));
    expect([...emulator.state.contacts.values()]).toMatchObject([{ name: null }]);
  });

  it('changes the contact that has the address where the switch says so', async () => {
    const { emulator, post } = createWorld({ duplicateContact: 'upsert' });
    const first = (await post('/contacts', ann)).body;
    const second = (await post('/contacts', { email: 'ANN@x.io', name: 'Anna' })).body;
    expect(second).toMatchObject({ id: first.id, email: 'ann@x.io', name: 'Anna' });
    expect(emulator.state.contacts.size).toBe(1);
  });

  it('keeps external ids by the later specification, and finds them', async () => {
    const { get, post } = createWorld({ specification: 'later' });
    const { body } = await post('/contacts', { ...ann, external_ids: { plain: 'c_1' } });
    expect(body.external_ids).toEqual({ plain: 'c_1' });
    expect(ids(await get('/contacts?external_id=c_1'))).toEqual([body.id]);
    expect(ids(await get('/contacts?external_id=c_2'))).toEqual([]);
  });
});

describe('finding contacts', () => {
  it.each([
    ['substring', 'nn@x', ['ann@x.io', 'joann@x.io']],
    ['substring', 'ANN@X.IO', ['ann@x.io', 'joann@x.io']],
    ['exact', 'nn@x', []],
    ['exact', 'ANN@X.IO', ['ann@x.io']],
  ] as const)('by e-mail as %s: %s', async (emailFilter, email, found) => {
    const { get, post } = createWorld({ emailFilter });
    for (const address of ['joann@x.io', 'bob@x.io', 'ann@x.io']) await post('/contacts', { email: address });
    const { data } = (await get(`/contacts?email=${encodeURIComponent(email)}`)).body;
    expect(data.map((contact: { email: string }) => contact.email)).toEqual(found);
  });

  it('by name, company and dates', async () => {
    const { get, post } = createWorld();
    const company = (await post('/companies', { name: 'Acme' })).body;
    await post('/contacts', { email: 'bob@x.io' });
    const wanted = (await post('/contacts', { ...ann, name: 'Ann Lee', company_id: company.id })).body;
    const before = new Date(Date.parse(wanted.created_at) - 1).toISOString();
    for (const query of [
      'name_contains=ann',
      `company_id=${company.id}`,
      `created_after=${before}`,
      `updated_after=${before}`,
    ]) {
      expect(ids(await get(`/contacts?${query}`))).toEqual([wanted.id]);
    }
    expect(await get('/contacts?email=')).toMatchObject(invalidAt('email'));
  });

  it('by the exact address, where the call is there', async () => {
    const { get, post } = createWorld();
    const { body } = await post('/contacts', ann);
    expect((await get('/contacts/by-email?email=ANN@x.io')).body).toEqual(body);
    expect(await get('/contacts/by-email?email=nn@x.io')).toMatchObject(refusedAs(404, 'not_found'));
    expect(await get('/contacts/by-email')).toMatchObject(invalidAt('email'));
  });

  it('not at all where the call is gone', async () => {
    const { get, post } = createWorld({ contactByEmail: 'absent' });
    await post('/contacts', ann);
    expect(await get('/contacts/by-email?email=ann@x.io')).toMatchObject(refusedAs(404, 'not_found'));
  });

  it('tells addresses apart by case where the switch says so', async () => {
    const { get, post } = createWorld({ emailCase: 'sensitive' });
    await post('/contacts', ann);
    expect((await get('/contacts/by-email?email=Ann@x.io')).status).toBe(404);
    expect((await post('/contacts', { email: 'Ann@x.io' })).status).toBe(200);
  });
});

describe('changing a contact', () => {
  it('changes only what is named', async () => {
    const { get, post, patch } = createWorld();
    const { body } = await post('/contacts', { ...ann, name: 'Ann', image_url: 'https://x.io/a.png' });
    const changed = await patch(`/contacts/${body.id}`, { is_subscribed: false, image_url: null });
    expect(changed.body).toEqual({ ...body, is_subscribed: false, image_url: null, updated_at: expect.any(String) });
    expect((await get(`/contacts/${body.id}`)).body).toEqual(changed.body);
  });

  it('moves the address, and frees the old one', async () => {
    const { post, patch, open } = createWorld();
    const { body } = await post('/contacts', ann);
    await post('/contacts', { email: 'bob@x.io' });
    expect(await patch(`/contacts/${body.id}`, { email: 'Bob@x.io' })).toMatchObject(refusedAs(409, 'conflict'));
    expect((await patch(`/contacts/${body.id}`, { email: 'ANN@x.io' })).body.email).toBe('ANN@x.io');
    await patch(`/contacts/${body.id}`, { email: 'new@x.io' });
    expect((await open({ contact_email: 'ann@x.io' })).contact.id).not.toBe(body.id);
    expect((await open({ contact_email: 'new@x.io' })).contact.id).toBe(body.id);
  });

  it('resolves a company by id, exact name or external id, and only one of them', async () => {
    const { post, patch } = createWorld();
    const { id } = (await post('/contacts', ann)).body;
    const acme = (await post('/companies', { name: 'Acme', external_ids: ['a-1'] })).body;
    const beta = (await post('/companies', { name: 'Beta' })).body;
    const company = async (selector: object) => (await patch(`/contacts/${id}`, selector)).body.company_id;
    expect(await company({ company_id: acme.id })).toBe(acme.id);
    expect(await company({ company_name: 'Beta' })).toBe(beta.id);
    expect(await company({ company_external_id: 'a-1' })).toBe(acme.id);
    expect(await patch(`/contacts/${id}`, { company_name: 'beta' })).toMatchObject(invalidAt('company_name'));
    expect(await patch(`/contacts/${id}`, { company_id: acme.id, company_name: 'Beta' })).toMatchObject(
      invalidAt('company_name'),
    );
    await post('/companies', { name: 'Beta' });
    expect(await patch(`/contacts/${id}`, { company_name: 'Beta' })).toMatchObject(invalidAt('company_name'));
  });
});

describe('deleting a contact', () => {
  it('hides it, frees its address and leaves its threads without contact', async () => {
    const { get, remove, open } = createWorld();
    const thread = await open({ contact_email: 'ann@x.io' });
    expect((await remove(`/contacts/${thread.contact.id}`)).body).toEqual({ id: thread.contact.id, deleted: true });
    expect((await get(`/threads/${thread.id}`)).body.contact).toBeNull();
    expect(ids(await get('/contacts'))).toEqual([]);
    expect(await get(`/contacts/${thread.contact.id}`)).toMatchObject(refusedAs(404, 'not_found'));
    expect(await remove(`/contacts/${thread.contact.id}`)).toMatchObject(refusedAs(404, 'not_found'));
    expect((await open({ contact_email: 'ann@x.io' })).contact.id).not.toBe(thread.contact.id);
  });
});

describe('the companies of a contact', () => {
  it('are attached once, the first as primary, and the next takes over', async () => {
    const { get, post, remove } = createWorld();
    const { id } = (await post('/contacts', ann)).body;
    const [one, two] = [
      (await post('/companies', { name: 'One' })).body,
      (await post('/companies', { name: 'Two' })).body,
    ];
    const path = `/contacts/${id}/companies`;
    await post(path, { company_id: one.id });
    await post(path, { company_name: 'Two' });
    expect(ids(await post(path, { company_id: one.id }))).toEqual([one.id, two.id]);
    expect(ids(await get(path))).toEqual([one.id, two.id]);
    expect((await get(`/contacts/${id}`)).body.company_id).toBe(one.id);
    expect(ids(await remove(`${path}/${one.id}`))).toEqual([two.id]);
    expect((await get(`/contacts/${id}`)).body.company_id).toBe(two.id);
    expect(await remove(`${path}/${one.id}`)).toMatchObject(refusedAs(404, 'not_found'));
    expect(await post(path, {})).toMatchObject(invalidAt('company_id'));
  });
});

describe('blocked senders', () => {
  it('are kept in lower case, listed and unblocked', async () => {
    const { get, post, remove } = createWorld();
    const path = '/contacts/blocked-senders';
    const first = await post(path, { type: 'EMAIL', value: 'Spam@Ads.io' });
    expect(first.body).toEqual({
      id: expect.any(String),
      value: 'spam@ads.io',
      type: 'EMAIL',
      created_at: expect.any(String),
    });
    expect((await post(path, { type: 'EMAIL', value: 'spam@ads.io' })).body.id).toBe(first.body.id);
    const second = (await post(path, { type: 'DOMAIN', value: 'ads.io' })).body;
    expect(ids(await get(path))).toEqual([second.id, first.body.id]);
    expect(ids(await get(`${path}?type=DOMAIN`))).toEqual([second.id]);
    await remove(`${path}/${second.id}`);
    expect(ids(await get(path))).toEqual([first.body.id]);
    expect(await remove(`${path}/${second.id}`)).toMatchObject(refusedAs(404, 'not_found'));
    expect(await post(path, { type: 'IP', value: 'x' })).toMatchObject(invalidAt('type', 'value'));
  });
});
