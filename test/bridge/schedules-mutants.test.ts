/** Whether the schedules would notice: each bridge that is broken on purpose is caught. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { warmUp } from './schedules/machine.ts';
import { mutants } from './schedules/mutants.ts';
import { play } from './schedules/play.ts';
import { schedules } from './schedules/steps.ts';

const any = fc.oneof(
  schedules('productlane', 'dual-write'),
  schedules('productlane', 'live'),
  schedules('plain', 'dual-write'),
  schedules('plain', 'live'),
);

beforeAll(warmUp);

describe('schedules catch a bridge that', () => {
  it.each(Object.entries(mutants))('%s', { timeout: 600_000 }, async (_name, { caught = /./, ...breakage }) => {
    const found = await fc.check(
      fc.asyncProperty(any, async (schedule) => void (await play(schedule, breakage))),
      { numRuns: 1000, seed: 20_260_105, endOnFailure: true },
    );
    expect(String(found.errorInstance)).toMatch(caught);
    expect(found.failed).toBe(true);
  });
});
