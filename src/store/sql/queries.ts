/** Which operations there are, which of them have work, and which are old enough to go. */
import { type Kysely, type SqlBool, sql } from 'kysely';
import { mirroredLane, mirrorLane, type Store } from '../store.ts';
import { shared, type Work } from '../watch.ts';
import { toOperation } from './rows.ts';
import { isOpen, isPending, type Schema } from './schema.ts';
import type { Session } from './session.ts';

type Queries = Pick<
  Store,
  | 'getOperation'
  | 'findOperation'
  | 'listLane'
  | 'laneHead'
  | 'dueLanes'
  | 'nextDue'
  | 'listOperations'
  | 'figures'
  | 'prune'
> &
  Pick<Work, 'isDue'>;

const batchSize = 1_000;

export function createQueries(session: Session): Queries {
  return {
    getOperation: (id) =>
      session.run('getOperation', async (db) => {
        const row = await db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst();
        return row && toOperation(row);
      }),

    findOperation: (key) =>
      session.run('findOperation', async (db) => {
        const row = await db.selectFrom('operations').selectAll().where('key', '=', key).executeTakeFirst();
        return row && toOperation(row);
      }),

    listLane: (lane) =>
      session.run('listLane', async (db) => {
        const rows = await laneOf(db, lane).execute();
        return rows.map(toOperation);
      }),

    laneHead: (lane, part) =>
      session.run('laneHead', async (db) => {
        const open = laneOf(db, lane).where(isOpen);
        const next = part === 'primary' ? open.where(isPending) : open;
        const row = await next.limit(1).executeTakeFirst();
        return row && toOperation(row);
      }),

    isDue: (lease, now) =>
      session.run('dueLanes', async (db) => {
        const isDue = async (part: Part, lane: string) =>
          (await dueOf(db, part, now).where('operations.lane', '=', lane).limit(1).executeTakeFirst()) !== undefined;
        const mirrored = mirroredLane(lease);
        // A copy that is being made has the same lease.
        return (mirrored !== undefined && (await isDue('mirror', mirrored))) || isDue('primary', lease);
      }),

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

    listOperations: (filter, { limit, before }) =>
      session.run('listOperations', async (db) => {
        let query = db.selectFrom('operations').selectAll().orderBy('seq', 'desc').limit(limit);
        // Constants: a parameter would hide from SQLite that the small index serves.
        if (filter.state !== undefined) query = query.where('state', '=', sql.lit(filter.state));
        if (filter.mirror !== undefined) query = query.where('mirror', '=', sql.lit(filter.mirror));
        if (filter.lane !== undefined) query = query.where('lane', '=', filter.lane);
        if (before !== undefined)
          query = query.where('seq', '<', ({ selectFrom }) =>
            selectFrom('operations as earlier').select('earlier.seq').where('earlier.id', '=', before),
          );
        return (await query.execute()).map(toOperation);
      }),

    figures: () =>
      session.run('figures', async (db) => {
        const count = (condition: string) =>
          db
            .selectFrom('operations')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .where(sql.raw<boolean>(condition));
        const row = await db
          .selectNoFrom([
            count("state = 'pending'").as('pending'),
            count("state = 'unclear'").as('unclear'),
            count("mirror = 'queued'").as('queued'),
            count("mirror = 'dead'").as('dead'),
            db
              .selectFrom('operations')
              .select(({ fn }) => fn.min('created_at').as('oldest'))
              .where(isOpen)
              .as('oldest'),
          ])
          .executeTakeFirstOrThrow();
        return {
          pending: Number(row.pending),
          unclear: Number(row.unclear),
          queued: Number(row.queued),
          dead: Number(row.dead),
          oldestAt: row.oldest === null ? undefined : Number(row.oldest),
        };
      }),

    async prune(before) {
      let pruned = 0;
      let last = 0;
      for (;;) {
        const seqs = await session.run('prune', (db) => pruneBatch(db, before, last));
        pruned += seqs.length;
        if (seqs.length < batchSize) break;
        last = Math.max(...seqs);
      }
      await session.transaction('prune', async (db) => {
        // A lane's counter must live as long as its operations. A lease that is over may go at any time.
        await db
          .deleteFrom('lanes')
          .where('until', '<=', before)
          .where(({ not, exists, selectFrom }) =>
            not(exists(selectFrom('operations').select('seq').whereRef('operations.lane', '=', 'lanes.name'))),
          )
          .execute();
        await db.deleteFrom('comparisons').where('at', '<', before).execute();
      });
      return pruned;
    },
  };
}

function laneOf(db: Kysely<Schema>, lane: string) {
  return db.selectFrom('operations').selectAll().where('lane', '=', lane).orderBy('position').orderBy('seq');
}

type Part = Parameters<Store['laneHead']>[1];
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
            .where('lanes.until', '>', now)
            .where('lanes.name', '=', leaseOf[part]),
        ),
      ),
    );
}

const isEarlier = sql<SqlBool>`(earlier.position, earlier.seq) < (operations.position, operations.seq)`;

async function pruneBatch(db: Kysely<Schema>, before: number, last: number): Promise<readonly number[]> {
  const rows = await db
    .deleteFrom('operations')
    .where('seq', 'in', ({ selectFrom }) =>
      selectFrom('operations')
        .select('operations.seq')
        .where('operations.seq', '>', last)
        .where('operations.done_at', '<', before)
        .where('operations.state', 'in', ['done', 'failed'])
        .where('operations.mirror', 'in', ['none', 'done', 'dropped'])
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('operations as earlier')
                .select('earlier.seq')
                .whereRef('earlier.lane', '=', 'operations.lane')
                .where(sql<boolean>`(earlier.state in ('pending', 'unclear') or earlier.mirror in ('queued', 'dead'))`)
                .where(isEarlier),
            ),
          ),
        )
        .orderBy('operations.seq')
        .limit(batchSize),
    )
    .returning('seq')
    .execute();
  return rows.map(({ seq }) => Number(seq));
}
