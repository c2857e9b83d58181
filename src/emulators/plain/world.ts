/** What every operation has at hand: the tables, the time, the switches, and who asks. */
import type { Clock } from '../clock.ts';
import type { PostRoom } from '../post-room.ts';
import type { Webhooks } from '../webhooks.ts';
import type { IdPrefix, Ids } from './ids.ts';
import type { PlainSwitches } from './options.ts';
import type { ApiKey } from './permissions.ts';
import type { ActorRef, Instant } from './records.ts';
import type { Tables } from './state.ts';

interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly publicName: string;
  readonly createdAt: Instant;
  readonly emailEnabled: boolean;
  readonly supportEmailAddresses: readonly string[];
}

export interface World {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly switches: PlainSwitches;
  readonly workspace: Workspace;
  readonly postRoom: PostRoom;
  readonly webhooks: Webhooks;
}

/** One request by one key; GraphQL's context value. */
export interface Call {
  readonly world: World;
  readonly key: ApiKey;
  /** The key's machine user. */
  readonly actor: ActorRef;
  /** The list that was read last, so that a record can be made to appear in it. */
  listed: 'customers' | 'threads' | { readonly timelineOf: string } | undefined;
}

/** Plain itself, where nobody else acts. */
export const system: ActorRef = { is: 'system', id: 'plain' };

/** Later than any moment before it. */
export function now(world: World): Instant {
  return world.clock.tick().toISOString();
}

export function newId(world: World, prefix: IdPrefix): string {
  return world.ids.next(prefix, world.clock.now());
}
