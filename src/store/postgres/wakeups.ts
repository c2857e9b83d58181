/** How processes tell each other of work: one job of pg-boss for each lane. */
import { CompiledQuery, type Kysely } from 'kysely';
import { isRecord } from '../../core/plain-data.ts';
import type { Heard } from '../sql/dialect.ts';
import type { Schema } from '../sql/schema.ts';
import { fromSafeText, toSafeText } from '../sql/text.ts';
import { missingPackage, type Pool } from './connection.ts';

export interface Wakeups {
  /** Makes the tables and the queue. More than once does no harm. */
  prepare(): Promise<void>;
  /** A lane that is announced by the same name and has not been heard of yet is not announced twice. */
  send(db: Kysely<Schema>, lane: string, name?: string): Promise<void>;
  listen(): Promise<Heard>;
}

const queue = 'lanes';
/** Jobs that are heard of at once. */
const batchSize = 100;

/**
 * A job is a hint and no more: what is to be done, in which order and how often
 * it was tried is in our own tables, and the look for due lanes finds what a
 * lost hint would have told. So it is deleted as soon as it is heard of.
 */
export async function openWakeups(pool: Pool, schema: string): Promise<Wakeups> {
  const { default: PgBoss } = await import('pg-boss').catch(() => {
    throw missingPackage('pg-boss');
  });
  const db = { executeSql: (text: string, values: unknown[]) => pool.execute(text, values ?? []) };
  const create = (supervise: boolean) => {
    const boss = new PgBoss({ db, schema, supervise, schedule: false });
    // What could not be done now is done the next time.
    boss.on('error', () => {});
    return boss;
  };
  const sender = create(false);

  return {
    async prepare() {
      const boss = create(false);
      await boss.start();
      // One that waits for each lane, however many are being heard of: with more than that one that was left behind
      // by a crash would stand in the way of all others until it expires.
      if ((await boss.getQueue(queue)) === null)
        await boss.createQueue(queue, { name: queue, policy: 'short', retryLimit: 0, expireInSeconds: 60 });
      await boss.stop({ graceful: false, close: false });
    },

    async send(connection, lane, name = lane) {
      const executeSql = async (text: string, values: unknown[]) => {
        const { rows } = await connection.executeQuery(CompiledQuery.raw(text, values));
        return { rows };
      };
      const data = { lane: toSafeText(lane) };
      await sender.send(queue, data, { singletonKey: toSafeText(name), db: { executeSql } });
    },

    async listen() {
      const boss = create(true);
      await boss.start();
      return {
        async read() {
          const jobs = await boss.fetch<unknown>(queue, { batchSize });
          if (jobs.length === 0) return [];
          await boss.deleteJob(
            queue,
            jobs.map(({ id }) => id),
          );
          return jobs.flatMap(({ data }) =>
            isRecord(data) && typeof data['lane'] === 'string' ? fromSafeText(data['lane']) : [],
          );
        },
        close: () => boss.stop({ graceful: false, close: false }),
      };
    },
  };
}
