/** Whether what a caller reads is what was asked for. */
import { HelpdeskError } from '../../../src/core/errors.ts';
import type { Message, Thread } from '../../../src/core/model.ts';
import type { Bridge } from '../../../src/index.ts';
import { count } from './contents.ts';
import type { Reading } from './steps.ts';
import { emailOf, isCalled, isMistake, type KnownThread, openingOf } from './told.ts';

export interface Asked {
  readonly thread: KnownThread;
  /** The thread's id on either desk, or the caller's own. */
  readonly id: string;
  /** All that there may be. */
  readonly threads: readonly KnownThread[];
  /** Those that must be found: both desks have them, and nothing is under way. */
  readonly settled: readonly KnownThread[];
}

/** Resolves with what is wrong with the answer, and never rejects. */
export async function misread(bridge: Bridge, what: Reading, asked: Asked): Promise<string | undefined> {
  const { thread, id } = asked;
  const { contactId, externalId } = thread;
  try {
    switch (what) {
      case 'thread':
        return wrongThread(thread, await bridge.getThread(id));
      case 'messages':
        return wrongMessages(thread, await collect(bridge.listMessages(id)));
      case 'find': {
        if (contactId === undefined || externalId === undefined) return undefined;
        const found = await bridge.findThread({ contactId, externalId });
        if (found) return wrongThread(thread, found);
        return asked.settled.includes(thread) ? `${thread.title} is not found by its external id` : undefined;
      }
      case 'list':
        return wrongList(asked, undefined, await collect(bridge.listThreads()));
      case 'list-of-contact':
        if (contactId === undefined) return undefined;
        return wrongList(asked, thread.who, await collect(bridge.listThreads({ contactId })));
    }
  } catch (error) {
    return wrongFailure(thread, what, error);
  }
}

function wrongThread(thread: KnownThread, { title, contact }: Thread): string | undefined {
  const right = isCalled(thread, title) && contact?.email === emailOf(thread.who);
  return right ? undefined : `who asks for ${thread.title} gets ${title} of ${contact?.email}`;
}

function wrongMessages({ title }: KnownThread, messages: readonly Message[]): string | undefined {
  const texts = messages.map(({ body }) => body.content);
  const openings = count(texts, openingOf(title));
  if (openings !== 1) return `the messages of ${title} have ${openings} openings`;
  const strange = texts.find((text) => !text.includes(` of ${title} end`));
  return strange === undefined ? undefined : `among the messages of ${title} is ${strange}`;
}

/** `who`: the contact whose threads were asked for. */
function wrongList(asked: Asked, who: number | undefined, listed: readonly Thread[]): string | undefined {
  const known = new Set(listed.map(({ title }) => asked.threads.find((thread) => isCalled(thread, title))));
  if (known.has(undefined)) return 'a thread is listed that nobody has written';
  if (known.size < listed.length) return 'a thread is listed twice';
  const wanted = (thread: KnownThread) => who === undefined || emailOf(thread.who) === emailOf(who);
  const strange = [...known].find((thread) => thread && !wanted(thread));
  if (strange) return `${strange.title} is listed, which is another contact's`;
  const missing = asked.settled.find((thread) => wanted(thread) && !known.has(thread));
  return missing && `${missing.title} is not listed`;
}

/** A thread that nobody deletes is found at every stage, and who reads needs no right to write. */
function wrongFailure({ title, deleted }: KnownThread, what: Reading, error: unknown): string | undefined {
  if (!HelpdeskError.is(error)) return `a read of ${what} rejects with something else than a HelpdeskError`;
  const lost = error.kind === 'not-found' && !deleted;
  const wrong = lost || error.kind === 'auth' || isMistake(error);
  return wrong ? `a read of ${what} of ${title} fails: ${error.message}` : undefined;
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
