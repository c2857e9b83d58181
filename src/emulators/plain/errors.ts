/** How Plain says no: refused mutations, and GraphQL errors with their HTTP status. */
import { GraphQLError } from 'graphql';

export interface FieldFailure {
  readonly field: string;
  readonly message: string;
  readonly type: 'VALIDATION' | 'REQUIRED' | 'NOT_FOUND';
}

/** The `error` of a mutation's output. */
export interface MutationFailure {
  readonly type: 'VALIDATION' | 'FORBIDDEN' | 'INTERNAL';
  readonly code: string;
  readonly message: string;
  readonly fields: readonly FieldFailure[];
}

const refused = 'MUTATION_REFUSED';

/** To be thrown by a mutation; `runMutation` turns it into the output's `error`. */
function refusal(failure: MutationFailure): GraphQLError {
  return new GraphQLError(failure.message, { extensions: { code: refused, failure } });
}

/** A documented reason that is no field's fault. */
export function refuse(code: string, message: string): GraphQLError {
  return refusal({ type: 'VALIDATION', code, message, fields: [] });
}

export function invalid(field: string, message: string, type: FieldFailure['type'] = 'VALIDATION'): GraphQLError {
  return refusal({
    type: 'VALIDATION',
    code: 'input_validation',
    message: 'There was a validation error.',
    fields: [{ field, message, type }],
  });
}

export function notFound(field: string, what: string): GraphQLError {
  return refusal({
    type: 'VALIDATION',
    code: 'not_found',
    message: 'There was a validation error.',
    fields: [{ field, message: `${what} was not found.`, type: 'NOT_FOUND' }],
  });
}

export function forbidden(message: string): GraphQLError {
  return refusal({ type: 'FORBIDDEN', code: 'forbidden', message, fields: [] });
}

export function missingPermission(permission: string): string {
  return `Insufficient permissions, missing "${permission}".`;
}

/** What a mutation threw, as its output's `error`; `undefined` if it was no refusal. */
export function failureOf(error: unknown): MutationFailure | undefined {
  if (!(error instanceof GraphQLError) || error.extensions['code'] !== refused) return undefined;
  return error.extensions['failure'] as MutationFailure;
}

/** Bad variables or arguments: HTTP 400. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A query the key may not make: HTTP 401. */
export function forbiddenQuery(permission: string): GraphQLError {
  return new GraphQLError(missingPermission(permission), { extensions: { code: 'FORBIDDEN' } });
}

const httpStatusOf: Readonly<Record<string, number>> = {
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  BAD_USER_INPUT: 400,
  FORBIDDEN: 401,
};

/** `data: null` where the whole answer is refused; a fault inside keeps its data and a 200. */
export function errorResponse(errors: readonly GraphQLError[], fallbackCode: string, data?: unknown): Response {
  const shown = errors.map((error) => ({
    message: error.message,
    locations: error.locations ?? [{ line: 1, column: 1 }],
    ...(error.path && { path: error.path }),
    extensions: { code: codeOf(error) ?? fallbackCode },
  }));
  const status = Math.max(...shown.map(({ extensions }) => httpStatusOf[extensions.code] ?? 200));
  if (status === 400) return Response.json({ errors: shown }, { status });
  return Response.json({ errors: shown, data: status === 200 ? (data ?? null) : null }, { status });
}

function codeOf({ extensions }: GraphQLError): string | undefined {
  const { code } = extensions;
  if (typeof code !== 'string') return undefined;
  // Queries have no `error` to put a refusal in.
  return code === refused ? 'BAD_USER_INPUT' : code;
}

/** The desk's own answer for a status, where nothing else says what is in it. */
export function plainFailure(status: number): Response {
  const graphql = (code: string, message: string): Response =>
    Response.json(
      { errors: [{ message, locations: [{ line: 1, column: 1 }], extensions: { code } }], data: null },
      { status },
    );
  switch (status) {
    case 400:
      return Response.json(
        { errors: [{ message: 'Bad request', locations: [], extensions: { code: 'BAD_USER_INPUT' } }] },
        { status },
      );
    case 401:
      return Response.json({ message: 'Unauthorized' }, { status });
    case 403:
      return new Response('error code: 1010', { status, headers: { 'content-type': 'text/plain; charset=UTF-8' } });
    case 429:
      return rateLimited(status);
    case 200:
    case 500:
      return graphql('INTERNAL_SERVER_ERROR', 'Internal server error');
    default:
      return Response.json({ message: 'Request failed' }, { status });
  }
}

export function rateLimited(status: 429 | 200): Response {
  const error = { message: 'Too Many Requests - Rate limit exceeded', extensions: { code: 'RATE_LIMITED' } };
  return Response.json({ errors: [error] }, { status });
}
