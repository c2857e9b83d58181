/** The promise that nothing but a `HelpdeskError` leaves a desk, kept for mistakes nobody foresaw. */
import { checkOptions } from './call-options.ts';
import { HelpdeskError } from './errors.ts';
import type { Helpdesk } from './helpdesk.ts';

/**
 * A desk whose every failure is a `HelpdeskError`, and whose methods look at
 * their options before anything else. Those of `native` are the desk's own.
 *
 * An error of another kind is a mistake here or an answer of a shape that the
 * desk does not document. Its message may quote that answer, so it becomes
 * `unexpected` and only the name of its class is kept.
 */
export function sealed<Native>(desk: Helpdesk<Native>): Helpdesk<Native> {
  return sealMembers(desk, desk.name);
}

/** Where a method has its options, counted from 0, if not in the second place. */
const optionsAt: Readonly<Record<string, number>> = { check: 0, updateThread: 2 };

/** `operation`: what the members are called in errors. Default: their own names. */
function sealMembers<T extends object>(members: T, provider: string, operationOfAll?: string): T {
  const entries = Object.entries(members).map(([name, member]) => {
    if (name === 'native') return [name, sealMembers(member, provider, name)];
    if (typeof member !== 'function') return [name, member];
    const operation = operationOfAll ?? name;
    const failed = (error: unknown) => seal(error, provider, operation);
    const check = (input: readonly unknown[]) => {
      if (operationOfAll === undefined) checkOptions({ provider, operation }, input[optionsAt[name] ?? 1]);
    };
    const wrapped = name.startsWith('list')
      ? async function* (...input: unknown[]) {
          try {
            check(input);
            yield* member(...input);
          } catch (error) {
            throw failed(error);
          }
        }
      : async (...input: unknown[]) => {
          try {
            check(input);
            return await member(...input);
          } catch (error) {
            throw failed(error);
          }
        };
    return [name, wrapped];
  });
  return Object.fromEntries(entries);
}

function seal(error: unknown, provider: string, operation: string): HelpdeskError {
  if (HelpdeskError.is(error)) return error;
  const reason = `failed inside (${error instanceof Error ? error.name : typeof error})`;
  const applied = /^(check|get|find|list)/.test(operation) ? 'no' : 'unknown';
  return new HelpdeskError({ provider, operation, kind: 'unexpected', reason, applied });
}
