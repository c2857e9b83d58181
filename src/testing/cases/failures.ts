/** Whether each failure is of the kind that tells the caller what to do, and quotes nothing. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { ErrorKind, HelpdeskError } from '../../core/errors.ts';
import type { CreateThreadInput, Helpdesk } from '../../core/helpdesk.ts';
import type { Fault } from '../../emulators/faults.ts';
import type { Case, World } from '../world.ts';
import {
  collect,
  emulatedOf,
  failureOf,
  lostOf,
  newContact,
  open,
  past,
  requestsDuring,
  text,
  threadsOf,
  within,
} from './steps.ts';

export const failureCases: readonly Case[] = [
  {
    name: 'says who the key is and what it lacks',
    safe: true,
    async run({ helpdesk }) {
      const { workspace, actor, permissions, missing, limits } = await helpdesk.check();
      assert.ok(workspace.id && actor.id, 'an identity is missing');
      assert.ok(permissions.length > 0, 'no permissions');
      assert.deepEqual(missing, []);
      assert.ok(limits.reads.perMinute > 0 && limits.writes.perMinute > 0, 'no limits');
    },
  },
  {
    name: 'reports what does not exist as not-found, by the call that was made',
    safe: true,
    async run({ helpdesk, known }) {
      const { threadId, contactId } = known.absent;
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        getThread: () => helpdesk.getThread(threadId),
        getContact: () => helpdesk.getContact(contactId),
        listMessages: () => collect(helpdesk.listMessages(threadId)),
        updateThread: () => helpdesk.updateThread(threadId, { title: 'Solved' }),
        deleteThread: () => helpdesk.deleteThread(threadId),
        addNote: () => helpdesk.addNote({ threadId, body: text('Hello?') }),
      };
      for (const [operation, call] of Object.entries(calls)) {
        const error = await failureOf(call());
        assert.deepEqual(
          [error.kind, error.applied, error.operation, error.provider, error.retryable],
          ['not-found', 'no', operation, helpdesk.name, false],
        );
      }
    },
  },
  {
    name: 'refuses bad input before anything is sent, and names the field',
    safe: true,
    async run(world) {
      for (const [field, call] of badCalls(world)) {
        const sent = await requestsDuring(world, async () => {
          const error = await failureOf(call(world.helpdesk));
          assert.deepEqual([error.kind, error.applied], ['invalid', 'no'], field);
          const paths = error.issues.map(({ path }) => path);
          assert.ok(paths.includes(field), `the issues name ${paths.join(', ')} and not ${field}`);
        });
        assert.equal(sent, 0, `a request was sent although ${field} is wrong`);
      }
    },
  },
  {
    name: 'refuses a body of which nothing can be shown',
    // Where the promise is broken, a reply goes out.
    safe: false,
    async run(world) {
      const { value } = await open(world);
      const body = { format: 'html', content: '<script>alert(1)</script><style>p { color: red }</style>' } as const;
      const { helpdesk } = world;
      for (const call of [
        () => open(world, { body }),
        () => helpdesk.reply({ threadId: value.id, body }),
        () => helpdesk.addNote({ threadId: value.id, body }),
      ]) {
        assert.equal((await failureOf(call())).kind, 'invalid');
      }
    },
  },
  {
    name: 'calls a key that is not accepted `auth`',
    safe: false,
    run: (world) => everyAccess(world, [401, 403], 'auth', 'no'),
  },
  {
    name: 'calls a desk that is out of order `unavailable`, and a write of which nobody knows `unknown`',
    safe: false,
    run: (world) => everyAccess(world, [500, 502, 503, 504], 'unavailable', 'unknown'),
  },
  {
    name: 'passes on how long a rate limit lasts',
    safe: false,
    async run(world) {
      const { fail, requests } = emulatedOf(world);
      const contact = await newContact(world);
      const limited: Fault = { kind: 'status', status: 429, headers: { 'Retry-After': '3600' } };
      for (const [access, call] of calls(world, contact.id)) {
        const before = requests(access);
        fail(limited, access);
        const error = await failureOf(call());
        assert.deepEqual([error.kind, error.applied, error.retryAfterMs], ['rate-limited', 'no', 3_600_000]);
        assert.equal(error.retryable, true);
        assert.equal(requests(access) - before, 1, 'a request was repeated although the desk had asked for an hour');
      }
    },
  },
  {
    name: 'waits for a short rate limit, and then does the work once',
    safe: false,
    async run(world) {
      const { fail } = emulatedOf(world);
      const contact = await newContact(world);
      const limited: Fault = { kind: 'status', status: 429, headers: { 'Retry-After': '0' } };
      fail(limited, 'write');
      await open(world, { contact: { id: contact.id } });
      fail(limited, 'read');
      assert.equal((await threadsOf(world, contact.id)).length, 1);
    },
  },
  {
    name: 'does not wait for ever on a rate limit that makes no sense',
    safe: false,
    async run(world) {
      const contact = await newContact(world);
      emulatedOf(world).fail({ kind: 'status', status: 429, headers: { 'Retry-After': 'later' } }, 'read');
      await assert.doesNotReject(within(world, world.helpdesk.getContact(contact.id)));
    },
  },
  {
    name: 'quotes neither customer nor text in its errors',
    safe: false,
    async run(world) {
      const email = world.email();
      const { fail } = emulatedOf(world);
      await world.helpdesk.upsertContact({ email });
      const secret = 'xyzzy-secret';
      const input = { contact: { email, name: secret }, title: secret, body: text(secret) };
      const faults: readonly Fault[] = [
        { kind: 'status', status: 500, body: { error: { code: 'internal_error', message: `${secret} ${email}` } } },
        {
          kind: 'status',
          status: 422,
          body: { error: { code: secret, message: secret, details: [{ path: secret }] } },
        },
        { kind: 'garble', body: `<p>${secret} ${email}</p>` },
        { kind: 'cut', when: 'after' },
      ];
      const errors: HelpdeskError[] = [];
      for (const fault of faults) {
        fail(fault, 'write');
        const error = await lostOf(world, open(world, input));
        if (error) errors.push(error);
      }
      errors.push(await failureOf(open(world, { ...input, contact: { email: `${secret} at ${email}` } })));
      for (const error of errors) {
        const printed = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`;
        assert.ok(!printed.includes(secret) && !printed.includes(email), 'an error quotes the customer');
      }
    },
  },
];

type Call = (helpdesk: Helpdesk) => Promise<unknown>;

/** The field that is wrong, and a call with it. */
function badCalls({ email, known }: World): readonly (readonly [field: string, Call])[] {
  const good: CreateThreadInput = { contact: { email: email() }, title: 'Login fails', body: text('It says no.') };
  const { threadId } = known.absent;
  const message = { externalId: 'a', kind: 'inbound', body: text('Hello?'), createdAt: past } as const;
  const history = { contact: good.contact, title: 'Years ago', externalId: 'a', createdAt: past } as const;
  const wrong = (value: unknown) => value as never;
  return [
    ['title', (desk) => desk.createThread({ ...good, title: ' ' })],
    ['contact.email', (desk) => desk.createThread({ ...good, contact: { email: 'nobody' } })],
    ['contact', (desk) => desk.createThread({ ...good, contact: wrong({ email: email(), id: threadId }) })],
    ['contact', (desk) => desk.createThread({ ...good, contact: wrong({}) })],
    ['body.content', (desk) => desk.createThread({ ...good, body: text('') })],
    ['body.format', (desk) => desk.createThread({ ...good, body: wrong({ format: 'rtf', content: 'x' }) })],
    ['priority', (desk) => desk.createThread({ ...good, priority: wrong('highest') })],
    ['createdAt', (desk) => desk.createThread({ ...good, createdAt: wrong('yesterday') })],
    ['labelIds.0', (desk) => desk.createThread({ ...good, labelIds: ['a/../b'] })],
    ['input', (desk) => desk.createThread(wrong({ ...good, titel: 'x' }))],
    ['input', (desk) => desk.updateThread(threadId, {})],
    ['status.until', (desk) => desk.updateThread(threadId, { status: { is: 'snoozed', until: past } })],
    ['title', (desk) => desk.updateThread(threadId, { title: '' })],
    ['id', (desk) => desk.updateThread('a b', { title: 'x' })],
    ['id', (desk) => desk.getThread('')],
    ['id', (desk) => desk.getThread('../threads')],
    ['id', (desk) => desk.getContact('a?b')],
    ['id', (desk) => desk.deleteThread('..')],
    ['email', (desk) => desk.findContact('nobody')],
    ['email', (desk) => desk.upsertContact({ email: '' })],
    ['name', (desk) => desk.upsertContact({ email: email(), name: '' })],
    ['status', (desk) => collect(desk.listThreads({ status: wrong('lost') }))],
    ['threadId', (desk) => collect(desk.listMessages('a#b'))],
    ['body.content', (desk) => desk.reply({ threadId, body: text(' \n ') })],
    ['cc.0.email', (desk) => desk.reply({ threadId, body: text('x'), cc: [{ email: 'nobody' }] })],
    ['body.content', (desk) => desk.addNote({ threadId, body: text('') })],
    ['messages', (desk) => desk.recordMessages({ threadId, messages: [] })],
    ['messages', (desk) => desk.recordMessages({ threadId, messages: [message, message] })],
    ['messages', (desk) => desk.importThread({ ...history, messages: [] })],
    ['externalId', (desk) => desk.importThread({ ...history, externalId: '', messages: [message] })],
    ['messages.0.kind', (desk) => desk.importThread({ ...history, messages: [{ ...message, kind: wrong('draft') }] })],
  ];
}

/** A write and a read. The write goes first: it may look something up, and a limit of reads would stop it. */
function calls(world: World, contactId: string) {
  return [
    ['write', () => open(world, { contact: { id: contactId } })],
    ['read', () => world.helpdesk.getContact(contactId)],
  ] as const;
}

async function everyAccess(
  world: World,
  statuses: readonly number[],
  kind: ErrorKind,
  applied: 'no' | 'unknown',
): Promise<void> {
  const { fail } = emulatedOf(world);
  const contact = await newContact(world);
  for (const [access, call] of calls(world, contact.id)) {
    for (const status of statuses) {
      // An hour: so that a read is not repeated.
      fail({ kind: 'status', status, headers: { 'Retry-After': '3600' } }, access);
      const error = await failureOf(call());
      assert.deepEqual([error.kind, error.applied], [kind, access === 'read' ? 'no' : applied], `HTTP ${status}`);
    }
  }
}
