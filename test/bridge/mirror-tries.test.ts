/** What a try of the mirror counts as, when the next one comes, and whom it tells: nobody. */
import { describe, expect, it } from 'vitest';
import { collect, contact, past, text, thread } from '../desks.ts';
import { atRest, bridged, metPlain, onlyThread, settleAll } from './bridges.ts';

const write = { access: 'write' } as const;
const answer = (status: number, headers?: Readonly<Record<string, string>>) =>
  ({ kind: 'status', status, headers }) as const;

describe('tries that failed', () => {
  it.each([0, 6])('do not make a dead letter of one refused key after %i answers of another kind', async (before) => {
    const world = bridged('dual-write');
    await world.bridge.createThread(thread);
    const { faults } = world.plain.emulator;
    for (let index = 0; index < before; index++) faults.next(answer(503), write);
    faults.next(answer(401), write);
    await settleAll(world);
    expect(faults.waiting).toBe(0);
    expect(await world.bridge.figures()).toMatchObject(atRest);
    await onlyThread(world.plain.desk);
  });

  it('make a dead letter where the key is refused six times in a row', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(thread);
    for (let index = 0; index < 6; index++) world.plain.emulator.faults.next(answer(401), write);
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ queued: 0, dead: 1 });
  });

  it('are tried again if a read failed after the write, and the later value stands', async () => {
    const world = bridged('dual-write');
    const field = (value: string) => ({ customFields: [{ key: 'k', type: 'string', value } as const] });
    world.plain.emulator.setup.addThreadFieldSchema({ key: 'k', type: 'STRING' });
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    await world.bridge.updateThread(value.id, field('old'));
    let met = 0;
    const plain = metPlain(world, async (request) => {
      if (!(await request.text()).includes('mutation UpdateThread') || met++ > 0) return;
      world.flag.stage = 'live';
      await world.bridge.updateThread(value.id, field('new'));
      world.plain.emulator.faults.next(answer(503), { operation: 'Thread' });
    });
    await world.open({ to: plain }).drain();
    expect(world.plain.emulator.faults.fired).toHaveLength(1);
    await settleAll(world);
    expect(await onlyThread(world.plain.desk)).toMatchObject(field('new'));
  });

  it('are not tried again before the desk allows it', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread(thread);
    world.plain.emulator.faults.next(answer(429, { 'Retry-After': '90' }), write);
    await world.bridge.drain();
    // Another process, whose adapter has not heard of the refusal.
    const other = world.open({ to: metPlain(world, async () => {}) });
    const asked = () => world.plain.emulator.requests.entries.length;
    const before = asked();
    await world.clock.advance(89_000);
    await other.drain();
    expect(asked()).toBe(before);
    await world.clock.advance(1_000);
    await other.drain();
    await onlyThread(world.plain.desk);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

describe('who is to be told of a write hears nothing of its copy', () => {
  const providerOptions = { productlane: { notify: { slack: true, email: true } } };

  it('where a thread is created', async () => {
    const world = bridged('live');
    await world.bridge.createThread({ ...thread, providerOptions });
    await settleAll(world);
    await onlyThread(world.productlane.desk);
    expect(world.productlane.emulator.postRoom.notices).toEqual([]);
  });

  it('where a thread is changed', async () => {
    const world = bridged('live');
    const { value } = await world.bridge.createThread(thread);
    await settleAll(world);
    await world.bridge.updateThread(value.id, { title: 'New', providerOptions });
    await settleAll(world);
    expect((await onlyThread(world.productlane.desk)).title).toBe('New');
    expect(world.productlane.emulator.postRoom.notices).toEqual([]);
  });

  it('where a thread is imported', async () => {
    const world = bridged('live');
    const messages = [{ externalId: 'm-1', kind: 'inbound', body: text('Old.'), createdAt: past } as const];
    const imported = { contact, title: 'Imported', externalId: 'i-1', createdAt: past, messages, providerOptions };
    await world.bridge.importThread(imported);
    await settleAll(world);
    await onlyThread(world.productlane.desk);
    expect(world.productlane.emulator.postRoom.notices).toEqual([]);
  });

  it('and does hear of it where the desk answers', async () => {
    const world = bridged('dual-write');
    await world.bridge.createThread({ ...thread, providerOptions });
    expect(world.productlane.emulator.postRoom.notices).toHaveLength(2);
    await settleAll(world);
    expect(await collect(world.plain.desk.listThreads())).toHaveLength(1);
  });
});
