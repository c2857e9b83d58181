/** Bridges that are broken in one way each, which no schedule may find in order. */
import type { Helpdesk, RecordedMessageInput } from '../../../src/core/helpdesk.ts';
import type { Operation, Store } from '../../../src/store/store.ts';
import type { Breakage } from './world.ts';

/** An operation as a bridge sees it that keeps no record of what has left. */
function unsent<T extends Operation | undefined>(operation: T): T {
  return operation && { ...operation, sentAt: undefined };
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

export const mutants: Readonly<Record<string, Breakage>> = {
  'sends again without looking': store(({ getOperation, laneHead, place }) => ({
    getOperation: async (id) => unsent(await getOperation(id)),
    laneHead: async (lane) => unsent(await laneHead(lane)),
    place: async (id, lease) => unsent(await place(id, lease)),
  })),
  'does not wait for requests that may still arrive': { options: { settleMs: 0 } },
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
  'takes a lost answer for a refusal': store(({ settle }) => ({
    settle: (id, settlement, lease) =>
      settle(id, settlement.state === 'pending' ? { state: 'failed', failure: settlement.failure } : settlement, lease),
  })),
};
