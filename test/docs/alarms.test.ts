/** The runbook explains every event of a bridge, and every sentence about what is missing for a stage. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
const runbook = read('docs/runbook.md');

const [, levels = ''] = /const levelOf = \{([\s\S]*?)\}/.exec(read('src/bridge/events.ts')) ?? [];
const events = [...levels.matchAll(/(\w+): '(\w+)'/g)].map(([, event = '', level = '']) => [event, level] as const);

/** As the source has them, with `…` for what is filled in. */
const sentences = [
  ...read('src/bridge/readiness.ts')
    .replace(/\$\{[^}]*\}/g, '…')
    .matchAll(/missing\.push\(\s*[`'](.+?)[`'],?\s*\)/g),
].map(([, sentence = '']) => sentence);

describe('the runbook', () => {
  it.each(events)('explains the event %s, of level %s', (event, level) => {
    expect(runbook).toContain(`| \`${event}\` | ${level} |`);
  });

  it.each(sentences)('says what to do where %s', (sentence) => {
    expect(runbook).toContain(`\`${sentence}\``);
  });

  it('is compared with what the source has', () => {
    expect([events.length, sentences.length]).toEqual([10, 13]);
  });
});
