/** What callers hear, and what becomes of their writes, when the database itself dies and comes back. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBridge } from '../../src/bridge/bridge.ts';
import type { Bridge } from '../../src/bridge/interface.ts';
import { HelpdeskError } from '../../src/core/errors.ts';
import { type Clock, createRealClock, createVirtualClock } from '../../src/emulators/clock.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/store.ts';
import { plainDesk, productlaneDesk, text } from '../desks.ts';
import { type Cluster, createCluster, hasCluster } from './crash/cluster.ts';
import { lookAt } from './crash/desks.ts';
import { type Mutant, mutate } from './crash/mutants.ts';
import { quickFolder } from './crash/suite.ts';

/** Milliseconds, short enough to be waited for where time is real. Nothing takes longer than a few of them here. */
const leaseMs = 1_000;
const settleMs = 2_000;

/** What a caller was told of one write. */
interface Told {
  readonly words: string;
  readonly applied: 'yes' | 'no' | 'unknown';
  readonly operationId: string | undefined;
}

describe.skipIf(!hasCluster)('a database that dies', () => {
  let folder = '';
  let cluster: Cluster;
  let schemas = 0;

  beforeAll(async () => {
    folder = quickFolder();
    cluster = await createCluster(folder);
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Two desks, and bridges over stores of their own, as in as many processes. */
  async function createWorld(clock: Clock, mutant?: Mutant) {
    /** Runs before the answer to a message that was delivered is handed on. */
    let afterDelivery = async () => {};
    const productlane = productlaneDesk({ clock }, { pageSize: 100, retries: 0 });
    const { apiKey, baseUrl, fetch } = productlane.emulator;
    const watched = productlaneDesk(
      { clock },
      {
        ...{ apiKey, baseUrl, pageSize: 100, retries: 0 },
        async fetch(input, init) {
          const answer = await fetch(input, init);
          if (init?.method === 'POST' && String(input).endsWith('/messages')) await afterDelivery();
          return answer;
        },
      },
    );
    const plain = plainDesk({ clock }, { pageSize: 100, retries: 0 });
    schemas += 1;
    const stores: Store[] = [];
    const bridges: Bridge[] = [];
    const open = async () => {
      const store = await openStore(cluster.url, { schema: `world_${schemas}` });
      stores.push(store);
      const bridge = createBridge({
        ...{ from: watched.desk, to: plain.desk, stage: 'dual-write', store: mutate(store, mutant) },
        recordOptions: { plain: { userId: plain.emulator.userId } },
        now: () => clock.now().getTime(),
        ...{ drain: false, pollMs: 50, leaseMs, settleMs },
      });
      bridges.push(bridge);
      return { store, bridge };
    };

    return {
      open,
      productlane,
      plain,
      onDelivery: (run: () => Promise<void>) => {
        afterDelivery = run;
      },
      /** Until nothing waits any more; whoever works goes on. `aheadMs`: how much time passes between two looks. */
      async finish(store: Store, aheadMs: number) {
        for (;;) {
          const figures = await store.figures().catch(() => undefined);
          if (figures && figures.pending + figures.queued === 0) return figures;
          await clock.advance(aheadMs);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
      async close() {
        for (const bridge of bridges) await bridge.close();
        for (const store of stores) await store.close();
      },
    };
  }

  /** By kind, since on some desks notes and messages stand apart: the words that are asked for, as they stand there. */
  const standing = (messages: readonly string[], words: ReadonlySet<string>) =>
    ['answer', 'remark'].map((kind) =>
      messages
        .flatMap((message) => new RegExp(`: (${kind}-words-\\d+)$`).exec(message)?.[1] ?? [])
        .filter((one) => words.has(one)),
    );

  const newThread = async (bridge: Bridge, index: number) => {
    const contact = { email: `person-${index}@example.test`, name: `Person ${index}` };
    const input = { contact, title: `Thread ${index}`, body: text(`opening-words-${index}`) };
    return (await bridge.createThread(input)).value.id;
  };

  async function tell(words: string, write: () => Promise<unknown>): Promise<Told> {
    try {
      await write();
      return { words, applied: 'yes', operationId: undefined };
    } catch (error) {
      if (!HelpdeskError.is(error)) throw error;
      return { words, applied: error.applied, operationId: error.operationId };
    }
  }

  it('loses and doubles nothing in the middle of the work', { timeout: 120_000 }, async () => {
    const world = await createWorld(createRealClock());
    try {
      const callers = await world.open();
      const worker = await world.open();
      const ids: string[] = [];
      for (let index = 0; index < 8; index++) ids.push(await newThread(callers.bridge, index));
      await worker.bridge.work();

      const told: Told[] = [];
      let over = false;
      const write = async (threadId: string, thread: number) => {
        for (let number = 0, left = 4; left > 0; number++) {
          if (over) left--;
          const isReply = number % 2 === 0;
          const words = `${isReply ? 'answer' : 'remark'}-words-${1_000_000 + thread * 100_000 + number}`;
          const body = text(words);
          const call = () =>
            isReply ? callers.bridge.reply({ threadId, body }) : callers.bridge.addNote({ threadId, body });
          told.push(await tell(words, call));
        }
      };
      const writing = ids.map(write);
      while (told.length < 40) await new Promise((resolve) => setTimeout(resolve, 5));
      await cluster.restart();
      over = true;
      await Promise.all(writing);
      const { unclear, dead } = await world.finish(callers.store, 0);

      expect(told.some(({ applied }) => applied !== 'yes')).toBe(true);
      expect({ unclear, dead }).toEqual({ unclear: 0, dead: 0 });
      const [first, second] = [await lookAt(world.productlane), await lookAt(world.plain)];
      const written = (seen: typeof first) =>
        seen.threads.flatMap(({ messages }) => messages.map((message) => String(message.split(': ')[1]))).sort();
      // Both desks hold the same, each message once.
      expect(written(second)).toEqual(written(first));
      const held = written(first).filter((words) => !words.startsWith('opening'));
      expect(new Set(held).size).toBe(held.length);
      // One whose answer was lost may have been sent again after later ones. The others keep their order.
      const certain = new Set(told.filter(({ applied }) => applied === 'yes').map(({ words }) => words));
      for (const { messages } of [...first.threads, ...second.threads]) {
        const lists = standing(messages, certain);
        expect(lists.flat().length).toBeGreaterThan(0);
        // Each has a number of the same length, higher than those before.
        expect(lists).toEqual(lists.map((list) => list.toSorted()));
      }
      const happened = new Set(held);
      for (const { words, applied, operationId } of told) {
        if (applied === 'yes') expect(happened).toContain(words);
        if (applied === 'no') expect(happened).not.toContain(words);
        if (operationId === undefined) continue;
        const state = (await callers.store.getOperation(operationId))?.state;
        // Where the very first commit was in doubt there may be no operation.
        expect(happened.has(words) ? ['done'] : ['failed', undefined]).toContain(state);
      }
      // Nothing that nobody asked for.
      expect(told.map(({ words }) => words)).toEqual(expect.arrayContaining(held));
      const delivered = first.delivered.map((delivery) => String(delivery.split(' ')[1])).sort();
      expect(delivered).toEqual(held.filter((words) => words.startsWith('answer')));
      expect(second.delivered).toEqual([]);
    } finally {
      await world.close();
    }
  });

  /** A reply whose answer comes when there is no database. Gives what the caller hears and how often it is delivered. */
  async function replyMeanwhile(mutant?: Mutant) {
    const world = await createWorld(createVirtualClock(), mutant);
    try {
      const { bridge, store } = await world.open();
      const threadId = await newThread(bridge, 0);
      await bridge.drain();
      world.onDelivery(async () => {
        world.onDelivery(async () => {});
        await cluster.stop();
      });
      const told = await tell('answer-words', () => bridge.reply({ threadId, body: text('answer-words') }));
      await cluster.start();
      await bridge.work();
      await world.finish(store, leaseMs + settleMs);
      const delivered = world.productlane.emulator.postRoom.delivered.length;
      const copies = (await lookAt(world.plain)).threads[0]?.messages;
      return { applied: told.applied, named: told.operationId !== undefined, delivered, copies };
    } finally {
      await world.close();
    }
  }

  it('delivers a reply once whose end could not be stored', { timeout: 60_000 }, async () => {
    const copies = ['inbound: opening-words-0', 'outbound: answer-words'];
    expect(await replyMeanwhile()).toEqual({ applied: 'unknown', named: true, delivered: 1, copies });
  });

  it('would be caught delivering twice', { timeout: 60_000 }, async () => {
    expect(await replyMeanwhile('forgets-sent')).toMatchObject({ delivered: 2 });
  });
});
