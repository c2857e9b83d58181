/** How a desk tells others what happened: signed deliveries, retried on the desk's clock. */
import type { Clock } from './clock.ts';

export interface WebhookTarget {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  /** What the target asked for, in the desk's own words. */
  readonly events: readonly string[];
  readonly label?: string | undefined;
}

export interface WebhookEvent {
  /** The same on every attempt and every duplicate. */
  readonly id: string;
  readonly type: string;
  readonly at: Date;
  /** A snapshot: taken when the event happened. */
  readonly data: unknown;
}

export interface WebhookAttempt {
  readonly targetId: string;
  readonly eventId: string;
  readonly type: string;
  /** From 1. */
  readonly number: number;
  readonly at: Date;
  /** `null`: no answer came. */
  readonly status: number | null;
}

/** What one desk sends where. */
export interface WebhookDialect {
  /** Milliseconds before each retry, counted from the failure before it. */
  readonly retryDelaysMs: readonly number[];
  wants(target: WebhookTarget, type: string): boolean;
  newEventId(): string;
  /** The exact body and headers of one attempt, its signature included. */
  compose(attempt: {
    readonly target: WebhookTarget;
    readonly event: WebhookEvent;
    /** From 1. */
    readonly number: number;
    /** The desk's time, skew included. */
    readonly at: Date;
  }): { readonly body: string; readonly headers: Readonly<Record<string, string>> };
}

export interface Webhooks {
  readonly targets: readonly WebhookTarget[];
  add(target: WebhookTarget): void;
  remove(id: string): void;
  /** Starts delivery before it returns, so an event can overtake the answer to the call that caused it. */
  emit(type: string, data: unknown): void;
  /** Every attempt that has ended, oldest first. */
  readonly attempts: readonly WebhookAttempt[];
  /** Events given up after the last retry, per target. */
  readonly dead: readonly { readonly targetId: string; readonly event: WebhookEvent }[];
  /** Every event is sent this many times more, under the same event id. Default: 0. */
  duplicate(times: number): void;
  /** Keeps events back until {@link Webhooks.release}. */
  hold(): void;
  /** Sends what was kept back. Default: `in-order`. */
  release(order?: 'in-order' | 'reversed'): void;
  /** Resolves when no attempt is under way. Retries that wait for their time are not waited for. */
  settle(): Promise<void>;
  /** Forgets targets, attempts, events kept back and retries. */
  clear(): void;
}

export interface WebhooksOptions {
  readonly clock: Clock;
  readonly dialect: WebhookDialect;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Real milliseconds until an attempt without an answer counts as failed. Default: 10 000. */
  readonly timeoutMs?: number | undefined;
}

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { clock, dialect, timeoutMs = 10_000 } = options;
  const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const targets = new Map<string, WebhookTarget>();
  const attempts: WebhookAttempt[] = [];
  const dead: { targetId: string; event: WebhookEvent }[] = [];
  const underWay = new Set<Promise<void>>();
  let held: WebhookEvent[] | undefined;
  let extra = 0;
  // Raised by `clear`, so that attempts from before it neither report nor retry.
  let era = 0;

  function dispatch(event: WebhookEvent): void {
    for (const target of targets.values()) {
      if (!dialect.wants(target, event.type)) continue;
      for (let copy = 0; copy <= extra; copy += 1) void track(attempt(target, event, 1));
    }
  }

  function track(work: Promise<void>): Promise<void> {
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  }

  async function attempt(target: WebhookTarget, event: WebhookEvent, number: number): Promise<void> {
    const startedIn = era;
    const at = clock.now();
    const status = await post(target, dialect.compose({ target, event, number, at }));
    if (startedIn !== era) return;
    attempts.push({ targetId: target.id, eventId: event.id, type: event.type, number, at, status });
    if (status !== null && status >= 200 && status < 300) return;

    const delayMs = dialect.retryDelaysMs[number - 1];
    if (delayMs === undefined) {
      dead.push({ targetId: target.id, event });
      return;
    }
    clock.schedule(delayMs, async () => {
      if (startedIn === era && targets.has(target.id)) await track(attempt(target, event, number + 1));
    });
  }

  async function post(target: WebhookTarget, message: ReturnType<WebhookDialect['compose']>): Promise<number | null> {
    try {
      const response = await send(target.url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        ...message,
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return null;
    }
  }

  return {
    get targets() {
      return [...targets.values()];
    },
    add: (target) => void targets.set(target.id, target),
    remove: (id) => void targets.delete(id),
    emit(type, data) {
      if (targets.size === 0) return;
      const event = { id: dialect.newEventId(), type, at: clock.now(), data: structuredClone(data) };
      if (held) held.push(event);
      else dispatch(event);
    },
    attempts,
    dead,
    duplicate(times) {
      extra = times;
    },
    hold() {
      held ??= [];
    },
    release(order = 'in-order') {
      const events = held ?? [];
      held = undefined;
      for (const event of order === 'reversed' ? events.reverse() : events) dispatch(event);
    },
    async settle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    clear() {
      era += 1;
      targets.clear();
      attempts.length = 0;
      dead.length = 0;
      held = undefined;
      extra = 0;
    },
  };
}
