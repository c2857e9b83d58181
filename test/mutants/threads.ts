/** Desks that lose something of a new thread. */
import { HelpdeskError } from '../../src/core/errors.ts';
import { created, losses, type Mutants, messages, readThreads, threads, without } from './kit.ts';

export const threadMutants: Mutants = {
  'reads back the thread it created': [
    readThreads(() => ({ title: '' })),
    threads(() => ({ priority: { is: 'low', raw: 'low' } })),
    threads(({ contact }) => ({ contact: contact && { ...contact, name: undefined } })),
    readThreads(() => ({ createdAt: new Date(0) })),
  ],
  'names no loss where it keeps everything': losses((all) => [...all, { field: 'assigneeId', how: 'dropped' }]),
  'reads back the opening message as it was given': [
    messages((all) => all.slice(1)),
    messages((all) => [...all, ...all]),
    messages((all) => all.map((one) => ({ ...one, body: { format: 'text', content: 'It says no.' } }))),
  ],
  'keeps each priority, or names what became of it': [
    threads(() => ({ priority: { is: 'normal', raw: 'normal' } })),
    losses((all) => [...all, { field: 'priority', how: 'changed', stored: 'normal' }]),
  ],
  'keeps labels, assignee and company of a new thread': [
    created(() => ({ labelIds: [] })),
    created(() => ({ assigneeId: undefined })),
    created(() => ({ companyId: undefined })),
    threads(({ labels }) => ({ labels: labels.map(({ id }) => ({ id, name: '' })) })),
  ],
  'keeps custom fields of every type': [
    created(({ customFields }) => ({ customFields: customFields?.slice(1) })),
    readThreads(({ customFields }) => ({
      customFields: customFields.map(({ key, value }) => ({ key, type: 'string', value: String(value) })),
    })),
  ],
  'names the custom fields it cannot keep': without('customFields'),
  'keeps the time a thread was created': created(() => ({ createdAt: undefined })),
  'names the time of creation it cannot keep': without('createdAt'),
  'finds a thread by the external id it keeps': [
    () => ({ findThread: async () => undefined }),
    created(() => ({ externalId: undefined })),
    (desk) => ({
      async findThread({ contactId }) {
        for await (const thread of desk.listThreads({ contactId })) return thread;
        return undefined;
      },
    }),
  ],
  'creates a thread once for each contact and external id': [
    created(({ externalId }) => ({ externalId: externalId && `${externalId}-${Math.random()}` })),
    (desk) => {
      const first = new Map<string, Awaited<ReturnType<typeof desk.createThread>>>();
      return {
        async createThread(input) {
          const known = first.get(input.externalId ?? '') ?? (await desk.createThread(input));
          first.set(input.externalId ?? '', known);
          return known;
        },
      };
    },
  ],
  'creates a thread once for a contact that is named by its own external id': created(({ contact, externalId }) =>
    contact.externalId ? { externalId: externalId && `${externalId}-${Math.random()}` } : {},
  ),
  'names the external id it cannot keep, and looks for none': [
    without('externalId'),
    () => ({ findThread: async () => undefined }),
    (desk) => ({
      async findThread(key) {
        await desk.check();
        return desk.findThread(key);
      },
    }),
  ],
  'takes titles up to its limit, and no longer ones': [
    (desk) => ({ createThread: (input) => desk.createThread({ ...input, title: input.title.slice(0, 100) }) }),
    (desk) => ({
      createThread: (input) => desk.createThread({ ...input, title: input.title.slice(0, desk.traits.titleLimit) }),
    }),
    (desk) => ({
      async createThread(input) {
        await desk.check();
        return desk.createThread(input);
      },
    }),
  ],
  'creates nothing where a label or an assignee does not exist': [
    created(() => ({ labelIds: [], assigneeId: undefined })),
    (desk) => ({
      async createThread(input) {
        const { labelIds, assigneeId, ...rest } = input;
        const { value } = await desk.createThread(rest);
        await desk.updateThread(value.id, { labelIds, assigneeId });
        return desk.createThread(input);
      },
    }),
  ],
  'deletes a thread for good': [
    () => ({ deleteThread: async (id) => ({ value: { id }, losses: [] }) }),
    (desk) => {
      const gone: string[] = [];
      return {
        async deleteThread(id) {
          gone.push(id);
          return { value: { id }, losses: [] };
        },
        getThread: async (id) => {
          if (!gone.includes(id)) return desk.getThread(id);
          const where = { provider: desk.name, operation: 'getThread' };
          throw new HelpdeskError({ ...where, kind: 'not-found', reason: 'gone', applied: 'no' });
        },
      };
    },
  ],
};
