/** The one error of the library, and what a caller may do about it. */

/** What the caller can do about a failure; one word per reaction. */
export type ErrorKind =
  | 'auth' // fix the key or its permissions
  | 'not-found' // the id is wrong or the record is gone
  | 'invalid' // fix the input; `issues` names the fields
  | 'conflict' // another record already holds this value
  | 'rate-limited' // wait `retryAfterMs`, then repeat
  | 'unavailable' // repeat later
  | 'unsupported' // this desk has no such thing
  | 'cancelled' // nothing: the caller's signal fired, or its `beforeRequest` failed
  | 'unexpected'; // a bug here, or the desk's API changed

/** One field that is wrong. */
export interface Issue {
  /** Dotted path in the input, for example `contact.email`. */
  readonly path: string;
  /** The rule that was broken and its limit. Never the value. */
  readonly message: string;
}

export interface HelpdeskErrorInit {
  /** `Helpdesk.name` of the desk that failed. */
  readonly provider: string;
  /** Method name on `Helpdesk`, for example `createThread`. */
  readonly operation: string;
  readonly kind: ErrorKind;
  /** One clause, no full stop, no customer data. */
  readonly reason: string;
  readonly applied: 'no' | 'unknown';
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
  readonly operationId?: string | undefined;
  readonly issues?: readonly Issue[] | undefined;
}

const brand = Symbol.for('helpdesk-bridge.HelpdeskError');

/**
 * The only error that leaves the library.
 *
 * There are no subclasses: callers branch on `kind`, and the compiler checks
 * that the branches are complete. It never has a `cause`: the errors of the
 * HTTP clients print the key, the address and the body.
 */
export class HelpdeskError extends Error {
  override readonly name = 'HelpdeskError';
  readonly provider: string;
  readonly operation: string;
  readonly kind: ErrorKind;

  /**
   * Whether the write may have happened anyway.
   *
   * `no`: the desk refused it, so repeating is safe. `unknown`: the answer was
   * lost; look the record up before repeating. Always `no` for reads.
   */
  readonly applied: 'no' | 'unknown';

  /** Milliseconds. Set only for `rate-limited`, and only if the desk said. */
  readonly retryAfterMs: number | undefined;

  /** The desk's own id of the request, for its support team. */
  readonly requestId: string | undefined;

  /** The bridge's id of the operation, where a bridge has stored it: its outcome can be asked for later. */
  readonly operationId: string | undefined;

  /** The fields that are wrong. Empty unless `kind` is `invalid` or `conflict`. */
  readonly issues: readonly Issue[];

  constructor(init: HelpdeskErrorInit) {
    const fields = (init.issues ?? []).map(({ path, message }) => `${path}: ${message}`).join('; ');
    super(`[${init.provider}] ${init.operation}: ${init.reason}${fields && ` (${fields})`}`);
    this.provider = init.provider;
    this.operation = init.operation;
    this.kind = init.kind;
    this.applied = init.applied;
    this.retryAfterMs = init.retryAfterMs;
    this.requestId = init.requestId;
    this.operationId = init.operationId;
    this.issues = init.issues ?? [];
    Object.defineProperty(this, brand, { value: true });
  }

  /** Repeating the same call later may succeed. After `applied: 'unknown'`, look the record up first. */
  get retryable(): boolean {
    return this.kind === 'rate-limited' || this.kind === 'unavailable';
  }

  /** What to log: everything but the stack. */
  toJSON(): Record<string, unknown> {
    const { name, message, provider, operation, kind, applied, retryAfterMs, requestId, operationId, issues } = this;
    return { name, message, provider, operation, kind, applied, retryAfterMs, requestId, operationId, issues };
  }

  /** Prefer this to `instanceof`: it also holds across two copies of the package. */
  static is(error: unknown): error is HelpdeskError {
    return typeof error === 'object' && error !== null && brand in error;
  }
}
