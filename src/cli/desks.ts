/** Which two desks a command works with, and whether their keys are good. */
import { readFile } from 'node:fs/promises';
import type { ArgsDef } from 'citty';
import pc from 'picocolors';
import type { Counterparts } from '../bridge/counterparts.ts';
import { createHelpdesk, readEnvironment } from '../config.ts';
import type { RateBudget } from '../core/budget.ts';
import { HelpdeskError, type Issue } from '../core/errors.ts';
import type { Helpdesk } from '../core/helpdesk.ts';
import { rateLimits as plainLimits } from '../providers/plain/traits.ts';
import { rateLimits as productlaneLimits } from '../providers/productlane/traits.ts';
import { createSharedBudget } from '../store/budget.ts';
import type { Store } from '../store/store.ts';
import { naming, wrong } from './problem.ts';

export const deskNames = ['productlane', 'plain'] as const;
export type DeskName = (typeof deskNames)[number];

export const deskArgs = {
  from: { type: 'string', description: 'The desk that is moved away from', valueHint: deskNames.join('|') },
  to: { type: 'string', description: 'The desk that is moved to', valueHint: deskNames.join('|') },
  counterparts: {
    type: 'string',
    description: 'JSON file with the ids of agents, labels and companies on both desks, as createBridge takes them',
    valueHint: 'file',
  },
} satisfies ArgsDef;

export interface Desks {
  readonly from: Helpdesk;
  readonly to: Helpdesk;
}

/** One key's requests, counted for all processes that share the store. */
export function sharedBudgets(store: Store): Budgets {
  return {
    productlane: createSharedBudget(store, 'productlane', productlaneLimits),
    plain: createSharedBudget(store, 'plain', plainLimits),
  };
}

type Budgets = Readonly<Record<DeskName, RateBudget>>;

/**
 * Throws `invalid`, which names every word and every key that is missing, and
 * `auth` for keys that cannot be right. `budgets`: default, each desk's own.
 */
export function openDesks(
  operation: string,
  given: { readonly from?: string | undefined; readonly to?: string | undefined },
  budgets?: Budgets | undefined,
): Desks {
  const chosen = { from: nameOf(given.from), to: nameOf(given.to) };
  const { from, to } = chosen;
  const words = (['from', 'to'] as const).flatMap((side) =>
    chosen[side] ? [] : [{ path: `--${side}`, message: `must be ${deskNames.join(' or ')}` }],
  );
  if (!from || !to) throw wrong(operation, ...words);
  if (from === to) throw wrong(operation, { path: '--to', message: 'must be the other desk' });
  const missing: Issue[] = [];
  const refused: Issue[] = [];
  const open = (name: DeskName) => {
    try {
      const config = readEnvironment({ ...process.env, HELPDESK: name });
      const budget = budgets && { budget: budgets[name] };
      return createHelpdesk({ ...config, [name]: { ...config[name], ...budget } });
    } catch (error) {
      if (!HelpdeskError.is(error) || error.kind !== 'invalid') throw error;
      for (const { path, message } of error.issues) {
        // An adapter speaks of its options.
        if (path === 'apiKey') refused.push({ path: keyVariable(name), message });
        else missing.push({ path, message });
      }
      return undefined;
    }
  };
  const desks = { from: open(from), to: open(to) };
  if (missing.length > 0) throw wrong(operation, ...missing, ...refused);
  if (!desks.from || !desks.to) throw keyRefused(operation, refused);
  return { from: desks.from, to: desks.to };
}

function keyRefused(operation: string, issues: readonly Issue[]): HelpdeskError {
  const where = { provider: 'helpdesk-bridge', operation, applied: 'no' } as const;
  return new HelpdeskError({ ...where, kind: 'auth', reason: 'a key is refused', issues });
}

function nameOf(word: string | undefined): DeskName | undefined {
  return deskNames.find((name) => name === word);
}

export function keyVariable(name: string): string {
  return `${name.toUpperCase()}_API_KEY`;
}

/** Milliseconds for a desk to say whether the key is good. */
const checkMs = 10_000;

/** Throws `auth` where a desk refuses its key. One that does not answer may do so later. */
export async function checkKeys(operation: string, desks: readonly Helpdesk[], ending: AbortSignal): Promise<void> {
  const refused: Issue[] = [];
  for (const failed of await Promise.all(desks.map((desk) => failureOf(desk, ending)))) {
    if (failed?.kind === 'auth') {
      refused.push({ path: keyVariable(failed.provider), message: reasonOf(failed) });
    } else if (failed && !ending.aborted) {
      console.error(`${pc.yellow('!')} ${failed.message}: it cannot be reached now, its part of the work waits`);
    }
  }
  if (refused.length > 0) throw keyRefused(operation, refused);
}

async function failureOf(desk: Helpdesk, ending: AbortSignal): Promise<HelpdeskError | undefined> {
  try {
    await desk.check({ signal: AbortSignal.any([ending, AbortSignal.timeout(checkMs)]) });
    return undefined;
  } catch (error) {
    if (HelpdeskError.is(error)) return error;
    throw error;
  }
}

function reasonOf({ provider, operation, message }: HelpdeskError): string {
  return message.replace(`[${provider}] ${operation}: `, '');
}

/** Throws `invalid` where there is no such file, or no JSON in it. */
export async function readCounterparts(operation: string, path: string | undefined): Promise<Counterparts | undefined> {
  if (path === undefined) return undefined;
  const text = await naming(operation, '--counterparts', () => readFile(path, 'utf8'));
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(operation, { path: '--counterparts', message: 'is no JSON file' });
  }
}

/** Fires at the first signal. At the second one the process ends at once: what is under way is found by the next worker. */
export function endings(): AbortSignal {
  const ending = new AbortController();
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (ending.signal.aborted) process.exit(code);
      console.error('ending when what is under way is done; once more ends at once');
      ending.abort();
    });
  }
  return ending.signal;
}
