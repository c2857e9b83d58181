/** How a command reaches the store of a bridge, and leaves it closed. */
import type { ArgsDef } from 'citty';
import { invalid } from '../core/validate.ts';
import { type OpenStoreOptions, openStore } from '../store/index.ts';
import type { Store } from '../store/store.ts';

export const storeArgs = {
  store: {
    type: 'string',
    description: 'file:<path> or postgres://… Default: HELPDESK_BRIDGE_STORE',
    valueHint: 'address',
  },
  json: { type: 'boolean', default: false, description: 'Print JSON' },
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
  const url = address ?? process.env['HELPDESK_BRIDGE_STORE'];
  if (!url?.trim()) {
    throw invalid({ provider: 'helpdesk-bridge', operation }, [
      { path: '--store', message: 'is missing: give an address, or set HELPDESK_BRIDGE_STORE' },
    ]);
  }
  const store = await openStore(url, options);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}
