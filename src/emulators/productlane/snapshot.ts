/** How a workspace is written down, and put back. */
import { insertOrdered } from '../ordered.ts';
import { addRow, addThread, clearTables, type ListedTable, listOf, type Tables, unlistRow } from './state.ts';
import { scheduleWake } from './threads.ts';
import { emailKey, type Workspace } from './workspace.ts';

const listed = ['contacts', 'companies', 'tags', 'tagGroups', 'members', 'blockedSenders'] as const;

/** Everything but keys, deliveries and the requests so far. JSON data. */
export function takeSnapshot({ tables, ids, webhooks }: Workspace): unknown {
  const values = (table: ReadonlyMap<string, unknown>): unknown[] => [...table.values()];
  return structuredClone({
    emulator: 'productlane',
    serial: ids.serial,
    threads: values(tables.threads),
    messages: values(tables.messages).flat(),
    comments: values(tables.comments).flat(),
    ...Object.fromEntries(listed.map((name) => [name, values(tables[name])])),
    invites: values(tables.invites),
    files: values(tables.files),
    webhooks: webhooks.targets,
  });
}

type Snapshot = {
  readonly [Name in Exclude<keyof Tables, 'lists' | 'threadsOfContact' | 'contactOfEmail'>]: Rows<Name>;
} & {
  readonly serial: number;
  readonly webhooks: Workspace['webhooks']['targets'];
};

type Rows<Name extends keyof Tables> =
  Tables[Name] extends Map<string, infer Row>
    ? Row extends readonly (infer One)[]
      ? readonly One[]
      : readonly Row[]
    : never;

/** Snoozes go on. Throws before anything has changed if this is not a snapshot. */
export function putSnapshot(workspace: Workspace, snapshot: unknown): void {
  const data: unknown = structuredClone(snapshot);
  if (!isSnapshot(data)) throw new TypeError('not a snapshot of a Productlane emulator');
  const { tables, ids, webhooks } = workspace;
  clearTables(tables);
  webhooks.clear();
  ids.restart(data.serial);
  for (const name of listed) putRows(tables, name, data[name]);
  for (const row of data.contacts) {
    if (row.deleted_at === null) tables.contactOfEmail.set(emailKey(workspace, row.email), row);
  }
  for (const row of data.threads) {
    if (row.deleted_at === null) addThread(tables, row);
    else tables.threads.set(row.id, row);
    if (row.deleted_at === null && row.status === 'snoozed') scheduleWake(workspace, row);
  }
  for (const row of data.messages) insertOrdered(listOf(tables.messages, row.thread_id), row);
  for (const row of data.comments) insertOrdered(listOf(tables.comments, row.thread_id), row);
  for (const row of data.invites) tables.invites.set(row.id, row);
  for (const row of data.files) tables.files.set(row.id, row);
  for (const target of data.webhooks) webhooks.add(target);
}

function putRows<Name extends ListedTable>(
  tables: Tables,
  name: Name,
  rows: readonly Tables['lists'][Name][number][],
): void {
  for (const row of rows) {
    addRow(tables, name, row);
    if ('deleted_at' in row && row.deleted_at !== null) unlistRow(tables, name, row);
  }
}

function isSnapshot(data: unknown): data is Snapshot {
  return typeof data === 'object' && data !== null && 'emulator' in data && data.emulator === 'productlane';
}
