/** What callers and both desks see of a store whose disk is really full. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bridge, Helpdesk, Stage } from '../../src/index.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, contact, failure, text, thread } from '../desks.ts';
import { createDisk, type Disk, hasDisks, withoutDisks } from '../store/disk.ts';
import { type Bridged, bridged, conversation, deliveries, onlyThread, settleAll } from './bridges.ts';

const writes: Readonly<Record<string, (bridge: Bridge, threadId: string) => Promise<unknown>>> = {
  upsertContact: (bridge) => bridge.upsertContact({ ...contact, email: 'bob@example.test' }),
  createThread: (bridge) => bridge.createThread(thread),
  'createThread with an idempotency key': (bridge) => bridge.createThread(thread, { idempotencyKey: 'request-17' }),
  updateThread: (bridge, id) => bridge.updateThread(id, { title: 'Renamed' }),
  reply: (bridge, threadId) => bridge.reply({ threadId, body: text('Try now.') }),
  addNote: (bridge, threadId) => bridge.addNote({ threadId, body: text('VIP') }),
  deleteThread: (bridge, id) => bridge.deleteThread(id),
};

/** Everything that both desks hold, and everything that has left them. */
const contents = ({ productlane, plain }: Bridged) =>
  [productlane, plain].map(({ emulator }) =>
    structuredClone({ held: emulator.snapshot(), delivered: emulator.postRoom.delivered }),
  );

/** Does not pass the bridge: a desk that has answered when the disk becomes full. */
function thenFull(desk: Helpdesk, disk: Disk): Helpdesk {
  const after =
    <Input extends unknown[], T>(method: (...input: Input) => Promise<T>) =>
    async (...input: Input) => {
      const answer = await method(...input);
      disk.fill();
      return answer;
    };
  return { ...desk, createThread: after(desk.createThread), reply: after(desk.reply) };
}

describe.skipIf(!hasDisks)(`a bridge whose disk is full${withoutDisks}`, () => {
  let disk: Disk;
  let store: Store;
  beforeEach(async () => {
    disk = await createDisk();
    store = await openStore(join(disk.path, 'bridge.db'));
  });
  afterEach(async () => {
    await store.close();
    await disk.remove();
  });

  describe.each<Stage>(['dual-write', 'live'])('at %s', (stage) => {
    it.each(Object.entries(writes))('sends nothing of %s, and all of it once there is room', async (_, write) => {
      const world = bridged(stage, { store });
      const { value } = await world.bridge.createThread({ ...thread, title: 'Before' });
      await world.bridge.drain();
      const before = contents(world);
      disk.fill();
      const error = await failure(write(world.bridge, value.id));
      expect(error).toMatchObject({ provider: 'store', kind: 'unavailable', applied: 'no', operationId: undefined });
      expect(String(error)).toMatch(/: the disk is full$/);
      expect(contents(world)).toEqual(before);

      disk.free();
      await write(world.bridge, value.id);
      await world.bridge.drain();
      const after = contents(world);
      for (const [index, desk] of after.entries()) expect(desk.held).not.toEqual(before[index]?.held);
      expect(await world.bridge.figures()).toMatchObject({ pending: 0, unclear: 0, queued: 0, dead: 0 });
      expect(await world.bridge.verify()).toMatchObject({ different: 0 });
    });

    it('tells each of several callers, and has one thread of each once there is room', async () => {
      const world = bridged(stage, { store });
      const before = contents(world);
      const names = ['ada', 'bob', 'cleo', 'dan', 'eve'];
      const all = () =>
        Promise.all(
          names.map((name) =>
            failure(world.bridge.createThread({ ...thread, title: name, contact: { email: `${name}@example.test` } })),
          ),
        );
      disk.fill();
      const told = await all();
      expect(told).toEqual(names.map(() => expect.objectContaining({ provider: 'store', applied: 'no' })));
      expect(contents(world)).toEqual(before);
      disk.free();
      expect(await all()).toEqual(names.map(() => undefined));
      await world.bridge.drain();
      for (const { desk } of [world.productlane, world.plain])
        expect((await collect(desk.listThreads())).map(({ title }) => title).sort()).toEqual(names);
    });

    it('keeps a thread whose desk has answered already, and makes no second one', async () => {
      const world = bridged(stage, { store });
      const [first, second] = deskOrder(world, stage);
      const side = stage === 'live' ? 'to' : 'from';
      const bridge = world.open({ [side]: thenFull(first, disk) });
      const error = await failure(bridge.createThread(thread));
      expect(error).toMatchObject({ provider: 'store', kind: 'unavailable', applied: 'unknown' });
      expect(await collect(first.listThreads())).toHaveLength(1);
      expect(await collect(second.listThreads())).toEqual([]);

      disk.free();
      await settleAll(world);
      const { id } = await onlyThread(first);
      const { operationId } = error as { readonly operationId: string };
      expect(await world.bridge.outcome(operationId, { mirror: true })).toMatchObject({
        value: { id },
        mirror: { state: 'done' },
      });
      expect((await onlyThread(second)).title).toBe(thread.title);
    });

    it('keeps a reply that a contact has already, and sends no second one', async () => {
      const world = bridged(stage, { store });
      const [first, second] = deskOrder(world, stage);
      const side = stage === 'live' ? 'to' : 'from';
      const { value } = await world.bridge.createThread(thread);
      await world.bridge.drain();
      const bridge = world.open({ [side]: thenFull(first, disk) });
      const error = await failure(bridge.reply({ threadId: value.id, body: text('Try now.') }));
      expect(error).toMatchObject({ provider: 'store', kind: 'unavailable', applied: 'unknown' });

      disk.free();
      await settleAll(world);
      const { operationId } = error as { readonly operationId: string };
      expect(await world.bridge.outcome(operationId, { mirror: true })).toMatchObject({ mirror: { state: 'done' } });
      expect(deliveries(world).filter((body) => body.includes('Try now.'))).toHaveLength(1);
      for (const desk of [first, second]) {
        const lines = await conversation(desk, (await onlyThread(desk)).id);
        expect(lines.filter((line) => line.includes('Try now.'))).toHaveLength(1);
      }
    });
  });
});

/** The one that answers first. */
function deskOrder({ productlane, plain }: Bridged, stage: Stage): readonly [Helpdesk, Helpdesk] {
  return stage === 'live' ? [plain.desk, productlane.desk] : [productlane.desk, plain.desk];
}
