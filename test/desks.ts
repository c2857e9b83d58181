/** Both adapters on their emulated desks, in process, with what each workspace knows. */
import { createRateBudget } from '../src/core/budget.ts';
import type { Helpdesk } from '../src/core/helpdesk.ts';
import type { Body } from '../src/core/model.ts';
import type { TransportOptions } from '../src/core/transport.ts';
import { emulatePlain, type PlainOptions as PlainEmulation } from '../src/emulators/plain/index.ts';
import {
  emulateProductlane,
  type ProductlaneOptions as ProductlaneEmulation,
} from '../src/emulators/productlane/index.ts';
import { createPlain } from '../src/providers/plain/index.ts';
import { createProductlane } from '../src/providers/productlane/index.ts';

export const text = (content: string): Body => ({ format: 'text', content });
export const html = (content: string): Body => ({ format: 'html', content });
export const markdown = (content: string): Body => ({ format: 'markdown', content });

export const contact = { email: 'ada@example.test', name: 'Ada Lovelace' };
export const thread = { contact, title: 'Login fails', body: text('It says no.') };
export const past = new Date('2021-03-04T05:06:07.000Z');
export const later = new Date('2050-03-04T05:06:07.000Z');

const unlimited = () => createRateBudget({ reads: 1e6, writes: 1e6 });

/** Two records a page, so that every list crosses a page border. */
export function productlaneDesk(emulation: ProductlaneEmulation = {}, options: Partial<TransportOptions> = {}) {
  const emulator = emulateProductlane({ rateLimits: false, ...emulation });
  const { apiKey, baseUrl, fetch } = emulator;
  const desk = createProductlane({ apiKey, baseUrl, fetch, pageSize: 2, budget: unlimited(), ...options });
  return { emulator, desk };
}

/** Two records a page, as above. */
export function plainDesk(emulation: PlainEmulation = {}, options: Partial<TransportOptions> = {}) {
  const emulator = emulatePlain({ rateLimit: false, ...emulation });
  const { apiKey, baseUrl, fetch } = emulator;
  const desk = createPlain({ apiKey, baseUrl, fetch, pageSize: 2, budget: unlimited(), ...options });
  return { emulator, desk };
}

/** The failure of a promise; `undefined` where it did not fail. */
export function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Every method that sends a request, called once on records that exist. */
export function everyMethod(
  desk: Helpdesk,
  ids: { readonly thread: string; readonly contact: string; readonly user: string },
) {
  const message = {
    externalId: 'm-1',
    kind: 'outbound' as const,
    body: text('private words'),
    createdAt: past,
    author: { id: ids.user },
  };
  return {
    check: () => desk.check(),
    getContact: () => desk.getContact(ids.contact),
    findContact: () => desk.findContact(contact.email),
    listContacts: () => collect(desk.listContacts()),
    getThread: () => desk.getThread(ids.thread),
    listThreads: () => collect(desk.listThreads()),
    listMessages: () => collect(desk.listMessages(ids.thread)),
    upsertContact: () => desk.upsertContact({ ...contact, name: 'Ada King' }),
    createThread: () => desk.createThread({ contact, title: 'private title', body: text('private words') }),
    updateThread: () => desk.updateThread(ids.thread, { title: 'private title' }),
    reply: () => desk.reply({ threadId: ids.thread, body: text('private words') }),
    addNote: () => desk.addNote({ threadId: ids.thread, body: text('private words') }),
    importThread: () =>
      desk.importThread({ contact, title: 'private title', externalId: 'e-1', createdAt: past, messages: [message] }),
    recordMessages: () => desk.recordMessages({ threadId: ids.thread, messages: [{ ...message, externalId: 'm-2' }] }),
    deleteThread: () => desk.deleteThread(ids.thread),
  } satisfies Record<Exclude<keyof Helpdesk, 'name' | 'traits' | 'native' | 'findThread'>, () => Promise<unknown>>;
}
