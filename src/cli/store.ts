/** How a command reaches the store of a bridge, and leaves it closed. */
import type { ArgsDef } from 'citty';
import { HelpdeskError } from '../core/errors.ts';
import { notSet } from '../core/variables.ts';
import { type OpenStoreOptions, openStore } from '../store/index.ts';
import type { Store } from '../store/store.ts';
import { wrong } from './problem.ts';

const variable = 'HELPDESK_BRIDGE_STORE';

export const storeArgs = {
  store: {
    type: 'string',
    description: `file:<path> or postgres://… Default: ${variable}`,
    valueHint: 'address',
  },
  json: { type: 'boolean', default: false, description: 'Print JSON, errors too' },
} satisfies ArgsDef;

/** For commands that only look. Nothing is made where there is no store. */
export const looking: OpenStoreOptions = { readOnly: true };
/** For commands that change what is there. Nothing is made where there is no store. */
export const changing: OpenStoreOptions = { migrate: false };

/** Throws `invalid` where no address is given, and what opening throws. */
export async function withStore(
  operation: string,
  address: string | undefined,
  options: OpenStoreOptions,
  work: (store: Store) => Promise<void>,
): Promise<void> {
  const store = await open(operation, address, options);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

async function open(operation: string, address: string | undefined, options: OpenStoreOptions): Promise<Store> {
  const url = address ?? process.env[variable];
  if (!url?.trim()) {
    const message = `is missing: give an address, or set ${variable}, which ${notSet(variable, process.env)}`;
    throw wrong(operation, { path: '--store', message });
  }
  try {
    return await openStore(url, options);
  } catch (error) {
    const issues = HelpdeskError.is(error) ? error.issues.filter(({ path }) => path === 'url') : [];
    if (issues.length === 0) throw error;
    const path = address === undefined ? variable : '--store';
    throw wrong(operation, ...issues.map(({ message }) => ({ path, message })));
  }
}
