/** How a Productlane request is put together and its answer is read. */
import type * as z from 'zod/mini';
import type { Access } from '../../core/budget.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type { CallOptions } from '../../core/helpdesk.ts';
import type { Answer, Exchange, Transport } from '../../core/transport.ts';
import { issuesOf } from '../../core/validate.ts';
import { refused, requestId } from './failure.ts';
import { wirePage } from './wire.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface Request<T> {
  readonly operation: string;
  readonly method: Exchange['method'];
  readonly path: Path;
  readonly query?: Query | undefined;
  readonly json?: object | undefined;
  readonly answer: z.ZodMiniType<T>;
}

/** A path with every value escaped, and the same with placeholders for observers. */
export interface Path {
  readonly path: string;
  readonly template: string;
}

export function at(parts: TemplateStringsArray, ...values: string[]): Path {
  return {
    path: String.raw({ raw: parts }, ...values.map(encodeURIComponent)),
    template: String.raw({ raw: parts }, ...values.map(() => '{id}')),
  };
}

export interface Rest {
  send<T>(request: Request<T>, call: CallOptions | undefined): Promise<T>;
  /** Each record once. Ends only where the desk says that there is no more. */
  pages<T>(request: Omit<Request<T>, 'method'>, call: CallOptions | undefined): AsyncGenerator<T>;
}

export function createRest(transport: Transport, baseUrl: string, pageSize: number): Rest {
  async function send<T>(request: Request<T>, call: CallOptions | undefined): Promise<T> {
    const { operation, method, path, json } = request;
    const access: Access = method === 'GET' ? 'read' : 'write';
    const exchange: Exchange = {
      operation,
      access,
      method,
      url: `${baseUrl}${path.path}${search(request.query)}`,
      path: path.template,
      ...(json && { body: JSON.stringify(json) }),
      signal: call?.signal,
      beforeRequest: call?.beforeRequest,
    };
    const answer = await transport(exchange);
    if (answer.status < 200 || answer.status > 299) throw refused(exchange, answer);
    return read(request.answer, exchange, answer);
  }

  async function* pages<T>(request: Omit<Request<T>, 'method'>, call: CallOptions | undefined): AsyncGenerator<T> {
    const answer = wirePage(request.answer) as z.ZodMiniType<{
      data: T[];
      page: { cursor?: string | null | undefined; has_more: boolean };
    }>;
    for (let cursor: string | undefined; ; ) {
      // Filters are repeated on every page: a cursor holds the position and not the question.
      const query = { ...request.query, limit: pageSize, cursor };
      const { data, page } = await send({ ...request, method: 'GET', query, answer }, call);
      yield* data;
      if (!page.has_more) return;
      if (!page.cursor || page.cursor === cursor)
        throw unreadable(request.operation, 'read', 'page.cursor leads nowhere', undefined);
      cursor = page.cursor;
    }
  }

  return { send, pages };
}

/** The record as it came. What the model needs and the answer lacks is named by its path. */
function read<T>(schema: z.ZodMiniType<T>, { operation, access }: Exchange, answer: Answer): T {
  let value: unknown;
  try {
    value = answer.text === '' ? undefined : JSON.parse(answer.text);
  } catch {
    throw unreadable(operation, access, 'the answer is not JSON', answer);
  }
  const [issue] = issuesOf(schema, value, 'answer');
  if (issue) throw unreadable(operation, access, `the answer has no usable ${issue.path.replace(/\d+/g, 'N')}`, answer);
  return value as T;
}

function unreadable(operation: string, access: Access, reason: string, answer: Answer | undefined): HelpdeskError {
  const applied = access === 'write' ? 'unknown' : 'no';
  const id = answer && requestId(answer.headers);
  return new HelpdeskError({ provider: 'productlane', operation, kind: 'unexpected', reason, applied, requestId: id });
}

function search(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : '';
}
