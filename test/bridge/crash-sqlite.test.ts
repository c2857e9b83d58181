/** Whether a killed process loses or doubles anything, with the store in a file. */
import { describe } from 'vitest';
import { createSqliteGround } from './crash/ground.ts';
import { scenarioNames } from './crash/scenarios.ts';
import { describeCrashes, withTrials } from './crash/suite.ts';

describe('a bridge on SQLite', () => {
  withTrials(
    async (folder) => createSqliteGround(folder),
    (borrow) => describeCrashes(borrow, scenarioNames),
  );
});
