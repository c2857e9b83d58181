/** Desks that deliver history, lose it, store it twice or date it anew. */

import { HelpdeskError } from '../../src/core/errors.ts';
import type { Helpdesk, Recorded } from '../../src/core/helpdesk.ts';
import type { Loss } from '../../src/core/model.ts';
import {
  losses,
  type Mutants,
  messages,
  readThreads,
  type Sabotage,
  silent,
  threads,
  without,
  written,
} from './kit.ts';

type ImportInput = Parameters<Helpdesk['importThread']>[0];
type RecordInput = Parameters<Helpdesk['recordMessages']>[0];

const imported =
  (change: (input: ImportInput) => Partial<ImportInput>): Sabotage =>
  (desk) => ({ importThread: (input, call) => desk.importThread({ ...input, ...change(input) }, call) });

const recorded =
  (change: (input: RecordInput) => Partial<RecordInput>): Sabotage =>
  (desk) => ({ recordMessages: (input, call) => desk.recordMessages({ ...input, ...change(input) }, call) });

const recordedResults =
  (change: (one: Recorded) => Recorded): Sabotage =>
  (desk) => ({
    recordMessages: async (...input) => written(await desk.recordMessages(...input), (value) => value.map(change)),
  });

/** The stronger effect: the contact gets mail from years ago. */
const delivering: Sabotage = (desk) => ({
  async importThread(input, call) {
    const written = await desk.importThread(input, call);
    for (const { body } of input.messages) await desk.reply({ threadId: written.value.thread.id, body }, call);
    return written;
  },
  async recordMessages(input, call) {
    for (const { body } of input.messages) await desk.reply({ threadId: input.threadId, body }, call);
    return desk.recordMessages(input, call);
  },
});

const dropped = (field: string): Loss => ({ field, how: 'dropped' });

export const historyMutants: Mutants = {
  'imports a thread with its time, and reaches nobody': [
    delivering,
    readThreads(() => ({ createdAt: new Date() })),
    imported(() => ({ title: 'Imported' })),
    imported(() => ({ status: { is: 'done' } })),
  ],
  'answers for every imported message, in the order given': [
    (desk) => ({
      importThread: async (...input) =>
        written(await desk.importThread(...input), (value) => ({ ...value, messages: value.messages.slice(1) })),
    }),
    (desk) => ({
      importThread: async (...input) =>
        written(await desk.importThread(...input), (value) => ({ ...value, messages: value.messages.toReversed() })),
    }),
  ],
  'shows imported messages oldest first, and no note among those the contact may see': [
    messages((all) => all.map((one) => ({ ...one, kind: 'inbound' }))),
    messages((all) => all.toReversed()),
    imported(({ messages }) => ({ messages: messages.slice(1) })),
  ],
  'imports messages as they were': [
    messages((all) => all.map((one) => ({ ...one, createdAt: new Date() }))),
    messages((all) => all.map((one) => ({ ...one, author: { ...one.author, id: undefined } }))),
    messages((all) => all.map((one) => (one.kind === 'outbound' ? { ...one, kind: 'inbound' } : one))),
  ],
  'imports messages as a transcript that names time and author, and says so': [
    imported(({ messages }) => ({ messages: messages.map(({ author: _, ...message }) => message) })),
    imported(({ messages }) => ({ messages: messages.map((one) => ({ ...one, createdAt: new Date() })) })),
    without('messages'),
  ],
  'imports labels, assignee, priority, fields and status, or names what became of them': [
    imported(({ labelIds: _, ...input }) => ({ ...input, labelIds: [] })),
    imported(() => ({ assigneeId: undefined })),
    imported(() => ({ priority: 'normal' })),
    imported(() => ({ customFields: [] })),
    imported(() => ({ status: { is: 'open' } })),
    losses((all) => [...all, dropped('labelIds')]),
    threads(({ status }) => (status.is === 'snoozed' ? { status: { ...status, until: new Date() } } : {})),
  ],
  'imports a thread that is done as done, and loses no end of a snooze without a word': [
    imported(() => ({ status: { is: 'open' } })),
    silent,
  ],
  'imports a thread once, and leaves it as it was': [
    imported(({ externalId }) => ({ externalId: `${externalId}-${Math.random()}` })),
    (desk) => ({
      async importThread(input) {
        const { value, losses } = await desk.importThread(input);
        await desk.updateThread(value.thread.id, { title: input.title });
        return { value, losses };
      },
    }),
    imported(({ messages }) => ({
      messages: messages.map((one) => ({ ...one, externalId: `${one.externalId}-${Math.random()}` })),
    })),
  ],
  'does not claim that a second import found the first': [
    (desk) => ({
      importThread: async (...input) =>
        written(await desk.importThread(...input), (value) => ({ ...value, outcome: 'existing' })),
    }),
    (desk) => {
      let first: ReturnType<Helpdesk['importThread']> | undefined;
      return {
        importThread(input) {
          first ??= desk.importThread(input);
          return first;
        },
      };
    },
  ],
  'records messages on a thread that lives, and reaches nobody': [
    delivering,
    recorded(({ messages }) => ({ messages: messages.slice(0, 2) })),
  ],
  'records messages as they were': [
    messages((all) => all.map((one) => ({ ...one, createdAt: new Date() }))),
    recorded(({ messages }) => ({ messages: messages.map((one) => ({ ...one, kind: 'inbound' })) })),
    losses(() => [dropped('messages.0.createdAt')]),
  ],
  'records messages as notes that name time, author and kind, and says so': [
    recorded(({ messages }) => ({ messages: messages.map(({ author: _, ...message }) => message) })),
    without('messages'),
    messages((all) => all.map((one) => ({ ...one, kind: 'inbound' }))),
  ],
  'records messages in the opening one, names time, author and kind, and says so': [
    delivering,
    recorded(({ messages }) => ({ messages: messages.map(({ author: _, ...message }) => message) })),
    recorded(({ messages }) => ({ messages: messages.map((one) => ({ ...one, createdAt: new Date() })) })),
    recorded(({ messages }) => ({ messages: messages.slice(1) })),
    // What is between us stands where the contact may read it.
    recorded(({ messages }) => ({
      messages: messages.map((one) => ({ ...one, kind: one.kind === 'note' ? 'outbound' : one.kind })),
    })),
    without('messages'),
    recordedResults((one) => ({ ...one, id: 'made up' })),
  ],
  'adds to a transcript, and leaves what is there': [
    // Each call writes the opening message anew.
    (desk) => {
      const texts = new Map<string, string>();
      return {
        async recordMessages(input, call) {
          for (const { body } of input.messages) texts.set(input.threadId, body.content);
          return desk.recordMessages(input, call);
        },
        async *listMessages(threadId, call) {
          for await (const message of desk.listMessages(threadId, call)) {
            yield { ...message, body: { format: 'text', content: texts.get(threadId) ?? message.body.content } };
          }
        },
      };
    },
    messages((all) =>
      all.map((one) => ({
        ...one,
        body: { ...one.body, content: one.body.content.split('\n').toReversed().join('\n') },
      })),
    ),
  ],
  'records no message a second time that came with its thread': [
    recorded(({ messages }) => ({
      messages: messages.map((one) => ({ ...one, externalId: `${one.externalId}-${Math.random()}` })),
    })),
    recordedResults((one) => ({ ...one, outcome: 'stored' })),
    recorded(({ messages }) => ({ messages: messages.slice(0, -1) })),
    (desk) => ({
      recordMessages: async (...input) => {
        const written = await desk.recordMessages(...input);
        const messages = input[0].messages.map((one) => ({ ...one, externalId: `${one.externalId}-${Math.random()}` }));
        await desk.recordMessages({ ...input[0], messages });
        return written;
      },
    }),
  ],
  'records a message once, however often it is given': [
    recorded(({ messages }) => ({
      messages: messages.map((one) => ({ ...one, externalId: `${one.externalId}-${Math.random()}` })),
    })),
    recordedResults((one) => ({ ...one, outcome: 'stored' })),
  ],
  'records more messages than a desk takes at once': (desk) => ({
    async recordMessages({ threadId, messages }) {
      const { value, losses } = await desk.recordMessages({ threadId, messages: messages.slice(0, 25) });
      const rest = messages.slice(25).map(({ externalId }) => ({ externalId, outcome: 'stored', id: 'x' }) as const);
      return { value: [...value, ...rest], losses };
    },
  }),
  'keeps apart messages of one time and one text': recorded(({ messages }) => ({
    messages: [...new Map(messages.map((one) => [one.body.content, one])).values()],
  })),
  'records nothing on a thread that does not exist': (desk) => ({
    recordMessages: (input) =>
      desk.recordMessages(input).catch((error: unknown) => {
        if (!HelpdeskError.is(error)) throw error;
        const refused = { outcome: 'refused', id: undefined } as const;
        return { value: input.messages.map(({ externalId }) => ({ externalId, ...refused })), losses: [] };
      }),
  }),
};
