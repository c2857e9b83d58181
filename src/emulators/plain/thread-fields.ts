/** Which values a thread's fields may have, and how they change. */

import { invalid, notFound } from './errors.ts';
import { threadFieldChanged } from './events.ts';
import { toInstant } from './input.ts';
import { getThread } from './lookup.ts';
import type { Thread, ThreadField, ThreadFieldSchema, ThreadFieldValue } from './records.ts';
import { threadFieldView } from './thread-views.ts';
import { changeThread, checkUnlocked } from './timeline.ts';
import type { View } from './views.ts';
import type { BulkUpsertThreadFieldsInput, UpsertThreadFieldInput } from './wire.ts';
import { type Call, newId, now, type World } from './world.ts';

const largestBatch = 25;

type FieldInput = Omit<UpsertThreadFieldInput, 'identifier'> & { readonly key: string };

export function upsertThreadField({ input }: { readonly input: UpsertThreadFieldInput }, call: Call): View {
  const { world } = call;
  const { identifier, ...value } = input;
  const thread = getThread(world, identifier.threadId, 'identifier.threadId');
  checkUnlocked(world, thread);
  return put(call, thread, toValue(world, { ...value, key: identifier.key }, 'identifier.key'));
}

/** All or none. */
export function bulkUpsertThreadFields(
  { input: { inputs } }: { readonly input: BulkUpsertThreadFieldsInput },
  call: Call,
): View {
  const { world } = call;
  if (inputs.length > largestBatch) throw invalid('inputs', `At most ${largestBatch} at once.`);
  const values = inputs.map(({ identifier, ...input }, index) => {
    const { id } = getThread(world, identifier.threadId, `inputs.${index}.identifier.threadId`);
    checkUnlocked(world, getThread(world, id));
    return { threadId: id, value: toValue(world, { ...input, key: identifier.key }, `inputs.${index}`) };
  });
  return { results: values.map(({ threadId, value }) => put(call, getThread(world, threadId), value)) };
}

function put({ world, actor }: Call, thread: Thread, value: ThreadFieldValue): View {
  const before = thread.fields.find(({ key }) => key === value.key);
  if (before && isSame(before, value)) return { result: 'NOOP', threadField: threadFieldView(world, thread, before) };
  const at = now(world);
  const field: ThreadField = before
    ? { ...before, ...value, updatedAt: at, updatedBy: actor }
    : toField(world, value, { at, actor });
  const fields = [...thread.fields.filter(({ key }) => key !== value.key), field];
  const changed = changeThread(world, thread, { fields }, actor, at);
  threadFieldChanged(world, changed, before, field);
  return { result: before ? 'UPDATED' : 'CREATED', threadField: threadFieldView(world, changed, field) };
}

export function toField(
  world: World,
  value: ThreadFieldValue,
  { at, actor }: { readonly at: string; readonly actor: ThreadField['createdBy'] },
): ThreadField {
  return { ...value, id: newId(world, 'tf'), createdAt: at, createdBy: actor, updatedAt: at, updatedBy: actor };
}

function isSame(a: ThreadFieldValue, b: ThreadFieldValue): boolean {
  const names = ['stringValue', 'booleanValue', 'numberValue', 'dateValue'] as const;
  return names.every((name) => a[name] === b[name]);
}

/** Throws unless there is a schema of that key and type, and just the value that the type takes. */
export function toValue({ tables }: World, input: FieldInput, path: string): ThreadFieldValue {
  const schema = tables.threadFieldSchemas.get(input.key);
  if (!schema) throw notFound(path, 'Thread field schema');
  if (schema.type !== input.type) throw invalid(path, `The field is of type ${schema.type}.`);
  const { key, type, stringValue = null, booleanValue = null, numberValue = null, dateValue = null } = input;
  const wanted = valueNameOf[type];
  const values = { stringValue, booleanValue, numberValue, dateValue };
  for (const [name, value] of Object.entries(values)) {
    if ((value !== null) !== (name === wanted)) {
      throw invalid(path, `A ${type} field takes "${wanted}" only.`, name === wanted ? 'REQUIRED' : 'VALIDATION');
    }
  }
  checkChoice(schema, stringValue, path);
  return { key, type, ...values, dateValue: dateValue === null ? null : toInstant(path, dateValue) };
}

function checkChoice({ type, enumValues }: ThreadFieldSchema, value: string | null, path: string): void {
  if (type === 'ENUM' && value !== null && !enumValues.includes(value)) {
    throw invalid(path, `Must be one of ${enumValues.join(', ')}.`);
  }
}

const valueNameOf = {
  STRING: 'stringValue',
  ENUM: 'stringValue',
  BOOL: 'booleanValue',
  NUMBER: 'numberValue',
  CURRENCY: 'numberValue',
  DATE: 'dateValue',
} as const satisfies Record<ThreadField['type'], string>;

/** A thread cannot be done while a field that is required has no value. */
export function checkRequiredFields({ tables }: World, { fields }: Thread): void {
  for (const { key, isRequired } of tables.threadFieldSchemas.values()) {
    if (isRequired && !fields.some((field) => field.key === key)) {
      throw invalid('threadFields', `The thread field "${key}" is required.`, 'REQUIRED');
    }
  }
}
