/** How operations come in, go on and end in memory. Nothing waits in here, so each call is a transaction. */
import { HelpdeskError } from '../../core/errors.ts';
import { type Begun, type Intent, type Link, mirrorLane, type Operation, type Store } from '../store.ts';
import { decided, isUnclear, mirroredFields, settledFields, unplaced } from './changes.ts';
import { createMemoryHeads } from './heads.ts';
import { createMemoryLanes } from './lanes.ts';
import { copied, createOperationTable } from './table.ts';

type Operations = Pick<
  Store,
  | 'begin'
  | 'enqueue'
  | 'take'
  | 'takeHead'
  | 'prolong'
  | 'release'
  | 'place'
  | 'sending'
  | 'seeking'
  | 'settle'
  | 'mirrored'
  | 'getOperation'
  | 'findOperation'
  | 'listLane'
  | 'laneHead'
  | 'dueLanes'
  | 'nextDue'
  | 'listOperations'
  | 'decide'
  | 'recheck'
  | 'figures'
  | 'prune'
>;

export function createMemoryOperations(
  upsertLinks: (links: readonly Link[]) => void,
  announce: (lane: string) => void,
): Operations {
  const table = createOperationTable();
  const lanes = createMemoryLanes();

  function known(intent: Intent): Extract<Begun, { is: 'known' }> | undefined {
    const holder = table.withKey(intent.key);
    return holder && holder.operation.state !== 'failed' ? { is: 'known', operation: copied(holder) } : undefined;
  }

  function requireNew({ id }: Intent, operation: 'begin' | 'enqueue'): void {
    if (!table.all.has(id)) return;
    const reason = 'an operation with this id is there already';
    throw new HelpdeskError({ provider: 'store', operation, kind: 'conflict', reason, applied: 'no' });
  }

  function announceBoth(lane: string): void {
    announce(lane);
    announce(mirrorLane(lane));
  }

  return {
    ...createMemoryHeads(table, lanes),

    async begin(intent, lease) {
      const there = known(intent);
      if (there) return there;
      if (!lanes.isFree(lease)) return { is: 'busy', until: lanes.heldUntil(lease.lane) };
      requireNew(intent, 'begin');
      lanes.take(lease);
      const position = lanes.takePosition(lease.lane);
      return { is: 'begun', operation: table.insert(intent, { position, begun: true, dueAt: lease.until }) };
    },

    async enqueue(intent) {
      const there = known(intent);
      if (there) return there;
      requireNew(intent, 'enqueue');
      const operation = table.insert(intent, { position: unplaced, begun: false, dueAt: intent.createdAt });
      announce(intent.lane);
      return { is: 'begun', operation };
    },

    take: async (lease) => lanes.take(lease),

    prolong: async (lease) => lanes.isHeld(lease) && lanes.take(lease),

    async release(lease) {
      lanes.release(lease);
    },

    async place(id, lease, input) {
      const stored = table.all.get(id);
      if (stored?.operation.lane !== lease.lane || !lanes.take(lease)) return undefined;
      if (!stored.operation.begun) table.change(id, { position: lanes.takePosition(lease.lane), begun: true, input });
      return copied(table.all.get(id) ?? stored);
    },

    async sending(id, part, lease) {
      const stored = table.all.get(id);
      if (stored === undefined || !lanes.isHeld(lease)) return false;
      const open = part === 'primary' ? stored.operation.state === 'pending' : stored.operation.mirror === 'queued';
      if (!open) return false;
      lanes.take(lease);
      table.change(id, part === 'primary' ? { sentAt: lease.now, dueAt: lease.until } : { mirrorSentAt: lease.now });
      return true;
    },

    seeking: async (id, sought) => table.change(id, { sought }),

    async settle(id, settlement, lease) {
      const stored = table.all.get(id);
      const done = settlement.state === 'done';
      if (stored === undefined || (!done && !lanes.isHeld(lease))) return false;
      const { state, lane } = stored.operation;
      if (state !== 'pending' && !(done && state === 'unclear')) return false;
      table.change(id, settledFields(stored.operation, settlement, lease));
      if (done) upsertLinks(settlement.links);
      lanes.release(lease);
      announceBoth(lane);
      return true;
    },

    async mirrored(id, mirroring, lease) {
      const stored = table.all.get(id);
      if (!lanes.release(lease) || stored?.operation.mirror !== 'queued') return false;
      table.change(id, mirroredFields(stored.operation, mirroring, lease));
      if (mirroring.mirror === 'done') upsertLinks(mirroring.links);
      return true;
    },

    async getOperation(id) {
      const stored = table.all.get(id);
      return stored && copied(stored);
    },

    async findOperation(key) {
      const stored = table.withKey(key);
      return stored && copied(stored);
    },

    listLane: async (lane) => table.inLane(lane).map(copied),

    async listOperations({ state, mirror, lane }, { limit, before }) {
      return [...table.all.values()]
        .filter(({ operation }) => before === undefined || operation.sequence < before)
        .filter(({ operation }) => state === undefined || operation.state === state)
        .filter(({ operation }) => mirror === undefined || operation.mirror === mirror)
        .filter(({ operation }) => lane === undefined || operation.lane === lane)
        .reverse()
        .slice(0, limit)
        .map(copied);
    },

    async decide(id, decision, now) {
      const stored = table.all.get(id);
      const fields = stored && decided(stored.operation, decision, now);
      if (stored === undefined || fields === undefined) return false;
      table.change(id, fields);
      announceBoth(stored.operation.lane);
      return true;
    },

    async recheck(now) {
      for (const id of table.open) {
        const operation = table.all.get(id)?.operation;
        if (operation?.state === 'pending') table.change(id, { sentAt: operation.sentAt ?? now, dueAt: now });
        else if (operation) table.change(id, { mirrorSentAt: operation.mirrorSentAt ?? now, dueAt: now });
      }
      for (const [id, { operation }] of table.all)
        if (operation.mirror === 'dead') table.change(id, { mirrorSentAt: operation.mirrorSentAt ?? now });
      return table.open.size;
    },

    async figures() {
      const all = [...table.all.values()];
      const count = (which: (operation: Operation) => boolean) =>
        all.filter(({ operation }) => which(operation)).length;
      const waiting = table.ordered(table.open).map(({ operation }) => operation.createdAt);
      return {
        pending: count(({ state }) => state === 'pending'),
        unclear: count(isUnclear),
        queued: count(({ mirror }) => mirror === 'queued'),
        dead: count(({ mirror }) => mirror === 'dead'),
        oldestAt: waiting.length === 0 ? undefined : Math.min(...waiting),
      };
    },

    async prune(before) {
      const unfinished = new Set<string>();
      let pruned = 0;
      for (const { operation } of table.ordered(table.all.keys())) {
        if (isUnfinished(operation)) unfinished.add(operation.lane);
        else if (!unfinished.has(operation.lane) && (operation.doneAt ?? before) < before) {
          table.remove(operation);
          pruned += 1;
        }
      }
      lanes.prune(before, table.hasLane);
      return pruned;
    },
  };
}

function isUnfinished(operation: Operation): boolean {
  const { state, mirror } = operation;
  return state === 'pending' || isUnclear(operation) || mirror === 'queued' || mirror === 'dead';
}
