/** The architecture, as a test. CONTRIBUTING.md draws the same arrows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = join(import.meta.dirname, '../src');

/** A layer may import itself and the layers named here. The entries of the package at the top of src may import anything. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  'providers/productlane': ['core'],
  'providers/plain': ['core', 'providers/plain/generated'],
  'providers/plain/generated': [],
  // Shapes of the wire only. Their own reading of the vendors' documents: to share the adapter's would be to share its mistakes.
  emulators: ['core', 'providers/plain/generated'],
  testing: ['core', 'emulators'],
  cli: ['core', 'providers/productlane', 'providers/plain', 'emulators', 'testing', ''],
};

/** Packages that hang on Node or are heavy, and the only layers that may load them. */
const mayLoad: Readonly<Record<string, readonly string[]>> = {
  'node:': ['emulators', 'testing', 'cli'],
  hono: ['emulators'],
  '@hono/node-server': ['emulators'],
  citty: ['cli'],
  picocolors: ['cli'],
  graphql: ['emulators'],
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const layers = Object.keys(mayImport).sort((a, b) => b.length - a.length);
const layerOf = (file: string) => layers.find((layer) => file.startsWith(`${layer}/`)) ?? '';
const code = (file: string) => readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
const imports = (text: string) =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '');

/** Each line is a broken rule. */
function violations(file: string, text: string): string[] {
  const layer = layerOf(file);
  const broken: string[] = [];
  for (const specifier of imports(text)) {
    if (specifier.startsWith('.')) {
      const target = relative(src, join(src, dirname(file), specifier));
      const other = layerOf(target);
      if (layer !== '' && other !== layer && !mayImport[layer]?.includes(other))
        broken.push(`${file} imports ${target}`);
      continue;
    }
    for (const [name, allowed] of Object.entries(mayLoad)) {
      const matches = specifier === name || specifier.startsWith(name.endsWith(':') ? name : `${name}/`);
      if (matches && !allowed.includes(layer)) broken.push(`${file} loads ${specifier}`);
    }
  }
  if (layer !== 'cli' && /\bconsole\s*\.|\bprocess\s*\.\s*(?:env|argv|exit)/.test(text))
    broken.push(`${file} speaks to the terminal`);
  if (/\bexport default\b|^\s*(?:export )?(?:const )?enum \w|\bas any\b|: any\b|<any>/m.test(text))
    broken.push(`${file} has a default export, an enum or any`);
  return broken;
}

describe('the layers', () => {
  it.each(files)('%s keeps to its own', (file) => {
    expect(violations(file, code(file))).toEqual([]);
  });

  it.each([
    ['core/x.ts', "import { a } from '../providers/plain/index.ts';"],
    ['providers/plain/x.ts', "import { a } from '../productlane/index.ts';"],
    ['emulators/x.ts', "import { a } from '../providers/plain/mapping.ts';"],
    ['core/x.ts', "import { readFileSync } from 'node:fs';"],
    ['providers/plain/x.ts', "import { parse } from 'graphql';"],
    ['core/x.ts', "console.log('x');"],
    ['core/x.ts', 'const x = process.env;'],
    ['core/x.ts', 'const x: any = 1;'],
  ])('a violation is seen: %s %s', (file, text) => {
    expect(violations(file, text)).not.toEqual([]);
  });
});

describe('every file', () => {
  it.each(files.filter((file) => !file.includes('generated')))(
    '%s says in its first line which question it answers',
    (file) => {
      expect(readFileSync(join(src, file), 'utf8')).toMatch(/^(?:#!.*\n)?\/\*\*[ \n]/);
    },
  );

  it('has the code that docs speak of', () => {
    expect(existsSync(join(src, 'providers/plain/generated/graphql.ts'))).toBe(true);
  });
});
