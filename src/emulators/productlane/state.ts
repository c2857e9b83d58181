/** Where a workspace keeps its rows, and in which order they can be walked. */
import { insertOrdered, type Ordered, removeOrdered } from '../ordered.ts';
import type {
  BlockedSenderRow,
  CommentRow,
  CompanyRow,
  ContactRow,
  FileRow,
  InviteRow,
  MemberRow,
  MessageRow,
  TagGroupRow,
  TagRow,
  ThreadRow,
} from './rows.ts';

/** Rows that are gone stay in the maps, with `deleted_at` set. */
export interface ProductlaneState {
  readonly threads: ReadonlyMap<string, ThreadRow>;
  /** By thread, oldest first, without the synthetic first message. */
  readonly messages: ReadonlyMap<string, readonly MessageRow[]>;
  /** By thread, oldest first, deleted ones included. */
  readonly comments: ReadonlyMap<string, readonly CommentRow[]>;
  readonly contacts: ReadonlyMap<string, ContactRow>;
  readonly companies: ReadonlyMap<string, CompanyRow>;
  readonly tags: ReadonlyMap<string, TagRow>;
  readonly tagGroups: ReadonlyMap<string, TagGroupRow>;
  readonly members: ReadonlyMap<string, MemberRow>;
  readonly invites: ReadonlyMap<string, InviteRow>;
  readonly blockedSenders: ReadonlyMap<string, BlockedSenderRow>;
  readonly files: ReadonlyMap<string, FileRow>;
}

/** The tables by row type, and the lists that the API pages through. */
export interface Tables extends ProductlaneState {
  readonly threads: Map<string, ThreadRow>;
  readonly messages: Map<string, Ordered<MessageRow>>;
  readonly comments: Map<string, Ordered<CommentRow>>;
  readonly contacts: Map<string, ContactRow>;
  readonly companies: Map<string, CompanyRow>;
  readonly tags: Map<string, TagRow>;
  readonly tagGroups: Map<string, TagGroupRow>;
  readonly members: Map<string, MemberRow>;
  readonly invites: Map<string, InviteRow>;
  readonly blockedSenders: Map<string, BlockedSenderRow>;
  readonly files: Map<string, FileRow>;
  /** Live rows only. */
  readonly lists: {
    readonly threads: Ordered<ThreadRow>;
    readonly contacts: Ordered<ContactRow>;
    readonly companies: Ordered<CompanyRow>;
    readonly tags: Ordered<TagRow>;
    readonly tagGroups: Ordered<TagGroupRow>;
    readonly members: Ordered<MemberRow>;
    readonly blockedSenders: Ordered<BlockedSenderRow>;
  };
  readonly threadsOfContact: Map<string, Ordered<ThreadRow>>;
  /** By the address as the workspace compares it. */
  readonly contactOfEmail: Map<string, ContactRow>;
}

/** Tables whose rows are paged through on their own. */
export type ListedTable = keyof Tables['lists'];

export function createTables(): Tables {
  return {
    threads: new Map(),
    messages: new Map(),
    comments: new Map(),
    contacts: new Map(),
    companies: new Map(),
    tags: new Map(),
    tagGroups: new Map(),
    members: new Map(),
    invites: new Map(),
    blockedSenders: new Map(),
    files: new Map(),
    lists: { threads: [], contacts: [], companies: [], tags: [], tagGroups: [], members: [], blockedSenders: [] },
    threadsOfContact: new Map(),
    contactOfEmail: new Map(),
  };
}

type RowOf<Table extends ListedTable> = Tables['lists'][Table][number];

/** Adds a row to its table and to its list. */
export function addRow<Table extends ListedTable>(tables: Tables, table: Table, row: RowOf<Table>): void {
  // The table and the list are of the same row type, which the compiler cannot follow through the union.
  (tables[table] as Map<string, RowOf<Table>>).set(row.id, row);
  insertOrdered(tables.lists[table] as RowOf<Table>[], row);
}

/** Takes a row out of its list. It stays in its table. */
export function unlistRow<Table extends ListedTable>(tables: Tables, table: Table, row: RowOf<Table>): void {
  removeOrdered(tables.lists[table] as RowOf<Table>[], row);
}

export function addThread(tables: Tables, row: ThreadRow): void {
  addRow(tables, 'threads', row);
  if (row.contact_id !== null) insertOrdered(listOf(tables.threadsOfContact, row.contact_id), row);
}

/** Also where `contact_id` is about to change: call it before, and {@link linkThread} after. */
export function unlinkThread(tables: Tables, row: ThreadRow): void {
  if (row.contact_id !== null) removeOrdered(listOf(tables.threadsOfContact, row.contact_id), row);
}

export function linkThread(tables: Tables, row: ThreadRow): void {
  if (row.contact_id !== null) insertOrdered(listOf(tables.threadsOfContact, row.contact_id), row);
}

export function listOf<Key, Row>(lists: Map<Key, Row[]>, key: Key): Row[] {
  const known = lists.get(key);
  if (known) return known;
  const fresh: Row[] = [];
  lists.set(key, fresh);
  return fresh;
}

/** The row, unless it was deleted or never was. */
export function live<Row extends { readonly deleted_at: string | null }>(
  table: ReadonlyMap<string, Row>,
  id: string | null,
): Row | undefined {
  const row = id === null ? undefined : table.get(id);
  return row?.deleted_at === null ? row : undefined;
}

export function clearTables(tables: Tables): void {
  for (const [name, table] of Object.entries(tables)) {
    if (name !== 'lists') (table as Map<string, unknown>).clear();
  }
  for (const list of Object.values(tables.lists)) list.length = 0;
}
