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
  store: ['core'],
  bridge: ['core', 'store'],
  cli: ['core', 'store', 'bridge', 'providers/productlane', 'providers/plain', 'emulators', 'testing', ''],
};

/** Packages that hang on Node, are heavy or are optional, and the only layers or files that may load them. */
const mayLoad: Readonly<Record<string, readonly string[]>> = {
  'node:': ['emulators', 'testing', 'cli', 'store'],
  kysely: ['store'],
  libsql: ['store'],
  pg: ['store'],
  'pg-boss': ['store'],
  '@openfeature/server-sdk': ['bridge/openfeature.ts'],
  '@opentelemetry/api': ['bridge/opentelemetry.ts'],
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
      if (matches && !allowed.includes(layer) && !allowed.includes(file)) broken.push(`${file} loads ${specifier}`);
    }
  }
  if (layer !== 'cli' && /\bconsole\s*\.|\bprocess\s*\.\s*(?:env|argv|exit)/.test(text))
    broken.push(`${file} speaks to the terminal`);
  if (/\bexport default\b|^\s*(?:export )?(?:const )?enum \w|\bas any\b|: any\b|<any>/m.test(text))
    broken.push(`${file} has a default export, an enum or any`);
  return broken;
}

/** Every specifier that is loaded along with a file: no types, and nothing that waits to be asked for. */
function loadedWith(entry: string): ReadonlySet<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, specifier = ''] of code(file).matchAll(
      /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm,
    )) {
      if (specifier.startsWith('.')) visit(relative(src, join(src, dirname(file), specifier)));
      else packages.add(specifier);
    }
  };
  visit(entry);
  return packages;
}

describe('an entry', () => {
  const ofStores = ['kysely', 'libsql', 'pg', 'pg-boss'];
  const optional = ['@openfeature/server-sdk', '@opentelemetry/api'];
  const withNode = (entry: string) => [...loadedWith(entry)].filter((name) => name.startsWith('node:'));
  const among = (entry: string, names: readonly string[]) => names.filter((name) => loadedWith(entry).has(name));

  it('that is the main one loads no engine of a store, nothing of Node and nothing that is optional', () => {
    expect(among('index.ts', [...ofStores, ...optional])).toEqual([]);
    expect(withNode('index.ts')).toEqual([]);
    expect(loadedWith('index.ts')).toContain('ky');
  });

  it('to a store loads an engine when an address asks for it', () => {
    expect(among('store/index.ts', [...ofStores, ...optional])).toEqual([]);
    expect(among('store/sqlite.ts', ofStores)).toEqual(['kysely']);
  });

  it('to OpenFeature loads nothing of it: only its types are used', () => {
    expect(among('bridge/openfeature.ts', optional)).toEqual([]);
  });
});

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
    ['store/x.ts', "import { a } from '../bridge/bridge.ts';"],
    ['bridge/x.ts', "import { a } from '../providers/plain/index.ts';"],
    ['bridge/x.ts', "import { Kysely } from 'kysely';"],
    ['bridge/x.ts', "import { trace } from '@opentelemetry/api';"],
    ['bridge/x.ts', "import { readFileSync } from 'node:fs';"],
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
