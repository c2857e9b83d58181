/** Both adapters on their emulated desks, in process, with what each workspace knows. */
import { createRateBudget } from '../src/core/budget.ts';
import type { CallOptions, Helpdesk } from '../src/core/helpdesk.ts';
import type { Body } from '../src/core/model.ts';
import { emulatePlain, type PlainOptions as PlainEmulation } from '../src/emulators/plain/index.ts';
import {
  emulateProductlane,
  type ProductlaneOptions as ProductlaneEmulation,
} from '../src/emulators/productlane/index.ts';
import { createPlain, type PlainOptions } from '../src/providers/plain/index.ts';
import { createProductlane, type ProductlaneOptions } from '../src/providers/productlane/index.ts';

export const text = (content: string): Body => ({ format: 'text', content });
export const html = (content: string): Body => ({ format: 'html', content });
export const markdown = (content: string): Body => ({ format: 'markdown', content });

export const contact = { email: 'ada@example.test', name: 'Ada Lovelace' };
export const thread = { contact, title: 'Login fails', body: text('It says no.') };
export const past = new Date('2021-03-04T05:06:07.000Z');
export const later = new Date('2050-03-04T05:06:07.000Z');

const unlimited = () => createRateBudget({ reads: 1e6, writes: 1e6 });

/** Two records a page, so that every list crosses a page border. */
export function productlaneDesk(emulation: ProductlaneEmulation = {}, options: Partial<ProductlaneOptions> = {}) {
  const emulator = emulateProductlane({ rateLimits: false, ...emulation });
  const { apiKey, baseUrl, fetch } = emulator;
  const desk = createProductlane({ apiKey, baseUrl, fetch, pageSize: 2, budget: unlimited(), ...options });
  return { emulator, desk };
}

/** Two records a page, as above. */
export function plainDesk(emulation: PlainEmulation = {}, options: Partial<PlainOptions> = {}) {
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
  call?: CallOptions,
) {
  const message = {
    externalId: 'm-1',
    kind: 'outbound' as const,
    body: text('private words'),
    createdAt: past,
    author: { id: ids.user },
  };
  return {
    check: () => desk.check(call),
    getContact: () => desk.getContact(ids.contact, call),
    findContact: () => desk.findContact(contact.email, call),
    listContacts: () => collect(desk.listContacts({}, call)),
    getThread: () => desk.getThread(ids.thread, call),
    listThreads: () => collect(desk.listThreads({}, call)),
    listMessages: () => collect(desk.listMessages(ids.thread, call)),
    upsertContact: () => desk.upsertContact({ ...contact, name: 'Ada King' }, call),
    createThread: () => desk.createThread({ contact, title: 'private title', body: text('private words') }, call),
    updateThread: () => desk.updateThread(ids.thread, { title: 'private title' }, call),
    reply: () => desk.reply({ threadId: ids.thread, body: text('private words') }, call),
    addNote: () => desk.addNote({ threadId: ids.thread, body: text('private words') }, call),
    importThread: () =>
      desk.importThread(
        { contact, title: 'private title', externalId: 'e-1', createdAt: past, messages: [message] },
        call,
      ),
    recordMessages: () =>
      desk.recordMessages({ threadId: ids.thread, messages: [{ ...message, externalId: 'm-2' }] }, call),
    deleteThread: () => desk.deleteThread(ids.thread, call),
  } satisfies Record<Exclude<keyof Helpdesk, 'name' | 'traits' | 'native' | 'findThread'>, () => Promise<unknown>>;
}
