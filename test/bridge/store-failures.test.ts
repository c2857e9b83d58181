/** Whichever call of the store fails, what was written is neither lost nor doubled, and the caller is told the truth. */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Bridge, HelpdeskError, type Stage } from '../../src/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, text, thread } from '../desks.ts';
import { createDisk, hasDisks, withoutDisks } from '../store/disk.ts';
import { type Bridged, bridged, conversation, deliveries, settleAll } from './bridges.ts';

const refused = (operation: string, applied: 'no' | 'unknown') =>
  new HelpdeskError({ provider: 'store', operation, kind: 'unavailable', reason: 'the disk is full', applied });

/**
 * A store whose n-th call fails: before it has done anything, or after it has
 * done everything and only its answer is lost.
 */
function failing(store: Store, turn: number, when: 'before' | 'after') {
  const seen = { calls: 0 };
  const members = Object.entries(store).map(([name, member]) => {
    if (typeof member !== 'function' || name === 'watch' || name === 'close' || name === 'listLinks')
      return [name, member];
    const wrapped = async (...input: unknown[]) => {
      const fails = ++seen.calls === turn;
      if (fails && when === 'before') throw refused(name, 'no');
      const answer = await member(...input);
      if (fails) throw refused(name, isRead(name) ? 'no' : 'unknown');
      return answer;
    };
    return [name, wrapped];
  });
  return { store: Object.fromEntries(members) as Store, seen };
}

/** A store whose disk is full from its n-th change on. */
function filling(store: Store, turn: number, fill: () => void) {
  const seen = { changes: 0 };
  const members = Object.entries(store).map(([name, member]) => {
    if (typeof member !== 'function' || name === 'watch' || name === 'close' || isRead(name)) return [name, member];
    const wrapped = async (...input: unknown[]) => {
      if (++seen.changes === turn) fill();
      return member(...input);
    };
    return [name, wrapped];
  });
  return { store: Object.fromEntries(members) as Store, seen };
}

const isRead = (name: string) => /^(?:get|find|list|lane|due|next|figures)/.test(name);

interface Scenario {
  /** Before the store begins to fail. Gives the id of a thread. */
  prepare(world: Bridged): Promise<string>;
  act(bridge: Bridge, id: string): Promise<unknown>;
  /** How often it stands on each desk, and how often it was delivered. */
  effects(world: Bridged): Promise<readonly number[]>;
}

const prepared = async (world: Bridged) => {
  const { value } = await world.bridge.createThread(thread);
  await world.bridge.drain();
  return value.id;
};

const desksOf = ({ productlane, plain }: Bridged) => [productlane.desk, plain.desk];

async function count(world: Bridged, words: string): Promise<readonly number[]> {
  const counts: number[] = [];
  for (const desk of desksOf(world)) {
    let found = 0;
    for (const { id } of await collect(desk.listThreads())) {
      found += (await conversation(desk, id)).join('\n').split(words).length - 1;
    }
    counts.push(found);
  }
  return [...counts, deliveries(world).filter((body) => body.includes(words)).length];
}

const scenarios: Readonly<Record<string, Scenario>> = {
  createThread: {
    prepare: async () => '',
    act: (bridge) => bridge.createThread(thread),
    effects: (world) => count(world, 'It says no.'),
  },
  reply: {
    prepare: prepared,
    act: (bridge, threadId) => bridge.reply({ threadId, body: text('Try now.') }),
    effects: (world) => count(world, 'Try now.'),
  },
  addNote: {
    prepare: prepared,
    act: (bridge, threadId) => bridge.addNote({ threadId, body: text('VIP') }),
    effects: (world) => count(world, 'VIP'),
  },
  updateThread: {
    prepare: prepared,
    act: (bridge, threadId) => bridge.updateThread(threadId, { title: 'Renamed' }),
    async effects(world) {
      const titles = await Promise.all(desksOf(world).map((desk) => collect(desk.listThreads())));
      return [...titles.map((all) => all.filter(({ title }) => title === 'Renamed').length), 0];
    },
  },
  'reply on a thread that must come over': {
    async prepare(world) {
      const other = world.flag.stage === 'live' ? world.productlane : world.plain;
      return (await other.desk.createThread(thread)).value.id;
    },
    act: (bridge, threadId) => bridge.reply({ threadId, body: text('Try now.') }),
    effects: (world) => count(world, 'Try now.'),
  },
};

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'told' as const,
    (error: unknown) => {
      if (!HelpdeskError.is(error)) throw error;
      return error.applied;
    },
  );

const delivers = (name: string): number => (name.startsWith('reply') ? 1 : 0);

describe.each(['dual-write', 'live'] as const)('a store that fails once at %s', (stage: Stage) => {
  it.each(Object.entries(scenarios))(
    'neither loses nor doubles anything: %s',
    async (name, { prepare, act, effects }) => {
      for (const when of ['before', 'after'] as const) {
        for (let turn = 1, more = true; more; turn++) {
          const world = bridged(stage);
          const id = await prepare(world);
          const { store, seen } = failing(world.store, turn, when);
          const bridge = world.open({ store });
          const outcome = await outcomeOf(act(bridge, id));
          await bridge.drain().catch(() => {});
          more = seen.calls >= turn;
          await settleAll(world);
          const context = `${when} call ${turn}`;
          const whole = [1, 1, delivers(name)];
          const found = await effects(world);
          // Nothing was stored: then nothing happened, and the caller may repeat it.
          if (outcome === 'no') expect([whole.map(() => 0), whole], context).toContainEqual(found);
          else expect(found, context).toEqual(whole);
          if (outcome === 'no') expect(found[2], context).toBe(0);
          for (const desk of desksOf(world))
            expect((await collect(desk.listThreads())).length, context).toBeLessThan(2);
          expect(await world.bridge.figures(), context).toMatchObject({ pending: 0, unclear: 0, queued: 0, dead: 0 });
        }
      }
    },
  );
});

describe.skipIf(!hasDisks).each(['dual-write', 'live'] as const)(
  `a disk that becomes full at %s${withoutDisks}`,
  (stage: Stage) => {
    it.each(Object.entries(scenarios))(
      'neither loses nor doubles anything once there is room: %s',
      async (name, { prepare, act, effects }) => {
        for (let turn = 1, more = true; more; turn++) {
          const disk = await createDisk();
          try {
            const world = bridged(stage, { store: await openStore(join(disk.path, 'bridge.db')) });
            const id = await prepare(world);
            const { store, seen } = filling(world.store, turn, disk.fill);
            const bridge = world.open({ store });
            const outcome = await outcomeOf(act(bridge, id));
            await bridge.drain().catch(() => {});
            more = seen.changes >= turn;
            const context = `at change ${turn}`;
            const whole = [1, 1, delivers(name)];
            // Nothing was stored: then nothing happened, and the caller may repeat it.
            if (outcome === 'no') expect(await effects(world), context).toEqual([0, 0, 0]);
            disk.free();
            await settleAll(world);
            if (outcome === 'no') {
              expect(await effects(world), context).toEqual([0, 0, 0]);
              await act(bridge, id);
              await settleAll(world);
            }
            expect(await effects(world), context).toEqual(whole);
            for (const desk of desksOf(world)) expect(await collect(desk.listThreads()), context).toHaveLength(1);
            expect(await world.bridge.figures(), context).toMatchObject({ pending: 0, unclear: 0, queued: 0, dead: 0 });
            await world.store.close();
          } finally {
            await disk.remove();
          }
        }
      },
    );
  },
);

it('a store that fails as background work begins is told of, and the work is done once it answers', async () => {
  const store = createMemoryStore();
  let failures = 1;
  const getSetting: Store['getSetting'] = async (name) => {
    if (failures-- > 0) throw refused('getSetting', 'no');
    return store.getSetting(name);
  };
  const bridge = bridged('dual-write', { store: { ...store, getSetting } }).open({ drain: true, pollMs: 10 });
  const told: unknown[] = [];
  bridge.on('trouble', (event) => told.push(event));
  await vi.waitFor(() => expect(told).toMatchObject([{ task: 'work' }]), { interval: 5 });
  const { operationId } = await bridge.createThread(thread);
  const brought = async () => expect((await store.getOperation(operationId))?.mirror).toBe('done');
  await vi.waitFor(brought, { timeout: 10_000, interval: 10 });
  await bridge.close();
});
