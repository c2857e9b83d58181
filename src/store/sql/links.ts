/** The same record on both desks: finding and keeping links. */
import type { Kysely, Selectable } from 'kysely';
import { externalIdOf, mergeLinks } from '../merging.ts';
import type { Link, Store } from '../store.ts';
import type { Dialect } from './dialect.ts';
import { fromLink, toLink } from './rows.ts';
import type { LinksTable, Schema } from './schema.ts';
import type { Session } from './session.ts';

type Links = Pick<Store, 'findLink' | 'findLinks' | 'listLinks'>;

const pageSize = 500;

export function createLinks(session: Session): Links {
  return {
    findLink: (kind, side, id) =>
      session.run('findLink', async (db) => {
        const row = await db
          .selectFrom('links')
          .selectAll()
          .where('kind', '=', kind)
          .where(side === 'from' ? 'from_id' : 'to_id', '=', id)
          .executeTakeFirst();
        return row && toLink(row);
      }),

    findLinks: (kind, externalId) =>
      session.run('findLinks', async (db) => {
        const rows = await db
          .selectFrom('links')
          .selectAll()
          .where('kind', '=', kind)
          .where('external_id', '=', externalId)
          .orderBy('id')
          .execute();
        return rows.map(toLink);
      }),

    async *listLinks(kind) {
      let last = 0;
      for (;;) {
        const rows = await session.run('listLinks', (db) =>
          db
            .selectFrom('links')
            .selectAll()
            .where('kind', '=', kind)
            .where('id', '>', last)
            .orderBy('id')
            .limit(pageSize)
            .execute(),
        );
        yield* rows.map(toLink);
        const end = rows.at(-1);
        if (end === undefined || rows.length < pageSize) return;
        last = Number(end.id);
      }
    },
  };
}

export async function upsertLinks(db: Kysely<Schema>, dialect: Dialect, links: readonly Link[]): Promise<void> {
  // Without an id there is nothing to find it by. In one order, so that two who know the same ones do not each wait for
  // the other.
  const findable = links.filter(({ from, to }) => from !== undefined || to !== undefined).toSorted(byKindAndId);
  const known = await listKnown(db, findable);
  for (const link of findable) {
    const [first, ...others] = known.filter(
      ({ kind, from_id, to_id }) =>
        kind === link.kind && ((from_id !== null && from_id === link.from) || (to_id !== null && to_id === link.to)),
    );
    // Most often both desks' contact has been linked for long: it is not locked, so that its threads do not wait for each other.
    if (first && others.length === 0 && (says(first, link) || (await complete(db, first, link)))) continue;
    if (!first && (await insertNew(db, link))) continue;
    await mergeInto(db, dialect, link);
  }
}

function byKindAndId(a: Link, b: Link): number {
  const keys = [a, b].map(({ kind, from, to }) => `${kind} ${from ?? ''} ${to ?? ''}`);
  const [first = '', second = ''] = keys;
  return first < second ? -1 : Number(first > second);
}

async function listKnown(db: Kysely<Schema>, links: readonly Link[]): Promise<readonly Selectable<LinksTable>[]> {
  if (links.length === 0) return [];
  return db
    .selectFrom('links')
    .selectAll()
    .where(({ or, and, eb }) =>
      or(
        links.flatMap(({ kind, from, to }) => [
          ...(from === undefined ? [] : [and([eb('kind', '=', kind), eb('from_id', '=', from)])]),
          ...(to === undefined ? [] : [and([eb('kind', '=', kind), eb('to_id', '=', to)])]),
        ]),
      ),
    )
    .execute();
}

/** Whether nothing would be learned. */
function says(row: Selectable<LinksTable>, link: Link): boolean {
  const { from, to, deleted } = link;
  return (
    (from === undefined || row.from_id !== null) &&
    (to === undefined || row.to_id !== null) &&
    row.external_id === externalIdIn(row, link) &&
    (!deleted || Number(row.deleted) === 1)
  );
}

function externalIdIn({ external_id }: Selectable<LinksTable>, link: Link): string | null {
  return externalIdOf(external_id ?? undefined, link) ?? null;
}

/** Fills in what is missing, unless the row has changed meanwhile. */
async function complete(db: Kysely<Schema>, row: Selectable<LinksTable>, link: Link): Promise<boolean> {
  const same = (column: 'from_id' | 'to_id' | 'external_id') =>
    [column, row[column] === null ? 'is' : '=', row[column]] as const;
  const { numUpdatedRows } = await db
    .updateTable('links')
    .set({
      from_id: row.from_id ?? link.from ?? null,
      to_id: row.to_id ?? link.to ?? null,
      external_id: externalIdIn(row, link),
      ...(link.deleted && { deleted: 1 }),
    })
    .where('id', '=', row.id)
    .where(...same('from_id'))
    .where(...same('to_id'))
    .where(...same('external_id'))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function insertNew(db: Kysely<Schema>, link: Link): Promise<boolean> {
  const inserted = await db
    .insertInto('links')
    .values(fromLink(link))
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

async function mergeInto(db: Kysely<Schema>, dialect: Dialect, link: Link): Promise<void> {
  const rows = await dialect
    .forUpdate(
      db
        .selectFrom('links')
        .selectAll()
        .where('kind', '=', link.kind)
        .where(({ or, eb }) => or([eb('from_id', '=', link.from ?? null), eb('to_id', '=', link.to ?? null)]))
        .orderBy('id'),
    )
    .execute();
  const known = rows.map((row) => ({ ...toLink(row), row }));
  const by = (side: 'from' | 'to') => known.find((one) => link[side] !== undefined && one[side] === link[side]);
  const merged = mergeLinks(by('from'), by('to'), link);
  if (merged === undefined) return;
  if (merged.gone) await db.deleteFrom('links').where('id', '=', merged.gone.row.id).execute();
  if (unchanged(merged.kept.row, merged.kept)) return;
  await db
    .updateTable('links')
    .set({
      from_id: merged.kept.from ?? null,
      to_id: merged.kept.to ?? null,
      external_id: merged.kept.externalId ?? null,
      ...(merged.kept.deleted && { deleted: 1 }),
    })
    .where('id', '=', merged.kept.row.id)
    .execute();
}

function unchanged(row: Selectable<LinksTable>, link: Link): boolean {
  const [before, after] = [fromLink(toLink(row)), fromLink(link)];
  return (['from_id', 'to_id', 'external_id', 'deleted'] as const).every((name) => before[name] === after[name]);
}
