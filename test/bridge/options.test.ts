/** What a bridge can be told about its mirror, and what it tells. */
import { describe, expect, it } from 'vitest';
import type { Loss } from '../../src/core/model.ts';
import { collect, html, plainDesk, productlaneDesk, text, thread } from '../desks.ts';
import { bridged, conversation, onlyThread } from './bridges.ts';

describe('a mirror that is written live', () => {
  it('has its threads created as if they began now, and delivers nothing', async () => {
    const world = bridged('dual-write', { createMirrored: 'live' });
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.reply({ threadId: value.id, body: text('Try now.') });
    await world.bridge.updateThread(value.id, { status: { is: 'done' } });
    await world.bridge.drain();
    const copy = await onlyThread(world.plain.desk);
    expect([copy.channel.raw, copy.status.is]).toEqual(['API', 'done']);
    // The opening message is of now, and the reply was of then.
    const seen = await conversation(world.plain.desk, copy.id);
    expect(seen.toSorted()).toEqual(['inbound: It says no.', 'outbound: Try now.']);
    expect(world.plain.emulator.postRoom.delivered).toEqual([]);
  });

  it('is not doubled where the answer is lost', async () => {
    const world = bridged('dual-write', { createMirrored: 'live' });
    world.plain.emulator.faults.next({ kind: 'cut', when: 'after' }, { operation: 'CreateThread' });
    await world.bridge.createThread(thread);
    for (let round = 0; round < 4; round++) {
      await world.bridge.drain();
      await world.clock.advance(200_000);
    }
    expect(await collect(world.plain.desk.listThreads())).toHaveLength(1);
  });
});

describe('a Productlane mirror that keeps transcripts', () => {
  it('has later messages in the thread’s own text, and notes as comments', async () => {
    const world = bridged('live');
    const { emulator } = world.productlane;
    const { desk } = productlaneDesk({}, {
      fetch: emulator.fetch,
      apiKey: emulator.apiKey,
      records: 'transcript',
    } as never);
    const bridge = world.open({ from: desk });
    const { value } = await bridge.createThread(thread);
    await bridge.reply({ threadId: value.id, body: html('<p>Try <b>now</b>.</p>') });
    await bridge.addNote({ threadId: value.id, body: text('VIP') });
    await bridge.drain();
    const copy = await onlyThread(desk);
    const [transcript = '', note = '', ...others] = await conversation(desk, copy.id);
    expect(transcript).toContain('Try now .');
    expect(transcript).not.toContain('VIP');
    expect(note).toMatch(/^note: \[note\].*VIP$/);
    expect(others).toEqual([]);
    expect(emulator.postRoom.delivered).toEqual([]);
  });
});

describe('what the mirror cannot take', () => {
  it('is named in the outcome, and ids of ours are not', async () => {
    const world = bridged('dual-write');
    const { value, operationId } = await world.bridge.createThread({
      ...thread,
      providerOptions: { plain: { description: 'From the shop' } },
    });
    const copied = { email: 'boss@example.test' };
    const reply = await world.bridge.reply({ threadId: value.id, body: text('Try now.'), cc: [copied] });
    await world.bridge.drain();
    const lost = async (id: string): Promise<readonly Loss['field'][]> =>
      (await world.bridge.outcome(id, { mirror: true })).mirror.losses.map(({ field }) => field);
    expect(await lost(operationId)).toEqual(['providerOptions.plain']);
    expect(await lost(reply.operationId)).toEqual(['cc']);
    const live = bridged('live');
    const created = await live.bridge.createThread(thread);
    await live.bridge.drain();
    const outcome = await live.bridge.outcome(created.operationId, { mirror: true });
    expect(outcome.mirror.losses.map(({ field }) => field)).toEqual(['messages.0']);
  });
});

describe('events', () => {
  it('tell the life of a write, with neither names nor words', async () => {
    const lines: string[] = [];
    const note = (level: string) => (details: object, message: string) =>
      lines.push(`${level} ${message} ${JSON.stringify(details)}`);
    const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    const world = bridged('dual-write', { logger });
    const names: string[] = [];
    for (const name of ['intent', 'written', 'retried', 'mirrored', 'failed', 'settled', 'dead'] as const) {
      world.bridge.on(name, ({ method, desk }) => {
        names.push(`${name} ${method} ${desk}`);
        throw new Error('a listener fails');
      });
    }
    world.plain.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'write' });
    await world.bridge.createThread({ ...thread, externalId: 'order-77' });
    await world.bridge.drain();
    await world.clock.advance(600_000);
    await world.bridge.drain();
    expect(names).toEqual([
      'intent createThread productlane',
      'written createThread productlane',
      'retried createThread plain',
      'mirrored createThread plain',
    ]);
    expect(lines.map((one) => one.split(' ')[2])).toEqual(['intent', 'written', 'retried', 'mirrored']);
    expect(lines.join()).not.toMatch(/ada|lovelace|login|says|order-77|pl_v2|plainApiKey/i);
  });

  it('end where the listener is taken off', async () => {
    const world = bridged('dual-write');
    let heard = 0;
    const off = world.bridge.on('written', () => heard++);
    await world.bridge.createThread(thread);
    off();
    await world.bridge.createThread(thread);
    expect(heard).toBe(1);
  });
});

describe('a bridge that drains by itself', () => {
  it('needs nobody to tell it', async () => {
    const world = bridged('dual-write');
    const bridge = world.open({ drain: true });
    const { operationId } = await bridge.createThread(thread);
    const { mirror } = await bridge.outcome(operationId, { mirror: true });
    expect(mirror.state).toBe('done');
    await bridge.close();
    await bridge.createThread(thread);
    expect((await bridge.figures()).queued).toBe(1);
  });

  it('takes up what an earlier process has left', async () => {
    const world = bridged('dual-write');
    const { operationId } = await world.bridge.createThread(thread);
    const bridge = world.open({ drain: true });
    expect((await bridge.outcome(operationId, { mirror: true })).mirror.state).toBe('done');
    await bridge.close();
  });
});

it('keeps desks apart that are the same kind', async () => {
  const [one, two] = [plainDesk(), plainDesk()];
  const world = bridged('dual-write', {});
  const bridge = world.open({
    from: one.desk,
    to: two.desk,
    recordOptions: { plain: { userId: two.emulator.userId } },
  });
  const { value } = await bridge.createThread(thread);
  await bridge.drain();
  expect((await onlyThread(one.desk)).id).toBe(value.id);
  expect((await onlyThread(two.desk)).title).toBe(thread.title);
});
