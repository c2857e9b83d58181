/** How a copy of a thread gets onto the other desk once, without anybody hearing of it. */
import { HelpdeskError } from '../core/errors.ts';
import type {
  CallOptions,
  Helpdesk,
  Imported,
  ImportThreadInput,
  RecordedMessageInput,
  UpdateThreadInput,
} from '../core/helpdesk.ts';
import type { Loss, Thread, Written } from '../core/model.ts';
import type { Side } from '../store/store.ts';
import { beginningOf, recordOptions } from './history.ts';
import { findThread } from './lookup.ts';
import { notYet, type Setup } from './setup.ts';
import { listTries } from './sought.ts';
import { otherSide } from './stages.ts';

/** Where the import is to go, and what is known of earlier tries. */
export interface Place {
  readonly side: Side;
  readonly lane: string;
  /** When a request of an earlier try left last. */
  readonly sentAt: number | undefined;
}

/**
 * Imports a thread that may be there from an earlier try.
 *
 * A desk that would import it twice is asked first; while a request of an
 * earlier try may still arrive there, nothing is sent. Throws `unavailable`.
 */
export async function importOnce(
  setup: Setup,
  { side, lane, sentAt }: Place,
  input: ImportThreadInput,
  call: CallOptions,
): Promise<Written<Imported>> {
  const desk = setup.desks[side];
  if (desk.traits.importsThreadsOnce) return desk.importThread(input, call);
  const { contact, title, createdAt } = input;
  const found = await findThread(
    setup,
    side,
    { contact, title, createdAt, backdated: true, lane, ...(await beginningOf(input.messages)) },
    call,
  );
  if (found.is === 'found') return completeImport(setup, side, found.record, input, call);
  const earliest = sentAt === undefined ? 0 : sentAt + setup.settleMs;
  if (setup.now() < earliest) {
    throw notYet('importThread', 'an earlier request may still arrive', earliest - setup.now());
  }
  if (found.is === 'unclear' && sentAt !== undefined) {
    const where = { provider: desk.name, operation: 'importThread', kind: 'conflict', applied: 'no' } as const;
    throw new HelpdeskError({ ...where, reason: 'a thread of this contact and time is there under another title' });
  }
  return desk.importThread(input, call);
}

/**
 * When a request that creates the copy left last: for an operation of the
 * thread, or so that one could be carried out. `id`: the thread's on the other
 * desk. A desk that imports a thread once makes no difference of it, and
 * `undefined` is the answer.
 */
async function lastTry(
  setup: Setup,
  side: Side,
  lane: string,
  id: string,
  externalId: string,
): Promise<number | undefined> {
  if (setup.desks[side].traits.importsThreadsOnce) return undefined;
  const own = (await listTries(setup, side, lane, id)).at(-1)?.sentAt;
  // A thread that was used before its creation was known has another lane than that, and its id for an external one.
  const creation = (await setup.store.getOperation(externalId))?.mirrorSentAt;
  return own === undefined || creation === undefined ? (own ?? creation) : Math.max(own, creation);
}

/** What is stored after the thread, and may be missing of a try that was cut off. */
async function completeImport(
  setup: Setup,
  side: Side,
  found: Thread,
  input: ImportThreadInput,
  call: CallOptions,
): Promise<Written<Imported>> {
  const desk = setup.desks[side];
  const notes = input.messages.filter(({ kind }) => kind === 'note');
  const recorded =
    notes.length > 0
      ? await desk.recordMessages(
          { threadId: found.id, messages: notes, ...recordOptions(setup, input.providerOptions) },
          call,
        )
      : { value: [], losses: [] };
  const late = lateFields(setup, found, input);
  const { value: thread, losses } =
    Object.keys(late).length > 0 ? await desk.updateThread(found.id, late, call) : { value: found, losses: [] };
  const byId = new Map(recorded.value.map((one) => [one.externalId, one]));
  const messages = input.messages.map(
    ({ externalId }) => byId.get(externalId) ?? ({ externalId, outcome: 'existing', id: undefined } as const),
  );
  return {
    value: { thread, outcome: 'existing', messages },
    losses: [unknownLosses, ...inPlace(recorded.losses, notes, input.messages), ...losses],
  };
}

const unknownLosses: Loss = {
  field: 'thread',
  how: 'changed',
  reason: 'the answer to the import was lost, and with it what else the desk could not keep',
};

/** What an import sets last and the thread does not have. */
function lateFields({ now }: Setup, thread: Thread, { labelIds = [], status }: ImportThreadInput): UpdateThreadInput {
  const lacks = labelIds.some((id) => !thread.labels.some((label) => label.id === id));
  const snoozed = status?.is === 'snoozed' && status.until.getTime() > now() && thread.status.is === 'open';
  return { ...(lacks && { labelIds }), ...(snoozed && { status }) };
}

/** Losses of some of the messages, by their places among all. */
function inPlace(
  losses: readonly Loss[],
  some: readonly RecordedMessageInput[],
  all: readonly RecordedMessageInput[],
): readonly Loss[] {
  return losses.map((loss) => {
    const [, index = '', rest = ''] = /^messages\.(\d+)(.*)$/.exec(loss.field) ?? [];
    const message = some[Number(index)];
    return index === '' || !message ? loss : { ...loss, field: `messages.${all.indexOf(message)}${rest}` };
  });
}

/** What the other desk could not keep of a copy. The id by which we find it there is nobody's loss. */
export function copyLosses(copied: Written<Imported>, externalId: string | undefined): readonly Loss[] {
  const kept = copied.losses.filter(({ field }) => field !== 'externalId' || externalId !== undefined);
  const refused = copied.value.messages.flatMap(({ outcome, reason }, index): Loss[] =>
    outcome === 'refused' ? [{ field: `messages.${index}`, how: 'dropped', reason: reason ?? 'refused' }] : [],
  );
  return [...kept, ...refused];
}

/**
 * The copy of a thread on the other desk, by an import or, where the bridge is
 * told so, by the desk's ordinary way of creating one. Says nothing to anybody.
 *
 * `id`: the thread's on its own desk. Throws `unavailable` where a part of the
 * copy is not there yet, and `conflict` where the desk answers with the copy of
 * another thread.
 */
export async function copyThread(
  setup: Setup,
  { side, lane, id }: { readonly side: Side; readonly lane: string; readonly id: string },
  input: ImportThreadInput,
  call: CallOptions,
): Promise<Written<Imported>> {
  const desk = setup.desks[side];
  const live = setup.createMirrored === 'live' && desk.traits.keepsExternalIds;
  const copied = live
    ? await createLive(setup, side, input, call)
    : await importOnce(
        setup,
        { side, lane, sentAt: await lastTry(setup, side, lane, id, input.externalId) },
        input,
        call,
      );
  // Only what the desk had already can be another's. Created live, it does not say.
  if ((live || copied.value.outcome === 'existing') && (await isAnothers(setup, side, copied.value.thread, id)))
    throw taken(desk, 'importThread');
  requireWhole(desk, copied);
  return copied;
}

/** `id`: the thread's on the other desk. */
async function isAnothers({ store }: Setup, side: Side, { id: copy }: Thread, id: string): Promise<boolean> {
  const linked = (await store.findLink('thread', side, copy))?.[otherSide(side)];
  return linked !== undefined && linked !== id;
}

/** Another thread of the contact has the external id there. */
export function taken({ name }: Helpdesk, operation: string): HelpdeskError {
  const where = { provider: name, operation, kind: 'conflict', applied: 'no' } as const;
  return new HelpdeskError({
    ...where,
    reason: 'another thread has this externalId there, or had it and is to be deleted',
  });
}

/** What failed and may be made up for is no loss yet. A request for it may also still arrive. */
function requireWhole({ name }: Helpdesk, { value, losses }: Written<Imported>): void {
  const failures = [
    ...losses.map(({ failed }) => failed),
    ...value.messages.map(({ outcome, reason }) => (outcome === 'refused' ? reason : undefined)),
  ];
  if (!failures.some((kind) => kind === 'unavailable' || kind === 'rate-limited')) return;
  const where = { provider: name, operation: 'importThread', kind: 'unavailable', applied: 'unknown' } as const;
  throw new HelpdeskError({ ...where, reason: 'the thread is there, and a part of it is not yet' });
}

async function createLive(
  setup: Setup,
  side: Side,
  input: ImportThreadInput,
  call: CallOptions,
): Promise<Written<Imported>> {
  const desk = setup.desks[side];
  const { messages, status, ...others } = input;
  const ordered = messages.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  const first = ordered.findIndex(({ kind }) => kind === 'inbound');
  const opening = ordered[first];
  const created = await desk.createThread(
    { ...others, providerOptions: undefined, body: opening?.body ?? { format: 'text', content: input.title } },
    call,
  );
  const threadId = created.value.id;
  const rest = ordered.toSpliced(first, first < 0 ? 0 : 1);
  const recorded =
    rest.length > 0
      ? await desk.recordMessages({ threadId, messages: rest, ...recordOptions(setup, input.providerOptions) }, call)
      : { value: [], losses: [] };
  const updated =
    status && status.is !== 'open' && !(status.is === 'snoozed' && status.until.getTime() <= setup.now())
      ? await desk.updateThread(threadId, { status }, call)
      : { value: created.value, losses: [] };
  const byId = new Map(recorded.value.map((one) => [one.externalId, one]));
  return {
    value: {
      thread: updated.value,
      outcome: 'stored',
      messages: messages.map(
        ({ externalId }) => byId.get(externalId) ?? { externalId, outcome: 'stored' as const, id: undefined },
      ),
    },
    losses: [...created.losses, ...inPlace(recorded.losses, rest, messages), ...updated.losses],
  };
}
