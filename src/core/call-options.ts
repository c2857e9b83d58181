/** Whether what a call is told besides its input is what it should be. Never quotes a value. */
import type { Issue } from './errors.ts';
import type { CallOptions } from './helpdesk.ts';
import { isRecord } from './plain-data.ts';
import { invalid, unknownField } from './validate.ts';

/** Why a value cannot be used, for people; `undefined` if it can. */
export type Rule = (value: unknown) => string | undefined;

/** By its shape: a page in a frame, and some test runners, have an `AbortSignal` of their own. */
function isSignal(value: unknown): boolean {
  return isRecord(value) && typeof value['aborted'] === 'boolean' && typeof value['addEventListener'] === 'function';
}

export const callRules = {
  signal: (value) => (isSignal(value) ? undefined : 'must be an AbortSignal'),
  beforeRequest: (value) => (typeof value === 'function' ? undefined : 'must be a function'),
} satisfies Record<keyof CallOptions, Rule>;

/** Throws `invalid`, before anything is sent. By hand and not by a schema: every call passes here. */
export function checkOptions(
  where: { readonly provider: string; readonly operation: string },
  options: unknown,
  rules: Readonly<Record<string, Rule>> = callRules,
): void {
  if (options === undefined) return;
  if (!isRecord(options) || Array.isArray(options) || isSignal(options)) {
    throw invalid(where, [{ path: 'options', message: 'must be an object, such as { signal }' }]);
  }
  const issues: Issue[] = [];
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const message = rule ? value !== undefined && rule(value) : unknownField(name, Object.keys(rules));
    if (message) issues.push({ path: rule ? name : 'options', message });
  }
  if (issues.length > 0) throw invalid(where, issues);
}
