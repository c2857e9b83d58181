/** Each sabotaged desk must fail the case written for it. A case that nobody can fail tests nothing. */
import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import { applies, type Case, conformanceCases, type World } from '../src/testing/index.ts';
import { contactMutants } from './mutants/contacts.ts';
import { failureMutants } from './mutants/failures.ts';
import { historyMutants } from './mutants/history.ts';
import type { Mutants, Sabotage } from './mutants/kit.ts';
import { listMutants } from './mutants/lists.ts';
import { messageMutants } from './mutants/messages.ts';
import { outcomeMutants } from './mutants/outcomes.ts';
import { textMutants } from './mutants/texts.ts';
import { threadMutants } from './mutants/threads.ts';
import { updateMutants } from './mutants/updates.ts';
import { memoryWorld } from './worlds.ts';

const mutants: Mutants = {
  ...contactMutants,
  ...threadMutants,
  ...updateMutants,
  ...messageMutants,
  ...historyMutants,
  ...listMutants,
  ...textMutants,
  ...failureMutants,
  ...outcomeMutants,
};

describe('every conformance case', () => {
  it.each(conformanceCases.map((one) => [one.name, one] as const))('catches its mutants: %s', async (name, one) => {
    const sabotages = [mutants[name] ?? []].flat();
    if (sabotages.length === 0) throw new Error(`write a mutant for "${name}"`);
    for (const [index, sabotage] of sabotages.entries()) {
      const world = sabotaged(one, sabotage);
      // An AssertionError, not any error: a case that crashes has caught nothing.
      await expect(one.run(world), `mutant ${index}`).rejects.toBeInstanceOf(AssertionError);
    }
  });

  it('is there for every mutant', () => {
    const names = new Set(conformanceCases.map(({ name }) => name));
    expect(Object.keys(mutants).filter((name) => !names.has(name))).toEqual([]);
  });
});

/** The first desk in memory that the case is about. */
function sabotaged(one: Case, sabotage: Sabotage): World {
  const worlds = [memoryWorld(), memoryWorld({ forgetful: true }), memoryWorld({ forgetful: true, transcripts: true })];
  const world = worlds.find((candidate) => applies(one, candidate));
  if (!world) throw new Error(`no desk answers the traits of "${one.name}"`);
  return { ...world, helpdesk: { ...world.helpdesk, ...sabotage(world.helpdesk, world) } };
}
