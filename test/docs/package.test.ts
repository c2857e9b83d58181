/** What the package holds: the documentation that is in it leads nowhere else, and packing builds what it runs. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const { files, scripts } = JSON.parse(read('package.json')) as {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
};
/** npm adds these by itself. */
const packed = ['package.json', 'README.md', 'LICENSE', ...files];

const pages = ['README.md', 'docs/runbook.md', 'docs/testing.md', 'docs/decisions.md', 'CONTRIBUTING.md'];
const links = pages.flatMap((page) => {
  const text = read(page).replace(/^```[\s\S]*?^```$/gm, '');
  const targets = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)|`(src\/[\w./-]+\.ts)`/g)];
  return targets.map(([, link, source]) => [page, source ?? normalize(join(dirname(page), link ?? ''))] as const);
});

describe('the package', () => {
  it.each(links)('%s leads to what is in it: %s', (_, target) => {
    expect(existsSync(join(root, target))).toBe(true);
    expect(packed.some((entry) => target === entry || target.startsWith(`${entry}/`))).toBe(true);
  });

  it('has more than one link to look at', () => {
    expect(links.length).toBeGreaterThan(8);
  });

  it('is built when it is packed, and has the sources that its maps name', () => {
    expect(scripts['prepack']).toContain('build');
    expect(files).toEqual(expect.arrayContaining(['dist', 'src']));
  });
});
