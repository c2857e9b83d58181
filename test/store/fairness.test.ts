/** Whose turn it is where there is more to do than can be done at once. */
import { expect, it } from 'vitest';
import { describeEngines, stored } from './engines.ts';

describeEngines('due lanes, where there are too many,', (desk) => {
  it('name a pending write however much the mirror lacks', async () => {
    const { store } = desk();
    for (let n = 0; n < 20; n++) await stored(store, 'queued', { lane: `lane-${n}`, at: 1_000 });
    await stored(store, 'pending', { lane: 'crashed', at: 5_000 });
    expect(await store.dueLanes(100_000, 10)).toContain('crashed');
  });

  it('leave half of the places to the mirror, however much is pending', async () => {
    const { store } = desk();
    for (let n = 0; n < 20; n++) await stored(store, 'pending', { lane: `lane-${n}`, at: 1_000 });
    for (let n = 0; n < 20; n++) await stored(store, 'queued', { lane: `other-${n}`, at: 5_000 });
    const due = await store.dueLanes(100_000, 10);
    expect(due).toHaveLength(10);
    expect(due.filter((lease) => lease.endsWith('/mirror'))).toHaveLength(5);
  });
});
