/** How a workspace is written down, and read back. */
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
import { scheduleWake } from './timeline.ts';
import type { World } from './world.ts';

const format = 'plain-emulator-1';

interface Snapshot {
  readonly format: typeof format;
  readonly serial: number;
  readonly lastThreadNumber: number;
  readonly customers: readonly Customer[];
  readonly threads: readonly Thread[];
  readonly entries: readonly Entry[];
  readonly customerNotes: readonly (readonly [string, readonly Entry[]])[];
  readonly users: readonly User[];
  readonly machineUsers: readonly MachineUser[];
  readonly tenants: readonly Tenant[];
  readonly labelTypes: readonly LabelType[];
  readonly threadFieldSchemas: readonly ThreadFieldSchema[];
  readonly attachments: readonly Attachment[];
  readonly deletedThreads: readonly DeletedThread[];
  readonly sideEffects: readonly SideEffect[];
}

export function takeSnapshot({ tables, ids }: World): unknown {
  const snapshot: Snapshot = {
    format,
    serial: ids.serial,
    lastThreadNumber: tables.lastThreadNumber,
    customers: [...tables.customers.values()],
    threads: [...tables.threads.values()],
    entries: [...tables.timelines.values()].flat(),
    customerNotes: [...tables.customerNotes],
    users: [...tables.users.values()],
    machineUsers: [...tables.machineUsers.values()],
    tenants: [...tables.tenants.values()],
    labelTypes: [...tables.labelTypes.values()],
    threadFieldSchemas: [...tables.threadFieldSchemas.values()],
    attachments: [...tables.attachments.values()],
    deletedThreads: [...tables.deletedThreads],
    sideEffects: [...tables.sideEffects],
  };
  return structuredClone(snapshot);
}

/** Snoozed threads wake at their time again. */
export function restoreSnapshot(world: World, given: unknown): void {
  if (!isSnapshot(given)) throw new Error('This is not a snapshot of the Plain emulator.');
  const { tables, ids } = world;
  const snapshot = structuredClone(given);
  tables.clear();
  for (const customer of snapshot.customers) tables.putCustomer(customer);
  for (const thread of snapshot.threads) {
    tables.putThread(thread);
    scheduleWake(world, thread);
  }
  for (const entry of snapshot.entries) tables.putEntry(entry);
  for (const [customerId, notes] of snapshot.customerNotes) tables.customerNotes.set(customerId, notes);
  for (const user of snapshot.users) tables.users.set(user.id, user);
  for (const machineUser of snapshot.machineUsers) tables.machineUsers.set(machineUser.id, machineUser);
  for (const tenant of snapshot.tenants) tables.tenants.set(tenant.id, tenant);
  for (const labelType of snapshot.labelTypes) tables.labelTypes.set(labelType.id, labelType);
  for (const schema of snapshot.threadFieldSchemas) tables.threadFieldSchemas.set(schema.key, schema);
  for (const attachment of snapshot.attachments) tables.attachments.set(attachment.id, attachment);
  for (const deleted of snapshot.deletedThreads) tables.deletedThreads.push(deleted);
  for (const effect of snapshot.sideEffects) tables.sideEffects.push(effect);
  tables.lastThreadNumber = snapshot.lastThreadNumber;
  ids.serial = snapshot.serial;
}

function isSnapshot(value: unknown): value is Snapshot {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === format;
}
