/** Several worker processes on one store, the work they find, and what must be true when it is done. */
import { createBridge } from '../../../src/bridge/bridge.ts';
import { createRealClock } from '../../../src/emulators/clock.ts';
import type { Operation, Store } from '../../../src/store/store.ts';
import type { Order } from '../crash/child.ts';
import { type Asked, type Desks, lookAt, openDesks } from '../crash/desks.ts';
import type { Ground } from '../crash/ground.ts';
import { type Mutant, shortLeaseMs } from '../crash/mutants.ts';
import { type Child, createPool } from '../crash/pool.ts';
import type { LiveStage } from '../crash/scenarios.ts';
import type { Point } from '../crash/steps.ts';

const threads = 20;
/** Writes of each thread before the workers begin, and again later. */
const writes = 5;
/** Milliseconds. Twice the lease: what a worker has sent by its end has long arrived. */
const settleMs = 2 * shortLeaseMs;
/** Milliseconds. Only a test that fails waits so long. */
const patienceMs = 90_000;

export interface Team {
  readonly desks: Desks;
  readonly store: Store;
  /** A worker in a process of its own, at work. */
  hire(name: string, options?: Hiring): Promise<Child>;
  /** More work for all threads. */
  write(): Promise<void>;
  /** Resolves when it is so. Rejects where it never will be, it seems. */
  until(reached: () => Promise<boolean> | boolean): Promise<void>;
  /** Empty: nothing is lost, doubled or out of order. */
  wrong(): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface Hiring {
  readonly end?: Point;
  readonly endsBy?: 'SIGKILL' | 'SIGSTOP';
  readonly mutant?: Mutant;
}

/** `size`: how many workers there will be. */
export async function createTeam(ground: Ground, folder: string, stage: LiveStage, size: number): Promise<Team> {
  const desks = await openDesks(createRealClock());
  const pool = await createPool(folder, size, () => ground.place());
  const store = await ground.open();
  const bridge = createBridge({
    from: desks.productlane.desk,
    to: desks.plain.desk,
    stage,
    store,
    recordOptions: { plain: { userId: desks.plain.emulator.userId } },
    drain: false,
  });
  const ids = await Promise.all(
    Array.from({ length: threads }, async (_, index) => {
      const contact = { email: `person-${index}@example.test`, name: `Person ${index}` };
      const body = { format: 'text', content: `opening-words-${codeOf(index, 99)}` } as const;
      return (await bridge.createThread({ contact, title: `Thread ${index}`, body })).value.id;
    }),
  );
  let written = 0;

  const team: Team = {
    desks,
    store,
    async hire(caller, { end, endsBy, mutant } = {}) {
      const { productlane, plain } = desks;
      const child = await pool.take();
      const order: Order = {
        place: ground.place(),
        desks: {
          productlane: { url: productlane.url, apiKey: productlane.emulator.apiKey },
          plain: { url: plain.url, apiKey: plain.emulator.apiKey, userId: plain.emulator.userId },
        },
        caller,
        stage,
        now: undefined,
        task: { is: 'work', leaseMs: mutant === 'always-held' ? 600_000 : shortLeaseMs, settleMs },
        end,
        endsBy,
        mutant,
      };
      child.order(order);
      await child.says('working');
      return child;
    },
    async write() {
      const first = written;
      written += writes;
      const all = ids.map(async (threadId, index) => {
        for (let number = first; number < first + writes; number++) {
          const body = { format: 'text', content: wordsOf(index, number) } as const;
          await (isReply(number) ? bridge.reply({ threadId, body }) : bridge.addNote({ threadId, body }));
        }
      });
      await Promise.all(all);
    },
    async until(reached) {
      const latest = Date.now() + patienceMs;
      while (!(await reached())) {
        if (Date.now() > latest) throw new Error('it has not come to that');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async wrong() {
      const { pending, queued, unclear, dead } = await store.figures();
      const waiting = pending + queued + unclear + dead;
      const seen = { from: await lookAt(desks.productlane), to: await lookAt(desks.plain) };
      const primary = stage === 'dual-write' ? 'from' : 'to';
      const delivered = ids.flatMap((_, index) =>
        numbers(written)
          .filter(isReply)
          .map((number) => `person-${index}@example.test ${wordsOf(index, number)}`),
      );
      const [here, there] = primary === 'from' ? [seen.from, seen.to] : [seen.to, seen.from];
      return [
        ...(waiting > 0 ? [`${waiting} operations wait`] : []),
        ...differences('deliveries', here.delivered, delivered),
        ...differences('deliveries of the mirror', there.delivered, []),
        ...(['from', 'to'] as const).flatMap((side) => [
          ...(seen[side].threads.length === threads ? [] : [`${side} has ${seen[side].threads.length} threads`]),
          ...seen[side].threads.flatMap(({ title, messages }) => {
            const expected = messagesOf(String(title), written, side === primary || side === 'to');
            return differences(`${side}, ${title}`, messages, expected);
          }),
        ]),
        ...outOfOrder(desks.asked, primary === 'from' ? 'plain' : 'productlane', here.threads.length),
      ];
    },
    async close() {
      await pool.close();
      await ground.leave(store);
      await desks.close();
      await ground.close();
    },
  };
  await team.write();
  return team;
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
const isReply = (number: number) => number % 2 === 0;

/** Five digits for each write, so that none is a part of another. */
const codeOf = (thread: number, number: number) => 10_000 + thread * 100 + number;

function wordsOf(thread: number, number: number): string {
  return `${isReply(number) ? 'answer' : 'remark'}-words-${codeOf(thread, number)}`;
}

/** The words of an operation, by which its requests are told from others of its thread. */
export function wordsIn({ input }: Operation): string {
  return (input as { body: { content: string } }).body.content;
}

function messagesOf(title: string, count: number, keepsKinds: boolean): readonly string[] {
  const thread = Number(title.replace('Thread ', ''));
  const opening = `inbound: opening-words-${codeOf(thread, 99)}`;
  const kind = (number: number) => (isReply(number) && keepsKinds ? 'outbound' : 'note');
  return [opening, ...numbers(count).map((number) => `${kind(number)}: ${wordsOf(thread, number)}`)];
}

function differences(where: string, is: readonly string[], was: readonly string[]): readonly string[] {
  const [left, right] = [is.toSorted().join('; '), was.toSorted().join('; ')];
  return left === right ? [] : [`${where}: ${left} instead of ${right}`];
}

/** Threads whose writes did not reach the mirror in the order in which they were made. Repetitions count once. */
function outOfOrder(asked: readonly Asked[], desk: Asked['desk'], count: number): readonly string[] {
  const seen = new Map<string, number>();
  const wrong: string[] = [];
  for (const { desk: where, access, body, thread } of asked) {
    const number = Number(/(?:answer|remark)-words-(\d+)/.exec(body)?.[1]) % 100;
    if (where !== desk || access === 'read' || Number.isNaN(number)) continue;
    const before = seen.get(thread) ?? -1;
    if (number > before + 1) wrong.push(`${thread}: ${number} came after ${before}`);
    seen.set(thread, Math.max(before, number));
  }
  return seen.size === count ? wrong : [...wrong, `${seen.size} threads were written to`];
}
