/** Whether a call that ends early says what may have happened: cut, stalled, garbled or cancelled. */
import assert from 'node:assert/strict';
import type { CallOptions, Helpdesk } from '../../core/helpdesk.ts';
import type { Fault } from '../../emulators/faults.ts';
import type { Case, World } from '../world.ts';
import {
  collect,
  emulatedOf,
  failureOf,
  lostOf,
  newContact,
  nextRequest,
  open,
  past,
  recorded,
  requestsDuring,
  text,
  threadsOf,
  unique,
  within,
} from './steps.ts';

export const outcomeCases: readonly Case[] = [
  {
    name: 'says `unknown` of every write whose answer is lost, and does not repeat it',
    safe: false,
    async run(world) {
      for (const [operation, write] of await writes(world)) {
        const { fail, requests } = emulatedOf(world);
        const before = requests('write');
        fail({ kind: 'cut', when: 'after' }, 'write');
        const error = await lostOf(world, write());
        const { kind = 'unavailable', applied = 'unknown', operation: called = operation } = error ?? {};
        assert.deepEqual([kind, applied, called], ['unavailable', 'unknown', operation]);
        assert.equal(requests('write') - before, 1, `${operation} was repeated`);
      }
    },
  },
  {
    name: 'has done a write once whose answer was lost',
    safe: false,
    async run(world) {
      const { fail, delivered } = emulatedOf(world);
      const contact = await newContact(world);
      const lost: readonly Fault[] = [{ kind: 'cut', when: 'after' }, { kind: 'truncate' }, { kind: 'garble' }];
      for (const fault of lost) {
        fail(fault, 'write');
        const error = await lostOf(world, open(world, { contact: { id: contact.id } }));
        assert.equal(error?.applied ?? 'unknown', 'unknown');
      }
      const threads = await threadsOf(world, contact.id);
      assert.equal(threads.length, lost.length);
      const [thread] = threads;
      assert.ok(thread);
      for (const fault of lost) {
        fail(fault, 'write');
        const error = await lostOf(world, world.helpdesk.reply({ threadId: thread.id, body: text('Try now.') }));
        assert.equal(error?.applied ?? 'unknown', 'unknown');
      }
      assert.equal(delivered().length, lost.length, 'a reply was delivered twice or not at all');
    },
  },
  {
    name: 'says `no` of a write that the desk refused',
    safe: false,
    async run(world) {
      const contact = await newContact(world);
      emulatedOf(world).fail({ kind: 'status', status: 400 }, 'write');
      const error = await failureOf(open(world, { contact: { id: contact.id } }));
      assert.deepEqual([error.kind, error.applied], ['invalid', 'no']);
      assert.deepEqual(await threadsOf(world, contact.id), []);
    },
  },
  {
    name: 'calls an answer that nobody can read `unexpected`',
    safe: false,
    async run(world) {
      const contact = await newContact(world);
      const { fail } = emulatedOf(world);
      fail({ kind: 'garble' }, 'write');
      const write = await lostOf(world, open(world, { contact: { id: contact.id } }));
      assert.deepEqual([write?.kind ?? 'unexpected', write?.applied ?? 'unknown'], ['unexpected', 'unknown']);
      fail({ kind: 'garble' }, 'read');
      const read = await failureOf(world.helpdesk.getContact(contact.id));
      assert.deepEqual([read.kind, read.applied], ['unexpected', 'no']);
    },
  },
  {
    name: 'repeats a read whose answer is lost',
    safe: false,
    async run(world) {
      const contact = await newContact(world);
      for (const fault of [{ kind: 'cut', when: 'before' }, { kind: 'truncate' }] as const) {
        emulatedOf(world).fail(fault, 'read');
        const sent = await requestsDuring(world, async () => {
          assert.equal((await world.helpdesk.getContact(contact.id)).id, contact.id);
        });
        assert.equal(sent, 2);
      }
    },
  },
  {
    name: 'settles a lost creation by its external id',
    when: (traits) => traits.keepsExternalIds,
    safe: false,
    async run(world) {
      const contact = await newContact(world);
      const input = { contact: { id: contact.id }, externalId: unique('thread') };
      emulatedOf(world).fail({ kind: 'cut', when: 'after' }, 'write');
      // Whether the desk is asked at once or by the second call is the adapter's choice.
      const first = await open(world, input).catch(() => undefined);
      const second = await open(world, input);
      const threads = await threadsOf(world, contact.id);
      assert.deepEqual(
        threads.map(({ id }) => id),
        [second.value.id],
      );
      if (first) assert.equal(first.value.id, second.value.id);
    },
  },
  {
    name: 'completes an import whose answer was lost when it is made again',
    when: (traits) => traits.importsThreadsOnce,
    safe: false,
    async run(world) {
      const contact = await newContact(world);
      const messages = [recorded(world, 'inbound', 'Hello?', past)];
      const input = {
        contact: { id: contact.id },
        title: 'Years ago',
        externalId: unique('import'),
        createdAt: past,
        messages,
      };
      emulatedOf(world).fail({ kind: 'cut', when: 'after' }, 'write');
      assert.equal((await failureOf(world.helpdesk.importThread(input))).applied, 'unknown');
      const { value } = await world.helpdesk.importThread(input);
      assert.deepEqual([value.outcome, value.messages[0]?.outcome], ['existing', 'stored']);
      assert.equal((await threadsOf(world, contact.id)).length, 1);
    },
  },
  {
    name: 'sends nothing for a call that is cancelled before it starts',
    safe: true,
    async run(world) {
      const signal = AbortSignal.abort();
      const { value } = await open(world);
      for (const [operation, call] of everyCall(world, value.id, value.contact?.id ?? '')) {
        const sent = await requestsDuring(world, async () => {
          const error = await failureOf(call({ signal }));
          assert.deepEqual([error.kind, error.applied, error.operation], ['cancelled', 'no', operation]);
        });
        assert.equal(sent, 0, `${operation} sent a request`);
      }
    },
  },
  {
    name: 'asks before each request leaves, and sends none that it is told not to',
    safe: false,
    async run(world) {
      const { value } = await open(world);
      const calls = everyCall(world, value.id, value.contact?.id ?? '');
      for (const [operation, call] of calls) {
        const sent = await requestsDuring(world, async () => {
          const beforeRequest = () => Promise.reject(new Error('not now'));
          const error = await failureOf(call({ beforeRequest }));
          assert.deepEqual([error.kind, error.applied], ['cancelled', 'no'], operation);
        });
        assert.equal(sent, 0, `${operation} sent a request that was stopped`);
      }
      for (const [operation, call] of calls) {
        // The thread may be gone by then: what counts is what was asked.
        let asked = 0;
        const sent = await requestsDuring(world, () =>
          call({ beforeRequest: () => void asked++ }).then(
            () => {},
            () => {},
          ),
        );
        assert.equal(asked, sent, `${operation} sent ${sent} requests and asked ${asked} times`);
      }
    },
  },
  {
    name: 'ends a call that is cancelled on its way, and says what may have happened',
    safe: false,
    async run(world) {
      const emulated = emulatedOf(world);
      const { value } = await open(world);
      const cancelled = async (access: 'read' | 'write', call: (options: CallOptions) => Promise<unknown>) => {
        const controller = new AbortController();
        emulated.fail({ kind: 'stall', at: 'headers' }, access);
        const arrived = nextRequest(emulated);
        const failure = failureOf(call({ signal: controller.signal }));
        await arrived;
        controller.abort();
        const { kind, applied } = await within(world, failure);
        return [kind, applied];
      };
      const { helpdesk } = world;
      assert.deepEqual(await cancelled('read', (options) => helpdesk.getThread(value.id, options)), [
        'cancelled',
        'no',
      ]);
      assert.deepEqual(
        await cancelled('write', (options) => helpdesk.reply({ threadId: value.id, body: text('Try now.') }, options)),
        ['cancelled', 'unknown'],
      );
      assert.equal(emulated.delivered().length, 1, 'a reply was delivered twice or not at all');
    },
  },
  {
    name: 'ends a walk that is cancelled between pages',
    safe: true,
    async run(world) {
      const contact = await newContact(world);
      for (let count = 0; count < 5; count++) await open(world, { contact: { id: contact.id } });
      const controller = new AbortController();
      let seen = 0;
      const walk = async () => {
        for await (const { id } of world.helpdesk.listThreads({ contactId: contact.id }, controller)) {
          assert.ok(id);
          seen += 1;
          controller.abort();
        }
      };
      // A real desk may give all five on one page.
      const error = world.emulated ? await failureOf(walk()) : await walk().catch((cause: unknown) => cause);
      if (error !== undefined) assert.deepEqual(Object(error).kind, 'cancelled');
      assert.ok(seen < 5 || !world.emulated, 'the walk went on');
    },
  },
];

/** Every write, on records that are there. The first request of each is the write itself. */
async function writes(world: World): Promise<readonly (readonly [keyof Helpdesk, () => Promise<unknown>])[]> {
  const { helpdesk } = world;
  const contact = await newContact(world);
  const opened = async () => (await open(world, { contact: { id: contact.id } })).value.id;
  const [changed, answered, deleted] = [await opened(), await opened(), await opened()];
  const messages = () => [recorded(world, 'inbound', 'Hello?', past)];
  const imported = { contact: { id: contact.id }, title: 'Years ago', externalId: unique('import'), createdAt: past };
  return [
    ['createThread', () => open(world, { contact: { id: contact.id } })],
    ['updateThread', () => helpdesk.updateThread(changed, { title: 'Solved' })],
    ['deleteThread', () => helpdesk.deleteThread(deleted)],
    ['upsertContact', () => helpdesk.upsertContact({ email: world.email() })],
    ['reply', () => helpdesk.reply({ threadId: answered, body: text('Try again now.') })],
    ['addNote', () => helpdesk.addNote({ threadId: answered, body: text('Done.') })],
    ['importThread', () => helpdesk.importThread({ ...imported, messages: messages() })],
    ['recordMessages', () => helpdesk.recordMessages({ threadId: answered, messages: messages() })],
  ];
}

function everyCall(
  world: World,
  threadId: string,
  contactId: string,
): readonly (readonly [keyof Helpdesk, (options: CallOptions) => Promise<unknown>])[] {
  const { helpdesk } = world;
  const body = text('Hello?');
  const contact = { email: world.email() };
  const messages = [recorded(world, 'inbound', 'Hello?', past)];
  return [
    ['check', (options) => helpdesk.check(options)],
    ['getContact', (options) => helpdesk.getContact(contactId, options)],
    ['findContact', (options) => helpdesk.findContact(contact.email, options)],
    ['listContacts', (options) => collect(helpdesk.listContacts({}, options))],
    ['getThread', (options) => helpdesk.getThread(threadId, options)],
    ['listThreads', (options) => collect(helpdesk.listThreads({ contactId }, options))],
    ['listMessages', (options) => collect(helpdesk.listMessages(threadId, options))],
    ['upsertContact', (options) => helpdesk.upsertContact(contact, options)],
    ['createThread', (options) => helpdesk.createThread({ contact, title: 'Login fails', body }, options)],
    ['updateThread', (options) => helpdesk.updateThread(threadId, { title: 'Solved' }, options)],
    ['deleteThread', (options) => helpdesk.deleteThread(threadId, options)],
    ['reply', (options) => helpdesk.reply({ threadId, body }, options)],
    ['addNote', (options) => helpdesk.addNote({ threadId, body }, options)],
    [
      'importThread',
      (options) =>
        helpdesk.importThread(
          { contact, title: 'Years ago', externalId: unique('import'), createdAt: past, messages },
          options,
        ),
    ],
    ['recordMessages', (options) => helpdesk.recordMessages({ threadId, messages }, options)],
  ];
}
