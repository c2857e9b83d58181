/** Which keys a workspace knows, and what each may do. */
import type { World } from './world.ts';

/** Everything the operations here ask for, and the read permissions of nested objects. */
export const permissions = [
  'attachment:create',
  'attachment:download',
  'chat:create',
  'company:read',
  'customer:create',
  'customer:delete',
  'customer:edit',
  'customer:impersonate',
  'customer:read',
  'email:create',
  'email:read',
  'label:create',
  'label:delete',
  'label:read',
  'labelType:create',
  'labelType:read',
  'machineUser:read',
  'note:create',
  'tenant:create',
  'tenant:read',
  'thread:assign',
  'thread:create',
  'thread:delete',
  'thread:edit',
  'thread:import',
  'thread:read',
  'thread:reply',
  'thread:unassign',
  'threadField:create',
  'threadField:read',
  'threadField:update',
  'timeline:read',
  'user:read',
] as const;

export type Permission = (typeof permissions)[number];

export interface PlainKeyOptions {
  /** Default: all. */
  readonly permissions?: readonly Permission[] | undefined;
  /** Whose key it is. Default: the first machine user. */
  readonly machineUserId?: string | undefined;
}

export interface ApiKey {
  readonly secret: string;
  readonly permissions: readonly string[];
  /** `undefined`: the first machine user. */
  readonly machineUserId: string | undefined;
}

export interface Keys {
  readonly first: string;
  mint(options?: PlainKeyOptions): string;
  revoke(secret: string): void;
  find(secret: string): ApiKey | undefined;
  /** Only the first key is left. */
  clear(): void;
}

export function createKeys(): Keys {
  const keys = new Map<string, ApiKey>();
  let serial = 0;

  function mint(options: PlainKeyOptions = {}): string {
    serial += 1;
    const secret = `plainApiKey_emulator${String(serial).padStart(8, '0')}`;
    keys.set(secret, {
      secret,
      permissions: options.permissions ?? permissions,
      machineUserId: options.machineUserId,
    });
    return secret;
  }

  return {
    first: mint(),
    mint,
    revoke: (secret) => void keys.delete(secret),
    find: (secret) => keys.get(secret),
    clear() {
      keys.clear();
      serial = 0;
      mint();
    },
  };
}

/** The first of the needed permissions that the key lacks. */
export function lacking(key: ApiKey, needed: readonly Permission[]): Permission | undefined {
  return needed.find((permission) => !key.permissions.includes(permission));
}

/** What the schema's types need to be selected, where the workspace asks for it. */
export const readPermissionOf: Readonly<Record<string, Permission>> = {
  Company: 'company:read',
  Customer: 'customer:read',
  Label: 'label:read',
  LabelType: 'labelType:read',
  MachineUser: 'machineUser:read',
  Tenant: 'tenant:read',
  Thread: 'thread:read',
  ThreadField: 'threadField:read',
  TimelineEntry: 'timeline:read',
  User: 'user:read',
};

export function machineUserOf(world: World, key: ApiKey): string {
  return key.machineUserId ?? [...world.tables.machineUsers.keys()][0] ?? '';
}
