/** The worker as a process: what it leaves on the desks and in the store, and how it ends. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { createBridge } from '../../src/bridge/bridge.ts';
import { collect, text } from '../desks.ts';
import { buildCommand, nowhere, privateThread, run, scene, start } from './command.ts';

buildCommand();

type Scene = Awaited<ReturnType<typeof scene>>;

/** A thread with a reply and a note, of which the mirror has nothing yet. */
async function write({ bridge }: Scene): Promise<string> {
  const { value } = await bridge.createThread(privateThread);
  await bridge.reply({ threadId: value.id, body: text('private words, reply') });
  await bridge.addNote({ threadId: value.id, body: text('private words, note') });
  return value.id;
}

async function kindsOnPlain({ plain }: Scene): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (const { id } of await collect(plain.desk.listThreads())) {
    for (const { kind } of await collect(plain.desk.listMessages(id))) kinds.push(kind);
  }
  return kinds;
}

const soon = { timeout: 30_000, interval: 20 };

describe('worker --once', () => {
  it('brings the mirror into step, delivers nothing, and ends with 0', async () => {
    const here = await scene();
    await write(here);
    const ended = await run([...here.worker, '--once'], here.environment);
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('✓ nothing is left') });
    expect(await kindsOnPlain(here)).toEqual(['inbound', 'outbound', 'note']);
    expect(here.plain.emulator.postRoom.delivered).toEqual([]);
  });

  it('counts its requests in the store, for all who share a key', async () => {
    const here = await scene();
    await write(here);
    await run([...here.worker, '--once'], here.environment);
    const { length } = here.plain.emulator.requests.entries;
    expect(length).toBeGreaterThan(3);
    // Every one of them has taken a place of the same minute.
    expect(await here.store.takeSlot('plain/all', length, 60_400, Date.now())).toBeGreaterThan(0);
    expect(await here.store.takeSlot('plain/all', length + 20, 60_400, Date.now())).toBe(0);
  });

  it('brings all threads over, more than it works on at a time', async () => {
    const here = await scene();
    for (let thread = 0; thread < 5; thread++) await here.bridge.createThread(privateThread);
    expect(await run([...here.worker, '--once', '--concurrency', '2'], here.environment)).toMatchObject({ code: 0 });
    expect(await kindsOnPlain(here)).toHaveLength(5);
  });

  it('keeps the work and ends with 1 where the mirror cannot be reached', async () => {
    const here = await scene();
    await write(here);
    const ended = await run([...here.worker, '--once'], { ...here.environment, PLAIN_BASE_URL: nowhere });
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^! \[plain\] check: no answer, ECONNREFUSED: it cannot be reached now[^\n]*\n$/),
      stdout: expect.stringContaining('! left: 3 waiting, 0 dead, 0 unclear'),
    });
    expect(ended.stdout).toMatch(/! \[plain\] \w+: no answer, ECONNREFUSED/);
    expect(await here.store.figures()).toMatchObject({ queued: 3, dead: 0 });
  });

  it('tries every thread that was due, also behind others that failed', async () => {
    const here = await scene();
    for (let thread = 0; thread < 3; thread++) await here.bridge.createThread(privateThread);
    const ended = await run([...here.worker, '--once', '--concurrency', '1', '--json'], {
      ...here.environment,
      PLAIN_BASE_URL: nowhere,
    });
    expect(ended.stdout.split('\n').map((line) => line && JSON.parse(line))).toMatchObject([
      { mirrored: 0, retried: 3, waiting: { queued: 3 } },
      { left: { queued: 3 } },
      '',
    ]);
  });

  it('does not call it nothing where dead letters are left', async () => {
    const here = await scene();
    await write(here);
    const ended = await run(['worker', '--from', 'productlane', '--to', 'plain', '--once'], here.environment);
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('without --plain-user'),
      stdout: expect.stringContaining('! left: 0 waiting, 2 dead, 0 unclear'),
    });
  });

  it('makes a store where there is none', async () => {
    const here = await scene();
    const fresh = here.address.replace('bridge.db', 'fresh.db');
    expect(await run([...here.worker, '--once', '--store', fresh], here.environment)).toMatchObject({ code: 0 });
    expect(existsSync(fresh.slice('file:'.length))).toBe(true);
  });

  it('takes the ids of both desks from a file', async () => {
    const here = await scene();
    const label = here.plain.emulator.setup.addLabelType({ name: 'vip' }).id;
    here.productlane.emulator.seed('small');
    const [tag] = here.productlane.emulator.state.tags.values();
    const old = tag?.id ?? '';
    const file = here.address.slice('file:'.length).replace('bridge.db', 'counterparts.json');
    await writeFile(file, JSON.stringify({ labels: [{ from: old, to: label }] }));
    await here.bridge.createThread({ ...privateThread, labelIds: [old] });
    await run([...here.worker, '--once', '--counterparts', file], here.environment);
    const [copy] = await collect(here.plain.desk.listThreads());
    expect(copy?.labels.map(({ id }) => id)).toEqual([label]);
  });
});

describe('worker', () => {
  it('does what comes while it runs, tells of it, and ends clean with a signal', async () => {
    const here = await scene();
    const worker = start(here.worker, here.environment);
    await vi.waitFor(() => expect(worker.printed()).toContain('at work'), soon);
    await write(here);
    await vi.waitFor(() => expect(worker.printed()).toMatch(/\dZ {2}[1-9]\d* mirrored, .* waiting, lag \d+ s/), soon);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(await kindsOnPlain(here)).toEqual(['inbound', 'outbound', 'note']);
    expect(worker.printed()).not.toMatch(/private| at .*:\d+:\d+/);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('finishes what is under way when %s comes', async (signal) => {
    const here = await scene();
    const { operationId } = await here.bridge.createThread(privateThread);
    here.plain.emulator.faults.next({ kind: 'slow', ms: 1500 }, { access: 'write' });
    const worker = start(here.worker, here.environment);
    await vi.waitFor(() => expect(here.plain.emulator.faults.fired).toHaveLength(1), soon);
    worker.child.kill(signal);
    expect(await worker.ended).toBe(0);
    expect((await here.store.getOperation(operationId))?.mirror).toBe('done');
  });

  it('ends at once with a second signal, and leaves the work to the next', async () => {
    const here = await scene();
    const { operationId } = await here.bridge.createThread(privateThread);
    here.plain.emulator.faults.next({ kind: 'stall', at: 'headers' }, { access: 'write' });
    const worker = start(here.worker, here.environment);
    await vi.waitFor(() => expect(here.plain.emulator.faults.fired).toHaveLength(1), soon);
    worker.child.kill('SIGTERM');
    await vi.waitFor(() => expect(worker.printed()).toContain('once more ends at once'), soon);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(143);
    expect((await here.store.getOperation(operationId))?.mirror).toBe('queued');
  });
});

describe('worker, before it begins', () => {
  it.each([
    ['with its desks the other way round', [], /this store moves productlane to plain\n {2}Have --from and --to/],
    ['also where nothing is to be done', ['--once'], /this store moves productlane to plain/],
  ])('refuses a store of another move, %s', async (_, words, message) => {
    const here = await scene();
    await write(here);
    if (words.length > 0) await here.bridge.drain();
    const requests = () => here.plain.emulator.requests.count() + here.productlane.emulator.requests.count();
    const before = requests();
    const swapped = ['worker', '--from', 'plain', '--to', 'productlane', ...words];
    expect(await run(swapped, here.environment)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
    expect(requests()).toBe(before);
  });

  it('ends with 1 where keys have changed places, and asks nobody', async () => {
    const here = await scene();
    const { PRODUCTLANE_API_KEY, PLAIN_API_KEY } = here.environment;
    const keys = { PRODUCTLANE_API_KEY: PLAIN_API_KEY, PLAIN_API_KEY: PRODUCTLANE_API_KEY };
    const { code, stdout, stderr } = await run(here.worker, { ...here.environment, ...keys });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/PRODUCTLANE_API_KEY: this is a key of Plain; PLAIN_API_KEY: this is a key of Productlane/);
    expect(here.plain.emulator.requests.count() + here.productlane.emulator.requests.count()).toBe(0);
  });

  it('ends with 1 where a desk refuses its key, and says which', async () => {
    const here = await scene();
    await write(here);
    const ended = await run(here.worker, { ...here.environment, PLAIN_API_KEY: 'plainApiKey_private' });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^✗ \[helpdesk-bridge\] worker: a key is refused \(PLAIN_API_KEY: /);
    expect(await here.store.figures()).toMatchObject({ queued: 3, dead: 0 });
  });
});

describe('verify', () => {
  const words = ['verify', '--from', 'productlane', '--to', 'plain'];

  it('compares all linked threads, and ends with 0 where none differs', async () => {
    const here = await scene();
    await write(here);
    await here.bridge.drain();
    expect(await run(words, here.environment)).toEqual({
      code: 0,
      stdout: '✓ 1 thread compared, none different\n',
      stderr: '',
    });
    expect(JSON.parse((await here.store.getSetting('verified')) ?? '')).toMatchObject({ compared: 1, whole: true });
    expect(await here.store.getSetting('followed')).toBe('dual-write');
  });

  it('counts those that one desk alone has, which is no difference', async () => {
    const here = await scene();
    const off = createBridge({ ...here.options, stage: 'off' });
    await off.createThread(privateThread);
    const { code, stdout } = await run(words, here.environment);
    expect([code, stdout]).toEqual([
      0,
      '✓ 0 threads compared, none different\n  1 on productlane alone, until somebody writes to them\n',
    ]);
  });

  it('names those that differ, and ends with 1', async () => {
    const here = await scene();
    const ids = [await write(here), await write(here)];
    await here.bridge.drain();
    for (const { id } of await collect(here.plain.desk.listThreads()))
      await here.plain.desk.updateThread(id, { title: 'private title, by hand' });
    const { code, stdout } = await run(words, here.environment);
    expect([code, stdout.split('\n').length]).toEqual([1, 4]);
    for (const id of ids) expect(stdout).toContain(`≠ ${id}  title\n`);
    expect(stdout).toContain('! 2 threads compared, 2 different\n');
    const json = await run([...words, '--limit', '1', '--json'], here.environment);
    expect(JSON.parse(json.stdout)).toMatchObject({ compared: 1, different: 1, threads: [{ fields: ['title'] }] });
    expect(json.code).toBe(1);
  });
});

describe('worker, told wrongly', () => {
  const keys = { PRODUCTLANE_API_KEY: 'pl_private key', PLAIN_API_KEY: 'plain private key' };
  const desks = ['--from', 'productlane', '--to', 'plain'];
  const memory = ['--store', ':memory:'];

  it.each([
    ['no store', desks, keys, /--store: is missing: give an address, or set HELPDESK_BRIDGE_STORE/],
    ['no desks', memory, keys, /--from: must be productlane or plain; --to: must be productlane or plain/],
    ['one desk twice', ['--from', 'plain', '--to', 'plain', ...memory], keys, /--to: must be the other desk/],
    ['one key', [...desks, ...memory], { PRODUCTLANE_API_KEY: 'pl_private key' }, /PLAIN_API_KEY: is not set/],
    ['no keys', [...desks, ...memory], {}, /PRODUCTLANE_API_KEY: is not set; PLAIN_API_KEY: is not set/],
    ['no user', [...desks, ...memory, '--plain-user='], keys, /--plain-user: needs a value/],
    ['a machine user', [...desks, ...memory, '--plain-user', 'mu_1'], keys, /--plain-user: must be the id of a person/],
    [
      'a slip in the store’s variable',
      desks,
      { ...keys, HELPDESK_BRIDGE_STROE: 'x' },
      /is "HELPDESK_BRIDGE_STROE": is that it\?/,
    ],
    ['a typo', [...desks, ...memory, '--onec'], keys, /--onec: is no option \(did you mean "--once"\?\)/],
    ['a word', [...desks, ...memory, 'now'], keys, /the command takes options only/],
    ['no number', [...desks, ...memory, '--concurrency', 'x'], keys, /--concurrency: must be a number from 1 to 256/],
    [
      'no file',
      [...desks, ...memory, '--counterparts', '/nowhere.json'],
      keys,
      /--counterparts: there is no such file/,
    ],
    ['no JSON', [...desks, ...memory, '--counterparts', '/dev/null'], keys, /--counterparts: is no JSON file/],
    ['a store in memory', [...desks, ...memory], keys, /--store: must be one that others can open/],
    ['no address', [...desks, '--store', 'redis://x:private key@y'], keys, /--store: must be file:<path>/],
  ])('says so in one line: %s', async (_, args, environment, message) => {
    const { code, stdout, stderr } = await run(['worker', ...args], environment);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^✗ [^\n]*\n$/);
  });
});
