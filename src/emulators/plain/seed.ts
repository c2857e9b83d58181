/** What a seeded workspace holds. */

import type { SeedSize } from '../emulator.ts';
import { createRandom } from '../faults.ts';
import type { EntryContent, Participant } from './entries.ts';
import { customerParticipant, supportParticipant } from './outgoing.ts';
import type { ActorRef, Customer, MessageInfo, StatusDetail, Thread, ThreadStatus } from './records.ts';
import type { Setup } from './setup.ts';
import { newLabel, newThread } from './threads.ts';
import { addEntry } from './timeline.ts';
import { newId, now, system, type World } from './world.ts';

const sizes = {
  small: { customers: 6, threads: 12 },
  large: { customers: 10_000, threads: 100_000 },
} as const satisfies Record<SeedSize, { readonly customers: number; readonly threads: number }>;

const messagesPerThread = 5;

const givenNames = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Alan', 'Radia', 'Donald', 'Frances', 'Ken', 'Margaret'];
const familyNames = ['Lovelace', 'Hopper', 'Dijkstra', 'Liskov', 'Turing', 'Perlman', 'Knuth', 'Allen', 'Thompson'];
const subjects = ['Cannot log in', 'Export is empty', 'Invoice is wrong', 'Slow search', 'Webhook fails', 'New seat'];

const states: readonly (readonly [ThreadStatus, StatusDetail['type']])[] = [
  ['TODO', 'CREATED'],
  ['TODO', 'NEW_REPLY'],
  ['DONE', 'DONE_MANUALLY_SET'],
  ['SNOOZED', 'WAITING_FOR_CUSTOMER'],
];

/** The same size always gives the same records, apart from the times of the clock. */
export function seedWorkspace(world: World, setup: Setup, size: SeedSize): void {
  const random = createRandom(sizes[size].threads);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;

  const users = ['Sam Support', 'Alex Agent'].map((fullName) =>
    setup.addUser({ fullName, email: `${fullName.toLowerCase().replace(' ', '.')}@team.example` }),
  );
  const labelTypes = ['Bug', 'Billing', 'Feature request'].map((name) => setup.addLabelType({ name }));
  const tenants = ['Acme', 'Globex'].map((name) => setup.addTenant({ name, externalId: name.toLowerCase() }));
  setup.addThreadFieldSchema({ key: 'order_number', type: 'STRING' });
  setup.addThreadFieldSchema({ key: 'is_urgent', type: 'BOOL' });
  setup.addThreadFieldSchema({ key: 'plan', type: 'ENUM', enumValues: ['free', 'team', 'enterprise'] });

  const before = world.tables.customers.size;
  const customers = Array.from({ length: sizes[size].customers }, (_, index) => {
    const serial = before + index + 1;
    const fullName = `${pick(givenNames)} ${pick(familyNames)}`;
    const tenantIds = [pick(tenants).id];
    return addCustomer(world, {
      fullName,
      email: `customer${serial}@seed.example`,
      externalId: `seed-${serial}`,
      tenantIds,
    });
  });

  for (let index = 0; index < sizes[size].threads; index += 1) {
    const [status, type] = pick(states);
    const assignee = random() < 0.5 ? { is: 'user' as const, id: pick(users).id } : null;
    addThread(world, pick(customers), {
      title: pick(subjects),
      priority: Math.floor(random() * 4),
      status,
      statusDetail: { type },
      assignee,
      agent: { is: 'user', id: pick(users).id },
      labelTypeIds: random() < 0.5 ? [pick(labelTypes).id] : [],
    });
  }
}

/** So that a list that is being walked shifts. */
export function addStray(world: World): Thread {
  const serial = world.tables.customers.size + 1;
  const email = `stray${serial}@seed.example`;
  const customer = addCustomer(world, { fullName: 'Stray', email, externalId: null, tenantIds: [] });
  return addThread(world, customer, {
    title: 'It came in between',
    priority: 2,
    status: 'TODO',
    statusDetail: { type: 'CREATED' },
    assignee: null,
    agent: system,
    labelTypeIds: [],
  });
}

export function addStrayMessage(world: World, thread: Thread): void {
  const content = { type: 'CHAT', chatId: newId(world, 'ch'), text: 'It came in between', attachmentIds: [] } as const;
  addEntry(world, thread, { actor: { is: 'customer', id: thread.customerId }, content });
}

function addCustomer(world: World, own: Pick<Customer, 'fullName' | 'email' | 'externalId' | 'tenantIds'>): Customer {
  const at = now(world);
  const customer: Customer = {
    ...own,
    id: newId(world, 'c'),
    shortName: null,
    isVerified: true,
    verifiedAt: at,
    markedAsSpamAt: null,
    createdAt: at,
    createdBy: system,
    updatedAt: at,
    updatedBy: system,
  };
  world.tables.putCustomer(customer);
  return customer;
}

function addThread(
  world: World,
  customer: Customer,
  own: Pick<Thread, 'title' | 'priority' | 'status' | 'statusDetail' | 'assignee'> & {
    readonly agent: ActorRef;
    readonly labelTypeIds: readonly string[];
  },
): Thread {
  const { agent, labelTypeIds, ...rest } = own;
  const at = now(world);
  const actor: ActorRef = { is: 'customer', id: customer.id };
  const fresh = newThread(world, { customerId: customer.id, actor, at, channel: 'EMAIL' });
  const parties = { us: supportParticipant(world), them: customerParticipant(customer) };
  const times = Array.from({ length: messagesPerThread }, (_, index) => {
    const isInbound = index % 2 === 0;
    const content = email(world, parties, { isInbound, subject: own.title, index });
    return addEntry(world, fresh, { actor: isInbound ? actor : agent, content }).timestamp;
  });
  const infoAt = (index: number): MessageInfo => ({ timestamp: times.at(index) ?? at, messageSource: 'EMAIL' });
  const thread: Thread = {
    ...fresh,
    ...rest,
    labels: labelTypeIds.map((id) => newLabel(world, id, system, at)),
    previewText: own.title,
    assignedAt: own.assignee && at,
    firstInbound: infoAt(0),
    firstOutbound: infoAt(1),
    lastInbound: infoAt(-1),
    lastOutbound: infoAt(-2),
    updatedAt: times.at(-1) ?? at,
  };
  world.tables.putThread(thread);
  return thread;
}

/** One list for all: a large seed has a million of them. */
const nobody: readonly never[] = [];

function email(
  world: World,
  { us, them }: { readonly us: Participant; readonly them: Participant },
  { isInbound, subject, index }: { readonly isInbound: boolean; readonly subject: string; readonly index: number },
): EntryContent {
  const text = `Message ${index + 1} about: ${subject}`;
  return {
    type: 'EMAIL',
    emailId: newId(world, 'em'),
    from: isInbound ? them : us,
    to: isInbound ? us : them,
    additionalRecipients: nobody,
    hiddenRecipients: nobody,
    subject,
    textContent: text,
    markdownContent: text,
    hasMoreTextContent: false,
    sendStatus: isInbound ? null : 'SENT',
    attachmentIds: nobody,
  };
}
