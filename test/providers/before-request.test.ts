/** A caller that is asked before each request hears of all of them, and one that says no ends the whole call. */
import { describe, expect, it } from 'vitest';
import { HelpdeskError } from '../../src/core/errors.ts';
import type { CallOptions, Helpdesk, ImportThreadInput } from '../../src/core/helpdesk.ts';
import { createMemoryHelpdesk } from '../../src/testing/index.ts';
import {
  collect,
  contact,
  everyMethod,
  failure,
  later,
  past,
  plainDesk,
  productlaneDesk,
  text,
  thread,
} from '../desks.ts';

interface Opened {
  readonly desk: Helpdesk;
  readonly ids: { readonly thread: string; readonly contact: string; readonly user: string };
  readonly labelId: string;
  readonly importedId: string;
  count(access?: 'read' | 'write'): number;
}

async function imported(desk: Helpdesk): Promise<string> {
  const messages = [{ externalId: 'old', kind: 'inbound', body: text('Hello?'), createdAt: past }] as const;
  const { value } = await desk.importThread({ contact, title: 'Old', externalId: 'e-0', createdAt: past, messages });
  return value.thread.id;
}

async function openedProductlane(records: 'comments' | 'transcript'): Promise<Opened> {
  const { desk, emulator } = productlaneDesk({}, { records });
  const made = async (path: string, json: object) =>
    ((await desk.native.request('POST', path, { json })) as { id: string }).id;
  const group = await made('/tags/groups', { name: 'kind', color: '#ff0000' });
  const labelId = await made('/tags', { name: 'bug', color: '#ff0000', icon: 'Atom', tag_group_id: group });
  const { value } = await desk.createThread(thread);
  return {
    desk,
    ids: { thread: value.id, contact: value.contact?.id ?? '', user: [...emulator.state.members.keys()][0] ?? '' },
    labelId,
    importedId: await imported(desk),
    count: (access) => emulator.requests.count(access && { access }),
  };
}

async function openedPlain(): Promise<Opened> {
  const { desk, emulator } = plainDesk();
  emulator.setup.addThreadFieldSchema({ key: 'plan', type: 'STRING' });
  const labelId = emulator.setup.addLabelType({ name: 'bug' }).id;
  const { value } = await desk.createThread(thread);
  return {
    desk,
    ids: { thread: value.id, contact: value.contact?.id ?? '', user: emulator.userId },
    labelId,
    importedId: await imported(desk),
    count: (access) => emulator.requests.count(access && { access }),
  };
}

async function openedMemory(options: Parameters<typeof createMemoryHelpdesk>[0]): Promise<Opened> {
  const { helpdesk, known, emulated } = createMemoryHelpdesk(options);
  const { value } = await helpdesk.createThread(thread);
  return {
    desk: helpdesk,
    ids: { thread: value.id, contact: value.contact?.id ?? '', user: known.agentId },
    labelId: known.labelIds[0],
    importedId: await imported(helpdesk),
    count: (access) => emulated.requests(access),
  };
}

const worlds: Readonly<Record<string, () => Promise<Opened>>> = {
  Productlane: () => openedProductlane('comments'),
  'Productlane with transcripts': () => openedProductlane('transcript'),
  Plain: openedPlain,
  'a desk in memory': () => openedMemory({}),
  'a desk in memory with transcripts': () => openedMemory({ forgetful: true, transcripts: true }),
};

/** Every method at its plainest, and those that take several requests with all that these can carry. */
function calls(
  { desk, ids, labelId, importedId }: Opened,
  call: CallOptions,
): Readonly<Record<string, () => Promise<unknown>>> {
  const author = { id: ids.user };
  const messages = ['inbound', 'note', 'outbound', 'note'].map((kind, index) => ({
    externalId: `x-${index}`,
    kind: kind as 'inbound' | 'note' | 'outbound',
    body: text(`words ${index}`),
    createdAt: new Date(past.getTime() + index * 1000),
    ...(kind !== 'inbound' && { author }),
  }));
  const rich: ImportThreadInput = {
    contact: { id: ids.contact },
    title: 'Old',
    externalId: 'e-9',
    createdAt: past,
    status: { is: 'snoozed', until: later },
    labelIds: [labelId],
    customFields: [{ key: 'plan', type: 'string', value: 'gold' }],
    messages,
  };
  return {
    ...everyMethod(desk, ids, call),
    'createThread with labels': () =>
      desk.createThread({ ...thread, contact: { email: contact.email }, labelIds: [labelId], externalId: 'e-8' }, call),
    'updateThread with labels': () => desk.updateThread(ids.thread, { labelIds: [labelId], title: 'T' }, call),
    'importThread with everything': () => desk.importThread(rich, call),
    // Plain refuses this one, and the adapter takes the other way.
    'reply to an imported thread': () => desk.reply({ threadId: importedId, body: text('Any news?') }, call),
    'recordMessages with notes': () => desk.recordMessages({ threadId: ids.thread, messages }, call),
    findThread: async () => {
      const found = desk.traits.keepsExternalIds;
      if (found) await desk.findThread({ contactId: ids.contact, externalId: 'e-1' }, call);
    },
  };
}

/** How many threads the desk has, and how much is said in them. */
async function heldBy({ desk }: Opened): Promise<number> {
  const threads = await collect(desk.listThreads());
  const messages = await Promise.all(threads.map(({ id }) => collect(desk.listMessages(id))));
  return messages.flat().reduce((sum, { body }) => sum + body.content.length, threads.length);
}

const names = Object.keys(calls({ desk: {}, ids: {} } as Opened, {}));

const own = () =>
  new HelpdeskError({ provider: 'bridge', operation: 'x', kind: 'conflict', reason: 'taken over', applied: 'no' });

describe.each(Object.entries(worlds))('%s', (_, open) => {
  it.each(names)('asks before every request of %s', async (name) => {
    const asked = { read: 0, write: 0 };
    const world = await open();
    const { count } = world;
    const before = { read: count('read'), write: count('write') };
    const beforeRequest: CallOptions['beforeRequest'] = async ({ access }) => {
      asked[access] += 1;
    };
    await calls(world, { beforeRequest })[name]?.();
    expect(asked).toEqual({ read: count('read') - before.read, write: count('write') - before.write });
    if (name !== 'findThread') expect(asked.read + asked.write).toBeGreaterThan(0);
  });

  it.each(
    names.flatMap((name) => [[name, 'cancelled', () => new Error('full')] as const, [name, 'conflict', own] as const]),
  )('sends nothing more of %s once it was stopped, and ends as %s', async (name, kind, stop) => {
    for (let last = 0; ; last++) {
      const world = await open();
      const before = await heldBy(world);
      const sent = world.count();
      let asked = 0;
      const beforeRequest = () => {
        asked += 1;
        if (asked > last) throw stop();
      };
      const error = await failure(calls(world, { beforeRequest })[name]?.() ?? Promise.resolve());
      if (asked <= last) return; // The call has no more requests than that.
      expect([world.count() - sent, asked]).toEqual([last, last + 1]);
      expect(error).toMatchObject({ kind });
      // A thread or message that the caller does not know of must not pass for one that is not there.
      expect(error).toMatchObject({ applied: (await heldBy(world)) > before ? 'unknown' : 'no' });
    }
  });
});
