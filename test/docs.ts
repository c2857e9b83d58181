/** How the TypeScript of the documentation is type-checked and run, as a reader would who copies it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres, postgresUrl, query } from './store/engines.ts';

const root = join(import.meta.dirname, '..');

export interface Block {
  /** From the root of the repository. */
  readonly file: string;
  /** Of the first line of code. */
  readonly line: number;
  readonly code: string;
}

/** A program as it is, and of Markdown the blocks that are marked `ts` and nothing else. */
export function blocksOf(file: string): readonly Block[] {
  const markdown = readFileSync(join(root, file), 'utf8');
  if (file.endsWith('.ts')) return [{ file, line: 1, code: markdown }];
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ 1: code = '', index }) => ({
    file,
    line: markdown.slice(0, index).split('\n').length + 1,
    code,
  }));
}

/** What a block says that it prints: the comments behind its `console.log` calls. */
export function printedBy({ code }: Block): readonly string[] {
  return [...code.matchAll(/^\s*console\.log\(.*\); \/\/ (.+)$/gm)].map(([, comment = '']) => comment);
}

const needsPostgres = ({ code }: Block) => code.includes("process.env['DATABASE_URL']");

export interface Compiled {
  /** `file:line message`, the line being the Markdown's. */
  readonly problems: readonly string[];
  /** In a folder of its own, with nothing in its environment that is not given. */
  run(
    block: Block,
    environment?: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  remove(): void;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/**
 * All blocks in one program, under the options of this repository, and the
 * program as JavaScript in a folder of its own. There the package has its own
 * name and entries, so a block imports it as its users do.
 */
export function compileBlocks(blocks: readonly Block[]): Compiled {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.entries(manifest.exports).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [{ entry, source: target.default.replace('./dist/', 'src/').replace(/js$/, 'ts') }],
  );
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  const outDir = mkdtempSync(join(root, 'node_modules/.cache/docs-'));

  const places = new Map(blocks.map((block, index) => [join(root, `docs/block-${index}.ts`), block]));
  const outputs = new Map(
    [...places].map(([path, block]) => [block, join(outDir, relative(root, path)).replace(/ts$/, 'js')]),
  );

  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config as { compilerOptions: object };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const settings: ts.CompilerOptions = {
    ...options,
    noEmit: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    skipLibCheck: true,
    rootDir: root,
    outDir,
    paths: Object.fromEntries(
      entries.map(({ entry, source }) => [entry.replace(/^\./, manifest.name), [join(root, source)]]),
    ),
  };
  const host = ts.createCompilerHost(settings);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => places.has(path) || fileExists(path);
  host.readFile = (path) => places.get(path)?.code ?? readFile(path);
  host.getSourceFile = (path, language, ...rest) => {
    const block = places.get(path);
    return block ? ts.createSourceFile(path, block.code, language) : getSourceFile(path, language, ...rest);
  };

  const program = ts.createProgram([...places.keys()], settings, host);
  const emitted = program.emit();
  const problems = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics].map((diagnostic) =>
    describeProblem(diagnostic, places),
  );
  // What TypeScript leaves behind, such as a schema that is read at run time.
  cpSync(join(root, 'src'), join(outDir, 'src'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
  const exports = Object.fromEntries(entries.map(({ entry, source }) => [entry, `./${source.replace(/ts$/, 'js')}`]));
  writeFileSync(join(outDir, 'package.json'), JSON.stringify({ name: manifest.name, type: 'module', exports }));

  return {
    problems,
    async run(block, environment) {
      const { PATH, HOME } = process.env;
      const options = { cwd: mkdtempSync(join(outDir, 'run-')), env: { PATH, HOME, ...environment } };
      try {
        const output = await promisify(execFile)(process.execPath, [outputs.get(block) ?? ''], options);
        return { code: 0, ...output };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, stdout, stderr };
      }
    },
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}

function describeProblem({ file, start = 0, messageText }: ts.Diagnostic, places: ReadonlyMap<string, Block>): string {
  const message = ts.flattenDiagnosticMessageText(messageText, ' ');
  if (!file) return message;
  const { line } = file.getLineAndCharacterOfPosition(start);
  const block = places.get(file.fileName);
  const place = block
    ? `${block.file}:${block.line + line}`
    : `${relative(root, file.fileName).replaceAll(sep, '/')}:${line + 1}`;
  return `${place} ${message}`;
}

/**
 * Every block compiles, ends well, and prints what it says. One that asks for
 * a `DATABASE_URL` gets an empty database of PostgreSQL.
 */
export function describeBlocks(...files: readonly string[]): void {
  describe('the TypeScript', () => {
    const blocks = files.flatMap(blocksOf);
    let compiled: Compiled;
    // The whole library is checked with them, on a machine that may be busy.
    beforeAll(() => {
      compiled = compileBlocks(blocks);
    }, 240_000);
    afterAll(() => compiled?.remove());

    it('compiles', () => {
      expect(files.filter((file) => blocksOf(file).length === 0)).toEqual([]);
      expect(compiled.problems).toEqual([]);
    });

    for (const block of blocks) {
      it.skipIf(needsPostgres(block) && !hasPostgres)(`of ${block.file}:${block.line} runs`, async () => {
        const { code, stdout, stderr } = await (needsPostgres(block)
          ? withDatabase((DATABASE_URL) => compiled.run(block, { DATABASE_URL }))
          : compiled.run(block));
        expect(code, `${stdout}${stderr}`).toBe(0);
        const lines = stdout.split('\n');
        for (const printed of printedBy(block)) expect(lines).toContain(printed);
      });
    }
  });
}

async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const name = `docs_${crypto.randomUUID().slice(0, 8)}`;
  await query(`create database ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  try {
    return await work(url.href);
  } finally {
    await query(`drop database ${name} with (force)`);
  }
}
