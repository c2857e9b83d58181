/** When a lane is worked on, and how many at a time. */
import { mirroredLane, type Store, type Watch, type WatchOptions } from './store.ts';

/** What a watch needs of its store. */
export interface Work {
  readonly dueLanes: Store['dueLanes'];
  /** Lanes that other processes have spoken of since the last time. */
  heard?: (() => Promise<readonly string[]>) | undefined;
}

/** So many of both that neither keeps the other waiting. Callers wait for the primary's. */
export function shared(primary: readonly string[], mirror: readonly string[], limit: number): readonly string[] {
  const own = Math.max(Math.ceil(limit / 2), limit - mirror.length);
  return [...new Set([...primary.slice(0, own), ...mirror])].slice(0, limit);
}

/** Lanes that got work in this process. */
export interface Announcements {
  announce(lane: string): void;
  /** Gives the way to stop listening. */
  listen(listener: (lane: string) => void): () => void;
}

export function createAnnouncements(): Announcements {
  const listeners = new Set<(lane: string) => void>();
  return {
    announce: (lane) => {
      for (const listener of listeners) listener(lane);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Lanes that one look finds: more than are carried out, so that one that cannot go on keeps nobody waiting. */
const lookLimit = 1_000;
/** How often other processes are listened to. */
const hearMs = 500;

/**
 * Announced lanes at once, all others when they are looked for. Whatever fails
 * is tried again at the next look: nothing is kept here that the store does not
 * know.
 */
export function createWatch(
  drain: (lane: string) => Promise<void>,
  options: WatchOptions,
  work: Work,
  announcements: Announcements,
): Watch {
  const announced = new Set<string>();
  /** At the last look. What an earlier one found has been done by somebody, or is found again. */
  let found = new Set<string>();
  /** Since the last look. */
  let begun = 0;
  const running = new Map<string, Promise<void>>();
  let closed = false;

  const every = (everyMs: number, look: () => Promise<void>) => repeat(everyMs, look, options.background ?? false);

  function pump(): void {
    if (closed) return;
    for (const lanes of [announced, found]) {
      for (const lane of lanes) {
        // A mirror that hangs takes no places from the desk that answers.
        if (placesTaken(isOfMirror(lane)) >= options.concurrency) continue;
        // Stays: what was announced meanwhile may be more than the running one sees.
        if (running.has(lane)) continue;
        lanes.delete(lane);
        begun++;
        running.set(lane, carryOut(lane));
      }
    }
  }

  function placesTaken(mirrors: boolean): number {
    let taken = 0;
    for (const lane of running.keys()) if (isOfMirror(lane) === mirrors) taken++;
    return taken;
  }

  async function carryOut(lane: string): Promise<void> {
    try {
      await drain(lane);
    } catch {
      // Its operation is still due.
    } finally {
      running.delete(lane);
      pump();
    }
  }

  function add(lanes: readonly string[]): void {
    for (const lane of lanes) announced.add(lane);
    pump();
  }

  const looks = [
    every(options.pollMs, async () => {
      const lanes = await work.dueLanes(options.now(), lookLimit);
      const next = lanes.filter((lane) => !running.has(lane));
      // Other processes find the same ones: who begins with another one is seldom in their way.
      const soon = next.splice(0, 4 * (begun + options.concurrency));
      found = new Set([...shuffled(soon), ...next]);
      begun = 0;
      pump();
    }),
  ];
  const { heard } = work;
  if (heard) looks.push(every(Math.min(hearMs, options.pollMs), async () => add(await heard())));
  const deaf = announcements.listen((lane) => add([lane]));

  return {
    async close() {
      closed = true;
      deaf();
      await Promise.all(looks.map((stop) => stop()));
      await Promise.all(running.values());
    },
  };
}

function isOfMirror(lease: string): boolean {
  return mirroredLane(lease) !== undefined;
}

/** At once and then again and again, never twice at the same time. Gives the way to stop, which waits for the last one. */
function repeat(everyMs: number, look: () => Promise<void>, background: boolean): () => Promise<void> {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = round();

  async function round(): Promise<void> {
    // A store that cannot be reached may be at the next look.
    await look().catch(() => {});
    if (stopped) return;
    timer = setTimeout(() => {
      current = round();
    }, everyMs);
    // Where timers are numbers nothing has to end.
    if (background && typeof timer === 'object') timer.unref();
  }

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await current;
  };
}

function shuffled(lanes: readonly string[]): readonly string[] {
  return lanes
    .map((lane) => ({ lane, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ lane }) => lane);
}
