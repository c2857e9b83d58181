/** Two threads with one external id, of two contacts or of one: what is done to either leaves the other alone. */
import { describe, expect, it } from 'vitest';
import { collect, failure, text, thread } from '../desks.ts';
import { type Bridged, bridged, conversation, deliveries, settleAll } from './bridges.ts';

const named = { ...thread, externalId: 'order-1' };
const bob = { email: 'bob@example.test', name: 'Bob' };
const stages = ['dual-write', 'live'] as const;
const lostReply = {
  'dual-write': { path: /messages/, access: 'write' },
  live: { operation: 'ReplyToThread' },
} as const;

const primaryOf = (world: Bridged, stage: (typeof stages)[number]) =>
  stage === 'live' ? world.plain : world.productlane;

async function titles({ productlane, plain }: Bridged) {
  const on = async ({ desk }: Bridged['productlane'] | Bridged['plain']) =>
    (await collect(desk.listThreads())).map(({ title }) => title).toSorted();
  return { productlane: await on(productlane), plain: await on(plain) };
}

/** What is said on a desk, by title. */
async function words({ desk }: Bridged['productlane'] | Bridged['plain']) {
  const said: Record<string, readonly string[]> = {};
  for (const { id, title } of await collect(desk.listThreads())) said[title ?? ''] = await conversation(desk, id);
  return said;
}

/** A thread of Ada’s and one of Bob’s, on both desks. */
async function twoThreads(stage: (typeof stages)[number]) {
  const world = bridged(stage);
  const ada = await world.bridge.createThread({ ...named, title: 'Ada’s' });
  const bobs = await world.bridge.createThread({ ...named, contact: bob, title: 'Bob’s' });
  await settleAll(world);
  return { world, ada: ada.value.id, bobs: bobs.value.id };
}

describe('two contacts’ threads with one external id', () => {
  it('are both in step, where they were stored before anything was done', async () => {
    const world = bridged('dual-write');
    await world.bridge.enqueue(undefined, { method: 'createThread', input: { ...named, title: 'Ada’s' } });
    const reply = { threadId: 'order-1', body: text('For Ada.') };
    await world.bridge.enqueue(undefined, { method: 'reply', input: reply });
    await world.bridge.enqueue(undefined, {
      method: 'createThread',
      input: { ...named, contact: bob, title: 'Bob’s' },
    });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['For Ada.']);
    expect(await words(world.plain)).toEqual({
      'Ada’s': ['inbound: It says no.', expect.stringContaining('For Ada.')],
      'Bob’s': ['inbound: It says no.'],
    });
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0, pending: 0, unclear: 0 });
  });

  it.each(stages)('keep their own values at %s where an update is tried again', async (stage) => {
    const { world, ada, bobs } = await twoThreads(stage);
    primaryOf(world, stage).emulator.faults.next({ kind: 'cut', when: 'before' }, { access: 'write' });
    await failure(world.bridge.updateThread(ada, { title: 'Ada’s new' }));
    await world.bridge.updateThread(bobs, { title: 'Bob’s new' });
    await settleAll(world);
    const both = ['Ada’s new', 'Bob’s new'];
    expect(await titles(world)).toEqual({ productlane: both, plain: both });
  });

  it('keep their own values where a dead letter is taken up again', async () => {
    const { world, ada, bobs } = await twoThreads('dual-write');
    await world.bridge.updateThread(ada, { title: 'Ada’s new' });
    world.plain.emulator.faults.next({ kind: 'status', status: 400 }, { access: 'write' });
    await world.bridge.drain();
    expect(await world.bridge.figures()).toMatchObject({ dead: 1 });
    await world.bridge.updateThread(bobs, { title: 'Bob’s new' });
    await settleAll(world);
    await world.bridge.decide('retry', 'all');
    await settleAll(world);
    expect((await titles(world)).plain).toEqual(['Ada’s new', 'Bob’s new']);
  });

  it.each(stages)('are sent the same words once each at %s, where an answer was lost', async (stage) => {
    const { world, ada, bobs } = await twoThreads(stage);
    const { faults } = primaryOf(world, stage).emulator;
    await world.bridge.reply({ threadId: bobs, body: text('Thanks!') });
    faults.next({ kind: 'cut', when: 'after' }, lostReply[stage]);
    if (stage === 'live') faults.next({ kind: 'cut', when: 'before' }, { operation: 'ThreadTimeline' });
    await failure(world.bridge.reply({ threadId: ada, body: text('Thanks!') }));
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Thanks!', 'Thanks!']);
    for (const desk of [world.productlane, world.plain])
      for (const said of Object.values(await words(desk))) expect(said.join().split('Thanks!')).toHaveLength(2);
  });

  it('come over without waiting for each other', async () => {
    const world = bridged('complete');
    const ada = await world.bridge.createThread({ ...named, title: 'Ada’s' });
    const bobs = await world.bridge.createThread({ ...named, contact: bob, title: 'Bob’s' });
    world.flag.stage = 'dual-write';
    await world.bridge.addNote({ threadId: ada.value.id, body: text('One.') });
    await world.bridge.addNote({ threadId: bobs.value.id, body: text('Two.') });
    expect(await words(world.productlane)).toEqual({
      'Ada’s': [expect.stringContaining('It says no.'), expect.stringContaining('One.')],
      'Bob’s': [expect.stringContaining('It says no.'), expect.stringContaining('Two.')],
    });
  });

  it.each(stages)('end one by one at %s: the copy of the other stays', async (stage) => {
    const world = bridged(stage === 'live' ? 'complete' : 'off');
    const ada = await world.bridge.createThread({ ...named, title: 'Ada’s' });
    const bobs = await world.bridge.createThread({ ...named, contact: bob, title: 'Bob’s' });
    world.flag.stage = stage;
    await world.bridge.addNote({ threadId: ada.value.id, body: text('For us.') });
    await settleAll(world);
    await world.bridge.deleteThread(bobs.value.id);
    await settleAll(world);
    expect(await titles(world)).toEqual({ productlane: ['Ada’s'], plain: ['Ada’s'] });
  });
});

it('the copy of a contact’s second thread stays, where the first was deleted on the desk itself', async () => {
  const world = bridged('off');
  const first = await world.bridge.createThread({ ...named, title: 'First' });
  await world.productlane.desk.deleteThread(first.value.id);
  const second = await world.bridge.createThread({ ...named, title: 'Second' });
  world.flag.stage = 'dual-write';
  await world.bridge.addNote({ threadId: second.value.id, body: text('For us.') });
  await settleAll(world);
  // After a first try that may have happened, a thread that is gone counts as deleted, on the mirror too.
  world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, { method: 'DELETE' });
  const error = await failure(world.bridge.deleteThread(first.value.id));
  expect(error).toMatchObject({ applied: 'unknown' });
  await settleAll(world);
  expect(await titles(world)).toEqual({ productlane: ['Second'], plain: ['Second'] });
  expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0, pending: 0, unclear: 0 });
});
