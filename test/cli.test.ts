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
import { buildCommand, run, start } from './cli/command.ts';
import { contact, text } from './desks.ts';

buildCommand();

describe('demo', () => {
  it('shows what each desk kept, and delivers each reply once', async () => {
    const { code, stdout, stderr } = await run(['demo']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\| field +\| given +\| Productlane kept +\| Plain kept +\|/);
    expect(stdout).toMatch(
      /\| contact\.email \| jsmith@example\.com +\| ✓ jsmith@example\.com +\| ✓ jsmith@example\.com +\|/,
    );
    expect(stdout).toMatch(/\| priority +\| urgent +\| ≠ high \(HIGH\) +\| ✓ urgent \(0\) +\|/);
    expect(stdout).toContain('Productlane reported: priority changed to high, externalId dropped');
    expect(stdout).toContain('Messages delivered to contacts: Productlane 2, Plain 2');
  });

  it('shows how the desks come into step after an outage, and that nobody got anything twice', async () => {
    const { stdout } = await run(['demo']);
    const told = stdout.slice(stdout.indexOf('A move from Productlane to Plain')).split('\n');
    expect(told.filter((line) => line.length > 80)).toEqual([]);
    const backlogs = told.flatMap((line) => /backlog (\d+)/.exec(line)?.[1] ?? []);
    expect(backlogs).toEqual(['1', '2', '3', '4', '5', '6', '6', '0']);
    const conversations = told.flatMap((line) => /^\| (\w+: .*?) +\| (.*?) +\|$/.exec(line)?.slice(1) ?? []);
    expect(conversations).toHaveLength(12);
    for (let row = 0; row < 12; row += 2) expect(conversations[row + 1]).toBe(conversations[row]);
    expect(told).toContain('Delivered to contacts: Productlane 2, Plain 0 (each reply once, no note)');
  });

  it('asks for a key and an address before it goes live', async () => {
    expect(await run(['demo', '--live'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('PLAIN_API_KEY: is not set'),
    });
    const keyed = await run(['demo', '--live'], {
      PLAIN_API_KEY: 'plainApiKey_secret',
      PLAIN_BASE_URL: 'http://localhost:59999/',
    });
    expect(keyed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--to: is missing') });
    expect(keyed.stderr).not.toContain('secret');
  });
});

describe('a misspelt option', () => {
  it.each([
    ['demo', '--liv'],
    ['doctor', '--conformnce'],
    ['worker', '--onec'],
  ])('does not run the command without it: %s %s', async (name, option) => {
    expect(await run([name, option], { HELPDESK: 'plain', PLAIN_API_KEY: 'k' })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/is no option \(did you mean/),
    });
  });
});

describe('doctor', () => {
  it.each([
    ['no variable', {}, /HELPDESK: is not set/],
    ['a word of nobody', { HELPDESK: 'plane' }, /HELPDESK: must be "productlane" or "plain"/],
    ['no key', { HELPDESK: 'plain' }, /PLAIN_API_KEY: is not set/],
    ['a misspelt key', { HELPDESK: 'plain', PLAIN_APIKEY: 'secret' }, /there is "PLAIN_APIKEY": is that it\?/],
    ['a key of version 1', { HELPDESK: 'productlane', PRODUCTLANE_API_KEY: 'pl_v1_secret' }, /create a version 2 key/],
    [
      'no network',
      { HELPDESK: 'plain', PLAIN_API_KEY: 'secret', PLAIN_BASE_URL: 'http://localhost:59999/' },
      /no answer, ECONNREFUSED\n {2}Is the network up/,
    ],
  ])('says in one line what is wrong: %s', async (_, environment, message) => {
    const { code, stdout, stderr } = await run(['doctor'], environment);
    expect([code, stdout]).toEqual([1, '']);
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
      code: 1,
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

  it('tells of a taken port and a damaged folder in one line', async () => {
    const desk = await serve(emulatePlain());
    onTestFinished(() => desk.close());
    const taken = await run(['emulate', '--plain-port', new URL(desk.origin).port]);
    expect(taken).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^✗ listen EADDRINUSE[^\n]*\n$/),
    });
    const folder = await mkdtemp(join(tmpdir(), 'desk-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'plain.json'), '{ no');
    expect(await run(['emulate', '--data', folder])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('plain.json holds no records'),
    });
  });

  it.each([
    [['--fault', '0.5'], /--fault: is no option \(did you mean "faults"\?\)/],
    [['extra'], /the command takes options only/],
    [['--faults', '7'], /--faults: must be a number from 0 to 1/],
    [['--plain-port', 'x'], /--plain-port: must be a number from 0 to 65535/],
  ])('refuses %j', async (args, message) => {
    expect(await run(['emulate', ...args])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });
});
