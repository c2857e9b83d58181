/** How a command's words are checked, and how a failure is told to a person at a terminal. */
import { parseArgs } from 'node:util';
import type { ArgsDef } from 'citty';
import pc from 'picocolors';
import { HelpdeskError } from '../core/errors.ts';
import { invalid, suggestion } from '../core/validate.ts';

const advice: Readonly<Partial<Record<HelpdeskError['kind'], string>>> = {
  auth: 'Check the key and its permissions.',
  'rate-limited': 'Wait a minute, then try again.',
};

/** Runs a command's work; a failure becomes one line, a hint and exit code 1. A stack is a bug's, so only bugs show one. */
export async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = 1;
    if (!HelpdeskError.is(error) && !isSystemError(error)) throw error;
    console.error(`${pc.red('✗')} ${error.message}`);
    const hint = HelpdeskError.is(error) ? hintOf(error) : undefined;
    if (hint) console.error(`  ${hint}`);
  }
}

function hintOf({ kind, applied, message }: HelpdeskError): string | undefined {
  if (/there is no store yet/.test(message))
    return 'Is the address right? The application or a worker makes the store, this command does not.';
  if (applied === 'unknown') return 'It may have been done all the same: look before you repeat.';
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN/.test(message)) return 'Is the network up, and the address right?';
  return advice[kind];
}

/** A port that is taken, a folder that cannot be made: nothing a stack would explain. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

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
  let others = 0;
  const issues = tokens.flatMap((token) => {
    if (token.kind === 'positional') {
      others++;
      const message = most === 0 ? 'the command takes options only' : `the command takes ${most} besides options`;
      return others > most ? [{ path: 'words', message }] : [];
    }
    if (token.kind !== 'option' || token.name in options) return [];
    return [{ path: token.rawName, message: `is no option${suggestion(token.name, Object.keys(options))}` }];
  });
  if (issues.length > 0) throw invalid({ provider: 'helpdesk-bridge', operation }, issues);
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
  throw invalid({ provider: 'helpdesk-bridge', operation }, [
    { path, message: `must be a number from ${least} to ${most}` },
  ]);
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
