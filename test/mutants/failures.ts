/** Desks that fail in the wrong way. */
import { HelpdeskError, type HelpdeskErrorInit } from '../../src/core/errors.ts';
import type { Helpdesk } from '../../src/core/helpdesk.ts';
import type { Mutants, Sabotage } from './kit.ts';

type Change = (error: HelpdeskError, input: readonly unknown[]) => Partial<HelpdeskErrorInit> | Promise<unknown>;

/** Every failure of every method is another one. Where `change` gives a promise, that is the outcome instead. */
export const failing =
  (change: Change): Sabotage =>
  (desk) =>
    Object.fromEntries(
      Object.entries(desk).map(([operation, member]) => {
        if (typeof member !== 'function' || operation.startsWith('list')) return [operation, member];
        const call = async (...input: unknown[]) => {
          try {
            return await (member as (...input: unknown[]) => Promise<unknown>)(...input);
          } catch (error) {
            if (!HelpdeskError.is(error)) throw error;
            const other = change(error, input);
            if (other instanceof Promise) return other;
            const { provider, kind, applied, retryAfterMs, issues } = error;
            throw new HelpdeskError({
              ...{ provider, operation, kind, applied, retryAfterMs, issues, reason: 'sabotaged' },
              ...other,
            });
          }
        };
        return [operation, call];
      }),
    ) as Partial<Helpdesk>;

/** Requests leave before the input is looked at. */
const eager: Sabotage = (desk) => ({
  async createThread(input, call) {
    await desk.check(call);
    return desk.createThread(input, call);
  },
});

const repeating = (operation: 'createThread' | 'getContact'): Sabotage => {
  return (desk) => {
    const again =
      <Input extends readonly unknown[], Output>(method: (...input: Input) => Promise<Output>) =>
      (...input: Input): Promise<Output> =>
        method(...input).catch(() => method(...input));
    return operation === 'createThread'
      ? { createThread: again(desk.createThread) }
      : { getContact: again(desk.getContact) };
  };
};

export const failureMutants: Mutants = {
  'reports what does not exist as not-found, by the call that was made': [
    failing(() => ({ kind: 'unexpected' })),
    failing(() => ({ operation: 'request' })),
    failing(() => ({ provider: 'productlane' })),
    (desk) => ({ getThread: (id) => desk.getThread(id).catch(() => Promise.reject(new Error('gone'))) }),
    (desk) => ({
      async *listMessages(...input) {
        try {
          yield* desk.listMessages(...input);
        } catch {
          // Nothing there, nothing to list.
        }
      },
    }),
  ],
  'refuses bad input before anything is sent, and names the field': [
    eager,
    failing(() => ({ issues: [] })),
    failing(() => ({ kind: 'unexpected' })),
    (desk) => ({ createThread: (input) => desk.createThread({ ...input, title: input.title.trim() || 'No title' }) }),
  ],
  'refuses a body of which nothing can be shown': (desk) => ({
    addNote: (input) => desk.addNote({ ...input, body: { format: 'text', content: '(empty)' } }),
  }),
  'calls a key that is not accepted `auth`': [
    failing(() => ({ kind: 'unavailable' })),
    failing(() => ({ applied: 'unknown' })),
  ],
  'calls a desk that is out of order `unavailable`, and a write of which nobody knows `unknown`': [
    failing(() => ({ kind: 'unexpected' })),
    failing(() => ({ applied: 'no' })),
    failing(() => ({ applied: 'unknown' })),
  ],
  'passes on how long a rate limit lasts': [
    failing(() => ({ retryAfterMs: undefined })),
    failing(({ retryAfterMs = 0 }) => ({ retryAfterMs: retryAfterMs / 1000 })),
    failing(() => ({ kind: 'unavailable' })),
    repeating('getContact'),
  ],
  'waits for a short rate limit, and then does the work once': (desk) => ({
    async createThread(input) {
      await desk.createThread(input);
      return desk.createThread(input);
    },
  }),
  'does not wait for ever on a rate limit that makes no sense': () => ({
    getContact: () => new Promise(() => {}),
  }),
  'quotes neither customer nor text in its errors': [
    failing((_, input) => ({ reason: JSON.stringify(input) })),
    failing((_, input) => ({ issues: [{ path: 'title', message: String(Object(input[0]).title) }] })),
  ],
  'says `no` of a write that the desk refused': [
    failing(() => ({ applied: 'unknown' })),
    failing(() => ({ kind: 'unexpected' })),
  ],
  'calls an answer that nobody can read `unexpected`': [
    failing(() => ({ kind: 'unavailable' })),
    failing(() => ({ applied: 'no' })),
  ],
};
