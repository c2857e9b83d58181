/** A Productlane workspace to test against: the REST API, version 2, with its own memory. */
import { createVirtualClock } from '../clock.ts';
import { createEmulator, type Emulator } from '../emulator.ts';
import { createFaults } from '../faults.ts';
import { createPostRoom } from '../post-room.ts';
import type { AskedRequest } from '../request-log.ts';
import { createWebhooks } from '../webhooks.ts';
import { createApp, type Service } from './app.ts';
import { createCompany } from './companies.ts';
import { addContact } from './contacts.ts';
import { addComment, receiveMessage } from './conversation.ts';
import { createDialect } from './dialect.ts';
import { createKeys, type KeyOptions } from './keys.ts';
import { createLimits, vendorLimits } from './limits.ts';
import { defaultSwitches, type Integration, type ProductlaneOptions } from './options.ts';
import { createPager } from './paging.ts';
import { codeOf, refusalResponse } from './refusal.ts';
import { companyRoutes } from './routes/companies.ts';
import { contactRoutes } from './routes/contacts.ts';
import { fileRoutes, filesOrigin, serveFile } from './routes/files.ts';
import { tagRoutes } from './routes/tags.ts';
import { threadRoutes } from './routes/threads.ts';
import { workspaceRoutes } from './routes/workspace.ts';
import { addMembers, addSeed } from './seeds.ts';
import { putSnapshot, takeSnapshot } from './snapshot.ts';
import { clearTables, createTables, type ProductlaneState } from './state.ts';
import { openThread } from './threads.ts';
import { createIds, type Workspace } from './workspace.ts';

export type { KeyOptions, Scope } from './keys.ts';
export type { ProductlaneOptions } from './options.ts';
export type { ProductlaneState } from './state.ts';

export type ProductlaneEmulator = Emulator<ProductlaneState, KeyOptions>;

const allIntegrations: readonly Integration[] = ['email', 'slack', 'live_chat', 'teams', 'linear'];

/**
 * Strict about what the vendor documents; what the vendor leaves open is a
 * switch, see {@link ProductlaneOptions}. Rate limits count on the clock, so a
 * virtual clock that stands still lets 60 writes pass.
 */
export function emulateProductlane(options: ProductlaneOptions = {}): ProductlaneEmulator {
  const { clock = createVirtualClock(), baseUrl = 'https://productlane.invalid/api/v2' } = options;
  const switches = { ...defaultSwitches, ...definedOnly(options) };
  const ids = createIds(switches.ids);
  const postRoom = createPostRoom();
  const faults = createFaults();
  const webhooks = createWebhooks({
    clock,
    dialect: createDialect(ids, switches.webhookRetries),
    fetch: options.webhookFetch,
    timeoutMs: options.webhookTimeoutMs,
  });
  const workspace: Workspace = {
    tables: createTables(),
    switches,
    integrations: new Set(options.integrations ?? allIntegrations),
    clock,
    postRoom,
    webhooks,
    ids,
  };
  const limits =
    options.rateLimits === false
      ? undefined
      : createLimits(clock, { ...vendorLimits, ...options.rateLimits }, switches.burst);
  const service: Service = { workspace, keys: createKeys(), pager: createPager(switches), limits };
  const app = createApp(service);
  for (const addRoutes of [threadRoutes, contactRoutes, companyRoutes, tagRoutes, workspaceRoutes, fileRoutes]) {
    addRoutes(app, service);
  }
  const fill = (): void => {
    addMembers(workspace);
    if (options.seed) addSeed(workspace, options.seed);
  };
  fill();

  return createEmulator<ProductlaneState, KeyOptions>({
    name: 'productlane',
    baseUrl,
    apiKey: service.keys.first,
    mintKey: service.keys.mint,
    revokeKey: service.keys.revoke,
    state: workspace.tables,
    postRoom,
    webhooks,
    faults,
    clock,
    otherOrigins: [filesOrigin],
    answer: (request) => {
      const { origin, pathname } = new URL(request.url);
      if (origin === filesOrigin) return serveFile(workspace, pathname);
      // A served emulator has one host only.
      return pathname.startsWith('/_files/') ? serveFile(workspace, pathname.slice(7)) : app.fetch(request);
    },
    describe: (method, path) => ({ operation: operationOf(method, path), access: method === 'GET' ? 'read' : 'write' }),
    failure: (status) =>
      refusalResponse({ code: codeOf(status), message: 'Injected fault.', status }, ids.next('req'), switches),
    stamp(headers) {
      if (!headers.has('X-Request-Id')) headers.set('X-Request-Id', ids.next('req'));
    },
    shift: (asked) => shift(workspace, asked),
    receive: (threadId, message) => ({ id: receiveMessage(workspace, threadId, message).id }),
    seed: (size) => addSeed(workspace, size),
    snapshot: () => takeSnapshot(workspace),
    restore: (snapshot) => putSnapshot(workspace, snapshot),
    clear() {
      clearTables(workspace.tables);
      ids.restart(0);
      service.keys.clear();
      service.pager.clear();
      limits?.clear();
      clock.reset();
      fill();
    },
  });
}

/** Options that are present but undefined count as absent. */
function definedOnly(options: ProductlaneOptions): ProductlaneOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const words = new Set(
  'threads messages comments customer-needs contacts by-email blocked-senders companies merge linear-options me members invites files import webhooks tags groups'.split(
    ' ',
  ),
);

/** `PATCH /threads/:id`: what is no word of the API is an id. */
function operationOf(method: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  return `${method} /${parts.map((part) => (words.has(part) ? part : ':id')).join('/')}`;
}

/** A new record in the list that was read. Lists of the workspace itself stay as they are. */
function shift(workspace: Workspace, { path }: AskedRequest): void {
  const email = `newcomer-${workspace.ids.serial}@customer.invalid`;
  const [, table, id, list] = path.split('/');
  if (list === 'messages' && id !== undefined) receiveMessage(workspace, id, { text: 'One more thing' });
  else if (list === 'comments' && id !== undefined) addComment(workspace, id, { content: '<p>New</p>' }, null);
  else if (table === 'threads')
    openThread(workspace, { text: '<p>New</p>', pain_level: 'LOW', contact_email: email }, null);
  else if (table === 'contacts') addContact(workspace, { email, name: 'Newcomer' });
  else if (table === 'companies') createCompany(workspace, { name: 'Newcomer' });
}
