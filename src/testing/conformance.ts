/**
 * What every `Helpdesk` must do, as data.
 *
 * The cases import no test runner: any runner, and a command against a real
 * workspace, can go through the same list.
 */
import { AssertionError } from 'node:assert/strict';
import { contactCases } from './cases/contacts.ts';
import { failureCases } from './cases/failures.ts';
import { importCases } from './cases/imports.ts';
import { listCases } from './cases/lists.ts';
import { messageCases } from './cases/messages.ts';
import { outcomeCases } from './cases/outcomes.ts';
import { recordCases } from './cases/records.ts';
import { textCases } from './cases/texts.ts';
import { threadCases } from './cases/threads.ts';
import { updateCases } from './cases/updates.ts';
import type { Case, World } from './world.ts';

/** In the order in which a new adapter would come to them. Names are unique. */
export const conformanceCases: readonly Case[] = [
  ...contactCases,
  ...threadCases,
  ...updateCases,
  ...messageCases,
  ...importCases,
  ...recordCases,
  ...listCases,
  ...textCases,
  ...failureCases,
  ...outcomeCases,
];

/** Whether the case has something to say about this world. */
export function applies({ when, needs, safe }: Case, { helpdesk, known, emulated }: World): boolean {
  return (!when || when(helpdesk.traits)) && (!needs || needs(known)) && (safe || emulated !== undefined);
}

export interface CaseResult {
  readonly name: string;
  /** `broken`: the promise is. `failed`: the case could not be carried out. */
  readonly outcome: 'kept' | 'broken' | 'failed' | 'skipped';
  /** What went wrong. May quote what the case itself had written, nothing else. */
  readonly reason?: string;
}

/**
 * Runs the cases one after the other, each in a world of its own or all in the
 * same one, as `open` decides. Give them with {@link World.emulated} only where
 * nothing real is behind the helpdesk: the others deliver replies.
 */
export async function* runConformance(open: () => World | Promise<World>): AsyncGenerator<CaseResult> {
  for (const one of conformanceCases) {
    const world = await open();
    const { name } = one;
    if (!applies(one, world)) {
      yield { name, outcome: 'skipped' };
      continue;
    }
    try {
      await one.run(world);
      yield { name, outcome: 'kept' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      yield { name, outcome: error instanceof AssertionError ? 'broken' : 'failed', reason };
    }
  }
}
