/** What a person decides about all at once: only what the decision is for. */
import { expect, it } from 'vitest';
import { failure, text, thread } from '../desks.ts';
import { atRest, bridged, deliveries, settleAll } from './bridges.ts';

/** A dead letter, and a reply of which only a person can tell whether it happened. */
async function both() {
  const world = bridged('dual-write');
  const { value } = await world.bridge.createThread(thread);
  await settleAll(world);
  const note = await world.bridge.addNote({ threadId: value.id, body: text('For us.') });
  world.plain.emulator.faults.next({ kind: 'status', status: 400 }, { access: 'write' });
  await world.bridge.drain();
  world.productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, { access: 'write' });
  const reply = await failure(world.bridge.reply({ threadId: value.id, body: text('Try now.') }));
  await world.productlane.desk.reply({ threadId: value.id, body: text('By hand.') });
  await settleAll(world);
  expect(await world.bridge.figures()).toMatchObject({ ...atRest, dead: 1, unclear: 1 });
  return { world, dead: note.operationId, unclear: (reply as { readonly operationId: string }).operationId };
}

it('that all of it happened is about what is unclear', async () => {
  const { world, dead, unclear } = await both();
  expect(await world.bridge.decide('happened', 'all')).toBe(1);
  expect(await world.store.getOperation(unclear)).toMatchObject({ state: 'done' });
  expect(await world.store.getOperation(dead)).toMatchObject({ state: 'done', mirror: 'dead' });
});

it('that nothing of it happened is about what is unclear, which is done again', async () => {
  const { world, dead } = await both();
  expect(await world.bridge.decide('did-not-happen', 'all')).toBe(1);
  await settleAll(world);
  expect(deliveries(world)).toEqual(['By hand.', 'Try now.']);
  expect(await world.store.getOperation(dead)).toMatchObject({ mirror: 'dead' });
});

it.each([
  ['retry', 'done'],
  ['drop', 'dropped'],
] as const)('to %s all is about dead letters', async (decision, mirror) => {
  const { world, dead, unclear } = await both();
  expect(await world.bridge.decide(decision, 'all')).toBe(1);
  await settleAll(world);
  expect(await world.store.getOperation(dead)).toMatchObject({ mirror });
  expect(await world.store.getOperation(unclear)).toMatchObject({ state: 'unclear' });
});
