/** Desks that skip, repeat or mix up what they list. */
import type { Helpdesk, ThreadFilter } from '../../src/core/helpdesk.ts';
import { collected, type Mutants, type Sabotage } from './kit.ts';

const filtered =
  (change: (filter: ThreadFilter) => ThreadFilter): Sabotage =>
  (desk) => ({ listThreads: (filter = {}, call) => desk.listThreads(change(filter), call) });

/** Pages by number: whatever comes or goes meanwhile moves the others. */
async function* byOffset(desk: Helpdesk, filter: ThreadFilter = {}) {
  for (let skip = 0; ; skip += 2) {
    const page = (await collected(desk.listThreads(filter))).slice(skip, skip + 2);
    if (page.length === 0) return;
    yield* page;
  }
}

/** Newest change first, two at a time, from the last one seen. */
async function* byChange(desk: Helpdesk, filter: ThreadFilter = {}) {
  for (let last = Number.POSITIVE_INFINITY; ; ) {
    const all = (await collected(desk.listThreads(filter))).sort(
      (a, b) => b.updatedAt.getTime() - a.updatedAt.getTime(),
    );
    const page = all.filter(({ updatedAt }) => updatedAt.getTime() < last).slice(0, 2);
    if (page.length === 0) return;
    last = page.at(-1)?.updatedAt.getTime() ?? 0;
    yield* page;
  }
}

export const listMutants: Mutants = {
  'lists each thread of a contact once, across pages': [
    filtered(({ contactId: _, ...filter }) => filter),
    (desk) => ({
      async *listThreads(...input) {
        yield* (await collected(desk.listThreads(...input))).slice(0, 2);
      },
    }),
  ],
  'lists threads as it gives them one by one': (desk) => ({
    async *listThreads(...input) {
      for await (const thread of desk.listThreads(...input)) yield { ...thread, contact: undefined };
    },
  }),
  'lists each thread once while others arrive': (desk) => ({ listThreads: (filter) => byOffset(desk, filter) }),
  'lists each thread once while they change': (desk) => ({ listThreads: (filter) => byChange(desk, filter) }),
  'lists on when a thread it has passed is deleted': (desk) => ({ listThreads: (filter) => byOffset(desk, filter) }),
  'keeps to the filter on every page': [
    (desk) => ({
      async *listThreads(filter = {}, call) {
        // The cursor is kept and the filters are forgotten.
        const first = (await collected(desk.listThreads(filter, call))).slice(0, 2);
        yield* first;
        for await (const thread of desk.listThreads({ contactId: filter.contactId }, call)) {
          if (!first.some(({ id }) => id === thread.id)) yield thread;
        }
      },
    }),
    filtered(({ labelId: _, ...filter }) => filter),
    filtered(({ assigneeId: _, ...filter }) => filter),
    filtered(({ status: _, ...filter }) => filter),
  ],
  'filters by each status': filtered((filter) =>
    filter.status === 'snoozed' ? { ...filter, status: 'open' } : filter,
  ),
  'lists the threads that changed since a time, that time included': [
    filtered(({ updatedSince: _, ...filter }) => filter),
    filtered(({ updatedSince, ...filter }) => ({
      ...filter,
      updatedSince: updatedSince && new Date(updatedSince.getTime() + 1),
    })),
  ],
  'lists nothing for a contact without threads': (desk) => ({
    async *listThreads(filter, call) {
      const threads = await collected(desk.listThreads(filter, call));
      if (threads.length > 0) yield* threads;
      else yield* desk.listThreads({}, call);
    },
  }),
  'asks for no page before it is read': (desk) => ({
    async *listThreads(...input) {
      yield* await collected(desk.listThreads(...input));
    },
  }),
};
