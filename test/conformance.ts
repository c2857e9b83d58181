/** How Vitest goes through the conformance cases. */
import { describe, expect, it } from 'vitest';
import { applies, conformanceCases, type World } from '../src/testing/index.ts';
import type { Opened } from './worlds.ts';

export type OpenWorld = () => World | Opened | Promise<World | Opened>;

export interface Setting {
  readonly open: OpenWorld;
  /** Cases that nobody could meet in this setting, and why. They must break. */
  readonly except?: Readonly<Record<string, string>>;
}

/** Every case in a world of its own; cases wait for back-off, so they do it together. */
export function describeConformance(desk: string, settings: Readonly<Record<string, Setting>>): void {
  describe.each(Object.entries(settings))(`${desk}, %s,`, async (_, { open, except = {} }) => {
    const sample = await open();
    await close(sample);
    const cases = conformanceCases.filter((one) => applies(one, sample));
    it.concurrent.each(cases.map((one) => [one.name, one] as const))('%s', async (name, { run }) => {
      const world = await open();
      try {
        if (name in except) await expect(run(world), except[name]).rejects.toThrow();
        else await run(world);
      } finally {
        await close(world);
      }
    });
  });
}

async function close(world: World | Opened): Promise<void> {
  if ('close' in world) await world.close();
}
