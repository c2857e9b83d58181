/** The examples do what they say. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blocksOf, describeBlocks, printedBy } from './docs.ts';

const examples = readdirSync(join(import.meta.dirname, '../examples'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `examples/${file}`);

describeBlocks(...examples);

it.each(examples)('%s says what it prints', (file) => {
  expect(blocksOf(file).flatMap(printedBy)).not.toEqual([]);
});
