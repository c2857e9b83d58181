/** Which steps a process takes, and how it dies at one of them. */
import { writeSync } from 'node:fs';
import type { Store } from '../../../src/store/store.ts';

/** A step by its name, since what runs side by side may take turns: the `nth` of that name, from 1. */
export interface Point {
  readonly name: string;
  readonly nth: number;
}

/** What a process does that shows in desks or store, one after the other. */
export interface Steps {
  readonly taken: readonly string[];
  /** What comes next does not happen where this is the point to die at. `about`: told with the point. */
  step(name: string, about?: unknown): void;
  /** As `step`, where somebody else is to end the process: the caller goes on only if this is false. */
  last(name: string): boolean;
}

export function createSteps(end: Point | undefined, signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL'): Steps {
  const taken: string[] = [];
  const seen = new Map<string, number>();

  function reached(name: string, about?: unknown): boolean {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    taken.push(name);
    const here = end !== undefined && end.name === name && end.nth === count;
    // Nothing that is buffered would survive.
    if (here) tell({ at: end, about });
    return here;
  }

  return {
    taken,
    step(name, about) {
      if (reached(name, about)) process.kill(process.pid, signal);
    },
    last: (name) => reached(name),
  };
}

/** One line to whoever started this process. */
export function tell(message: object): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

/**
 * What each method does to what outlives the process. A store that has a method
 * which is missing here does not compile, and is refused by `watchStore`.
 */
export const effects = {
  begin: 'changes',
  enqueue: 'changes',
  take: 'changes',
  takeHead: 'changes',
  prolong: 'changes',
  release: 'changes',
  place: 'changes',
  sending: 'changes',
  seeking: 'changes',
  settle: 'changes',
  mirrored: 'changes',
  decide: 'changes',
  recheck: 'changes',
  prune: 'changes',
  setSetting: 'changes',
  addComparison: 'changes',
  takeSlot: 'changes',
  closeSlots: 'changes',
  getOperation: 'reads',
  findOperation: 'reads',
  listLane: 'reads',
  laneHead: 'reads',
  dueLanes: 'reads',
  nextDue: 'reads',
  listOperations: 'reads',
  figures: 'reads',
  findLink: 'reads',
  findLinks: 'reads',
  getSetting: 'reads',
  listComparisons: 'reads',
  // Not awaited as one step.
  listLinks: 'passes',
  watch: 'passes',
  close: 'passes',
  durable: 'passes',
  description: 'passes',
} as const satisfies Record<keyof Store, 'changes' | 'reads' | 'passes'>;

/** The store with a step before and after each call. */
export function watchStore(store: Store, steps: Steps): Store {
  const wrapped = Object.entries(store).map(([name, member]: [string, unknown]) => {
    if (!(name in effects)) throw new Error(`the store has a method that no table knows: ${name}`);
    if (typeof member !== 'function' || effects[name as keyof Store] === 'passes') return [name, member];
    const call = async (...args: readonly unknown[]) => {
      steps.step(`before ${name}`, args[0]);
      const answer: unknown = await member.apply(store, args);
      steps.step(`after ${name}`, args[0]);
      return answer;
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped) as Store;
}

/** Tells the desk that its caller ends with this request. */
export const lastHeader = 'x-last';
/** Which process asks. */
export const callerHeader = 'x-caller';

/** `fetch` with a step when a request has left and when its answer is there. */
export function watchFetch(desk: string, caller: string, steps: Steps): typeof globalThis.fetch {
  return async (input, init) => {
    const name = `${desk} ${requestName(String(input), init)}`;
    const last = steps.last(`sent ${name}`);
    const headers = { ...(init?.headers as Record<string, string>), [callerHeader]: caller };
    const answer = fetch(input, { ...init, headers: last ? { ...headers, [lastHeader]: 'yes' } : headers });
    // The desk sees to the rest.
    if (last) return new Promise(() => {});
    const response = await answer;
    steps.step(`answered ${name}`);
    return response;
  };
}

function requestName(url: string, init: RequestInit | undefined): string {
  const asked = /"query":"\s*((?:query|mutation)\s+\w+)/.exec(String(init?.body));
  if (asked) return String(asked[1]);
  const path = new URL(url).pathname.replace(/^\/api\/v2/, '').replace(/\/[^/]*[\d_][^/]*/g, '/{id}');
  return `${init?.method ?? 'GET'} ${path}`;
}

/**
 * The points that leave different things behind. What a process has only read
 * dies with it, and before a step all is as it was after the one before.
 */
export function distinctPoints(taken: readonly string[]): readonly Point[] {
  return allPoints(taken).filter(({ name }) => {
    const [when, what] = name.split(' ');
    return when === 'sent' || when === 'answered' || (when === 'after' && isChange(String(what)));
  });
}

/** Those of them before which something has been written, on a desk or in the store. */
export function writtenPoints(taken: readonly string[]): readonly Point[] {
  return distinctPoints(taken).filter(({ name }) => !/^\w+ \w+ (?:GET|query) /.test(name));
}

export function allPoints(taken: readonly string[]): readonly Point[] {
  return taken.map((name, index) => ({
    name,
    nth: taken.slice(0, index + 1).filter((other) => other === name).length,
  }));
}

/** What nobody has classified counts as a change. */
function isChange(method: string): boolean {
  return !(method in effects) || effects[method as keyof Store] === 'changes';
}
