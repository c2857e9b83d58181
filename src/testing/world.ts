/** What the conformance cases are run against, and what a case is. */
import type { Helpdesk, Traits } from '../core/helpdesk.ts';
import type { CustomField } from '../core/model.ts';
import type { Emulator } from '../emulators/emulator.ts';
import type { Fault } from '../emulators/faults.ts';

/** One workspace to test. */
export interface World {
  readonly helpdesk: Helpdesk;
  /** A fresh address on every call, so that cases do not meet each other's records. */
  email(): string;
  readonly known: Known;
  /** Milliseconds after which a call counts as one that never ends. Default: 10 000. */
  readonly patienceMs?: number | undefined;
  /**
   * The helpdesk keeps a journal, as a bridge does: it may find out about a write
   * whose answer was lost, and knows external ids that its desk cannot keep. Cases
   * that expect a failure for want of that knowledge are content with success.
   * Default: false.
   */
  readonly journaled?: boolean | undefined;
  /** Absent on a real workspace: cases that need it are skipped. */
  readonly emulated?: Emulated | undefined;
}

/** Records that the workspace has from the start, and ids it does not have. */
export interface Known {
  /** A person of the team, who can be assigned to threads and named as an author. */
  readonly agentId: string;
  /** Two different ones. */
  readonly labelIds: readonly [string, string];
  readonly companyId: string;
  /** A valid value for every field that threads can have. Cases about them need two. */
  readonly customFields: readonly CustomField[];
  /** Of the form that the desk's ids have, but nobody's. */
  readonly absent: {
    readonly threadId: string;
    readonly contactId: string;
    readonly labelId: string;
    readonly agentId: string;
  };
}

/** What reached a contact. */
export interface Delivered {
  readonly threadId: string;
  /** Addresses, those of copies included. */
  readonly to: readonly string[];
  readonly body: string;
}

/** What only an emulated desk can show and do. */
export interface Emulated {
  /** Requests that reached the desk so far. */
  requests(access?: 'read' | 'write'): number;
  /** Oldest first. */
  delivered(): readonly Delivered[];
  /** The next request of this access goes wrong. Queued: first in, first out. */
  fail(fault: Fault, access: 'read' | 'write'): void;
  /** The contact writes on a thread. */
  receive(threadId: string, text: string): void;
}

/** One promise of the `Helpdesk` interface. */
export interface Case {
  readonly name: string;
  /** Runs only where the traits are so. Default: always. */
  readonly when?: (traits: Traits) => boolean;
  /** Runs only where the workspace has what it takes. Default: always. */
  readonly needs?: (known: Known) => boolean;
  /**
   * May run on a real workspace: creates records of its own alone, changes no
   * other, delivers nothing and causes no failure. Cases that are not safe need
   * {@link World.emulated}.
   */
  readonly safe: boolean;
  /** Rejects with an `AssertionError` where the promise is broken. */
  run(world: World): Promise<void>;
}

export function emulatedBy({ requests, postRoom, faults, receive }: Emulator): Emulated {
  return {
    requests: (access) => requests.count({ access }),
    delivered: () =>
      postRoom.delivered.map(({ threadId, to, cc, bcc, body }) => ({
        threadId,
        to: [...to, ...cc, ...bcc].map(({ email }) => email.toLowerCase()),
        body,
      })),
    fail: (fault, access) => faults.next(fault, { access }),
    receive: (threadId, text) => void receive(threadId, { text }),
  };
}
