/** The second part of `helpdesk-bridge demo`: both desks are written, and one of them is down for a while. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';
import pc from 'picocolors';
import { type Bridge, createBridge } from '../bridge/bridge.ts';
import { convertBody } from '../core/bodies.ts';
import type { CreateThreadInput, Helpdesk } from '../core/helpdesk.ts';
import type { Body } from '../core/model.ts';
import { createVirtualClock } from '../emulators/clock.ts';
import { emulatePlain } from '../emulators/plain/index.ts';
import { emulateProductlane } from '../emulators/productlane/index.ts';
import { createPlain } from '../providers/plain/index.ts';
import { createProductlane } from '../providers/productlane/index.ts';
import { openStore } from '../store/index.ts';

const text = (content: string): Body => ({ format: 'text', content });

const stories: readonly { readonly thread: CreateThreadInput; readonly reply: Body; readonly note: Body }[] = [
  {
    thread: {
      contact: { email: 'jsmith@example.com', name: 'J. Smith' },
      title: 'Bug Report',
      body: text('The login button is not working.'),
      externalId: 'report-1',
    },
    reply: text('Thank you. Which browser is it?'),
    note: text('Known since Tuesday.'),
  },
  {
    thread: {
      contact: { email: 'marta.ruiz@northwind.example', name: 'Marta Ruiz' },
      title: 'Invoice 2031',
      body: text('EUR 1,200 is too much.'),
      externalId: 'invoice-2031',
    },
    reply: text('You are right, it is EUR 1,020.'),
    note: text('Finance was told.'),
  },
];

/** Time is moved by hand, so nothing is waited for. */
export async function tellOutage(): Promise<void> {
  const clock = createVirtualClock(Date.now());
  const [productlane, plain] = [emulateProductlane({ clock }), emulatePlain({ clock })];
  const from = createProductlane(connection(productlane));
  const to = createPlain(connection(plain));
  const folder = await mkdtemp(join(tmpdir(), 'helpdesk-bridge-'));
  const store = await openStore(`file:${join(folder, 'bridge.db')}`);
  const bridge = createBridge({
    from,
    to,
    stage: 'dual-write',
    store,
    drain: false,
    now: () => clock.now().getTime(),
    recordOptions: { plain: { userId: plain.userId } },
  });
  try {
    console.log(`\n${pc.bold('A move from Productlane to Plain. Both are written. Plain goes down.')}\n`);
    plain.faults.random({ seed: 1, rate: 1, kinds: [{ kind: 'cut', when: 'before' }] });
    const ids: string[] = [];
    for (const { thread, reply, note } of stories) {
      const { value } = await timed(bridge, 'thread', () => bridge.createThread(thread));
      await timed(bridge, 'reply', () => bridge.reply({ threadId: value.id, body: reply }));
      await timed(bridge, 'note', () => bridge.addNote({ threadId: value.id, body: note }));
      ids.push(value.id);
    }
    await bridge.drain();
    console.log(`The worker tried, and Plain does not answer.   backlog ${await backlog(bridge)}`);
    plain.faults.clear();
    await clock.advance(300_000);
    await bridge.drain();
    console.log(`Five minutes later Plain is back.              backlog ${await backlog(bridge)}\n`);
    for (const [index, id] of ids.entries()) console.log(`${await sideBySide(bridge, stories[index]?.thread.title, id)}\n`);
    const mails = (desk: typeof productlane | typeof plain) => desk.postRoom.delivered.length;
    console.log(`Messages delivered to contacts: Productlane ${mails(productlane)}, Plain ${mails(plain)}`);
    console.log('(each reply once, by the desk that answered; what came over later reached nobody)');
  } finally {
    await bridge.close();
    await store.close();
    await rm(folder, { recursive: true });
  }
}

/** Nothing is tried twice within a call: the bridge does that, on the clock that is moved. */
function connection({ apiKey, baseUrl, fetch }: { apiKey: string; baseUrl: string; fetch: typeof globalThis.fetch }) {
  return { apiKey, baseUrl, fetch, retries: 0 };
}

async function timed<T>(bridge: Bridge, what: string, write: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const written = await write();
  const took = `${Math.ceil(performance.now() - begun)} ms`;
  console.log(`${what.padEnd(8)} Productlane answered after ${took.padEnd(10)}      backlog ${await backlog(bridge)}`);
  return written;
}

async function backlog(bridge: Bridge): Promise<number> {
  const { queued, pending } = await bridge.figures();
  return queued + pending;
}

/** The conversation as each desk holds it. */
async function sideBySide({ native: _, ...bridge }: Bridge, title: string | undefined, id: string): Promise<string> {
  return markdownTable([[String(title), 'Productlane', 'Plain']]);
}
