/** Which command the words mean, what its help says, and what is told where they mean none. */
import { stripVTControlCharacters } from 'node:util';
import { type CommandDef, renderUsage, runCommand } from 'citty';
import pc from 'picocolors';
import { suggestion } from '../core/validate.ts';
import { version } from '../core/version.ts';

const environment = `ENVIRONMENT

  HELPDESK                 productlane or plain, for doctor
  PRODUCTLANE_API_KEY      the key of each desk, for doctor, worker, verify and demo --live
  PLAIN_API_KEY
  PRODUCTLANE_BASE_URL     another server than the vendor's, such as an emulated one
  PLAIN_BASE_URL
  HELPDESK_BRIDGE_STORE    where the store is, unless --store says so
`;

interface Found {
  readonly command: CommandDef;
  /** From the program's name on. */
  readonly path: readonly string[];
  /** What comes after it. */
  readonly words: readonly string[];
  /** The commands below it. */
  readonly names: readonly string[];
}

/** Wrong words end with exit code 2, before anything is done. */
export async function start(main: CommandDef, words: readonly string[]): Promise<void> {
  if (words.length === 1 && ['--version', '-v'].includes(words[0] ?? '')) {
    console.log(version);
    return;
  }
  const found = await find(main, ['helpdesk-bridge'], words);
  const { command, path, names } = found;
  const [first] = found.words;
  if (found.words.some((word) => word === '--help' || word === '-h')) {
    console.log(await help(found));
  } else if (names.length === 0) {
    await runCommand(command, { rawArgs: [...found.words] });
  } else {
    process.exitCode = 2;
    if (first === undefined) console.error(await help(found));
    else console.error(`${pc.red('✗')} ${unknown(first, names)}\n  \`${path.join(' ')} --help\` names them.`);
  }
}

async function find(command: CommandDef, path: readonly string[], words: readonly string[]): Promise<Found> {
  const below = (await resolved(command.subCommands)) ?? {};
  const [name = '', ...others] = words;
  const next = Object.hasOwn(below, name) ? await resolved(below[name]) : undefined;
  return next ? find(next, [...path, name], others) : { command, path, words, names: Object.keys(below) };
}

function resolved<T>(value: T | Promise<T> | (() => T | Promise<T>)): T | Promise<T> {
  return value instanceof Function ? value() : value;
}

/** Names only what looks like a command: anything longer may be something that should not be printed. */
function unknown(word: string, names: readonly string[]): string {
  if (word.startsWith('-')) return `options come after the command: one of ${names.join(', ')}`;
  const shown = /^[\w-]{1,40}$/.test(word) ? ` "${word}"${suggestion(word, names)}` : '';
  return `there is no command${shown}`;
}

async function help({ command, path }: Found): Promise<string> {
  const parent: CommandDef = { meta: { name: path.slice(0, -1).join(' '), version } };
  const usage = await renderUsage(command, path.length > 1 ? parent : undefined);
  const whole = path.length > 1 ? `${usage}\n` : `${usage}\n\n${environment}`;
  return pc.isColorSupported ? whole : stripVTControlCharacters(whole);
}
