/** How an operation goes on and ends. */
import { type ExpressionBuilder, type QueryCreator, sql, type UpdateObject } from 'kysely';
import { toJson } from '../json.ts';
import { type Decision, type Lease, type Mirroring, mirrorLane, type Settlement, type Store } from '../store.ts';
import { prolonging, releaseLane, releasing } from './lanes.ts';
import { upsertLinks } from './links.ts';
import { isUnclear, type Schema } from './schema.ts';
import type { Session } from './session.ts';

type Progress = Pick<Store, 'sending' | 'seeking' | 'settle' | 'mirrored' | 'decide' | 'recheck'>;
/** Told after the transaction: there is, or may be, something to do under this lease. */
type Announce = (lane: string) => void;

export function createProgress(session: Session, announce: Announce): Progress {
  const { dialect } = session;
  /** The next one of the primary may be free to go, as may the mirror. */
  const announceBoth = (lane: string) => {
    announce(lane);
    announce(mirrorLane(lane));
  };
  return {
    sending(id, part, lease) {
      const isToDo = part === 'primary' ? sql<boolean>`state = 'pending'` : sql<boolean>`mirror = 'queued'`;
      const extend = (db: QueryCreator<Schema>) =>
        prolonging(db, lease)
          .where(({ exists, selectFrom }) =>
            exists(selectFrom('operations').select('seq').where('id', '=', id).where(isToDo)),
          )
          .returning('name');
      const mark = (db: QueryCreator<Schema>) =>
        db
          .updateTable('operations')
          .set(part === 'primary' ? { sent_at: lease.now, due_at: lease.until } : { mirror_sent_at: lease.now })
          .where('id', '=', id)
          .where(isToDo);
      if (dialect.changesInWith)
        return session.run('sending', async (db) => {
          const held = db.with('held', extend);
          const { numUpdatedRows } = await mark(held)
            .where(sql<boolean>`exists (select 1 from held)`)
            .executeTakeFirst();
          return numUpdatedRows > 0n;
        });
      return session.transaction('sending', async (db, undo) => {
        if (!(await extend(db).executeTakeFirst())) return undo(false);
        const { numUpdatedRows } = await mark(db).executeTakeFirst();
        return numUpdatedRows > 0n || undo(false);
      });
    },

    seeking: (id, sought) =>
      session.run('seeking', async (db) => {
        await db
          .updateTable('operations')
          .set({ sought: toJson(sought) })
          .where('id', '=', id)
          .execute();
      }),

    async settle(id, settlement, lease) {
      const settled = await session.transaction('settle', async (db, undo) => {
        // The lane first: its row is what two owners would wait for.
        const held = await releaseLane(db, lease);
        const done = settlement.state === 'done';
        if (!held && !done) return undo(undefined);
        const row = await db
          .updateTable('operations')
          .set((operation) => settledColumns(settlement, lease, operation))
          .where('id', '=', id)
          .where('state', 'in', done ? ['pending', 'unclear'] : ['pending'])
          .returning(['lane', 'mirror'])
          .executeTakeFirst();
        if (!row) return undo(undefined);
        if (done) await upsertLinks(db, session.dialect, settlement.links);
        if (row.mirror === 'queued') await dialect.wake?.(db, mirrorLane(row.lane));
        return row;
      });
      if (settled) announceBoth(settled.lane);
      return settled !== undefined;
    },

    mirrored(id, mirroring, lease) {
      const update = (db: QueryCreator<Schema>) =>
        db
          .updateTable('operations')
          .set((operation) => mirroredColumns(mirroring, lease, operation))
          .where('id', '=', id)
          .where('mirror', '=', 'queued');
      const links = mirroring.mirror === 'done' ? mirroring.links : [];
      if (dialect.changesInWith && links.length === 0)
        return session.run('mirrored', async (db) => {
          const { numUpdatedRows } = await update(
            db.with('released', (lanes) => releasing(lanes, lease).returning('name')),
          )
            .where(sql<boolean>`exists (select 1 from released)`)
            .executeTakeFirst();
          return numUpdatedRows > 0n;
        });
      return session.transaction('mirrored', async (db, undo) => {
        // The lane first: its row is what two owners would wait for.
        if (!(await releaseLane(db, lease))) return undo(false);
        const { numUpdatedRows } = await update(db).executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await upsertLinks(db, dialect, links);
        return true;
      });
    },

    recheck: (now) =>
      session.transaction('recheck', async (db) => {
        const mark = (column: 'sent_at' | 'mirror_sent_at') =>
          db
            .updateTable('operations')
            .set(({ fn, val }) => ({ [column]: fn.coalesce(column, val(now)), due_at: now }))
            .where(column === 'sent_at' ? sql<boolean>`state = 'pending'` : sql<boolean>`mirror = 'queued'`)
            .executeTakeFirst();
        const sent = await mark('sent_at');
        const mirrored = await mark('mirror_sent_at');
        // One that is tried again may have been, since.
        await db
          .updateTable('operations')
          .set(({ fn, val }) => ({ mirror_sent_at: fn.coalesce('mirror_sent_at', val(now)) }))
          .where(sql<boolean>`mirror = 'dead'`)
          .execute();
        return Number(sent.numUpdatedRows + mirrored.numUpdatedRows);
      }),

    async decide(id, decision, now) {
      const decided = await session.transaction('decide', async (db) => {
        for (const { about, set } of changesOf(decision, now)) {
          const row = await db
            .updateTable('operations')
            .set(set)
            .where('id', '=', id)
            .where(about === 'dead' ? sql<boolean>`mirror = 'dead'` : isUnclear)
            .returning(['lane', 'mirror', 'state'])
            .executeTakeFirst();
          if (row?.mirror === 'queued') await dialect.wake?.(db, mirrorLane(row.lane));
          if (row?.state === 'pending') await dialect.wake?.(db, row.lane);
          if (row) return row;
        }
        return undefined;
      });
      if (decided) announceBoth(decided.lane);
      return decided !== undefined;
    },
  };
}

type Columns = ExpressionBuilder<Schema, 'operations'>;

const mirrorOfDone = sql<'queued' | 'none'>`case when mirrored = 1 then 'queued' else 'none' end`;

const failingSince = ({ now }: Lease, { fn, val }: Columns) => fn.coalesce('failing_since', val(now));

function settledColumns(settlement: Settlement, lease: Lease, operation: Columns) {
  switch (settlement.state) {
    case 'done':
      return {
        state: settlement.state,
        result: toJson(settlement.result),
        losses: toJson(settlement.losses),
        message_id: settlement.messageId ?? null,
        done_at: lease.now,
        failure: null,
        failing_since: null,
        mirror: mirrorOfDone,
        due_at: lease.now,
      };
    case 'failed':
      return { state: settlement.state, failure: toJson(settlement.failure), done_at: lease.now };
    case 'unclear':
      return {
        state: settlement.state,
        failure: toJson(settlement.failure),
        ...(settlement.dropped && { mirror: 'dropped' as const, done_at: lease.now }),
      };
    case 'pending':
      return {
        failure: toJson(settlement.failure),
        due_at: settlement.dueAt,
        sent_at: settlement.sentAt ?? null,
        failing_since: failingSince(lease, operation),
      };
  }
}

function mirroredColumns(mirroring: Mirroring, lease: Lease, operation: Columns) {
  switch (mirroring.mirror) {
    case 'done':
      return {
        mirror: mirroring.mirror,
        mirror_losses: toJson(mirroring.losses),
        ...(mirroring.messageId !== undefined && { message_id: mirroring.messageId }),
      };
    case 'queued':
    case 'dead':
      return {
        mirror: mirroring.mirror,
        failure: toJson(mirroring.failure),
        attempts: mirroring.attempts,
        failing_since: failingSince(lease, operation),
        ...(mirroring.mirror === 'queued' && {
          due_at: mirroring.dueAt,
          mirror_sent_at: mirroring.sentAt ?? null,
        }),
      };
  }
}

interface Change {
  /** Of which operations the decision is. */
  readonly about: 'dead' | 'unclear';
  readonly set: UpdateObject<Schema, 'operations'>;
}

/** The first that finds its operation is made. */
function changesOf(decision: Decision, now: number): readonly Change[] {
  const anew = { failing_since: null, due_at: now };
  switch (decision) {
    case 'retry':
      return [{ about: 'dead', set: { mirror: 'queued', attempts: 0, ...anew } }];
    case 'drop':
      return [
        { about: 'dead', set: { mirror: 'dropped' } },
        { about: 'unclear', set: { mirror: 'dropped', done_at: now } },
      ];
    case 'happened':
      return [
        { about: 'unclear', set: { state: 'done', result: 'null', done_at: now, mirror: mirrorOfDone, ...anew } },
      ];
    case 'did-not-happen':
      return [{ about: 'unclear', set: { state: 'pending', sent_at: null, failure: null, ...anew } }];
  }
}
