/** What a compared read counts, how long it waits for the other desk, and what it holds meanwhile. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { collect, thread } from '../desks.ts';
import { bridged } from './bridges.ts';

describe('a sampled comparison', () => {
  it('does not count a thread or contact that only one desk has', async () => {
    const world = bridged('off', { compare: { share: 1 } });
    const old = await world.productlane.desk.createThread(thread);
    const linked = await world.bridge.createThread({ ...thread, contact: { email: 'bob@example.test' } });
    for (const stage of ['shadow', 'live'] as const) {
      world.flag.stage = stage;
      for (const { value } of [old, linked]) {
        await world.bridge.getThread(value.id);
        await collect(world.bridge.listMessages(value.id));
        await world.bridge.getContact(value.contact?.id ?? '');
        await world.bridge.close();
      }
    }
    expect(await world.store.listComparisons(10)).toEqual([]);
  });

  it('is of every read of one record, by whichever key, and of no list', async () => {
    const world = bridged('shadow', { compare: { share: 1 } });
    const { value } = await world.bridge.createThread({ ...thread, externalId: 'order-1' });
    await world.bridge.drain();
    const { id: contactId = '', email = '' } = value.contact ?? {};
    await world.bridge.findContact(email);
    await world.bridge.findThread({ contactId, externalId: 'order-1' });
    await world.bridge.findContact('nobody@example.test');
    await collect(world.bridge.listThreads());
    await world.bridge.close();
    const compared = (await world.store.listComparisons(10)).map(({ operation, fields }) => [operation, fields]);
    expect(compared.toSorted()).toEqual([
      ['findContact', []],
      ['findThread', []],
    ]);
  });

  it('ends in time where the other desk ignores that it is to stop', async () => {
    const world = bridged('shadow');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    const never = () => new Promise<never>(() => {});
    const listMessages = () => ({ [Symbol.asyncIterator]: () => ({ next: never }) });
    const to = { ...world.plain.desk, getThread: never, listMessages };
    const bridge = world.open({ to, compare: { share: 1, timeoutMs: 20 } });
    const troubles: unknown[] = [];
    bridge.on('trouble', ({ task, failure: { kind } }) => troubles.push([task, kind]));
    await bridge.getThread(value.id);
    await collect(bridge.listMessages(value.id));
    await bridge.close();
    expect(troubles).toEqual([
      ['compare', 'unavailable'],
      ['compare', 'unavailable'],
    ]);
    expect(await world.store.listComparisons(10)).toEqual([]);
  });

  it('keeps nothing of a read whose other desk never answers', async () => {
    const world = bridged('shadow');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    const never = new Promise<never>(() => {});
    const listMessages = () => ({ [Symbol.asyncIterator]: () => ({ next: () => never }) });
    const to = { ...world.plain.desk, listMessages };
    const bridge = world.open({ to, compare: { share: 1, timeoutMs: 20 } });
    const read = async () => (await collect(bridge.listMessages(value.id))).map((message) => new WeakRef(message));
    const messages = await read();
    await bridge.close();
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc');
    await setImmediate();
    collectGarbage();
    expect(messages.map((message) => message.deref())).toEqual([undefined]);
    await Promise.race([never, Promise.resolve()]);
  });

  it('is one of twenty at most', async () => {
    const world = bridged('shadow');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    let asked = 0;
    const getThread = () => {
      asked++;
      return new Promise<never>(() => {});
    };
    const bridge = world.open({ to: { ...world.plain.desk, getThread }, compare: { share: 1, timeoutMs: 50 } });
    for (let read = 0; read < 30; read++) await bridge.getThread(value.id);
    await bridge.close();
    expect(asked).toBe(20);
  });

  it('leaves threads of more than 500 messages to verify', async () => {
    const world = bridged('shadow');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    const [first] = await collect(world.productlane.desk.listMessages(value.id));
    let asked = 0;
    const many = (count: number) =>
      async function* () {
        asked++;
        for (let index = 0; first && index < count; index++) yield { ...first, id: `m-${index}` };
      };
    const read = async (here: number, there: number) => {
      asked = 0;
      const from = { ...world.productlane.desk, listMessages: many(here) };
      const to = { ...world.plain.desk, listMessages: many(there) };
      const bridge = world.open({ from, to, compare: { share: 1, timeoutMs: 60_000 } });
      await collect(bridge.listMessages(value.id));
      await bridge.close();
      const seen = await world.store.listComparisons(10);
      return [asked, seen.length];
    };
    expect(await read(501, 501)).toEqual([1, 0]);
    expect(await read(3, 501)).toEqual([2, 0]);
    expect(await read(3, 3)).toEqual([2, 1]);
  });
});
