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
      if (client !== undefined)
        // Nothing is announced: only their commit makes it true.
        return session.run('enqueue', async () => {
          const stored = dialect.through?.(client, async (theirs) => {
            const begun = await insertWaiting(theirs, intent);
            // Their transactions may be long, and have nothing to do with each other.
            if (begun.is === 'begun') await dialect.wake?.(theirs, intent.lane, `${intent.lane}/${intent.id}`);
            return begun;
          });
          if (stored === undefined) throw withoutClients();
          return stored;
        });
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

    watch: (drain, options) =>
      session.run('watch', async () => {
        const watch = createWatch(drain, options, { dueLanes: heads.dueLanes, heard: dialect.heard }, announcements);
        watches.add(watch);
        return {
          close: () => {
            watches.delete(watch);
            return watch.close();
          },
        };
      }),

    async close() {
      // What they have begun is ended with this store.
      await closeWatches();
      await session.close();
      // Those that were still being opened.
      await closeWatches();
      try {
        await db.destroy();
        await dialect.closed?.();
      } catch (error) {
        throw dialect.toFailure(error, 'close', false);
      }
    },
  };

  async function closeWatches(): Promise<void> {
    await Promise.all([...watches].map((watch) => watch.close()));
    watches.clear();
  }
}

function withoutClients(): HelpdeskError {
  const reason = 'only a store in PostgreSQL can store an operation in the transaction of a client';
  return new HelpdeskError({ provider: 'store', operation: 'enqueue', kind: 'unsupported', reason, applied: 'no' });
}
