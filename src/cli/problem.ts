/** How a failure is told to a person at a terminal, and to a program. */
import pc from 'picocolors';
import { HelpdeskError, type Issue } from '../core/errors.ts';
import { invalid } from '../core/validate.ts';

const provider = 'helpdesk-bridge';

const advice: Readonly<Partial<Record<HelpdeskError['kind'], string>>> = {
  auth: 'Check the key and its permissions.',
  'rate-limited': 'Wait a minute, then try again.',
};

/**
 * Runs a command's work; a failure becomes one line and a hint, with `json` a
 * line of JSON on stdout as well. Exit code 2 where the command was given
 * something wrong, 1 otherwise. A stack is a bug's, so only bugs show one.
 */
export async function told(work: () => Promise<void>, { json }: { readonly json?: boolean } = {}): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = 1;
    if (!HelpdeskError.is(error) && !isSystemError(error)) throw error;
    const known = HelpdeskError.is(error) ? error : undefined;
    if (known?.kind === 'invalid' && known.provider === provider) process.exitCode = 2;
    if (json) console.log(JSON.stringify({ error: known ?? { message: error.message } }));
    console.error(`${pc.red('✗')} ${error.message}`);
    const hint = known && hintOf(known);
    if (hint) console.error(`  ${hint}`);
  }
}

/** What a person has given the command, and cannot be meant. */
export function wrong(operation: string, ...issues: readonly Issue[]): HelpdeskError {
  return invalid({ provider, operation }, issues);
}

/** Runs what opens a file, a folder or a port that a person has named; its failure names the option. */
export async function naming<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = isSystemError(error) ? sentences[error.code] : undefined;
    if (message === undefined) throw error;
    throw wrong(operation, { path, message });
  }
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'is a folder, not a file',
  EEXIST: 'is a file, not a folder',
  EACCES: 'may not be used by this user',
  EROFS: 'is on a disk that is read-only',
  ENOSPC: 'is on a disk that is full',
  EADDRINUSE: 'the port is taken',
};

function hintOf({ kind, applied, message }: HelpdeskError): string | undefined {
  if (/there is no store yet/.test(message))
    return 'Is the address right? The application or a worker makes the store, this command does not.';
  if (/this store moves/.test(message)) return 'Have --from and --to changed places, or is it another store?';
  if (applied === 'unknown') return 'It may have been done all the same: look before you repeat.';
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN/.test(message)) return 'Is the network up, and the address right?';
  return advice[kind];
}

/** Nothing that a stack would explain. */
function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}
