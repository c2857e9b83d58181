/** A write that comes as data: what it may be, and what is told of it. */
import { describe, expect, it } from 'vitest';
import { collect, failure, text, thread } from '../desks.ts';
import { bridged, conversation, settleAll } from './bridges.ts';

describe('enqueue', () => {
  it.each([
    ['no method', { method: 'sendMail', input: {} }, 'method'],
    ['a mistyped one', { method: 'createThred', input: thread }, 'method'],
    ['one of the bridge’s own', { method: 'adoptThread', input: { side: 'from', id: 'x', lane: 'y' } }, 'method'],
    ['no input', { method: 'updateThread' }, 'input'],
    ['no changes', { method: 'updateThread', input: { id: 'x' } }, 'changes'],
    ['other names', { method: 'deleteThread', input: { id: 'x', threadId: 'x' } }, 'input'],
    ['nothing', undefined, 'operation'],
  ])('refuses %s', async (_, operation, path) => {
    const { bridge } = bridged('off');
    const error = await failure(bridge.enqueue(undefined, operation as never));
    expect(error).toMatchObject({ kind: 'invalid', applied: 'no', issues: [{ path }] });
    expect(await collect(bridge.listOperations())).toEqual([]);
  });

  it('suggests the method that was meant', async () => {
    const operation = { method: 'createThred', input: thread } as never;
    expect(String(await failure(bridged('off').bridge.enqueue(undefined, operation)))).toContain('"createThread"');
  });

  it('tells of the write once it is begun, and once', async () => {
    const world = bridged('off');
    const told: string[] = [];
    for (const name of ['intent', 'retried', 'written'] as const) world.bridge.on(name, () => told.push(name));
    world.productlane.emulator.faults.next({ kind: 'status', status: 429 }, { access: 'write' });
    await world.bridge.enqueue(undefined, { method: 'createThread', input: thread });
    expect(told).toEqual([]);
    await settleAll(world);
    expect(told).toEqual(['intent', 'retried', 'written']);
  });
});

it('what a caller does with its input after the call changes nothing', async () => {
  const world = bridged('off');
  const create = async (email: string) => (await world.bridge.createThread({ ...thread, contact: { email } })).value.id;
  const [one, two] = [await create('ada@example.test'), await create('bob@example.test')];
  const input = { threadId: one, body: text('For Ada') };
  const reply = world.bridge.reply(input);
  const stored = world.bridge.enqueue(undefined, { method: 'addNote', input });
  Object.assign(input, { threadId: two, body: text('For Bob') });
  await Promise.all([reply, stored]);
  await settleAll(world);
  const lines = ['inbound: It says no.', 'outbound: For Ada', 'note: For Ada'];
  expect((await conversation(world.productlane.desk, one)).toSorted()).toEqual(lines.toSorted());
  expect(await conversation(world.productlane.desk, two)).toHaveLength(1);
});

describe('decide', () => {
  it.each([
    ['hapened', ['x'], 'decision'],
    ['retry', 'x', 'ids'],
    ['retry', [1], '0'],
  ])('refuses %s of %j', async (decision, ids, path) => {
    const error = await failure(bridged('off').bridge.decide(decision as never, ids as never));
    expect(error).toMatchObject({ kind: 'invalid', operation: 'decide', issues: [{ path }] });
  });

  it('suggests the word that was meant', async () => {
    expect(String(await failure(bridged('off').bridge.decide('hapened' as never, 'all')))).toContain('"happened"');
  });
});
