import { expect, it } from 'vitest';
import { mappingPage } from '../mapping-page.ts';

it('docs/mapping.md is what the mapping tables say', async () => {
  await expect(mappingPage()).toMatchFileSnapshot('../../docs/mapping.md');
});
