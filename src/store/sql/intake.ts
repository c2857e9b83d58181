/** How operations come in and get their place: `begin`, `enqueue`, `place`. */
import type { Kysely } from 'kysely';
import { HelpdeskError } from '../../core/errors.ts';
import { toJson } from '../json.ts';
import type { Begun, Intent, Lease, Operation, Store } from '../store.ts';
import type { Dialect } from './dialect.ts';
import { leaseEnd, takePosition, takingPosition } from './lanes.ts';
import { fromIntent, toOperation } from './rows.ts';
import { type OperationsTable, type Schema, unplaced } from './schema.ts';
import type { Session } from './session.ts';

type Stored = Exclude<Begun, { readonly is: 'busy' }>;

export function createIntake(session: Session): Pick<Store, 'begin' | 'place'> {
  return {
    async begin(intent, lease) {
      if (session.dialect.changesInWith) {
        const operation = await session.run('begin', (db) => beginAtOnce(db, session.dialect, intent, lease));
        if (operation) return { is: 'begun', operation };
      }
      return session.transaction('begin', async (db, undo) => {
        const position = await takePosition(db, lease, false);
        if (position !== undefined) {
          const begun = await insert(db, intent, { position, begun: 1, due_at: lease.until });
          return begun.is === 'known' ? undo(begun) : begun;
        }
        const known = await findStanding(db, intent);
        return undo(known ?? { is: 'busy', until: await leaseEnd(db, lease.lane) });
      });
    },

    place: (id, lease, input) =>
      session.transaction('place', async (db, undo) => {
        const position = await takePosition(db, lease, true);
        if (position === undefined) return undefined;
        const placed = await db
          .updateTable('operations')
          .set({ position, begun: 1, input: toJson(input) })
          .where('id', '=', id)
          .where('lane', '=', lease.lane)
          .where('begun', '=', 0)
          .returningAll()
          .executeTakeFirst();
        if (placed) return toOperation(placed);
        return (await findBegun(db, id, lease)) ?? undo(undefined);
      }),
  };
}

/**
 * The way that nearly every operation goes, in one statement. `undefined`: the
 * lane is busy, or somebody has or had the key, and nothing was stored.
 */
async function beginAtOnce(
  db: Kysely<Schema>,
  dialect: Dialect,
  intent: Intent,
  lease: Lease,
): Promise<Operation | undefined> {
  const row = fromIntent(intent, { position: 0, begun: 1, due_at: lease.until });
  const { position: _, ...values } = row;
  const columns = Object.keys(values) as (keyof typeof values)[];
  try {
    const inserted = await db
      .with('held', (held) => takingPosition(held, lease, intent.key))
      .insertInto('operations')
      .columns([...columns, 'position'])
      .expression(({ selectFrom, val }) =>
        selectFrom('held').select([...columns.map((name) => val(values[name]).as(name)), 'held.position']),
      )
      .returningAll()
      .executeTakeFirst();
    return inserted && toOperation(inserted);
  } catch (error) {
    // Somebody took the same key at this moment: the transaction will find it.
    if (dialect.isConflict(error)) return undefined;
    throw error;
  }
}

/** Stores an operation that nobody has begun. `db`: of the store, or of the caller's transaction. */
export function insertWaiting(db: Kysely<Schema>, intent: Intent): Promise<Stored> {
  return insert(db, intent, { position: unplaced, begun: 0, due_at: intent.createdAt });
}

async function findBegun(db: Kysely<Schema>, id: string, lease: Lease): Promise<Operation | undefined> {
  const row = await db
    .selectFrom('operations')
    .selectAll()
    .where('id', '=', id)
    .where('lane', '=', lease.lane)
    .executeTakeFirst();
  return row && toOperation(row);
}

async function insert(
  db: Kysely<Schema>,
  intent: Intent,
  place: Pick<OperationsTable, 'position' | 'begun' | 'due_at'>,
): Promise<Stored> {
  // The key is free in the first round, and in the second after a failed operation gave it up. Only somebody who
  // gives up the same key at the same time makes a third one necessary.
  for (let round = 0; round < 3; round++) {
    const row = await db
      .insertInto('operations')
      .values(fromIntent(intent, place))
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row) return { is: 'begun', operation: toOperation(row) };
    const known = await findStanding(db, intent);
    if (known) return known;
    await db
      .updateTable('operations')
      .set({ key: null })
      .where('key', '=', intent.key ?? null)
      .where('state', '=', 'failed')
      .execute();
  }
  const reason = 'the idempotency key is being used by too many calls at once';
  throw new HelpdeskError({ provider: 'store', operation: 'begin', kind: 'conflict', reason, applied: 'no' });
}

/** The operation that has the key, unless it failed. */
async function findStanding(db: Kysely<Schema>, intent: Intent): Promise<Stored | undefined> {
  if (intent.key === undefined) return undefined;
  const row = await db
    .selectFrom('operations')
    .selectAll()
    .where('key', '=', intent.key)
    .where('state', '<>', 'failed')
    .executeTakeFirst();
  return row && { is: 'known', operation: toOperation(row) };
}
