/** A small file system of a test's own, which can be full or read-only as a real one. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './engines.ts';

export interface Disk {
  readonly path: string;
  /** Takes all that is left, except for some bytes. Default: 0. */
  fill(except?: number): void;
  /** Gives back what {@link Disk.fill} took. */
  free(): void;
  /** Nothing on it may be open. */
  makeReadOnly(): void;
  remove(): Promise<void>;
}

/** What the disk is counted in. */
const blockBytes = 4_096;

/** Unmounts when the test process is gone, however it ended: the pipe from it is closed by then. */
const keeper = 'mount -t tmpfs -o size=4m tmpfs "$1" && echo mounted && { cat >/dev/null; umount -l "$1"; }';

/** Rejects where nothing may be mounted. */
export async function createDisk(): Promise<Disk> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'disk');
  const ballast = join(path, 'ballast');
  mkdirSync(path);
  // In a session of its own: Ctrl-C must not end it before its work is done.
  const child = spawn('sh', ['-c', keeper, 'sh', path], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const ended = once(child, 'close');
  const mounted = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!mounted) {
    folder.remove();
    throw new Error('nothing may be mounted here');
  }
  return {
    path,
    fill(except = 0) {
      const file = openSync(ballast, 'a');
      try {
        for (;;) writeSync(file, Buffer.alloc(blockBytes));
      } catch (error) {
        if (!isFull(error)) throw error;
      } finally {
        closeSync(file);
      }
      if (except > 0) truncateSync(ballast, statSync(ballast).size - except);
    },
    free: () => rmSync(ballast, { force: true }),
    makeReadOnly() {
      const { status } = spawnSync('sh', ['-c', 'mount -o remount,ro "$1"', 'sh', path]);
      if (status !== 0) throw new Error(`mount ended with ${status}: is something open?`);
    },
    async remove() {
      child.stdin.end();
      await ended;
      folder.remove();
    },
  };
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}

/** Not in most containers, and not on other systems than Linux. */
export const hasDisks =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  (await createDisk().then(
    (disk) => disk.remove().then(() => true),
    () => false,
  ));

/** Belongs into the name of what is skipped. */
export const withoutDisks = hasDisks ? '' : ' (skipped: only root on Linux may mount a disk)';
