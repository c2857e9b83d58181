/** Desks that deliver too often, to the wrong people, or what was meant for the team. */
import { HelpdeskError } from '../../src/core/errors.ts';
import { collected, type Mutants, messages, written } from './kit.ts';

export const messageMutants: Mutants = {
  'delivers a reply exactly once, to the contact alone': [
    (desk) => ({
      async reply(input, call) {
        await desk.reply(input, call);
        return desk.reply(input, call);
      },
    }),
    (desk) => ({
      async reply({ threadId, body }) {
        const { value, losses } = await desk.addNote({ threadId, body });
        return { value: { ...value, channel: undefined }, losses };
      },
    }),
    (desk) => ({ reply: (input) => desk.reply({ ...input, cc: [{ email: 'all@customer.invalid' }] }) }),
  ],
  'reads back a reply as outbound, by the team': [
    messages((all) => all.map((one) => (one.kind === 'outbound' ? { ...one, kind: 'inbound' } : one))),
    messages((all) => all.filter(({ kind }) => kind !== 'outbound')),
  ],
  'gives the id of the reply that it sent': [
    (desk) => ({
      reply: async (...input) => written(await desk.reply(...input), (value) => ({ ...value, id: undefined })),
    }),
    (desk) => ({
      reply: async (...input) => written(await desk.reply(...input), (value) => ({ ...value, id: value.threadId })),
    }),
  ],
  'gives no id for a reply where it knows none': (desk) => ({
    reply: async (...input) => written(await desk.reply(...input), (value) => ({ ...value, id: value.threadId })),
  }),
  'delivers a reply to those in copy': [
    (desk) => ({ reply: ({ cc: _, ...input }) => desk.reply(input) }),
    (desk) => ({ reply: ({ bcc: _, ...input }) => desk.reply(input) }),
  ],
  'delivers a reply on an imported thread once, or says that it cannot': [
    (desk) => ({
      async reply({ threadId, body }) {
        const { value, losses } = await desk.addNote({ threadId, body });
        return { value: { ...value, channel: undefined }, losses };
      },
    }),
    (desk) => ({
      async reply(input) {
        await desk.reply(input);
        const where = { provider: desk.name, operation: 'reply', reason: 'imported' };
        throw new HelpdeskError({ ...where, kind: 'unsupported', applied: 'no' });
      },
    }),
  ],
  'shows a note to the team alone': [
    (desk) => ({
      async addNote(input, call) {
        const { value, losses } = await desk.reply(input, call);
        return { value: { id: value.id ?? '', threadId: value.threadId }, losses };
      },
    }),
    messages((all) => all.map((one) => (one.kind === 'note' ? { ...one, kind: 'inbound' } : one))),
    messages((all) => all.filter(({ kind }) => kind !== 'note')),
  ],
  'keeps a note a note whatever happens to its thread': (desk) => ({
    async *listMessages(threadId) {
      // "Resolved threads are public."
      const { status } = await desk.getThread(threadId);
      const others = await collected(desk.listMessages(threadId));
      yield* others.map((message) =>
        others.length > 3 || status.is === 'done' ? { ...message, kind: 'outbound' as const } : message,
      );
    },
  }),
  'leaves a note out of every other thread of the contact': (desk) => ({
    async *listMessages(threadId) {
      const { contact } = await desk.getThread(threadId);
      for await (const { id } of desk.listThreads({ contactId: contact?.id })) yield* desk.listMessages(id);
    },
  }),
  'reads what the contact writes as inbound': messages((all) =>
    all.map((one) => (one.kind === 'inbound' ? { ...one, kind: 'outbound' } : one)),
  ),
  'lists messages and notes oldest first, each once': [
    messages((all) => all.reverse()),
    messages((all) => [...all.filter(({ kind }) => kind === 'note'), ...all.filter(({ kind }) => kind !== 'note')]),
    messages((all) => all.slice(0, 2)),
    messages((all) => all.map((one) => ({ ...one, id: 'same' }))),
  ],
  'writes nothing on a thread that does not exist': [
    () => ({ addNote: async ({ threadId }) => ({ value: { id: 'note', threadId }, losses: [] }) }),
    (desk) => ({
      async reply(input) {
        const { value } = await desk.createThread({
          contact: { email: 'somebody@customer.invalid' },
          title: 'Found',
          body: input.body,
        });
        return desk.reply({ ...input, threadId: value.id });
      },
    }),
  ],
};
