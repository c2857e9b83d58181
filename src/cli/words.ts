/** Whether the words after a command are what it takes. */
import { parseArgs } from 'node:util';
import type { ArgsDef } from 'citty';
import type { Issue } from '../core/errors.ts';
import { suggestion } from '../core/validate.ts';
import { wrong } from './problem.ts';

/**
 * citty takes any word. A misspelt option must not run the command without it.
 * `most`: how many words that are no options there may be. Throws `invalid`.
 */
export function checkWords(operation: string, words: readonly string[], definitions: ArgsDef, most = 0): void {
  const options = Object.fromEntries(
    Object.entries(definitions)
      .filter(([, { type }]) => type !== 'positional')
      .map(([name, { type }]) => [name, { type: type === 'boolean' ? 'boolean' : 'string' } as const]),
  );
  const { tokens } = parseArgs({ args: [...words], options, strict: false, allowNegative: true, tokens: true });
  const names = Object.keys(options).map((name) => `--${name}`);
  let others = 0;
  const issues = tokens.flatMap((token): Issue | readonly Issue[] => {
    if (token.kind === 'positional') {
      others++;
      const message = most === 0 ? 'the command takes options only' : `the command takes ${most} besides options`;
      return others > most ? { path: 'words', message } : [];
    }
    if (token.kind !== 'option') return [];
    const { name, rawName: path, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) return { path, message: `is no option${suggestion(path, names)}` };
    if (option.type === 'boolean')
      return value === undefined || ['true', 'false'].includes(value) ? [] : { path, message: 'must be true or false' };
    // The next option is not what was meant as the value of this one.
    const missing = value === undefined || value.trim() === '' || (!inlineValue && value.startsWith('--'));
    return missing ? { path, message: 'needs a value' } : [];
  });
  // What follows a misspelt option may be its value.
  const misspelt = issues.filter(({ path }) => path !== 'words');
  if (issues.length > 0) throw wrong(operation, ...(misspelt.length > 0 ? misspelt : issues));
}

/** Options that mean nothing without another one. Throws `invalid`. */
export function requireWith(
  operation: string,
  needed: string,
  there: unknown,
  dependent: Readonly<Record<string, unknown>>,
): void {
  if (there) return;
  const alone = Object.keys(dependent).filter((name) => dependent[name] !== undefined);
  if (alone.length > 0) throw wrong(operation, ...alone.map((path) => ({ path, message: `goes with ${needed} only` })));
}

/** One of some words; `undefined` where nothing was given. Throws `invalid`. */
export function toWord<Word extends string>(
  operation: string,
  value: string | undefined,
  path: string,
  words: readonly Word[],
): Word | undefined {
  if (value === undefined) return undefined;
  const word = words.find((one) => one === value);
  if (word) return word;
  throw wrong(operation, { path, message: `must be ${words.join(' or ')}${suggestion(value, words)}` });
}

/** `undefined` where nothing was given. Throws `invalid`. */
export function toNumber(
  operation: string,
  value: string | undefined,
  path: string,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined) return undefined;
  const parsed = value.trim() === '' ? Number.NaN : Number(value);
  if (parsed >= least && parsed <= most) return parsed;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw wrong(operation, { path, message: `must be a number ${range}` });
}

/** As above; fractions are refused too. */
export function toInteger(
  operation: string,
  value: string | undefined,
  path: string,
  least: number,
  most: number,
): number | undefined {
  return toNumber(operation, value?.includes('.') ? 'fraction' : value, path, least, most);
}
