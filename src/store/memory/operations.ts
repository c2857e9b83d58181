/** Operations and lanes in memory. Nothing waits in here, so each call is a transaction. */
import { HelpdeskError } from '../../core/errors.ts';
import {
  type Begun,
  type Intent,
  type Lease,
  type Link,
  type Mirroring,
  mirrorLane,
  type Operation,
  type Settlement,
  type Store,
} from '../store.ts';
import type { Work } from '../watch.ts';
import { decided, mirroredFields, newOperation, settledFields, unplaced } from './changes.ts';

type Operations = Pick<
  Store,
  | 'begin'
  | 'enqueue'
  | 'take'
  | 'release'
  | 'place'
  | 'sending'
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
  | 'figures'
  | 'prune'
> &
  Pick<Work, 'isDue'>;

interface Lane {
  readonly owner: string | undefined;
  readonly until: number;
  readonly position: number;
}

interface Stored {
  readonly seq: number;
  readonly operation: Operation;
}

const freeLane: Lane = { owner: undefined, until: 0, position: 0 };

export function createMemoryOperations(
  upsertLinks: (links: readonly Link[]) => void,
  announce: (lane: string) => void,
): Operations {
  /** In the order in which they were stored. */
  const operations = new Map<string, Stored>();
  const byKey = new Map<string, string>();
  /** Ids of those that a worker will see to. */
  const open = new Set<string>();
  const laneMembers = new Map<string, Set<string>>();
  const lanes = new Map<string, Lane>();
  let seq = 0;

  const laneOf = (name: string) => lanes.get(name) ?? freeLane;
  const isHeld = ({ lane, owner }: Pick<Lease, 'lane' | 'owner'>) => laneOf(lane).owner === owner;
  const isFree = ({ lane, now }: Lease) => laneOf(lane).until <= now;
  const hold = ({ lane, owner, until }: Lease, position: number) => lanes.set(lane, { owner, until, position });
  const isOpen = ({ operation }: Stored) => operation.state === 'pending' || operation.mirror === 'queued';

  function change(id: string, fields: Partial<Operation>): void {
    const stored = operations.get(id);
    if (stored) keep({ ...stored, operation: { ...stored.operation, ...structuredClone(fields) } });
  }

  function keep(stored: Stored): void {
    const { id, lane } = stored.operation;
    operations.set(id, stored);
    if (isOpen(stored)) open.add(id);
    else open.delete(id);
    const members = laneMembers.get(lane) ?? new Set();
    laneMembers.set(lane, members.add(id));
  }

  function remove({ id, key, lane }: Operation): void {
    operations.delete(id);
    if (key !== undefined) byKey.delete(key);
    const members = laneMembers.get(lane);
    members?.delete(id);
    if (members?.size === 0) laneMembers.delete(lane);
  }

  function known(intent: Intent): Extract<Begun, { is: 'known' }> | undefined {
    const holder = intent.key === undefined ? undefined : operations.get(byKey.get(intent.key) ?? '');
    if (holder === undefined || holder.operation.state === 'failed') return undefined;
    return { is: 'known', operation: copied(holder) };
  }

  function insert(intent: Intent, place: Pick<Operation, 'position' | 'begun' | 'dueAt'>): Operation {
    if (operations.has(intent.id)) throw alreadyThere(place.begun ? 'begin' : 'enqueue');
    if (intent.key !== undefined) {
      const failed = byKey.get(intent.key);
      if (failed !== undefined) change(failed, { key: undefined });
      byKey.set(intent.key, intent.id);
    }
    seq += 1;
    const stored = { seq, operation: structuredClone(newOperation(intent, place)) };
    keep(stored);
    return copied(stored);
  }

  function ordered(ids: Iterable<string>): Stored[] {
    return [...ids].flatMap((id) => operations.get(id) ?? []).sort(byPlace);
  }

  /** When somebody may go on with it: its own time, and the leases that keep others away. */
  function goesOnAt({ dueAt, lane, state }: Operation): number {
    const under = state === 'pending' ? laneOf(lane).until : 0;
    return Math.max(dueAt, laneOf(mirrorLane(lane)).until, under);
  }

  /** The first open one of each lane. */
  function heads(): Operation[] {
    const first = new Map<string, Operation>();
    for (const { operation } of ordered(open)) if (!first.has(operation.lane)) first.set(operation.lane, operation);
    return [...first.values()];
  }

  return {
    async begin(intent, lease) {
      const there = known(intent);
      if (there) return there;
      if (!isFree(lease)) return { is: 'busy', until: laneOf(lease.lane).until };
      const position = laneOf(lease.lane).position + 1;
      const operation = insert(intent, { position, begun: true, dueAt: lease.until });
      hold(lease, position);
      return { is: 'begun', operation };
    },

    async enqueue(intent) {
      const there = known(intent);
      if (there) return there;
      const operation = insert(intent, { position: unplaced, begun: false, dueAt: intent.createdAt });
      announce(intent.lane);
      return { is: 'begun', operation };
    },

    async take(lease) {
      if (!isFree(lease) && !isHeld(lease)) return false;
      hold(lease, laneOf(lease.lane).position);
      return true;
    },

    async release(lease) {
      if (isHeld(lease)) lanes.set(lease.lane, { ...freeLane, position: laneOf(lease.lane).position });
    },

    async place(id, lease) {
      const stored = operations.get(id);
      if (stored?.operation.lane !== lease.lane) return undefined;
      if (!isFree(lease) && !isHeld(lease)) return undefined;
      const position = laneOf(lease.lane).position + (stored.operation.begun ? 0 : 1);
      hold(lease, position);
      if (!stored.operation.begun) change(id, { position, begun: true });
      return copied(operations.get(id) ?? stored);
    },

    async sending(id, part, lease) {
      const stored = operations.get(id);
      if (stored === undefined || !isHeld(lease)) return false;
      const open = part === 'primary' ? stored.operation.state === 'pending' : stored.operation.mirror === 'queued';
      if (!open) return false;
      hold(lease, laneOf(lease.lane).position);
      change(id, part === 'primary' ? { sentAt: lease.now, dueAt: lease.until } : { mirrorSentAt: lease.now });
      return true;
    },

    async settle(id: string, settlement: Settlement, lease: Lease) {
      const stored = operations.get(id);
      const done = settlement.state === 'done';
      if (stored === undefined || (!done && !isHeld(lease))) return false;
      const { state, lane } = stored.operation;
      if (state !== 'pending' && !(done && state === 'unclear')) return false;
      change(id, settledFields(stored.operation, settlement, lease));
      if (done) upsertLinks(settlement.links);
      if (isHeld(lease)) lanes.set(lease.lane, { ...freeLane, position: laneOf(lease.lane).position });
      announce(lane);
      return true;
    },

    async mirrored(id: string, mirroring: Mirroring, lease: Lease) {
      const stored = operations.get(id);
      if (stored?.operation.mirror !== 'queued' || !isHeld(lease)) return false;
      change(id, mirroredFields(stored.operation, mirroring, lease));
      if (mirroring.mirror === 'done') upsertLinks(mirroring.links);
      return true;
    },

    async getOperation(id) {
      const stored = operations.get(id);
      return stored && copied(stored);
    },

    async findOperation(key) {
      const stored = operations.get(byKey.get(key) ?? '');
      return stored && copied(stored);
    },

    listLane: async (lane) => ordered(laneMembers.get(lane) ?? []).map(copied),

    async laneHead(lane) {
      const head = ordered(laneMembers.get(lane) ?? []).find(isOpen);
      return head && copied(head);
    },

    async isDue(lane, now) {
      const head = ordered(laneMembers.get(lane) ?? []).find(isOpen);
      return head !== undefined && goesOnAt(head.operation) <= now;
    },

    dueLanes: async (now, limit) =>
      heads()
        .filter((head) => goesOnAt(head) <= now)
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit)
        .map(({ lane }) => lane),

    async nextDue() {
      const times = heads().map(goesOnAt);
      return times.length === 0 ? undefined : Math.min(...times);
    },

    async listOperations({ state, mirror, lane }, { limit, before }) {
      const end = before === undefined ? Number.POSITIVE_INFINITY : (operations.get(before)?.seq ?? 0);
      return [...operations.values()]
        .filter((stored) => stored.seq < end)
        .filter(({ operation }) => state === undefined || operation.state === state)
        .filter(({ operation }) => mirror === undefined || operation.mirror === mirror)
        .filter(({ operation }) => lane === undefined || operation.lane === lane)
        .reverse()
        .slice(0, limit)
        .map(copied);
    },

    async decide(id, decision, now) {
      const stored = operations.get(id);
      const fields = stored && decided(stored.operation, decision, now);
      if (fields === undefined) return false;
      change(id, fields);
      announce(stored?.operation.lane ?? '');
      return true;
    },

    async figures() {
      const all = [...operations.values()];
      const count = (which: (operation: Operation) => boolean) =>
        all.filter(({ operation }) => which(operation)).length;
      const waiting = ordered(open).map(({ operation }) => operation.createdAt);
      return {
        pending: count(({ state }) => state === 'pending'),
        unclear: count(({ state }) => state === 'unclear'),
        queued: count(({ mirror }) => mirror === 'queued'),
        dead: count(({ mirror }) => mirror === 'dead'),
        oldestAt: waiting.length === 0 ? undefined : Math.min(...waiting),
      };
    },

    async prune(before) {
      const unfinished = new Set<string>();
      let pruned = 0;
      for (const { operation } of ordered(operations.keys())) {
        if (isUnfinished(operation)) unfinished.add(operation.lane);
        else if (!unfinished.has(operation.lane) && (operation.doneAt ?? before) < before) {
          remove(operation);
          pruned += 1;
        }
      }
      for (const [name, { until }] of lanes) if (until <= before && !laneMembers.has(name)) lanes.delete(name);
      return pruned;
    },
  };
}

function copied({ operation }: Stored): Operation {
  return structuredClone(operation);
}

function byPlace(a: Stored, b: Stored): number {
  return a.operation.position - b.operation.position || a.seq - b.seq;
}

function isUnfinished({ state, mirror }: Operation): boolean {
  return state === 'pending' || state === 'unclear' || mirror === 'queued' || mirror === 'dead';
}

function alreadyThere(operation: 'begin' | 'enqueue'): HelpdeskError {
  const reason = 'an operation with this id is there already';
  return new HelpdeskError({ provider: 'store', operation, kind: 'conflict', reason, applied: 'no' });
}
