/** Both desks are written, one answers, and the other never speaks. */
import { describe, expect, it } from 'vitest';
import { collect, contact, failure, later, text, thread } from '../desks.ts';
import { bridged, conversation, deliveries, onlyThread, settleAll, settleMs } from './bridges.ts';

describe('a dual write', () => {
  it('answers with the primary’s thread before the mirror has it', async () => {
    const world = bridged('dual-write');
    const { value, mirror, operationId } = await world.bridge.createThread(thread);
    expect(await world.productlane.desk.getThread(value.id)).toMatchObject({ title: thread.title });
    expect(mirror).toEqual({ state: 'queued', losses: [] });
    expect(world.plain.emulator.state.threads.size).toBe(0);
    await world.bridge.drain();
    expect(await onlyThread(world.plain.desk)).toMatchObject({
      title: thread.title,
      contact: { email: contact.email },
    });
    expect((await world.bridge.outcome(operationId)).mirror.state).toBe('done');
  });

  it('keeps the conversation in step, in order, and delivers once', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.reply({ threadId: value.id, body: text('Try now.') });
    await world.bridge.addNote({ threadId: value.id, body: text('VIP') });
    await world.bridge.reply({ threadId: value.id, body: text('And now?') });
    await world.bridge.drain();
    const expected = ['inbound: It says no.', 'outbound: Try now.', 'note: VIP', 'outbound: And now?'];
    expect(await conversation(world.plain.desk, (await onlyThread(world.plain.desk)).id)).toEqual(expected);
    expect(await conversation(world.productlane.desk, value.id)).toEqual(expected);
    expect(deliveries(world)).toEqual(['Try now.', 'And now?']);
    expect(world.plain.emulator.postRoom.delivered).toEqual([]);
  });

  it('keeps messages as internal comments on a mirror that could only deliver them', async () => {
    const world = bridged('live');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.reply({ threadId: value.id, body: text('Try now.') });
    await world.bridge.drain();
    const copy = await onlyThread(world.productlane.desk);
    const [opening, reply] = await conversation(world.productlane.desk, copy.id);
    expect(opening).toContain('It says no.');
    expect(reply).toMatch(/^note: \[outbound\].*Try now\.$/);
    expect(world.productlane.emulator.postRoom.delivered).toEqual([]);
  });

  it('gives the mirror what the primary could not keep', async () => {
    const world = bridged('dual-write');
    world.plain.emulator.setup.addThreadFieldSchema({ key: 'plan', type: 'STRING' });
    const customFields = [{ key: 'plan', type: 'string', value: 'gold' }] as const;
    const input = { ...thread, priority: 'urgent', externalId: 'order-1', customFields } as const;
    const { losses } = await world.bridge.createThread(input);
    expect(losses.map(({ field }) => field).sort()).toEqual(['customFields', 'externalId', 'priority']);
    await world.bridge.drain();
    expect(await onlyThread(world.plain.desk)).toMatchObject({
      externalId: 'order-1',
      priority: { is: 'urgent' },
      customFields,
    });
  });

  it('names what the mirror could not keep', async () => {
    const world = bridged('live');
    const { value, operationId } = await world.bridge.createThread({ ...thread, priority: 'urgent' });
    await world.bridge.drain();
    const { losses, mirror } = await world.bridge.outcome(operationId, { mirror: true });
    expect(losses).toEqual([]);
    expect(mirror.losses.map(({ field }) => field)).toContain('priority');
    expect((await world.bridge.getThread(value.id)).priority.is).toBe('urgent');
  });

  it('translates agents and labels, and names those without a counterpart', async () => {
    const world = bridged('dual-write', {});
    const [agent = ''] = world.productlane.emulator.state.members.keys();
    const bug = world.plain.emulator.setup.addLabelType({ name: 'Bug' }).id;
    const bridge = world.open({
      counterparts: {
        agents: [{ from: agent, to: world.plain.emulator.userId }],
        labels: [{ from: 'tag_other', to: bug }],
      },
    });
    const { value } = await bridge.createThread({ ...thread, assigneeId: agent });
    const updated = await bridge.updateThread(value.id, { status: { is: 'snoozed', until: later } });
    await bridge.drain();
    expect(await onlyThread(world.plain.desk)).toMatchObject({
      assignee: { id: world.plain.emulator.userId },
      status: { is: 'snoozed' },
    });
    const unassigned = await bridge.updateThread(updated.value.id, { companyId: null, title: 'Renamed' });
    await bridge.drain();
    expect((await bridge.outcome(unassigned.operationId, { mirror: true })).mirror.losses).toEqual([]);
    expect((await onlyThread(world.plain.desk)).title).toBe('Renamed');
  });

  it('deletes on both desks, and is content where the mirror has none', async () => {
    const world = bridged('dual-write');
    const one = await world.bridge.createThread(thread);
    await world.bridge.drain();
    const two = await world.bridge.createThread({ ...thread, title: 'Another' });
    await world.bridge.deleteThread(one.value.id);
    await world.bridge.deleteThread(two.value.id);
    await world.bridge.drain();
    expect(await collect(world.productlane.desk.listThreads())).toEqual([]);
    expect(await collect(world.plain.desk.listThreads())).toEqual([]);
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0 });
  });
});

it('waits with the mirror for what the desk that answers has not done yet', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, { access: 'write' });
  await failure(world.bridge.reply({ threadId: value.id, body: text('First.') }));
  await world.bridge.addNote({ threadId: value.id, body: text('Second.') });
  await world.bridge.drain();
  const copy = await onlyThread(world.plain.desk);
  expect(await conversation(world.plain.desk, copy.id)).toEqual(['inbound: It says no.']);
  await settleAll(world);
  expect(await conversation(world.plain.desk, copy.id)).toHaveLength(3);
});

describe('a mirror that is down', () => {
  it('is never felt by the caller, and catches up in order', async () => {
    const world = bridged('dual-write');
    for (let request = 0; request < 3; request++) {
      world.plain.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'write' });
    }
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    await world.bridge.reply({ threadId: value.id, body: text('one') });
    await world.bridge.reply({ threadId: value.id, body: text('two') });
    await world.bridge.drain();
    expect(await world.bridge.figures()).toMatchObject({ queued: 3, dead: 0 });
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0, lagMs: 0 });
    expect(await conversation(world.plain.desk, (await onlyThread(world.plain.desk)).id)).toEqual([
      'inbound: It says no.',
      'outbound: one',
      'outbound: two',
    ]);
  });

  it('ends in a dead letter where the mirror refuses, and the rest of the thread goes on', async () => {
    const world = bridged('dual-write');
    const dead: string[] = [];
    world.bridge.on('dead', ({ method, failure: { kind } }) => dead.push(`${method} ${kind}`));
    world.plain.emulator.faults.next({ kind: 'status', status: 400 }, { access: 'write' });
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.reply({ threadId: value.id, body: text('Try now.') });
    await world.bridge.drain();
    expect(dead).toEqual(['createThread invalid']);
    const copy = await onlyThread(world.plain.desk);
    const expected = ['inbound: It says no.', 'outbound: Try now.'];
    expect(await conversation(world.plain.desk, copy.id)).toEqual(expected);
    expect(await world.bridge.decide('retry', 'all')).toBe(1);
    await world.bridge.drain();
    expect(await conversation(world.plain.desk, (await onlyThread(world.plain.desk)).id)).toEqual(expected);
  });

  it('gives up after the time that was given, and takes a dead letter up again', async () => {
    const world = bridged('dual-write', { giveUpMs: 60_000 });
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    for (let request = 0; request < 40; request++) {
      world.plain.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'write' });
    }
    await world.bridge.updateThread(value.id, { title: 'Renamed' });
    await world.bridge.updateThread(value.id, { priority: 'low' });
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 2 });
    world.plain.emulator.faults.clear();
    // Newer than what waits: it must not be undone by it.
    await world.bridge.updateThread(value.id, { title: 'Renamed again' });
    await world.bridge.drain();
    expect(await world.bridge.decide('retry', 'all')).toBe(2);
    await settleAll(world);
    expect(await onlyThread(world.plain.desk)).toMatchObject({ title: 'Renamed again', priority: { is: 'low' } });
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 0 });
  });

  it('loses a dead letter only where a person drops it', async () => {
    const world = bridged('dual-write', { giveUpMs: 0 });
    world.plain.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'write' });
    const { operationId } = await world.bridge.createThread(thread);
    world.plain.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'write' });
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ dead: 1 });
    expect(await world.bridge.decide('drop', [operationId])).toBe(1);
    expect(await world.bridge.decide('retry', [operationId])).toBe(0);
    expect((await world.bridge.outcome(operationId)).mirror.state).toBe('dropped');
  });
});

describe('a bad input', () => {
  it('is refused before anything is stored or sent', async () => {
    const world = bridged('dual-write');
    const error = await failure(world.bridge.createThread({ ...thread, title: '' }));
    expect(error).toMatchObject({ kind: 'invalid', applied: 'no', issues: [{ path: 'title' }] });
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 0 });
    expect(world.productlane.emulator.requests.count()).toBe(0);
  });

  it('that only the primary can judge is its refusal, and nothing reaches the mirror', async () => {
    const world = bridged('dual-write');
    const error = await failure(world.bridge.createThread({ ...thread, labelIds: ['tag_0'] }));
    expect(error).toMatchObject({ provider: 'productlane', applied: 'no' });
    await settleAll(world);
    expect([world.productlane.emulator.state.threads.size, world.plain.emulator.state.threads.size]).toEqual([0, 0]);
  });
});

describe('a mirror that is down', () => {
  const down = { seed: 1, rate: 1, kinds: [{ kind: 'status', status: 503, applied: 'no' }] } as const;

  it('keeps nothing from the desk that answers that was stored for it', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.plain.emulator.faults.random(down);
    await world.bridge.drain();
    await world.bridge.enqueue(undefined, { method: 'reply', input: { threadId: value.id, body: text('Try now.') } });
    await world.bridge.drain();
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('keeps no write waiting whose answer was lost', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.plain.emulator.faults.random(down);
    await world.bridge.drain();
    world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, { access: 'write' });
    await failure(world.bridge.reply({ threadId: value.id, body: text('Try now.') }));
    await world.clock.advance(settleMs);
    await world.bridge.drain();
    expect(deliveries(world)).toEqual(['Try now.']);
    world.plain.emulator.faults.clear();
    await settleAll(world);
    const copy = await onlyThread(world.plain.desk);
    expect(await conversation(world.plain.desk, copy.id)).toEqual(['inbound: It says no.', 'outbound: Try now.']);
  });

  it('keeps no write waiting that it is being asked about', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.plain.emulator.faults.next({ kind: 'slow', ms: 60_000 });
    const watch = await world.bridge.work();
    while (world.plain.emulator.faults.fired.length === 0) await new Promise(setImmediate);
    const { operationId } = await world.bridge.enqueue(undefined, {
      method: 'reply',
      input: { threadId: value.id, body: text('Try now.') },
    });
    await world.bridge.outcome(operationId);
    expect(deliveries(world)).toEqual(['Try now.']);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 2 });
    await world.clock.advance(60_000);
    await watch.close();
  });
});

it('names the fields where a write fails that was stored for later', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  const body = { error: { code: 'bad_request', message: 'bad', details: [{ path: 'title', message: 'too long' }] } };
  world.productlane.emulator.faults.next({ kind: 'status', status: 400, body }, { access: 'write' });
  const { operationId } = await world.bridge.enqueue(undefined, {
    method: 'updateThread',
    input: { id: value.id, changes: { title: 'Again' } },
  });
  await world.bridge.drain();
  const error = await failure(world.bridge.outcome(operationId));
  expect(error).toMatchObject({ kind: 'invalid', applied: 'no', operationId, issues: [{ path: 'title' }] });
});
