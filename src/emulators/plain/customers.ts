/** How customers are found, listed and upserted. */

import { notFound, refuse } from './errors.ts';
import { customerChanged } from './events.ts';
import { checkEmail, exactlyOne, within } from './input.ts';
import { findTenant, getTenant } from './lookup.ts';
import { type PageArguments, page } from './paging.ts';
import type { Customer } from './records.ts';
import { customerView, type View } from './views.ts';
import type { CustomersFilter, SortDirection, UpsertCustomerInput } from './wire.ts';
import { type Call, newId, now, type World } from './world.ts';

export const customerQueries = {
  customer: ({ customerId }: { customerId: string }, { world }: Call) =>
    viewOf(world, world.tables.customers.get(customerId)),
  customerByEmail: ({ email }: { email: string }, { world }: Call) =>
    viewOf(world, world.tables.customerByEmail(email)),
  customerByExternalId: ({ externalId }: { externalId: string }, { world }: Call) =>
    viewOf(world, world.tables.customerByExternalId(externalId)),
  customers,
};

function viewOf(world: World, customer: Customer | undefined): View | null {
  return customer ? customerView(world, customer) : null;
}

interface CustomersArguments extends PageArguments {
  readonly filters?: CustomersFilter | null | undefined;
  readonly sortBy?: { readonly field: 'FULL_NAME'; readonly direction: SortDirection } | null | undefined;
}

function customers({ filters, sortBy, ...asked }: CustomersArguments, call: Call): unknown {
  const { world } = call;
  const { customersByCreation, customersByName, customers: all } = world.tables;
  call.listed = 'customers';
  const accept = toAccept(world, filters ?? {});
  const direction = sortBy ? (sortBy.direction === 'ASC' ? 'asc' : 'desc') : undefined;
  const list = {
    ...(sortBy ? customersByName : customersByCreation),
    direction: direction ?? (world.switches.listOrder === 'newest-first' ? 'desc' : 'asc'),
    accept: accept ?? (() => true),
    scope: ['customers', filters, sortBy],
    foreignCursor: world.switches.foreignCursor,
  } as const;
  return {
    ...page(list, asked, (customer) => customerView(world, customer)),
    totalCount: () => (accept ? list.rows.filter(accept).length : all.size),
  };
}

/** `undefined` if every customer passes. */
function toAccept(world: World, filters: CustomersFilter): ((customer: Customer) => boolean) | undefined {
  const { isMarkedAsSpam, tenantIdentifiers, updatedAt } = filters;
  const isWithin = within(updatedAt);
  const tenantIds = tenantIdentifiers?.map((identifier) => findTenant(world, identifier)?.id);
  if (typeof isMarkedAsSpam !== 'boolean' && !tenantIds && !updatedAt) return undefined;
  return (customer) =>
    (typeof isMarkedAsSpam !== 'boolean' || (customer.markedAsSpamAt !== null) === isMarkedAsSpam) &&
    (!tenantIds || customer.tenantIds.some((id) => tenantIds.includes(id))) &&
    isWithin(customer.updatedAt);
}

export function upsertCustomer({ input }: { readonly input: UpsertCustomerInput }, call: Call): View {
  const { tables } = call.world;
  const { customerId, emailAddress, externalId } = input.identifier;
  const { by, value } = exactlyOne('identifier', { customerId, emailAddress, externalId });
  checkEmail('onCreate.email.email', input.onCreate.email.email);
  if (input.onUpdate.email) checkEmail('onUpdate.email.email', input.onUpdate.email.email);

  switch (by) {
    case 'customerId': {
      const known = tables.customers.get(value);
      // An id is Plain's to give, so that this way can only update.
      if (!known) throw notFound('identifier.customerId', 'Customer');
      return update(call, known, input.onUpdate);
    }
    case 'emailAddress': {
      checkEmail('identifier.emailAddress', value);
      const known = tables.customerByEmail(value);
      return known ? update(call, known, input.onUpdate) : create(call, input.onCreate, null);
    }
    case 'externalId': {
      const known = tables.customerByExternalId(value);
      if (known) return update(call, known, input.onUpdate);
      const takesOver = call.world.switches.identifierExternalId === 'taken-over';
      return create(call, input.onCreate, takesOver ? value : null);
    }
  }
}

function create(
  { world, actor }: Call,
  {
    email,
    externalId,
    fullName,
    shortName,
    tenantIdentifiers,
    customerGroupIdentifiers,
  }: UpsertCustomerInput['onCreate'],
  identifiedBy: string | null,
): View {
  const tenantIds = (tenantIdentifiers ?? []).map((identifier) => getTenant(world, identifier).id);
  // A workspace here has no groups.
  if (customerGroupIdentifiers?.length) throw notFound('onCreate.customerGroupIdentifiers', 'Customer group');
  const chosen = externalId ?? identifiedBy;
  checkFree(world, undefined, email.email, chosen);
  const at = now(world);
  const customer: Customer = {
    id: newId(world, 'c'),
    externalId: chosen,
    fullName,
    shortName: shortName ?? null,
    email: email.email,
    isVerified: email.isVerified,
    verifiedAt: email.isVerified ? at : null,
    tenantIds,
    markedAsSpamAt: null,
    createdAt: at,
    createdBy: actor,
    updatedAt: at,
    updatedBy: actor,
  };
  world.tables.putCustomer(customer);
  customerChanged(world, undefined, customer);
  return { result: 'CREATED', customer: customerView(world, customer) };
}

function update(
  { world, actor }: Call,
  known: Customer,
  { email, externalId, fullName, shortName }: UpsertCustomerInput['onUpdate'],
): View {
  const wanted = {
    email: email?.email ?? known.email,
    isVerified: email?.isVerified ?? known.isVerified,
    externalId: externalId ? (externalId.value ?? null) : known.externalId,
    fullName: fullName?.value ?? known.fullName,
    shortName: shortName ? (shortName.value ?? null) : known.shortName,
  };
  checkFree(world, known, wanted.email, wanted.externalId);
  const names = ['email', 'isVerified', 'externalId', 'fullName', 'shortName'] as const;
  if (names.every((name) => wanted[name] === known[name])) {
    return { result: 'NOOP', customer: customerView(world, known) };
  }
  const at = now(world);
  const isSameAddress = wanted.email === known.email && known.isVerified;
  const verifiedAt = wanted.isVerified ? (isSameAddress ? known.verifiedAt : at) : null;
  const customer: Customer = { ...known, ...wanted, verifiedAt, updatedAt: at, updatedBy: actor };
  world.tables.putCustomer(customer);
  customerChanged(world, known, customer);
  return { result: 'UPDATED', customer: customerView(world, customer) };
}

function checkFree({ tables }: World, own: Customer | undefined, email: string, externalId: string | null): void {
  const sameEmail = tables.customerByEmail(email);
  if (sameEmail && sameEmail.id !== own?.id) {
    throw refuse('customer_already_exists_with_email', 'A customer already exists with the provided email');
  }
  const sameExternalId = externalId === null ? undefined : tables.customerByExternalId(externalId);
  if (sameExternalId && sameExternalId.id !== own?.id) {
    throw refuse('customer_already_exists_with_external_id', 'A customer already exists with the provided external id');
  }
}
