/** The store over SQL, whichever database it is in. */
import type { Kysely } from 'kysely';
import { HelpdeskError } from '../../core/errors.ts';
import type { Store, Watch } from '../store.ts';
import { createAnnouncements, createWatch } from '../watch.ts';
import type { Dialect } from './dialect.ts';
import { createHeads } from './heads.ts';
import { createIntake, insertWaiting } from './intake.ts';
import { prolonging, releaseLane, takeLane } from './lanes.ts';
import { createLinks } from './links.ts';
import { createProgress } from './progress.ts';
import { createQueries } from './queries.ts';
import type { Schema } from './schema.ts';
import { createSession } from './session.ts';
import { createSettings } from './settings.ts';
import { createSlots } from './slots.ts';

/** The tables are there already: see `prepareSchema`. */
export function createSqlStore(db: Kysely<Schema>, dialect: Dialect): Store {
  const session = createSession(db, dialect);
  const announcements = createAnnouncements();
  const heads = createHeads(session);
  const watches = new Set<Watch>();

  return {
    durable: dialect.durable,
    description: dialect.description,
    ...createIntake(session),
    ...createProgress(session, announcements.announce),
    ...createQueries(session),
    ...heads,
    ...createLinks(session),
    ...createSettings(session),
    ...createSlots(session),

    async enqueue(intent, client) {
      if (client !== undefined) {
        const theirs = dialect.through?.(client);
        if (theirs === undefined) throw withoutClients();
        // Nothing is announced: only their commit makes it true.
        return session.run('enqueue', async () => {
          const begun = await insertWaiting(theirs, intent);
          if (begun.is === 'begun') await dialect.wake?.(theirs, intent.lane);
          return begun;
        });
      }
      const begun = await session.transaction('enqueue', async (transaction) => {
        const stored = await insertWaiting(transaction, intent);
        if (stored.is === 'begun') await dialect.wake?.(transaction, intent.lane);
        return stored;
      });
      if (begun.is === 'begun') announcements.announce(intent.lane);
      return begun;
    },

    take: (lease) => session.run('take', (connection) => takeLane(connection, lease, true)),

    prolong: (lease) =>
      session.run('prolong', async (connection) => {
        const { numUpdatedRows } = await prolonging(connection, lease).executeTakeFirst();
        return numUpdatedRows > 0n;
      }),

    release: async (lease) => {
      await session.run('release', (connection) => releaseLane(connection, lease));
    },

    async watch(drain, options) {
      const heard = await session.run('watch', async () => dialect.listen?.());
      const work = { dueLanes: heads.dueLanes, heard: heard?.read, closed: heard?.close };
      const watch = createWatch(drain, options, work, announcements);
      watches.add(watch);
      return {
        close: () => {
          watches.delete(watch);
          return watch.close();
        },
      };
    },

    async close() {
      await Promise.all([...watches].map((watch) => watch.close()));
      watches.clear();
      await session.run('close', () => db.destroy());
      await dialect.closed?.();
    },
  };
}

function withoutClients(): HelpdeskError {
  const reason = 'only a store in PostgreSQL can store an operation in the transaction of a client';
  return new HelpdeskError({ provider: 'store', operation: 'enqueue', kind: 'unsupported', reason, applied: 'no' });
}
