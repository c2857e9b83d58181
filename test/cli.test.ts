/** The command as a person meets it: real processes, nothing but their output and exit codes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHelpdesk } from '../src/config.ts';
import { createRealClock } from '../src/emulators/clock.ts';
import { emulatePlain } from '../src/emulators/plain/index.ts';
import { serve } from '../src/emulators/serve.ts';
import { buildCommand, run, scene, start } from './cli/command.ts';
import { collect, contact, text } from './desks.ts';

buildCommand();

describe('demo', () => {
  it('shows what each desk kept, and delivers each reply once', async () => {
    const { code, stdout, stderr } = await run(['demo']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/✓ as it was given .*, ≠ changed or not kept/);
    expect(stdout).toMatch(/\| field +\| given +\| Productlane +\| Plain +\|/);
    expect(stdout).toMatch(/\| contact\.email \| jsmith@example\.com +\| ✓ +\| ✓ +\|/);
    expect(stdout).toMatch(/\| priority +\| urgent +\| ≠ high \(HIGH\) +\| ✓ urgent \(0\) +\|/);
    expect(stdout).toContain('Productlane reported: priority changed to high, externalId dropped');
    expect(stdout).toContain('Delivered to contacts: Productlane 2, Plain 2');
  });

  it('shows how the desks come into step after an outage, and that nobody got anything twice', async () => {
    const { stdout } = await run(['demo']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const told = stdout.slice(stdout.indexOf('A move from Productlane to Plain')).split('\n');
    const backlogs = told.flatMap((line) => /backlog (\d+)/.exec(line)?.[1] ?? []);
    expect(backlogs).toEqual(['1', '2', '3', '4', '5', '6', '6', '0']);
    const conversations = told.flatMap((line) => /^\| (\w+: .*?) +\| (.*?) +\|$/.exec(line)?.slice(1) ?? []);
    expect(conversations).toHaveLength(12);
    for (let row = 0; row < 12; row += 2) expect(conversations[row + 1]).toBe(conversations[row]);
    expect(told).toContain('Delivered to contacts: Productlane 2, Plain 0 (each reply once, no note)');
  });

  it('asks for a key and an address before it goes live', async () => {
    const asked = await run(['demo', '--live']);
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toMatch(/PLAIN_API_KEY: is not set.*--to: is missing/);
    const environment = { PLAIN_API_KEY: 'plainApiKey_secret', PLAIN_BASE_URL: 'http://localhost:59999/' };
    const keyed = await run(['demo', '--live', '--to', 'nobody'], environment);
    expect(keyed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--to: is not an e-mail') });
    expect(keyed.stderr).not.toContain('secret');
    const alone = await run(['demo', '--to', 'ada@example.com']);
    expect(alone).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--to: goes with --live only'),
    });
  });

  it('looks at both keys before it writes to either desk', async () => {
    const here = await scene();
    const { length } = here.productlane.emulator.requests.entries;
    const environment = { ...here.environment, PLAIN_API_KEY: 'plainApiKey_refused' };
    const ended = await run(['demo', '--live', '--to', 'ada@private.test'], environment);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^✗ \[plain\] check: /) });
    expect(here.productlane.emulator.requests.count({ access: 'write' })).toBe(0);
    expect(here.productlane.emulator.requests.entries.length).toBe(length + 1);
  });

  it('says how many replies go out and what stays behind, and leaves a name as it is', async () => {
    const here = await scene();
    const contact = await here.plain.desk.upsertContact({ email: 'ada@example.com', name: 'Ada Lovelace' });
    const { code, stdout } = await run(['demo', '--live', '--to', 'ada@example.com'], here.environment);
    expect(code).toBe(0);
    expect(stdout).toContain('Sends 4 replies to the address of --to: 2 from Productlane, 2 from Plain');
    expect(here.plain.emulator.postRoom.deliveredTo('ada@example.com')).toHaveLength(2);
    expect((await here.plain.desk.getContact(contact.value.id)).name).toBe('Ada Lovelace');
    const threads = await collect(here.plain.desk.listThreads());
    expect(threads).toHaveLength(2);
    for (const { id } of threads) expect(stdout).toContain(`  plain: thread ${id}\n`);
    expect(stdout).toContain(`  plain: contact ${contact.value.id}\n`);
  });
});

describe('a misspelt option', () => {
  it.each([
    ['demo', '--liv'],
    ['doctor', '--conformnce'],
    ['worker', '--onec'],
  ])('does not run the command without it: %s %s', async (name, option) => {
    expect(await run([name, option], { HELPDESK: 'plain', PLAIN_API_KEY: 'k' })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/is no option \(did you mean "--\w+"\?\)/),
    });
  });
});

describe('an option', () => {
  it.each([
    ['worker', ['--once=maybe'], '--once: must be true or false'],
    ['status', ['--store'], '--store: needs a value'],
    ['status', ['--sotre', 'x'], '(--sotre: is no option (did you mean "--store"?))'],
    ['status', ['--store='], '--store: needs a value'],
    ['status', ['--store', '--json'], '--store: needs a value'],
    ['doctor', ['--agent', 'u_1'], '--agent: goes with --conformance only'],
    ['emulate', ['--fault-seed', '7'], '--fault-seed: goes with --faults only'],
    [
      'emulate',
      ['--only', 'plain', '--productlane-port', '9'],
      '--productlane-port: goes with --only productlane only',
    ],
    ['emulate', ['--only', 'plian'], '--only: must be productlane or plain (did you mean "plain"?)'],
    ['emulate', ['--seed-data', 'huge'], '--seed-data: must be small or large'],
  ] as const)('that cannot be meant is refused: %s %j', async (name, options, message) => {
    const { code, stdout, stderr } = await run([name, ...options]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^✗ [^\n]*\n$/);
  });

  it('may say true or false', async () => {
    expect(await run(['demo', '--live=false'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a word that is no command', () => {
  it.each([
    [['statsu'], '✗ there is no command "statsu" (did you mean "status"?)\n  `helpdesk-bridge --help` names them.\n'],
    [
      ['dead', 'lst'],
      '✗ there is no command "lst" (did you mean "list"?)\n  `helpdesk-bridge dead --help` names them.\n',
    ],
    [['--json', 'status'], /^✗ options come after the command: one of demo, doctor, /],
    [['ada@private.test'], '✗ there is no command\n  `helpdesk-bridge --help` names them.\n'],
  ])('is told on stderr, with the one that was meant: %j', async (words, message) => {
    const { code, stdout, stderr } = await run(words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('is missing where there is none, so all are named', async () => {
    const { code, stdout, stderr } = await run([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/USAGE helpdesk-bridge [\s\S]*verify/);
  });
});

describe('help', () => {
  it('names the program, and the variables of the environment', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const name of ['HELPDESK', 'PRODUCTLANE_API_KEY', 'PLAIN_BASE_URL', 'HELPDESK_BRIDGE_STORE'])
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    expect((await run(['dead', 'settle', '--help'])).stdout).toMatch(/USAGE helpdesk-bridge dead settle \[OPTIONS\]/);
  });

  it('has no colours in a pipe, though nobody said so', async () => {
    const { stdout } = await run(['worker', '--help'], { NO_COLOR: '' });
    expect(stdout).toContain('--plain-user');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('a reader that has seen enough', () => {
  it('ends the command without a word', async () => {
    const { child, ended, printed } = start(['demo']);
    child.stdout.destroy();
    expect(await ended).toBe(0);
    expect(printed()).toBe('');
  });
});

describe('doctor', () => {
  it.each([
    ['no variable', 2, {}, /HELPDESK: is not set: give "productlane" or "plain"/],
    ['a word of nobody', 2, { HELPDESK: 'plane' }, /HELPDESK: must be "productlane" or "plain"/],
    ['no key', 2, { HELPDESK: 'plain' }, /PLAIN_API_KEY: is not set/],
    ['a misspelt key', 2, { HELPDESK: 'plain', PLAIN_APIKEY: 'secret' }, /there is "PLAIN_APIKEY": is that it\?/],
    [
      'a misspelt address',
      2,
      { HELPDESK: 'plain', PLAIN_API_KEY: 'secret', PLAIN_BASEURL: 'http://x.test' },
      /PLAIN_BASE_URL: is not set \(there is "PLAIN_BASEURL": is that it\?\)/,
    ],
    [
      'a key of version 1',
      1,
      { HELPDESK: 'productlane', PRODUCTLANE_API_KEY: 'pl_v1_secret' },
      /create a version 2 key/,
    ],
    [
      'a key of the other desk',
      1,
      { HELPDESK: 'plain', PLAIN_API_KEY: 'pl_v2_secret' },
      /this is a key of Productlane/,
    ],
    [
      'no network',
      1,
      { HELPDESK: 'plain', PLAIN_API_KEY: 'secret', PLAIN_BASE_URL: 'http://localhost:59999/' },
      /no answer, ECONNREFUSED\n {2}Is the network up/,
    ],
  ])('says in one line what is wrong: %s', async (_, expected, environment, message) => {
    const { code, stdout, stderr } = await run(['doctor'], environment);
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/secret| at .*:\d+:\d+/);
  });
});

describe('doctor --conformance', () => {
  it('tries the safe promises on the chosen desk, and delivers nothing', async () => {
    const desk = emulatePlain({ clock: createRealClock(), rateLimit: false });
    const served = await serve(desk);
    onTestFinished(() => served.close());
    const { setup, userId } = desk;
    const labels = ['bug', 'vip'].map((name) => setup.addLabelType({ name }).id).join();
    const company = setup.addTenant({ name: 'Acme', externalId: 'acme' }).id;
    const environment = { HELPDESK: 'plain', PLAIN_API_KEY: desk.apiKey, PLAIN_BASE_URL: served.url };
    const { code, stdout } = await run(
      ['doctor', '--conformance', '--agent', userId, '--labels', labels, '--company', company],
      environment,
    );
    expect(stdout).toMatch(/\n\d{2} kept, 0 broken, 0 failed, \d+ not tried on a real workspace\n$/);
    expect([code, desk.postRoom.delivered]).toEqual([0, []]);
    const asked = await run(['doctor', '--conformance'], environment);
    expect(asked).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--agent: is missing.*--labels: must be two ids.*--company: is missing/),
    });
  });
});

describe('emulate', () => {
  it('prints one line when it is ready, serves both desks, and ends with a signal', async () => {
    const { child, ended } = start(['emulate', '--seed-data', 'small']);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const ready = JSON.parse((await lines.next()).value as string);
    for (const name of ['productlane', 'plain'] as const) {
      const { url: baseUrl, apiKey, control } = ready[name];
      const helpdesk = createHelpdesk({ helpdesk: name, [name]: { baseUrl, apiKey } });
      expect((await helpdesk.check()).missing).toEqual([]);
      const { value } = await helpdesk.createThread({ contact, title: 'T', body: text('x') });
      await helpdesk.reply({ threadId: value.id, body: text('y') });
      expect(await (await fetch(control)).text()).toContain(name);
    }
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect((await lines.next()).done).toBe(true);
  });

  it('serves one of the two where only that is wanted, and names who wrote what is recorded there', async () => {
    const { child, ended } = start(['emulate', '--only', 'plain']);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const ready = JSON.parse((await lines.next()).value as string);
    expect(ready).toEqual({ plain: expect.objectContaining({ userId: expect.stringMatching(/^u_\w+$/) }) });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('tells of a taken port and a damaged folder in one line', async () => {
    const desk = await serve(emulatePlain());
    onTestFinished(() => desk.close());
    const taken = await run(['emulate', '--plain-port', new URL(desk.origin).port]);
    expect(taken).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^✗ [^\n]*--plain-port: the port is taken\)\n$/),
    });
    const folder = await mkdtemp(join(tmpdir(), 'desk-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'plain.json'), '{ no');
    expect(await run(['emulate', '--data', folder])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('plain.json holds no records'),
    });
    const file = await run(['emulate', '--data', join(folder, 'plain.json')]);
    expect(file).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--data: is a file, not a') });
  });

  it.each([
    [['--fault', '0.5'], /--fault: is no option \(did you mean "--faults"\?\)/],
    [['extra'], /the command takes options only/],
    [['--faults', '7'], /--faults: must be a number from 0 to 1/],
    [['--plain-port', 'x'], /--plain-port: must be a number from 0 to 65535/],
  ])('refuses %j', async (args, message) => {
    expect(await run(['emulate', ...args])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });
});
