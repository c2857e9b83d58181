/** The second part of `helpdesk-bridge demo`: both desks are written, and one of them is down for a while. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';
import pc from 'picocolors';
import { createBridge } from '../bridge/bridge.ts';
import type { CreateThreadInput, Helpdesk } from '../core/helpdesk.ts';
import type { Body } from '../core/model.ts';
import { createVirtualClock } from '../emulators/clock.ts';
import type { Emulator } from '../emulators/emulator.ts';
import { emulatePlain } from '../emulators/plain/index.ts';
import { emulateProductlane } from '../emulators/productlane/index.ts';
import { createPlain } from '../providers/plain/index.ts';
import { createProductlane } from '../providers/productlane/index.ts';
import { openStore } from '../store/index.ts';
import { tellTime } from './operations.ts';
import { words } from './story.ts';

const text = (content: string): Body => ({ format: 'text', content });

const stories: readonly { readonly thread: CreateThreadInput; readonly reply: Body; readonly note: Body }[] = [
  {
    thread: {
      contact: { email: 'jsmith@example.com', name: 'J. Smith' },
      title: 'Bug Report',
      body: text('The login does not work.'),
      externalId: 'report-1',
    },
    reply: text('Which browser is it?'),
    note: text('Known since Tuesday.'),
  },
  {
    thread: {
      contact: { email: 'marta.ruiz@northwind.example', name: 'Marta Ruiz' },
      title: 'Invoice 2031',
      body: text('EUR 1,200 is too much.'),
      externalId: 'invoice-2031',
    },
    reply: text('Right, it is EUR 1,020.'),
    note: text('Finance was told.'),
  },
];

/** Time is moved by hand, so nothing is waited for. */
export async function tellOutage(): Promise<void> {
  const clock = createVirtualClock(Date.now());
  const productlane = emulateProductlane({ clock });
  const plain = emulatePlain({ clock });
  const from = createProductlane(connection(productlane));
  const to = createPlain(connection(plain));
  const folder = await mkdtemp(join(tmpdir(), 'helpdesk-bridge-'));
  const store = await openStore(`file:${join(folder, 'bridge.db')}`);
  const recordOptions = { plain: { userId: plain.userId } };
  const now = () => clock.now().getTime();
  const bridge = createBridge({ from, to, stage: 'dual-write', store, drain: false, now, recordOptions });

  const step = async (words: string) => {
    const { queued, pending, lagMs } = await bridge.figures();
    const waiting = queued + pending;
    console.log(`${words.padEnd(50)} backlog ${waiting}${waiting > 0 ? `, lag ${tellTime(lagMs)}` : ''}`);
  };
  const timed = async <T>(what: string, write: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const written = await write();
    await step(`${what.padEnd(8)}answered by Productlane after ${Math.ceil(performance.now() - begun)} ms`);
    await clock.advance(20_000);
    return written;
  };

  try {
    console.log(`\n${pc.bold('A move from Productlane to Plain: both are written, and Plain is down')}\n`);
    plain.faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'cut', when: 'before' }] });
    for (const { thread, reply, note } of stories) {
      const { value } = await timed('thread', () => bridge.createThread(thread));
      await timed('reply', () => bridge.reply({ threadId: value.id, body: reply }));
      await timed('note', () => bridge.addNote({ threadId: value.id, body: note }));
    }
    await bridge.drain();
    await step('The worker tries: no answer from Plain');
    plain.faults.clear();
    await clock.advance(300_000);
    await bridge.drain();
    await step('Five minutes later Plain is back, and catches up');
    for (const { thread } of stories) console.log(`\n${await sideBySide([from, to], thread.title)}`);
    const [here, there] = [productlane.postRoom.delivered.length, plain.postRoom.delivered.length];
    console.log(`\nDelivered to contacts: Productlane ${here}, Plain ${there} (each reply once, no note)`);
  } finally {
    await bridge.close();
    await store.close();
    await rm(folder, { recursive: true });
  }
}

/** Without repetitions within a call: those wait on the real clock. */
function connection({ apiKey, baseUrl, fetch }: Pick<Emulator, 'apiKey' | 'baseUrl' | 'fetch'>) {
  return { apiKey, baseUrl, fetch, retries: 0 };
}

/** The conversation of that title as each desk holds it. */
async function sideBySide(desks: readonly Helpdesk[], title: string): Promise<string> {
  const columns = await Promise.all(desks.map((desk) => conversation(desk, title)));
  const rows = (columns[0] ?? []).map((_, row) => columns.map((messages) => messages[row] ?? '–'));
  return markdownTable([desks.map(({ name }) => `${title} on ${name}`), ...rows]);
}

async function conversation(desk: Helpdesk, title: string): Promise<readonly string[]> {
  const told: string[] = [];
  for await (const thread of desk.listThreads()) {
    if (thread.title !== title) continue;
    for await (const { kind, body } of desk.listMessages(thread.id)) told.push(`${kind}: ${await words(body)}`);
  }
  return told;
}
