/** The command as a process, out of the sources as they are, and two served desks with a store between them. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { createBridge } from '../../src/bridge/bridge.ts';
import { createRealClock } from '../../src/emulators/clock.ts';
import { serve } from '../../src/emulators/serve.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/store.ts';
import { plainDesk, productlaneDesk, text } from '../desks.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Environment = Readonly<Record<string, string>>;

/** What a customer wrote or is called, and what opens a desk: none of it may be printed. */
export const secrets = ['ada@private.test', 'Ada Private', 'private title', 'private words', 'private key'];

export const privateThread = {
  contact: { email: 'ada@private.test', name: 'Ada Private' },
  title: 'private title',
  body: text('private words'),
};

/** A bundle: a whole build takes long on a busy machine, and two at a time are in each other's way. */
let folder: string;

export function buildCommand(): void {
  beforeAll(async () => {
    const root = join(import.meta.dirname, '../..');
    const cache = join(root, 'node_modules/.cache');
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'command-'));
    await build({
      entryPoints: [join(root, 'src/cli/index.ts')],
      outdir: folder,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
    });
  });
  afterAll(() => rm(folder, { recursive: true }));
}

/** Ends with what was printed, none of it a secret. */
export function run(args: readonly string[], environment: Environment = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(folder, 'index.js'), ...args],
      { env: env(environment) },
      (error, stdout, stderr) => {
        try {
          for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
          resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
        } catch (leak) {
          reject(leak);
        }
      },
    );
  });
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;
  printed(): string;
}

export function start(args: readonly string[], environment: Environment = {}): Started {
  const child = spawn(process.execPath, [join(folder, 'index.js'), ...args], { env: env(environment) });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, printed: () => printed };
}

function env(environment: Environment) {
  return { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...environment };
}

/** Where nobody listens. */
export const nowhere = 'http://127.0.0.1:59999/';

/** `write` is given a bridge that leaves the mirror's work to somebody else. */
export async function scene() {
  const productlane = productlaneDesk({ clock: createRealClock() });
  const plain = plainDesk({ clock: createRealClock() });
  const [from, to] = [await serve(productlane.emulator), await serve(plain.emulator)];
  const place = await mkdtemp(join(tmpdir(), 'bridge-'));
  const address = `file:${join(place, 'bridge.db')}`;
  const store = await openStore(address);
  const options = { from: productlane.desk, to: plain.desk, store, drain: false } as const;
  const recordOptions = { plain: { userId: plain.emulator.userId } };
  const bridge = createBridge({ ...options, stage: 'dual-write', recordOptions });
  onTestFinished(async () => {
    await bridge.close();
    await store.close();
    await Promise.all([from.close(), to.close()]);
    await rm(place, { recursive: true });
  });
  const environment = {
    PRODUCTLANE_API_KEY: productlane.emulator.apiKey,
    PRODUCTLANE_BASE_URL: from.url,
    PLAIN_API_KEY: plain.emulator.apiKey,
    PLAIN_BASE_URL: to.url,
    HELPDESK_BRIDGE_STORE: address,
  };
  const worker = ['worker', '--from', 'productlane', '--to', 'plain', '--plain-user', plain.emulator.userId];
  return {
    productlane,
    plain,
    store,
    address,
    bridge,
    options,
    environment,
    worker,
    looking: { HELPDESK_BRIDGE_STORE: address },
  };
}

/** Something that only a person can settle. */
export async function addUnclear(store: Store, id: string): Promise<void> {
  const now = Date.now();
  const lease = { lane: `from:${id}`, owner: 'test', now, until: now + 60_000 };
  const input = { threadId: id, body: text('private words') };
  const intent = { id, lane: lease.lane, key: undefined, fingerprint: id, method: 'reply', input } as const;
  await store.begin({ ...intent, primary: 'from', mirrored: true, createdAt: now }, lease);
  await store.sending(id, 'primary', lease);
  const failure = { provider: 'productlane', kind: 'unavailable', message: 'no answer', requestId: 'r-1' } as const;
  expect(await store.settle(id, { state: 'unclear', failure }, lease)).toBe(true);
}
