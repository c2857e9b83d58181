/** Every rule of the mapping tables, held against what the emulated desks really keep. */
import { describe, expect, it } from 'vitest';
import { type ModelField, modelFields } from '../../src/core/fields.ts';
import type { CreateThreadInput, Helpdesk, ImportThreadInput } from '../../src/core/helpdesk.ts';
import type { Loss, Thread } from '../../src/core/model.ts';
import { plainFields } from '../../src/providers/plain/fields.ts';
import { productlaneFields } from '../../src/providers/productlane/fields.ts';
import { collect, contact, html, later, markdown, past, plainDesk, productlaneDesk, text, thread } from '../desks.ts';

interface World {
  readonly desk: Helpdesk;
  readonly agentId: string;
  readonly labelId: string;
  readonly companyId: string;
  delivered(): readonly { readonly cc: readonly string[]; readonly bcc: readonly string[] }[];
}

/** What was read back, what was given, and the losses that were reported. */
interface Seen {
  readonly given: unknown;
  readonly stored: unknown;
  readonly losses: readonly Loss[];
}

const seconds = (date: Date | undefined) => date && Math.round(date.getTime() / 1000);

async function create(
  world: World,
  extra: Partial<CreateThreadInput>,
  pick: (read: Thread) => unknown,
  given: unknown,
): Promise<Seen> {
  const { value, losses } = await world.desk.createThread({ ...thread, ...extra });
  return { given, stored: pick(await world.desk.getThread(value.id)), losses };
}

async function opening(world: World, body: CreateThreadInput['body']): Promise<Seen> {
  const { value, losses } = await world.desk.createThread({ ...thread, body });
  const [first] = await collect(world.desk.listMessages(value.id));
  return { given: true, stored: first?.body.content.includes('bold words'), losses };
}

async function imported(world: World, extra: Partial<ImportThreadInput>) {
  const messages = [
    { externalId: 'm-1', kind: 'inbound', body: text('asked'), createdAt: past },
    {
      externalId: 'm-2',
      kind: 'outbound',
      body: text('answered'),
      createdAt: new Date(past.getTime() + 60_000),
      author: { id: world.agentId },
    },
  ] as const;
  const { value, losses } = await world.desk.importThread({
    contact,
    title: 'Old',
    externalId: 'e-1',
    createdAt: past,
    messages,
    ...extra,
  });
  return {
    thread: await world.desk.getThread(value.thread.id),
    messages: await collect(world.desk.listMessages(value.thread.id)),
    losses,
    again: value,
  };
}

const probes: Record<ModelField, (world: World) => Promise<Seen>> = {
  'contact.email': (world) => create(world, {}, (read) => read.contact?.email, contact.email),
  'contact.name': (world) => create(world, {}, (read) => read.contact?.name, contact.name),
  'contact.externalId': async ({ desk }) => {
    const { value, losses } = await desk.upsertContact({ ...contact, externalId: 'customer-7' });
    return { given: 'customer-7', stored: (await desk.getContact(value.id)).externalId, losses };
  },
  'thread.title': (world) => create(world, {}, (read) => read.title, thread.title),
  'thread.body (html)': (world) => opening(world, html('<p>some <b>bold words</b></p>')),
  'thread.body (markdown)': (world) => opening(world, markdown('some **bold words**')),
  'thread.body (text)': (world) => opening(world, text('some bold words')),
  'thread.priority (urgent)': (world) => create(world, { priority: 'urgent' }, (read) => read.priority.is, 'urgent'),
  'thread.priority (high, normal, low)': async (world) => {
    const seen = [];
    for (const priority of ['high', 'normal', 'low'] as const)
      seen.push(await create(world, { priority }, (read) => read.priority.is, priority));
    return {
      given: ['high', 'normal', 'low'],
      stored: seen.map(({ stored }) => stored),
      losses: seen.flatMap(({ losses }) => losses),
    };
  },
  'thread.assigneeId': (world) =>
    create(world, { assigneeId: world.agentId }, (read) => read.assignee?.id, world.agentId),
  'thread.labelIds': (world) =>
    create(world, { labelIds: [world.labelId] }, (read) => read.labels.map(({ id }) => id), [world.labelId]),
  'thread.companyId': (world) =>
    create(world, { companyId: world.companyId }, (read) => read.company?.id, world.companyId),
  'thread.customFields': (world) => {
    const customFields = [
      { key: 'plan', type: 'enum', value: 'gold' },
      { key: 'seats', type: 'number', value: 12 },
      { key: 'beta', type: 'boolean', value: true },
      { key: 'since', type: 'date', value: past },
      { key: 'revenue', type: 'currency', value: 99.5 },
      { key: 'note', type: 'string', value: 'likes tea' },
    ] as const;
    const byKey = (fields: readonly { readonly key: string }[]) => [...fields].sort((a, b) => (a.key < b.key ? -1 : 1));
    return create(world, { customFields }, (read) => byKey(read.customFields), byKey(customFields));
  },
  'thread.externalId': (world) => create(world, { externalId: 'order-1' }, (read) => read.externalId, 'order-1'),
  'thread.createdAt': (world) => create(world, { createdAt: past }, (read) => read.createdAt, past),
  'thread.status': async ({ desk }) => {
    const { value } = await desk.createThread(thread);
    const { losses } = await desk.updateThread(value.id, { status: { is: 'done' } });
    return { given: 'done', stored: (await desk.getThread(value.id)).status.is, losses };
  },
  'thread.status.until': async ({ desk }) => {
    const { value } = await desk.createThread(thread);
    const until = new Date(Date.now() + 3_600_000);
    const { value: after, losses } = await desk.updateThread(value.id, { status: { is: 'snoozed', until } });
    const stored = after.status.is === 'snoozed' && after.status.until;
    // Plain counts from its own clock, which stands still in tests: that there is an end is what can be compared.
    return { given: true, stored: stored instanceof Date, losses };
  },
  'reply.cc, reply.bcc': async ({ desk, delivered }) => {
    const { value } = await desk.createThread(thread);
    const { losses } = await desk.reply({
      threadId: value.id,
      body: text('x'),
      cc: [{ email: 'cc@example.test' }],
      bcc: [{ email: 'bcc@example.test' }],
    });
    const [mail] = delivered();
    return { given: [['cc@example.test'], ['bcc@example.test']], stored: [mail?.cc, mail?.bcc], losses };
  },
  'import.createdAt': async (world) => {
    const { thread, losses } = await imported(world, {});
    return { given: past, stored: thread.createdAt, losses: losses.filter(({ field }) => field === 'createdAt') };
  },
  'import.externalId': async (world) => {
    const { thread, losses } = await imported(world, {});
    return { given: 'e-1', stored: thread.externalId, losses };
  },
  'import.status.until': async (world) => {
    const { thread, losses } = await imported(world, { status: { is: 'snoozed', until: later } });
    const stored = thread.status.is === 'snoozed' ? seconds(thread.status.until) : 'awake';
    return { given: seconds(later), stored, losses: losses.filter(({ field }) => field.startsWith('status')) };
  },
  'import.messages.kind': async (world) => {
    const { messages, losses } = await imported(world, {});
    return { given: ['inbound', 'outbound'], stored: messages.map(({ kind }) => kind), losses };
  },
  'import.messages.author': async (world) => {
    const { messages, losses } = await imported(world, {});
    return { given: world.agentId, stored: messages[1]?.author.id, losses };
  },
  'import.messages.createdAt': async (world) => {
    const { messages, losses } = await imported(world, {});
    return { given: past.getTime() + 60_000, stored: messages[1]?.createdAt.getTime(), losses };
  },
  'import.messages.externalId': async (world) => {
    const first = await imported(world, {});
    const again = await imported(world, {});
    return { given: 'existing', stored: again.again.messages[1]?.outcome, losses: first.losses };
  },
};

async function productlane(): Promise<World> {
  const { desk, emulator } = productlaneDesk();
  const made = async (path: string, json: object) =>
    ((await desk.native.request('POST', path, { json })) as { id: string }).id;
  const group = await made('/tags/groups', { name: 'kind', color: '#ff0000' });
  return {
    desk,
    agentId: [...emulator.state.members.keys()][0] ?? '',
    labelId: await made('/tags', { name: 'bug', color: '#ff0000', icon: 'Atom', tag_group_id: group }),
    companyId: await made('/companies', { name: 'Acme' }),
    delivered: () => emulator.postRoom.delivered.map(({ cc, bcc }) => ({ cc: addresses(cc), bcc: addresses(bcc) })),
  };
}

async function plain(): Promise<World> {
  const { desk, emulator } = plainDesk();
  const { setup } = emulator;
  const types = {
    plan: 'ENUM',
    seats: 'NUMBER',
    beta: 'BOOL',
    since: 'DATE',
    revenue: 'CURRENCY',
    note: 'STRING',
  } as const;
  for (const [key, type] of Object.entries(types) as [string, 'ENUM'][]) {
    setup.addThreadFieldSchema({ key, type, ...(type === 'ENUM' && { enumValues: ['gold'] }) });
  }
  return {
    desk,
    agentId: emulator.userId,
    labelId: setup.addLabelType({ name: 'bug' }).id,
    companyId: setup.addTenant({ name: 'Acme', externalId: 'acme' }).id,
    delivered: () => emulator.postRoom.delivered.map(({ cc, bcc }) => ({ cc: addresses(cc), bcc: addresses(bcc) })),
  };
}

function addresses(recipients: readonly unknown[]): string[] {
  return recipients.map((recipient) =>
    typeof recipient === 'string' ? recipient : String((recipient as { email: string }).email),
  );
}

describe.each([
  ['productlane', productlane, productlaneFields],
  ['plain', plain, plainFields],
] as const)('the mapping table of %s says what becomes of', (_, world, rules) => {
  it.each(modelFields)('%s', async (field) => {
    const { given, stored, losses } = await probes[field](await world());
    const { how } = rules[field];
    if (how === 'kept') {
      expect(stored).toEqual(given);
      expect(losses).toEqual([]);
      return;
    }
    expect(stored).not.toEqual(given);
    expect(losses.map((loss) => loss.how)).toContain(how);
  });
});
