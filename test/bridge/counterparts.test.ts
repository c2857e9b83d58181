/** What the mirror is told of agents, labels and companies, where only some have a counterpart. */
import { describe, expect, it } from 'vitest';
import { createTranslator } from '../../src/bridge/counterparts.ts';
import { thread } from '../desks.ts';
import { bridged, onlyThread, settleAll } from './bridges.ts';

const translator = createTranslator({
  agents: [{ from: 'ada', to: 'u_ada' }],
  labels: [
    { from: 'bug', to: 'lt_bug' },
    { from: 'crash', to: 'lt_bug' },
  ],
  companies: [{ from: 'acme', to: 'te_acme' }],
});
const unknown = { assigneeId: 'bob', labelIds: ['other'], companyId: 'umbrella' };
const dropped = ['assigneeId', 'companyId', 'labelIds.0'];

describe('a change of a thread', () => {
  it('ends what the mirror had where the new agent and labels have no counterpart, which stays a loss', () => {
    const { fields, losses } = translator.changesForMirror({ ...unknown, title: 'Help' }, 'to');
    expect(fields).toEqual({ title: 'Help', assigneeId: null, labelIds: [] });
    expect(losses.map(({ field }) => field)).toEqual(dropped);
  });

  it('keeps the labels that have one', () => {
    const { fields, losses } = translator.changesForMirror({ labelIds: ['other', 'bug'] }, 'to');
    expect([fields, losses.map(({ field }) => field)]).toEqual([{ labelIds: ['lt_bug'] }, ['labelIds.0']]);
  });

  it('says nothing of what is not changed', () => {
    expect(translator.changesForMirror({}, 'to').fields).toEqual({});
    expect(translator.changesForMirror({ assigneeId: null, companyId: null, labelIds: [] }, 'to')).toEqual({
      fields: { assigneeId: null, companyId: null, labelIds: [] },
      losses: [],
    });
  });
});

describe('a new thread', () => {
  it('is told of nothing that has no counterpart', () => {
    const { fields, losses } = translator.forMirror(unknown, 'to');
    expect(fields).toEqual({});
    expect(losses.map(({ field }) => field)).toEqual(dropped);
  });
});

it('gives all that go with an id', () => {
  expect(translator.counterpartsOf('labels', 'from', 'lt_bug')).toEqual(['bug', 'crash']);
  expect(translator.counterpartsOf('labels', 'to', 'crash')).toEqual(['lt_bug']);
  expect(translator.counterpartsOf('labels', 'to', 'lt_bug')).toEqual([]);
});

it('is told of what ended an agent also where an earlier change of it is tried again', async () => {
  const world = bridged('dual-write');
  const [ours = '', other = ''] = world.productlane.emulator.state.members.keys();
  const { userId } = world.plain.emulator;
  const bridge = world.open({ counterparts: { agents: [{ from: ours, to: userId }] } });
  const { value } = await bridge.createThread(thread);
  await settleAll(world, bridge);
  await bridge.updateThread(value.id, { assigneeId: ours });
  world.plain.emulator.faults.next({ kind: 'status', status: 400 }, { access: 'write' });
  await bridge.drain();
  expect(await bridge.figures()).toMatchObject({ dead: 1 });
  await bridge.updateThread(value.id, { assigneeId: other || null });
  await settleAll(world, bridge);
  await bridge.decide('retry', 'all');
  await settleAll(world, bridge);
  expect((await onlyThread(world.plain.desk)).assignee).toBeUndefined();
});
