/** Settings, comparisons and the shared rate budget. */
import { expect, it } from 'vitest';
import { describeEngines } from './engines.ts';

describeEngines('settings', (desk) => {
  it('are not there before they are set', async () => {
    expect(await desk().store.getSetting('stage')).toBeUndefined();
  });

  it('are what they were set to last', async () => {
    const { store, other } = desk();
    expect(await store.setSetting('stage', 'shadow')).toBe(true);
    expect(await store.setSetting('stage', 'live')).toBe(true);
    expect(await other.getSetting('stage')).toBe('live');
    expect(await other.getSetting('verified')).toBeUndefined();
  });

  it('change only from what is expected', async () => {
    const { store, other } = desk();
    expect(await store.setSetting('stage', 'live', 'shadow')).toBe(false);
    await store.setSetting('stage', 'shadow');
    expect(await store.setSetting('stage', 'live', 'off')).toBe(false);
    expect(await other.getSetting('stage')).toBe('shadow');
    expect(await store.setSetting('stage', 'live', 'shadow')).toBe(true);
    expect(await other.getSetting('stage')).toBe('live');
  });

  it('change for one of eight at once', async () => {
    const { store, other } = desk();
    await store.setSetting('stage', 'off');
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => (index % 2 ? store : other).setSetting('stage', `stage ${index}`, 'off')),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
    expect(await store.getSetting('stage')).toBe(`stage ${all.indexOf(true)}`);
  });
});

describeEngines('comparisons', (desk) => {
  it('come newest first', async () => {
    const { store, other } = desk();
    const first = { at: 1, operation: 'getThread', id: 'a', fields: [] };
    const second = { at: 2, operation: 'getThread', id: 'b', fields: ['status', 'messages.0.body'] };
    await store.addComparison(first);
    await store.addComparison(second);
    expect(await other.listComparisons(10)).toEqual([second, first]);
    expect(await other.listComparisons(1)).toEqual([second]);
  });

  it('are kept up to a thousand', async () => {
    const { store } = desk();
    for (let at = 0; at < 1_003; at++) await store.addComparison({ at, operation: 'getThread', id: 'a', fields: [] });
    const kept = await store.listComparisons(2_000);
    expect([kept.length, kept[0]?.at, kept.at(-1)?.at]).toEqual([1_000, 1_002, 3]);
  });
});

describeEngines('slots', (desk) => {
  it('are as many as the capacity in a window', async () => {
    const { store, other } = desk();
    const waits = [];
    for (let index = 0; index < 4; index++) {
      waits.push(await (index % 2 ? store : other).takeSlot('bucket', 3, 1_000, 5_000 + index * 10));
    }
    expect(waits).toEqual([0, 0, 0, 970]);
  });

  it('come back one by one', async () => {
    const { store } = desk();
    await store.takeSlot('bucket', 2, 1_000, 5_000);
    await store.takeSlot('bucket', 2, 1_000, 5_600);
    expect(await store.takeSlot('bucket', 2, 1_000, 5_999)).toBe(1);
    expect(await store.takeSlot('bucket', 2, 1_000, 6_000)).toBe(0);
    expect(await store.takeSlot('bucket', 2, 1_000, 6_000)).toBe(600);
  });

  it('are of one bucket', async () => {
    const { store } = desk();
    await store.takeSlot('bucket', 1, 1_000, 5_000);
    expect(await store.takeSlot('other', 1, 1_000, 5_000)).toBe(0);
  });

  it('are never more than the capacity, however many ask at once', async () => {
    const { store, other } = desk();
    const waits = await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 ? store : other).takeSlot('bucket', 5, 1_000, 5_000)),
    );
    const given = waits.filter((wait) => wait === 0).length;
    expect(given).toBeGreaterThan(0);
    expect(given).toBeLessThanOrEqual(5);
    // Who was refused only because another one had his hand on the place gets it now.
    for (let left = given; left < 5; left++) expect(await store.takeSlot('bucket', 5, 1_000, 5_000)).toBe(0);
    expect(await store.takeSlot('bucket', 5, 1_000, 5_000)).toBe(1_000);
  });

  it('follow a capacity that grows or shrinks', async () => {
    const { store } = desk();
    await store.takeSlot('bucket', 1, 1_000, 5_000);
    expect(await store.takeSlot('bucket', 2, 1_000, 5_100)).toBe(0);
    expect(await store.takeSlot('bucket', 1, 1_000, 5_200)).toBe(800);
    await store.takeSlot('other', 2, 1_000, 5_000);
    expect(await store.takeSlot('other', 1, 1_000, 5_200)).toBe(800);
  });

  it('are not given before a bucket opens again', async () => {
    const { store, other } = desk();
    await store.closeSlots('bucket', 6_000, 1_000, 5_000);
    await store.closeSlots('bucket', 5_500, 1_000, 5_000);
    expect(await other.takeSlot('bucket', 3, 1_000, 5_000)).toBe(1_000);
    expect(await other.takeSlot('bucket', 3, 1_000, 6_000)).toBe(0);
  });

  it('wait for the later of a window and a closed bucket', async () => {
    const { store } = desk();
    await store.takeSlot('bucket', 1, 1_000, 5_000);
    await store.closeSlots('bucket', 5_400, 1_000, 5_000);
    expect(await store.takeSlot('bucket', 1, 1_000, 5_000)).toBe(1_000);
    await store.closeSlots('bucket', 7_000, 1_000, 5_000);
    expect(await store.takeSlot('bucket', 1, 1_000, 5_000)).toBe(2_000);
  });

  it('are given although the clock was put back', async () => {
    const { store } = desk();
    const hour = 3_600_000;
    await store.takeSlot('bucket', 1, 1_000, 5 * hour);
    expect(await store.takeSlot('bucket', 1, 1_000, 4 * hour)).toBe(0);
    expect(await store.takeSlot('bucket', 1, 1_000, 4 * hour)).toBe(1_000);
  });

  it('are given although a bucket was closed before the clock was put back, and it can be closed again', async () => {
    const { store } = desk();
    const hour = 3_600_000;
    const now = 4 * hour;
    await store.closeSlots('bucket', 5 * hour + 1_000, 1_000, 5 * hour);
    expect(await store.takeSlot('bucket', 1, 1_000, now)).toBe(0);
    expect(await store.takeSlot('bucket', 1, 1_000, now)).toBe(1_000);
    await store.closeSlots('bucket', now + 3_000, 1_000, now);
    expect(await store.takeSlot('bucket', 1, 1_000, now + 1_000)).toBe(2_000);
    // As far ahead as clocks may differ.
    await store.closeSlots('bucket', now + 61_000, 1_000, now);
    expect(await store.takeSlot('bucket', 1, 1_000, now)).toBe(61_000);
  });
});
