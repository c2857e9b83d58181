/** The operations of a bridge with the types of their inputs and values, which the store knows as plain data. */
import * as z from 'zod/mini';
import type {
  ContactInput,
  CreateThreadInput,
  Helpdesk,
  Imported,
  ImportThreadInput,
  NoteInput,
  Recorded,
  RecordMessagesInput,
  ReplyInput,
  Sent,
  UpdateThreadInput,
} from '../core/helpdesk.ts';
import * as inputs from '../core/inputs.ts';
import type { Contact, Loss, MessageKind, Thread, Written } from '../core/model.ts';
import { invalid, suggestion, validate } from '../core/validate.ts';
import { type Operation, type OperationMethod, operationMethods, type Side } from '../store/store.ts';

/** What each method is called with, as one value. */
export interface Inputs {
  readonly upsertContact: ContactInput;
  readonly createThread: CreateThreadInput;
  readonly updateThread: { readonly id: string; readonly changes: UpdateThreadInput };
  readonly deleteThread: { readonly id: string };
  readonly reply: ReplyInput;
  readonly addNote: NoteInput;
  readonly importThread: ImportThreadInput;
  readonly recordMessages: RecordMessagesInput;
  /** `id` is the thread's on `side`; it is created on the other side. `lane` is the thread's own. */
  readonly adoptThread: { readonly side: Side; readonly id: string; readonly lane: string };
}

/** What each method answers. */
export interface Values {
  readonly upsertContact: Contact;
  readonly createThread: Thread;
  readonly updateThread: Thread;
  readonly deleteThread: { readonly id: string };
  readonly reply: Sent;
  readonly addNote: { readonly id: string; readonly threadId: string };
  readonly importThread: Imported;
  readonly recordMessages: readonly Recorded[];
  readonly adoptThread: Thread;
}

/** An operation whose input and result have the types of its method. */
export type Known<M extends OperationMethod = OperationMethod> = {
  readonly [Each in M]: Omit<Operation, 'method' | 'input' | 'result'> & {
    readonly method: Each;
    readonly input: Inputs[Each];
    /** `undefined` until the primary has answered, and where a person settled it. */
    readonly result: Values[Each] | undefined;
  };
}[M];

/** The store gives back what the bridge has put in. */
export function known(operation: Operation): Known {
  return { ...operation, result: operation.result ?? undefined } as Known;
}

/** The thread that an operation is about, by the id it was given. */
export function threadIdOf(operation: Known): string | undefined {
  switch (operation.method) {
    case 'updateThread':
    case 'deleteThread':
      return operation.input.id;
    case 'reply':
    case 'addNote':
    case 'recordMessages':
      return operation.input.threadId;
    case 'upsertContact':
    case 'createThread':
    case 'importThread':
    case 'adoptThread':
      return undefined;
  }
}

/** An id of the record that an operation is about: of its thread, or of its contact. `undefined` until a creation is answered. */
export function recordOf(operation: Known): string | undefined {
  switch (operation.method) {
    case 'upsertContact':
    case 'createThread':
      return operation.result?.id;
    case 'importThread':
      return operation.result?.thread.id;
    case 'adoptThread':
      return operation.input.id;
    case 'updateThread':
    case 'deleteThread':
    case 'reply':
    case 'addNote':
    case 'recordMessages':
      return threadIdOf(operation);
  }
}

/** As what a reply or a note lies on the desk that took it: Plain files a reply in the customer's name as the customer's own. */
export function messageKind(operation: Known & { method: 'reply' | 'addNote' }, desk: Helpdesk): MessageKind {
  if (operation.method === 'addNote') return 'note';
  const { plain } = operation.input.providerOptions ?? {};
  return desk.name === 'plain' && plain?.impersonation ? 'inbound' : 'outbound';
}

/** What became of the write on the desk that is kept in step. */
export interface MirrorOutcome {
  /**
   * `none`: this stage keeps one desk only. `queued`: a worker will write it.
   * `dead`: it was refused or failed for too long, a person must decide.
   * `dropped`: a person has decided against it.
   */
  readonly state: 'none' | 'queued' | 'done' | 'dead' | 'dropped';
  /** What that desk could not keep. Empty until `done`. */
  readonly losses: readonly Loss[];
}

/** The primary's answer, and what happened to the mirror. */
export interface BridgeWritten<T> extends Written<T> {
  /** For `bridge.outcome`, and for `helpdesk-bridge explain`. */
  readonly operationId: string;
  readonly mirror: MirrorOutcome;
}

export function toWritten<T>(operation: Operation, value: T): BridgeWritten<T> {
  const { id: operationId, losses, mirror: state, mirrorLosses } = operation;
  return { value, losses, operationId, mirror: { state, losses: mirrorLosses } };
}

/** A method with the input that belongs to it. */
type Call = {
  readonly [Each in OperationMethod]: { readonly method: Each; readonly input: Inputs[Each] };
}[OperationMethod];

/** So that a `switch` over the method knows the input. */
export function asCall<M extends OperationMethod>(method: M, input: Inputs[M]): Call {
  return { method, input } as Call;
}

/** Throws `invalid`, before anything is stored or sent. */
export function validateInput<M extends OperationMethod>(method: M, input: Inputs[M]): void {
  const where = { provider: 'helpdesk-bridge', operation: method };
  const check = asCall(method, input);
  switch (check.method) {
    case 'updateThread':
      validate(inputs.idInput, check.input.id, where, 'id');
      validate(inputs.updateThreadInput, check.input.changes, where);
      break;
    case 'deleteThread':
    case 'adoptThread':
      validate(inputs.idInput, check.input.id, where, 'id');
      break;
    default:
      validate(schemaOf[check.method], check.input, where);
  }
}

const schemaOf = {
  upsertContact: inputs.contactInput,
  createThread: inputs.createThreadInput,
  reply: inputs.replyInput,
  addNote: inputs.noteInput,
  importThread: inputs.importThreadInput,
  recordMessages: inputs.recordMessagesInput,
} as const;

/** Throws `invalid`. An empty key would be that of every call whose key was forgotten. */
export function validateKey(operation: string, key: unknown): void {
  validate(z.string().check(z.minLength(1)), key, { provider: 'helpdesk-bridge', operation }, 'idempotencyKey');
}

const enqueued = operationMethods.filter((method) => method !== 'adoptThread');

/** Throws `invalid` where a write that comes as data is none of a caller's, or its arguments have other names. */
export function validateEnqueued(operation: unknown): void {
  const where = { provider: 'helpdesk-bridge', operation: 'enqueue' };
  validate(z.looseObject({ method: z.string(), input: z.looseObject({}) }), operation, where, 'operation');
  const { method, input } = operation as { readonly method: string; readonly input: unknown };
  if (!enqueued.some((known) => known === method)) {
    const message = `must be one of ${enqueued.join(', ')}${suggestion(method, enqueued)}`;
    throw invalid(where, [{ path: 'method', message }]);
  }
  const id = z.unknown();
  if (method === 'updateThread') validate(z.strictObject({ id, changes: z.looseObject({}) }), input, where);
  if (method === 'deleteThread') validate(z.strictObject({ id }), input, where);
}

/** What a caller does with its input afterwards changes nothing. What cannot be copied is no valid input either. */
export function copyOf<T>(input: T): T {
  try {
    return structuredClone(input);
  } catch {
    return input;
  }
}
