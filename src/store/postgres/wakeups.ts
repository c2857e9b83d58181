/** How processes tell each other of work: one job of pg-boss for each lane. */
import { CompiledQuery, type Kysely } from 'kysely';
import { isRecord } from '../../core/plain-data.ts';
import type { Schema } from '../sql/schema.ts';
import { fromSafeText, toSafeText } from '../sql/text.ts';
import type { Pool } from './connection.ts';

export interface Wakeups {
  /** Makes the tables and the queue, on this connection. One at a time; more than once does no harm. */
  prepare(connection: Kysely<Schema>): Promise<void>;
  /**
   * Before anything is sent. Version 12 looks its queue up once: not in the middle
   * of somebody's transaction, on a connection that there may not be.
   */
  ready(): Promise<void>;
  /** A lane that is announced by the same name and has not been heard of yet is not announced twice. */
  send(db: Kysely<Schema>, lane: string, name?: string): Promise<void>;
  /** Lanes that were announced since the last time. */
  heard(): Promise<readonly string[]>;
}

const queue = 'lanes';
/** Jobs that are heard of at once. */
const batchSize = 100;
const maintenanceMs = 300_000;

/** What is used of pg-boss, the same in all versions that are supported. */
interface Boss {
  on(event: 'error', listener: () => void): unknown;
  start(): Promise<unknown>;
  stop(options: { readonly graceful: boolean; readonly close: boolean }): Promise<void>;
  getQueue(name: string): Promise<unknown>;
  createQueue(name: string, options: Readonly<Record<string, unknown>>): Promise<void>;
  getJobById(name: string, id: string): Promise<unknown>;
  send(name: string, data: object, options: Readonly<Record<string, unknown>>): Promise<unknown>;
  fetch(name: string, options: { readonly batchSize: number }): Promise<readonly Job[]>;
  deleteJob(name: string, ids: readonly string[]): Promise<unknown>;
  /** Version 10. */
  maintain?(): Promise<unknown>;
  /** Version 12. */
  supervise(name: string): Promise<unknown>;
}

interface Job {
  readonly id: string;
  readonly data: unknown;
}

type Execute = (text: string, values?: readonly unknown[]) => Promise<{ rows: unknown[] }>;

function executeOn(connection: Kysely<Schema>): Execute {
  return async (text, values = []) => {
    const { rows } = await connection.executeQuery(CompiledQuery.raw(text, [...values]));
    return { rows };
  };
}

type BossConstructor = new (options: Readonly<Record<string, unknown>>) => Boss;

const noJob = '00000000-0000-0000-0000-000000000000';

/**
 * A job is a hint and no more: what is to be done, in which order and how often
 * it was tried is in our own tables, and the look for due lanes finds what a
 * lost hint would have told. So it is deleted as soon as it is heard of.
 *
 * Version 12 cannot use the tables of version 10, so each has its own: processes
 * with different versions share the store, and do not hear each other's hints.
 */
export async function openWakeups(pool: Pool, schema: string): Promise<Wakeups> {
  const module: { readonly default?: unknown; readonly PgBoss?: unknown } = await import('pg-boss');
  const Boss = (module.PgBoss ?? module.default) as BossConstructor;
  const own = module.PgBoss === undefined ? `${schema}_jobs` : `${schema}_jobs_12`;
  const create = (executeSql: Execute) => {
    const created = new Boss({ db: { executeSql }, schema: own, supervise: false, schedule: false });
    // What could not be done now is done the next time.
    created.on('error', () => {});
    return created;
  };
  // Never started: that would begin timers which keep the process.
  const boss = create(pool.execute);
  let maintainedAt = Number.NEGATIVE_INFINITY;

  /** What was left behind by a crash, or is never heard of, goes some day. */
  async function maintain(): Promise<void> {
    if (performance.now() - maintainedAt < maintenanceMs) return;
    maintainedAt = performance.now();
    await (boss.maintain?.() ?? boss.supervise(queue)).catch(() => {});
  }

  return {
    async prepare(connection) {
      let over = false;
      const maker = create(async (text, values) => {
        // By then the connection is somebody else's.
        if (over) throw new Error('everything is prepared');
        return executeOn(connection)(text, values);
      });
      try {
        await maker.start();
        // One that waits for each lane, however many are being heard of: with more than that one that was left behind
        // by a crash would stand in the way of all others until it expires.
        if ((await maker.getQueue(queue)) === null)
          await maker.createQueue(queue, { policy: 'short', retryLimit: 0, expireInSeconds: 60 });
        await maker.stop({ graceful: false, close: false });
      } finally {
        over = true;
      }
    },

    async ready() {
      await boss.getJobById(queue, noJob);
    },

    async send(connection, lane, name = lane) {
      const data = { lane: toSafeText(lane) };
      const options = { singletonKey: toSafeText(name), db: { executeSql: executeOn(connection) } };
      await boss.send(queue, data, options);
    },

    async heard() {
      await maintain();
      const jobs = await boss.fetch(queue, { batchSize });
      if (jobs.length === 0) return [];
      await boss.deleteJob(
        queue,
        jobs.map(({ id }) => id),
      );
      return jobs.flatMap(({ data }) =>
        isRecord(data) && typeof data['lane'] === 'string' ? fromSafeText(data['lane']) : [],
      );
    },
  };
}
