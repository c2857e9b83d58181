/** Which stored record an input names. Each throws a refusal if there is none. */

import { notFound, refuse } from './errors.ts';
import { exactlyOne } from './input.ts';
import type { AssigneeRef, Customer, Tenant, Thread, User } from './records.ts';
import type { CustomerIdentifierInput, TenantIdentifierInput } from './wire.ts';
import type { World } from './world.ts';

/** Throws unless the identifier names one customer that exists. */
export function getCustomer({ tables }: World, field: string, identifier: CustomerIdentifierInput): Customer {
  const { customerId, emailAddress, externalId } = identifier;
  const { by, value } = exactlyOne(field, { customerId, emailAddress, externalId });
  const found = {
    customerId: () => tables.customers.get(value),
    emailAddress: () => tables.customerByEmail(value),
    externalId: () => tables.customerByExternalId(value),
  }[by]();
  if (!found) throw notFound(field, 'Customer');
  return found;
}

/** `undefined` if there is none. Throws if not exactly one way to find it is given. */
export function findTenant({ tables }: World, identifier: TenantIdentifierInput): Tenant | undefined {
  const { tenantId, externalId } = identifier;
  const { by, value } = exactlyOne('tenantIdentifier', { tenantId, externalId });
  if (by === 'tenantId') return tables.tenants.get(value);
  return [...tables.tenants.values()].find((tenant) => tenant.externalId === value);
}

export function getTenant(world: World, identifier: TenantIdentifierInput): Tenant {
  const tenant = findTenant(world, identifier);
  if (!tenant) throw notFound('tenantIdentifier', 'Tenant');
  return tenant;
}

export function getThread({ tables }: World, threadId: string, field = 'threadId'): Thread {
  const thread = tables.threads.get(threadId);
  if (!thread) throw notFound(field, 'Thread');
  return thread;
}

export function checkNoSpam(customer: Customer): void {
  if (customer.markedAsSpamAt !== null) throw refuse('customer_is_marked_as_spam', 'The customer is marked as spam.');
}

/** Each id once. Throws unless all exist and none is archived. */
export function checkLabelTypes({ tables }: World, ids: readonly string[]): readonly string[] {
  for (const id of ids) {
    const labelType = tables.labelTypes.get(id);
    if (!labelType) throw notFound('labelTypeIds', 'Label type');
    if (labelType.archivedAt !== null) {
      throw refuse('cannot_add_label_using_archived_label_type', 'The label type is archived.');
    }
  }
  return [...new Set(ids)];
}

export function toAssignee(
  world: World,
  field: string,
  {
    userId,
    machineUserId,
  }: { readonly userId?: string | null | undefined; readonly machineUserId?: string | null | undefined },
): AssigneeRef {
  const { by, value } = exactlyOne(field, { userId, machineUserId });
  if (by === 'userId') return { is: 'user', id: getUser(world, field, value).id };
  if (!world.tables.machineUsers.has(value)) throw notFound(field, 'Machine user');
  return { is: 'machineUser', id: value };
}

/** Somebody who left is not found. */
export function getUser({ tables }: World, field: string, userId: string): User {
  const user = tables.users.get(userId);
  if (!user || user.removedAt !== null) throw notFound(field, 'User');
  return user;
}
