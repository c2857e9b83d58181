/** The reference meets every case, whichever way its traits answer. */
import { describe, expect, it } from 'vitest';
import { conformanceCases, createMemoryHelpdesk, runConformance } from '../src/testing/index.ts';
import { describeConformance } from './conformance.ts';
import { memoryWorld } from './worlds.ts';

describeConformance('a desk in memory', {
  'that keeps everything': { open: () => memoryWorld() },
  'that keeps nothing it may lose': { open: () => memoryWorld({ forgetful: true }) },
  'that keeps transcripts': { open: () => memoryWorld({ forgetful: true, transcripts: true }) },
});

describe('the list of cases', () => {
  it('has no name twice', () => {
    const names = conformanceCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has cases for both answers of each trait', () => {
    const keeping = createMemoryHelpdesk().helpdesk.traits;
    const forgetting = createMemoryHelpdesk({ forgetful: true }).helpdesk.traits;
    for (const trait of Object.keys(keeping) as (keyof typeof keeping)[]) {
      expect(keeping[trait], trait).not.toEqual(forgetting[trait]);
    }
    const transcribing = createMemoryHelpdesk({ forgetful: true, transcripts: true }).helpdesk.traits;
    for (const { name, when } of conformanceCases) {
      if (when) expect(new Set([keeping, forgetting, transcribing].map(when)), name).toEqual(new Set([true, false]));
    }
  });
});

describe('a run over the cases', () => {
  it('leaves out what is not safe where nothing is emulated', async () => {
    const { emulated, ...world } = memoryWorld();
    const outcomes = new Map<string, string>();
    for await (const { name, outcome } of runConformance(() => world)) outcomes.set(name, outcome);
    for (const { name, safe, when } of conformanceCases) {
      const expected = safe && (!when || when(world.helpdesk.traits)) ? 'kept' : 'skipped';
      expect(outcomes.get(name), name).toBe(expected);
    }
    expect(emulated?.delivered()).toEqual([]);
  });

  it('tells a broken promise from a case that could not run', async () => {
    const world = memoryWorld();
    const broken = {
      ...world.helpdesk,
      deleteThread: async (id: string) => ({ value: { id }, losses: [] }),
      check: () => Promise.reject(new Error('no network')),
    };
    const results = [];
    for await (const result of runConformance(() => ({ ...world, helpdesk: broken }))) results.push(result);
    expect(results).toContainEqual({
      name: 'deletes a thread for good',
      outcome: 'broken',
      reason: expect.stringContaining('expected a failure'),
    });
    expect(results).toContainEqual({
      name: 'says who the key is and what it lacks',
      outcome: 'failed',
      reason: 'no network',
    });
  });
});
