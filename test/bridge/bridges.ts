/** A bridge between both emulated desks, on one clock that stands still until it is moved. */
import type { BridgeOptions } from '../../src/bridge/options.ts';
import type { Message, Thread } from '../../src/core/model.ts';
import { createVirtualClock } from '../../src/emulators/clock.ts';
import { createBridge, type Helpdesk, type Stage } from '../../src/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { collect, failure, plainDesk, productlaneDesk, thread } from '../desks.ts';

export const settleMs = 120_000;
export const leaseMs = 60_000;

/** From Productlane to Plain. `stage` may be changed between two calls. */
export function bridged(stage: Stage, options: Partial<BridgeOptions> = {}) {
  const clock = createVirtualClock();
  const productlane = productlaneDesk({ clock }, { retries: 0 });
  const plain = plainDesk({ clock }, { retries: 0 });
  const store = options.store ?? createMemoryStore();
  const flag = { stage };
  const open = (others: Partial<BridgeOptions> = {}) =>
    createBridge({
      from: productlane.desk,
      to: plain.desk,
      stage: () => flag.stage,
      store,
      drain: false,
      now: () => clock.elapsedMs(),
      settleMs,
      leaseMs,
      recordOptions: { plain: { userId: plain.emulator.userId } },
      ...options,
      ...others,
    });
  return { clock, productlane, plain, store, flag, open, bridge: open() };
}

export type Bridged = ReturnType<typeof bridged>;

export const desks = ['productlane', 'plain'] as const;
/** Nothing waits, and nothing was given up. */
export const atRest = { queued: 0, dead: 0, pending: 0, unclear: 0 } as const;

/** The desk that answers at the stage, and the one that is kept in step. */
export function sidesOf({ productlane, plain }: Bridged, stage: 'dual-write' | 'live') {
  return stage === 'live' ? { primary: plain, mirror: productlane } : { primary: productlane, mirror: plain };
}

/** The id of a new label on Productlane. */
export async function addTag({ productlane }: Bridged): Promise<string> {
  const create = async (path: string, json: object) => {
    return ((await productlane.desk.native.request('POST', path, { json })) as { readonly id: string }).id;
  };
  const group = await create('/tags/groups', { name: 'Kinds', color: '#336699' });
  return create('/tags', { name: 'Bug', color: '#336699', icon: 'tag', tag_group_id: group });
}

/** One label on both desks, and a bridge that knows so. */
export async function withLabel(world: Bridged) {
  const tag = await addTag(world);
  const label = world.plain.emulator.setup.addLabelType({ name: 'Bug' }).id;
  return { tag, label, bridge: world.open({ counterparts: { labels: [{ from: tag, to: label }] } }) };
}

/** Productlane for a bridge of its own, whose requests may be met on their way there. */
export function metProductlane({ clock, productlane }: Bridged, meet: (request: Request) => Promise<void>) {
  const { apiKey, baseUrl, fetch } = productlane.emulator;
  const options = { apiKey, baseUrl, retries: 0, fetch: metBy(fetch, meet) };
  return productlaneDesk({ clock }, options).desk;
}

/** Plain, as above. */
export function metPlain({ clock, plain }: Bridged, meet: (request: Request) => Promise<void>) {
  const { apiKey, baseUrl, fetch } = plain.emulator;
  return plainDesk({ clock }, { apiKey, baseUrl, retries: 0, fetch: metBy(fetch, meet) }).desk;
}

function metBy(fetch: typeof globalThis.fetch, meet: (request: Request) => Promise<void>): typeof globalThis.fetch {
  return async (input, init) => {
    await meet(new Request(input, init));
    return fetch(input, init);
  };
}

/** What reached a contact, from either desk. */
export function deliveries({ productlane, plain }: Bridged): readonly string[] {
  return [...productlane.emulator.postRoom.delivered, ...plain.emulator.postRoom.delivered].map(({ body }) =>
    body.replace(/<[^>]*>/g, '').trim(),
  );
}

/** Kind and words of each message, as a person sees them. */
export async function conversation(desk: Helpdesk, id: string): Promise<readonly string[]> {
  return (await collect(desk.listMessages(id))).map(line);
}

export function line({ kind, body }: Message): string {
  return `${kind}: ${body.content
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()}`;
}

/** What is said on a desk, by the titles of its threads. */
export async function said(desk: Helpdesk): Promise<Readonly<Record<string, readonly string[]>>> {
  const all: Record<string, readonly string[]> = {};
  for (const { id, title } of await collect(desk.listThreads())) {
    // Equal titles are told apart by the first that was said.
    const lines = await conversation(desk, id);
    all[title !== undefined && title in all ? `${title}, ${lines[0]}` : (title ?? '')] = lines;
  }
  return all;
}

/** How often the words are on a desk. */
export async function timesSaid(desk: Helpdesk, words: string): Promise<number> {
  let times = 0;
  for (const { id } of await collect(desk.listThreads()))
    times += (await conversation(desk, id)).join('\n').split(words).length - 1;
  return times;
}

/** The only thread of a desk. */
export async function onlyThread(desk: Helpdesk): Promise<Thread> {
  const [thread, ...others] = await collect(desk.listThreads());
  if (!thread || others.length > 0) throw new Error(`${others.length + (thread ? 1 : 0)} threads`);
  return thread;
}

/** Past every lease, settle window and back-off; then whatever is due is done, until nothing changes. */
export async function settleAll({ clock, bridge }: Bridged, by = bridge): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await clock.advance(400_000);
    await by.drain();
  }
}

/** At `live`: a thread on Plain whose creation lost its answer, so that nobody knows its id through the bridge. */
export async function createdUnknown() {
  const world = bridged('live');
  const { faults } = world.plain.emulator;
  faults.next({ kind: 'cut', when: 'after' }, { operation: 'CreateThread' });
  faults.next({ kind: 'cut', when: 'before' }, { operation: 'ThreadByExternalId' });
  const error = await failure(world.bridge.createThread(thread));
  if ((error as { readonly applied?: unknown }).applied !== 'unknown') throw new Error('its answer is known');
  return { world, id: (await onlyThread(world.plain.desk)).id };
}
