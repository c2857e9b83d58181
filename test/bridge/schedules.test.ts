/** Whether any schedule of calls, faults, crashes and changes of the stage leaves both desks as they should be. */
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { warmUp } from './schedules/machine.ts';
import { play } from './schedules/play.ts';
import { type DeskName, schedules } from './schedules/steps.ts';

const runs = Number(process.env['SCHEDULES'] ?? 2000) / 4;
const seed = Number(process.env['SEED'] ?? 20_260_105);

beforeAll(warmUp);

describe.each([
  ['productlane', 'dual-write', 1],
  ['productlane', 'live', 2],
  ['plain', 'dual-write', 3],
  ['plain', 'live', 4],
] as const)('schedules from %s that begin at %s', (from: DeskName, stage, serial) => {
  it('end with both desks in step and every reply delivered once', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(schedules(from, stage), async (schedule) => void (await play(schedule))),
      {
        numRuns: runs,
        seed: seed + serial,
      },
    );
  });
});
