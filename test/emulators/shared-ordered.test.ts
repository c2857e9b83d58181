import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Created,
  compareCreated,
  insertOrdered,
  lowerBound,
  removeOrdered,
  startAfter,
} from '../../src/emulators/ordered.ts';

const row = fc.record({
  id: fc.integer({ min: 0, max: 999 }).map(String),
  created_at: fc.integer({ min: 0, max: 20 }).map((ms) => new Date(ms).toISOString()),
});
const rows = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 40 });

const walk = (list: readonly Created[], order: 'asc' | 'desc', key?: Created): readonly Created[] => {
  const { start, step } = startAfter([...list], order, key);
  const seen: Created[] = [];
  for (let index = start, item = list[index]; item; index += step, item = list[index]) seen.push(item);
  return seen;
};

describe('an ordered list', () => {
  it('stays sorted by time and id whatever the order of insertion', () => {
    fc.assert(
      fc.property(rows, (items) => {
        const list: Created[] = [];
        for (const item of items) insertOrdered(list, item);
        expect(list).toEqual([...items].sort(compareCreated));
      }),
    );
  });

  it('finds, walks after, and removes any row', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (items, chosen) => {
        const list: Created[] = [];
        for (const item of items) insertOrdered(list, item);
        const key = list[chosen % Math.max(list.length, 1)];
        expect(walk(list, 'asc')).toEqual(list);
        expect(walk(list, 'desc')).toEqual(list.toReversed());
        if (!key) return;
        const at = list.indexOf(key);
        expect(lowerBound(list, key)).toBe(at);
        expect(walk(list, 'asc', key)).toEqual(list.slice(at + 1));
        expect(walk(list, 'desc', key)).toEqual(list.slice(0, at).toReversed());
        removeOrdered(list, key);
        expect(list).not.toContain(key);
        expect(list).toHaveLength(items.length - 1);
      }),
    );
  });

  it('goes on from where a removed row was', () => {
    const list = ['a', 'b', 'c'].map((id) => ({ id, created_at: '2026-01-01T00:00:00.000Z' }));
    const [, middle] = list;
    removeOrdered(list, middle!);
    expect(walk(list, 'desc', middle).map(({ id }) => id)).toEqual(['a']);
    expect(walk(list, 'asc', middle).map(({ id }) => id)).toEqual(['c']);
    removeOrdered(list, middle!);
    expect(list).toHaveLength(2);
  });
});
