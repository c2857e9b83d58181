/** What the desk in memory stores, and how its records refer to each other. */
import type { Agent, Contact, Label, Message, Thread } from '../../core/model.ts';

export interface Stored {
  readonly contacts: Map<string, Contact>;
  readonly threads: Map<string, Thread>;
  /** By thread, in the order of writing. */
  readonly messages: Map<string, readonly Message[]>;
  /** A message's id, by thread and the caller's own id. `undefined` in a transcript. */
  readonly recorded: Map<string, string | undefined>;
  readonly agents: readonly Agent[];
  readonly labels: readonly Label[];
  readonly companies: readonly { readonly id: string; readonly name: string }[];
  /** Rises with every call. */
  nextId(kind: string): string;
  /** Later than any moment before it. */
  now(): Date;
}

export function createStored(): Stored {
  let serial = 0;
  let latest = 0;
  return {
    contacts: new Map(),
    threads: new Map(),
    messages: new Map(),
    recorded: new Map(),
    agents: [{ id: 'agent-1', name: 'Grace Hopper', email: 'grace@team.invalid' }],
    labels: ['Bug', 'Question', 'Billing'].map((name, index) => ({ id: `label-${index + 1}`, name })),
    companies: [{ id: 'company-1', name: 'Analytical Engines' }],
    nextId(kind) {
      serial += 1;
      return `${kind}-${String(serial).padStart(6, '0')}`;
    },
    now() {
      latest = Math.max(latest + 1, Date.now());
      return new Date(latest);
    },
  };
}

export function contactByEmail({ contacts }: Stored, email: string): Contact | undefined {
  return [...contacts.values()].find((contact) => contact.email === email);
}

/** The key under which a recorded message is found again. */
export const recordedKey = (threadId: string, externalId: string): string => JSON.stringify([threadId, externalId]);

/** Pages of two, newest first. A record that goes or comes meanwhile moves no other: ids rise with time. */
export async function* pagesOf<T extends { readonly id: string }>(
  load: (page: (rows: Iterable<T>) => readonly T[]) => Promise<readonly T[]>,
): AsyncGenerator<T> {
  for (let last: string | undefined; ; ) {
    const after = last;
    const page = await load((rows) =>
      [...rows]
        .filter(({ id }) => after === undefined || id < after)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, 2),
    );
    yield* page;
    if (page.length < 2) return;
    last = page.at(-1)?.id;
  }
}
