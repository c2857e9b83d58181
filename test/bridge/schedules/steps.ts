/** What can happen in a schedule: calls, reads, faults, changes of the stage, crashes, and time that passes. */
import fc from 'fast-check';
import type { Priority } from '../../../src/core/model.ts';
import type { Fault } from '../../../src/emulators/faults.ts';
import { lateMs } from './limits.ts';

export type DeskName = 'productlane' | 'plain';
export type LiveStage = 'dual-write' | 'shadow' | 'live' | 'ramp-down';

/** `slot`: which of the threads. A slot whose thread is not known gets one first. */
export type Action =
  | { readonly is: 'reply' | 'note'; readonly slot: number; readonly words: number; readonly by: Naming }
  | { readonly is: 'title' | 'delete'; readonly slot: number; readonly by: Naming }
  | { readonly is: 'priority'; readonly slot: number; readonly by: Naming; readonly priority: Priority }
  | { readonly is: 'status'; readonly slot: number; readonly by: Naming; readonly status: 'open' | 'done' | 'snoozed' }
  | { readonly is: 'contact'; readonly who: number };

/** What a caller asks to see of a slot's thread. `list`: all threads. */
export type Reading = 'thread' | 'messages' | 'find' | 'list' | 'list-of-contact';

/** By which id the caller knows the thread. */
export type Naming = 'own' | 'other' | 'external';

export type Step = (
  | { readonly is: 'call'; readonly action: Action; readonly keyed: boolean }
  | { readonly is: 'read'; readonly what: Reading; readonly slot: number; readonly by: Naming }
  /** The same call once more, with its key. */
  | { readonly is: 'again'; readonly which: number }
  | { readonly is: 'fault'; readonly desk: DeskName; readonly fault: Fault; readonly access: 'read' | 'write' }
  | { readonly is: 'stage'; readonly stage: LiveStage }
  | { readonly is: 'drain' | 'crash' | 'freeze' | 'thaw' }
  /**
   * A process stops for longer than its leases last, while the other one does
   * what is due. `sent`: as soon as a request of a call has left.
   */
  | { readonly is: 'nap'; readonly sent: boolean }
  | { readonly is: 'wait'; readonly ms: number }
) & {
  /** Which of the two processes. */
  readonly process: number;
  /** How many things happen before the next step begins. */
  readonly moves: number;
};

export interface Schedule {
  readonly seed: number;
  readonly from: DeskName;
  readonly stage: LiveStage;
  /** Threads that the old desk has from before, by slot. */
  readonly old: readonly boolean[];
  /** Whether the threads that callers create have an id of theirs. */
  readonly named: readonly boolean[];
  readonly store: 'memory' | 'sqlite' | 'file';
  /** Whether the adapters repeat what may be repeated. */
  readonly retries: number;
  readonly steps: readonly Step[];
}

export function hasRefusal({ steps }: Schedule): boolean {
  return steps.some(
    (step) =>
      step.is === 'fault' && step.fault.kind === 'status' && step.fault.status < 500 && step.fault.status !== 429,
  );
}

export const slots = 3;
export const people = 2;

const naming = fc.constantFrom<Naming>('own', 'own', 'other', 'external');
const slot = fc.nat({ max: slots - 1 });

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ is: fc.constant('reply' as const), slot, words: fc.nat({ max: 2 }), by: naming }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ is: fc.constant('note' as const), slot, words: fc.nat({ max: 2 }), by: naming }),
  },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('title' as const), slot, by: naming }) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('priority' as const),
      slot,
      by: naming,
      priority: fc.constantFrom<Priority>('urgent', 'high', 'normal', 'low'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('status' as const),
      slot,
      by: naming,
      status: fc.constantFrom('open' as const, 'done' as const, 'snoozed' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('contact' as const), who: fc.nat({ max: people - 1 }) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('delete' as const), slot, by: naming }) },
);

const landsAfterMs = fc.constantFrom(1, 500, lateMs - 1);
const applied = fc.constantFrom('no' as const, 'yes' as const, 'later' as const);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom(500, 502, 503, 504),
    applied,
    landsAfterMs,
  }),
  fc.constant<Fault>({ kind: 'status', status: 429, headers: { 'Retry-After': '1' } }),
  fc.record({
    kind: fc.constant('cut' as const),
    when: fc.constantFrom('before' as const, 'during' as const, 'after' as const),
    landsAfterMs,
  }),
  fc.record({
    kind: fc.constant('stall' as const),
    at: fc.constantFrom('headers' as const, 'body' as const),
    applied,
    landsAfterMs,
  }),
  fc.constantFrom<Fault>({ kind: 'truncate' }, { kind: 'garble' }),
  fc.record({ kind: fc.constant('slow' as const), ms: fc.constantFrom(100, 1500, 2500) }),
);

/** The desk will not have it, which time does not heal. No 404: that would be a lie about a thread, and a deletion may believe it. */
const refusal: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constant('status' as const),
  status: fc.constantFrom(400, 403, 422),
});

const desk = fc.constantFrom<DeskName>('productlane', 'plain');
const stage = fc.constantFrom<LiveStage>('dual-write', 'live', 'shadow', 'ramp-down');

const what = fc.oneof(
  { weight: 12, arbitrary: fc.record({ is: fc.constant('call' as const), action, keyed: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('read' as const),
      what: fc.constantFrom<Reading>('thread', 'thread', 'messages', 'messages', 'find', 'list', 'list-of-contact'),
      slot,
      by: naming,
    }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('again' as const), which: fc.nat({ max: 5 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('fault' as const),
      desk,
      fault,
      access: fc.constantFrom('write' as const, 'write' as const, 'read' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('fault' as const),
      desk,
      fault: refusal,
      access: fc.constant('write' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('stage' as const), stage }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('drain' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('crash' as const, 'freeze' as const, 'thaw' as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('nap' as const), sent: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('wait' as const), ms: fc.constantFrom(1, 1000, 6000, 12_000) }) },
);

const step: fc.Arbitrary<Step> = fc
  .tuple(
    what,
    fc.nat({ max: 1 }),
    fc.oneof(fc.constant(0), fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.constant(10_000), fc.constant(10_000)),
  )
  .map(([one, process, moves]) => ({ ...one, process, moves }));

export function schedules(from: DeskName, start: 'dual-write' | 'live'): fc.Arbitrary<Schedule> {
  return fc.record({
    seed: fc.nat({ max: 2 ** 31 - 1 }),
    from: fc.constant(from),
    stage: fc.constant(start),
    old: fc.array(fc.constantFrom(false, false, true), { minLength: slots, maxLength: slots }),
    named: fc.array(fc.boolean(), { minLength: slots, maxLength: slots }),
    store: fc.oneof(
      { weight: 18, arbitrary: fc.constant('memory' as const) },
      { weight: 1, arbitrary: fc.constant('sqlite' as const) },
      { weight: 1, arbitrary: fc.constant('file' as const) },
    ),
    retries: fc.constantFrom(0, 0, 2),
    steps: fc.array(step, { minLength: 4, maxLength: 14, size: 'max' }),
  });
}
