/** A PostgreSQL server of our own, which may be stopped and started at will. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

export interface Cluster {
  readonly url: string;
  /** As after a loss of power: nobody is told, nothing is written. */
  stop(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
}

const versions = '/usr/lib/postgresql';
const newest = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0] : undefined;
const programs = newest === undefined ? undefined : join(versions, newest, 'bin');

/** On a build server it must be there. */
export const hasCluster =
  (programs !== undefined && existsSync(join(programs, 'initdb'))) || process.env['CI'] !== undefined;

export async function createCluster(folder: string): Promise<Cluster> {
  if (programs === undefined) throw new Error(`there is no PostgreSQL below ${versions}`);
  const isRoot = process.getuid?.() === 0;
  const data = join(folder, 'data');
  const port = await freePort();

  async function run(program: string, ...parameters: readonly string[]): Promise<void> {
    const command = [join(String(programs), program), ...parameters];
    // The server refuses to run as root.
    const [file = '', ...rest] = isRoot ? ['setpriv', ...asPostgres, ...command] : command;
    // The server keeps what it inherits open: a pipe would never end.
    const child = spawn(file, rest, { cwd: folder, stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
  }

  mkdirSync(data, { mode: 0o700 });
  if (isRoot) {
    const user = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
    for (const path of [folder, data]) chownSync(path, user, -1);
  }
  const control = (...parameters: readonly string[]) => run('pg_ctl', '-D', data, '-w', ...parameters);
  // What the machine's memory holds outlives a server that is only killed.
  const options = `-p ${port} -h 127.0.0.1 -c unix_socket_directories='' -c fsync=off`;
  const log = ['-l', join(folder, 'log'), '-o', options];
  await run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8');
  await control('start', ...log);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: () => control('stop', '-m', 'immediate'),
    start: () => control('start', ...log),
    restart: () => control('restart', '-m', 'immediate', ...log),
  };
}

const asPostgres = ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--'];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
