/** Desks that change too much, too little, or something else. */
import { type Mutants, readThreads, threads, updated, without, written } from './kit.ts';

export const updateMutants: Mutants = {
  'changes only the fields that are given': [
    updated((changes) => ({ labelIds: [], ...changes })),
    updated((changes) => ({ assigneeId: null, ...changes })),
    threads(() => ({ updatedAt: new Date(0) })),
    readThreads(() => ({ title: 'Login fails' })),
  ],
  'changes every field in one call': [
    ...(['title', 'priority', 'assigneeId', 'labelIds', 'companyId', 'status'] as const).map((field) =>
      updated((changes) => ({ title: 'Solved', ...changes, [field]: undefined })),
    ),
  ],
  'clears with null': [
    updated(({ assigneeId: _, ...changes }) => changes),
    updated(({ companyId: _, ...changes }) => changes),
  ],
  'replaces the labels by those that are given': (desk) => ({
    async updateThread(id, changes, call) {
      // Adds, and never takes away.
      const { labels } = await desk.getThread(id);
      const labelIds = [...new Set([...labels.map((label) => label.id), ...(changes.labelIds ?? [])])];
      return desk.updateThread(id, { ...changes, labelIds }, call);
    },
  }),
  'sets the custom fields that are given and leaves the others': threads(({ customFields }) => ({
    customFields: customFields.slice(-1),
  })),
  'names the custom fields it cannot set': without('customFields'),
  'is done, snoozed until a time, and open again, in every order': [
    (desk) => ({
      async updateThread(id, changes, call) {
        if (changes.status?.is === 'done') {
          await desk.reply({ threadId: id, body: { format: 'text', content: 'This is closed.' } });
        }
        return desk.updateThread(id, changes, call);
      },
    }),
    updated((changes) => (changes.status?.is === 'snoozed' ? { status: { is: 'done' } } : changes)),
    threads(({ status }) => (status.is === 'snoozed' ? { status: { ...status, until: undefined } } : {})),
    updated((changes) => (changes.status?.is === 'open' ? { title: 'Login fails' } : changes)),
  ],
  'sets the status a thread has already': (desk) => ({
    async updateThread(id, changes, call) {
      const { status } = await desk.getThread(id);
      // A switch instead of a setting.
      const is = status.is === changes.status?.is ? (status.is === 'open' ? 'done' : 'open') : changes.status?.is;
      return desk.updateThread(id, is && is !== 'snoozed' ? { status: { is } } : changes, call);
    },
  }),
  'opens a thread that is done when the contact writes': (desk) => {
    const done = new Set<string>();
    return {
      async updateThread(id, changes, call) {
        if (changes.status?.is === 'done') done.add(id);
        return desk.updateThread(id, changes, call);
      },
      getThread: async (id) => ({
        ...(await desk.getThread(id)),
        ...(done.has(id) && { status: { is: 'done', raw: 'done' } }),
      }),
    };
  },
  'refuses a change to what does not exist, and changes nothing': [
    updated(() => ({ title: 'Login fails' })),
    (desk) => ({
      async updateThread(id, changes, call) {
        const half = written(await desk.updateThread(id, { priority: 'high' }, call), (value) => value);
        return changes.title === undefined ? desk.updateThread(id, changes, call) : half;
      },
    }),
  ],
};
