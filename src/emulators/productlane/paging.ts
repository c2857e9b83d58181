/** Which rows a page holds, and what its cursor says. */
import { z } from 'zod';
import { type Created, type Ordered, startAfter } from '../ordered.ts';
import type { ProductlaneSwitches } from './options.ts';
import { refusal } from './refusal.ts';

interface PageRequest {
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly order: 'asc' | 'desc';
  /** Names the list and its filters; the limit is no part of it. */
  readonly fingerprint: string;
}

export interface Page<Item> {
  readonly data: readonly Item[];
  readonly page: { readonly cursor: string | null; readonly has_more: boolean; readonly limit: number };
}

export interface Pager {
  page<Row extends Created, Item>(
    rows: Ordered<Row>,
    request: PageRequest,
    keep: (row: Row) => boolean,
    show: (row: Row) => Item,
  ): Page<Item>;
  clear(): void;
}

const cursorShape = z.strictObject({ id: z.string(), createdAt: z.iso.datetime() });

/** How many cursors are remembered with the filters they were issued for. */
const remembered = 10_000;

/**
 * A cursor is the sort key of the last row and nothing else, as the vendor's
 * sample shows. Which filters it belongs to is therefore remembered here.
 */
export function createPager(
  switches: Pick<ProductlaneSwitches, 'emptyLastPage' | 'sparsePages' | 'foreignCursor'>,
): Pager {
  const issued = new Map<string, Set<string>>();

  function issue(row: Created, fingerprint: string): string {
    const cursor = btoa(JSON.stringify({ id: row.id, createdAt: row.created_at }));
    const owners = issued.get(cursor) ?? new Set();
    owners.add(fingerprint);
    issued.delete(cursor);
    issued.set(cursor, owners);
    const [oldest] = issued.keys();
    if (issued.size > remembered && oldest !== undefined) issued.delete(oldest);
    return cursor;
  }

  function open(cursor: string, fingerprint: string): Created {
    const owners = issued.get(cursor);
    if (switches.foreignCursor === 'refused' && owners && !owners.has(fingerprint)) {
      throw refusal('unprocessable', 'The cursor was issued for other filters.');
    }
    const key = cursorShape.safeParse(decode(cursor));
    if (!key.success) throw refusal('unprocessable', 'The cursor is malformed.');
    return { id: key.data.id, created_at: key.data.createdAt };
  }

  return {
    page(rows, { limit, cursor, order, fingerprint }, keep, show) {
      const after = cursor === undefined ? undefined : open(cursor, fingerprint);
      const found: typeof rows = [];
      let last: Created | undefined;
      let scanned = 0;
      let more = false;
      const { start, step } = startAfter(rows, order, after);
      for (let index = start, row = rows[index]; row; index += step, row = rows[index]) {
        const full = switches.sparsePages ? scanned === limit : found.length === limit;
        if (full) {
          // A filtered list has more only if a row that is kept follows.
          more = switches.sparsePages || keep(row);
          if (more) break;
          continue;
        }
        scanned += 1;
        const kept = keep(row);
        if (kept) found.push(row);
        if (kept || switches.sparsePages) last = row;
      }
      if (switches.emptyLastPage && found.length === limit) more = true;
      return {
        data: found.map(show),
        page: { cursor: more && last ? issue(last, fingerprint) : null, has_more: more, limit },
      };
    },
    clear: () => issued.clear(),
  };
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(atob(cursor));
  } catch {
    return undefined;
  }
}
