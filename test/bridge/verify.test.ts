/** What a look at all linked threads counts, and what it does not take for the same. */
import { describe, expect, it } from 'vitest';
import { messageFields } from '../../src/bridge/compare-messages.ts';
import type { BridgeOptions } from '../../src/bridge/options.ts';
import type { Bridge } from '../../src/index.ts';
import { collect, html, plainDesk, productlaneDesk, text, thread } from '../desks.ts';
import { type Bridged, bridged, onlyThread, settleAll } from './bridges.ts';

const nowhere = { from: 0, to: 0 };

/** What `verify` counts, and the fields that it finds different. */
async function verified(bridge: Bridge) {
  const fields: (readonly string[])[] = [];
  const stop = bridge.on('diverged', (event) => fields.push(event.fields));
  const counted = await bridge.verify();
  stop();
  return { counted, fields };
}

async function isWhole({ store }: Bridged): Promise<unknown> {
  return JSON.parse((await store.getSetting('verified')) ?? '{}').whole;
}

describe('verify', () => {
  it('is not whole where a thread was still being written to', async () => {
    const world = bridged('shadow');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    await world.plain.desk.updateThread((await onlyThread(world.plain.desk)).id, { title: 'Changed by hand' });
    await world.bridge.addNote({ threadId: value.id, body: text('VIP') });
    expect(await world.bridge.verify()).toEqual({ compared: 0, different: 0, skipped: 1, onlyOn: nowhere });
    expect(await isWhole(world)).toBe(false);
    await world.bridge.drain();
    expect(await world.bridge.verify()).toEqual({ compared: 1, different: 1, skipped: 0, onlyOn: nowhere });
    expect(await isWhole(world)).toBe(true);
  });

  it('looks once more at the end at what was being written to', async () => {
    const world = bridged('shadow');
    const one = await world.bridge.createThread(thread);
    await world.bridge.createThread({ ...thread, title: 'Another' });
    await world.bridge.drain();
    await world.bridge.addNote({ threadId: one.value.id, body: text('VIP') });
    const listLinks: typeof world.store.listLinks = async function* (kind) {
      yield* world.store.listLinks(kind);
      await world.bridge.drain();
    };
    const bridge = world.open({ store: { ...world.store, listLinks } });
    expect(await bridge.verify()).toEqual({ compared: 2, different: 0, skipped: 0, onlyOn: nowhere });
    expect(await isWhole(world)).toBe(true);
  });

  it.each(['shadow', 'off'] as const)('is not whole beyond its limit, with threads of %s', async (stage) => {
    const world = bridged(stage);
    for (const title of ['one', 'two']) await world.bridge.createThread({ ...thread, title });
    await world.bridge.drain();
    const alone = stage === 'off' ? 1 : 0;
    expect(await world.bridge.verify({ limit: 1 })).toMatchObject({ compared: 1 - alone, onlyOn: { from: alone } });
    expect(await isWhole(world)).toBe(false);
  });

  it.each(['shadow', 'live'] as const)('finds at %s a thread that is gone where it is answered', async (stage) => {
    const world = bridged(stage);
    const [primary, mirror] = stage === 'live' ? [world.plain, world.productlane] : [world.productlane, world.plain];
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    await primary.desk.deleteThread(value.id);
    expect((await verified(world.bridge)).fields).toEqual([['surplus']]);
    await mirror.desk.deleteThread((await onlyThread(mirror.desk)).id);
    expect((await verified(world.bridge)).counted).toEqual({ compared: 0, different: 0, skipped: 0, onlyOn: nowhere });
  });

  it('finds a copy whose thread was deleted while nothing was mirrored', async () => {
    const world = bridged('shadow');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    world.flag.stage = 'off';
    await world.bridge.deleteThread(value.id);
    world.flag.stage = 'shadow';
    expect((await verified(world.bridge)).fields).toEqual([['surplus']]);
  });

  it('finds a copy that is gone', async () => {
    const world = bridged('shadow');
    await world.bridge.createThread(thread);
    await world.bridge.drain();
    await world.plain.desk.deleteThread((await onlyThread(world.plain.desk)).id);
    expect((await verified(world.bridge)).fields).toEqual([['missing']]);
  });

  it('counts for themselves the threads of one desk to which nobody has written since', async () => {
    const world = bridged('off');
    const { value } = await world.bridge.createThread(thread);
    world.flag.stage = 'shadow';
    const alone = { compared: 0, different: 0, skipped: 0 };
    expect(await verified(world.bridge)).toEqual({ counted: { ...alone, onlyOn: { from: 1, to: 0 } }, fields: [] });
    world.flag.stage = 'live';
    expect(await verified(world.bridge)).toEqual({ counted: { ...alone, onlyOn: { from: 1, to: 0 } }, fields: [] });
    await world.bridge.addNote({ threadId: value.id, body: text('VIP') });
    await settleAll(world);
    expect(await world.bridge.verify()).toEqual({ compared: 1, different: 0, skipped: 0, onlyOn: nowhere });
  });

  it.each(['retry', 'drop'] as const)(
    'finds a thread whose creation is a dead letter, also after %s',
    async (decision) => {
      const world = bridged('shadow');
      await world.bridge.createThread(thread);
      world.plain.emulator.faults.next({ kind: 'status', status: 400 }, { access: 'write' });
      await world.bridge.drain();
      expect(await world.bridge.figures()).toMatchObject({ dead: 1 });
      expect((await verified(world.bridge)).fields).toEqual([['missing']]);
      await world.bridge.decide(decision, 'all');
      await settleAll(world);
      expect((await verified(world.bridge)).fields).toEqual(decision === 'drop' ? [['missing']] : []);
    },
  );

  it('ends when its caller has enough, also where a desk never answers', async () => {
    const world = bridged('shadow');
    await world.bridge.createThread(thread);
    await world.bridge.drain();
    const getThread = () => new Promise<never>(() => {});
    const bridge = world.open({ to: { ...world.plain.desk, getThread } });
    await expect(bridge.verify({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('verify compares', () => {
  /** One label, agent and company that both desks know, and one of each that only the first does. */
  async function placed(options: Partial<BridgeOptions> = {}) {
    const world = bridged('shadow', options);
    const { emulator } = world.productlane;
    const post = async (path: string, json: object): Promise<string> => {
      const headers = { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(json) };
      return (await (await emulator.fetch(`${emulator.baseUrl}${path}`, init)).json()).id;
    };
    const group = await post('/tags/groups', { name: 'G', color: '#888888' });
    const tag = (name: string) => post('/tags', { name, color: '#ff0000', icon: 'tag', tag_group_id: group });
    const bug = await tag('Bug');
    const other = await tag('Other');
    const acme = await post('/companies', { name: 'Acme' });
    const { setup } = world.plain.emulator;
    const theirs = setup.addLabelType({ name: 'Bug' }).id;
    const [agent = ''] = emulator.state.members.keys();
    const { userId } = world.plain.emulator;
    const tenants = {
      acme: setup.addTenant({ name: 'Acme', externalId: 'acme' }).id,
      umbrella: setup.addTenant({ name: 'Umbrella', externalId: 'umbrella' }).id,
    };
    const counterparts = {
      agents: [{ from: agent, to: userId }],
      labels: [{ from: bug, to: theirs }],
      companies: [{ from: acme, to: tenants.acme }],
    };
    const bridge = world.open({ counterparts });
    return { ...world, bridge, bug, other, theirs, agent, userId, acme, tenants };
  }

  it('labels in both directions, and an update takes away what has no counterpart any more', async () => {
    const { bridge, bug, other, plain, theirs } = await placed();
    const { value } = await bridge.createThread({ ...thread, labelIds: [bug] });
    const updated = await bridge.updateThread(value.id, { labelIds: [other] });
    await bridge.drain();
    const copy = await onlyThread(plain.desk);
    expect(copy.labels).toEqual([]);
    expect((await bridge.outcome(updated.operationId, { mirror: true })).mirror.losses).toMatchObject([
      { field: 'labelIds.0', how: 'dropped' },
    ]);
    expect((await verified(bridge)).fields).toEqual([]);
    await plain.desk.updateThread(copy.id, { labelIds: [theirs] });
    expect((await verified(bridge)).fields).toEqual([['labels']]);
    await bridge.updateThread(value.id, { labelIds: [bug, other] });
    await bridge.drain();
    expect((await verified(bridge)).fields).toEqual([]);
    await plain.desk.updateThread(copy.id, { labelIds: [] });
    expect((await verified(bridge)).fields).toEqual([['labels']]);
  });

  it('assignees in both directions', async () => {
    const { bridge, agent, plain, productlane } = await placed();
    const { value } = await bridge.createThread({ ...thread, assigneeId: agent });
    await bridge.drain();
    expect((await verified(bridge)).fields).toEqual([]);
    await productlane.desk.updateThread(value.id, { assigneeId: null });
    expect((await verified(bridge)).fields).toEqual([['assignee']]);
    await productlane.desk.updateThread(value.id, { assigneeId: agent });
    await plain.desk.updateThread((await onlyThread(plain.desk)).id, { assigneeId: null });
    expect((await verified(bridge)).fields).toEqual([['assignee']]);
  });

  it('companies where both desks name one', async () => {
    const { bridge, acme, plain, productlane, tenants } = await placed();
    const { value } = await bridge.createThread(thread);
    await bridge.drain();
    await productlane.desk.updateThread(value.id, { companyId: acme });
    const { id } = await onlyThread(plain.desk);
    await plain.desk.updateThread(id, { companyId: tenants.umbrella });
    expect((await verified(bridge)).fields).toEqual([['company']]);
    for (const companyId of [tenants.acme, null]) {
      await plain.desk.updateThread(id, { companyId });
      expect((await verified(bridge)).fields).toEqual([]);
    }
  });

  it('custom fields that both desks have, between desks that keep them', async () => {
    const world = bridged('shadow');
    const two = plainDesk({ clock: world.clock }, { retries: 0 });
    for (const { emulator } of [world.plain, two]) {
      for (const key of ['plan', 'seats']) emulator.setup.addThreadFieldSchema({ key, type: 'STRING' });
    }
    const bridge = world.open({ from: two.desk });
    const field = (key: string, value: string) => ({ key, type: 'string' as const, value });
    await bridge.createThread({ ...thread, customFields: [field('plan', 'free'), field('seats', '3')] });
    await bridge.drain();
    expect((await verified(bridge)).fields).toEqual([]);
    await world.plain.desk.updateThread((await onlyThread(world.plain.desk)).id, {
      customFields: [field('plan', 'paid')],
    });
    expect((await verified(bridge)).fields).toEqual([['customFields']]);
  });
});

describe('verify finds on Productlane as the mirror', () => {
  it.each(['comments', 'transcript'] as const)('a note that the contact can see, beside %s', async (records) => {
    const world = bridged('live');
    const { desk, emulator } = productlaneDesk({ clock: world.clock }, { records });
    const bridge = world.open({ from: desk });
    const { value } = await bridge.createThread(thread);
    await bridge.reply({ threadId: value.id, body: text('Try now.') });
    await bridge.addNote({ threadId: value.id, body: html('<p>Try now.</p>') });
    await bridge.drain();
    expect((await verified(bridge)).fields).toEqual([]);
    await world.plain.desk.addNote({ threadId: value.id, body: text('Private words.') });
    const copy = emulator.state.threads.get((await onlyThread(desk)).id);
    if (copy) copy.text = `${copy.text}<p>Private words.</p>`;
    expect((await verified(bridge)).fields).toEqual([['messages.3.body']]);
  });
});

it('takes a note and a message that say the same each for itself, in whichever order the desks have them', async () => {
  const world = bridged('live');
  const { value } = await world.productlane.desk.createThread(thread);
  await world.productlane.desk.addNote({ threadId: value.id, body: text('Yes.') });
  await world.productlane.desk.reply({ threadId: value.id, body: text('Yes.') });
  const [opening, ...others] = await collect(world.productlane.desk.listMessages(value.id));
  const messages = [opening, ...others].filter((message) => message !== undefined);
  const turned = [opening, ...others.toReversed()].filter((message) => message !== undefined);
  const { plain, productlane } = world;
  const there = { desk: productlane.desk, messages };
  expect(await messageFields({ desk: plain.desk, messages }, there, 'import')).toEqual([]);
  expect(await messageFields({ desk: plain.desk, messages: turned }, there, 'import')).toEqual([]);
});

it.each(['dual-write', 'live'] as const)('sees no difference between two Productlane desks after %s', async (stage) => {
  const world = bridged(stage);
  const two = productlaneDesk({ clock: world.clock }, { retries: 0 });
  const bridge = world.open({ to: two.desk });
  const { value } = await bridge.createThread(thread);
  await world.clock.advance(1000);
  await bridge.reply({ threadId: value.id, body: text('Reply.') });
  await world.clock.advance(1000);
  await bridge.addNote({ threadId: value.id, body: text('Note.') });
  await settleAll(world, bridge);
  expect((await verified(bridge)).fields).toEqual([]);
  world.flag.stage = stage === 'live' ? 'shadow' : 'live';
  await bridge.reply({ threadId: value.id, body: text('Back.') });
  await settleAll(world, bridge);
  expect((await verified(bridge)).fields).toEqual([]);
});
