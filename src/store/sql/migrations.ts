/** How a store gets its tables, and how an older one gets those of this version. */
import { type Kysely, type Migration, Migrator } from 'kysely';
import { HelpdeskError } from '../../core/errors.ts';
import type { Dialect } from './dialect.ts';
import { isListed, isOpen, isPending, isStuck, type Schema } from './schema.ts';

const executedTable = 'migrations';

/** Names sort in the order of execution. What has been published is never changed. */
function migrationsFor(dialect: Dialect): Readonly<Record<string, Migration>> {
  const bigint = dialect.bigint;
  return {
    '001_operations': {
      up: async (db) => {
        await db.schema
          .createTable('operations')
          .addColumn('seq', dialect.serial, (column) => dialect.serialColumn(column.primaryKey()))
          .addColumn('id', 'text', (column) => column.notNull().unique())
          .addColumn('lane', 'text', (column) => column.notNull())
          .addColumn('key', 'text', (column) => column.unique())
          .addColumn('fingerprint', 'text', (column) => column.notNull())
          .addColumn('method', 'text', (column) => column.notNull())
          .addColumn('input', 'text', (column) => column.notNull())
          .addColumn('primary_side', 'text', (column) => column.notNull())
          .addColumn('mirrored', 'integer', (column) => column.notNull())
          .addColumn('created_at', bigint, (column) => column.notNull())
          .addColumn('position', bigint, (column) => column.notNull())
          .addColumn('begun', 'integer', (column) => column.notNull())
          .addColumn('state', 'text', (column) => column.notNull())
          .addColumn('mirror', 'text', (column) => column.notNull())
          .addColumn('due_at', bigint, (column) => column.notNull())
          .addColumn('sent_at', bigint)
          .addColumn('mirror_sent_at', bigint)
          .addColumn('attempts', 'integer', (column) => column.notNull())
          .addColumn('failing_since', bigint)
          .addColumn('done_at', bigint)
          .addColumn('result', 'text')
          .addColumn('losses', 'text', (column) => column.notNull())
          .addColumn('mirror_losses', 'text', (column) => column.notNull())
          .addColumn('message_id', 'text')
          .addColumn('failure', 'text')
          .execute();
        const index = (name: string) => db.schema.createIndex(name).on('operations');
        await index('operations_lane').columns(['lane', 'position', 'seq']).execute();
        await index('operations_open').columns(['lane', 'position', 'seq']).where(isOpen).execute();
        await index('operations_due').columns(['due_at']).where(isOpen).execute();
        await index('operations_stuck').columns(['seq']).where(isStuck).execute();
        await db.schema
          .createTable('lanes')
          .addColumn('name', 'text', (column) => column.primaryKey().notNull())
          .addColumn('owner', 'text')
          .addColumn('until', bigint, (column) => column.notNull())
          .addColumn('position', bigint, (column) => column.notNull())
          .execute();
      },
    },
    '002_links': {
      up: async (db) => {
        await db.schema
          .createTable('links')
          .addColumn('id', dialect.serial, (column) => dialect.serialColumn(column.primaryKey()))
          .addColumn('kind', 'text', (column) => column.notNull())
          .addColumn('lane', 'text', (column) => column.notNull())
          .addColumn('from_id', 'text')
          .addColumn('to_id', 'text')
          .addColumn('external_id', 'text')
          .addUniqueConstraint('links_from', ['kind', 'from_id'])
          .addUniqueConstraint('links_to', ['kind', 'to_id'])
          .execute();
        await db.schema.createIndex('links_external').on('links').columns(['kind', 'external_id']).execute();
      },
    },
    '003_settings': {
      up: async (db) => {
        await db.schema
          .createTable('settings')
          .addColumn('name', 'text', (column) => column.primaryKey().notNull())
          .addColumn('value', 'text', (column) => column.notNull())
          .execute();
        await db.schema
          .createTable('comparisons')
          .addColumn('seq', dialect.serial, (column) => dialect.serialColumn(column.primaryKey()))
          .addColumn('at', bigint, (column) => column.notNull())
          .addColumn('operation', 'text', (column) => column.notNull())
          .addColumn('record_id', 'text', (column) => column.notNull())
          .addColumn('fields', 'text', (column) => column.notNull())
          .execute();
      },
    },
    '004_slots': {
      up: async (db) => {
        await db.schema
          .createTable('slots')
          .addColumn('bucket', 'text', (column) => column.notNull())
          .addColumn('place', 'integer', (column) => column.notNull())
          .addColumn('used_at', bigint, (column) => column.notNull())
          .addPrimaryKeyConstraint('slots_place', ['bucket', 'place'])
          .execute();
        await db.schema.createIndex('slots_oldest').on('slots').columns(['bucket', 'used_at']).execute();
        await db.schema
          .createTable('buckets')
          .addColumn('name', 'text', (column) => column.primaryKey().notNull())
          .addColumn('closed_until', bigint, (column) => column.notNull())
          .execute();
      },
    },
    '005_deletions': {
      up: async (db) => {
        await db.schema.alterTable('operations').addColumn('sought', 'text').execute();
        const index = (name: string) => db.schema.createIndex(name).on('operations').where(isPending);
        await index('operations_pending').columns(['lane', 'position', 'seq']).execute();
        await index('operations_pending_due').columns(['due_at']).execute();
        await db.schema
          .alterTable('links')
          .addColumn('deleted', 'integer', (column) => column.notNull().defaultTo(0))
          .execute();
      },
    },
    '006_lists': {
      up: async (db) => {
        await db.schema.createIndex('operations_listed').on('operations').columns(['seq']).where(isListed).execute();
      },
    },
  };
}

/**
 * Brings the tables to this version.
 *
 * `migrate: false` only looks. Throws `invalid` where the store was written by
 * a newer version, and, if it may not migrate, where it is older or empty.
 */
export async function prepareSchema(
  db: Kysely<Schema>,
  dialect: Dialect,
  options: { readonly migrate: boolean },
): Promise<void> {
  const known = migrationsFor(dialect);
  const executed = await listExecuted(db, dialect);
  if (executed.some((name) => !(name in known))) throw refusal('the store was written by a newer version');
  if (executed.length === Object.keys(known).length) return;
  if (!options.migrate) {
    throw executed.length === 0
      ? noStoreYet(dialect.description)
      : refusal('the store was written by an older version');
  }
  const migrator = new Migrator({
    // Its unqualified names must be those of the schema. The migrator's own tables get it by the option.
    db: db.withTables(),
    provider: { getMigrations: async () => ({ ...known }) },
    migrationTableName: executedTable,
    migrationLockTableName: `${executedTable}_lock`,
    ...(dialect.schema !== undefined && { migrationTableSchema: dialect.schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

async function listExecuted(db: Kysely<Schema>, dialect: Dialect): Promise<readonly string[]> {
  try {
    const rows = await db
      .withTables<{ [executedTable]: { name: string } }>()
      .selectFrom(executedTable)
      .select('name')
      .execute();
    return rows.map(({ name }) => name);
  } catch (error) {
    if (dialect.isMissingTable(error)) return [];
    throw error;
  }
}

/** `description`: where it was looked for. */
export function noStoreYet(description: string): HelpdeskError {
  return refusal(`there is no store yet: ${description}`);
}

function refusal(reason: string): HelpdeskError {
  return new HelpdeskError({ provider: 'store', operation: 'open', kind: 'invalid', reason, applied: 'no' });
}
