/** Whether a value is what it should be, and if not, which field and which limit. Never quotes the value. */
import { closest, distance } from 'fastest-levenshtein';
import * as z from 'zod/mini';
import { HelpdeskError, type Issue } from './errors.ts';

interface Where {
  readonly provider: string;
  readonly operation: string;
}

/** Throws `invalid`, before anything is sent. `root` names the value itself in the paths. */
export function validate(schema: z.ZodMiniType, value: unknown, where: Where, root = 'input'): void {
  const issues = issuesOf(schema, value, root);
  if (issues.length > 0) throw invalid(where, issues);
}

export function invalid(where: Where, issues: readonly Issue[]): HelpdeskError {
  return new HelpdeskError({ ...where, kind: 'invalid', reason: 'invalid input', applied: 'no', issues });
}

export function unsupported(where: Where, reason: string): HelpdeskError {
  return new HelpdeskError({ ...where, kind: 'unsupported', reason, applied: 'no' });
}

/** Throws `invalid` where sanitising has left nothing of a body. */
export function requireContent(where: Where, content: string): void {
  if (content.trim() !== '') return;
  throw invalid(where, [{ path: 'body.content', message: 'has nothing that can be shown' }]);
}

/** Empty if the value is as the schema says. */
export function issuesOf(schema: z.ZodMiniType, value: unknown, root: string): readonly Issue[] {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return [];
  return result.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.') || root, message }));
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

function describe(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${article(issue.expected)}`;
    case 'too_small':
      return issue.origin === 'string' && issue.minimum === 1
        ? 'must not be empty'
        : `must be at least ${size(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `must be at most ${size(issue.maximum, issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'email' ? 'is not an e-mail address' : `is not a valid ${issue.format}`;
    case 'invalid_value':
      return `${issue.input === undefined ? 'is missing: give' : 'must be'} ${issue.values.map((word) => `"${String(word)}"`).join(' or ')}`;
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(key, known(issue.inst))).join(', ');
    case 'invalid_union':
      return 'is none of the forms that are allowed here';
    default:
      return 'is not valid';
  }
}

/** Names only what looks like a field's name: anything longer could be a value that lost its way. */
export function unknownField(key: string, fields: readonly string[]): string {
  return `unknown field${/^[\w-]{1,40}$/.test(key) ? ` "${key}"${suggestion(key, fields)}` : ''}`;
}

function article(expected: string): string {
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function size(limit: number | bigint, origin: string): string {
  if (origin === 'string') return `${limit} characters long`;
  return origin === 'array' ? `${limit} entries long` : String(limit);
}

/** ` (did you mean "…"?)` where a known word is close enough to be the one that was meant. */
export function suggestion(word: string, words: readonly string[]): string {
  if (words.length === 0) return '';
  const nearest = closest(word, words);
  return distance(word, nearest) <= Math.max(2, word.length / 3) ? ` (did you mean "${nearest}"?)` : '';
}

function known(schema: unknown): readonly string[] {
  return schema instanceof z.ZodMiniObject ? Object.keys(schema.def.shape) : [];
}
