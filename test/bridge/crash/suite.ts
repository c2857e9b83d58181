/** What holds on every engine wherever the process dies. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ground } from './ground.ts';
import type { Mutant } from './mutants.ts';
import { type LiveStage, type ScenarioName, stages } from './scenarios.ts';
import { type Point, writtenPoints } from './steps.ts';
import { createTrials, pointsOf, type Scene, type Trials, thorough } from './trials.ts';

/** In memory where there is such a place: what a process has written outlives it there too, and nobody waits for a disk. */
export function quickFolder(): string {
  const memory = '/dev/shm';
  return mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'helpdesk-crash-'));
}

/** Generous: dozens of processes live and die in each, and a test may wait for others. */
const timeout = 400_000;
/** Trials at a time. While one waits for its process, another one is at work. */
const lanes = 2;

/** Lends trials to whoever needs some, one after the other. */
export type Borrow = <T>(work: (trials: Trials) => Promise<T>) => Promise<T>;

/** The trials exist while the tests run. */
export function withTrials(open: (folder: string) => Promise<Ground>, tests: (borrow: Borrow) => void): void {
  const all: { readonly trials: Trials; readonly folder: string }[] = [];
  const free: Trials[] = [];
  const waiting: ((trials: Trials) => void)[] = [];

  beforeAll(async () => {
    for (let lane = 0; lane < lanes; lane++) {
      const folder = quickFolder();
      const trials = await createTrials(await open(folder), folder);
      all.push({ trials, folder });
      free.push(trials);
    }
  });
  afterAll(async () => {
    for (const { trials, folder } of all) {
      await trials.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  tests(async (work) => {
    const trials = free.pop() ?? (await new Promise<Trials>((resolve) => waiting.push(resolve)));
    try {
      return await work(trials);
    } finally {
      const next = waiting.shift();
      if (next) next(trials);
      else free.push(trials);
    }
  });
}

/** `recovered`: those whose recovery is killed too, at one of the stages. */
export function describeCrashes(
  borrow: Borrow,
  scenarios: readonly ScenarioName[],
  recovered: { readonly at: LiveStage; readonly of: readonly ScenarioName[] },
): void {
  describe.concurrent.each(stages)('at stage %s', (stage) => {
    describe.each(scenarios)('%s', (scenario) => {
      it('loses and doubles nothing wherever the process is killed', { timeout }, () =>
        borrow(async (trials) => {
          const scene = await trials.scene(scenario, stage);
          const { taken, wrong } = await trials.undisturbed(scene, 'call');
          expect(wrong).toEqual([]);
          expect(await crashAll(trials, scene, 'call', taken)).toEqual([]);
        }),
      );

      if (!thorough && !(recovered.at === stage && recovered.of.includes(scenario))) return;
      it('loses and doubles nothing wherever the recovery from a kill is killed', { timeout }, () =>
        borrow(async (trials) => {
          const scene = await trials.scene(scenario, stage);
          const { taken } = await trials.undisturbed(scene, 'call');
          for (const first of hardest(taken)) {
            const left = await trials.leave(scene, first);
            const { taken: recovery, wrong } = await trials.undisturbed(left, 'drain');
            expect(named(first, wrong)).toEqual([]);
            expect(named(first, await crashAll(trials, left, 'drain', recovery))).toEqual([]);
          }
        }),
      );
    });
  });
}

/** What is wrong after a kill at any of the steps. */
export async function crashAll(
  trials: Trials,
  scene: Scene,
  task: 'call' | 'drain',
  taken: readonly string[],
  mutant?: Mutant,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const point of pointsOf(trials.ground, task, taken))
    wrong.push(...named(point, await trials.crash(scene, task, point, mutant)));
  return wrong;
}

/** What a desk has done and the store has not heard of: the last points before a write's end is stored. */
function hardest(taken: readonly string[]): readonly Point[] {
  const points = writtenPoints(taken);
  return points.filter((_, index) => points[index + 1]?.name === 'after settle');
}

function named({ name, nth }: Point, wrong: readonly string[]): readonly string[] {
  return wrong.map((line) => `killed at ${name} (${nth}): ${line}`);
}
