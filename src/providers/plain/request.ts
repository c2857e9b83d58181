/** How a GraphQL document travels: graphql-request over the common transport. */
import type { Access } from '../../core/budget.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type { CallOptions } from '../../core/helpdesk.ts';
import type { Answer, Transport } from '../../core/transport.ts';
import { failed, rememberRequestId, requestId } from './failure.ts';
import type { TypedDocument } from './generated/graphql.ts';

export type Run = <Result, Variables extends object>(
  operation: string,
  document: TypedDocument<Result, Variables>,
  variables: Variables,
  call: CallOptions | undefined,
) => Promise<Result>;

/**
 * Errors are classified from the answer itself: graphql-request's own error
 * prints the variables.
 */
export function createRun(transport: Transport, url: string): Run {
  // graphql-request loads a whole GraphQL parser, which costs more than all the rest: not before it is needed.
  const client = once(() => import('./client.ts'));

  return async <Result, Variables extends object>(
    operation: string,
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    call: CallOptions | undefined,
  ): Promise<Result> => {
    const { GraphQLClient } = await client();
    // Anything that is not plainly a query: comments and fragments may stand before a mutation.
    const access: Access = /^\s*(?:query\b|\{)/.test(document) ? 'read' : 'write';
    let answer: Answer | undefined;
    let body: unknown;
    const graphql = new GraphQLClient(url, {
      // The name would be parsed out of the document; ours is in the document already.
      excludeOperationName: true,
      errorPolicy: 'all',
      fetch: async (_url, init) => {
        answer = await transport({
          operation,
          access,
          method: 'POST',
          url,
          path: /^\s*(?:query|mutation)\s+(\w+)/.exec(document)?.[1] ?? 'graphql',
          body: String(init?.body),
          signal: call?.signal,
          beforeRequest: call?.beforeRequest,
        });
        return new Response(answer.text, { status: 200, headers: { 'content-type': 'application/json' } });
      },
      jsonSerializer: {
        stringify: JSON.stringify,
        parse: (text: string) => {
          body = JSON.parse(text);
          return body;
        },
      },
    });
    try {
      const result = await graphql.request<Result>(String(document), { ...variables });
      const failure = answer && failed(operation, access, answer, body);
      if (failure) throw failure;
      if (answer) rememberRequestId(result, answer.headers);
      return result;
    } catch (error) {
      if (HelpdeskError.is(error)) throw error;
      throw (answer && failed(operation, access, answer, body)) ?? unreadable(operation, access, answer);
    }
  };
}

function unreadable(operation: string, access: Access, answer: Answer | undefined): HelpdeskError {
  const applied = access === 'write' ? 'unknown' : 'no';
  const reason = 'the answer is not GraphQL';
  const id = answer && requestId(answer.headers);
  return new HelpdeskError({ provider: 'plain', operation, kind: 'unexpected', reason, applied, requestId: id });
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}
