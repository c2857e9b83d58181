/** What happens on a thread: entries that are added, and the status that follows. */

import type { Entry, EntryContent } from './entries.ts';
import { forbidden, refuse } from './errors.ts';
import { entryAdded, threadChanged } from './events.ts';
import type {
  ActorRef,
  Instant,
  MessageInfo,
  MessageSource,
  StatusDetail,
  Thread,
  ThreadChannel,
  ThreadStatus,
} from './records.ts';
import { newId, now, system, type World } from './world.ts';

const sourceOf = {
  API: 'API',
  CHAT: 'CHAT',
  DISCORD: 'DISCORD',
  EMAIL: 'EMAIL',
  IMPORT: 'API',
  INTERNAL: 'INTERNAL',
  MS_TEAMS: 'MS_TEAMS',
  SLACK: 'SLACK',
} as const satisfies Record<ThreadChannel, MessageSource>;

/** Stores the thread with the changes and the time and author of the change. */
export function changeThread(
  world: World,
  thread: Thread,
  change: Partial<Thread>,
  actor: ActorRef,
  at: Instant = now(world),
): Thread {
  const changed = { ...thread, ...change, updatedAt: at, updatedBy: actor };
  world.tables.putThread(changed);
  return changed;
}

/** A state change, a note or an event: stored, and nothing follows. */
export function addEntry(
  world: World,
  thread: Thread,
  entry: Pick<Entry, 'actor' | 'content'> & { readonly timestamp?: Instant; readonly externalId?: string },
): Entry {
  const timestamp = entry.timestamp ?? now(world);
  const { id: threadId, customerId } = thread;
  const stored: Entry = { ...entry, id: newId(world, 't'), threadId, customerId, timestamp };
  world.tables.putEntry(stored);
  return stored;
}

export interface NewMessage {
  readonly actor: ActorRef;
  readonly content: EntryContent;
  readonly direction: 'inbound' | 'outbound';
  readonly text: string;
}

/** A message that happens now: a thread that is done or snoozed opens, and the event fires. */
export function addMessage(world: World, thread: Thread, message: NewMessage): { entry: Entry; thread: Thread } {
  const { actor, content, direction, text } = message;
  const entry = addEntry(world, thread, { actor, content });
  const info = messageInfo(thread, entry.timestamp, direction);
  const previewText = thread.previewText ?? (text.slice(0, 500) || null);
  const changed = changeThread(world, thread, { ...info, previewText }, actor, entry.timestamp);
  entryAdded(world, changed, entry, direction);
  return { entry, thread: reopen(world, changed, actor, direction === 'inbound' ? 'NEW_REPLY' : 'IN_PROGRESS') };
}

/** The four message times of a thread after one more message. */
export function messageInfo(thread: Thread, timestamp: Instant, direction: 'inbound' | 'outbound'): Partial<Thread> {
  const info: MessageInfo = { timestamp, messageSource: sourceOf[thread.channel] };
  const [first, last] =
    direction === 'inbound' ? [thread.firstInbound, thread.lastInbound] : [thread.firstOutbound, thread.lastOutbound];
  const earliest = first && first.timestamp <= timestamp ? first : info;
  const latest = last && last.timestamp > timestamp ? last : info;
  return direction === 'inbound'
    ? { firstInbound: earliest, lastInbound: latest }
    : { firstOutbound: earliest, lastOutbound: latest };
}

/** Activity moves a thread that is done or snoozed back to TODO. */
export function reopen(world: World, thread: Thread, actor: ActorRef, detail: StatusDetail['type']): Thread {
  return thread.status === 'TODO' ? thread : setStatus(world, thread, 'TODO', { type: detail }, actor);
}

export function setStatus(
  world: World,
  thread: Thread,
  status: ThreadStatus,
  statusDetail: StatusDetail,
  actor: ActorRef,
): Thread {
  const at = now(world);
  const change = { status, statusDetail, statusChangedAt: at, statusChangedBy: actor };
  const changed = changeThread(world, thread, change, actor, at);
  if (status !== thread.status) {
    const content = { type: 'THREAD_STATUS_TRANSITIONED', nextStatus: status } as const;
    addEntry(world, changed, { actor, content, timestamp: at });
  }
  threadChanged(world, 'thread.thread_status_transitioned', thread, changed);
  scheduleWake(world, changed);
  return changed;
}

/** A thread that waits for a time opens then, unless something else happened to its status. */
export function scheduleWake(world: World, { id, statusDetail }: Thread): void {
  const { waitingUntil } = statusDetail;
  if (waitingUntil === undefined) return;
  world.clock.schedule(Date.parse(waitingUntil) - world.clock.now().getTime(), () => {
    const thread = world.tables.threads.get(id);
    if (thread?.statusDetail.waitingUntil === waitingUntil) reopen(world, thread, system, 'IN_PROGRESS');
  });
}

/** Locked threads are for admins, and a key is none. */
export function checkUnlocked({ switches }: World, thread: Thread): void {
  if (thread.lockedAt === null) return;
  const message = 'The thread is locked.';
  throw switches.lockedThread === 'forbidden' ? forbidden(message) : refuse('thread_locked', message);
}
