/** Whether a killed process loses or doubles anything, with the store in a file; and whether the trials would notice. */
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createSqliteGround } from './crash/ground.ts';
import { scenarioNames } from './crash/scenarios.ts';
import { createSteps, watchStore } from './crash/steps.ts';
import { describeCrashes, withTrials } from './crash/suite.ts';

describe('a bridge on SQLite', () => {
  withTrials(
    async (folder) => createSqliteGround(folder),
    (borrow) => {
      describeCrashes(borrow, scenarioNames, { at: 'dual-write', of: scenarioNames });

      it('would be caught delivering twice if it forgot that a request has left', () =>
        borrow(async (trials) => {
          const scene = await trials.scene('reply', 'dual-write');
          const point = { name: 'answered productlane POST /threads/{id}/messages', nth: 1 };
          expect(await trials.crash(scene, 'call', point)).toEqual([]);
          const [wrong] = await trials.crash(scene, 'call', point, 'forgets-sent');
          expect(wrong).toMatch(/"delivered":\["[^"]*answer-words","[^"]*answer-words"\]\} instead/);
        }));

      it('would be caught without its links', () =>
        borrow(async (trials) => {
          const scene = await trials.scene('createThread', 'dual-write');
          const { taken } = await trials.undisturbed(scene, 'call');
          const last = { name: 'after mirrored', nth: taken.filter((name) => name === 'after mirrored').length };
          expect(await trials.crash(scene, 'call', last)).toEqual([]);
          expect(await trials.crash(scene, 'call', last, 'loses-links')).toEqual(['the links are []']);
        }));

      it('fails at a point that is not reached', () =>
        borrow(async (trials) => {
          const scene = await trials.scene('reply', 'dual-write');
          await expect(trials.crash(scene, 'call', { name: 'after settle', nth: 2 })).rejects.toThrow(
            'never said “at”',
          );
        }));
    },
  );

  it('has no method without a point', () => {
    const store = { ...createMemoryStore(), commit: async () => {} };
    expect(() => watchStore(store, createSteps(undefined))).toThrow('no table knows: commit');
  });
});
