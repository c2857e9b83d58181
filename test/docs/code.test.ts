/** What the documentation says in TypeScript is so. */
import { describe, expect, it } from 'vitest';
import { blocksOf, compileBlocks, describeBlocks } from '../docs.ts';

describeBlocks('README.md', 'docs/testing.md', 'docs/runbook.md');

describe('the first block of docs/testing.md', () => {
  it('has at most ten lines', () => {
    const [first] = blocksOf('docs/testing.md');
    expect(first?.code.trim().split('\n').length).toBeLessThanOrEqual(10);
  });
});

describe('the check of blocks', () => {
  it('names the line of a mistake in the Markdown, and the failure of a block that throws', async () => {
    const block = {
      file: 'README.md',
      line: 40,
      code: "\nconst count: number = 'one';\nthrow new Error(String(count));\n",
    };
    const compiled = compileBlocks([block]);
    try {
      expect(compiled.problems).toEqual(["README.md:41 Type 'string' is not assignable to type 'number'."]);
      expect(await compiled.run(block)).toMatchObject({ code: 1, stderr: expect.stringContaining('Error: one') });
    } finally {
      compiled.remove();
    }
  });
});
