import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rateReport, retryAfterMs } from '../../src/core/rate-limit.ts';

const now = Date.UTC(2026, 10, 20, 12, 0, 0);

describe('retryAfterMs', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['fractions of seconds', { 'retry-after': '0.25' }, 250],
    ['an HTTP date', { 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' }, 30_000],
    ['a date that is past', { 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, 0],
    ['a negative number', { 'retry-after': '-5' }, 0],
    ['garbage', { 'retry-after': 'soon' }, undefined],
    ['an empty value', { 'retry-after': '' }, undefined],
    ['nothing', {}, undefined],
    ['a reset in Unix seconds', { 'x-ratelimit-reset': String(now / 1000 + 12) }, 12_000],
    ['a reset in ISO 8601', { 'x-ratelimit-reset': '2026-11-20T12:00:09.500Z' }, 9500],
    ['a reset that is past', { 'x-ratelimit-reset': '2026-11-20T11:59:00Z' }, 0],
    ['garbage beside a reset', { 'retry-after': 'soon', 'x-ratelimit-reset': '2026-11-20T12:00:01Z' }, 1000],
    ['both, where Retry-After comes first', { 'retry-after': '2', 'x-ratelimit-reset': '2026-11-20T12:00:09Z' }, 2000],
  ])('reads %s', (_, headers, expected) => {
    expect(retryAfterMs(new Headers(headers), now)).toBe(expected);
  });

  it('never gives a wait that is negative, infinite or not a number', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.string({ unit: 'grapheme-ascii' }), (retryAfter, reset) => {
        const wait = retryAfterMs(new Headers({ 'retry-after': retryAfter, 'x-ratelimit-reset': reset }), now);
        expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
      }),
    );
  });
});

describe('rateReport', () => {
  it('reads what both desks send', () => {
    const headers = {
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '3',
      'x-ratelimit-reset': String(now / 1000),
    };
    expect(rateReport(new Headers(headers))).toEqual({ perMinute: 60, remaining: 3, resetAt: now });
  });

  it('is nothing where a figure is missing or no figure', () => {
    expect(rateReport(new Headers({ 'x-ratelimit-limit': '60' }))).toBeUndefined();
    expect(rateReport(new Headers({ 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '1' }))).toBeUndefined();
  });
});
