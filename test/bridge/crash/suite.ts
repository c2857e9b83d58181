/** What holds on every engine wherever the process dies. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ground } from './ground.ts';
import { type ScenarioName, stages } from './scenarios.ts';
import type { Point } from './steps.ts';
import { createTrials, pointsOf, type Trials } from './trials.ts';

/** Generous: dozens of processes live and die in each. */
const timeout = 240_000;

/** In memory where there is such a place: what a process has written outlives it there too, and nobody waits for a disk. */
export function quickFolder(): string {
  const memory = '/dev/shm';
  return mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'helpdesk-crash-'));
}

/** Runs with the trials of one ground, which exist while the tests run. */
export function withTrials(open: (folder: string) => Promise<Ground>, tests: (trials: () => Trials) => void): void {
  const folder = quickFolder();
  let trials: Trials | undefined;
  beforeAll(async () => {
    trials = await createTrials(await open(folder), folder);
  });
  afterAll(async () => {
    await trials?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  tests(() => {
    if (trials === undefined) throw new Error('the trials have not been opened');
    return trials;
  });
}

export function describeCrashes(trials: () => Trials, scenarios: readonly ScenarioName[]): void {
  describe.each(stages)('at stage %s', (stage) => {
    describe.each(scenarios)('%s', (scenario) => {
      it('ends as it should where nothing happens', { timeout }, async () => {
        const scene = await trials().scene(scenario, stage);
        const { wrong, taken } = await trials().undisturbed(scene, 'call');
        expect(wrong).toEqual([]);
        expect(pointsOf(taken).length).toBeGreaterThan(8);
      });

      it('loses and doubles nothing wherever the process is killed', { timeout }, async () => {
        const scene = await trials().scene(scenario, stage);
        const { taken } = await trials().undisturbed(scene, 'call');
        const wrong: string[] = [];
        for (const point of pointsOf(taken)) wrong.push(...named(point, (await trials().crash(scene, 'call', point)).wrong));
        expect(wrong).toEqual([]);
      });

      it('loses and doubles nothing wherever the recovery from a kill is killed', { timeout }, async () => {
        const scene = await trials().scene(scenario, stage);
        const { taken } = await trials().undisturbed(scene, 'call');
        const wrong: string[] = [];
        for (const first of hardest(taken)) {
          const left = (await trials().crash(scene, 'call', first, { recover: false })).scene;
          if (!left) throw new Error('the first kill has left nothing');
          const recovery = await trials().undisturbed(left, 'drain');
          wrong.push(...named(first, recovery.wrong));
          for (const point of pointsOf(recovery.taken)) {
            const { wrong: here } = await trials().crash(left, 'drain', point);
            wrong.push(...named(first, named(point, here)));
          }
        }
        expect(wrong).toEqual([]);
      });
    });
  });
}

/** What a desk has done and the store has not heard of: the last points before a write's end is stored. */
function hardest(taken: readonly string[]): readonly Point[] {
  const points = pointsOf(taken);
  return points.filter((_, index) => {
    const next = points[index + 1]?.name;
    return next === 'after settle' || next === 'after mirrored';
  });
}

function named({ name, nth }: Point, wrong: readonly string[]): readonly string[] {
  return wrong.map((line) => `killed at ${name} (${nth}): ${line}`);
}
