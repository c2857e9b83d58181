/** What several cases do on their way. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { bodyText } from '../../core/bodies.ts';
import { HelpdeskError } from '../../core/errors.ts';
import type { CreateThreadInput, RecordedMessageInput } from '../../core/helpdesk.ts';
import type { Body, Contact, Loss, Message, Thread, Written } from '../../core/model.ts';
import type { Emulated, World } from '../world.ts';

export const past = new Date('2021-03-04T05:06:07.000Z');

export const minutesAfter = (date: Date, minutes: number): Date => new Date(date.getTime() + minutes * 60_000);

/** Whole seconds: some desks count a snooze in them. */
export const inAnHour = (): Date => new Date((Math.ceil(Date.now() / 1000) + 3600) * 1000);

export const text = (content: string): Body => ({ format: 'text', content });

let serial = 0;

/** Different on every call, also from one run to the next. */
export function unique(word: string): string {
  serial += 1;
  return `${word}-${Date.now().toString(36)}-${serial}`;
}

/** A thread of a new contact, with what is given laid over the least that a thread takes. */
export async function open(world: World, input: Partial<CreateThreadInput> = {}): Promise<Written<Thread>> {
  return world.helpdesk.createThread({
    contact: { email: world.email() },
    title: 'Login fails',
    body: text('It says no.'),
    ...input,
  });
}

export async function newContact({ helpdesk, email }: World): Promise<Contact> {
  return (await helpdesk.upsertContact({ email: email() })).value;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function messagesOf({ helpdesk }: World, threadId: string): Promise<Message[]> {
  return collect(helpdesk.listMessages(threadId));
}

export async function threadsOf({ helpdesk }: World, contactId: string): Promise<Thread[]> {
  return collect(helpdesk.listThreads({ contactId }));
}

/** What a person sees of a body, with all white space the same. */
export const visible = bodyText;

/** The messages of which a person sees the text. */
export async function showing(messages: readonly Message[], wanted: string): Promise<Message[]> {
  const shown = await Promise.all(messages.map(async (message) => (await visible(message.body)).includes(wanted)));
  return messages.filter((_, index) => shown[index]);
}

export function recorded(
  world: World,
  kind: RecordedMessageInput['kind'],
  content: string,
  createdAt: Date,
): RecordedMessageInput {
  // Inbound messages are the contact's: desks know who that is.
  const author = kind === 'inbound' ? undefined : { id: world.known.agentId, name: 'Grace Hopper' };
  return { externalId: unique(kind), kind, body: text(content), createdAt, author };
}

/** The error a call ends in, which must be ours. */
/** The failure of a write whose answer is lost; `undefined` where a journal has found out that it happened. */
export async function lostOf(world: World, write: Promise<unknown>): Promise<HelpdeskError | undefined> {
  return world.journaled
    ? write.then(
        () => undefined,
        (error: unknown) => failureOf(Promise.reject(error)),
      )
    : failureOf(write);
}

export async function failureOf(call: Promise<unknown>): Promise<HelpdeskError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  assert.ok(outcome, 'expected a failure');
  assert.ok(HelpdeskError.is(outcome.error), `expected a HelpdeskError and not ${String(outcome.error)}`);
  return outcome.error;
}

export const lossOf = (losses: readonly Loss[], field: string): Loss | undefined =>
  losses.find((loss) => loss.field === field || loss.field.startsWith(`${field}.`));

/** Neither a field that vanished without a word, nor a loss that did not happen. */
export function keptOrNamed(field: string, kept: boolean, losses: readonly Loss[]): void {
  const named = lossOf(losses, field) !== undefined;
  if (kept) assert.ok(!named, `${field} was kept, yet is named as a loss`);
  else assert.ok(named, `${field} vanished without a word`);
}

/** What only an emulated desk has. Cases that are not safe run nowhere else. */
export function emulatedOf({ emulated }: World): Emulated {
  if (!emulated) throw new Error('this case needs an emulated desk');
  return emulated;
}

/** How many requests the call sends. */
export async function requestsDuring(world: World, call: () => Promise<unknown>): Promise<number> {
  const before = world.emulated?.requests() ?? 0;
  await call();
  return (world.emulated?.requests() ?? 0) - before;
}

/** Resolves when one more request has reached the desk. */
export async function nextRequest({ requests }: Emulated): Promise<void> {
  const before = requests();
  while (requests() === before) await setImmediate();
}

/** Nobody has received anything while the call was under way. */
export async function reachesNobody<T>(world: World, call: () => Promise<T>): Promise<T> {
  const before = world.emulated?.delivered().length ?? 0;
  const result = await call();
  assert.equal((world.emulated?.delivered().length ?? 0) - before, 0, 'a contact received something');
  return result;
}

/** A call that goes on for ever breaks a promise, too. */
export async function within<T>({ patienceMs = 10_000 }: World, call: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: 'the call does not end' })), patienceMs);
  });
  return Promise.race([call, tooLate]).finally(() => clearTimeout(timer));
}
