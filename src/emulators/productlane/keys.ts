/** Which keys a workspace knows and what each may do. */

const scopes = [
  'threads:read',
  'threads:write',
  'messages:write',
  'comments:write',
  'contacts:read',
  'contacts:write',
  'companies:read',
  'companies:write',
  'changelogs:read',
  'changelogs:write',
  'docs:read',
  'docs:write',
  'portal:read',
  'projects:read',
  'projects:write',
  'issues:read',
  'issues:write',
  'files:write',
  'tags:read',
  'tags:write',
  'snippets:read',
  'snippets:write',
  'admin',
] as const;

export type Scope = (typeof scopes)[number];

export interface KeyOptions {
  /** Default: all. */
  readonly scopes?: readonly Scope[] | undefined;
  /** The member the key acts for. Default: none, as for an integration. */
  readonly userId?: string | undefined;
}

export interface ApiKey {
  readonly id: string;
  readonly secret: string;
  readonly scopes: readonly Scope[];
  readonly userId: string | null;
}

export interface Keys {
  readonly first: string;
  mint(options?: KeyOptions): string;
  revoke(secret: string): void;
  find(secret: string): ApiKey | undefined;
  /** Only the first key is left. */
  clear(): void;
}

export function createKeys(): Keys {
  const keys = new Map<string, ApiKey>();
  let serial = 0;

  function mint(options: KeyOptions = {}): string {
    serial += 1;
    const number = String(serial).padStart(8, '0');
    const secret = `pl_v2_emulator${number}`;
    keys.set(secret, {
      id: `key_${number}`,
      secret,
      scopes: options.scopes ?? scopes,
      userId: options.userId ?? null,
    });
    return secret;
  }

  const first = mint();
  return {
    first,
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
