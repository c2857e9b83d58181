/** What a bridge can be told, with its defaults. */
import * as z from 'zod/mini';
import { callRules, type Rule } from '../core/call-options.ts';
import type { Helpdesk, RecordMessagesInput } from '../core/helpdesk.ts';
import { invalid, suggestion, validate } from '../core/validate.ts';
import type { Side, Store } from '../store/store.ts';
import type { Counterpart, Counterparts } from './counterparts.ts';
import type { Logger } from './events.ts';
import type { BridgeCallOptions, BridgeWriteOptions } from './interface.ts';
import type { ReadinessLimits } from './readiness.ts';
import { isStore, type StageSource } from './stage-source.ts';
import { stages, stageWord } from './stages.ts';

/** What the compared reads are told. */
export interface CompareOptions {
  /** The share of reads that is also done on the other desk, 0 to 1; at most 20 at a time, and no thread of more than 500 messages. Default: 0.1. */
  readonly share?: number | undefined;
  /** Milliseconds for the other desk's read. Default: 5 000. */
  readonly timeoutMs?: number | undefined;
  /** Differences that do not count. Paths as in `Comparison.fields`, for example `messages.2.body`. */
  readonly ignore?: ((difference: { readonly operation: string; readonly field: string }) => boolean) | undefined;
}

export interface BridgeOptions<From = unknown, To = unknown> {
  /** The desk that is moved away from. */
  readonly from: Helpdesk<From>;
  /** The desk that is moved to. */
  readonly to: Helpdesk<To>;
  readonly stage: StageSource;
  /**
   * Belongs to these two desks, in this direction, from the first call on: other
   * ones are `invalid`. Default: one in memory, and `bridge.durable` is false: a
   * crash then loses what the mirror lacks.
   */
  readonly store?: Store | undefined;
  /** Ids of agents, labels and companies on both desks. Each id in one pair of its kind. */
  readonly counterparts?: Counterparts | undefined;
  /**
   * For every message that is recorded, where the call says nothing else. Plain
   * needs `{ plain: { userId: 'u_…' } }`: who wrote replies and notes that name
   * nobody.
   */
  readonly recordOptions?: RecordMessagesInput['providerOptions'];
  /**
   * How threads come to a mirror that keeps external ids: `import` keeps their
   * times and wakes no automation, `live` creates them as if they began now.
   * Default: `import`.
   */
  readonly createMirrored?: 'import' | 'live' | undefined;
  readonly compare?: CompareOptions | undefined;
  /**
   * What happens when an external flag asks for a stage that is not safe yet:
   * `follow` it and emit `unready`, or `hold` the stage until it is. Default: `follow`.
   */
  readonly whenUnready?: 'follow' | 'hold' | undefined;
  /** What `bridge.readiness()` asks for. Kept in the store too, for `status` and `stage promote`. */
  readonly readiness?: ReadinessLimits | undefined;
  /** Whether this process also does the mirror's work. Default: true. Without, run a worker. */
  readonly drain?: boolean | undefined;
  /** Lanes drained at a time. Default: 8. */
  readonly concurrency?: number | undefined;
  /** Milliseconds for which a write owns its thread without a sign of life. Longer than the desks' `timeoutMs`, 1 000 to 600 000. Default: 60 000. */
  readonly leaseMs?: number | undefined;
  /**
   * Milliseconds after which a request that was sent has either arrived or never
   * will. Nothing whose answer was lost is sent again before. Default: 120 000.
   */
  readonly settleMs?: number | undefined;
  /** Milliseconds by which the clocks of desks and machines may differ. Default: 120 000. */
  readonly clockSkewMs?: number | undefined;
  /** Milliseconds for which a failing write is tried again. Default: 259 200 000, three days. */
  readonly giveUpMs?: number | undefined;
  /** Milliseconds for which finished operations are kept; repeated keys are known that long. Default: 2 592 000 000, thirty days. */
  readonly retentionMs?: number | undefined;
  /** Milliseconds between two looks for work that nobody announced. Default: 1 000. */
  readonly pollMs?: number | undefined;
  /** Gets every event. pino and the console fit. */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** 0 to 1, for sampling. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const callable = z.custom<() => unknown>((value) => typeof value === 'function', { error: () => 'must be a function' });
const duration = (least: number) => z.optional(z.int().check(z.minimum(least)));
const helpdesk = z.custom<Helpdesk>(
  (value) => typeof value === 'object' && value !== null && 'createThread' in value && 'traits' in value,
  { error: () => 'must be a helpdesk, such as createPlain(…) gives' },
);
const pairs = z.optional(
  z
    .array(z.strictObject({ from: z.string().check(z.minLength(1)), to: z.string().check(z.minLength(1)) }))
    .check(oneToOne('from'), oneToOne('to')),
);

/** Of an id in two pairs, one way or the other the second would be passed over in silence. */
function oneToOne(side: Side) {
  return z.refine<readonly Counterpart[]>((given) => new Set(given.map((pair) => pair[side])).size === given.length, {
    error: () => `have the same "${side}" in two pairs`,
  });
}

const userId = z
  .string()
  .check(z.refine((value) => /^u_\w/.test(value), { error: () => 'must be the id of a person on Plain (u_…)' }));

const schema = z.strictObject({
  from: helpdesk,
  to: helpdesk,
  stage: z.union([stageWord, callable, z.custom<Store>(isStore)], {
    error: ({ input }) =>
      `must be a stage (${stages.join(', ')}), a function that gives one, or a store${typeof input === 'string' ? suggestion(input, stages) : ''}`,
  }),
  store: z.optional(z.custom<Store>(isStore, { error: () => 'must be a store, such as await openStore(…) gives' })),
  counterparts: z.optional(z.strictObject({ agents: pairs, labels: pairs, companies: pairs })),
  recordOptions: z.optional(
    z.strictObject({
      productlane: z.optional(z.strictObject({})),
      plain: z.optional(z.strictObject({ userId: z.optional(userId) })),
    }),
  ),
  createMirrored: z.optional(z.enum(['import', 'live'])),
  compare: z.optional(
    z.strictObject({
      share: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
      timeoutMs: duration(1),
      ignore: z.optional(callable),
    }),
  ),
  whenUnready: z.optional(z.enum(['follow', 'hold'])),
  readiness: z.optional(
    z.strictObject({
      lagMs: duration(0),
      samples: duration(0),
      mismatches: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
      verifiedMs: duration(0),
    }),
  ),
  drain: z.optional(z.boolean()),
  concurrency: z.optional(z.int().check(z.minimum(1), z.maximum(256))),
  leaseMs: z.optional(z.int().check(z.minimum(1000), z.maximum(600_000))),
  settleMs: duration(0),
  clockSkewMs: duration(0),
  giveUpMs: duration(0),
  retentionMs: duration(0),
  pollMs: duration(1),
  logger: z.optional(z.looseObject({ debug: callable, info: callable, warn: callable, error: callable })),
  now: z.optional(callable),
  random: z.optional(callable),
} satisfies Record<keyof BridgeOptions, z.ZodMiniType>);

/** Throws `invalid`, which names the option. */
export function validateOptions(options: BridgeOptions): void {
  const where = { provider: 'helpdesk-bridge', operation: 'createBridge' };
  validate(schema, options, where, 'options');
  if (options.from === options.to)
    throw invalid(where, [{ path: 'to', message: 'must be another helpdesk than from' }]);
}

const isKey: Rule = (value) =>
  typeof value !== 'string' ? 'must be a string' : value.trim() === '' ? 'must not be empty' : undefined;
const isBoolean: Rule = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const isCount: Rule = (value) =>
  Number.isInteger(value) && Number(value) >= 1 ? undefined : 'must be a whole number of at least 1';
const anything: Rule = () => undefined;

/** What each kind of call may be told. */
export const rulesOf = {
  read: { ...callRules, context: anything } satisfies Record<keyof BridgeCallOptions, Rule>,
  write: { ...callRules, context: anything, idempotencyKey: isKey } satisfies Record<keyof BridgeWriteOptions, Rule>,
  enqueue: { method: anything, input: anything, context: anything, idempotencyKey: isKey },
  outcome: { signal: callRules.signal, mirror: isBoolean },
  verify: { signal: callRules.signal, limit: isCount },
} as const;
