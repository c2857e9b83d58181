/** Which tables a store's schema has, for the migrations. */
import { type DatabaseIntrospector, type Kysely, sql, type TableMetadata } from 'kysely';

/**
 * Of one schema only. Kysely's own looks into every schema of the database, and
 * fails where somebody drops one of the others at that moment.
 */
export function introspectSchema<DB>(db: Kysely<DB>, schema: string): DatabaseIntrospector {
  async function getTables(): Promise<TableMetadata[]> {
    const { rows } = await sql<{ name: string }>`
      select tablename as name from pg_catalog.pg_tables where schemaname = ${schema}`.execute(db);
    return rows.map(({ name }) => ({ name, schema, isView: false, isForeign: false, columns: [] }));
  }
  return {
    async getSchemas() {
      const { rows } = await sql<{ name: string }>`
        select nspname as name from pg_catalog.pg_namespace where nspname = ${schema}`.execute(db);
      return rows;
    },
    getTables,
    getMetadata: async () => ({ tables: await getTables() }),
  };
}
