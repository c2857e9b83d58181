/** An emulated Plain workspace: the same answers and effects as the vendor's documents describe. */
import { createVirtualClock } from '../clock.ts';
import { createEmulator, type Emulator } from '../emulator.ts';
import { createFaults } from '../faults.ts';
import { createPostRoom } from '../post-room.ts';
import { createRateWindow } from '../rate-window.ts';
import { createWebhooks } from '../webhooks.ts';
import { describe } from './execution.ts';
import { answer, failure } from './http.ts';
import { createIds } from './ids.ts';
import { receive } from './inbound.ts';
import { defaultSwitches, type PlainOptions, type PlainSwitches } from './options.ts';
import { createKeys, type PlainKeyOptions } from './permissions.ts';
import { addStray, addStrayMessage, seedWorkspace } from './seed.ts';
import { createSetup, type Setup } from './setup.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import { createTables, type PlainState } from './state.ts';
import { createPlainDialect } from './webhook-dialect.ts';
import type { Call, World } from './world.ts';

export type { PlainOptions } from './options.ts';
export { permissions } from './permissions.ts';

export interface PlainEmulator extends Emulator<PlainState, PlainKeyOptions> {
  /** Puts in what no operation here creates. */
  readonly setup: Setup;
  /** The user every new workspace has. */
  readonly userId: string;
  /** Whose key {@link Emulator.apiKey} is. */
  readonly machineUserId: string;
}

const vendorLimit = 450;
const minuteMs = 60_000;

/** A request needs a `User-Agent`, as the vendor's front door does; see `PlainOptions` for the rest. */
export function emulatePlain(options: PlainOptions = {}): PlainEmulator {
  const clock = options.clock ?? createVirtualClock();
  const ids = createIds();
  const keys = createKeys();
  const tables = createTables();
  const postRoom = createPostRoom();
  const workspace = {
    id: ids.next('w', clock.now()),
    name: 'Emulated workspace',
    publicName: 'Support',
    createdAt: clock.now().toISOString(),
    emailEnabled: options.emailEnabled ?? true,
    supportEmailAddresses: options.supportEmailAddresses ?? ['support@plain.invalid'],
  };
  const webhooks = createWebhooks({
    clock,
    fetch: options.webhookFetch,
    timeoutMs: options.webhookTimeoutMs,
    dialect: createPlainDialect({
      ids,
      now: clock.now,
      workspaceId: workspace.id,
      version: options.webhookVersion ?? '2026-04-21',
    }),
  });
  const world: World = { tables, clock, ids, switches: toSwitches(options), workspace, postRoom, webhooks };
  const setup = createSetup(world);

  const { rateLimit = vendorLimit } = options;
  const newWindow = () => (rateLimit === false ? undefined : createRateWindow(clock, rateLimit, minuteMs));
  let rateWindow = newWindow();
  let listed: Call['listed'];
  const front = {
    world,
    keys,
    rateWindow: () => rateWindow,
    onListed(list: Call['listed']) {
      listed = list;
    },
  };

  function fill(): void {
    setup.addMachineUser({ fullName: 'Bridge', description: 'Holder of the emulated keys' });
    setup.addUser({ fullName: 'First User', email: 'first.user@team.example' });
    if (options.seed) seedWorkspace(world, setup, options.seed);
  }

  const firstSerial = ids.serial;
  fill();

  const emulator = createEmulator<PlainState, PlainKeyOptions>({
    name: 'plain',
    baseUrl: options.baseUrl ?? 'https://plain.invalid/graphql/v1',
    apiKey: keys.first,
    mintKey: keys.mint,
    revokeKey: keys.revoke,
    state: tables,
    postRoom,
    webhooks,
    faults: createFaults(),
    clock,
    receive: (threadId, message) => receive(world, threadId, message),
    seed: (size) => seedWorkspace(world, setup, size),
    snapshot: () => takeSnapshot(world),
    restore: (snapshot) => restoreSnapshot(world, snapshot),
    answer: (request) => answer(front, request),
    describe: (_method, _path, body) => describe(body()),
    failure: (status) => failure(front, status),
    stamp(headers) {
      if (!headers.has('apigw-requestid')) headers.set('apigw-requestid', ids.next('req', clock.now()));
    },
    shift() {
      const thread = typeof listed === 'object' ? tables.threads.get(listed.timelineOf) : undefined;
      if (thread) addStrayMessage(world, thread);
      else addStray(world);
    },
    clear() {
      tables.clear();
      keys.clear();
      ids.serial = firstSerial;
      rateWindow = newWindow();
    },
  });

  return {
    ...emulator,
    setup,
    get userId() {
      return firstOf(tables.users);
    },
    get machineUserId() {
      return firstOf(tables.machineUsers);
    },
    reset() {
      emulator.reset();
      fill();
    },
  };
}

function firstOf(table: ReadonlyMap<string, unknown>): string {
  const [id = ''] = table.keys();
  return id;
}

function toSwitches(options: PlainOptions): PlainSwitches {
  const names = Object.keys(defaultSwitches) as (keyof PlainSwitches)[];
  const chosen = names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  return { ...defaultSwitches, ...Object.fromEntries(chosen) };
}
