/** A rate budget in memory. */
import { clockSlackMs, type Store } from '../store.ts';

export function createMemorySlots(): Pick<Store, 'takeSlot' | 'closeSlots'> {
  const rings = new Map<string, number[]>();
  const closed = new Map<string, number>();
  const closure = (bucket: string, windowMs: number, now: number) => {
    const until = closed.get(bucket) ?? 0;
    return until > now + windowMs + clockSlackMs ? 0 : until;
  };
  return {
    async takeSlot(bucket, capacity, windowMs, now) {
      const ring = rings.get(bucket) ?? [];
      rings.set(bucket, ring);
      while (ring.length < capacity) ring.push(Number.MIN_SAFE_INTEGER);
      const closedMs = closure(bucket, windowMs, now) - now;
      const places = ring.slice(0, capacity);
      // A time further ahead than clocks differ was written before the clock was put back.
      const free = places.findIndex((usedAt) => usedAt <= now - windowMs || usedAt > now + clockSlackMs);
      if (free !== -1 && closedMs <= 0) {
        ring[free] = now;
        return 0;
      }
      return Math.max(free === -1 ? Math.min(...places) + windowMs - now : 1, closedMs, 1);
    },
    async closeSlots(bucket, until, windowMs, now) {
      closed.set(bucket, Math.max(closure(bucket, windowMs, now), until));
    },
  };
}
