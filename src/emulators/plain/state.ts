/** Where a workspace's records are and how they are found. */
import type { Entry } from './entries.ts';
import type {
  Attachment,
  Customer,
  DeletedThread,
  LabelType,
  MachineUser,
  SideEffect,
  Tenant,
  Thread,
  ThreadFieldSchema,
  User,
} from './records.ts';
import { insertSorted, type KeyOf, removeSorted } from './sorted.ts';

/** The tables, by id. */
export interface PlainState {
  readonly customers: ReadonlyMap<string, Customer>;
  readonly threads: ReadonlyMap<string, Thread>;
  /** By thread, oldest first. Absent where nothing happened yet. */
  readonly timelines: ReadonlyMap<string, readonly Entry[]>;
  readonly users: ReadonlyMap<string, User>;
  readonly machineUsers: ReadonlyMap<string, MachineUser>;
  readonly tenants: ReadonlyMap<string, Tenant>;
  readonly labelTypes: ReadonlyMap<string, LabelType>;
  /** By key. */
  readonly threadFieldSchemas: ReadonlyMap<string, ThreadFieldSchema>;
  readonly attachments: ReadonlyMap<string, Attachment>;
  /** Oldest first. */
  readonly deletedThreads: readonly DeletedThread[];
  /** Oldest first. */
  readonly sideEffects: readonly SideEffect[];
}

interface Index<Row> {
  readonly rows: Row[];
  readonly keyOf: KeyOf<Row>;
}

/** The same tables for the operations. Records go in through the functions, which keep the indexes. */
export interface Tables extends PlainState {
  readonly users: Map<string, User>;
  readonly machineUsers: Map<string, MachineUser>;
  readonly tenants: Map<string, Tenant>;
  readonly labelTypes: Map<string, LabelType>;
  readonly threadFieldSchemas: Map<string, ThreadFieldSchema>;
  readonly attachments: Map<string, Attachment>;
  readonly deletedThreads: DeletedThread[];
  readonly sideEffects: SideEffect[];
  /** Notes that belong to a customer and show on each thread. */
  readonly customerNotes: Map<string, readonly Entry[]>;
  readonly customersByCreation: Index<Customer>;
  readonly customersByName: Index<Customer>;
  readonly threadsByCreation: Index<Thread>;
  readonly threadsByStatusChange: Index<Thread>;
  readonly threadsByUpdate: Index<Thread>;
  /** The number of the newest thread. */
  lastThreadNumber: number;
  putCustomer(customer: Customer): void;
  putThread(thread: Thread): void;
  removeThread(thread: Thread): void;
  /** Where its timestamp puts it, not at the end. */
  putEntry(entry: Entry): void;
  customerByEmail(email: string): Customer | undefined;
  customerByExternalId(externalId: string): Customer | undefined;
  threadByExternalId(customerId: string, externalId: string): Thread | undefined;
  /** Of any customer; the first that came. */
  anyThreadByExternalId(externalId: string): Thread | undefined;
  threadOfLabel(labelId: string): Thread | undefined;
  threadsOf(customerId: string): readonly Thread[];
  /** An imported message; `threadId` narrows it to one thread. */
  imported(externalId: string, threadId?: string): Entry | undefined;
  clear(): void;
}

export const creationKey = ({ createdAt }: { readonly createdAt: string }): string => createdAt;
const nameKey = ({ fullName }: Customer): string => fullName.toLowerCase();
export const statusKey = ({ statusChangedAt }: Thread): string => statusChangedAt;
const updateKey = ({ updatedAt }: Thread): string => updatedAt;
export const timelineKey = ({ timestamp }: Entry): string => timestamp;

export function createTables(): Tables {
  const customers = new Map<string, Customer>();
  const threads = new Map<string, Thread>();
  const timelines = new Map<string, Entry[]>();
  const emails = new Map<string, string>();
  const customerExternalIds = new Map<string, string>();
  const threadExternalIds = new Map<string, Set<string>>();
  const customerThreads = new Map<string, Set<string>>();
  const labelThreads = new Map<string, string>();
  const importedMessages = new Map<string, Set<Entry>>();

  const threadsWith = (externalId: string): Thread[] =>
    [...(threadExternalIds.get(externalId) ?? [])].flatMap((id) => threads.get(id) ?? []);

  const tables: Tables = {
    customers,
    threads,
    timelines,
    users: new Map(),
    machineUsers: new Map(),
    tenants: new Map(),
    labelTypes: new Map(),
    threadFieldSchemas: new Map(),
    attachments: new Map(),
    deletedThreads: [],
    sideEffects: [],
    customerNotes: new Map(),
    customersByCreation: { rows: [], keyOf: creationKey },
    customersByName: { rows: [], keyOf: nameKey },
    threadsByCreation: { rows: [], keyOf: creationKey },
    threadsByStatusChange: { rows: [], keyOf: statusKey },
    threadsByUpdate: { rows: [], keyOf: updateKey },
    lastThreadNumber: 0,

    putCustomer(customer) {
      const before = customers.get(customer.id);
      if (before) {
        emails.delete(before.email.toLowerCase());
        if (before.externalId !== null) customerExternalIds.delete(before.externalId);
      }
      customers.set(customer.id, customer);
      emails.set(customer.email.toLowerCase(), customer.id);
      if (customer.externalId !== null) customerExternalIds.set(customer.externalId, customer.id);
      replace(tables.customersByCreation, before, customer);
      replace(tables.customersByName, before, customer);
    },

    putThread(thread) {
      const before = threads.get(thread.id);
      threads.set(thread.id, thread);
      if (before?.externalId !== thread.externalId) {
        if (before?.externalId) threadExternalIds.get(before.externalId)?.delete(thread.id);
        if (thread.externalId !== null) addTo(threadExternalIds, thread.externalId, thread.id);
      }
      if (!before) addTo(customerThreads, thread.customerId, thread.id);
      if (before?.labels !== thread.labels) {
        for (const { id } of before?.labels ?? []) labelThreads.delete(id);
        for (const { id } of thread.labels) labelThreads.set(id, thread.id);
      }
      replace(tables.threadsByCreation, before, thread);
      replace(tables.threadsByStatusChange, before, thread);
      replace(tables.threadsByUpdate, before, thread);
      tables.lastThreadNumber = Math.max(tables.lastThreadNumber, thread.number);
    },

    removeThread(thread) {
      for (const entry of timelines.get(thread.id) ?? []) {
        if (entry.externalId !== undefined) importedMessages.get(entry.externalId)?.delete(entry);
      }
      threads.delete(thread.id);
      timelines.delete(thread.id);
      if (thread.externalId !== null) threadExternalIds.get(thread.externalId)?.delete(thread.id);
      customerThreads.get(thread.customerId)?.delete(thread.id);
      for (const { id } of thread.labels) labelThreads.delete(id);
      removeSorted(tables.threadsByCreation.rows, creationKey, thread);
      removeSorted(tables.threadsByStatusChange.rows, statusKey, thread);
      removeSorted(tables.threadsByUpdate.rows, updateKey, thread);
    },

    putEntry(entry) {
      const timeline = timelines.get(entry.threadId);
      if (timeline) insertSorted(timeline, timelineKey, entry);
      else timelines.set(entry.threadId, [entry]);
      if (entry.externalId !== undefined) addTo(importedMessages, entry.externalId, entry);
    },

    customerByEmail: (email) => customers.get(emails.get(email.toLowerCase()) ?? ''),
    customerByExternalId: (externalId) => customers.get(customerExternalIds.get(externalId) ?? ''),
    threadByExternalId: (customerId, externalId) =>
      threadsWith(externalId).find((thread) => thread.customerId === customerId),
    anyThreadByExternalId: (externalId) => threadsWith(externalId)[0],
    threadOfLabel: (labelId) => threads.get(labelThreads.get(labelId) ?? ''),
    threadsOf: (customerId) => [...(customerThreads.get(customerId) ?? [])].flatMap((id) => threads.get(id) ?? []),
    imported(externalId, threadId) {
      const entries = [...(importedMessages.get(externalId) ?? [])];
      return threadId === undefined ? entries[0] : entries.find((entry) => entry.threadId === threadId);
    },

    clear() {
      for (const map of [
        ...[customers, threads, timelines, emails, customerExternalIds, threadExternalIds, customerThreads],
        ...[labelThreads, importedMessages, tables.users, tables.machineUsers, tables.tenants, tables.labelTypes],
        ...[tables.threadFieldSchemas, tables.attachments, tables.customerNotes],
      ]) {
        map.clear();
      }
      for (const list of [tables.deletedThreads, tables.sideEffects]) list.length = 0;
      for (const { rows } of [tables.customersByCreation, tables.customersByName]) rows.length = 0;
      for (const { rows } of [tables.threadsByCreation, tables.threadsByStatusChange, tables.threadsByUpdate]) {
        rows.length = 0;
      }
      tables.lastThreadNumber = 0;
    },
  };
  return tables;
}

function replace<Row extends { readonly id: string }>(index: Index<Row>, before: Row | undefined, after: Row): void {
  if (before && index.keyOf(before) !== index.keyOf(after)) removeSorted(index.rows, index.keyOf, before);
  insertSorted(index.rows, index.keyOf, after);
}

function addTo<Member>(sets: Map<string, Set<Member>>, key: string, member: Member): void {
  const members = sets.get(key);
  if (members) members.add(member);
  else sets.set(key, new Set([member]));
}
