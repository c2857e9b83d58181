/** How a list becomes Relay pages. */
import { badInput } from './errors.ts';
import { type Identified, type KeyOf, type Position, walkSorted } from './sorted.ts';

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface List<Row> {
  readonly rows: readonly Row[];
  readonly keyOf: KeyOf<Row>;
  readonly direction: 'asc' | 'desc';
  readonly accept: (row: Row) => boolean;
  /** What the list was asked with. A cursor is good for these only. */
  readonly scope: unknown;
  readonly foreignCursor: 'refused' | 'accepted';
}

export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const defaultSize = 25;
const largestSize = 100;

/** Throws `BAD_USER_INPUT` for sizes out of 1 to 100, mixed directions and cursors that are not of this list. */
export function page<Row extends Identified, Node>(
  list: List<Row>,
  asked: PageArguments,
  toNode: (row: Row) => Node,
): Connection<Node> {
  const { size, cursor, isBackwards } = direct(asked);
  const fingerprint = hash(JSON.stringify(list.scope));
  const from = cursor === undefined ? undefined : readCursor(cursor, fingerprint, list.foreignCursor);
  const direction = (list.direction === 'asc') === isBackwards ? 'desc' : 'asc';

  const rows: Row[] = [];
  let isMore = false;
  for (const row of walkSorted(list.rows, list.keyOf, direction, from)) {
    if (!list.accept(row)) continue;
    if (rows.length === size) {
      isMore = true;
      break;
    }
    rows.push(row);
  }
  if (isBackwards) rows.reverse();

  const edges = rows.map((row) => ({
    cursor: writeCursor({ key: list.keyOf(row), id: row.id }, fingerprint),
    node: toNode(row),
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: isBackwards ? from !== undefined : isMore,
      hasPreviousPage: isBackwards ? isMore : from !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function direct({ first, after, last, before }: PageArguments): {
  readonly size: number;
  readonly cursor: string | undefined;
  readonly isBackwards: boolean;
} {
  const isBackwards = given(last) || given(before);
  if (isBackwards && (given(first) || given(after))) {
    throw badInput('Use either "first" with "after" or "last" with "before", not both.');
  }
  const size = (isBackwards ? last : first) ?? defaultSize;
  if (size < 1 || size > largestSize) throw badInput(`A page has 1 to ${largestSize} items, not ${size}.`);
  return { size, cursor: (isBackwards ? before : after) ?? undefined, isBackwards };
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function writeCursor({ key, id }: Position, fingerprint: string): string {
  return Buffer.from(JSON.stringify([fingerprint, key, id])).toString('base64url');
}

function readCursor(cursor: string, fingerprint: string, foreign: 'refused' | 'accepted'): Position {
  const [issuedFor, key, id] = parseCursor(cursor);
  if (typeof key !== 'string' || typeof id !== 'string') throw badInput('The cursor is not valid.');
  if (issuedFor !== fingerprint && foreign === 'refused') {
    throw badInput('The cursor was issued for another list, filter or order.');
  }
  return { key, id };
}

function parseCursor(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/** FNV-1a: short, and equal for equal text. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(36);
}
