/** Bridges that are broken in one way each, which no schedule may find in order. */
import type { Helpdesk, RecordedMessageInput } from '../../../src/core/helpdesk.ts';
import type { Operation, Store } from '../../../src/store/store.ts';
import type { Breakage } from './world.ts';

/** An operation as a bridge sees it that keeps no record of what has left. */
function unsent<T extends Operation | undefined>(operation: T): T {
  return operation && { ...operation, sentAt: undefined };
}

/** One that believes that whatever has left did so long ago. */
function sentLongAgo<T extends Operation | undefined>(operation: T): T {
  return operation?.sentAt === undefined ? operation : { ...operation, sentAt: 1 };
}

const store = (change: (store: Store) => Partial<Store>): Breakage => ({
  store: (given) => ({ ...given, ...change(given) }),
});

/** What the mirror is asked to record is written in another way. */
const recording = (change: (desk: Helpdesk) => Partial<Helpdesk>): Breakage => ({
  desk: (given) => ({ ...given, ...change(given) }),
});

const published = (message: RecordedMessageInput): RecordedMessageInput =>
  message.kind === 'note' ? { ...message, kind: 'outbound' } : message;

/** What came later seems to have come earlier. */
const turned = (message: RecordedMessageInput): RecordedMessageInput => ({
  ...message,
  createdAt: new Date(2 ** 42 - message.createdAt.getTime()),
});

/** What callers read is read in another way. */
const asking = (change: (desk: Helpdesk) => Partial<Helpdesk>): Breakage => ({
  asked: (given) => ({ ...given, ...change(given) }),
});

export interface Mutant extends Breakage {
  /** What the invariant says that is there for it. Default: anything. */
  readonly caught?: RegExp;
}

export const mutants: Readonly<Record<string, Mutant>> = {
  'sends again without looking': store(({ getOperation, takeHead, place }) => ({
    getOperation: async (id) => unsent(await getOperation(id)),
    takeHead: async (...given) => unsent(await takeHead(...given)),
    place: async (...given) => unsent(await place(...given)),
  })),
  'does not wait for requests that may still arrive': { options: { settleMs: 0 } },
  'takes what a process has sent that died for arrived': store(({ getOperation, takeHead, place }) => ({
    getOperation: async (id) => sentLongAgo(await getOperation(id)),
    takeHead: async (...given) => sentLongAgo(await takeHead(...given)),
    place: async (...given) => sentLongAgo(await place(...given)),
  })),
  'takes messages of other operations for its own': store(({ listLane }) => ({
    listLane: async (lane) => (await listLane(lane)).filter(({ method }) => method !== 'reply' && method !== 'addNote'),
  })),
  'delivers on the mirror': recording((desk) => ({
    async recordMessages({ threadId, messages }, call) {
      for (const { body } of messages) await desk.reply({ threadId, body }, call);
      return {
        value: messages.map(({ externalId }) => ({ externalId, outcome: 'stored', id: undefined })),
        losses: [],
      };
    },
  })),
  'publishes notes on the mirror': recording((desk) => ({
    recordMessages: (input, call) => desk.recordMessages({ ...input, messages: input.messages.map(published) }, call),
  })),
  'sends after it has lost the lane': store(({ sending }) => ({
    sending: async (id, part, lease) => {
      await sending(id, part, lease);
      return true;
    },
  })),
  'forgets keys': store(({ begin }) => ({ begin: (intent, lease) => begin({ ...intent, key: undefined }, lease) })),
  'forgets which records belong together': store(({ settle, mirrored }) => ({
    settle: (id, settlement, lease) =>
      settle(id, settlement.state === 'done' ? { ...settlement, links: [] } : settlement, lease),
    mirrored: (id, mirroring, lease) =>
      mirrored(id, mirroring.mirror === 'done' ? { ...mirroring, links: [] } : mirroring, lease),
  })),
  'records without stable ids': recording((desk) => ({
    recordMessages: (input, call) =>
      desk.recordMessages(
        { ...input, messages: input.messages.map((one) => ({ ...one, externalId: crypto.randomUUID() })) },
        call,
      ),
  })),
  'mirrors the newest message first': {
    ...store(({ listLane, takeHead }) => ({
      async takeHead(...given) {
        const head = await takeHead(...given);
        if (head?.mirror !== 'queued') return head;
        const untried = (await listLane(head.lane)).filter((one) => one.mirror === 'queued' && one.attempts === 0);
        return untried.findLast(({ method }) => method === 'reply' || method === 'addNote') ?? head;
      },
    })),
    caught: /is out of order .*comments/,
  },
  'mixes up the times of messages': {
    ...recording((desk) => ({
      recordMessages: (input, call) => desk.recordMessages({ ...input, messages: input.messages.map(turned) }, call),
    })),
    caught: /is out of order .*timeline/,
  },
  'writes while it is read': {
    ...asking((desk) => ({
      async getThread(id, call) {
        const { value } = await desk.updateThread(id, { priority: 'normal' }, call);
        return value;
      },
    })),
    caught: /a read of thread .* fails/,
  },
  'answers with another thread': {
    ...asking((desk) => ({
      async getThread(id, call) {
        for await (const thread of desk.listThreads({}, call)) return thread;
        return desk.getThread(id, call);
      },
    })),
    caught: /who asks for/,
  },
  'lists nothing': {
    ...asking(() => ({ listThreads: async function* () {} })),
    caught: /is not listed/,
  },
  'copies threads without their time': {
    ...recording((desk) => ({
      importThread: (input, call) =>
        desk.importThread(
          desk.name === 'plain' ? { ...input, createdAt: new Date(input.createdAt.getTime() - 86_400_000) } : input,
          call,
        ),
    })),
    caught: /differs: createdAt/,
  },
  'takes a lost answer for a refusal': store(({ settle }) => ({
    settle: (id, settlement, lease) =>
      settle(id, settlement.state === 'pending' ? { state: 'failed', failure: settlement.failure } : settlement, lease),
  })),
};
