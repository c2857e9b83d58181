/** Processes that have loaded everything and wait for the line that says what to do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import type { Order, Place } from './child.ts';
import type { Point } from './steps.ts';

/** What a process says. */
interface Said {
  readonly ready?: true;
  readonly working?: true;
  readonly at?: Point;
  /** What the step at that point was about. */
  readonly about?: unknown;
  readonly taken?: readonly string[];
  readonly failed?: string;
}

export interface Child {
  readonly process: ChildProcess;
  /** Everything it has said, oldest first. */
  readonly said: readonly Said[];
  order(order: Order): void;
  /** Resolves when it has said something of that kind. Rejects where it ends or fails before. */
  says(kind: keyof Said): Promise<Said>;
  /** The signal that ended it; `null` where it ended by itself. */
  readonly ended: Promise<NodeJS.Signals | null>;
}

export interface Pool {
  /** One that is ready. Another one is made in its place. */
  take(): Promise<Child>;
  close(): Promise<void>;
}

/**
 * Runs a script from V8's cache of compiled code, which takes half the time.
 * The first process that ends in peace after its work leaves the cache behind.
 */
const launcher = `
const { readFileSync, writeFileSync, renameSync, existsSync } = require('node:fs');
const vm = require('node:vm');
const [file, project] = process.argv.slice(2);
const cache = file + '.cache';
const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
const source = '(function (require, module, exports) {' + readFileSync(file, 'utf8') + '\\n})';
const script = new vm.Script(source, { filename: file, cachedData });
process.on('SIGTERM', () => {
  if (!existsSync(cache)) {
    writeFileSync(cache + '.draft', script.createCachedData());
    renameSync(cache + '.draft', cache);
  }
  process.exit();
});
const bundle = { exports: {} };
script.runInThisContext()(require('node:module').createRequire(project), bundle, bundle.exports);
`;

const project = join(import.meta.dirname, '../../../package.json');

/** `size`: how many wait. `place`: what they have open by then. */
export async function createPool(folder: string, size: number, place: () => Place | undefined): Promise<Pool> {
  const file = join(folder, 'child.cjs');
  const launch = join(folder, 'launch.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    external: ['libsql', 'pg-native'],
    // A script has no loader of its own: what stays outside is required.
    supported: { 'dynamic-import': false },
  });
  writeFileSync(launch, launcher);

  const alive = new Set<Child>();
  const waiting: Promise<Child>[] = [];
  let closed = false;

  async function start(): Promise<Child> {
    const child = follow(spawn(process.execPath, [launch, file, project], { stdio: ['pipe', 'pipe', 'inherit'] }));
    alive.add(child);
    void child.ended.then(() => alive.delete(child));
    await child.says('ready');
    const where = place();
    if (where) {
      child.process.stdin?.write(`${JSON.stringify({ place: where })}\n`);
      await child.says('ready');
    }
    return child;
  }

  function refill(): void {
    if (closed) return;
    const child = start();
    // Whoever takes it hears of it.
    child.catch(() => {});
    waiting.push(child);
  }
  for (let count = 0; count < size; count++) refill();

  return {
    take() {
      const child = waiting.shift();
      if (!child) throw new Error('nobody waits: was the pool closed?');
      refill();
      return child;
    },
    async close() {
      closed = true;
      await Promise.allSettled(waiting);
      for (const child of alive) child.process.kill('SIGKILL');
      await Promise.all([...alive].map(({ ended }) => ended));
      rmSync(file, { force: true });
    },
  };
}

function follow(child: ChildProcess): Child {
  const said: Said[] = [];
  const heard: number[] = [];
  const listeners = new Set<() => void>();
  const tellAll = () => {
    for (const listener of listeners) listener();
  };
  let over = false;
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(JSON.parse(line) as Said);
      tellAll();
    });
  // After its last words have been read.
  const ended = once(child, 'close').then(([, signal]) => {
    over = true;
    tellAll();
    return signal as NodeJS.Signals | null;
  });
  // One that is gone already takes no orders.
  child.stdin?.on('error', () => {});

  return {
    process: child,
    said,
    ended,
    order: (order) => void child.stdin?.write(`${JSON.stringify(order)}\n`),
    says: (kind) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const index = said.findIndex((one, place) => one[kind] !== undefined && !heard.includes(place));
          const found = said[index];
          const failed = said.find((one) => one.failed !== undefined)?.failed;
          if (found) {
            heard.push(index);
            resolve(found);
          } else if (failed !== undefined) reject(new Error(`the process failed: ${failed}`));
          // Nothing follows the end of its task.
          else if (said.some(({ taken }) => taken))
            reject(new Error(`the process has finished and never said “${kind}”`));
          else if (over) reject(new Error(`the process ended before it said “${kind}”`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
  };
}
