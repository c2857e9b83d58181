import { it } from 'vitest';
import { mkdtempSync } from 'node:fs';
import { createSqliteGround } from './crash/ground.ts';
import { createTrials, pointsOf } from './crash/trials.ts';
import { Session } from 'node:inspector/promises';
import { writeFileSync } from 'node:fs';
it('x', async () => {
  const folder = mkdtempSync('/dev/shm/crash-');
  const trials = await createTrials(createSqliteGround(folder), folder);
  const scene = await trials.scene('reply', 'dual-write');
  const { taken } = await trials.undisturbed(scene, 'call');
  const s = new Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.start');
  const c0 = process.cpuUsage(); const t = performance.now(); let n = 0;
  for (const p of pointsOf(taken)) { await trials.crash(scene, 'call', p); n++; }
  const c = process.cpuUsage(c0);
  console.log(n, (c.user + c.system) / 1000 / n, 'parent cpu ms each', (performance.now() - t) / n, 'wall');
  const { profile } = await s.post('Profiler.stop'); writeFileSync('/tmp/crashlab/p.cpuprofile', JSON.stringify(profile));
  await trials.close();
}, 100_000);
