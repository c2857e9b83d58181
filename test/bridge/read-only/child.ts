/** A process that writes once through a bridge, as a user who may not change everything, and says what it was told. */

import { createBridge } from '../../../src/bridge/bridge.ts';
import { HelpdeskError } from '../../../src/core/errors.ts';
import { createPlain } from '../../../src/providers/plain/index.ts';
import { createProductlane } from '../../../src/providers/productlane/index.ts';
import { createSqliteStore } from '../../../src/store/sqlite.ts';
// Loaded while every folder may still be read.
import 'libsql';

export interface Order {
  /** Of the store. */
  readonly path: string;
  /** Who the process becomes. `undefined`: it stays who it is. */
  readonly user: number | undefined;
  readonly productlane: { readonly baseUrl: string; readonly apiKey: string };
  readonly plain: { readonly baseUrl: string; readonly apiKey: string };
}

export type Told = Pick<HelpdeskError, 'provider' | 'kind' | 'message' | 'applied'> | { readonly id: string };

function become(user: number): void {
  process.setgroups?.([]);
  process.setgid?.(user);
  process.setuid?.(user);
}

async function write({ path, productlane, plain }: Order): Promise<Told> {
  try {
    const store = await createSqliteStore({ path });
    const from = createProductlane({ ...productlane, retries: 0 });
    const to = createPlain({ ...plain, retries: 0 });
    const bridge = createBridge({ from, to, stage: 'dual-write', store, drain: false });
    const { value } = await bridge.createThread({
      contact: { email: 'ada@example.test' },
      title: 'Login fails',
      body: { format: 'text', content: 'It says no.' },
    });
    await store.close();
    return { id: value.id };
  } catch (error) {
    if (!HelpdeskError.is(error)) throw error;
    const { provider, kind, message, applied } = error;
    return { provider, kind, message, applied };
  }
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
if (order.user !== undefined) become(order.user);
console.log(JSON.stringify(await write(order)));
