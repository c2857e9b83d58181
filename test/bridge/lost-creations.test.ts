/** A creation whose answer was lost: it is found again, finished, and never taken for another one's. */
import { describe, expect, it } from 'vitest';
import { collect, contact, failure, later, past, productlaneDesk, text, thread } from '../desks.ts';
import { addTag, atRest, type Bridged, bridged, conversation, onlyThread, settleAll, timesSaid } from './bridges.ts';

const cutAfter = { kind: 'cut', when: 'after' } as const;
const cutBefore = { kind: 'cut', when: 'before' } as const;
const creation = { operation: 'POST /threads' } as const;
const opening = { externalId: 'm-1', kind: 'inbound', body: text('Old.'), createdAt: past } as const;
const imported = { contact, title: 'Imported', externalId: 'i-1', createdAt: past, messages: [opening] };

/** The operation of a call whose outcome its caller was not told. */
async function unknown(call: Promise<unknown>): Promise<string> {
  const error = await failure(call);
  expect(error).toMatchObject({ applied: 'unknown', operationId: expect.any(String) });
  return (error as { readonly operationId: string }).operationId;
}

it('a thread whose time was given in the desk’s own words is there once', async () => {
  const world = bridged('dual-write');
  world.productlane.emulator.faults.next(cutAfter, creation);
  const providerOptions = { productlane: { created_at: past.toISOString() } };
  await failure(world.bridge.createThread({ ...thread, providerOptions }));
  await settleAll(world);
  await onlyThread(world.productlane.desk);
  await onlyThread(world.plain.desk);
  expect(await world.bridge.figures()).toMatchObject(atRest);
});

describe('two threads of one contact, title and time', () => {
  const ofTime = { ...thread, createdAt: past };
  const first = { ...ofTime, body: text('First words.') };
  const second = { ...ofTime, body: text('Second words.') };

  /** Nobody has another one's thread, and none is there twice. One that cannot be told may be left to a person. */
  async function expectOwn(world: Bridged, operations: readonly (readonly [id: string, words: string])[]) {
    for (const [id, words] of operations) {
      const { state, result } = (await world.store.getOperation(id)) ?? {};
      expect(['done', 'unclear']).toContain(state);
      if (state === 'done') {
        const own = (result as { readonly id: string }).id;
        expect(await conversation(world.productlane.desk, own)).toEqual([`inbound: ${words}`]);
        expect(await timesSaid(world.plain.desk, words)).toBe(1);
      }
      expect(await timesSaid(world.productlane.desk, words)).toBeLessThanOrEqual(1);
    }
  }

  it('are two threads where one answer is lost while the other is on its way', async () => {
    const world = bridged('dual-write');
    await world.bridge.upsertContact(contact);
    const { faults } = world.productlane.emulator;
    faults.next({ kind: 'slow', ms: 5_000 }, creation);
    const slow = world.bridge.createThread(second);
    while (faults.fired.length === 0) await new Promise(setImmediate);
    faults.next(cutBefore, creation);
    const lost = await unknown(world.bridge.createThread(first));
    await world.clock.advance(6_000);
    const { operationId, value } = await slow;
    await settleAll(world);
    expect(await conversation(world.productlane.desk, value.id)).toEqual(['inbound: Second words.']);
    await expectOwn(world, [
      [operationId, 'Second words.'],
      [lost, 'First words.'],
    ]);
  });

  it('are two threads where both answers are lost and one never arrived', async () => {
    const world = bridged('dual-write');
    await world.bridge.upsertContact(contact);
    const { faults } = world.productlane.emulator;
    faults.next(cutBefore, creation);
    const lost = await unknown(world.bridge.createThread(first));
    faults.next(cutAfter, creation);
    faults.next({ kind: 'status', status: 503 }, { access: 'read' });
    const arrived = await unknown(world.bridge.createThread(second));
    await settleAll(world);
    await expectOwn(world, [
      [lost, 'First words.'],
      [arrived, 'Second words.'],
    ]);
  });
});

describe('what is set after a thread is there', () => {
  it('is set on an import that was found again', async () => {
    const world = bridged('dual-write');
    const tag = await addTag(world);
    world.productlane.emulator.faults.next(cutAfter, creation);
    const status = { is: 'snoozed', until: later } as const;
    await unknown(world.bridge.importThread({ ...imported, labelIds: [tag], status }));
    await settleAll(world);
    const found = await onlyThread(world.productlane.desk);
    expect(found).toMatchObject({ labels: [{ id: tag }], status });
  });

  it('is a loss where the desk refuses it, and the thread is known to be there', async () => {
    const world = bridged('dual-write');
    const tag = await addTag(world);
    const { faults } = world.productlane.emulator;
    const refused = { kind: 'status', status: 400 } as const;
    faults.next(cutAfter, creation);
    faults.next(refused, { method: 'PATCH' });
    const { operationId } = await world.bridge.createThread({ ...thread, labelIds: [tag] });
    await settleAll(world);
    expect(await world.bridge.outcome(operationId)).toMatchObject({ losses: [{ field: 'labelIds', how: 'dropped' }] });
    expect(await collect(world.productlane.desk.listThreads())).toHaveLength(1);
    expect(await world.bridge.figures()).toMatchObject(atRest);
  });
});

it('messages of which the desk refused the second may have been recorded', async () => {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  await settleAll(world);
  const { faults } = world.productlane.emulator;
  let writes = 0;
  const beforeRequest = async ({ access }: { readonly access: 'read' | 'write' }) => {
    if (access === 'write' && ++writes === 2)
      faults.next({ kind: 'status', status: 403 }, { operation: 'POST /threads/:id/comments' });
  };
  const messages = [
    { ...opening, body: text('One.') },
    { ...opening, externalId: 'm-2', body: text('Two.') },
  ];
  await unknown(world.bridge.recordMessages({ threadId: value.id, messages }, { beforeRequest }));
  expect(await timesSaid(world.productlane.desk, 'One.')).toBe(1);
  await settleAll(world);
  for (const words of ['One.', 'Two.']) {
    expect(await timesSaid(world.productlane.desk, words)).toBe(1);
    expect(await timesSaid(world.plain.desk, words)).toBe(1);
  }
});

it('a thread is found though messages were recorded in its text before', async () => {
  const world = bridged('dual-write');
  const { apiKey, baseUrl, fetch, faults } = world.productlane.emulator;
  const options = { apiKey, baseUrl, fetch, retries: 0, records: 'transcript' } as const;
  const bridge = world.open({ from: productlaneDesk({ clock: world.clock }, options).desk });
  faults.next(cutAfter, creation);
  faults.next(cutBefore, { access: 'read' });
  const operationId = await unknown(bridge.createThread(thread));
  const { id } = await onlyThread(world.productlane.desk);
  await bridge.recordMessages({ threadId: id, messages: [{ ...opening, body: text('On the phone.') }] });
  await settleAll(world, bridge);
  expect((await onlyThread(world.productlane.desk)).id).toBe(id);
  expect(await bridge.outcome(operationId)).toMatchObject({ value: { id } });
  expect(await bridge.figures()).toMatchObject(atRest);
});
