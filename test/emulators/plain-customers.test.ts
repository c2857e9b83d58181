import { describe, expect, it } from 'vitest';
import { plainWorld } from './plain-world.ts';

const selection =
  'result customer { id externalId fullName shortName email { email isVerified verifiedAt { iso8601 } } }';

const onCreate = { fullName: 'Ada Lovelace', email: { email: 'ada@example.com', isVerified: true } };

describe('upsertCustomer', () => {
  it('creates, then finds by e-mail without regard to case, and says whether anything changed', async () => {
    const { mutate } = plainWorld();
    const upsert = (emailAddress: string, onUpdate: object) =>
      mutate('upsertCustomer', { identifier: { emailAddress }, onCreate, onUpdate }, selection);

    const created = await upsert('ada@example.com', {});
    expect(created).toMatchObject({ result: 'CREATED', customer: { fullName: 'Ada Lovelace' }, error: null });
    expect(created.customer.id).toMatch(/^c_[0-9A-HJKMNP-TV-Z]{26}$/);

    const same = await upsert('ADA@example.com', { fullName: { value: 'Ada Lovelace' } });
    expect(same).toMatchObject({ result: 'NOOP', customer: { id: created.customer.id } });

    const updated = await upsert('ada@example.com', { fullName: { value: 'Countess' }, shortName: { value: 'Ada' } });
    expect(updated).toMatchObject({ result: 'UPDATED', customer: { fullName: 'Countess', shortName: 'Ada' } });

    const cleared = await upsert('ada@example.com', { shortName: { value: null } });
    expect(cleared).toMatchObject({ result: 'UPDATED', customer: { shortName: null } });
  });

  it.each([{}, { emailAddress: 'ada@example.com', externalId: 'x' }])(
    'refuses the identifier %j',
    async (identifier) => {
      const { refusal, emulator } = plainWorld();
      const { code, fields } = await refusal('upsertCustomer', { identifier, onCreate, onUpdate: {} });
      expect(code).toBe('input_validation');
      expect(fields[0]?.field).toBe('identifier');
      expect(emulator.state.customers.size).toBe(0);
    },
  );

  it('only updates by id', async () => {
    const { refusal, mutate, addCustomer } = plainWorld();
    const input = { onCreate, onUpdate: { fullName: { value: 'New' } } };
    expect((await refusal('upsertCustomer', { ...input, identifier: { customerId: 'c_1' } })).code).toBe('not_found');
    const customerId = await addCustomer();
    const payload = await mutate('upsertCustomer', { ...input, identifier: { customerId } }, selection);
    expect(payload).toMatchObject({ result: 'UPDATED', customer: { id: customerId, fullName: 'New' } });
  });

  it.each(['ada', 'ada@', '@example.com', 'ada lovelace@example.com'])('refuses the address "%s"', async (email) => {
    const { refusal } = plainWorld();
    const wrong = { fullName: 'Ada', email: { email, isVerified: true } };
    const { code } = await refusal('upsertCustomer', {
      identifier: { externalId: 'x' },
      onCreate: wrong,
      onUpdate: {},
    });
    expect(code).toBe('input_validation');
  });

  it('found by e-mail, refuses an external id that is somebody else’s', async () => {
    const { refusal, mutate, addCustomer } = plainWorld();
    const other = { fullName: 'B', email: { email: 'b@example.com', isVerified: true }, externalId: 'taken' };
    await mutate('upsertCustomer', { identifier: { externalId: 'taken' }, onCreate: other, onUpdate: {} });
    await addCustomer();
    const onUpdate = { externalId: { value: 'taken' } };
    const identifier = { emailAddress: 'ada@example.com' };
    const { code, message, type } = await refusal('upsertCustomer', { identifier, onCreate, onUpdate });
    expect({ code, message, type }).toEqual({
      code: 'customer_already_exists_with_external_id',
      message: 'A customer already exists with the provided external id',
      type: 'VALIDATION',
    });
    const fresh = { fullName: 'C', email: { email: 'c@example.com', isVerified: true }, externalId: 'taken' };
    const created = { identifier: { emailAddress: 'c@example.com' }, onCreate: fresh, onUpdate: {} };
    expect((await refusal('upsertCustomer', created)).code).toBe('customer_already_exists_with_external_id');
  });

  it('looked for by external id, refuses an address that is somebody else’s', async () => {
    const { refusal, addCustomer, emulator } = plainWorld();
    await addCustomer();
    const upper = { ...onCreate, email: { email: 'ADA@EXAMPLE.COM', isVerified: true } };
    const input = { identifier: { externalId: 'new' }, onCreate: upper, onUpdate: {} };
    expect((await refusal('upsertCustomer', input)).code).toBe('customer_already_exists_with_email');
    expect(emulator.state.customers.size).toBe(1);
  });

  it.each([
    ['ignored', null],
    ['taken-over', 'from-identifier'],
  ] as const)('has the identifier’s external id %s', async (identifierExternalId, externalId) => {
    const { mutate } = plainWorld({ identifierExternalId });
    const input = { identifier: { externalId: 'from-identifier' }, onCreate, onUpdate: {} };
    const { customer } = await mutate('upsertCustomer', input, selection);
    expect(customer.externalId).toBe(externalId);
  });

  it('keeps the external id of onCreate and can be found by it', async () => {
    const { mutate, read } = plainWorld();
    const input = { identifier: { externalId: 'x' }, onCreate: { ...onCreate, externalId: 'x' }, onUpdate: {} };
    const { customer } = await mutate('upsertCustomer', input, selection);
    expect(await read('{ customerByExternalId(externalId: "x") { id } }')).toEqual({
      customerByExternalId: { id: customer.id },
    });
    await mutate('upsertCustomer', { ...input, onUpdate: { externalId: { value: 'y' } } });
    expect(await read('{ customerByExternalId(externalId: "x") { id } }')).toEqual({ customerByExternalId: null });
  });

  it('remembers when an address became verified', async () => {
    const { mutate } = plainWorld();
    const unverified = { fullName: 'Ada', email: { email: 'ada@example.com', isVerified: false } };
    const input = { identifier: { emailAddress: 'ada@example.com' }, onCreate: unverified };
    const created = await mutate('upsertCustomer', { ...input, onUpdate: {} }, selection);
    expect(created.customer.email).toMatchObject({ isVerified: false, verifiedAt: null });
    const onUpdate = { email: { email: 'ada@example.com', isVerified: true } };
    const verified = await mutate('upsertCustomer', { ...input, onUpdate }, selection);
    expect(verified.customer.email).toMatchObject({ isVerified: true, verifiedAt: { iso8601: expect.any(String) } });
  });

  it('joins tenants that exist, and refuses others', async () => {
    const { mutate, refusal, emulator, customer } = plainWorld();
    const tenant = emulator.setup.addTenant({ name: 'Acme', externalId: 'acme' });
    const identifier = { emailAddress: 'ada@example.com' };
    const joining = (tenantIdentifiers: object[]) => ({
      identifier,
      onCreate: { ...onCreate, tenantIdentifiers },
      onUpdate: {},
    });
    expect((await refusal('upsertCustomer', joining([{ externalId: 'nope' }]))).code).toBe('not_found');
    expect((await refusal('upsertCustomer', joining([{}]))).code).toBe('input_validation');
    const payload = await mutate('upsertCustomer', joining([{ externalId: 'acme' }]), selection);
    expect(customer(payload.customer.id).tenantIds).toEqual([tenant.id]);
    const group = { ...onCreate, customerGroupIdentifiers: [{ customerGroupKey: 'vip' }] };
    const grouped = { identifier: { emailAddress: 'new@example.com' }, onCreate: group, onUpdate: {} };
    expect((await refusal('upsertCustomer', grouped)).code).toBe('not_found');
  });
});

describe('the list of customers', () => {
  const names = async (world: ReturnType<typeof plainWorld>, args = ''): Promise<string[]> => {
    const { customers } = await world.read(`{ customers${args} { totalCount edges { node { fullName } } } }`);
    expect(customers.totalCount).toBe(customers.edges.length);
    return customers.edges.map((edge: { node: { fullName: string } }) => edge.node.fullName);
  };

  async function three(options: Parameters<typeof plainWorld>[0] = {}) {
    const world = plainWorld(options);
    const bea = await world.addCustomer('bea@x.io', 'Bea');
    const ann = await world.addCustomer('ann@x.io', 'ann');
    const cid = await world.addCustomer('cid@x.io', 'Cid');
    return { world, ann, bea, cid };
  }

  it.each([
    ['newest-first', ['Cid', 'ann', 'Bea']],
    ['oldest-first', ['Bea', 'ann', 'Cid']],
  ] as const)('is %s without an order', async (listOrder, expected) => {
    const { world } = await three({ listOrder });
    expect(await names(world)).toEqual(expected);
  });

  it('can be ordered by name, either way', async () => {
    const { world } = await three();
    expect(await names(world, '(sortBy: { field: FULL_NAME, direction: ASC })')).toEqual(['ann', 'Bea', 'Cid']);
    expect(await names(world, '(sortBy: { field: FULL_NAME, direction: DESC })')).toEqual(['Cid', 'Bea', 'ann']);
  });

  it('can be filtered by spam, tenant and time of change', async () => {
    const { world, ann, bea } = await three();
    const { setup } = world.emulator;
    setup.joinTenant(ann, setup.addTenant({ name: 'Acme', externalId: 'acme' }).id);
    expect(await names(world, '(filters: { tenantIdentifiers: [{ externalId: "acme" }] })')).toEqual(['ann']);
    const { updatedAt } = setup.markAsSpam(bea);
    expect(await names(world, '(filters: { isMarkedAsSpam: true })')).toEqual(['Bea']);
    expect(await names(world, '(filters: { isMarkedAsSpam: false })')).toEqual(['Cid', 'ann']);
    expect(await names(world, `(filters: { updatedAt: { after: "${updatedAt}" } })`)).toEqual(['Bea']);
    expect(await names(world, `(filters: { updatedAt: { before: "${updatedAt}" } })`)).toEqual(['Cid', 'ann']);
  });

  it('refuses a time that is none', async () => {
    const { world } = await three();
    const { status, body } = await world.ask('{ customers(filters: { updatedAt: { after: "x" } }) { totalCount } }');
    expect(status).toBe(400);
    expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });

  it('refuses a tenant named in two ways or none', async () => {
    const { world } = await three();
    const { status } = await world.ask('{ customers(filters: { tenantIdentifiers: [{}] }) { totalCount } }');
    expect(status).toBe(400);
  });
});
