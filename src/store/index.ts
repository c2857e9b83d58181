/** Which engine a store's address means. */
import { HelpdeskError } from '../core/errors.ts';
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

/**
 * Opens a durable store, and makes it where there is none.
 *
 * `file:bridge.db`, or a path that ends in `.db` or `.sqlite`: SQLite, for one
 * machine. `:memory:`: SQLite that is gone with the process. `postgres://…`:
 * PostgreSQL, for several machines; needs the packages `pg` and `pg-boss`.
 *
 * Throws `invalid` where the address means nothing or the store was written by
 * a newer version, `unavailable` where it cannot be reached or written, and
 * `unexpected` where it is damaged.
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  const { schema, migrate, readOnly } = options;
  if (/^postgres(?:ql)?:\/\//.test(url)) {
    const { createPostgresStore } = await import('./postgres.ts');
    return createPostgresStore({ connectionString: url, schema, migrate, readOnly });
  }
  const path = pathOf(url);
  if (path === undefined) throw unknownAddress();
  const { createSqliteStore } = await import('./sqlite.ts');
  return createSqliteStore({ path, migrate, readOnly });
}

function pathOf(url: string): string | undefined {
  if (url === ':memory:') return url;
  // More than a file name after `file://` is an address of some machine; `file:///path` is one of this one.
  const path = url.startsWith('file:') ? url.slice('file:'.length).replace(/^\/\/(?=\/)/, '') : url;
  const named = url.startsWith('file:') || /\.(?:db|sqlite3?)$/.test(path);
  return named && path !== '' && !/^[a-z][a-z0-9+.-]+:|^\/\//i.test(path) ? path : undefined;
}

/** The address is not repeated: it may hold a password. */
function unknownAddress(): HelpdeskError {
  const message = 'must be file:<path>, a path that ends in .db or .sqlite, :memory:, or postgres://…';
  return new HelpdeskError({
    provider: 'store',
    operation: 'open',
    kind: 'invalid',
    reason: 'this is no address of a store',
    applied: 'no',
    issues: [{ path: 'url', message }],
  });
}
