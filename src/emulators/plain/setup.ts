/** How a workspace gets what no operation here creates: people, tenants, labels, fields and files. */
import type { Entry, EntryContent } from './entries.ts';
import type {
  ActorRef,
  Attachment,
  Customer,
  Instant,
  LabelType,
  MachineUser,
  Tenant,
  Thread,
  ThreadFieldSchema,
  User,
} from './records.ts';
import { addEntry, changeThread } from './timeline.ts';
import { newId, now, system, type World } from './world.ts';

/** Stores records directly: no permission is asked, and no webhook is fired. */
export interface Setup {
  addUser(user: { readonly fullName: string; readonly email: string; readonly publicName?: string }): User;
  /** What they wrote stays theirs. */
  removeUser(id: string): User;
  addMachineUser(user: { readonly fullName: string; readonly description?: string }): MachineUser;
  addTenant(tenant: { readonly name: string; readonly externalId: string; readonly url?: string }): Tenant;
  /** A customer becomes a member. */
  joinTenant(customerId: string, tenantId: string): Customer;
  addLabelType(labelType: { readonly name: string; readonly icon?: string }): LabelType;
  archiveLabelType(id: string): LabelType;
  /** Default: neither required nor with values to choose from. */
  addThreadFieldSchema(schema: Pick<ThreadFieldSchema, 'key' | 'type'> & Partial<ThreadFieldSchema>): ThreadFieldSchema;
  /** Default: an uploaded PNG of 1000 bytes for e-mail. */
  addAttachment(attachment: Pick<Attachment, 'customerId'> & Partial<Attachment>): Attachment;
  markAsSpam(customerId: string): Customer;
  lockThread(threadId: string): Thread;
  /** Any entry at any time. Default: now, by the thread's customer. */
  addEntry(
    threadId: string,
    content: EntryContent,
    options?: { readonly actor?: ActorRef; readonly timestamp?: Instant },
  ): Entry;
}

export function createSetup(world: World): Setup {
  const { tables } = world;

  const customerOf = (id: string): Customer => existing(tables.customers.get(id), id);
  const threadOf = (id: string): Thread => existing(tables.threads.get(id), id);
  const stamps = () => {
    const at = now(world);
    return { createdAt: at, createdBy: system, updatedAt: at, updatedBy: system };
  };
  function kept<Row extends { readonly id: string }>(table: Map<string, Row>, row: Row): Row {
    table.set(row.id, row);
    return row;
  }

  return {
    addUser: ({ fullName, email, publicName = fullName }) =>
      kept(tables.users, {
        id: newId(world, 'u'),
        fullName,
        publicName,
        email,
        removedAt: null,
        updatedAt: now(world),
      }),
    removeUser: (id) => kept(tables.users, { ...existing(tables.users.get(id), id), removedAt: now(world) }),
    addMachineUser: ({ fullName, description = null }) =>
      kept(tables.machineUsers, {
        id: newId(world, 'mu'),
        fullName,
        publicName: fullName,
        description,
        updatedAt: now(world),
      }),
    addTenant: ({ name, externalId, url = null }) =>
      kept(tables.tenants, { id: newId(world, 'te'), name, externalId, url, ...stamps() }),
    joinTenant(customerId, tenantId) {
      const customer = customerOf(customerId);
      const joined = { ...customer, tenantIds: [...new Set([...customer.tenantIds, tenantId])] };
      tables.putCustomer(joined);
      return joined;
    },
    addLabelType: ({ name, icon = null }) =>
      kept(tables.labelTypes, { id: newId(world, 'lt'), name, icon, archivedAt: null, ...stamps() }),
    archiveLabelType: (id) =>
      kept(tables.labelTypes, { ...existing(tables.labelTypes.get(id), id), archivedAt: now(world) }),
    addThreadFieldSchema(schema) {
      const whole = { enumValues: [], isRequired: false, ...schema };
      tables.threadFieldSchemas.set(schema.key, whole);
      return whole;
    },
    addAttachment: (attachment) =>
      kept(tables.attachments, {
        id: newId(world, 'att'),
        fileName: 'image.png',
        fileMimeType: 'image/png',
        bytes: 1000,
        type: 'EMAIL',
        isUploaded: true,
        updatedAt: now(world),
        ...attachment,
      }),
    markAsSpam(customerId) {
      const at = now(world);
      const marked = { ...customerOf(customerId), markedAsSpamAt: at, updatedAt: at, updatedBy: system };
      tables.putCustomer(marked);
      return marked;
    },
    lockThread: (threadId) => changeThread(world, threadOf(threadId), { lockedAt: now(world) }, system),
    addEntry(threadId, content, options = {}) {
      const thread = threadOf(threadId);
      const actor = options.actor ?? { is: 'customer', id: thread.customerId };
      return addEntry(world, thread, { actor, content, ...(options.timestamp && { timestamp: options.timestamp }) });
    },
  };
}

function existing<Row>(row: Row | undefined, id: string): Row {
  if (row === undefined) throw new Error(`There is no ${id}.`);
  return row;
}
