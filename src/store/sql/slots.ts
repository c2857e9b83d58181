/** A rate budget that several processes share: a ring of places, each used once in a window. */
import type { Kysely } from 'kysely';
import { clockSlackMs, type Store } from '../store.ts';
import type { Dialect } from './dialect.ts';
import type { Schema } from './schema.ts';
import type { Session } from './session.ts';

export function createSlots(session: Session): Pick<Store, 'takeSlot' | 'closeSlots'> {
  return {
    takeSlot: (bucket, capacity, windowMs, now) =>
      session.run('takeSlot', async (db) => {
        if (await usePlace(db, session.dialect, bucket, capacity, windowMs, now)) return 0;
        if (await addPlaces(db, bucket, capacity))
          if (await usePlace(db, session.dialect, bucket, capacity, windowMs, now)) return 0;
        return waitFor(db, bucket, capacity, windowMs, now);
      }),

    closeSlots: (bucket, until, windowMs, now) =>
      session.run('closeSlots', async (db) => {
        await db
          .insertInto('buckets')
          .values({ name: bucket, closed_until: until })
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet({ closed_until: until })
              .where(({ or, eb }) =>
                or([
                  eb('buckets.closed_until', '<', until),
                  eb('buckets.closed_until', '>', farthestClosure(windowMs, now)),
                ]),
              ),
          )
          .execute();
      }),
  };
}

/** A closure that ends later was written before the clock was put back. */
const farthestClosure = (windowMs: number, now: number) => now + windowMs + clockSlackMs;

async function usePlace(
  db: Kysely<Schema>,
  dialect: Dialect,
  bucket: string,
  capacity: number,
  windowMs: number,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('slots')
    .set({ used_at: now })
    .where('bucket', '=', bucket)
    .where('place', '=', ({ selectFrom }) =>
      dialect.forUpdateSkipLocked(
        selectFrom('slots')
          .select('place')
          .where('bucket', '=', bucket)
          .where('place', '<', capacity)
          // A time further ahead than clocks differ was written before the clock was put back.
          .where(({ or, eb }) => or([eb('used_at', '<=', now - windowMs), eb('used_at', '>', now + clockSlackMs)]))
          .where(({ not, exists, selectFrom: from }) =>
            not(
              exists(
                from('buckets')
                  .select('name')
                  .where('name', '=', bucket)
                  .where('closed_until', '>', now)
                  .where('closed_until', '<=', farthestClosure(windowMs, now)),
              ),
            ),
          )
          .orderBy('used_at')
          // The lowest of those never used, so that a ring may become smaller.
          .orderBy('place')
          .limit(1),
      ),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Whether the ring was smaller than that. */
async function addPlaces(db: Kysely<Schema>, bucket: string, capacity: number): Promise<boolean> {
  const { count } = await db
    .selectFrom('slots')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('bucket', '=', bucket)
    .executeTakeFirstOrThrow();
  const first = Number(count);
  if (first >= capacity) return false;
  const places = Array.from({ length: capacity - first }, (_, index) => ({
    bucket,
    place: first + index,
    used_at: Number.MIN_SAFE_INTEGER,
  }));
  await db
    .insertInto('slots')
    .values(places)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return true;
}

async function waitFor(
  db: Kysely<Schema>,
  bucket: string,
  capacity: number,
  windowMs: number,
  now: number,
): Promise<number> {
  const row = await db
    .selectNoFrom(({ selectFrom }) => [
      selectFrom('slots')
        .select(({ fn }) => fn.min('used_at').as('oldest'))
        .where('bucket', '=', bucket)
        .where('place', '<', capacity)
        .as('oldest'),
      selectFrom('buckets')
        .select('closed_until')
        .where('name', '=', bucket)
        .where('closed_until', '<=', farthestClosure(windowMs, now))
        .as('closed'),
    ])
    .executeTakeFirstOrThrow();
  const free = row.oldest === null ? now : Number(row.oldest) + windowMs;
  // Where a place is free by now, somebody else has just had his hand on it.
  return Math.max(free - now, Number(row.closed ?? 0) - now, 1);
}
