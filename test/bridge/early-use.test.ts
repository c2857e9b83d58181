/** A thread that is used by its desk's id before its creation is known to have happened: two lanes, one copy. */
import { expect, it } from 'vitest';
import { collect, text } from '../desks.ts';
import { conversation, createdUnknown, onlyThread, settleAll } from './bridges.ts';

/** Created on Plain with a lost answer, and found there by somebody who writes a note. */
async function used() {
  const { world, id } = await createdUnknown();
  await world.bridge.addNote({ threadId: id, body: text('For us.') });
  return world;
}

it.each([
  [0, 60_000],
  [0, 100_000],
  [200_000, 60_000],
  [200_000, 100_000],
])('is copied once, %i ms later and with a copy that arrives after %i ms', async (waitMs, landsAfterMs) => {
  const world = await used();
  await world.clock.advance(waitMs);
  const late = { kind: 'status', status: 502, applied: 'later', landsAfterMs } as const;
  world.productlane.emulator.faults.next(late, { operation: 'POST /threads' });
  for (let round = 0; round < 40; round++) {
    await world.bridge.drain();
    await world.clock.advance(5_000);
  }
  await settleAll(world);
  const copy = await onlyThread(world.productlane.desk);
  const [opening, note, ...others] = await conversation(world.productlane.desk, copy.id);
  expect([opening, note, others]).toEqual([
    expect.stringContaining('It says no.'),
    expect.stringContaining('For us.'),
    [],
  ]);
  expect(await world.bridge.figures()).toMatchObject({ pending: 0, queued: 0, unclear: 0, dead: 0 });
});

it.each([60_000, 100_000])(
  'a copy that was sent for a creation in another lane, and arrives after %i ms, is not made again meanwhile',
  async (landsAfterMs) => {
    const { world, id } = await createdUnknown();
    world.flag.stage = 'complete';
    await world.bridge.addNote({ threadId: id, body: text('For us.') });
    world.flag.stage = 'live';
    await world.clock.advance(200_000);
    const late = { kind: 'status', status: 502, applied: 'later', landsAfterMs } as const;
    world.productlane.emulator.faults.next(late, { operation: 'POST /threads' });
    await world.bridge.drain();
    await world.clock.advance(10_000);
    await world.bridge.addNote({ threadId: id, body: text('Later.') });
    await world.bridge.drain();
    await settleAll(world);
    expect(await collect(world.productlane.desk.listThreads())).toHaveLength(1);
  },
);
