/** Which records a workspace can be filled with: the same ones every time. */
import type { SeedSize } from '../emulator.ts';
import { createRandom } from '../faults.ts';
import { insertOrdered } from '../ordered.ts';
import { addressOf, channelOf, messageTypeOf } from './responses.ts';
import type { CompanyRow, ContactRow, MemberRow, MessageRow, TagRow, ThreadRow } from './rows.ts';
import { addRow, addThread, listOf, type Tables } from './state.ts';
import { emailKey, teamAddress, type Workspace } from './workspace.ts';

const sizes = {
  small: { companies: 3, contacts: 10, threads: 25, messages: 4 },
  large: { companies: 200, contacts: 20_000, threads: 100_000, messages: 4 },
} as const satisfies Record<SeedSize, unknown>;

const minuteMs = 60_000;

const people = [
  ['Ada Brandt', 'ada', 'ADMIN'],
  ['Ben Okafor', 'ben', 'USER'],
  ['Cleo Marsh', 'cleo', 'VIEWER'],
] as const;

/** The members every workspace has. */
export function addMembers(workspace: Workspace): void {
  const created_at = workspace.clock.now().toISOString();
  for (const [name, local, role] of people) {
    const id = workspace.ids.next('usr');
    const row: MemberRow = { id, created_at, email: `${local}@team.invalid`, name, image_url: null, role };
    addRow(workspace.tables, 'members', row);
  }
}

/** `small`: 25 threads. `large`: 100 000. Each with five messages, the first one included, ending now. */
export function addSeed(workspace: Workspace, size: SeedSize): void {
  const { tables, ids, switches } = workspace;
  const count = sizes[size];
  const random = createRandom(count.threads);
  const end = workspace.clock.now().getTime();
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const times = (minutes: number) => {
    const at = new Date(end - minutes * minuteMs).toISOString();
    return { created_at: at, updated_at: at, deleted_at: null };
  };
  const age = (index: number): number => (count.threads - index) * 10;

  const companies = Array.from({ length: count.companies }, (_, index): CompanyRow => {
    const row = companyOf(ids.next('cmp'), index, times(age(0) + 2000));
    addRow(tables, 'companies', row);
    return row;
  });
  const contacts = Array.from({ length: count.contacts }, (_, index): ContactRow => {
    const company = random() < 0.8 ? pick(companies) : undefined;
    const row: ContactRow = {
      id: ids.next('con'),
      ...times(age(0) + 1000),
      email: `contact${index}@customer${index % count.companies}.invalid`,
      name: index % 7 === 0 ? null : `Contact ${index}`,
      image_url: null,
      is_subscribed: index % 5 !== 0,
      external_ids: {},
      company_ids: company ? [company.id] : [],
    };
    addRow(tables, 'contacts', row);
    tables.contactOfEmail.set(emailKey(workspace, row.email), row);
    return row;
  });
  const tags = addTags(workspace, times(age(0) + 2000));
  const members = [...tables.members.keys()];

  for (let index = 0; index < count.threads; index += 1) {
    const contact = pick(contacts);
    const status = pick(['open', 'open', 'open', 'done', 'done'] as const);
    const at = times(age(index));
    const row: ThreadRow = {
      id: ids.next('thr'),
      ...at,
      title: index % 9 === 0 ? null : `Question ${index}`,
      text: switches.storeHtml(`<p>Hello, this is question <b>${index}</b>.</p>`),
      pain_level: pick(['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH'] as const),
      origin: pick(['email', 'email', 'portal', 'live_chat', 'slack', 'api'] as const),
      status,
      is_new: status === 'open' && random() < 0.3,
      closed_loop: false,
      snoozed_until: null,
      last_inbound_message_at: at.created_at,
      last_outbound_message_at: null,
      last_state_change_at: status === 'done' ? at.created_at : null,
      is_read: status === 'done',
      contact_id: contact.id,
      company_id: contact.company_ids[0] ?? null,
      assignee_id: random() < 0.5 ? pick(members) : null,
      reporter_id: null,
      tag_ids: random() < 0.4 ? [pick(tags).id] : [],
      customer_needs: [],
      external_ids: {},
    };
    addThread(tables, row);
    addConversation(tables, ids.next, row, contact, count.messages, end - age(index) * minuteMs);
  }
}

/** By turns: the team answers first. A message a minute. */
function addConversation(
  tables: Tables,
  nextId: (prefix: string) => string,
  thread: ThreadRow,
  contact: ContactRow,
  length: number,
  start: number,
): void {
  const rows = listOf(tables.messages, thread.id);
  const customer = addressOf(contact);
  for (let index = 0; index < length; index += 1) {
    const outbound = index % 2 === 0;
    const created_at = new Date(start + (index + 1) * minuteMs).toISOString();
    const row: MessageRow = {
      id: nextId('msg'),
      created_at,
      thread_id: thread.id,
      type: messageTypeOf[channelOf(thread)],
      direction: outbound ? 'outbound' : 'inbound',
      subject: thread.title,
      html: `<p>${outbound ? 'Answer' : 'Reply'} ${index}</p>`,
      from: outbound ? teamAddress : customer,
      to: [outbound ? customer : teamAddress],
      cc: [],
      bcc: [],
      attachments: [],
      user_id: outbound ? thread.assignee_id : null,
    };
    insertOrdered(rows, row);
    if (outbound) thread.last_outbound_message_at = created_at;
    else thread.last_inbound_message_at = created_at;
    thread.updated_at = created_at;
  }
}

function companyOf(
  id: string,
  index: number,
  at: Pick<CompanyRow, 'created_at' | 'updated_at' | 'deleted_at'>,
): CompanyRow {
  return {
    id,
    ...at,
    name: `Customer ${index}`,
    logo_url: null,
    domains: [`customer${index}.com`],
    size: index * 10,
    revenue: null,
    status_id: null,
    tier_id: null,
    owner_id: null,
    external_ids: [`ext-${index}`],
  };
}

function addTags(
  workspace: Workspace,
  at: Pick<TagRow, 'created_at' | 'updated_at' | 'deleted_at'>,
): readonly TagRow[] {
  const { tables, ids } = workspace;
  const group = { id: ids.next('tgr'), ...at, name: 'Kind', color: '#888888' };
  addRow(tables, 'tagGroups', group);
  return ['bug', 'question', 'idea'].map((name) => {
    const row: TagRow = { id: ids.next('tag'), ...at, name, color: '#336699', icon: null, tag_group_id: group.id };
    addRow(tables, 'tags', row);
    return row;
  });
}
