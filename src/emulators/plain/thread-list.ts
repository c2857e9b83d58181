/** How threads are found and listed. */

import { badInput } from './errors.ts';
import { readInstant, within } from './input.ts';
import { findTenant } from './lookup.ts';
import { type List, type PageArguments, page } from './paging.ts';
import type { Thread } from './records.ts';
import { comparePositions, type KeyOf, lowerBound } from './sorted.ts';
import { creationKey, statusKey } from './state.ts';
import { threadView } from './thread-views.ts';
import type { View } from './views.ts';
import type { ThreadsFilter, ThreadsSort } from './wire.ts';
import type { Call, World } from './world.ts';

export const threadQueries = {
  thread: ({ threadId }: { threadId: string }, { world }: Call) => viewOf(world, world.tables.threads.get(threadId)),
  threadByExternalId: (
    { customerId, externalId }: { readonly customerId: string; readonly externalId: string },
    { world }: Call,
  ) => viewOf(world, world.tables.threadByExternalId(customerId, externalId)),
  threads,
};

function viewOf(world: World, thread: Thread | undefined): View | null {
  return thread ? threadView(world, thread) : null;
}

interface ThreadsArguments extends PageArguments {
  readonly filters?: ThreadsFilter | null | undefined;
  readonly sortBy?: ThreadsSort | null | undefined;
}

function threads({ filters, sortBy, ...asked }: ThreadsArguments, call: Call): unknown {
  const { world } = call;
  call.listed = 'threads';
  const list: List<Thread> = {
    ...ordered(world, filters ?? {}, sortBy),
    direction: direct(world, sortBy),
    accept: toAccept(world, filters ?? {}),
    scope: ['threads', filters, sortBy],
    foreignCursor: world.switches.foreignCursor,
  };
  return page(list, asked, (thread) => threadView(world, thread));
}

function direct({ switches }: World, sortBy: ThreadsSort | null | undefined): 'asc' | 'desc' {
  if (sortBy) return sortBy.direction === 'ASC' ? 'asc' : 'desc';
  return switches.listOrder === 'newest-first' ? 'desc' : 'asc';
}

/** Up to this many, sorting them is quicker than looking for them among all. */
const few = 5000;

/** The common orders are kept; the rest, and the few threads that a filter picks, are sorted here. */
function ordered(
  { tables }: World,
  filters: ThreadsFilter,
  sortBy: ThreadsSort | null | undefined,
): { readonly rows: readonly Thread[]; readonly keyOf: KeyOf<Thread> } {
  const keyOf = keyFor(sortBy);
  const picked = named(tables, filters) ?? changedLately(tables, filters.updatedAt);
  if (picked) return { rows: sort(picked, keyOf), keyOf };
  if (keyOf === creationKey) return tables.threadsByCreation;
  if (keyOf === statusKey) return tables.threadsByStatusChange;
  return { rows: sort([...tables.threads.values()], keyOf), keyOf };
}

function named(tables: World['tables'], { threadIds, customerIds }: ThreadsFilter): Thread[] | undefined {
  if (threadIds) return [...new Set(threadIds)].flatMap((id) => tables.threads.get(id) ?? []);
  if (customerIds) return [...new Set(customerIds)].flatMap((id) => tables.threadsOf(id));
  return undefined;
}

function changedLately(tables: World['tables'], range: ThreadsFilter['updatedAt']): readonly Thread[] | undefined {
  const after = range?.after ? readInstant(range.after) : undefined;
  if (after === undefined) return undefined;
  const { rows, keyOf } = tables.threadsByUpdate;
  const from = lowerBound(rows, keyOf, { key: after, id: '' });
  return rows.length - from <= few ? rows.slice(from) : undefined;
}

function sort(rows: readonly Thread[], keyOf: KeyOf<Thread>): readonly Thread[] {
  return rows
    .map((row) => ({ key: keyOf(row), id: row.id, row }))
    .sort(comparePositions)
    .map(({ row }) => row);
}

function keyFor(sortBy: ThreadsSort | null | undefined): KeyOf<Thread> {
  switch (sortBy?.field) {
    case 'STATUS_CHANGED_AT':
      return statusKey;
    case 'LAST_INBOUND_MESSAGE_AT':
      return ({ lastInbound }) => lastInbound?.timestamp ?? '';
    case 'PRIORITY':
      return ({ priority }) => String(priority);
    case 'THREAD_FIELD': {
      const { threadFieldKey } = sortBy;
      if (!threadFieldKey) throw badInput('Sorting by THREAD_FIELD needs "threadFieldKey".');
      return (thread) => fieldKey(thread, threadFieldKey);
    }
    // Nothing breaches here: a workspace without tiers has no service level agreements.
    case 'CLOSEST_TO_BREACH_SLA':
    case 'CREATED_AT':
    case undefined:
      return creationKey;
  }
}

function fieldKey({ fields }: Thread, key: string): string {
  const field = fields.find((other) => other.key === key);
  if (!field) return '';
  // The offset and the fixed width make the text order the number order for what people enter.
  if (field.numberValue !== null) return (field.numberValue + 1e12).toFixed(6).padStart(24, '0');
  return field.stringValue ?? field.dateValue ?? String(field.booleanValue);
}

/** All that are set must hold. A list that is empty lets nothing pass. */
function toAccept(world: World, filters: ThreadsFilter): (thread: Thread) => boolean {
  const { tables } = world;
  const tests: ((thread: Thread) => boolean)[] = [];
  const test = <Value>(value: Value | null | undefined, of: (value: Value) => (thread: Thread) => boolean): void => {
    if (value !== null && value !== undefined) tests.push(of(value));
  };
  test(
    filters.statuses,
    (wanted) =>
      ({ status }) =>
        wanted.includes(status),
  );
  test(
    filters.priorities,
    (wanted) =>
      ({ priority }) =>
        wanted.includes(priority),
  );
  test(filters.threadIds, (wanted) => among(wanted, ({ id }) => id));
  test(filters.customerIds, (wanted) => among(wanted, ({ customerId }) => customerId));
  test(
    filters.isAssigned,
    (wanted) =>
      ({ assignee }) =>
        (assignee !== null) === wanted,
  );
  test(filters.assignedToUser, (wanted) =>
    among(wanted, ({ assignee }) => (assignee?.is === 'user' ? assignee.id : '')),
  );
  test(
    filters.labelTypeIds,
    (wanted) =>
      ({ labels }) =>
        labels.some(({ labelTypeId }) => wanted.includes(labelTypeId)),
  );
  test(filters.isMarkedAsSpam, (wanted) => {
    return ({ customerId }) => Boolean(tables.customers.get(customerId)?.markedAsSpamAt) === wanted;
  });
  test(filters.tenantIdentifiers, (identifiers) => {
    const ids = identifiers.flatMap((identifier) => findTenant(world, identifier)?.id ?? []);
    return among(ids, ({ tenantId }) => tenantId ?? '');
  });
  test(filters.createdAt, (range) => {
    const isWithin = within(range);
    return ({ createdAt }) => isWithin(createdAt);
  });
  test(filters.updatedAt, (range) => {
    const isWithin = within(range);
    return ({ updatedAt }) => isWithin(updatedAt);
  });
  return (thread) => tests.every((isWanted) => isWanted(thread));
}

function among(wanted: readonly string[], idOf: (thread: Thread) => string): (thread: Thread) => boolean {
  const ids = new Set(wanted);
  return (thread) => ids.has(idOf(thread));
}
