/** Which values are to stand on a desk in the end, where several operations wrote some. */
import { HelpdeskError } from '../core/errors.ts';
import type { CallOptions } from '../core/helpdesk.ts';
import type { Contact, Written } from '../core/model.ts';
import { given } from '../core/plain-data.ts';
import type { Side } from '../store/store.ts';
import type { Inputs, Known } from './operations.ts';
import type { Setup } from './setup.ts';
import { onSameRecord } from './siblings.ts';

/**
 * The changes as they are to stand on this desk, later operations considered.
 *
 * What a later one has written is left out. If a request of this operation left
 * before, it may have arrived after the later one's: then the later values are
 * written once more. Empty: there is nothing to write.
 */
export async function current(
  setup: Setup,
  operation: Known,
  side: Side,
  changes: Inputs['updateThread']['changes'],
): Promise<Inputs['updateThread']['changes']> {
  const { forPrimary, changesForMirror } = setup.translator;
  const later = (await writtenSince(setup, operation, side)).flatMap((other) => {
    if (other.method !== 'updateThread') return [];
    const theirs = other.input.changes;
    return other.primary === side ? forPrimary(theirs, side) : changesForMirror(theirs, side).fields;
  });
  if (later.length === 0) return awake(setup, changes);
  const newest = Object.assign(
    {},
    ...later.map(({ providerOptions: _, ...fields }) => given(fields)),
  ) as typeof changes;
  const fields = fieldsOf(newest.customFields);
  const sent = (operation.primary === side ? operation.sentAt : operation.mirrorSentAt) !== undefined;
  const own = given(changes);
  const names = (Object.keys(own) as (keyof typeof own)[]).filter(
    (name) => sent || !(name in newest) || name === 'customFields',
  );
  const kept = Object.fromEntries(names.map((name) => [name, name in newest ? newest[name] : own[name]]));
  // Custom fields are set key by key: a later operation may have set others.
  const custom = own.customFields?.flatMap((field) =>
    fields.has(field.key) ? (sent ? (fields.get(field.key) ?? []) : []) : field,
  );
  const { customFields: _, ...others } = kept;
  return awake(setup, { ...others, ...(custom && custom.length > 0 && { customFields: custom }) });
}

/** The operations on the same record that were carried out later and have reached this desk. */
async function writtenSince(setup: Setup, operation: Known, side: Side): Promise<readonly Known[]> {
  const { position } = operation;
  return (await onSameRecord(setup, operation))
    .filter((other) => other.position > position && other.state === 'done')
    .filter(({ primary, mirror }) => primary === side || mirror === 'done');
}

/** A snooze that is over by now is over on this desk too. */
function awake<T extends Inputs['updateThread']['changes']>({ now }: Setup, changes: T): T {
  const { status } = changes;
  const over = status?.is === 'snoozed' && status.until.getTime() <= now();
  return over ? { ...changes, status: { is: 'open' } } : changes;
}

/**
 * The contact as it is to stand on this desk: what later operations have written
 * is written once more, since an earlier request of this one may have arrived after theirs.
 */
export async function upsertContact(
  setup: Setup,
  operation: Known & { method: 'upsertContact' },
  side: Side,
  call: CallOptions,
): Promise<Written<Contact> & { readonly externalId: string | undefined }> {
  const later = (await writtenSince(setup, operation, side)).flatMap((other) => {
    if (other.method !== 'upsertContact') return [];
    const { providerOptions: _, ...fields } = other.input;
    return given(fields);
  });
  const input = Object.assign({}, operation.input, ...later) as Inputs['upsertContact'];
  const upsert = () => setup.desks[side].upsertContact(input, call);
  const written = await upsert().catch((error: unknown) => {
    // Between the look for it and its creation another operation may have created it.
    if (HelpdeskError.is(error) && error.kind === 'conflict' && error.applied === 'no') return upsert();
    throw error;
  });
  return { ...written, externalId: input.externalId };
}

function fieldsOf(fields: Inputs['updateThread']['changes']['customFields']) {
  return new Map(fields?.map((field) => [field.key, field]));
}
