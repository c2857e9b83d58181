/** How rows are kept in an order, so that a page costs no sort. */

export interface Identified {
  readonly id: string;
}

/** A place between rows: right at the row it was made from, whether or not that is still there. */
export interface Position {
  readonly key: string;
  readonly id: string;
}

/** What rows are ordered by, as text; rows of one key by id. */
export type KeyOf<Row> = (row: Row) => string;

/** Negative if `a` comes before `b`. */
export function comparePositions(a: Position, b: Position): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** The index of the first row that does not come before the position; the length if all do. */
export function lowerBound<Row extends Identified>(rows: readonly Row[], keyOf: KeyOf<Row>, at: Position): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row && comparePositions({ key: keyOf(row), id: row.id }, at) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Replaces the row of the same key and id. Fast at the end. */
export function insertSorted<Row extends Identified>(rows: Row[], keyOf: KeyOf<Row>, row: Row): void {
  const at = { key: keyOf(row), id: row.id };
  const last = rows.at(-1);
  if (!last || comparePositions({ key: keyOf(last), id: last.id }, at) < 0) {
    rows.push(row);
    return;
  }
  const index = lowerBound(rows, keyOf, at);
  rows.splice(index, rows[index]?.id === row.id ? 1 : 0, row);
}

/** Nothing happens if the row is not there. `row` must have the key it was inserted with. */
export function removeSorted<Row extends Identified>(rows: Row[], keyOf: KeyOf<Row>, row: Row): void {
  const index = lowerBound(rows, keyOf, { key: keyOf(row), id: row.id });
  if (rows[index]?.id === row.id) rows.splice(index, 1);
}

/** The rows beyond the position, in the direction; without a position all rows. */
export function* walkSorted<Row extends Identified>(
  rows: readonly Row[],
  keyOf: KeyOf<Row>,
  direction: 'asc' | 'desc',
  beyond?: Position | undefined,
): Generator<Row> {
  if (direction === 'desc') {
    for (let index = (beyond ? lowerBound(rows, keyOf, beyond) : rows.length) - 1; index >= 0; index -= 1) {
      const row = rows[index];
      if (row) yield row;
    }
    return;
  }
  const from = beyond ? lowerBound(rows, keyOf, beyond) : 0;
  for (let index = from; index < rows.length; index += 1) {
    const row = rows[index];
    if (row && !(index === from && row.id === beyond?.id)) yield row;
  }
}
