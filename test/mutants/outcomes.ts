/** Desks that are wrong about what may have happened, and so lose it or do it twice. */
import { HelpdeskError } from '../../src/core/errors.ts';
import type { CallOptions, Helpdesk } from '../../src/core/helpdesk.ts';
import { failing } from './failures.ts';
import type { Mutants, Sabotage } from './kit.ts';

/** The POST that is retried after a cut connection although the server had done it. */
const retrying: Sabotage = (desk) => ({
  reply: (...input) => desk.reply(...input).catch(() => desk.reply(...input)),
  createThread: (...input) => desk.createThread(...input).catch(() => desk.createThread(...input)),
});

/** The signal never reaches the request. */
const deaf =
  (...operations: readonly (keyof Helpdesk)[]): Sabotage =>
  (desk) =>
    Object.fromEntries(
      operations.map((operation) => {
        const member = desk[operation] as (...input: unknown[]) => unknown;
        // Options come last, where they come at all.
        return [operation, (...input: unknown[]) => member(...input.filter((value) => !isOptions(value)))];
      }),
    );

function isOptions(value: unknown): value is CallOptions {
  return typeof value === 'object' && value !== null && ('signal' in value || 'beforeRequest' in value);
}

export const outcomeMutants: Mutants = {
  'asks before each request leaves, and sends none that it is told not to': [
    deaf('reply'),
    deaf('getThread'),
    // Asks, and sends whatever the answer.
    (desk) => ({
      addNote: (input, options) =>
        desk.addNote(input, {
          beforeRequest: async (request) => {
            await Promise.resolve(options?.beforeRequest?.(request)).catch(() => {});
          },
        }),
    }),
  ],
  'says `unknown` of every write whose answer is lost, and does not repeat it': [
    retrying,
    failing(() => ({ applied: 'no' })),
    failing(() => ({ kind: 'unexpected' })),
    (desk) => ({
      recordMessages: (...input) => desk.recordMessages(...input).catch(() => desk.recordMessages(...input)),
    }),
  ],
  'has done a write once whose answer was lost': [retrying, failing(() => ({ applied: 'no' }))],
  'repeats a read whose answer is lost': (desk, { emulated }) => ({
    async getContact(...input) {
      // One failure more than is made good.
      for (let count = 0; count < 1; count++) emulated?.fail({ kind: 'cut', when: 'before' }, 'read');
      return desk.getContact(...input);
    },
  }),
  'settles a lost creation by its external id': (desk) => ({
    createThread: ({ externalId: _, ...input }, call) => desk.createThread(input, call),
  }),
  'completes an import whose answer was lost when it is made again': [
    (desk) => ({
      importThread: (input, call) =>
        desk.importThread({ ...input, externalId: `${input.externalId}-${Math.random()}` }, call),
    }),
    failing(() => ({ applied: 'no' })),
  ],
  'sends nothing for a call that is cancelled before it starts': [
    deaf('getThread'),
    deaf('reply'),
    deaf('listThreads'),
    deaf('check'),
    failing(() => ({ kind: 'unavailable' })),
    failing(() => ({ applied: 'unknown' })),
  ],
  'ends a call that is cancelled on its way, and says what may have happened': [
    deaf('getThread'),
    deaf('reply'),
    failing(() => ({ applied: 'no' })),
    failing(() => ({ applied: 'unknown' })),
    failing(() => ({ kind: 'unavailable' })),
    (desk) => ({
      reply: (input, call) =>
        desk.reply(input, call).catch(async (error: unknown) => {
          await desk.reply(input);
          throw HelpdeskError.is(error) ? error : new Error('unknown');
        }),
    }),
  ],
  'ends a walk that is cancelled between pages': deaf('listThreads'),
};
