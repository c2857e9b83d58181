/** Whether a killed process loses or doubles anything, with the store in PostgreSQL. */
import { describe } from 'vitest';
import { hasPostgres } from '../store/engines.ts';
import { createPostgresGround } from './crash/ground.ts';
import { scenarioNames } from './crash/scenarios.ts';
import { describeCrashes, withTrials } from './crash/suite.ts';

describe.skipIf(!hasPostgres)('a bridge on PostgreSQL', () => {
  withTrials(
    async () => createPostgresGround(),
    (borrow) => describeCrashes(borrow, [...scenarioNames, 'enqueue'], { at: 'live', of: ['reply', 'enqueue'] }),
  );
});
