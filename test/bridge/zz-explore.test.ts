import fc from 'fast-check';
import { it } from 'vitest';
import { warmUp } from './schedules/machine.ts';
import { play } from './schedules/play.ts';
import { schedules } from './schedules/steps.ts';

const env = process.env;
it('explores', { timeout: 3_600_000 }, async () => {
  await warmUp();
  const from = (env['FROM'] ?? 'productlane') as 'plain';
  const stage = (env['STAGE'] ?? 'dual-write') as 'live';
  const seed = Number(env['SEED'] ?? 1);
  const runs = Number(env['RUNS'] ?? 200);
  const norm = (m: string) => m.replace(/\d+/g, 'N');
  if (env['MATCH']) {
    const end = performance.now() + Number(env['LIMIT'] ?? 45000);
    const out = await fc.check(
      fc.asyncProperty(schedules(from, stage), async (s) => {
        try {
          await play(s);
        } catch (e) {
          if (norm((e as Error).message).includes(env['MATCH']!)) throw e;
        }
      }),
      { numRuns: runs, seed },
    );
    if (out.failed) {
      const [s] = out.counterexample as any;
      console.log(JSON.stringify({ ...s, steps: undefined }));
      for (const step of s.steps) console.log('   ', JSON.stringify(step));
      console.log((out.errorInstance as Error).message);
      if (env['TRACE']) {
        env['TRACING'] = '1';
        await play(s).catch(() => {});
      }
    } else console.log('none');
    return;
  }
  const tally = new Map<string, number>();
  const t = performance.now();
  let n = 0,
    unclear = 0,
    dead = 0,
    requests = 0;
  await fc.check(
    fc.asyncProperty(schedules(from, stage), async (s) => {
      n++;
      try {
        const p = await play(s);
        unclear += p.unclear;
        dead += p.dead;
        requests += p.requests;
      } catch (e) {
        const m = norm((e as Error).message);
        tally.set(m, (tally.get(m) ?? 0) + 1);
        if (env['STACK'] && m.includes(env['STACK'])) console.log((e as Error).stack);
      }
    }),
    { numRuns: runs, seed },
  );
  const ms = performance.now() - t;
  console.log(from, stage, { n, msEach: ms / n, unclear, dead, requests });
  for (const [m, c] of [...tally].sort((a, b) => b[1] - a[1])) console.log(c, m.slice(0, 200));
});
