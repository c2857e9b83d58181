/** How a failure is told to a person at a terminal. */
import pc from 'picocolors';
import { HelpdeskError } from '../core/errors.ts';

const advice: Readonly<Partial<Record<HelpdeskError['kind'], string>>> = {
  auth: 'Check the key and its permissions.',
  unavailable: 'Is the network up, and the address right?',
  'rate-limited': 'Wait a minute, then try again.',
};

/** Runs a command's work; a failure becomes one line, a hint and exit code 1. A stack is a bug's, so only bugs show one. */
export async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = 1;
    if (!HelpdeskError.is(error)) throw error;
    console.error(`${pc.red('✗')} ${error.message}`);
    const hint = advice[error.kind];
    if (hint) console.error(`  ${hint}`);
  }
}
