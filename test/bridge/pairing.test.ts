/** A store belongs to two desks, in one direction. */
import { describe, expect, it } from 'vitest';
import { createBridge } from '../../src/bridge/bridge.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, failure, text, thread } from '../desks.ts';
import { type Bridged, bridged } from './bridges.ts';

const refused = {
  kind: 'invalid',
  applied: 'no',
  message: expect.stringContaining('this store moves productlane to plain'),
};

/** The desks have changed places, and nothing has been sent since. */
function swapped(world: Bridged, store: Store = world.store) {
  const bridge = createBridge({
    from: world.plain.desk,
    to: world.productlane.desk,
    stage: 'dual-write',
    store,
    drain: false,
  });
  const sent = () => world.plain.emulator.requests.count() + world.productlane.emulator.requests.count();
  return { bridge, sent };
}

describe('a store that two desks have used', () => {
  it('refuses them the other way round, before anything is sent', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const { bridge, sent } = swapped(world);
    const before = sent();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => bridge.createThread(thread),
      () => bridge.reply({ threadId: value.id, body: text('x') }),
      () => bridge.getThread(value.id),
      () => collect(bridge.listMessages(value.id)),
      () => bridge.check(),
      () => bridge.verify(),
      () => bridge.readiness(),
      () => bridge.promote(),
      () => bridge.drain(),
      () => bridge.work(),
    ];
    for (const call of calls) expect(await failure(call())).toMatchObject(refused);
    expect(sent()).toBe(before);
    expect(await world.bridge.figures()).toMatchObject({ queued: 1, dead: 0 });
  });

  it('tells of it where a bridge drains by itself', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(thread);
    const options = { from: world.plain.desk, to: world.productlane.desk, stage: 'off', store: world.store } as const;
    const bridge = createBridge(options);
    const told = new Promise((resolve) => bridge.on('trouble', resolve));
    expect(await told).toMatchObject({ task: 'work', failure: { kind: 'invalid' } });
    await bridge.close();
  });

  it('is paired at a stage without a mirror too', async () => {
    const world = bridged('off');
    await world.bridge.getThread('thr_0').catch(() => {});
    expect(await failure(swapped(world).bridge.drain())).toMatchObject(refused);
  });

  it('is open to the same two again', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(thread);
    const again = world.open();
    await expect(again.drain()).resolves.toBeUndefined();
    expect((await again.figures()).queued).toBe(0);
  });
});

describe('a pair', () => {
  it('is looked up once in a process', async () => {
    const asked: string[] = [];
    const store = createMemoryStore();
    const getSetting: Store['getSetting'] = (name) => {
      asked.push(name);
      return store.getSetting(name);
    };
    const world = bridged('dual-write', { store: { ...store, getSetting } });
    for (let call = 0; call < 3; call++) await world.bridge.createThread(thread);
    await world.bridge.drain();
    expect(asked.filter((name) => name === 'desks').length).toBeLessThan(4);
    const { length } = asked;
    await world.bridge.createThread(thread);
    expect(asked).toHaveLength(length);
  });

  it('is asked for again where the store has failed, and a store that cannot be written fails nobody', async () => {
    const store = createMemoryStore();
    let failing = true;
    const setSetting: Store['setSetting'] = async (...setting) => {
      if (failing) throw new Error('the disk is full');
      return store.setSetting(...setting);
    };
    const world = bridged('dual-write', { store: { ...store, setSetting } });
    await world.bridge.createThread(thread);
    expect(await store.getSetting('desks')).toBeUndefined();
    failing = false;
    await world.bridge.createThread(thread);
    expect(await store.getSetting('desks')).toBe('{"from":"productlane","to":"plain"}');
  });
});

it('keeps the limits of a bridge that was given some', async () => {
  const world = bridged('dual-write', { readiness: { samples: 7 } });
  await world.bridge.createThread(thread);
  await world.open({ readiness: undefined }).createThread(thread);
  expect(await world.store.getSetting('readiness')).toBe('{"samples":7}');
});
