/** How stored records look to a query: people, tenants, labels and times. */
import type {
  ActorRef,
  AssigneeRef,
  Attachment,
  Customer,
  Instant,
  Label,
  LabelType,
  Tenant,
  Thread,
} from './records.ts';
import { system, type World } from './world.ts';

/** What graphql-js reads: a field is a value, or a function that is called when it is selected. */
export type View = Readonly<Record<string, unknown>>;

export function dateTime(world: World, at: Instant): View;
export function dateTime(world: World, at: Instant | null | undefined): View | null;
export function dateTime(world: World, at: Instant | null | undefined): View | null {
  if (at === null || at === undefined) return null;
  return {
    iso8601: at,
    unixTimestamp: () => String(Math.floor(Date.parse(at) / (world.switches.unixTimestamp === 's' ? 1000 : 1))),
  };
}

/** `createdAt` to `updatedBy`, which most types have. */
export function stamps(
  world: World,
  record: {
    readonly createdAt: Instant;
    readonly createdBy?: ActorRef;
    readonly updatedAt?: Instant;
    readonly updatedBy?: ActorRef;
  },
): View {
  const { createdAt, createdBy = system, updatedAt = createdAt, updatedBy = createdBy } = record;
  return {
    createdAt: dateTime(world, createdAt),
    createdBy: () => actorView(world, createdBy),
    updatedAt: dateTime(world, updatedAt),
    updatedBy: () => actorView(world, updatedBy),
  };
}

export function actorView(world: World, { is, id }: ActorRef): View {
  switch (is) {
    case 'user':
      return { __typename: 'UserActor', userId: id, user: () => userView(world, id) };
    case 'machineUser':
      return { __typename: 'MachineUserActor', machineUserId: id, machineUser: () => machineUserView(world, id) };
    case 'system':
      return { __typename: 'SystemActor', systemId: id };
    case 'customer': {
      const customer = world.tables.customers.get(id);
      if (!customer) return { __typename: 'DeletedCustomerActor', customerId: id };
      return { __typename: 'CustomerActor', customerId: id, customer: () => customerView(world, customer) };
    }
  }
}

export function userView(world: World, id: string): View | null {
  const user = world.tables.users.get(id);
  if (!user) return null;
  return { __typename: 'User', ...user, slackIdentities: [], updatedAt: dateTime(world, user.updatedAt) };
}

export function machineUserView(world: World, id: string): View | null {
  const machineUser = world.tables.machineUsers.get(id);
  if (!machineUser) return null;
  return { __typename: 'MachineUser', ...machineUser, updatedAt: dateTime(world, machineUser.updatedAt) };
}

export function assigneeView(world: World, assignee: AssigneeRef | null): View | null {
  switch (assignee?.is) {
    case undefined:
      return null;
    case 'user':
      return userView(world, assignee.id);
    case 'machineUser':
      return machineUserView(world, assignee.id);
    case 'system':
      return { __typename: 'System', id: assignee.id };
  }
}

export function customerView(world: World, customer: Customer): View {
  const { id, externalId, fullName, shortName, email, isVerified } = customer;
  return {
    id,
    externalId,
    fullName,
    shortName,
    email: { email, isVerified, verifiedAt: dateTime(world, customer.verifiedAt) },
    company: null,
    markedAsSpamAt: dateTime(world, customer.markedAsSpamAt),
    ...stamps(world, customer),
  };
}

export function tenantView(world: World, tenant: Tenant): View {
  const { id, externalId, name, url } = tenant;
  return { id, externalId, name, url, tier: null, ...stamps(world, tenant) };
}

export function labelView(world: World, label: Label): View {
  return {
    id: label.id,
    labelType: () => {
      const labelType = world.tables.labelTypes.get(label.labelTypeId);
      return labelType && labelTypeView(world, labelType);
    },
    ...stamps(world, label),
  };
}

function labelTypeView(world: World, labelType: LabelType): View {
  const { id, name, icon, archivedAt } = labelType;
  return {
    id,
    name,
    icon,
    isArchived: archivedAt !== null,
    archivedAt: dateTime(world, archivedAt),
    archivedBy: () => archivedAt && actorView(world, labelType.updatedBy),
    ...stamps(world, labelType),
  };
}

export function attachmentViews(world: World, ids: readonly string[]): View[] {
  return ids.flatMap((id) => {
    const attachment = world.tables.attachments.get(id);
    return attachment ? [attachmentView(world, attachment)] : [];
  });
}

function attachmentView(world: World, { id, fileName, fileMimeType, bytes, updatedAt }: Attachment): View {
  const dot = fileName.lastIndexOf('.');
  return {
    id,
    fileName,
    fileMimeType,
    fileExtension: dot < 0 ? null : fileName.slice(dot + 1),
    fileSize: { bytes, kiloBytes: bytes / 1000, megaBytes: bytes / 1_000_000 },
    updatedAt: dateTime(world, updatedAt),
  };
}

export function workspaceView(world: World): View {
  const { id, name, publicName, createdAt } = world.workspace;
  return { id, name, publicName, isDemoWorkspace: false, ...stamps(world, { createdAt }) };
}

/** `T-1`, `T-2`, and so on. */
export function refOf({ number }: Thread): string {
  return `T-${number}`;
}
