import { it } from 'vitest';
import { createPostgresGround, createSqliteGround } from './crash/ground.ts';
import { createTrials, pointsOf } from './crash/trials.ts';
import { quickFolder } from './crash/suite.ts';
it('x', async () => {
  const folder = quickFolder();
  const trials = await createTrials(process.env['G'] === 's' ? createSqliteGround(folder) : await createPostgresGround(), folder);
  const scene = await trials.scene('adoption', 'dual-write');
  const { taken } = await trials.undisturbed(scene, 'call');
  for (const p of pointsOf(taken)) { console.log(p); const c = await trials.crash(scene, 'call', p); if (c.wrong.length) console.log(c.wrong); }
  await trials.close();
}, 40_000);
