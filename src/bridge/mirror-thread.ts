/** How a thread comes to the desk that is kept in step: when it is created, or with the first write to it. */
import type { CallOptions, CreateThreadInput, RecordedMessageInput } from '../core/helpdesk.ts';
import type { Loss, Thread } from '../core/model.ts';
import type { Link } from '../store/store.ts';
import { copyLosses, copyThread } from './copy.ts';
import { openingRef, readThread, toImport } from './history.ts';
import { contactPair, deskLink, pair } from './links.ts';
import { unused } from './mirror-message.ts';
import type { Known } from './operations.ts';
import { type Setup, unlessGone } from './setup.ts';
import { toSought } from './sought.ts';
import { otherSide } from './stages.ts';

/** What the mirror's part of an operation leaves to store. */
export interface Mirrored {
  readonly losses: readonly Loss[];
  readonly messageId?: string | undefined;
  readonly links: readonly Link[];
}

export const nothing: Mirrored = { losses: [], links: [] };

/** The copy of a thread that was created through the bridge: with what the caller gave, not with what the primary made of it. */
export async function createCopy(
  setup: Setup,
  operation: Known & { method: 'createThread' },
  thread: Thread,
  call: CallOptions,
): Promise<Mirrored> {
  const { primary, input, lane } = operation;
  const target = otherSide(primary);
  const source = setup.desks[primary];
  const desk = setup.desks[target];
  const opening: RecordedMessageInput = {
    externalId: openingRef(source.name, thread.id),
    kind: 'inbound',
    body: input.body,
    createdAt: thread.createdAt,
  };
  const base = toImport(
    setup,
    primary,
    { ...thread, labels: [], assignee: undefined, company: undefined },
    [opening],
    input.externalId,
  );
  const placed = setup.translator.forMirror(placedIn(input), target);
  const copy = {
    ...base.value,
    ...placed.fields,
    title: input.title.length > desk.traits.titleLimit ? base.value.title : input.title,
    priority: input.priority ?? 'normal',
    status: { is: 'open' as const },
    ...(input.customFields && { customFields: input.customFields }),
  };
  const copied = await copyThread(setup, { side: target, lane, id: thread.id }, copy, call);
  const links = await copyLinks(operation, thread, copied.value.thread, input.externalId);
  return {
    losses: [...base.losses, ...placed.losses, ...unused(input, desk), ...copyLosses(copied, input.externalId)],
    links,
  };
}

function placedIn({ assigneeId, labelIds, companyId }: CreateThreadInput) {
  return { assigneeId, labelIds, companyId };
}

export async function copyLinks(
  { primary, lane }: Known,
  thread: Thread,
  copy: Thread,
  externalId: string | undefined,
): Promise<readonly Link[]> {
  return [
    pair('thread', primary, thread.id, copy.id, lane, externalId),
    ...(await contactPair(primary, thread.contact, copy.contact)),
  ];
}

interface Placed {
  readonly threadId: string;
  /** It came over a moment ago, with all that the other desk has of it: also what the operation has written there. */
  readonly made: boolean;
  readonly losses: readonly Loss[];
  readonly links: readonly Link[];
}

/** The thread on the mirror. One that is not there comes over now, with its history. `undefined`: the primary has none either. */
export async function placeOf(
  setup: Setup,
  operation: Known,
  id: string,
  call: CallOptions,
): Promise<Placed | undefined> {
  const { primary, lane } = operation;
  const target = otherSide(primary);
  const link = await deskLink(setup.store, 'thread', id);
  const there = link?.[target];
  if (there !== undefined) return { threadId: there, made: false, losses: [], links: [] };
  const source = link?.[primary] ?? id;
  const read = await readThread(setup, primary, source, link?.externalId, call).catch(unlessGone);
  if (!read) return undefined;
  await setup.store.seeking(operation.id, await toSought(read.value));
  const copied = await copyThread(setup, { side: target, lane, id: source }, read.value, call);
  const { thread } = copied.value;
  const links = await copyLinks(operation, read.thread, thread, link?.externalId);
  // One that an earlier try has made is as the thread was then. Created live it may be one too.
  const made = copied.value.outcome === 'stored' && setup.createMirrored === 'import';
  return { threadId: thread.id, made, losses: [...read.losses, ...copyLosses(copied, link?.externalId)], links };
}
