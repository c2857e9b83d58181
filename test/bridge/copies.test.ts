/** What the other desk has of a thread: one copy, whole, of the right thread, and with the last values. */
import { describe, expect, it } from 'vitest';
import { collect, contact, failure, past, plainDesk, text, thread } from '../desks.ts';
import {
  atRest,
  bridged,
  conversation,
  metProductlane,
  onlyThread,
  settleAll,
  sidesOf,
  timesSaid,
  withLabel,
} from './bridges.ts';

const stages = ['dual-write', 'live'] as const;
const refused = { kind: 'status', status: 400 } as const;
const write = { access: 'write' } as const;
const cutAfter = { kind: 'cut', when: 'after' } as const;
const importOf = { plain: 'ImportThread', productlane: 'POST /threads' } as const;
/** A request that happens long after its caller was told of a failure. */
const late = { kind: 'status', status: 502, applied: 'later', landsAfterMs: 60_000 } as const;

const history = [
  { externalId: 'a', kind: 'inbound', body: text('Alpha words.'), createdAt: past },
  { externalId: 'b', kind: 'note', body: text('Beta words.'), createdAt: new Date(past.getTime() + 1000) },
] as const;
const imported = { contact, title: 'Old', externalId: 'e', createdAt: past, messages: history };

/** Another one has the same contact, time and title. */
function alert(id: string) {
  const message = (index: number, kind: 'inbound' | 'note', words: string) => ({
    ...{ externalId: `${id}-${index}`, kind, body: text(words), createdAt: past },
  });
  const messages = [
    message(1, 'inbound', `Words of ${id}.`),
    message(2, 'note', `Note of ${id}.`),
    message(3, 'note', `Second note of ${id}.`),
  ];
  return { contact, title: 'Alert', externalId: id, createdAt: past, messages };
}

describe.each(stages)('messages from before, at %s,', (stage) => {
  it('are on the copy once, where they were recorded on a thread that came over with them', async () => {
    const world = bridged(stage);
    const { primary, mirror } = sidesOf(world, stage);
    const old = await primary.desk.createThread(thread);
    await world.bridge.recordMessages({ threadId: old.value.id, messages: history });
    await settleAll(world);
    await onlyThread(mirror.desk);
    for (const words of ['Alpha words.', 'Beta words.']) expect(await timesSaid(mirror.desk, words)).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('are on the copy once, where their import was given up and a later write brought the thread over', async () => {
    const world = bridged(stage);
    const { mirror } = sidesOf(world, stage);
    const { value } = await world.bridge.importThread(imported);
    mirror.emulator.faults.next(refused, write);
    await world.bridge.drain();
    expect(await world.bridge.figures()).toMatchObject({ dead: 1 });
    await world.bridge.addNote({ threadId: value.thread.id, body: text('For us.') });
    await settleAll(world);
    await world.bridge.decide('retry', 'all');
    await settleAll(world);
    await onlyThread(mirror.desk);
    for (const words of ['Alpha words.', 'Beta words.', 'For us.']) expect(await timesSaid(mirror.desk, words)).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('are those of the right thread, where two imports have one contact, time and title', async () => {
    const world = bridged(stage);
    const { mirror } = sidesOf(world, stage);
    for (const id of ['A', 'B']) {
      await world.bridge.importThread(alert(id));
      await world.bridge.drain();
    }
    await settleAll(world);
    const copies = await collect(mirror.desk.listThreads());
    const ofEach = await Promise.all(copies.map(({ id }) => conversation(mirror.desk, id)));
    const ids = ofEach.map((lines) => [...new Set(lines.join().match(/(?<=of )[AB](?=\.)/g))]);
    expect(ids.toSorted()).toEqual([['A'], ['B']]);
    for (const { messages } of [alert('A'), alert('B')])
      for (const { body } of messages) expect(await timesSaid(mirror.desk, body.content)).toBe(1);
    expect(await world.bridge.verify()).toMatchObject({ compared: 2, different: 0 });
  });
});

describe('a copy on a desk without external ids', () => {
  const opening = (id: string) => ({ ...alert(id), messages: alert(id).messages.slice(0, 1) });

  it('is not taken for another thread’s of that contact, time and title, after a lost answer', async () => {
    const world = bridged('live');
    await world.bridge.importThread(opening('A'));
    world.productlane.emulator.faults.next(cutAfter, { operation: importOf.productlane });
    await world.bridge.drain();
    await world.bridge.importThread(opening('B'));
    await world.bridge.drain();
    await settleAll(world);
    for (const id of ['A', 'B']) expect(await timesSaid(world.productlane.desk, `Words of ${id}.`)).toBe(1);
    expect(await collect(world.productlane.desk.listThreads())).toHaveLength(2);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('is its own thread’s, where another one has the same words too', async () => {
    const world = bridged('live');
    const same = (id: string) => {
      const { messages, ...others } = opening(id);
      return { ...others, messages: messages.map((message) => ({ ...message, body: text('The disk is full.') })) };
    };
    await world.bridge.importThread(same('A'));
    world.productlane.emulator.faults.next(cutAfter, { operation: importOf.productlane });
    await world.bridge.drain();
    await world.bridge.importThread(same('B'));
    await world.bridge.drain();
    await settleAll(world);
    for (const { id } of await collect(world.plain.desk.listThreads())) {
      const copy = (await world.store.findLink('thread', 'to', id))?.from ?? '';
      // The heading of a recorded message names whose it is.
      expect(await conversation(world.productlane.desk, copy)).toEqual([expect.stringContaining(id)]);
    }
    expect(await collect(world.productlane.desk.listThreads())).toHaveLength(2);
  });

  it('is not taken for another thread’s by a worker that comes in the middle of it', async () => {
    const world = bridged('live');
    const other = world.open();
    let met = 0;
    const slow = metProductlane(world, async ({ method, url }) => {
      if (method !== 'POST' || !url.endsWith('/comments') || met++ > 0) return;
      await other.importThread(alert('B'));
      await other.drain();
    });
    const bridge = world.open({ from: slow });
    await bridge.importThread(alert('A'));
    await bridge.drain();
    await settleAll(world);
    expect(met).toBeGreaterThan(0);
    for (const { messages } of [alert('A'), alert('B')])
      for (const { body } of messages) expect(await timesSaid(world.productlane.desk, body.content)).toBe(1);
    expect(await collect(world.productlane.desk.listThreads())).toHaveLength(2);
  });

  it('has its labels, although the answer to its creation was lost', async () => {
    const world = bridged('live');
    const { tag, label, bridge } = await withLabel(world);
    world.productlane.emulator.faults.next(cutAfter, { operation: importOf.productlane });
    await bridge.createThread({ ...thread, labelIds: [label] });
    await settleAll(world, bridge);
    const copy = await onlyThread(world.productlane.desk);
    expect(copy.labels.map(({ id }) => id)).toEqual([tag]);
  });

  it('has every note of the history, although the desk was down for one of them', async () => {
    const world = bridged('live');
    const old = (await world.plain.desk.createThread(thread)).value.id;
    await world.plain.desk.addNote({ threadId: old, body: text('Old note.') });
    world.productlane.emulator.faults.next({ kind: 'status', status: 503 }, { path: /comments/, ...write });
    await world.bridge.reply({ threadId: old, body: text('Hello.') });
    await settleAll(world);
    expect(world.productlane.emulator.faults.waiting).toBe(0);
    await onlyThread(world.productlane.desk);
    for (const words of ['Old note.', 'Hello.']) expect(await timesSaid(world.productlane.desk, words)).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

describe('a part of a copy that arrives late', () => {
  it('does not bring back labels that were taken away since', async () => {
    const world = bridged('live');
    const { label, bridge } = await withLabel(world);
    world.productlane.emulator.faults.next(late, { method: 'PATCH' });
    const { value } = await bridge.createThread({ ...thread, labelIds: [label] });
    await bridge.drain();
    await bridge.updateThread(value.id, { labelIds: [] });
    await bridge.drain();
    await settleAll(world, bridge);
    expect((await onlyThread(world.productlane.desk)).labels).toEqual([]);
    expect(await bridge.figures()).toMatchObject(atRest);
  });

  it('does not bring back a custom field’s value that was changed since', async () => {
    const world = bridged('dual-write');
    const field = (value: string) => ({ customFields: [{ key: 'k', type: 'string', value } as const] });
    world.plain.emulator.setup.addThreadFieldSchema({ key: 'k', type: 'STRING' });
    world.plain.emulator.faults.next(late, { operation: 'UpdateThread' });
    const { value } = await world.bridge.createThread({ ...thread, ...field('old') });
    await world.bridge.drain();
    await world.bridge.updateThread(value.id, field('new'));
    await world.bridge.drain();
    await settleAll(world);
    expect(await onlyThread(world.plain.desk)).toMatchObject(field('new'));
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('does not bring back a status that was changed since, where threads are created live', async () => {
    const world = bridged('dual-write', { createMirrored: 'live' });
    const old = (await world.productlane.desk.createThread(thread)).value.id;
    await world.productlane.desk.updateThread(old, { status: { is: 'done' } });
    await world.bridge.addNote({ threadId: old, body: text('For us.') });
    world.plain.emulator.faults.next(late, { operation: 'UpdateThread' });
    await world.bridge.drain();
    await world.bridge.updateThread(old, { status: { is: 'open' } });
    for (let round = 0; round < 10; round++) {
      await world.clock.advance(2_000);
      await world.bridge.drain();
    }
    await settleAll(world);
    expect((await onlyThread(world.plain.desk)).status.is).toBe('open');
  });
});

describe('a copy of a thread that others have changed or brought over', () => {
  it('has what was edited on the desk that answers after the write that waits', async () => {
    const world = bridged('dual-write');
    const old = (await world.productlane.desk.createThread(thread)).value.id;
    await world.bridge.updateThread(old, { title: 'By the bridge' });
    await world.productlane.desk.updateThread(old, { title: 'By hand since' });
    await settleAll(world);
    expect((await onlyThread(world.plain.desk)).title).toBe('By hand since');
  });

  it('has the opening of an import once, where threads are created live and a later write came first', async () => {
    const world = bridged('dual-write', { createMirrored: 'live' });
    const { value } = await world.bridge.importThread({ ...imported, messages: history.slice(0, 1) });
    world.plain.emulator.faults.next(refused, write);
    await world.bridge.drain();
    await world.bridge.addNote({ threadId: value.thread.id, body: text('For us.') });
    await settleAll(world);
    await world.bridge.decide('retry', 'all');
    await settleAll(world);
    await onlyThread(world.plain.desk);
    for (const words of ['Alpha words.', 'For us.']) expect(await timesSaid(world.plain.desk, words)).toBe(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });

  it('is the one of an earlier try after a step on, between two desks that keep external ids', async () => {
    const world = bridged('dual-write');
    const first = plainDesk({ clock: world.clock }, { retries: 0 });
    const bridge = world.open({ from: first.desk });
    const { value } = await bridge.createThread(thread);
    world.plain.emulator.faults.next(cutAfter, { operation: importOf.plain });
    await bridge.drain();
    world.flag.stage = 'live';
    await bridge.reply({ threadId: value.id, body: text('Hi.') });
    await settleAll(world, bridge);
    expect(await collect(world.plain.desk.listThreads())).toHaveLength(1);
  });

  it('is made although what would have brought it over in another lane was dropped', async () => {
    const world = bridged('live');
    const { faults } = world.plain.emulator;
    faults.next(cutAfter, { operation: 'CreateThread' });
    faults.next({ kind: 'cut', when: 'before' }, { operation: 'ThreadByExternalId' });
    expect(await failure(world.bridge.createThread(thread))).toMatchObject({ applied: 'unknown' });
    const { id } = await onlyThread(world.plain.desk);
    await world.bridge.addNote({ threadId: id, body: text('For us.') });
    world.productlane.emulator.faults.next(refused, write);
    await world.bridge.drain();
    expect(await world.bridge.figures()).toMatchObject({ dead: 1 });
    await settleAll(world);
    await world.bridge.decide('drop', 'all');
    await settleAll(world);
    expect(await collect(world.productlane.desk.listThreads())).toHaveLength(1);
  });
});

describe('what a copy lacks', () => {
  it('is told of files that a reply carried', async () => {
    const world = bridged('live');
    const { value } = await world.bridge.createThread(thread);
    await settleAll(world);
    const customerId = value.contact?.id ?? '';
    const attachmentIds = [world.plain.emulator.setup.addAttachment({ customerId }).id];
    const providerOptions = { plain: { attachmentIds } };
    const reply = { threadId: value.id, body: text('See the file.'), providerOptions };
    const { operationId } = await world.bridge.reply(reply);
    await settleAll(world);
    const { mirror } = await world.bridge.outcome(operationId, { mirror: true });
    const field = 'providerOptions.plain.attachmentIds';
    expect(mirror.losses).toContainEqual(expect.objectContaining({ field, how: 'dropped' }));
  });

  it('names the same messages, however threads are created there', async () => {
    const lossesWith = async (createMirrored: 'live' | 'import') => {
      const world = bridged('dual-write', { createMirrored });
      const old = (await world.productlane.desk.createThread(thread)).value.id;
      const { operationId } = await world.bridge.reply({ threadId: old, body: text('Hello.') });
      await settleAll(world);
      const { mirror } = await world.bridge.outcome(operationId, { mirror: true });
      return mirror.losses.filter(({ field }) => field.includes('author'));
    };
    const losses = await lossesWith('import');
    expect(losses).not.toEqual([]);
    expect(await lossesWith('live')).toEqual(losses);
  });
});
