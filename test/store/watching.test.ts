/** What keeps a process: a watch until it is closed, unless it is in the background. An open store does not. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../src/core/wait.ts';
import { dropSchema, hasPostgres, newSchema, postgresUrl, temporaryFolder } from './engines.ts';
import type { Order } from './watching/child.ts';

const schema = newSchema();
const folder = temporaryFolder();
const children: ChildProcess[] = [];
let program = '';

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'watching/child.ts')],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  program = outputFiles[0]?.text ?? '';
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  folder.remove();
  if (hasPostgres) await dropSchema(schema);
});

const engines = [
  ['SQLite', join(folder.path, 'bridge.db'), {}],
  ['PostgreSQL', postgresUrl, { schema }],
] as const;

for (const [name, address, opening] of engines)
  describe.skipIf(name === 'PostgreSQL' && !hasPostgres)(`a process that watches a store, ${name}`, () => {
    /** Whether it ends by itself once it watches. */
    async function ends(watching: Order['watching'], closes: boolean): Promise<boolean> {
      const order = JSON.stringify({ address, opening, watching, closes } satisfies Order);
      const child = spawn(process.execPath, ['--input-type=module', '-', order], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      const ended = once(child, 'exit').then(() => true);
      child.stdin?.end(program);
      if (child.stdout) await once(child.stdout, 'data');
      return Promise.race([ended, sleep(3_000, undefined).then(() => false)]);
    }

    it('goes on until the watch is closed', async () => {
      expect(await ends({}, false)).toBe(false);
    });

    it('ends when the watch is closed', async () => {
      expect(await ends({}, true)).toBe(true);
    });

    it('ends where it watches in the background', async () => {
      expect(await ends({ background: true }, false)).toBe(true);
    });
  });
