/** Operations in memory, found by what they are asked for. */
import type { Intent, Operation } from '../store.ts';
import { newOperation } from './changes.ts';

export interface Stored {
  readonly operation: Operation;
}

export interface OperationTable {
  /** In the order in which they were stored. */
  readonly all: ReadonlyMap<string, Stored>;
  /** Ids of those that a worker will see to. */
  readonly open: ReadonlySet<string>;
  /** By its key. */
  withKey(key: string | undefined): Stored | undefined;
  /** In the order of execution. */
  inLane(lane: string): Stored[];
  /** In the order of execution. */
  ordered(ids: Iterable<string>): Stored[];
  hasLane(lane: string): boolean;
  /** Takes the key over from the operation that has it. */
  insert(intent: Intent, place: Pick<Operation, 'position' | 'begun' | 'dueAt'>): Operation;
  change(id: string, fields: Partial<Operation>): void;
  remove(operation: Operation): void;
}

export function createOperationTable(): OperationTable {
  const all = new Map<string, Stored>();
  const byKey = new Map<string, string>();
  const open = new Set<string>();
  const lanes = new Map<string, Set<string>>();
  let sequence = 0;

  function keep(stored: Stored): void {
    const { id, lane } = stored.operation;
    all.set(id, stored);
    if (isOpen(stored)) open.add(id);
    else open.delete(id);
    const members = lanes.get(lane) ?? new Set();
    lanes.set(lane, members.add(id));
  }

  function change(id: string, fields: Partial<Operation>): void {
    const stored = all.get(id);
    if (stored) keep({ operation: { ...stored.operation, ...structuredClone(fields) } });
  }

  function ordered(ids: Iterable<string>): Stored[] {
    return [...ids].flatMap((id) => all.get(id) ?? []).sort(byPlace);
  }

  return {
    all,
    open,
    withKey: (key) => (key === undefined ? undefined : all.get(byKey.get(key) ?? '')),
    inLane: (lane) => ordered(lanes.get(lane) ?? []),
    ordered,
    hasLane: (lane) => lanes.has(lane),
    change,

    insert(intent, place) {
      if (intent.key !== undefined) {
        const before = byKey.get(intent.key);
        if (before !== undefined) change(before, { key: undefined });
        byKey.set(intent.key, intent.id);
      }
      sequence += 1;
      const stored = { operation: structuredClone(newOperation(intent, { ...place, sequence })) };
      keep(stored);
      return copied(stored);
    },

    remove({ id, key, lane }) {
      all.delete(id);
      if (key !== undefined) byKey.delete(key);
      const members = lanes.get(lane);
      members?.delete(id);
      if (members?.size === 0) lanes.delete(lane);
    },
  };
}

/** What is given away is nobody else's. */
export function copied({ operation }: Stored): Operation {
  return structuredClone(operation);
}

export function isOpen({ operation }: Stored): boolean {
  return operation.state === 'pending' || operation.mirror === 'queued';
}

function byPlace(a: Stored, b: Stored): number {
  return a.operation.position - b.operation.position || a.operation.sequence - b.operation.sequence;
}
