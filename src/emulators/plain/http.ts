/** What stands before GraphQL: methods, keys and the rate limit. */

import { schemaText } from '../../providers/plain/generated/schema.ts';
import type { RateWindow } from '../rate-window.ts';
import { plainFailure, rateLimited } from './errors.ts';
import { run } from './execution.ts';
import { type Keys, machineUserOf } from './permissions.ts';
import type { Call, World } from './world.ts';

export interface Front {
  readonly world: World;
  readonly keys: Keys;
  /** `undefined`: no limit. Counted for the workspace, not for the key. */
  readonly rateWindow: () => RateWindow | undefined;
  /** Told what a request listed. */
  readonly onListed: (listed: Call['listed']) => void;
}

/** Takes a request whose path has the base URL's path taken off. */
export async function answer(front: Front, request: Request): Promise<Response> {
  const { world, keys } = front;
  const response = await respond(front, request);
  response.headers.set('apigw-requestid', world.ids.next('req', world.clock.now()));
  if (keys.find(secretOf(request))) showRate(front, response);
  return response;
}

/** The desk's own answer for a status that it did not come to by itself. */
export function failure(front: Front, status: number): Response {
  const response = plainFailure(status);
  if (status === 429) showRate(front, response);
  return response;
}

function showRate({ world, rateWindow }: Front, response: Response): void {
  const window = rateWindow();
  if (!window) return;
  const reset = new Date(world.clock.now().getTime() + window.untilReset());
  response.headers.set('x-ratelimit-limit', String(window.limit));
  response.headers.set('x-ratelimit-remaining', String(response.status === 429 ? 0 : window.remaining()));
  response.headers.set('x-ratelimit-reset', reset.toISOString());
}

async function respond({ world, keys, rateWindow, onListed }: Front, request: Request): Promise<Response> {
  // A request in process has none unless its sender sets one; over a socket every client sends its own.
  if (!request.headers.get('user-agent')) return plainFailure(403);
  const { pathname } = new URL(request.url);
  if (pathname === '/schema.graphql' && request.method === 'GET') return new Response(schemaText);
  if (pathname !== '/') return Response.json({ message: 'Not Found' }, { status: 404 });
  if (request.method !== 'POST') {
    return Response.json({ message: 'Method Not Allowed' }, { status: 405, headers: { allow: 'POST' } });
  }
  const key = keys.find(secretOf(request));
  if (!key) return plainFailure(401);

  const window = rateWindow();
  if (window?.remaining() === 0) return rateLimited(world.switches.rateLimitStatus);
  window?.count();

  const call: Call = { world, key, actor: { is: 'machineUser', id: machineUserOf(world, key) }, listed: undefined };
  const response = await run(await request.text(), call);
  onListed(call.listed);
  return response;
}

function secretOf(request: Request): string {
  return /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
}
