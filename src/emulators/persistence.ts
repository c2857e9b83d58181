/** How an emulator's records outlive its process: one JSON file. Needs Node. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Emulator } from './emulator.ts';

/** Puts what the file holds into the emulator. `false` if there is no such file; rejects if it is not a snapshot. */
export async function load(emulator: Emulator, path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return false;
  emulator.restore(JSON.parse(text));
  return true;
}

/** Replaces the file in one step, so a crash leaves the old one or the new one. */
export async function save(emulator: Emulator, path: string): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, JSON.stringify(emulator.snapshot()));
  await rename(draft, path);
}
