import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mappingPage, readmeTable } from '../mapping-page.ts';

it('docs/mapping.md is what the mapping tables say', async () => {
  await expect(mappingPage()).toMatchFileSnapshot('../../docs/mapping.md');
});

it('the README shows the same table, in short', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\n${readmeTable()}\n`);
});
