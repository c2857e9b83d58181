/** How often and for how long a write is tried that fails. */
import { describe, expect, it } from 'vitest';
import { HelpdeskError } from '../../src/index.ts';
import { failure, text, thread } from '../desks.ts';
import { bridged, deliveries, settleAll, settleMs } from './bridges.ts';

const write = { access: 'write' } as const;
const cutBefore = { kind: 'cut', when: 'before' } as const;
const tooMany = { kind: 'status', status: 429 } as const;
const dayMs = 86_400_000;

describe('an old write', () => {
  it('is tried again after a failure where nobody could begin it for days', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const input = { threadId: value.id, body: text('Try now.') };
    await world.bridge.enqueue(undefined, { method: 'reply', input });
    await world.clock.advance(4 * dayMs);
    world.productlane.emulator.faults.next(tooMany, write);
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('is tried again after a failure where a person has decided days later', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const { faults } = world.productlane.emulator;
    faults.next(cutBefore, write);
    const reply = world.bridge.reply({ threadId: value.id, body: text('Try now.') });
    const { operationId } = (await failure(reply)) as { operationId: string };
    await world.productlane.desk.reply({ threadId: value.id, body: text('By hand.') });
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ unclear: 1 });
    await world.clock.advance(4 * dayMs);
    await world.bridge.decide('did-not-happen', [operationId]);
    faults.next(tooMany, write);
    await settleAll(world);
    expect(deliveries(world)).toEqual(['By hand.', 'Try now.']);
  });

  it('is given up once it has been failing for too long', async () => {
    const world = bridged('dual-write', { giveUpMs: dayMs });
    const { value } = await world.bridge.createThread(thread);
    const input = { threadId: value.id, body: text('Try now.') };
    const { operationId } = await world.bridge.enqueue(undefined, { method: 'reply', input });
    const { faults } = world.productlane.emulator;
    faults.random({ seed: 1, rate: 1, kinds: [tooMany], match: write });
    await settleAll(world);
    expect((await world.store.getOperation(operationId))?.state).toBe('pending');
    await world.clock.advance(dayMs);
    await world.bridge.drain();
    expect(await failure(world.bridge.outcome(operationId))).toMatchObject({ kind: 'rate-limited', applied: 'no' });
  });
});

describe('a desk that is down', () => {
  it('is asked less and less often for a thread that it creates only once', async () => {
    const world = bridged('live');
    const { faults, requests } = world.plain.emulator;
    faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'status', status: 503 }] });
    await failure(world.bridge.createThread(thread));
    const before = requests.count(write);
    for (let second = 0; second < 600; second++) {
      await world.clock.advance(1000);
      await world.bridge.drain();
    }
    expect(requests.count(write) - before).toBeLessThan(40);
    faults.clear();
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 0 });
  });

  it.each([0, settleMs])('is not asked again while the clock stands still: a settle time of %d', async (settles) => {
    const world = bridged('off', { settleMs: settles });
    const { value } = await world.bridge.createThread(thread);
    const { desk } = world.productlane;
    let calls = 0;
    const bridge = world.open({
      from: {
        ...desk,
        async reply(): Promise<never> {
          calls++;
          const kind = calls > 100 ? 'invalid' : 'unexpected';
          const reason = 'a mistake inside the desk';
          const applied = calls > 100 ? 'no' : 'unknown';
          throw new HelpdeskError({ provider: 'productlane', operation: 'reply', kind, reason, applied });
        },
      },
    });
    await failure(bridge.reply({ threadId: value.id, body: text('Try now.') }));
    await world.clock.advance(settles + 1000);
    await bridge.drain();
    expect(calls).toBeLessThan(3);
  });
});
