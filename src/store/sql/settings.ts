/** The stage, the last comparison of everything, and compared reads. */
import { fromJson, toJson } from '../json.ts';
import type { Store } from '../store.ts';
import { toComparison } from './rows.ts';
import type { Session } from './session.ts';

type SettingsAndComparisons = Pick<Store, 'getSetting' | 'setSetting' | 'addComparison' | 'listComparisons'>;

const keptComparisons = 1_000;

export function createSettings(session: Session): SettingsAndComparisons {
  return {
    getSetting: (name) =>
      session.run('getSetting', async (db) => {
        const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
        return row && (fromJson(row.value) as string);
      }),

    setSetting: (name, value, expected) =>
      session.run('setSetting', async (db) => {
        const json = toJson(value);
        if (expected !== undefined) {
          const { numUpdatedRows } = await db
            .updateTable('settings')
            .set({ value: json })
            .where('name', '=', name)
            .where('value', '=', toJson(expected))
            .executeTakeFirst();
          return numUpdatedRows > 0n;
        }
        await db
          .insertInto('settings')
          .values({ name, value: json })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: json }))
          .execute();
        return true;
      }),

    addComparison: (comparison) =>
      session.transaction('addComparison', async (db) => {
        await db
          .insertInto('comparisons')
          .values({
            at: comparison.at,
            operation: comparison.operation,
            record_id: comparison.id,
            fields: toJson(comparison.fields),
          })
          .execute();
        await db
          .deleteFrom('comparisons')
          .where('seq', '<=', ({ selectFrom }) =>
            selectFrom('comparisons').select('seq').orderBy('seq', 'desc').limit(1).offset(keptComparisons),
          )
          .execute();
      }),

    listComparisons: (limit) =>
      session.run('listComparisons', async (db) => {
        const rows = await db.selectFrom('comparisons').selectAll().orderBy('seq', 'desc').limit(limit).execute();
        return rows.map(toComparison);
      }),
  };
}
