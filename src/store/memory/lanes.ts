/** Who may work on a lane. In memory. */
import { type Lease, leaseHorizon } from '../store.ts';

interface Lane {
  readonly owner: string | undefined;
  readonly until: number;
  readonly position: number;
}

export interface MemoryLanes {
  isHeld(lease: Pick<Lease, 'lane' | 'owner'>): boolean;
  isFree(lease: Pick<Lease, 'lane' | 'now' | 'until'>): boolean;
  heldUntil(lane: string): number;
  /** `false`: somebody else has it. */
  take(lease: Lease): boolean;
  /** The next position of a lane that is held. */
  takePosition(lane: string): number;
  /** Whether it was the owner's. */
  release(lease: Pick<Lease, 'lane' | 'owner'>): boolean;
  prune(before: number, isUsed: (lane: string) => boolean): void;
}

const freeLane: Lane = { owner: undefined, until: 0, position: 0 };

export function createMemoryLanes(): MemoryLanes {
  const lanes = new Map<string, Lane>();
  const laneOf = (name: string) => lanes.get(name) ?? freeLane;
  const isHeld = ({ lane, owner }: Pick<Lease, 'lane' | 'owner'>) => laneOf(lane).owner === owner;
  const isFree = (lease: Pick<Lease, 'lane' | 'now' | 'until'>) => {
    const { until } = laneOf(lease.lane);
    return until <= lease.now || until > leaseHorizon(lease);
  };
  const change = (name: string, fields: Partial<Lane>) => lanes.set(name, { ...laneOf(name), ...fields });

  return {
    isHeld,
    isFree,
    heldUntil: (lane) => laneOf(lane).until,

    take(lease) {
      if (!isFree(lease) && !isHeld(lease)) return false;
      change(lease.lane, { owner: lease.owner, until: lease.until });
      return true;
    },

    takePosition(lane) {
      const position = laneOf(lane).position + 1;
      change(lane, { position });
      return position;
    },

    release(lease) {
      if (!isHeld(lease)) return false;
      change(lease.lane, { owner: undefined, until: 0 });
      return true;
    },

    prune(before, isUsed) {
      for (const [name, { until }] of lanes) if (until <= before && !isUsed(name)) lanes.delete(name);
    },
  };
}
