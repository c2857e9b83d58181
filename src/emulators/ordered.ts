/** How rows are kept in order of creation, so that a page costs no sort. */

export interface Created {
  readonly id: string;
  /** `Date.toISOString()`: 24 characters, so that text order is time order. */
  readonly created_at: string;
}

/** Oldest first; rows of the same instant by id. Sorted at all times. */
export type Ordered<Row extends Created> = Row[];

/** Negative if `a` comes before `b`. */
export function compareCreated(a: Created, b: Created): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** The index of the first row that does not come before `key`; the length if all do. */
export function lowerBound<Row extends Created>(rows: Ordered<Row>, key: Created): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row && compareCreated(row, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Fast at the end, where new rows belong; a back-dated row moves those after it. */
export function insertOrdered<Row extends Created>(rows: Ordered<Row>, row: Row): void {
  const last = rows.at(-1);
  if (!last || compareCreated(last, row) < 0) rows.push(row);
  else rows.splice(lowerBound(rows, row), 0, row);
}

/** Nothing happens if the row is not there. */
export function removeOrdered<Row extends Created>(rows: Ordered<Row>, row: Row): void {
  const index = lowerBound(rows, row);
  if (rows[index]?.id === row.id) rows.splice(index, 1);
}

/** Where the rows after `key` begin in either direction, and how to go on. Without a key: all rows. */
export function startAfter<Row extends Created>(
  rows: Ordered<Row>,
  order: 'asc' | 'desc',
  key: Created | undefined,
): { readonly start: number; readonly step: 1 | -1 } {
  if (order === 'desc') return { start: (key ? lowerBound(rows, key) : rows.length) - 1, step: -1 };
  const from = key ? lowerBound(rows, key) : 0;
  return { start: key && rows[from]?.id === key.id ? from + 1 : from, step: 1 };
}
