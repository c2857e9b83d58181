/** What is done about a write whose answer was lost, and about one whose process died. */
import { describe, expect, it } from 'vitest';
import { collect, failure, text, thread } from '../desks.ts';
import { bridged, conversation, deliveries, leaseMs, onlyThread, settleAll, settleMs } from './bridges.ts';

const cutAfter = { kind: 'cut', when: 'after' } as const;
const cutBefore = { kind: 'cut', when: 'before' } as const;
const write = { access: 'write' } as const;

describe('a reply whose answer is lost', () => {
  it('is found where it was delivered, and the caller never hears of it', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.productlane.emulator.faults.next(cutAfter, write);
    const sent = await world.bridge.reply({ threadId: value.id, body: text('Try now.') });
    expect(sent.value.id).toBe((await collect(world.productlane.desk.listMessages(value.id))).at(-1)?.id);
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
    expect(await conversation(world.plain.desk, (await onlyThread(world.plain.desk)).id)).toHaveLength(2);
  });

  it.each(['dual-write', 'live'] as const)(
    'is sent once more at %s if it never arrived, and not a moment too early',
    async (stage) => {
      const world = bridged(stage);
      const { value } = await world.bridge.createThread(thread);
      const primary = stage === 'live' ? world.plain : world.productlane;
      primary.emulator.faults.next(cutBefore, write);
      const error = await failure(world.bridge.reply({ threadId: value.id, body: text('Try now.') }));
      expect(error).toMatchObject({ kind: 'unavailable', applied: 'unknown', operationId: expect.any(String) });
      await world.clock.advance(settleMs - 1000);
      await world.bridge.drain();
      expect(deliveries(world)).toEqual([]);
      await settleAll(world);
      expect(deliveries(world)).toEqual(['Try now.']);
    },
  );

  it('keeps its place on the mirror, however late it is found', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    await settleAll(world);
    const late = { kind: 'status', status: 500, applied: 'later', landsAfterMs: 500 } as const;
    world.productlane.emulator.faults.next(late, write);
    await failure(world.bridge.reply({ threadId: value.id, body: text('First.') }));
    await world.clock.advance(1000);
    await world.bridge.reply({ threadId: value.id, body: text('Second.') });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['First.', 'Second.']);
    const copy = await onlyThread(world.plain.desk);
    const lines = ['inbound: It says no.', 'outbound: First.', 'outbound: Second.'];
    expect(await conversation(world.plain.desk, copy.id)).toEqual(lines);
  });

  it('is waited for where it arrives late', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const late = { kind: 'cut', when: 'before', applied: 'later', landsAfterMs: settleMs / 2 } as const;
    world.productlane.emulator.faults.next({ ...late, kind: 'status', status: 502 }, write);
    await failure(world.bridge.reply({ threadId: value.id, body: text('Try now.') }));
    await world.bridge.drain();
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
  });

  it('is left to a person where another message may be it', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    world.productlane.emulator.faults.next(cutBefore, write);
    const error = (await failure(world.bridge.reply({ threadId: value.id, body: text('Try now.') }))) as {
      operationId: string;
    };
    await world.productlane.desk.reply({ threadId: value.id, body: text('By hand.') });
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, unclear: 1 });
    expect(await failure(world.bridge.outcome(error.operationId))).toMatchObject({ applied: 'unknown' });
    expect(await world.bridge.decide('did-not-happen', [error.operationId])).toBe(1);
    await settleAll(world);
    expect(deliveries(world)).toEqual(['By hand.', 'Try now.']);
    expect(await world.bridge.figures()).toMatchObject({ unclear: 0, pending: 0 });
  });

  it('is not sent after all where its caller had called it off', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    const controller = new AbortController();
    world.productlane.emulator.faults.next({ kind: 'stall', at: 'headers', applied: 'no' }, write);
    const failed = failure(
      world.bridge.reply({ threadId: value.id, body: text('Try now.') }, { signal: controller.signal }),
    );
    while (world.productlane.emulator.faults.fired.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect(await failed).toMatchObject({ kind: 'cancelled', applied: 'unknown' });
    await settleAll(world);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, unclear: 0 });
  });

  it('is found where it was written in the customer’s name', async () => {
    const world = bridged('live');
    const { value } = await world.bridge.createThread(thread);
    await settleAll(world);
    world.plain.emulator.faults.next(cutAfter, { operation: 'ReplyToThread' });
    const asCustomer = { customerIdentifier: { emailAddress: thread.contact.email } };
    const providerOptions = { plain: { impersonation: { asCustomer } } };
    await failure(world.bridge.reply({ threadId: value.id, body: text('Me again.'), providerOptions }));
    await settleAll(world);
    const lines = ['inbound: It says no.', 'inbound: Me again.'];
    expect(await conversation(world.plain.desk, value.id)).toEqual(lines);
    const copy = await onlyThread(world.productlane.desk);
    expect((await conversation(world.productlane.desk, copy.id)).join().split('Me again.')).toHaveLength(2);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, unclear: 0, queued: 0, dead: 0 });
  });

  it('does not take an equal one for its own', async () => {
    const world = bridged('live');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.reply({ threadId: value.id, body: text('Any news?') });
    world.plain.emulator.faults.next(cutBefore, write);
    await failure(world.bridge.reply({ threadId: value.id, body: text('Any news?') }));
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Any news?', 'Any news?']);
  });
});

describe.each(['off', 'dual-write', 'live', 'complete'] as const)('words that were written before, at %s,', (stage) => {
  it.each(['reply', 'addNote'] as const)('are written once by each %s, whichever answer is lost', async (method) => {
    for (const lost of [cutAfter, cutBefore]) {
      const world = bridged(stage);
      const answers = stage === 'live' || stage === 'complete' ? world.plain : world.productlane;
      const { value } = await world.bridge.createThread(thread);
      const write = () => world.bridge[method]({ threadId: value.id, body: text('Thanks!') });
      await write();
      await world.clock.advance(3 * settleMs);
      answers.emulator.faults.next(lost, { operation: operationOf[stage][method] });
      await failure(write());
      await settleAll(world);
      const seen = (await conversation(answers.desk, value.id)).filter((line) => line.endsWith('Thanks!'));
      expect(answers.emulator.faults.fired).toHaveLength(1);
      expect(seen).toHaveLength(2);
      expect(deliveries(world)).toHaveLength(method === 'reply' ? 2 : 0);
    }
  });
});

const rest = { reply: 'POST /threads/:id/messages', addNote: 'POST /threads/:id/comments' };
const graphql = { reply: 'ReplyToThread', addNote: 'CreateNote' };
const operationOf = { off: rest, 'dual-write': rest, live: graphql, complete: graphql };

describe('a new thread whose answer is lost', () => {
  it.each(['dual-write', 'live'] as const)('is there once at %s, whether it arrived or not', async (stage) => {
    for (const fault of [cutAfter, cutBefore]) {
      const world = bridged(stage);
      const primary = stage === 'live' ? world.plain : world.productlane;
      await world.bridge.upsertContact(thread.contact);
      primary.emulator.faults.next(fault, { operation: stage === 'live' ? 'CreateThread' : 'POST /threads' });
      await failure(world.bridge.createThread(thread));
      await settleAll(world);
      expect(await onlyThread(world.productlane.desk)).toMatchObject({ title: thread.title });
      expect(await onlyThread(world.plain.desk)).toMatchObject({ title: thread.title });
      expect(primary.emulator.faults.fired).toHaveLength(1);
    }
  });

  it('is recognised although somebody has used it in the meantime', async () => {
    const world = bridged('dual-write');
    world.productlane.emulator.faults.next(cutAfter, write);
    world.productlane.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'read' });
    await failure(world.bridge.createThread(thread));
    const { id } = await onlyThread(world.productlane.desk);
    await world.bridge.reply({ threadId: id, body: text('Try now.') });
    await settleAll(world);
    expect((await onlyThread(world.productlane.desk)).id).toBe(id);
    expect(await conversation(world.plain.desk, (await onlyThread(world.plain.desk)).id)).toHaveLength(2);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 0, dead: 0 });
  });
});

describe('an update whose answer is lost', () => {
  it('does not undo a newer one when it is repeated or arrives late', async () => {
    for (const applied of ['no', 'later'] as const) {
      const world = bridged('dual-write');
      const { value } = await world.bridge.createThread(thread);
      world.productlane.emulator.faults.next({ kind: 'status', status: 502, applied, landsAfterMs: 5000 }, write);
      await failure(world.bridge.updateThread(value.id, { title: 'Old', priority: 'low' }));
      await world.bridge.updateThread(value.id, { title: 'New' });
      await settleAll(world);
      for (const desk of [world.productlane.desk, world.plain.desk]) {
        expect(await onlyThread(desk)).toMatchObject({ title: 'New', priority: { is: 'low' } });
      }
    }
  });
});

describe('a process that dies', () => {
  it('leaves nothing undone that it had stored', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    // The request is stored as about to leave, and the process is gone.
    const never = new Promise<never>(() => {});
    const dying = world.open({
      from: {
        ...world.productlane.desk,
        async reply(_, call) {
          await call?.beforeRequest?.({ access: 'write' });
          return never;
        },
      },
    });
    void dying.reply({ threadId: value.id, body: text('Try now.') });
    await new Promise(setImmediate);
    while ((await world.store.figures()).pending === 0) await new Promise(setImmediate);
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 0, unclear: 0 });
  });

  it('is waited for where its request arrives after its lease', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    await world.bridge.drain();
    let late: (() => Promise<unknown>) | undefined;
    const dying = world.open({
      from: {
        ...world.productlane.desk,
        async reply(input, call) {
          await call?.beforeRequest?.({ access: 'write' });
          late = () => world.productlane.desk.reply(input);
          return new Promise<never>(() => {});
        },
      },
    });
    void dying.reply({ threadId: value.id, body: text('Try now.') });
    while (!late) await new Promise(setImmediate);
    await world.clock.advance(leaseMs + 1);
    await world.bridge.drain();
    expect(deliveries(world)).toEqual([]);
    await late();
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
    expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 0, unclear: 0 });
  });

  it('does not go on once another has taken over', async () => {
    const world = bridged('dual-write');
    const { value } = await world.bridge.createThread(thread);
    let go: (() => void) | undefined;
    const frozen = new Promise<void>((resolve) => {
      go = resolve;
    });
    const sleeper = world.open({
      from: {
        ...world.productlane.desk,
        async reply(input, call) {
          await frozen;
          return world.productlane.desk.reply(input, call);
        },
      },
    });
    const answer = failure(sleeper.reply({ threadId: value.id, body: text('Try now.') }));
    while ((await world.store.figures()).pending === 0) await new Promise(setImmediate);
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
    go?.();
    expect(await answer).toMatchObject({ applied: 'unknown', operationId: expect.any(String) });
    await settleAll(world);
    expect(deliveries(world)).toEqual(['Try now.']);
  });
});

it('records equal replies once each, though the first of them was delivered after the second', async () => {
  const world = bridged('live');
  const bridge = world.open({ from: world.plain.desk, to: world.productlane.desk });
  const threadId = (await world.plain.desk.createThread(thread)).value.id;
  const reply = { threadId, body: text('Thank you.') };
  await bridge.enqueue(undefined, { method: 'reply', input: reply });
  world.productlane.emulator.faults.next({ kind: 'status', status: 503 }, { operation: 'POST /threads' });
  await bridge.drain();
  expect(deliveries(world)).toEqual([]);
  world.flag.stage = 'dual-write';
  await world.clock.advance(1_000);
  await bridge.reply(reply);
  await settleAll(world, bridge);
  expect(deliveries(world)).toEqual(['Thank you.', 'Thank you.']);
  for (const { desk } of [world.plain, world.productlane]) {
    const said = await conversation(desk, (await onlyThread(desk)).id);
    expect(said.join().split('Thank you.')).toHaveLength(3);
  }
});
