/** The commands of whoever looks after a move: status, dead, explain, stage. None of them has a key. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBridge } from '../../src/bridge/bridge.ts';
import { collect, productlaneDesk, text } from '../desks.ts';
import { addUnclear, buildCommand, nowhere, privateThread, run, scene } from './command.ts';

buildCommand();

const absent = `file:${join(tmpdir(), `no-such-store-${process.pid}.db`)}`;

describe('a command that looks at a store', () => {
  it.each([
    ['status'],
    ['dead', 'list'],
    ['dead', 'retry', '--all'],
    ['explain', 'x'],
    ['stage', 'get'],
    ['stage', 'set', 'live'],
    ['stage', 'promote'],
    ['recheck'],
  ])('makes none where there is none: %s %s', async (...args) => {
    const { code, stdout, stderr } = await run([...args, '--store', absent]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^✗ \[store\] open: there is no store yet\n {2}Is the address right\?[^\n]*\n$/);
    expect(existsSync(absent.slice('file:'.length))).toBe(false);
  });

  it.each([
    [['status'], /--store: is missing: give an address, or set HELPDESK_BRIDGE_STORE/],
    [['status', '--jsno'], /--jsno: is no option \(did you mean "json"\?\)/],
    [['status', '--store', 'postgres://me:private key@127.0.0.1:9/x'], /\[store\] open: /],
    [['dead', 'list', 'x'], /the command takes options only/],
    [['dead', 'retry'], /id: give ids or --all, one of the two/],
    [['dead', 'drop', 'x', '--all'], /id: give ids or --all, one of the two/],
    [['dead', 'settle', '--happened'], /id: is missing/],
    [['dead', 'settle', 'x'], /give --happened or --did-not-happen/],
    [['dead', 'settle', 'x', '--happened', '--did-not-happen'], /give --happened or --did-not-happen/],
    [['dead', 'settle', 'x', '--did-not-hapen'], /is no option \(did you mean "did-not-happen"\?\)/],
    [['explain'], /id: is missing/],
    [['recheck', 'x'], /the command takes options only/],
    [['explain', 'x', 'y'], /the command takes 1 besides options/],
    [['stage', 'set'], /stage: is missing: give one of off, dual-write/],
    [['stage', 'set', 'shadwo'], /stage: must be one of .* \(did you mean "shadow"\?\)/],
  ])('says in one line what is wrong: %j', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*:\d+:\d+/);
  });
});

describe('status', () => {
  it('tells stage, backlog and what is missing', async () => {
    const { bridge, store, looking } = await scene();
    await bridge.createThread(privateThread);
    await addUnclear(store, 'unclear-1');
    const { stdout, code } = await run(['status'], looking);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^store {5}SQLite, .*bridge\.db\nstage {5}dual-write\nbacklog {3}1 for the mirror, 0 for/);
    expect(stdout).toMatch(/\nlag {7}\d+ s\ndead {6}0\nunclear {3}1\n! not ready for shadow\n {2}1 writes of which/);
    expect(JSON.parse((await run(['status', '--json'], looking)).stdout)).toMatchObject({
      stage: 'dual-write',
      next: 'shadow',
      ready: false,
      missing: [expect.stringContaining('only a person')],
      ...{ pending: 0, queued: 1, dead: 0, unclear: 1, lagMs: expect.any(Number) },
    });
  });

  it('tells for how long the oldest has waited', async () => {
    const { options, looking } = await scene();
    const earlier = createBridge({ ...options, stage: 'dual-write', now: () => Date.now() - 7_200_000 });
    await earlier.createThread(privateThread);
    await earlier.close();
    expect((await run(['status'], looking)).stdout).toMatch(/\nlag {7}2 h\n/);
    const { lagMs } = JSON.parse((await run(['status', '--json'], looking)).stdout);
    expect(lagMs).toBeGreaterThanOrEqual(7_200_000);
  });

  it('says when the next stage is safe, and when none was set', async () => {
    const { looking } = await scene();
    const { stdout } = await run(['status'], looking);
    expect(stdout).toMatch(/stage {5}off \(none was set yet\)\n[^!]*✓ ready for dual-write\n$/);
  });
});

/** Two dead letters: a reply and a note of nobody on Plain. */
async function withDeadLetters() {
  const here = await scene();
  const { value } = await here.bridge.createThread(privateThread);
  const reply = await here.bridge.reply({ threadId: value.id, body: text('private words, reply') });
  const note = await here.bridge.addNote({ threadId: value.id, body: text('private words, note') });
  const nobody = createBridge({ ...here.options, stage: 'dual-write' });
  await nobody.drain();
  await nobody.close();
  expect(await here.store.figures()).toMatchObject({ dead: 2, queued: 0 });
  return { ...here, ids: [reply.operationId, note.operationId] as const };
}

describe('dead', () => {
  it('lists what waits for a person, with its reason', async () => {
    const { store, looking, ids } = await withDeadLetters();
    await addUnclear(store, 'unclear-1');
    const listed = JSON.parse((await run(['dead', 'list', '--json'], looking)).stdout);
    expect(listed).toMatchObject([
      { id: ids[1], method: 'addNote', is: 'dead', side: 'to', desk: 'plain', ageMs: expect.any(Number) },
      { id: ids[0], method: 'reply', is: 'dead', side: 'to', desk: 'plain' },
      { id: 'unclear-1', method: 'reply', is: 'unclear', side: 'from', desk: 'productlane', requestId: 'r-1' },
    ]);
    const { stdout } = await run(['dead', 'list'], looking);
    expect(stdout).toMatch(new RegExp(`${ids[0]} {2}dead {2}reply {2}to {2}\\d+ s\\n {2}\\[plain\\] recordMessages: `));
    expect(stdout).toContain('unclear-1  unclear  reply  from');
  });

  it('says so where nothing waits', async () => {
    const { looking } = await scene();
    expect(await run(['dead', 'list'], looking)).toMatchObject({ code: 0, stdout: '✓ nothing waits for a person\n' });
    expect(JSON.parse((await run(['dead', 'list', '--json'], looking)).stdout)).toEqual([]);
  });

  it('retries the ones that are named, and a worker brings them over', async () => {
    const { store, plain, looking, environment, worker, ids } = await withDeadLetters();
    const { code, stdout } = await run(['dead', 'retry', ids[0]], looking);
    expect([code, stdout]).toEqual([0, '✓ 1 will be tried again\n']);
    expect(await store.figures()).toMatchObject({ queued: 1, dead: 1 });
    await run([...worker, '--once'], environment);
    expect(await store.figures()).toMatchObject({ queued: 0, dead: 1 });
    const [thread] = await collect(plain.desk.listThreads());
    const messages = await collect(plain.desk.listMessages(thread?.id ?? ''));
    expect(messages.map(({ kind }) => kind)).toEqual(['inbound', 'outbound']);
  });

  it('retries and drops all dead letters, and leaves unclear ones alone', async () => {
    const { store, looking } = await withDeadLetters();
    await addUnclear(store, 'unclear-1');
    await run(['dead', 'retry', '--all'], looking);
    expect(await store.figures()).toMatchObject({ queued: 2, dead: 0, unclear: 1 });
    const other = await withDeadLetters();
    await addUnclear(other.store, 'unclear-1');
    expect(await run(['dead', 'drop', '--all', '--json'], other.looking)).toMatchObject({ code: 0 });
    expect(await other.store.figures()).toMatchObject({ queued: 0, dead: 0, unclear: 1 });
  });

  it('does what fits and fails where an id does not', async () => {
    const { store, looking, ids } = await withDeadLetters();
    const { code, stdout, stderr } = await run(['dead', 'drop', 'no-such-id', ids[0]], looking);
    expect([code, stdout]).toEqual([1, '✓ 1 given up\n']);
    expect(stderr).toMatch(/^✗ .*dead drop: 1 of the ids are of no operation that waits for this decision/);
    expect((await store.getOperation(ids[0]))?.mirror).toBe('dropped');
  });

  it.each([
    ['--happened', { state: 'done', mirror: 'queued' }],
    ['--did-not-happen', { state: 'pending', mirror: 'none' }],
  ])('settles what is unclear: %s', async (flag, settled) => {
    const { store, looking } = await scene();
    await addUnclear(store, 'unclear-1');
    expect(await run(['dead', 'settle', 'unclear-1', flag], looking)).toMatchObject({ code: 0, stderr: '' });
    expect(await store.getOperation('unclear-1')).toMatchObject(settled);
  });
});

describe('explain', () => {
  it('finds a thread by any of its ids, and tells what was done to it', async () => {
    const { bridge, looking, plain } = await scene();
    const { value, operationId } = await bridge.createThread({
      ...privateThread,
      externalId: 'order-7',
      customFields: [{ key: 'plan', type: 'string', value: 'private words' }],
    });
    await bridge.reply({ threadId: value.id, body: text('private words, reply') });
    await bridge.drain();
    const [copy] = await collect(plain.desk.listThreads());
    for (const id of [operationId, value.id, copy?.id ?? '', 'order-7']) {
      const found = JSON.parse((await run(['explain', id, '--json'], looking)).stdout);
      expect(found).toMatchObject({
        kind: 'thread',
        ...{ from: value.id, to: copy?.id, externalId: 'order-7', stage: 'dual-write' },
        operations: [
          { id: operationId, method: 'createThread', primary: 'from', state: 'done', mirror: 'done' },
          { method: 'reply', state: 'done', mirror: 'done' },
        ],
      });
      expect(found.operations[0].losses).toContainEqual(expect.objectContaining({ field: 'externalId' }));
    }
    const { stdout } = await run(['explain', 'order-7'], looking);
    expect(stdout).toMatch(
      new RegExp(`^thread\\n {2}from {6}${value.id}\\n {2}to {8}${copy?.id}\\n {2}your id {3}order-7`),
    );
    expect(stdout).toMatch(/ {2}reply {2}[\w-]+\n {4}"from": done; mirror: done\n/);
  });

  it('prints what was lost on either desk', async () => {
    const { bridge, looking, plain } = await scene();
    plain.emulator.faults.next({ kind: 'status', status: 400 }, { operation: 'UpdateThread' });
    const { operationId } = await bridge.createThread({
      ...privateThread,
      externalId: 'order-7',
      customFields: [{ key: 'plan', type: 'string', value: 'private words' }],
    });
    await bridge.drain();
    const { stdout } = await run(['explain', operationId], looking);
    expect(stdout).toMatch(/\n {4}lost: (?:.*, )?externalId dropped/);
    expect(stdout).toMatch(/\n {4}lost on the mirror: (?:.*, )?customFields dropped/);
  });

  it('prints the last error, how often it failed and when the next try is', async () => {
    const { bridge, looking, plain } = await scene();
    plain.emulator.faults.next({ kind: 'status', status: 503 }, { access: 'write' });
    const { operationId } = await bridge.createThread(privateThread);
    await bridge.drain();
    const { stdout } = await run(['explain', operationId], looking);
    expect(stdout).toMatch(/\n {4}last error: \[plain\] [^\n]*\(failed 1 times\)\n {4}next try: \d{4}-\d\d-\d\dT/);
  });

  it('tells what holds an operation up, also before any desk has answered', async () => {
    const here = await scene();
    const { desk } = productlaneDesk({}, { baseUrl: nowhere, fetch: globalThis.fetch, retries: 0 });
    const cut = createBridge({ ...here.options, from: desk, stage: 'dual-write' });
    await expect(cut.createThread({ ...privateThread, externalId: 'order-8' })).rejects.toThrow();
    await cut.close();
    expect(JSON.parse((await run(['explain', 'order-8', '--json'], here.looking)).stdout)).toMatchObject({
      kind: 'thread',
      operations: [
        { method: 'createThread', state: 'failed', failure: { message: expect.stringContaining('ECONNREFUSED') } },
      ],
    });
  });

  it('finds a contact, and does not show an own id that is an address', async () => {
    const { bridge, looking } = await scene();
    const { value } = await bridge.upsertContact({ ...privateThread.contact, externalId: 'ada@private.test' });
    await bridge.drain();
    const { stdout } = await run(['explain', value.id], looking);
    expect(stdout).toMatch(/^contact\n {2}from .*\n {2}to {8}c_.*\n {2}your id {3}not shown\n/);
    expect(stdout).toContain('upsertContact');
  });

  it('says where the store knows nothing', async () => {
    const { looking } = await scene();
    expect(await run(['explain', 'private-id'], looking)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: '✗ [helpdesk-bridge] explain: the store knows nothing by this id\n',
    });
  });
});

describe('recheck', () => {
  it('has what waits looked for before it is sent', async () => {
    const { bridge, store, looking } = await scene();
    const { operationId } = await bridge.createThread(privateThread);
    expect(JSON.parse((await run(['recheck', '--json'], looking)).stdout)).toEqual({ writes: 1 });
    expect((await store.getOperation(operationId))?.mirrorSentAt).toEqual(expect.any(Number));
    const again = { code: 0, stdout: '✓ 1 will be looked for before they are sent\n' };
    expect(await run(['recheck'], looking)).toMatchObject(again);
  });
});

describe('stage', () => {
  it('sets and prints the stage', async () => {
    const { store, looking } = await scene();
    expect(await run(['stage', 'set', 'dual-write'], looking)).toMatchObject({ code: 0, stdout: 'dual-write\n' });
    expect(await store.getSetting('stage')).toBe('dual-write');
    expect(await run(['stage', 'get'], looking)).toMatchObject({ code: 0, stdout: 'dual-write\n' });
    expect(JSON.parse((await run(['stage', 'get', '--json'], looking)).stdout)).toEqual({ stage: 'dual-write' });
  });

  it('moves on where that is safe, and otherwise says what is missing', async () => {
    const { store, looking } = await scene();
    await store.setSetting('stage', 'dual-write');
    expect(await run(['stage', 'promote'], looking)).toMatchObject({ code: 0, stdout: 'shadow\n' });
    const refused = await run(['stage', 'promote'], looking);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/not ready for live: 0 reads/),
    });
    expect(await store.getSetting('stage')).toBe('shadow');
  });

  it('moves back', async () => {
    const { store, looking } = await scene();
    await store.setSetting('stage', 'shadow');
    expect(await run(['stage', 'demote'], looking)).toMatchObject({ code: 0, stdout: 'dual-write\n' });
    expect(await store.getSetting('stage')).toBe('dual-write');
  });
});
