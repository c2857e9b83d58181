/** How long what is finished stays, however long the processes live that see to it. */
import { expect, it } from 'vitest';
import { stored } from '../store/engines.ts';
import { bridged } from './bridges.ts';

const day = 86_400_000;
const retentionMs = day;

function worldAt(at: () => number) {
  const world = bridged('dual-write', { now: at, retentionMs });
  /** A process that does what is due, and ends. */
  const once = async () => {
    const bridge = world.open();
    await bridge.drain();
    await bridge.close();
  };
  const left = async () => (await world.store.listOperations({}, { limit: 1_000 })).map(({ lane }) => lane);
  return { ...world, once, left };
}

it('processes that live for a moment delete what is old', async () => {
  let now = 0;
  const world = worldAt(() => now);
  for (let round = 0; round < 10; round++) {
    now = round * day + 1;
    await stored(world.store, 'finished', { lane: `day ${round}`, at: now });
    await world.once();
  }
  expect(await world.left()).toEqual(['day 9', 'day 8']);
});

it('they do so once an hour, however many there are', async () => {
  let now = 0;
  const world = worldAt(() => now);
  await stored(world.store, 'finished', { lane: 'first', at: 0 });
  await stored(world.store, 'finished', { lane: 'second', at: 60_000 });
  for (now = day + 1; now <= day + 3_600_000; now += 600_000) await world.once();
  expect(await world.left()).toEqual(['second']);
  now = day + 3_600_001;
  await world.once();
  expect(await world.left()).toEqual([]);
});

it('they go on after the clock was put back', async () => {
  let now = 10 * day;
  const world = worldAt(() => now);
  await world.once();
  now = 5 * day;
  await stored(world.store, 'finished', { lane: 'old', at: day });
  await world.once();
  expect(await world.left()).toEqual([]);
});

it('what a process keeps for an hour goes, though another keeps it for thirty days', async () => {
  const hour = 3_600_000;
  let now = 0;
  const world = worldAt(() => now);
  await stored(world.store, 'finished', { lane: 'old', at: 0 });
  const long = world.open({ retentionMs: 30 * day });
  const short = world.open({ retentionMs: hour });
  for (let round = 1; round <= 3; round++) {
    now = round * (hour + 60_000);
    await long.drain();
    await short.drain();
  }
  expect(await world.left()).toEqual([]);
});
