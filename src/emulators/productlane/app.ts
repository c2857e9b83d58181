/** How a request is let in, counted, read and answered, whatever it asks for. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { Created, Ordered } from '../ordered.ts';
import type { ApiKey, Keys, Scope } from './keys.ts';
import type { Limits } from './limits.ts';
import type { Page, Pager } from './paging.ts';
import { invalid, invalidShape, notFound, refusal, refusalResponse, toRefusal } from './refusal.ts';
import type { Workspace } from './workspace.ts';

export interface Env {
  Variables: { readonly key: ApiKey; readonly requestId: string };
}
export type Call = Context<Env>;
export type Routes = Hono<Env>;

/** What the routes are made with. */
export interface Service {
  readonly workspace: Workspace;
  readonly keys: Keys;
  readonly pager: Pager;
  /** `undefined`: no limits and no headers about them. */
  readonly limits: Limits | undefined;
}

export function createApp({ workspace, keys, limits }: Service): Routes {
  const { switches } = workspace;
  const app = new Hono<Env>();
  let requests = 0;

  app.use(async (call, next) => {
    requests += 1;
    const requestId = `req_${requests.toString(16).padStart(16, '0')}`;
    call.set('requestId', requestId);
    await next();
    call.header('X-Request-Id', requestId);
    const budget = call.req.method === 'GET' ? 'reads' : 'writes';
    const headers = limits?.headers(call.get('key')?.id, budget) ?? {};
    for (const [name, value] of Object.entries(headers)) call.header(name, value);
  });
  app.use(async (call, next) => {
    const key = identify(keys, call.req.header('authorization'));
    call.set('key', key);
    limits?.spend(key.id, call.req.method === 'GET' ? 'reads' : 'writes');
    if (call.req.method === 'POST' && call.req.path === '/files') limits?.spend(key.id, 'uploads');
    await next();
  });
  app.notFound((call) => refusalResponse(toRefusal(notFound('Endpoint')), call.get('requestId'), switches));
  app.onError((error, call) => refusalResponse(toRefusal(error), call.get('requestId'), switches));
  return app;
}

function identify(keys: Keys, authorization: string | undefined): ApiKey {
  const [, secret] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
  if (secret?.startsWith('pl_v1_')) throw refusal('unsupported_key_version', 'Version 1 keys do not work here.');
  const key = secret === undefined ? undefined : keys.find(secret);
  if (!key) throw refusal('unauthenticated', 'The key is missing, malformed, unknown or revoked.');
  return key;
}

export function scope(...required: readonly Scope[]): MiddlewareHandler<Env> {
  return async (call, next) => {
    const { scopes: granted } = call.get('key');
    if (!required.every((one) => granted.includes(one))) {
      throw refusal('scope_required', 'The key lacks a scope.', { required, granted });
    }
    await next();
  };
}

/** The body, if it is JSON of the right shape. Throws `validation_failed`. */
export async function readBody<Shape extends z.ZodType>(
  call: Call,
  { switches }: Workspace,
  shape: Shape,
): Promise<z.infer<Shape>> {
  const type = call.req.header('content-type') ?? '';
  if (!/^application\/json\b/i.test(type))
    throw invalid({ path: '', message: 'Content-Type must be application/json' });
  const text = await call.req.text();
  if (switches.nulCharacter === 'fails' && text.includes('\\u0000')) {
    throw refusal('internal_error', 'Something went wrong.');
  }
  const parsed = shape.safeParse(parseJson(text));
  if (!parsed.success) throw invalidShape(parsed.error);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid({ path: '', message: 'The body is not JSON' });
  }
}

interface QueryShapes {
  readonly vendor: z.ZodRawShape;
  readonly others: z.ZodRawShape;
}

type Filters<Shapes extends QueryShapes> = z.infer<z.ZodObject<Shapes['vendor'] & Shapes['others']>>;

/** The filters, apart from `limit` and `cursor`. Throws `validation_failed`. */
export function readFilters<Shapes extends QueryShapes>(
  call: Call,
  { switches }: Workspace,
  shapes: Shapes,
): Filters<Shapes> {
  const { thirdPartyFilters, unknownQuery } = switches;
  const given: Record<string, unknown> = {};
  for (const [name, values] of Object.entries(call.req.queries())) {
    if (name !== 'limit' && name !== 'cursor') given[name] = values.length === 1 ? values[0] : values;
  }
  for (const name of Object.keys(shapes.others)) {
    if (!(name in given) || thirdPartyFilters === 'work') continue;
    if (thirdPartyFilters === 'refused') throw invalid({ path: name, message: 'Unrecognized key' });
    delete given[name];
  }
  const known = { ...shapes.vendor, ...shapes.others };
  const shape = unknownQuery === 'refused' ? z.strictObject(known) : z.object(known);
  const parsed = shape.safeParse(given);
  if (!parsed.success) throw invalidShape(parsed.error);
  return parsed.data as Filters<Shapes>;
}

const limitShape = z
  .string()
  .regex(/^\d+$/, 'Must be a whole number')
  .transform(Number)
  .pipe(z.number().min(1).max(200));

export interface Listing<Row extends Created, Item> {
  readonly rows: Ordered<Row>;
  /** Default: `desc`. */
  readonly order?: 'asc' | 'desc' | undefined;
  /** Default: all. */
  readonly keep?: ((row: Row) => boolean) | undefined;
  readonly show: (row: Row) => Item;
}

/** One page of a list, by the `limit` and `cursor` of the call. */
export function listPage<Row extends Created, Item>(call: Call, pager: Pager, listing: Listing<Row, Item>): Page<Item> {
  const { searchParams, pathname } = new URL(call.req.url);
  const limit = limitShape.safeParse(searchParams.get('limit') ?? '50');
  if (!limit.success) throw invalid({ path: 'limit', message: limit.error.issues[0]?.message ?? 'Invalid' });
  const cursor = searchParams.get('cursor') ?? undefined;
  searchParams.delete('limit');
  searchParams.delete('cursor');
  searchParams.sort();
  const { rows, order = 'desc', keep = () => true, show } = listing;
  const fingerprint = `${pathname}?${searchParams}`;
  return pager.page(rows, { limit: limit.data, cursor, order, fingerprint }, keep, show);
}

interface DateFilters {
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly updated_after?: string | undefined;
  readonly updated_before?: string | undefined;
}

/** Whether a row lies within the dates asked for. A row that is never updated counts by its creation. */
export function withinDates({ switches }: Workspace, filters: DateFilters) {
  const inclusive = switches.dateBounds === 'inclusive';
  const between = (value: string, after: string | undefined, before: string | undefined): boolean =>
    (after === undefined || value > after || (inclusive && value === after)) &&
    (before === undefined || value < before || (inclusive && value === before));
  const { created_after, created_before, updated_after, updated_before } = filters;
  if (!created_after && !created_before && !updated_after && !updated_before) return () => true;
  return (row: Created & { readonly updated_at?: string }): boolean =>
    between(row.created_at, created_after, created_before) &&
    between(row.updated_at ?? row.created_at, updated_after, updated_before);
}
