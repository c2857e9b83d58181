/** Which operations there are, which of them have work, and which are old enough to go. */
import { type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import { mirrorLane, type Store } from '../store.ts';
import { toOperation } from './rows.ts';
import { isOpen, type Schema } from './schema.ts';
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
>;

const batchSize = 1_000;
const mirrorSuffix = mirrorLane('');

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

    laneHead: (lane) =>
      session.run('laneHead', async (db) => {
        const row = await laneOf(db, lane).where(isOpen).limit(1).executeTakeFirst();
        return row && toOperation(row);
      }),

    dueLanes: (now, limit) =>
      session.run('dueLanes', async (db) => {
        const rows = await db
          .selectFrom('operations')
          .select('lane')
          .where(isOpen)
          .where('due_at', '<=', now)
          .where(isHead)
          .where(({ not, exists, selectFrom, ref }) =>
            not(
              exists(
                selectFrom('lanes')
                  .select('lanes.name')
                  .where('lanes.name', '=', sql<string>`${ref('operations.lane')} || ${sql.lit(mirrorSuffix)}`)
                  .where('lanes.until', '>', now),
              ),
            ),
          )
          .orderBy('due_at')
          .limit(limit)
          .execute();
        return rows.map(({ lane }) => lane);
      }),

    nextDue: () =>
      session.run('nextDue', async (db) => {
        const free = (column: string) => sql.ref<number>(column);
        const row = await db
          .selectFrom('operations')
          .leftJoin('lanes', (join) =>
            join.on('lanes.name', '=', sql<string>`operations.lane || ${sql.lit(mirrorSuffix)}`),
          )
          .select(({ fn, eb }) =>
            fn
              .min(
                eb
                  .case()
                  .when('lanes.until', '>', eb.ref('operations.due_at'))
                  .then(free('lanes.until'))
                  .else(eb.ref('operations.due_at'))
                  .end(),
              )
              .as('due'),
          )
          .where(isOpen)
          .where(isHead)
          .executeTakeFirst();
        return row?.due === undefined || row.due === null ? undefined : Number(row.due);
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

/** Nothing that is open stands before it in its lane. */
function isHead({ not, exists, selectFrom }: ExpressionBuilder<Schema, 'operations'>) {
  return not(
    exists(
      selectFrom('operations as earlier')
        .select('earlier.seq')
        .whereRef('earlier.lane', '=', 'operations.lane')
        .where(sql<boolean>`(earlier.state = 'pending' or earlier.mirror = 'queued')`)
        .where(isEarlier),
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
