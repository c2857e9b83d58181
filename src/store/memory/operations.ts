/** Operations and lanes in memory. Nothing waits in here, so each call is a transaction. */
import { HelpdeskError } from '../../core/errors.ts';
import {
  type Begun,
  type Intent,
  type Lease,
  type Link,
  type Mirroring,
  mirroredLane,
  mirrorLane,
  type Operation,
  type Settlement,
  type Store,
} from '../store.ts';
import { shared, type Work } from '../watch.ts';
import { decided, mirroredFields, newOperation, settledFields, unplaced } from './changes.ts';

type Operations = Pick<
  Store,
  | 'begin'
  | 'enqueue'
  | 'take'
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

/** The next operation under a lease. */
interface Head {
  readonly lease: string;
  /** It is the primary that waits for it. */
  readonly pending: boolean;
  readonly dueAt: number;
  readonly goesOnAt: number;
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

  /** What comes next in each lane, for the primary and for the mirror, and when somebody may go on with it. */
  function heads(ids: Iterable<string> = open): readonly Head[] {
    const pending = new Map<string, Head>();
    const queued = new Map<string, Head>();
    for (const { operation } of ordered(ids)) {
      const { lane, state, dueAt } = operation;
      const isPending = state === 'pending';
      // The mirror waits for what the primary has not done yet.
      if (pending.has(lane) || (!isPending && queued.has(lane))) continue;
      const lease = isPending ? lane : mirrorLane(lane);
      const head = { lease, pending: isPending, dueAt, goesOnAt: Math.max(dueAt, laneOf(lease).until) };
      (isPending ? pending : queued).set(lane, head);
    }
    return [...pending.values(), ...queued.values()];
  }

  function announceBoth(lane: string): void {
    announce(lane);
    announce(mirrorLane(lane));
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

    async place(id, lease, input) {
      const stored = operations.get(id);
      if (stored?.operation.lane !== lease.lane) return undefined;
      if (!isFree(lease) && !isHeld(lease)) return undefined;
      const position = laneOf(lease.lane).position + (stored.operation.begun ? 0 : 1);
      hold(lease, position);
      if (!stored.operation.begun) change(id, { position, begun: true, input });
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

    seeking: async (id, sought) => change(id, { sought }),

    async settle(id: string, settlement: Settlement, lease: Lease) {
      const stored = operations.get(id);
      const done = settlement.state === 'done';
      if (stored === undefined || (!done && !isHeld(lease))) return false;
      const { state, lane } = stored.operation;
      if (state !== 'pending' && !(done && state === 'unclear')) return false;
      change(id, settledFields(stored.operation, settlement, lease));
      if (done) upsertLinks(settlement.links);
      if (isHeld(lease)) lanes.set(lease.lane, { ...freeLane, position: laneOf(lease.lane).position });
      announceBoth(lane);
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

    async laneHead(lane, part) {
      const head = ordered(laneMembers.get(lane) ?? [])
        .filter(isOpen)
        .find(({ operation }) => part === 'mirror' || operation.state === 'pending');
      return head && copied(head);
    },

    async isDue(lease, now) {
      const members = [...(laneMembers.get(lease) ?? []), ...(laneMembers.get(mirroredLane(lease) ?? '') ?? [])];
      const next = heads(members.filter((id) => open.has(id)));
      return next.some((head) => head.lease === lease && head.goesOnAt <= now);
    },

    async dueLanes(now, limit) {
      const due = heads().filter(({ goesOnAt }) => goesOnAt <= now);
      const ordered = due.toSorted((a, b) => a.dueAt - b.dueAt);
      const leases = (pending: boolean) => ordered.filter((head) => head.pending === pending).map(({ lease }) => lease);
      return shared(leases(true), leases(false), limit);
    },

    async nextDue() {
      const times = heads().map(({ goesOnAt }) => goesOnAt);
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
      if (stored === undefined || fields === undefined) return false;
      change(id, fields);
      announceBoth(stored.operation.lane);
      return true;
    },

    async recheck(now) {
      for (const id of open) {
        const operation = operations.get(id)?.operation;
        if (operation?.state === 'pending') change(id, { sentAt: operation.sentAt ?? now, dueAt: now });
        else if (operation) change(id, { mirrorSentAt: operation.mirrorSentAt ?? now, dueAt: now });
      }
      return open.size;
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
