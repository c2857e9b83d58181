/** What several worker processes make of one store while some of them die or freeze. */
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasPostgres } from '../store/engines.ts';
import { createPostgresGround, createSqliteGround } from './crash/ground.ts';
import type { Mutant } from './crash/mutants.ts';
import type { Child } from './crash/pool.ts';
import type { LiveStage } from './crash/scenarios.ts';
import { quickFolder } from './crash/suite.ts';
import { createTeam, type Team, wordsIn } from './workers/team.ts';

const timeout = 120_000;

const grounds = [
  { name: 'SQLite', skipped: false, open: async (folder: string) => createSqliteGround(folder) },
  { name: 'PostgreSQL', skipped: !hasPostgres, open: async () => createPostgresGround() },
];

describe.each(grounds)('workers on $name', ({ name, skipped, open }) => {
  async function withTeam(size: number, stage: LiveStage, test: (team: Team) => Promise<void>): Promise<void> {
    const folder = quickFolder();
    const team = await createTeam(await open(folder), folder, stage, size);
    try {
      await test(team);
    } finally {
      await team.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it.skipIf(skipped)('go on where one of two freezes, and then the other one dies', { timeout }, () =>
    withTeam(2, 'live', async (team) => {
      const ann = await team.hire('ann', { end: { name: 'before sending', nth: 5 }, endsBy: 'SIGSTOP' });
      const bob = await team.hire('bob');
      const thaw = await takenOver(team, ann);
      await team.write();
      const stray = thaw('ann');
      bob.process.kill('SIGKILL');
      await team.until(() => idle(team));
      expect(stray()).toEqual([]);
      expect(await team.wrong()).toEqual([]);
    }),
  );

  it.skipIf(skipped)('go on where one of four dies and two freeze', { timeout }, () =>
    withTeam(4, 'dual-write', async (team) => {
      const [ann, bob, cat] = await Promise.all([
        team.hire('ann', { end: { name: 'before sending', nth: 6 }, endsBy: 'SIGSTOP' }),
        team.hire('bob', { end: { name: 'after sending', nth: 8 }, endsBy: 'SIGSTOP' }),
        team.hire('cat', { end: { name: 'after sending', nth: 7 }, endsBy: 'SIGKILL' }),
        team.hire('dan'),
      ]);
      const thaws = await Promise.all([takenOver(team, ann), takenOver(team, bob)]);
      expect(await cat.ended).toBe('SIGKILL');
      await team.write();
      const strays = [thaws[0]('ann'), thaws[1]('bob')];
      await team.until(() => idle(team));
      expect(strays.flatMap((stray) => stray())).toEqual([]);
      expect(await team.wrong()).toEqual([]);
    }),
  );

  if (name === 'PostgreSQL') return;
  it('would be caught writing without a lease', { timeout }, () =>
    withTeam(2, 'dual-write', async (team) => {
      const mutant: Mutant = 'always-held';
      const ann = await team.hire('ann', { end: { name: 'before sending', nth: 5 }, endsBy: 'SIGSTOP', mutant });
      await team.hire('bob');
      const stray = (await takenOver(team, ann))('ann');
      await team.until(() => stray().length > 0);
    }),
  );
});

/**
 * Waits until another worker has done what the frozen one was about to do.
 * Gives how it thaws, which gives what it then wrote of that.
 */
async function takenOver(team: Team, frozen: Child): Promise<(name: string) => () => readonly string[]> {
  const { about } = await frozen.says('at');
  const id = String(about);
  await team.until(async () => (await team.store.getOperation(id))?.mirror === 'done');
  const operation = await team.store.getOperation(id);
  if (!operation) throw new Error('the operation is gone');
  return (name) => {
    const before = team.desks.asked.length;
    frozen.process.kill('SIGCONT');
    return () =>
      team.desks.asked
        .slice(before)
        .filter(
          ({ caller, access, body }) => caller === name && access === 'write' && body.includes(wordsIn(operation)),
        )
        .map(({ body }) => body);
  };
}

async function idle({ store }: Team): Promise<boolean> {
  const { pending, queued } = await store.figures();
  return pending + queued === 0;
}
