/** The commands that the documentation names are there, with the options that it gives them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArgsDef, CommandDef } from 'citty';
import { describe, expect, it } from 'vitest';
import { deadLetters } from '../../src/cli/dead.ts';
import { demo } from '../../src/cli/demo.ts';
import { doctor } from '../../src/cli/doctor.ts';
import { emulate } from '../../src/cli/emulate.ts';
import { explain } from '../../src/cli/explain.ts';
import { recheck } from '../../src/cli/recheck.ts';
import { stage } from '../../src/cli/stage.ts';
import { status } from '../../src/cli/status.ts';
import { verify } from '../../src/cli/verify.ts';
import { checkWords } from '../../src/cli/words.ts';
import { worker } from '../../src/cli/worker.ts';

const commands = { dead: deadLetters, demo, doctor, emulate, explain, recheck, stage, status, verify, worker };
const files = ['README.md', 'docs/runbook.md', 'docs/testing.md', 'docs/decisions.md', 'CONTRIBUTING.md'];

/** What stands behind `npx helpdesk-bridge`, and code in the text that begins with the name of a command. */
function commandsIn(markdown: string): readonly string[] {
  const names = Object.keys(commands).join('|');
  const blocks = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.split('\n'));
  const inline = [...markdown.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  return [
    ...blocks.filter((line) => line.startsWith('npx helpdesk-bridge ')),
    ...inline.filter((text) => new RegExp(`^(?:npx helpdesk-bridge \\w|(?:${names})(?: |$))`).test(text)),
  ].map((text) => text.replace(/^npx helpdesk-bridge /, ''));
}

/** Throws where the words mean nothing. */
function check(text: string): void {
  let words = text.trim().split(/\s+/);
  let found: unknown = { subCommands: commands };
  for (;;) {
    const { subCommands } = found as CommandDef;
    if (!subCommands || words.length === 0) break;
    const [word = '', ...rest] = words;
    found = (subCommands as Readonly<Record<string, unknown>>)[word];
    if (!found) throw new Error(`there is no ${word}`);
    words = rest;
  }
  checkWords(text, words, ((found as CommandDef).args ?? {}) as ArgsDef, Number.POSITIVE_INFINITY);
}

const mentioned = files.flatMap((file) =>
  commandsIn(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')).map((text) => [file, text] as const),
);

describe('the documentation', () => {
  it.each(mentioned)('%s names a command: %s', (_, text) => {
    expect(() => check(text)).not.toThrow();
  });

  it('names every command', () => {
    const named = new Set(mentioned.map(([, text]) => text.split(' ')[0]));
    expect([...named].sort()).toEqual(Object.keys(commands).sort());
  });
});

describe('the check of commands', () => {
  it.each(['stage premote', 'dead list --al', 'status --stores x', 'werker'])('sees what is wrong with %s', (text) => {
    expect(() => check(text)).toThrow();
  });
});
