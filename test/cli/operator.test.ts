/** The commands of whoever looks after a move: status, dead, explain, stage. None of them has a key. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBridge } from '../../src/bridge/bridge.ts';
import { collect, plainDesk, productlaneDesk, text } from '../desks.ts';
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
    expect(stderr).toContain(`there is no store yet: SQLite, ${absent.slice('file:'.length)}\n`);
    expect(stderr).toMatch(/^✗ \[store\] open: there is no store yet[^\n]*\n {2}Is the address right\?[^\n]*\n$/);
    expect(existsSync(absent.slice('file:'.length))).toBe(false);
  });

  it.each([
    [['status'], /--store: is missing: give an address, or set HELPDESK_BRIDGE_STORE/],
    [['status', '--jsno'], /--jsno: is no option \(did you mean "--json"\?\)/],
    [['status', '--store', 'redis://x:private key@y'], /\[helpdesk-bridge\] status: invalid input \(--store: must be/],
    [['dead', 'list', 'x'], /the command takes options only/],
    [['dead', 'retry'], /id: give ids or --all, one of the two/],
    [['dead', 'drop', 'x', '--all'], /id: give ids or --all, one of the two/],
    [['dead', 'settle', '--happened'], /id: is missing/],
    [['dead', 'settle', 'x'], /give --happened or --did-not-happen/],
    [['dead', 'settle', 'x', '--happened', '--did-not-happen'], /give --happened or --did-not-happen/],
    [['dead', 'settle', 'x', '--did-not-hapen'], /is no option \(did you mean "--did-not-happen"\?\)/],
    [['explain'], /id: is missing/],
    [['recheck', 'x'], /the command takes options only/],
    [['explain', 'x', 'y'], /the command takes 1 besides options/],
    [['stage', 'set'], /stage: is missing: give one of off, dual-write/],
    [['stage', 'set', 'shadwo'], /stage: must be one of .* \(did you mean "shadow"\?\)/],
  ])('says in one line what is wrong: %j', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*:\d+:\d+/);
  });
});

describe('a failure', () => {
  it('is JSON on stdout too, where JSON is asked for', async () => {
    const missing = await run(['status', '--json', '--store', absent]);
    expect(missing.code).toBe(1);
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { kind: 'invalid', provider: 'store', applied: 'no' } });
    expect(missing.stderr).toContain('there is no store yet');
    const misspelt = await run(['stage', 'set', 'shadwo', '--json']);
    expect(misspelt.code).toBe(2);
    expect(JSON.parse(misspelt.stdout)).toMatchObject({ error: { issues: [{ path: 'stage' }] } });
  });

  it('to reach a database ends with 1, and tells no password', async () => {
    const ended = await run(['status', '--store', 'postgres://me:private key@127.0.0.1:9/x']);
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('[store] open: ') });
  });

  it('names the variable that a bad address came from', async () => {
    const ended = await run(['status'], { HELPDESK_BRIDGE_STORE: 'redis://x' });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('HELPDESK_BRIDGE_STORE: must be file:') });
  });
});

describe('status', () => {
  it('tells stage, backlog and what is missing', async () => {
    const { bridge, store, looking } = await scene();
    await bridge.createThread(privateThread);
    await addUnclear(store, 'unclear-1');
    const { stdout, code } = await run(['status'], looking);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^store {5}SQLite, .*bridge\.db\ndesks {5}productlane to plain\nstage {5}dual-write \(the application gives it\)\nbacklog {3}1 for the mirror, 0 for/,
    );
    expect(stdout).toMatch(/\nlag {7}\d+ s\ndead {6}0\nunclear {3}1\n! not ready for shadow\n {2}1 writes of which/);
    expect(JSON.parse((await run(['status', '--json'], looking)).stdout)).toMatchObject({
      desks: { from: 'productlane', to: 'plain' },
      stage: 'dual-write',
      stageFrom: 'application',
      next: 'shadow',
      ready: false,
      missing: [expect.stringContaining('only a person')],
      ...{ pending: 0, queued: 1, dead: 0, unclear: 1, lagMs: expect.any(Number) },
    });
  });

  it('tells why what waits has not gone through', async () => {
    const here = await scene();
    await here.bridge.createThread(privateThread);
    const { desk } = plainDesk({}, { baseUrl: nowhere, fetch: globalThis.fetch, retries: 0 });
    const cut = createBridge({ ...here.options, to: desk, stage: 'dual-write' });
    await cut.drain();
    await cut.close();
    const { stdout } = await run(['status'], here.looking);
    expect(stdout).toMatch(/\nfailing {3}\[plain\] \w+: no answer, ECONNREFUSED, 1 time\n/);
    expect(JSON.parse((await run(['status', '--json'], here.looking)).stdout)).toMatchObject({
      failing: { method: 'createThread', attempts: 1, kind: 'unavailable' },
    });
  });

  it('asks for what the application asks for', async () => {
    const { options, looking, store } = await scene();
    await store.setSetting('stage', 'shadow');
    const bridge = createBridge({ ...options, stage: store, readiness: { samples: 0 } });
    await bridge.stage();
    await bridge.close();
    const { missing } = JSON.parse((await run(['status', '--json'], looking)).stdout);
    expect(missing).toEqual(['verify was never run']);
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
  return { ...here, ids: [reply.operationId, note.operationId] as const, threadId: value.id };
}

describe('dead', () => {
  it('lists what waits for a person, with its reason', async () => {
    const { store, looking, ids, threadId } = await withDeadLetters();
    await addUnclear(store, 'unclear-1');
    const listed = JSON.parse((await run(['dead', 'list', '--json'], looking)).stdout);
    expect(listed).toMatchObject([
      { id: ids[1], method: 'addNote', is: 'dead', side: 'to', desk: 'plain', ageMs: expect.any(Number) },
      { id: ids[0], method: 'reply', is: 'dead', side: 'to', desk: 'plain' },
      { id: 'unclear-1', method: 'reply', is: 'unclear', side: 'from', desk: 'productlane', requestId: 'r-1' },
    ]);
    const { stdout } = await run(['dead', 'list'], looking);
    const line = `${ids[0]} {2}dead {2}reply {2}plain {2}\\d+ s\\n {2}thread ${threadId}, failed 1 time, invalid\\n`;
    expect(stdout).toMatch(new RegExp(`${line} {2}\\[plain\\] recordMessages: `));
    expect(stdout).toContain('unclear-1  unclear  reply  productlane');
    expect(listed[1]).toMatchObject({ recordId: threadId, attempts: 1, kind: 'invalid' });
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

  it('lists nothing that was dropped', async () => {
    const { store, looking, ids } = await withDeadLetters();
    await addUnclear(store, 'unclear-1');
    expect(await run(['dead', 'drop', 'unclear-1', ids[0]], looking)).toMatchObject({ code: 0 });
    expect(JSON.parse((await run(['dead', 'list', '--json'], looking)).stdout)).toMatchObject([{ id: ids[1] }]);
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
    expect(stderr).toMatch(/^✗ .*dead drop: nothing to decide \(id: there is no such operation/);
    expect(stderr).not.toContain('no-such-id');
    expect((await store.getOperation(ids[0]))?.mirror).toBe('dropped');
  });

  it('says what an operation is that a decision is not about', async () => {
    const { looking, ids } = await withDeadLetters();
    const settled = await run(['dead', 'settle', ids[0], '--happened'], looking);
    expect(settled).toMatchObject({ code: 1, stdout: '' });
    expect(settled.stderr).toContain(
      `dead settle: nothing to decide (id: ${ids[0]} is a dead letter: retry or drop it)`,
    );
    await run(['dead', 'drop', ids[0]], looking);
    const { code, stdout } = await run(['dead', 'retry', ids[0], '--json'], looking);
    expect(code).toBe(1);
    const notDecided = [expect.stringContaining('mirror dropped')];
    expect(JSON.parse(stdout)).toEqual({ decision: 'retry', decided: [], notDecided });
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
      new RegExp(`^thread\\n {2}productlane {1}${value.id}\\n {2}plain {7}${copy?.id}\\n {2}your id {5}order-7`),
    );
    expect(stdout).toContain('dual-write: productlane answers, plain is kept in step\n');
    expect(stdout).toMatch(/ {2}reply {2}[\w-]+\n {4}productlane: done; mirror: done\n/);
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
    expect(stdout).toMatch(/\n {4}last error: \[plain\] [^\n]*\(failed 1 time\)\n {4}next try: \d{4}-\d\d-\d\dT/);
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
    expect(stdout).toMatch(/^contact\n {2}productlane .*\n {2}plain {7}c_.*\n {2}your id {5}not shown\n/);
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
    const again = { code: 0, stdout: '✓ 1 write will be looked for before being sent\n' };
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

  it('is not moved where the application gives it', async () => {
    const { bridge, store, looking } = await scene();
    await bridge.createThread(privateThread);
    for (const words of [['promote'], ['demote'], ['set', 'live']]) {
      const ended = await run(['stage', ...words], looking);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toContain('the application gives the stage, which is dual-write: change it there');
    }
    expect(await store.getSetting('stage')).toBeUndefined();
    expect((await run(['stage', 'get'], looking)).stdout).toBe('dual-write\n');
  });
});
