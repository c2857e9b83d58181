/** What a step to another stage asks for. */
import { describe, expect, it } from 'vitest';
import type { Stage } from '../../src/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { failure, text, thread } from '../desks.ts';
import { bridged } from './bridges.ts';

const durable = () => ({ ...createMemoryStore(), durable: true });

describe('a jump from off', () => {
  const jump = async (stage: Stage) => {
    const world = bridged('off', { whenUnready: 'hold', store: durable() });
    await world.bridge.stage();
    const missing: (readonly string[])[] = [];
    world.bridge.on('unready', (event) => missing.push(event.missing));
    world.flag.stage = stage;
    return { stage: await world.bridge.stage(), missing };
  };

  it.each(['dual-write', 'shadow'] as const)('to %s is free: the same desk answers', async (stage) => {
    expect(await jump(stage)).toEqual({ stage, missing: [] });
  });

  it.each(['live', 'ramp-down', 'complete'] as const)('to %s is held until it is proved', async (stage) => {
    expect(await jump(stage)).toEqual({
      stage: 'off',
      missing: [['0 reads were compared, 100 are needed', 'verify was never run']],
    });
  });
});

describe('threads that one desk alone has', () => {
  /** At shadow, with an old thread that nobody has written to since. */
  async function world() {
    const store = durable();
    const world = bridged('off', { store, stage: store, readiness: { samples: 0 } });
    const { value } = await world.bridge.createThread(thread);
    for (let step = 0; step < 2; step++) await world.bridge.promote();
    expect(await world.bridge.verify()).toMatchObject({ compared: 0, onlyOn: { from: 1, to: 0 } });
    return { ...world, id: value.id };
  }

  it('do not keep the desks from changing places, but the old one from being left', async () => {
    const { bridge, id } = await world();
    expect([await bridge.promote(), await bridge.promote()]).toEqual(['live', 'ramp-down']);
    expect(await bridge.readiness()).toMatchObject({
      ready: false,
      missing: ['1 linked threads are only on the desk that complete does not ask any more'],
    });
    expect(await failure(bridge.promote())).toMatchObject({ kind: 'conflict' });
    await bridge.addNote({ threadId: id, body: text('VIP') });
    await bridge.drain();
    await bridge.verify();
    expect(await bridge.promote()).toBe('complete');
  });

  it('do not keep a team from going back to the desk that has them', async () => {
    const { bridge } = await world();
    expect([await bridge.demote(), await bridge.demote()]).toEqual(['dual-write', 'off']);
  });

  it('keep a team from going back to off where the new desk has them', async () => {
    const { bridge, store } = await world();
    await store.setSetting('stage', 'complete');
    await bridge.createThread({ ...thread, title: 'On the new desk' });
    await store.setSetting('stage', 'dual-write');
    await bridge.verify();
    expect(await failure(bridge.demote())).toMatchObject({
      message: expect.stringContaining('1 linked threads are only on the desk that off does not ask any more'),
    });
  });
});

it('says that a verify with threads left out was of a part only', async () => {
  const store = durable();
  const { bridge } = bridged('shadow', { store, readiness: { samples: 0 } });
  await bridge.createThread(thread);
  await bridge.verify();
  await bridge.drain();
  expect((await bridge.readiness()).missing).toEqual(['the last verify was of a part only']);
  await bridge.verify();
  expect(await bridge.readiness()).toMatchObject({ ready: true, missing: [] });
});
