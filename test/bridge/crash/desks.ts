/** Both desks over HTTP, and what stands in them: they outlive every process that asks them. */
import { bodyText } from '../../../src/core/bodies.ts';
import { createRateBudget } from '../../../src/core/budget.ts';
import type { Helpdesk } from '../../../src/core/helpdesk.ts';
import { type Clock, createVirtualClock } from '../../../src/emulators/clock.ts';
import type { Emulator } from '../../../src/emulators/emulator.ts';
import { emulatePlain, type PlainEmulator } from '../../../src/emulators/plain/index.ts';
import type { Delivery } from '../../../src/emulators/post-room.ts';
import { emulateProductlane, type ProductlaneEmulator } from '../../../src/emulators/productlane/index.ts';
import { type Served, serve } from '../../../src/emulators/serve.ts';
import { createPlain } from '../../../src/providers/plain/index.ts';
import { createProductlane } from '../../../src/providers/productlane/index.ts';
import type { Seen, SeenThread } from './scenarios.ts';
import { callerHeader, lastHeader } from './steps.ts';

/** A request as it came in over HTTP. */
export interface Asked {
  readonly desk: 'productlane' | 'plain';
  readonly caller: string | undefined;
  readonly access: 'read' | 'write';
  /** Empty where it names none. */
  readonly thread: string;
  readonly body: string;
}

interface SavedDesks {
  readonly records: readonly unknown[];
  readonly delivered: readonly (readonly Delivery[])[];
}

export interface Desks {
  readonly clock: Clock;
  readonly productlane: { readonly emulator: ProductlaneEmulator; readonly desk: Helpdesk; readonly url: string };
  readonly plain: { readonly emulator: PlainEmulator; readonly desk: Helpdesk; readonly url: string };
  /** Oldest first. */
  readonly asked: readonly Asked[];
  /**
   * What happens when a request is the last of its process. The desk does what
   * it was asked once this resolves: after the death of who asked.
   */
  onLast(handle: () => Promise<void>): void;
  /** Resolves when a request has done its work that nobody waited for. */
  settled(): Promise<void>;
  save(): SavedDesks;
  restore(saved: SavedDesks): void;
  close(): Promise<void>;
}

const unlimited = () => createRateBudget({ reads: 1e6, writes: 1e6 });

/** How an adapter is made that never waits, tries again or gives up: a process that was frozen goes on where it was. */
export const adapterOptions = () => ({ pageSize: 100, budget: unlimited(), retries: 0, timeoutMs: 600_000 });

export async function openDesks(clock: Clock = createVirtualClock()): Promise<Desks> {
  const productlane = emulateProductlane({ clock, rateLimits: false });
  const plain = emulatePlain({ clock, rateLimit: false });
  const asked: Asked[] = [];
  const working = new Set<Promise<unknown>>();
  let handleLast = async () => {};

  /** The same emulator, with every request looked at first. */
  const front = (emulator: Emulator): Promise<Served> =>
    serve({
      ...emulator,
      async exchange(request: Request) {
        // Read now: who asks may be gone later.
        const body = await request.text();
        const { method, url, headers } = request;
        const read = method === 'GET' || /"query":"\s*query\b/.test(body);
        const caller = headers.get(callerHeader) ?? undefined;
        const thread = /\/threads\/([^/?]+)/.exec(url)?.[1] ?? /"threadId":"([^"]+)"/.exec(body)?.[1] ?? '';
        asked.push({ desk: emulator.name, caller, access: read ? 'read' : 'write', thread, body });
        const copy = new Request(url, { method, headers, ...(method !== 'GET' && { body }) });
        const work = (headers.has(lastHeader) ? handleLast() : Promise.resolve()).then(() => emulator.exchange(copy));
        working.add(work);
        return work.finally(() => working.delete(work));
      },
    });

  const emulators = [productlane, plain] as const;
  const served = [await front(productlane), await front(plain)] as const;
  const deskOf = { apiKey: productlane.apiKey, baseUrl: productlane.baseUrl, fetch: productlane.fetch };
  const plainOf = { apiKey: plain.apiKey, baseUrl: plain.baseUrl, fetch: plain.fetch };
  return {
    clock,
    productlane: {
      emulator: productlane,
      desk: createProductlane({ ...deskOf, ...adapterOptions() }),
      url: served[0].url,
    },
    plain: { emulator: plain, desk: createPlain({ ...plainOf, ...adapterOptions() }), url: served[1].url },
    asked,
    onLast: (handle) => {
      handleLast = handle;
    },
    async settled() {
      while (working.size > 0) await Promise.allSettled([...working]);
    },
    save: () => ({
      records: emulators.map((emulator) => emulator.snapshot()),
      delivered: emulators.map(({ postRoom }) => [...postRoom.delivered]),
    }),
    restore({ records, delivered }) {
      asked.length = 0;
      for (const [index, emulator] of emulators.entries()) {
        emulator.reset();
        emulator.restore(structuredClone(records[index]));
        for (const delivery of delivered[index] ?? []) emulator.postRoom.deliver(delivery);
      }
    },
    async close() {
      await Promise.all(served.map((server) => server.close()));
    },
  };
}

/** Everything that a desk shows through its adapter, and everything that left it. */
export async function lookAt({ desk, emulator }: { desk: Helpdesk; emulator: Emulator }): Promise<Seen> {
  const contacts: string[] = [];
  for await (const { email, name } of desk.listContacts()) contacts.push(`${email} ${name}`);
  const threads: SeenThread[] = [];
  for await (const { id, title, contact, priority, status } of desk.listThreads()) {
    const messages: string[] = [];
    for await (const { kind, body } of desk.listMessages(id)) messages.push(`${kind}: ${words(await bodyText(body))}`);
    threads.push({ title, email: contact?.email, priority: priority.is, status: status.is, messages });
  }
  const delivered = emulator.postRoom.delivered.map(
    ({ to, body }) => `${to.map(({ email }) => email).join(', ')} ${words(body)}`,
  );
  return { contacts, threads, delivered };
}

/** What a text is told by, however the desks have dressed it. */
function words(content: string): string {
  return [...content.matchAll(/\w+-words(?:-\d+)?/g)].map(([word]) => word).join(' ');
}
