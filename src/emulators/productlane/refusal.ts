/** How Productlane says no: the codes, and the two envelopes its documents show. */
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import type { ProductlaneSwitches } from './options.ts';

const statusOf = {
  validation_failed: 400,
  unauthenticated: 401,
  forbidden: 403,
  scope_required: 403,
  not_found: 404,
  conflict: 409,
  unsupported_key_version: 410,
  unprocessable: 422,
  rate_limited: 429,
  internal_error: 500,
} as const;

export type RefusalCode = keyof typeof statusOf;

/** One field that is wrong. `path` is dotted, for example `tags.0`. */
export interface FieldIssue {
  readonly path: string;
  readonly message: string;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly details?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the code's own. */
  readonly status?: number | undefined;
}

/** To be thrown; the app turns it into an answer. */
export function refusal(
  code: RefusalCode,
  message: string,
  details?: unknown,
  headers?: Refusal['headers'],
): HTTPException {
  return new HTTPException(statusOf[code], { message, cause: { code, message, details, headers } satisfies Refusal });
}

export function invalid(...issues: readonly FieldIssue[]): HTTPException {
  return refusal('validation_failed', 'Request is invalid.', issues);
}

export function notFound(what: string): HTTPException {
  return refusal('not_found', `${what} not found.`);
}

/** Every unknown key is an issue of its own, so that its path names it. */
export function invalidShape(error: z.ZodError): HTTPException {
  return invalid(
    ...error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'Unrecognized key' }))
        : [{ path: issue.path.join('.'), message: issue.message }],
    ),
  );
}

/** What was thrown, as a refusal. Anything unexpected is a 500 that names the fault in this emulator. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof HTTPException && error.cause) return error.cause as Refusal;
  return { code: 'internal_error', message: error instanceof Error ? `emulator: ${error.message}` : 'emulator' };
}

export function refusalResponse(
  refused: Refusal,
  requestId: string,
  switches: Pick<ProductlaneSwitches, 'errorEnvelope' | 'oldKeyStatus'>,
): Response {
  const { code, message, details, headers = {} } = refused;
  const own = code === 'unsupported_key_version' ? switches.oldKeyStatus : statusOf[code];
  const status = refused.status ?? own;
  const shownCode = status === 401 ? 'unauthenticated' : code;
  if (switches.errorEnvelope === 'nested') {
    const shown = { code: shownCode, message, ...(details !== undefined && { details }), request_id: requestId };
    return Response.json({ error: shown }, { status, headers });
  }
  const issues = Array.isArray(details) && {
    issues: (details as FieldIssue[]).map((issue) => ({ message: issue.message })),
  };
  return Response.json({ message, code: shownCode, ...issues }, { status, headers });
}

/** The code for a status that a fault asks for. */
export function codeOf(status: number): RefusalCode {
  const known = Object.entries(statusOf).find(([, value]) => value === status);
  return known ? (known[0] as RefusalCode) : 'internal_error';
}
