/** The stage decides who answers, and every id stays good. */
import { describe, expect, it } from 'vitest';
import { storedStage } from '../../src/bridge/stage-source.ts';
import { createBridge, type Stage, stages } from '../../src/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { collect, failure, text, thread } from '../desks.ts';
import { bridged, conversation, deliveries, onlyThread, settleAll } from './bridges.ts';

describe('a stage', () => {
  it.each(stages)('%s has its desk answer and its mirror kept', async (stage) => {
    const world = bridged(stage);
    const answers = ['off', 'dual-write', 'shadow'].includes(stage) ? world.productlane : world.plain;
    const mirror = answers === world.plain ? world.productlane : world.plain;
    const { value, mirror: outcome } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    expect(world.bridge.name).toBe(answers.desk.name);
    expect((await answers.desk.getThread(value.id)).id).toBe(value.id);
    const mirrored = !['off', 'complete'].includes(stage);
    expect([outcome.state, (await collect(mirror.desk.listThreads())).length]).toEqual(
      mirrored ? ['queued', 1] : ['none', 0],
    );
  });

  it('is not asked for by the name and the traits: they are those of the desk that answered last', async () => {
    const world = bridged('off');
    let asked = 0;
    const bridge = world.open({
      async stage() {
        asked++;
        return world.flag.stage;
      },
    });
    const seen = () => [bridge.name, bridge.traits.keepsExternalIds];
    world.flag.stage = 'live';
    expect(seen()).toEqual(['productlane', false]);
    expect(asked).toBe(0);
    await bridge.stage();
    expect(seen()).toEqual(['plain', true]);
    world.flag.stage = 'off';
    expect(seen()).toEqual(['plain', true]);
    expect(asked).toBe(1);
  });

  it('that is held is the one that the name is of', async () => {
    const world = bridged('dual-write');
    const bridge = world.open({ whenUnready: 'hold' });
    await bridge.stage();
    world.flag.stage = 'live';
    expect(await bridge.stage()).toBe('dual-write');
    expect(bridge.name).toBe('productlane');
  });

  it('that nobody tells is not waited for once the caller has enough', async () => {
    const bridge = bridged('off').open({ stage: () => new Promise<never>(() => {}) });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [
      bridge.createThread(thread, { signal }),
      bridge.getThread('x', { signal }),
      collect(bridge.listThreads({}, { signal })),
    ].map(failure);
    controller.abort();
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ kind: 'cancelled', applied: 'no' });
  });

  it('may change between two calls, and each conversation goes on where it is', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    const words = ['It says no.'];
    for (const [step, stage] of (['shadow', 'live', 'ramp-down', 'live', 'shadow', 'dual-write'] as const).entries()) {
      world.flag.stage = stage;
      await world.bridge.reply({ threadId: value.id, body: text(`${step}, at ${stage}`) });
      words.push(`${step}, at ${stage}`);
      await world.bridge.drain();
    }
    for (const desk of [world.productlane.desk, world.plain.desk]) {
      const seen = (await conversation(desk, (await onlyThread(desk)).id)).join('\n');
      for (const word of words) expect(seen.split(word)).toHaveLength(2);
    }
    expect(deliveries(world).toSorted()).toEqual(words.slice(1).toSorted());
  });

  it('is asked for with the call’s context', async () => {
    const world = bridged('off');
    const bridge = world.open({ stage: (tenant) => (tenant === 'new' ? 'complete' : 'off') });
    await bridge.createThread(thread, { context: 'new' });
    await bridge.createThread(thread, { context: 'old' });
    expect([world.plain.emulator.state.threads.size, world.productlane.emulator.state.threads.size]).toEqual([1, 1]);
  });

  it('that is no stage is an error that says which there are', async () => {
    const world = bridged('off');
    const bridge = world.open({ stage: () => 'dual-wirte' as Stage });
    const error = await failure(bridge.createThread(thread));
    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('did you mean "dual-write"') });
    expect(world.productlane.emulator.state.threads.size).toBe(0);
  });
});

describe('an id', () => {
  it('of either desk, or the caller’s own, is good at every stage', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread({ ...thread, externalId: 'order-1' });
    await world.bridge.drain();
    const copy = await onlyThread(world.plain.desk);
    for (const stage of stages) {
      world.flag.stage = stage;
      const own = ['off', 'dual-write', 'shadow'].includes(stage) ? value.id : copy.id;
      for (const id of [value.id, copy.id, 'order-1']) {
        expect((await world.bridge.getThread(id)).id, `${stage} ${id}`).toBe(own);
        expect((await world.bridge.addNote({ threadId: id, body: text(stage) })).value.threadId).toBe(own);
        expect((await collect(world.bridge.listMessages(id)))[0]?.threadId).toBe(own);
      }
      const contactIds = [value.contact?.id ?? '', copy.contact?.id ?? ''];
      for (const id of contactIds) {
        expect((await world.bridge.getContact(id)).email).toBe(thread.contact.email);
        expect((await collect(world.bridge.listThreads({ contactId: id }))).map((one) => one.id)).toEqual([own]);
        expect((await world.bridge.findThread({ contactId: id, externalId: 'order-1' }))?.id).toBe(own);
      }
      await world.bridge.drain();
    }
  });

  it('that no desk knows is not found, and nothing is linked to it', async () => {
    for (const stage of ['dual-write', 'live'] as const) {
      const world = bridged(stage);
      const id = stage === 'live' ? `th_${'0'.repeat(26)}` : 'thr_0';
      expect(await failure(world.bridge.reply({ threadId: id, body: text('x') }))).toMatchObject({ kind: 'not-found' });
      expect(await failure(world.bridge.getThread(id))).toMatchObject({
        kind: 'not-found',
        provider: world.bridge.name,
      });
      expect(await world.store.findLink('thread', 'from', id)).toBeUndefined();
      expect(await world.store.findLink('thread', 'to', id)).toBeUndefined();
    }
  });
});

describe('a thread from before the bridge', () => {
  it('comes to the mirror on first touch, with its history and in silence', async () => {
    const world = bridged('dual-write');
    const { value } = await world.productlane.desk.createThread({
      ...thread,
      createdAt: new Date('2024-05-06T07:08:09Z'),
    });
    await world.productlane.desk.addNote({ threadId: value.id, body: text('VIP') });
    world.productlane.emulator.receive(value.id, { text: 'Hello?' });
    await world.bridge.reply({ threadId: value.id, body: text('Try now.') });
    await world.bridge.drain();
    const copy = await onlyThread(world.plain.desk);
    expect(copy.createdAt).toEqual(value.createdAt);
    expect(await conversation(world.plain.desk, copy.id)).toEqual(await conversation(world.productlane.desk, value.id));
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it.each(['live', 'shadow'] as const)(
    'is read and written at %s by the id of the desk that does not answer',
    async (stage) => {
      const world = bridged(stage);
      const other = stage === 'live' ? world.productlane : world.plain;
      const answers = stage === 'live' ? world.plain : world.productlane;
      const { value } = await other.desk.createThread(thread);
      expect((await world.bridge.getThread(value.id)).id).toBe(value.id);
      const sent = await world.bridge.reply({ threadId: value.id, body: text('Try now.') });
      const copy = await onlyThread(answers.desk);
      expect(sent.value.threadId).toBe(copy.id);
      await world.bridge.reply({ threadId: value.id, body: text('And now?') });
      await world.bridge.drain();
      expect((await onlyThread(other.desk)).id).toBe(value.id);
      expect(deliveries(world)).toEqual(['Try now.', 'And now?']);
      for (const [desk, id] of [
        [answers.desk, copy.id],
        [other.desk, value.id],
      ] as const) {
        const seen = (await conversation(desk, id)).join('\n');
        for (const word of ['It says no.', 'Try now.', 'And now?']) expect(seen.split(word)).toHaveLength(2);
      }
    },
  );

  it('comes to a mirror that keeps transcripts with no word said twice', async () => {
    const world = bridged('live');
    const { value } = await world.plain.desk.createThread(thread);
    await world.bridge.reply({ threadId: value.id, body: text('Try now.') });
    await world.bridge.drain();
    const seen = (await conversation(world.productlane.desk, (await onlyThread(world.productlane.desk)).id)).join();
    expect(['It says no.', 'Try now.'].map((words) => seen.split(words).length - 1)).toEqual([1, 1]);
  });

  it('comes over once, however many callers touch it and however often the copy fails', async () => {
    const world = bridged('live');
    const { value } = await world.productlane.desk.createThread(thread);
    world.plain.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'write' });
    const replies = ['one', 'two', 'three'].map((word) =>
      failure(world.bridge.reply({ threadId: value.id, body: text(word) })),
    );
    const failed = (await Promise.all(replies)).filter(Boolean);
    expect(failed.length).toBeLessThan(3);
    await settleAll(world);
    await onlyThread(world.plain.desk);
    await onlyThread(world.productlane.desk);
    expect(deliveries(world)).toHaveLength(3 - failed.length);
  });
});

describe('a bridge without a store', () => {
  it('says that it forgets', () => {
    const world = bridged('dual-write');
    const { productlane, plain } = world;
    const bridge = createBridge({ from: productlane.desk, to: plain.desk, stage: 'dual-write', drain: false });
    expect(bridge.durable).toBe(false);
  });

  it('refuses options that mean nothing', () => {
    const { productlane, plain } = bridged('off');
    const options = { from: productlane.desk, to: plain.desk, stage: 'dual-write', drian: true };
    expect(() => createBridge(options as never)).toThrow('unknown field "drian" (did you mean "drain"?)');
    expect(() => createBridge({ ...options, drian: undefined, stage: 'shadwo' } as never)).toThrow('stage');
  });
});

it('says which stage may have been meant', () => {
  const { open } = bridged('off');
  expect(() => open({ stage: 'dual-wirte' as never })).toThrow(
    /stage: must be a stage \(off, .*\), .* or a store \(did you mean "dual-write"\?\)/,
  );
});

describe('a stage in the store', () => {
  it('moves one step at a time, and only when it is safe', async () => {
    const store = createMemoryStore();
    const world = bridged('off', { store });
    const bridge = world.open({
      stage: { ...store, durable: true },
      store: { ...store, durable: true },
      readiness: { samples: 1 },
      compare: { share: 1 },
    });
    expect(await bridge.stage()).toBe('off');
    expect(await bridge.promote()).toBe('dual-write');
    const { value } = await bridge.createThread(thread);
    expect(await bridge.promote()).toBe('shadow');
    expect(await failure(bridge.promote())).toMatchObject({ kind: 'conflict' });
    await bridge.drain();
    await bridge.getThread(value.id);
    await bridge.close();
    expect((await bridge.readiness()).missing).toEqual(['verify was never run']);
    expect(await bridge.verify()).toEqual({ compared: 1, different: 0, skipped: 0, onlyOn: { from: 0, to: 0 } });
    expect(await bridge.readiness()).toMatchObject({ stage: 'shadow', next: 'live', ready: true, missing: [] });
    expect(await bridge.promote()).toBe('live');
    await bridge.reply({ threadId: value.id, body: text('Try now.') });
    expect(await failure(bridge.demote())).toMatchObject({ kind: 'conflict' });
    await bridge.drain();
    expect(await bridge.demote()).toBe('shadow');
  });

  it('is not moved by a bridge whose flag is elsewhere', async () => {
    expect(await failure(bridged('off').bridge.promote())).toMatchObject({ kind: 'unsupported' });
  });
});

describe('a flag that goes on too early', () => {
  it.each(['follow', 'hold'] as const)('is told so, and the bridge does what it was told: %s', async (whenUnready) => {
    const world = bridged('dual-write', { whenUnready });
    await world.bridge.createThread(thread);
    const told: unknown[] = [];
    world.bridge.on('unready', (event) => told.push(event));
    world.flag.stage = 'live';
    expect(await world.bridge.stage()).toBe(whenUnready === 'hold' ? 'dual-write' : 'live');
    expect(told).toMatchObject([{ current: 'dual-write', wanted: 'live', held: whenUnready === 'hold' }]);
    // A restart forgets neither.
    const restarted = world.open({ whenUnready });
    expect(await restarted.stage({ tenant: 1 })).toBe(whenUnready === 'hold' ? 'dual-write' : 'live');
  });
});

describe('a flag that goes back while the other desk lacks something', () => {
  it.each(['follow', 'hold'] as const)(
    'is told of and followed, also by a bridge that would %s',
    async (whenUnready) => {
      const world = bridged('live', { whenUnready });
      const told: unknown[] = [];
      world.bridge.on('unready', ({ current, wanted, held }) => told.push({ current, wanted, held }));
      await world.bridge.createThread(thread);
      world.flag.stage = 'dual-write';
      expect(await world.bridge.stage()).toBe('dual-write');
      expect(told).toEqual([{ current: 'live', wanted: 'dual-write', held: false }]);
    },
  );
});

describe('a stage that the application gives', () => {
  it('is kept apart from the one that the store decides', async () => {
    const world = bridged('shadow');
    await world.store.setSetting('stage', 'off');
    await world.bridge.createThread(thread);
    expect(await world.store.getSetting('stage')).toBe('off');
    expect(await storedStage(world.store)).toEqual({ stage: 'shadow', by: 'application' });
  });

  it('is found where an earlier version has kept it', async () => {
    const world = bridged('live', { whenUnready: 'hold' });
    await world.store.setSetting('stage', 'dual-write');
    expect(await world.bridge.stage()).toBe('dual-write');
    expect(await storedStage(world.store)).toEqual({ stage: 'dual-write', by: 'application' });
  });

  it('is what the store goes on from', async () => {
    const world = bridged('live');
    await world.bridge.createThread(thread);
    const { store } = world;
    const bridge = world.open({ stage: store });
    expect(await bridge.stage()).toBe('live');
    expect(await storedStage(store)).toEqual({ stage: 'live', by: 'store' });
    await bridge.createThread({ ...thread, title: 'Later' });
    expect(await collect(world.plain.desk.listThreads())).toHaveLength(2);
  });

  it('is over where a bridge leaves it to the store', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(thread);
    const kept = world.open({ stage: world.store });
    expect(await kept.stage()).toBe('dual-write');
    expect(await storedStage(world.store)).toEqual({ stage: 'dual-write', by: 'store' });
    await world.store.setSetting('stage', 'shadow');
    expect(await storedStage(world.store)).toEqual({ stage: 'shadow', by: 'store' });
  });
});

it('a contact of the desk that answered before is known by its id there', async () => {
  const world = bridged('live');
  const old = (await world.productlane.desk.upsertContact(thread.contact)).value;
  const { value } = await world.bridge.createThread({ ...thread, contact: { id: old.id } });
  expect(value.contact?.email).toBe(thread.contact.email);
  await settleAll(world);
  expect((await onlyThread(world.productlane.desk)).contact?.id).toBe(old.id);
});

describe('compared reads', () => {
  it('find what differs, and do not see what is the same', async () => {
    const world = bridged('shadow', { compare: { share: 1 } });
    const diverged: unknown[] = [];
    world.bridge.on('diverged', (event) => diverged.push(event));
    const { value } = await world.bridge.createThread({
      ...thread,
      body: { format: 'markdown', content: 'It **says** no.' },
    });
    await world.bridge.reply({ threadId: value.id, body: { format: 'html', content: '<p>Try <em>now</em>.</p>' } });
    const read = async () => {
      await world.bridge.getThread(value.id);
      await collect(world.bridge.listMessages(value.id));
      await world.bridge.close();
    };
    await read();
    expect(await world.store.listComparisons(10)).toEqual([]); // not in step yet
    await world.bridge.drain();
    await read();
    expect(diverged).toEqual([]);
    expect(await world.store.listComparisons(10)).toHaveLength(2);
    const copy = await onlyThread(world.plain.desk);
    await world.plain.desk.updateThread(copy.id, { title: 'Changed by hand' });
    await world.plain.desk.reply({ threadId: copy.id, body: text('By hand.') });
    await read();
    expect(diverged).toEqual([
      { operation: 'getThread', id: value.id, fields: ['title'] },
      { operation: 'listMessages', id: value.id, fields: ['messages.length'] },
    ]);
  });

  it('report a thread the mirror does not have, and respect what is ignored', async () => {
    const ignored: string[] = [];
    const ignore = ({ field }: { field: string }) => ignored.push(field) > 1;
    const world = bridged('shadow', { compare: { share: 1, ignore } });
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    await world.plain.desk.deleteThread((await onlyThread(world.plain.desk)).id);
    for (let read = 0; read < 2; read++) await world.bridge.getThread(value.id);
    await world.bridge.close();
    expect((await world.store.listComparisons(10)).map(({ fields }) => fields).toSorted()).toEqual([[], ['missing']]);
  });

  it('never delay or fail the answer', async () => {
    const world = bridged('shadow', { compare: { share: 1 } });
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    world.plain.emulator.faults.next({ kind: 'stall', at: 'headers' }, { access: 'read' });
    expect((await world.bridge.getThread(value.id)).id).toBe(value.id);
    world.plain.emulator.faults.next({ kind: 'status', status: 500 }, { access: 'read' });
    expect((await world.bridge.getThread(value.id)).id).toBe(value.id);
  });
});

it('what a thread loses on its way over is a loss of the write that needed it', async () => {
  const world = bridged('live', { recordOptions: { plain: { userId: 'u_01ZZZZZZZZZZZZZZZZZZZZZZZZ' } } });
  const { id } = (await world.productlane.desk.createThread(thread)).value;
  await world.productlane.desk.addNote({ threadId: id, body: text('For us.') });
  const { losses } = await world.bridge.reply({ threadId: id, body: text('Try now.') });
  expect(losses).toContainEqual(expect.objectContaining({ field: 'messages.1', how: 'dropped' }));
});
