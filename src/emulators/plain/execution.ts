/** How a GraphQL request is read, checked against the schema and carried out. */
import {
  buildSchema,
  type DocumentNode,
  execute,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { schemaText } from '../../providers/plain/generated/schema.ts';
import type { AskedRequest } from '../request-log.ts';
import { badInput, errorResponse } from './errors.ts';
import { nestedPermissions } from './nested.ts';
import { type RootContext, root } from './operations.ts';
import type { Call } from './world.ts';

const schema = buildSchema(schemaText);

interface Prepared {
  readonly document: DocumentNode;
  /** Empty if it can be carried out. */
  readonly errors: readonly GraphQLError[];
  readonly code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED';
}

const empty: DocumentNode = { kind: 'Document', definitions: [] } as unknown as DocumentNode;
const mostPrepared = 500;
const prepared = new Map<string, Prepared>();

function prepare(query: string): Prepared {
  const known = prepared.get(query);
  if (known) return known;
  if (prepared.size >= mostPrepared) prepared.clear();
  const fresh = read(query);
  prepared.set(query, fresh);
  return fresh;
}

function read(query: string): Prepared {
  try {
    const document = parse(query);
    return { document, errors: validate(schema, document), code: 'GRAPHQL_VALIDATION_FAILED' };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { document: empty, errors: [error], code: 'GRAPHQL_PARSE_FAILED' };
  }
}

interface Asked {
  readonly query: string;
  readonly variables: Record<string, unknown> | undefined;
  readonly operationName: string | undefined;
}

/** `undefined` unless it is a JSON object with a `query`. */
function readBody(body: string): Asked | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || !('query' in parsed)) return undefined;
    const { query, variables, operationName } = parsed as Readonly<Record<string, unknown>>;
    if (typeof query !== 'string') return undefined;
    return {
      query,
      variables: typeof variables === 'object' && variables !== null ? { ...variables } : undefined,
      operationName: typeof operationName === 'string' ? operationName : undefined,
    };
  } catch {
    return undefined;
  }
}

/** The operation's name, or its first field's where it has none. */
export function describe(body: string): Pick<AskedRequest, 'operation' | 'access'> {
  const asked = readBody(body);
  const operation = asked && getOperationAST(prepare(asked.query).document, asked.operationName);
  if (!operation) return { operation: 'unknown', access: 'read' };
  return { operation: nameOf(operation), access: operation.operation === 'mutation' ? 'write' : 'read' };
}

function nameOf({ name, selectionSet }: OperationDefinitionNode): string {
  const [first] = selectionSet.selections;
  return name?.value ?? (first?.kind === 'Field' ? first.name.value : 'unknown');
}

export async function run(body: string, call: Call): Promise<Response> {
  const asked = readBody(body);
  if (!asked) return errorResponse([badInput('The body must be JSON with a "query".')], 'BAD_USER_INPUT');
  const { document, errors, code } = prepare(asked.query);
  if (errors.length > 0) return errorResponse(errors, code);
  const operation = getOperationAST(document, asked.operationName);
  if (!operation) return errorResponse([badInput('Name one operation of the document.')], 'BAD_USER_INPUT');

  const isStrict = call.world.switches.nestedPermissions;
  // The same object all the way, since the operations leave in it what they listed.
  const context: RootContext = Object.assign(call, {
    nested: isStrict ? nestedPermissions(schema, document, operation) : () => [],
  });
  const result = await execute({
    schema,
    document,
    rootValue: root,
    contextValue: context,
    operationName: asked.operationName,
    variableValues: asked.variables,
  });
  if (!result.errors) return Response.json({ data: result.data });
  // Without `data` nothing was carried out: the variables did not fit.
  const fallback = 'data' in result ? 'INTERNAL_SERVER_ERROR' : 'BAD_USER_INPUT';
  return errorResponse(result.errors, fallback, result.data);
}
