/** Which engine a store's address means. */
import * as z from 'zod/mini';
import { HelpdeskError } from '../core/errors.ts';
import { validate } from '../core/validate.ts';
import type { Store } from './store.ts';

export { createSharedBudget, type SharedBudgetOptions } from './budget.ts';
export type * from './store.ts';

export interface OpenStoreOptions {
  /** PostgreSQL: the schema of the tables. Default: `helpdesk_bridge`. */
  readonly schema?: string | undefined;
  /**
   * `false`: opens without changing a table. `invalid` where the store is empty
   * or older than this version. Default: true.
   */
  readonly migrate?: boolean | undefined;
  /** Nothing can be changed, and nothing is migrated. Default: false. */
  readonly readOnly?: boolean | undefined;
}

const schemaName = z
  .string()
  .check(
    z.regex(/^[a-z_]\w{0,39}$/i, { error: 'must be at most 40 letters, digits and underscores, not a digit first' }),
  );
const flags = { migrate: z.optional(z.boolean()), readOnly: z.optional(z.boolean()) };
const ofPostgres = z.strictObject({ schema: z.optional(schemaName), ...flags } satisfies Schemas);
const ofFile = z.strictObject({
  schema: z.optional(z.undefined({ error: 'is for PostgreSQL only' })),
  ...flags,
} satisfies Schemas);
type Schemas = Record<keyof OpenStoreOptions, z.ZodMiniType>;

const where = { provider: 'store', operation: 'open' } as const;

/**
 * Opens a durable store, and makes it where there is none.
 *
 * `file:bridge.db`, or a path that ends in `.db` or `.sqlite`: SQLite, for one
 * machine. `:memory:`: SQLite that is gone with the process. `postgres://…`:
 * PostgreSQL, for several machines; needs the packages `pg` and `pg-boss`.
 * `file:///…` is a URL, as `pathToFileURL` makes it: `%20` is a space.
 *
 * Throws `invalid` where the address or an option means nothing or the store was
 * written by a newer version, `unavailable` where it cannot be reached or
 * written, and `unexpected` where it is damaged.
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  validate(z.string(), url, where, 'url');
  const inPostgres = /^postgres(?:ql)?:\/\//.test(url);
  const path = inPostgres ? undefined : pathOf(url);
  if (!inPostgres && path === undefined) throw unknownAddress();
  validate(path === undefined ? ofPostgres : ofFile, options, where, 'options');
  const { schema, migrate, readOnly } = options;
  if (path === undefined) {
    const { createPostgresStore } = await import('./postgres.ts');
    return createPostgresStore({ connectionString: url, schema, migrate, readOnly });
  }
  const { createSqliteStore } = await import('./sqlite.ts');
  return createSqliteStore({ path, migrate, readOnly });
}

function pathOf(url: string): string | undefined {
  if (url === ':memory:') return url;
  const path = url.startsWith('file:') ? fromFileUrl(url) : url;
  const named = url.startsWith('file:') || /\.(?:db|sqlite3?)$/.test(path);
  return named && path !== '' && !/^[a-z][a-z0-9+.-]+:|^\/\//i.test(path) ? path : undefined;
}

/** More than a file name after `file://` is an address of some machine; `file:///path` is one of this one. */
function fromFileUrl(url: string): string {
  const path = url.slice('file:'.length);
  if (!path.startsWith('///')) return path;
  try {
    return decodeURIComponent(path.slice('//'.length));
  } catch {
    return '';
  }
}

/** The address is not repeated: it may hold a password. */
function unknownAddress(): HelpdeskError {
  const message = 'must be file:<path>, a path that ends in .db or .sqlite, :memory:, or postgres://…';
  const reason = 'this is no address of a store';
  return new HelpdeskError({ ...where, kind: 'invalid', reason, applied: 'no', issues: [{ path: 'url', message }] });
}
