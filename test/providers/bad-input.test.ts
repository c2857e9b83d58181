import { describe, expect, it } from 'vitest';
import type { Helpdesk } from '../../src/core/helpdesk.ts';
import { contact, failure, later, past, plainDesk, productlaneDesk, text, thread } from '../desks.ts';

const long = 'x'.repeat(513);
const message = { externalId: 'm', kind: 'inbound', body: text('x'), createdAt: past } as const;
const imported = { contact, title: 'T', externalId: 'e', createdAt: past, messages: [message] } as const;

/** JavaScript callers have no compiler: these are the shapes it would refuse, and those it cannot. */
const wrong = <T>(value: unknown): T => value as T;

type Call = (desk: Helpdesk, threadId: string) => Promise<unknown>;

const cases: readonly (readonly [name: string, path: string, message: RegExp, call: Call])[] = [
  ['an empty title', 'title', /must not be empty/, (desk) => desk.createThread({ ...thread, title: '' })],
  ['a title of spaces', 'title', /must not be empty/, (desk) => desk.createThread({ ...thread, title: '  ' })],
  [
    'a title of 513 characters',
    'title',
    /at most 512 characters/,
    (desk) => desk.createThread({ ...thread, title: long }),
  ],
  ['an empty body', 'body.content', /must not be empty/, (desk) => desk.createThread({ ...thread, body: text('') })],
  [
    'a body of nothing but a script',
    'body.content',
    /nothing that can be shown/,
    (desk) => desk.createThread({ ...thread, body: { format: 'html', content: '<script>steal()</script>' } }),
  ],
  [
    'a Blob as a body',
    'body.format',
    /is missing/,
    (desk) => desk.createThread({ ...thread, body: wrong(new Blob(['x'])) }),
  ],
  [
    'a Blob as content',
    'body.content',
    /must be a string/,
    (desk) => desk.createThread({ ...thread, body: wrong({ format: 'text', content: new Blob(['x']) }) }),
  ],
  [
    'an unknown format',
    'body.format',
    /"html" or "markdown" or "text"/,
    (desk) => desk.createThread({ ...thread, body: wrong({ format: 'rtf', content: 'x' }) }),
  ],
  [
    'a malformed address',
    'contact.email',
    /not an e-mail address/,
    (desk) => desk.createThread({ ...thread, contact: { email: 'ada@' } }),
  ],
  [
    'two names for one contact',
    'contact',
    /exactly one of id, email, externalId/,
    (desk) => desk.createThread({ ...thread, contact: wrong({ id: 'c_1', email: contact.email }) }),
  ],
  [
    'no name for the contact',
    'contact',
    /exactly one of/,
    (desk) => desk.createThread({ ...thread, contact: wrong({}) }),
  ],
  [
    'two customer identifiers',
    'providerOptions.plain.customerIdentifier',
    /exactly one of/,
    (desk) =>
      desk.createThread({
        ...thread,
        providerOptions: { plain: { customerIdentifier: { customerId: 'c_1', externalId: 'e' } } },
      }),
  ],
  [
    'an unknown priority',
    'priority',
    /"urgent" or "high" or "normal" or "low"/,
    (desk) => desk.createThread({ ...thread, priority: wrong('asap') }),
  ],
  [
    'an unknown word of a provider',
    'providerOptions.productlane.pain_level',
    /"UNKNOWN" or "LOW"/,
    (desk) => desk.createThread({ ...thread, providerOptions: { productlane: { pain_level: wrong('high') } } }),
  ],
  [
    'an unknown option of a provider',
    'providerOptions.productlane',
    /unknown field "painlevel" \(did you mean "pain_level"\?\)/,
    (desk) => desk.createThread({ ...thread, providerOptions: { productlane: wrong({ painlevel: 'LOW' }) } }),
  ],
  [
    'an unknown field',
    'input',
    /unknown field "priorty" \(did you mean "priority"\?\)/,
    (desk) => desk.createThread(wrong({ ...thread, priorty: 'high' })),
  ],
  [
    'an invalid date',
    'createdAt',
    /must be a date/,
    (desk) => desk.createThread({ ...thread, createdAt: new Date('never') }),
  ],
  [
    'a snooze without an end',
    'status.until',
    /is missing/,
    (desk, id) => desk.updateThread(id, { status: wrong({ is: 'snoozed' }) }),
  ],
  [
    'a snooze until yesterday',
    'status.until',
    /must be in the future/,
    (desk, id) => desk.updateThread(id, { status: { is: 'snoozed', until: past } }),
  ],
  ['an unknown status', 'status.is', /./, (desk, id) => desk.updateThread(id, { status: wrong({ is: 'closed' }) })],
  ['a change of nothing', 'input', /changes nothing/, (desk, id) => desk.updateThread(id, {})],
  ['an empty id', 'id', /must not be empty/, (desk) => desk.getThread('')],
  ['an id that leaves its path', 'id', /is not an id/, (desk) => desk.getThread('../contacts')],
  ['an id of dots', 'id', /is not an id/, (desk) => desk.deleteThread('..')],
  [
    'a malformed address to copy',
    'cc.0.email',
    /not an e-mail address/,
    (desk, id) => desk.reply({ threadId: id, body: text('x'), cc: [{ email: 'nobody' }] }),
  ],
  [
    'an empty reply',
    'body.content',
    /must not be empty/,
    (desk, id) => desk.reply({ threadId: id, body: text(' \n') }),
  ],
  ['an empty note', 'body.content', /must not be empty/, (desk, id) => desk.addNote({ threadId: id, body: text('') })],
  [
    'an address with a space',
    'email',
    /not an e-mail address/,
    (desk) => desk.upsertContact({ email: 'ada lovelace@example.test' }),
  ],
  [
    'an import without messages',
    'messages',
    /at least 1 entries/,
    (desk) => desk.importThread({ ...imported, messages: [] }),
  ],
  [
    'an import without its own id',
    'externalId',
    /is missing/,
    (desk) => desk.importThread(wrong({ ...imported, externalId: undefined })),
  ],
  [
    'two messages of one id',
    'messages',
    /same externalId/,
    (desk) => desk.importThread({ ...imported, messages: [message, message] }),
  ],
  [
    'a message of no known kind',
    'messages.0.kind',
    /"inbound" or "outbound" or "note"/,
    (desk) => desk.importThread({ ...imported, messages: [{ ...message, kind: wrong('reply') }] }),
  ],
  [
    'a filter of a wrong word',
    'status',
    /"open" or "snoozed" or "done"/,
    (desk) =>
      desk
        .listThreads({ status: wrong('todo') })
        [Symbol.asyncIterator]()
        .next(),
  ],
  [
    'a filter with an invalid date',
    'updatedSince',
    /must be a date/,
    (desk) =>
      desk
        .listContacts({ updatedSince: new Date(Number.NaN) })
        [Symbol.asyncIterator]()
        .next(),
  ],
];

const desks = { productlane: productlaneDesk, plain: plainDesk } as const;

describe.each(Object.keys(desks) as (keyof typeof desks)[])('%s refuses, before anything is sent,', (name) => {
  it.each(cases)('%s', async (_, path, message, call) => {
    const { desk, emulator } = desks[name]();
    const { value } = await desk.createThread(thread);
    const before = emulator.requests.count();
    const error = await failure(call(desk, value.id));
    expect(error).toMatchObject({ kind: 'invalid', applied: 'no', provider: name });
    expect(error).toMatchObject({
      issues: expect.arrayContaining([{ path, message: expect.stringMatching(message) }]),
    });
    expect(emulator.requests.count()).toBe(before);
  });
});

describe('plain refuses, before anything is sent,', () => {
  const id = 'xx_01H14DFQ4PDYBH398J1E99TWSS';
  const plain: readonly (readonly [string, string, Call])[] = [
    ['a thread id of another desk', 'id', (desk) => desk.getThread('thr_0000000001')],
    [
      'a contact id of another desk',
      'contact.id',
      (desk) => desk.createThread({ ...thread, contact: { id: 'con_0000000001' } }),
    ],
    [
      'a label that is a label type of nobody',
      'labelIds.1',
      (desk) => desk.createThread({ ...thread, labelIds: ['lt_01HB924PME9C0YWKW1N4AK3BZA', 'tag_1'] }),
    ],
    ['an agent that can be none', 'assigneeId', (desk, thread) => desk.updateThread(thread, { assigneeId: id })],
    ['a title of 501 characters', 'title', (desk) => desk.createThread({ ...thread, title: 'x'.repeat(501) })],
    [
      'a note of 10 001 characters',
      'body.content',
      (desk, id) => desk.addNote({ threadId: id, body: text('x'.repeat(10_001)) }),
    ],
    [
      'a snooze of a hundred years',
      'status.until',
      (desk, id) => desk.updateThread(id, { status: { is: 'snoozed', until: new Date(later.getTime() + 1e13) } }),
    ],
    [
      'an outbound message without an author',
      'messages.0.author.id',
      (desk) => desk.importThread({ ...imported, messages: [{ ...message, kind: 'outbound' }] }),
    ],
    [
      'a machine user as author',
      'messages.0.author.id',
      (desk) =>
        desk.importThread({
          ...imported,
          messages: [{ ...message, kind: 'note', author: { id: 'mu_01H14DFQ4PDYBH398J1E99TWSS' } }],
        }),
    ],
  ];
  it.each(plain)('%s', async (_, path, call) => {
    const { desk, emulator } = plainDesk();
    const { value } = await desk.createThread(thread);
    const before = emulator.requests.count();
    expect(await failure(call(desk, value.id))).toMatchObject({ kind: 'invalid', issues: [{ path }] });
    expect(emulator.requests.count()).toBe(before);
  });

  it('filtering by a machine user, which Plain cannot', async () => {
    const { desk, emulator } = plainDesk();
    const call = desk.listThreads({ assigneeId: emulator.machineUserId })[Symbol.asyncIterator]().next();
    expect(await failure(call)).toMatchObject({ kind: 'unsupported' });
    expect(emulator.requests.count()).toBe(0);
  });
});

describe('a label or an agent that the desk does not know', () => {
  it('is named, and Productlane has no thread more', async () => {
    const { desk, emulator } = productlaneDesk();
    expect(await failure(desk.createThread({ ...thread, labelIds: ['tag_none'] }))).toMatchObject({
      kind: 'invalid',
      issues: [{ path: 'labelIds.0' }],
    });
    expect(await failure(desk.createThread({ ...thread, assigneeId: 'usr_none' }))).toMatchObject({
      kind: 'invalid',
      issues: [{ path: 'assigneeId' }],
    });
    expect(emulator.state.threads.size).toBe(0);
  });

  it('is named, and Plain has no thread more', async () => {
    const { desk, emulator } = plainDesk();
    const label = 'lt_01HB924PME9C0YWKW1N4AK3BZA';
    const user = 'u_01H14DFQ4PDYBH398J1E99TWSS';
    expect(await failure(desk.createThread({ ...thread, labelIds: [label] }))).toMatchObject({
      kind: 'invalid',
      applied: 'no',
      issues: [{ path: expect.stringContaining('labelIds') }],
    });
    expect(await failure(desk.createThread({ ...thread, assigneeId: user }))).toMatchObject({
      kind: 'invalid',
      applied: 'no',
      issues: [{ path: expect.stringContaining('assigneeId') }],
    });
    expect(emulator.state.threads.size).toBe(0);
  });
});

describe('productlane', () => {
  it.each(['findThread', 'contact by external id'])(
    'throws `unsupported` before anything is sent: %s',
    async (name) => {
      const { desk, emulator } = productlaneDesk();
      const call =
        name === 'findThread'
          ? desk.findThread({ contactId: 'c', externalId: 'e' })
          : desk.createThread({ ...thread, contact: { externalId: 'e' } });
      expect(await failure(call)).toMatchObject({ kind: 'unsupported', applied: 'no' });
      expect(emulator.requests.count()).toBe(0);
    },
  );

  it('refuses a version 1 key with the sentence a user needs', async () => {
    const { desk, emulator } = productlaneDesk({}, { apiKey: () => 'pl_v1_0123456789' });
    const error = await failure(desk.check());
    expect(error).toMatchObject({
      kind: 'auth',
      applied: 'no',
      message: expect.stringMatching(/version 1 .* ended on 2026-11-20: create a version 2 key/),
    });
    expect(String(error)).not.toContain('pl_v1_0123456789');
    expect(emulator.requests.count()).toBe(0);
  });
});
