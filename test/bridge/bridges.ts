/** A bridge between both emulated desks, on one clock that stands still until it is moved. */
import type { BridgeOptions } from '../../src/bridge/options.ts';
import type { Message, Thread } from '../../src/core/model.ts';
import { createVirtualClock } from '../../src/emulators/clock.ts';
import { createBridge, type Helpdesk, type Stage } from '../../src/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { collect, plainDesk, productlaneDesk } from '../desks.ts';

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
