/** Which operations there are, and which are old enough to go. */
import { type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { Store } from '../store.ts';
import type { Dialect } from './dialect.ts';
import { toOperation } from './rows.ts';
import { inOrder, isOpen, type Schema } from './schema.ts';
import type { Session } from './session.ts';

type Queries = Pick<Store, 'getOperation' | 'findOperation' | 'listLane' | 'listOperations' | 'figures' | 'prune'>;

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
        const rows = await inOrder(db.selectFrom('operations').selectAll().where('lane', '=', lane)).execute();
        return rows.map(toOperation);
      }),

    listOperations: (filter, { limit, before }) =>
      session.run('listOperations', async (db) => {
        let query = db.selectFrom('operations').selectAll().orderBy('seq', 'desc').limit(limit);
        // Constants: a parameter would hide from SQLite that the small index serves.
        if (filter.state !== undefined) query = query.where('state', '=', sql.lit(filter.state));
        if (filter.mirror !== undefined) query = query.where('mirror', '=', sql.lit(filter.mirror));
        if (filter.lane !== undefined) query = query.where('lane', '=', filter.lane);
        if (before !== undefined) query = query.where('seq', '<', before);
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
            count("state = 'unclear' and mirror = 'none'").as('unclear'),
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
      for (let name: string | undefined = ''; name !== undefined; ) {
        const after: string = name;
        name = await session.transaction('prune', (db) => pruneLanes(db, session.dialect, before, after));
      }
      await session.run('prune', async (db) => {
        await db.deleteFrom('comparisons').where('at', '<', before).execute();
      });
      return pruned;
    },
  };
}

const isUnused = ({ not, exists, selectFrom }: ExpressionBuilder<Schema, 'lanes'>) =>
  not(exists(selectFrom('operations').select('seq').whereRef('operations.lane', '=', 'lanes.name')));

/**
 * A lane's counter must live as long as its operations; a lease that is over may
 * go at any time. Locked first and looked at afterwards: one statement sees what
 * was there at its beginning, and somebody may have begun and ended an operation
 * since. Gives where to go on.
 */
async function pruneLanes(
  db: Kysely<Schema>,
  dialect: Dialect,
  before: number,
  after: string,
): Promise<string | undefined> {
  const unused = db
    .selectFrom('lanes')
    .select('name')
    .where('name', '>', after)
    .where('until', '<=', before)
    .where(isUnused)
    .orderBy('name')
    .limit(batchSize);
  const names = (await dialect.forUpdateSkipLocked(unused).execute()).map(({ name }) => name);
  if (names.length > 0) await db.deleteFrom('lanes').where('name', 'in', names).where(isUnused).execute();
  return names.length < batchSize ? undefined : names.at(-1);
}

const isEarlier = sql<SqlBool>`(earlier.position, earlier.seq) < (operations.position, operations.seq)`;

const isUnfinished = sql<SqlBool>`(earlier.state = 'pending' or earlier.mirror in ('queued', 'dead')
  or (earlier.state = 'unclear' and earlier.mirror = 'none'))`;

async function pruneBatch(db: Kysely<Schema>, before: number, last: number): Promise<readonly number[]> {
  const rows = await db
    .deleteFrom('operations')
    .where('seq', 'in', ({ selectFrom }) =>
      selectFrom('operations')
        .select('operations.seq')
        .where('operations.seq', '>', last)
        .where('operations.done_at', '<', before)
        .where('operations.mirror', 'in', ['none', 'done', 'dropped'])
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('operations as earlier')
                .select('earlier.seq')
                .whereRef('earlier.lane', '=', 'operations.lane')
                .where(isUnfinished)
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
