/** Which requests a desk was sent, for tests that count them. */

/** What a fault or a count can be limited to. A field that is left out matches everything. */
export interface RequestMatch {
  readonly method?: string | undefined;
  /** Path below the base URL, with a leading slash. A string must be equal, a pattern must match. */
  readonly path?: string | RegExp | undefined;
  /** The name the desk gives the call: `POST /threads`, or a GraphQL operation's name. */
  readonly operation?: string | undefined;
  /** Default: both. */
  readonly access?: 'read' | 'write' | undefined;
}

/** A request as it came in. */
export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  readonly access: 'read' | 'write';
}

export interface RequestRecord extends AskedRequest {
  /** `null` if no status was sent: the connection was cut, or the caller gave up. */
  readonly status: number | null;
  /** Query string without the question mark. */
  readonly query: string;
  /** Whether a credential came with it. */
  readonly authorized: boolean;
  readonly at: Date;
}

export interface RequestLog {
  /** Oldest first; the last 10 000. */
  readonly entries: readonly RequestRecord[];
  add(record: RequestRecord): void;
  /** Among the entries kept. */
  count(match?: RequestMatch): number;
  clear(): void;
}

const kept = 10_000;

export function createRequestLog(): RequestLog {
  const entries: RequestRecord[] = [];
  return {
    entries,
    add(record) {
      entries.push(record);
      // Dropped in blocks: shifting one by one would move the whole list each time.
      if (entries.length >= kept * 2) entries.splice(0, entries.length - kept);
    },
    count: (match = {}) => entries.filter((entry) => matches(match, entry)).length,
    clear() {
      entries.length = 0;
    },
  };
}

export function matches(match: RequestMatch, asked: AskedRequest): boolean {
  const { method, path, operation, access } = match;
  return (
    (method === undefined || method === asked.method) &&
    (access === undefined || access === asked.access) &&
    (operation === undefined || operation === asked.operation) &&
    (path === undefined || (typeof path === 'string' ? path === asked.path : path.test(asked.path)))
  );
}
