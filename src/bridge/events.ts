/** What a bridge tells while it works. */
import type { Failure, OperationMethod, Side } from '../store/store.ts';
import type { Stage } from './stages.ts';

interface About {
  readonly operationId: string;
  readonly method: OperationMethod;
  /** The desk it was about, by its name. */
  readonly desk: string;
  /** Which of the two it is. */
  readonly side: Side;
}

/** Never an address, a title or a body. `durationMs`: of this try. */
export interface BridgeEvents {
  /** An operation was stored, or what was enqueued is begun; no request has left. */
  readonly intent: About & { readonly key: boolean };
  /** The primary has answered, and that is stored. */
  readonly written: About & { readonly durationMs: number; readonly losses: number; readonly mirrored: boolean };
  /** The primary refused it, or it failed before anything happened. */
  readonly failed: About & { readonly durationMs: number; readonly failure: Failure };
  /** The mirror has it. `lagMs`: since the primary had it. */
  readonly mirrored: About & { readonly durationMs: number; readonly lagMs: number; readonly losses: number };
  /** A try failed; the next one comes in `waitMs`. */
  readonly retried: About & { readonly durationMs: number; readonly failure: Failure; readonly waitMs: number };
  /** The mirror will not get it unless a person decides so. */
  readonly dead: About & { readonly durationMs: number; readonly failure: Failure };
  /** Whether the primary had done it was not known, and now is. `failed`: it has not, or what it changed is gone. `unclear`: only a person can tell. */
  readonly settled: About & { readonly outcome: 'happened' | 'done-now' | 'failed' | 'unclear' };
  /** A compared read found the two desks different. `fields`: paths; `missing` alone where the other has no such record, `surplus` where only the other has it. */
  readonly diverged: {
    readonly operation: string;
    readonly id: string;
    readonly fields: readonly string[];
  };
  /** The flag asks for a stage that is not safe yet. `held`: the bridge stays at `current`. */
  readonly unready: {
    readonly current: Stage;
    readonly wanted: Stage;
    readonly held: boolean;
    readonly missing: readonly string[];
  };
  /** The store or a background task failed; the work is tried again. */
  readonly trouble: { readonly task: string; readonly failure: Failure };
}

export type EventName = keyof BridgeEvents;

/** The four methods that pino and the console have. Given an object and a few words. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

const levelOf = {
  intent: 'debug',
  written: 'debug',
  failed: 'info',
  mirrored: 'debug',
  retried: 'warn',
  dead: 'error',
  settled: 'info',
  diverged: 'warn',
  unready: 'warn',
  trouble: 'error',
} as const satisfies Record<EventName, keyof Logger>;

export type Listener<Name extends EventName> = (event: BridgeEvents[Name]) => void;

export interface Events {
  emit<Name extends EventName>(name: Name, event: BridgeEvents[Name]): void;
  /** Gives the function that ends it. What a listener throws is ignored: watching a write must not fail it. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
}

export function createEvents(logger: Logger | undefined): Events {
  const listeners = new Map<EventName, Set<(event: never) => void>>();
  return {
    emit(name, event) {
      for (const listener of listeners.get(name) ?? [])
        attempt(() => (listener as (given: typeof event) => void)(event));
      if (logger) attempt(() => logger[levelOf[name]]({ event: name, ...event }, `helpdesk-bridge ${name}`));
    },
    on(name, listener) {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(listener));
      return () => all.delete(listener);
    },
  };
}

function attempt(run: () => unknown): void {
  try {
    const returned = run();
    if (returned instanceof Promise) returned.catch(() => {});
  } catch {
    // See `on`.
  }
}
