/** The workspaces that the conformance cases are run against, one for each call. */
import { createRateBudget } from '../src/core/budget.ts';
import { createPlain } from '../src/providers/plain/index.ts';
import { createProductlane } from '../src/providers/productlane/index.ts';
import {
  createMemoryHelpdesk,
  createRealClock,
  type Emulator,
  emulatedBy,
  emulatePlain,
  emulateProductlane,
  type MemoryOptions,
  type PlainEmulator,
  type PlainOptions,
  type ProductlaneEmulator,
  type ProductlaneOptions,
  serve,
  type World,
} from '../src/testing/index.ts';

/** Nothing waits for a rate limit that is not tested. */
const endless = () => createRateBudget({ reads: 1e6, writes: 1e6 });

/** Two records a page, so that every list in every case crosses a page border. */
const pageSize = 2;

export interface Opened<Desk extends Emulator = Emulator> extends World {
  readonly emulator: Desk;
  close(): Promise<void>;
}

export interface Wiring {
  /** Over a real socket. Default: in process. */
  readonly served?: boolean;
  /** Stands between adapter and desk. */
  readonly wrap?: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch;
  /** Productlane only. Default: the adapter's. */
  readonly records?: 'comments' | 'transcript';
}

let people = 0;

/** The same person in no two worlds. */
export const email = (): string => `person-${++people}@customer.invalid`;

export function memoryWorld(options?: MemoryOptions): World {
  return { ...createMemoryHelpdesk(options), email, patienceMs: 1000 };
}

async function wire<Desk extends Emulator>(emulator: Desk, { served = false, wrap = (fetch) => fetch }: Wiring) {
  const server = served ? await serve(emulator) : undefined;
  return {
    emulator,
    emulated: emulatedBy(emulator),
    email,
    baseUrl: server?.url ?? emulator.baseUrl,
    fetch: wrap(server ? globalThis.fetch : emulator.fetch),
    close: async () => server?.close(),
  };
}

export async function productlaneWorld(
  switches: ProductlaneOptions = {},
  wiring: Wiring = {},
): Promise<Opened<ProductlaneEmulator>> {
  const emulator = emulateProductlane({ clock: createRealClock(), rateLimits: false, ...switches });
  const { baseUrl, fetch, ...wired } = await wire(emulator, wiring);
  // Where messages carry no direction, the user of the key is all that tells a reply from a question.
  const [userId] = emulator.state.members.keys();
  const apiKey = switches.messageKind === 'absent' ? emulator.mintKey({ userId }) : emulator.apiKey;
  const helpdesk = createProductlane({ apiKey, baseUrl, fetch, pageSize, budget: endless(), records: wiring.records });
  const create = async (path: string, body: object): Promise<string> => {
    const response = await emulator.fetch(`${emulator.baseUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return ((await response.json()) as { readonly id: string }).id;
  };
  const group = await create('/tags/groups', { name: 'Kinds', color: '#336699' });
  const tag = (name: string) => ({ name, color: '#336699', icon: 'tag', tag_group_id: group });
  const [agentId = ''] = emulator.state.members.keys();
  const known = {
    agentId,
    labelIds: [await create('/tags', tag('Bug')), await create('/tags', tag('Question'))] as const,
    companyId: await create('/companies', { name: 'Analytical Engines' }),
    customFields: [],
    absent: { threadId: 'thr_0', contactId: 'con_0', labelId: 'tag_0', agentId: 'usr_0' },
  };
  return { ...wired, helpdesk, known };
}

export async function plainWorld(switches: PlainOptions = {}, wiring: Wiring = {}): Promise<Opened<PlainEmulator>> {
  const emulator = emulatePlain({ clock: createRealClock(), rateLimit: false, ...switches });
  const { baseUrl, fetch, ...wired } = await wire(emulator, wiring);
  const helpdesk = createPlain({ apiKey: emulator.apiKey, baseUrl, fetch, pageSize, budget: endless() });
  const { setup } = emulator;
  const customFields = [
    { key: 'plan', type: 'string', value: 'gold' },
    { key: 'tier', type: 'enum', value: 'one' },
    { key: 'trial', type: 'boolean', value: false },
    { key: 'seats', type: 'number', value: 12 },
    { key: 'revenue', type: 'currency', value: 99.5 },
    { key: 'renewal', type: 'date', value: new Date('2027-01-02T00:00:00.000Z') },
  ] as const;
  const typeOf = {
    string: 'STRING',
    enum: 'ENUM',
    boolean: 'BOOL',
    number: 'NUMBER',
    currency: 'CURRENCY',
    date: 'DATE',
  } as const;
  for (const { key, type } of customFields)
    setup.addThreadFieldSchema({ key, type: typeOf[type], enumValues: ['one'] });
  const nobody = (prefix: string): string => `${prefix}_${'0'.repeat(26)}`;
  const known = {
    agentId: emulator.userId,
    labelIds: [setup.addLabelType({ name: 'Bug' }).id, setup.addLabelType({ name: 'Question' }).id] as const,
    companyId: setup.addTenant({ name: 'Analytical Engines', externalId: 'analytical' }).id,
    customFields,
    absent: { threadId: nobody('th'), contactId: nobody('c'), labelId: nobody('lt'), agentId: nobody('u') },
  };
  return { ...wired, helpdesk, known };
}
