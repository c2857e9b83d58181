/** A store that a process may not write: a clear error, and no desk hears of the write. */
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text as whole } from 'node:stream/consumers';
import { build } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../../src/emulators/serve.ts';
import { openStore } from '../../src/store/index.ts';
import { collect, plainDesk, productlaneDesk } from '../desks.ts';
import { createDisk, hasDisks, withoutDisks } from '../store/disk.ts';
import { stored, temporaryFolder } from '../store/engines.ts';
import type { Order, Told } from './read-only/child.ts';

/** Root may write everywhere, so the process becomes somebody who owns nothing. */
const nobody = process.getuid?.() === 0 ? 65_534 : undefined;

let program = '';
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'read-only/child.ts')],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  program = outputFiles[0]?.text ?? '';
});

let folder: ReturnType<typeof temporaryFolder>;
let data: string;
let path: string;
let desks: { readonly productlane: ReturnType<typeof productlaneDesk>; readonly plain: ReturnType<typeof plainDesk> };
let served: { readonly productlane: Served; readonly plain: Served };

beforeEach(async () => {
  folder = temporaryFolder();
  data = join(folder.path, 'data');
  path = join(data, 'bridge.db');
  mkdirSync(data);
  chmodSync(folder.path, 0o755);
  desks = { productlane: productlaneDesk(), plain: plainDesk() };
  served = { productlane: await serve(desks.productlane.emulator), plain: await serve(desks.plain.emulator) };
});
afterEach(async () => {
  await served.productlane.close();
  await served.plain.close();
  chmodSync(data, 0o755);
  folder.remove();
});

/** One write of a process on its own. */
async function writeOnce(file: string, user: number | undefined): Promise<Told> {
  const order: Order = {
    path: file,
    user,
    productlane: { baseUrl: served.productlane.url, apiKey: desks.productlane.emulator.apiKey },
    plain: { baseUrl: served.plain.url, apiKey: desks.plain.emulator.apiKey },
  };
  // From its standard input, so that packages are those of the project.
  const child = spawn(process.execPath, ['--input-type=module', '-', JSON.stringify(order)], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(program);
  return JSON.parse(await whole(child.stdout)) as Told;
}

/** As a process leaves it that has ended: one file. */
async function makeStore(place: string): Promise<void> {
  const made = join(folder.path, 'made.db');
  const store = await openStore(made);
  await stored(store, 'queued');
  await store.close();
  copyFileSync(made, place);
}

const contents = () => [desks.productlane.emulator.snapshot(), desks.plain.emulator.snapshot()];

const refused = {
  provider: 'store',
  kind: 'unavailable',
  // Versions of SQLite differ in which of the three they find first.
  message: expect.stringMatching(/: the file (?:is read-only|cannot be opened|may not be read or written)$/),
  applied: 'no',
};

describe.skipIf(process.getuid === undefined)('a process of another user', () => {
  it('writes where it may', async () => {
    await makeStore(path);
    chmodSync(path, 0o666);
    chmodSync(data, 0o777);
    expect(await writeOnce(path, nobody)).toEqual({ id: expect.any(String) });
    expect(await collect(desks.productlane.desk.listThreads())).toHaveLength(1);
  });

  it.each([
    { what: 'write the file', file: 0o444, around: 0o777 },
    { what: 'write its folder', file: 0o666, around: 0o555 },
    { what: 'write the file and its folder', file: 0o444, around: 0o555 },
    { what: 'read the file', file: 0o000, around: 0o777 },
    { what: 'enter its folder', file: 0o666, around: 0o000 },
  ])('is told before anything is sent that it may not $what', async ({ file, around }) => {
    await makeStore(path);
    const before = contents();
    chmodSync(path, file);
    chmodSync(data, around);
    expect(await writeOnce(path, nobody)).toEqual(refused);
    expect(contents()).toEqual(before);
  });

  it('is told before anything is sent that it may not make the file', async () => {
    const before = contents();
    chmodSync(data, 0o555);
    expect(await writeOnce(path, nobody)).toEqual(refused);
    expect(contents()).toEqual(before);
  });

  it('is told before anything is sent that the files beside it are those of a process at work', async () => {
    const store = await openStore(path);
    const id = await stored(store, 'queued');
    const before = contents();
    chmodSync(data, 0o777);
    chmodSync(path, 0o666);
    for (const part of ['-wal', '-shm']) chmodSync(path + part, 0o444);
    expect(await writeOnce(path, nobody)).toEqual(refused);
    expect(contents()).toEqual(before);
    expect(await store.getOperation(id)).toBeDefined();
    await store.close();
  });
});

describe.skipIf(!hasDisks)(`a disk that is read-only${withoutDisks}`, () => {
  it.each(['a store', 'no store'])('is told of before anything is sent: %s is there', async (what) => {
    const disk = await createDisk();
    try {
      const file = join(disk.path, 'bridge.db');
      if (what === 'a store') await makeStore(file);
      disk.makeReadOnly();
      const before = contents();
      expect(await writeOnce(file, undefined)).toEqual(refused);
      expect(contents()).toEqual(before);
    } finally {
      await disk.remove();
    }
  });
});
