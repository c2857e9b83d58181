/** Which options an adapter accepts. */
import * as z from 'zod/mini';
import type { TransportOptions } from './transport.ts';

const callable = z.custom<() => unknown>((value) => typeof value === 'function', { error: () => 'must be a function' });
const key = z.string().check(z.refine((value) => value.trim() !== '', { error: () => 'must not be empty' }));

const transport = {
  apiKey: z.union([key, callable], {
    error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a key or a function that gives one'),
  }),
  // Timers take no more, and fire at once where they are given more.
  timeoutMs: z.optional(z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1))),
  retries: z.optional(z.int().check(z.minimum(0), z.maximum(10))),
  maxRetryWaitMs: z.optional(z.int().check(z.minimum(0))),
  budget: z.optional(z.object({ take: callable, observe: callable, limits: callable })),
  hooks: z.optional(
    z.strictObject({
      onRequest: z.optional(callable),
      onResponse: z.optional(callable),
      onRetry: z.optional(callable),
    }),
  ),
  fetch: z.optional(callable),
} satisfies Record<keyof TransportOptions, z.ZodMiniType>;

/** `maxPageSize`: what the desk documents. */
export const adapterOptions = (maxPageSize: number) =>
  z.strictObject({
    ...transport,
    baseUrl: z.optional(z.url({ protocol: /^https?$/ })),
    pageSize: z.optional(z.int().check(z.minimum(1), z.maximum(maxPageSize))),
  });
