/** What comes next in each lane, when somebody may go on with it, and who does. */
import { type Kysely, type QueryCreator, sql } from 'kysely';
import { type Lease, mirroredLane, mirrorLane, type Part, type Store } from '../store.ts';
import { shared } from '../watch.ts';
import { isOver, takeLane } from './lanes.ts';
import { toOperation } from './rows.ts';
import { inOrder, isOpen, isPending, type Schema } from './schema.ts';
import type { Session } from './session.ts';

export function createHeads(session: Session): Pick<Store, 'laneHead' | 'takeHead' | 'dueLanes' | 'nextDue'> {
  return {
    laneHead: (lane, part) =>
      session.run('laneHead', async (db) => {
        const row = await headOf(db, lane, part).executeTakeFirst();
        return row && toOperation(row);
      }),

    async takeHead(lease, part) {
      if (session.dialect.changesInWith)
        return session.run('takeHead', async (db) => {
          const row = await takeAtOnce(db, lease, part);
          return row && toOperation(row);
        });
      // A transaction keeps all others from writing, and most looks find nothing.
      if (!(await session.run('laneHead', (db) => dueHead(db, lease, part).executeTakeFirst()))) return undefined;
      return session.transaction('takeHead', async (db, undo) => {
        const row = await dueHead(db, lease, part).executeTakeFirst();
        return row && (await takeLane(db, lease, false)) ? toOperation(row) : undo(undefined);
      });
    },

    dueLanes: (now, limit) =>
      session.run('dueLanes', async (db) => {
        const found = await Promise.all(
          parts.map((part) => dueOf(db, part, now).orderBy('operations.due_at').limit(limit).execute()),
        );
        const [primary = [], mirror = []] = found.map((rows) => rows.map(({ lease }) => lease));
        return shared(primary, mirror, limit);
      }),

    nextDue: () =>
      session.run('nextDue', async (db) => {
        const found = await Promise.all(
          parts.map((part) =>
            heads(db, part)
              .leftJoin('lanes', (join) => join.on('lanes.name', '=', leaseOf[part]))
              .select(['operations.due_at as dueAt', 'lanes.until as heldUntil'])
              .execute(),
          ),
        );
        const times = found.flat().map(({ dueAt, heldUntil }) => Math.max(Number(dueAt), Number(heldUntil)));
        return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
      }),
  };
}

const parts = ['primary', 'mirror'] as const satisfies readonly Part[];

/** Under which lease that part of the operation is carried out. */
const leaseOf = {
  primary: sql<string>`operations.lane`,
  mirror: sql<string>`operations.lane || ${sql.lit(mirrorLane(''))}`,
} as const satisfies Record<Part, unknown>;

/** What a head must be. The condition is that of an index, word for word. */
const isHead = {
  primary: isPending,
  mirror: sql<boolean>`(state = 'pending' or mirror = 'queued') and mirror = 'queued'`,
} as const satisfies Record<Part, unknown>;

/** Which operations come one after the other. */
const isNext = {
  primary: sql<boolean>`next.state = 'pending'`,
  mirror: sql<boolean>`(next.state = 'pending' or next.mirror = 'queued')`,
} as const satisfies Record<Part, unknown>;

/** The next operation of one lane. */
function headOf(db: QueryCreator<Schema>, lane: string, part: Part) {
  const open = db.selectFrom('operations').selectAll().where('lane', '=', lane).where(isOpen);
  return inOrder(part === 'primary' ? open.where(isPending) : open).limit(1);
}

/** The same, if it may be done now under this lease: the mirror waits for what the primary has not done yet. */
function dueHead(db: QueryCreator<Schema>, lease: Lease, part: Part) {
  const lane = part === 'primary' ? lease.lane : (mirroredLane(lease.lane) ?? '');
  return db
    .selectFrom(headOf(db, lane, part).as('head'))
    .selectAll()
    .where('due_at', '<=', lease.now)
    .where('state', part === 'primary' ? '=' : '<>', 'pending');
}

/**
 * Looks and takes in one statement. What it sees is from its beginning, so the
 * lane is taken only if it was free then and nobody has touched it since: that
 * shows in the row's version, `xmin`.
 */
function takeAtOnce(db: Kysely<Schema>, lease: Lease, part: Part) {
  return db
    .with('seen', (query) =>
      query
        .selectFrom('lanes')
        .select(sql<string>`lanes.xmin`.as('version'))
        .where('name', '=', lease.lane)
        .where(isOver(lease)),
    )
    .with('head', (query) => dueHead(query, lease, part))
    .with('held', (query) =>
      query
        .insertInto('lanes')
        .columns(['name', 'owner', 'until', 'position'])
        .expression(
          query
            .selectFrom('head')
            .select(({ cast, val, lit }) => [
              cast<string>(val(lease.lane), 'text').as('name'),
              cast<string>(val(lease.owner), 'text').as('owner'),
              cast<number>(val(lease.until), 'bigint').as('until'),
              lit(0).as('position'),
            ]),
        )
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((lane) => ({ owner: lane.ref('excluded.owner'), until: lane.ref('excluded.until') }))
            .where(sql<boolean>`lanes.xmin = (select version from seen)`),
        )
        .returning('name'),
    )
    .selectFrom(['head', 'held'])
    .selectAll('head')
    .executeTakeFirst();
}

/** The next operation of each lane. The first one is looked up, so that a long lane costs no more than a short one. */
function heads(db: Kysely<Schema>, part: Part) {
  return db
    .selectFrom('operations')
    .where(isHead[part])
    .where('operations.seq', '=', ({ selectFrom }) =>
      selectFrom('operations as next')
        .select('next.seq')
        .whereRef('next.lane', '=', 'operations.lane')
        .where(isNext[part])
        .orderBy('next.position')
        .orderBy('next.seq')
        .limit(1),
    );
}

/** The leases of those that are due and that nobody holds. */
function dueOf(db: Kysely<Schema>, part: Part, now: number) {
  return heads(db, part)
    .select([leaseOf[part].as('lease'), 'operations.due_at as dueAt'])
    .where('operations.due_at', '<=', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('lanes')
            .select('lanes.name')
            .where((lane) => lane.not(isOver({ now, until: now })(lane)))
            .where('lanes.name', '=', leaseOf[part]),
        ),
      ),
    );
}
