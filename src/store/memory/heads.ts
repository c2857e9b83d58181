/** What comes next in each lane, when somebody may go on with it, and who does. In memory. */
import { type Lease, mirroredLane, mirrorLane, type Part, type Store } from '../store.ts';
import { shared } from '../watch.ts';
import type { MemoryLanes } from './lanes.ts';
import { copied, isOpen, type OperationTable, type Stored } from './table.ts';

/** The next operation under a lease. */
interface Head {
  readonly lease: string;
  readonly part: Part;
  readonly dueAt: number;
  readonly goesOnAt: number;
}

export function createMemoryHeads(
  table: OperationTable,
  lanes: MemoryLanes,
): Pick<Store, 'laneHead' | 'takeHead' | 'dueLanes' | 'nextDue'> {
  function headOf(lane: string, part: Part): Stored | undefined {
    return table
      .inLane(lane)
      .filter(isOpen)
      .find(({ operation }) => part === 'mirror' || operation.state === 'pending');
  }

  /** The mirror waits for what the primary has not done yet. */
  function dueHead(lease: Lease, part: Part): Stored | undefined {
    const head = headOf(part === 'primary' ? lease.lane : (mirroredLane(lease.lane) ?? ''), part);
    if (!head || head.operation.dueAt > lease.now) return undefined;
    return (head.operation.state === 'pending') === (part === 'primary') ? head : undefined;
  }

  function heads(): readonly Head[] {
    const pending = new Map<string, Head>();
    const queued = new Map<string, Head>();
    for (const { operation } of table.ordered(table.open)) {
      const { lane, state, dueAt } = operation;
      const isPending = state === 'pending';
      if (pending.has(lane) || (!isPending && queued.has(lane))) continue;
      const [part, lease, found] = isPending
        ? (['primary', lane, pending] as const)
        : (['mirror', mirrorLane(lane), queued] as const);
      found.set(lane, { lease, part, dueAt, goesOnAt: Math.max(dueAt, lanes.heldUntil(lease)) });
    }
    return [...pending.values(), ...queued.values()];
  }

  return {
    async laneHead(lane, part) {
      const head = headOf(lane, part);
      return head && copied(head);
    },

    async takeHead(lease, part) {
      const head = dueHead(lease, part);
      return head && lanes.isFree(lease) && lanes.take(lease) ? copied(head) : undefined;
    },

    async dueLanes(now, limit) {
      const due = heads().filter(({ lease, dueAt }) => dueAt <= now && lanes.isFree({ lane: lease, now, until: now }));
      const ordered = due.toSorted((a, b) => a.dueAt - b.dueAt);
      const leases = (part: Part) => ordered.filter((head) => head.part === part).map(({ lease }) => lease);
      return shared(leases('primary'), leases('mirror'), limit);
    },

    async nextDue() {
      const times = heads().map(({ goesOnAt }) => goesOnAt);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}
