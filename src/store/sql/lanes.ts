/** Who may work on a lane. */
import type { ExpressionBuilder, Kysely, QueryCreator } from 'kysely';
import type { Lease } from '../store.ts';
import type { Schema } from './schema.ts';

/**
 * Takes the lane and the next position in it, in one statement. `undefined`: it
 * is somebody's. `again`: also where it is this owner's already.
 */
export async function takePosition(db: Kysely<Schema>, lease: Lease, again: boolean): Promise<number | undefined> {
  const row = await db
    .insertInto('lanes')
    .values({ name: lease.lane, owner: lease.owner, until: lease.until, position: 1 })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((lane) => ({
          owner: lane.ref('excluded.owner'),
          until: lane.ref('excluded.until'),
          position: lane('lanes.position', '+', 1),
        }))
        .where(mayTake(lease, again)),
    )
    .returning('position')
    .executeTakeFirst();
  return row && Number(row.position);
}

/** The same for an operation that begins, unless somebody has its key. As a part of another statement. */
export function takingPosition(db: QueryCreator<Schema>, lease: Lease, key: string | undefined) {
  const row = db
    .selectNoFrom(({ cast, val, lit }) => [
      cast<string>(val(lease.lane), 'text').as('name'),
      cast<string>(val(lease.owner), 'text').as('owner'),
      cast<number>(val(lease.until), 'bigint').as('until'),
      lit(1).as('position'),
    ])
    .$if(key !== undefined, (query) =>
      query.where(({ not, exists }) =>
        not(
          exists(
            db
              .selectFrom('operations')
              .select('operations.seq')
              .where('operations.key', '=', key ?? null),
          ),
        ),
      ),
    );
  return db
    .insertInto('lanes')
    .columns(['name', 'owner', 'until', 'position'])
    .expression(row)
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((lane) => ({
          owner: lane.ref('excluded.owner'),
          until: lane.ref('excluded.until'),
          position: lane('lanes.position', '+', 1),
        }))
        .where('lanes.until', '<=', lease.now),
    )
    .returning('position');
}

function mayTake({ now, owner }: Lease, again: boolean) {
  return (lane: ExpressionBuilder<Schema, 'lanes'>) =>
    again ? lane.or([lane('lanes.until', '<=', now), lane('lanes.owner', '=', owner)]) : lane('lanes.until', '<=', now);
}

/** `again`: also where it is this owner's already. */
export async function takeLane(db: Kysely<Schema>, lease: Lease, again: boolean): Promise<boolean> {
  const row = await db
    .insertInto('lanes')
    .values({ name: lease.lane, owner: lease.owner, until: lease.until, position: 0 })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((lane) => ({ owner: lane.ref('excluded.owner'), until: lane.ref('excluded.until') }))
        .where(mayTake(lease, again)),
    )
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

/** As a part of another statement, or as one of its own. */
export function prolonging(db: QueryCreator<Schema>, lease: Lease) {
  return db
    .updateTable('lanes')
    .set({ until: lease.until })
    .where('name', '=', lease.lane)
    .where('owner', '=', lease.owner);
}

/** As a part of another statement, or as one of its own. */
export function releasing(db: QueryCreator<Schema>, lease: Pick<Lease, 'lane' | 'owner'>) {
  return db
    .updateTable('lanes')
    .set({ owner: null, until: 0 })
    .where('name', '=', lease.lane)
    .where('owner', '=', lease.owner);
}

/** Whether it was still the owner's. */
export async function releaseLane(db: Kysely<Schema>, lease: Pick<Lease, 'lane' | 'owner'>): Promise<boolean> {
  return (await releasing(db, lease).executeTakeFirst()).numUpdatedRows > 0n;
}

export async function leaseEnd(db: Kysely<Schema>, lane: string): Promise<number> {
  const row = await db.selectFrom('lanes').select('until').where('name', '=', lane).executeTakeFirst();
  return Number(row?.until ?? 0);
}
