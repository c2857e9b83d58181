/** Links: what is known stays, what is missing is filled in. */
import { expect, it } from 'vitest';
import type { Link, Store } from '../../src/store/store.ts';
import { describeEngines, done, newIntent, newLease } from './engines.ts';

const link = (fields: Partial<Link> = {}): Link => ({
  kind: 'thread',
  lane: 'lane',
  from: undefined,
  to: undefined,
  externalId: undefined,
  ...fields,
});

async function learn(store: Store, ...links: readonly Link[]): Promise<void> {
  const intent = newIntent({ lane: crypto.randomUUID() });
  const lease = newLease({ lane: intent.lane });
  await store.begin(intent, lease);
  await store.settle(intent.id, { ...done, links }, lease);
}

async function all(store: Store): Promise<Link[]> {
  const found: Link[] = [];
  for await (const one of store.listLinks('thread')) found.push(one);
  return found.sort((a, b) => (a.from ?? '').localeCompare(b.from ?? ''));
}

describeEngines('links', (desk) => {
  it('are found by either id', async () => {
    const { store, other } = desk();
    const known = link({ from: 'f', to: 't', externalId: 'mine' });
    await learn(store, known);
    expect(await other.findLink('thread', 'from', 'f')).toEqual(known);
    expect(await other.findLink('thread', 'to', 't')).toEqual(known);
    expect(await other.findLink('thread', 'to', 'f')).toBeUndefined();
    expect(await other.findLink('contact', 'from', 'f')).toBeUndefined();
  });

  it('are found by the caller’s id, which several may have', async () => {
    const { store } = desk();
    await learn(store, link({ from: 'a', externalId: 'mine' }), link({ from: 'b', externalId: 'mine' }));
    await learn(store, link({ from: 'c', externalId: 'other' }));
    expect((await store.findLinks('thread', 'mine')).map(({ from }) => from)).toEqual(['a', 'b']);
    expect(await store.findLinks('contact', 'mine')).toEqual([]);
  });

  it('are filled in', async () => {
    const { store } = desk();
    await learn(store, link({ from: 'f' }));
    await learn(store, link({ lane: 'later', from: 'f', to: 't', externalId: 'mine' }));
    expect(await all(store)).toEqual([link({ from: 'f', to: 't', externalId: 'mine' })]);
    expect(await store.findLink('thread', 'to', 't')).toEqual(link({ from: 'f', to: 't', externalId: 'mine' }));
  });

  it('of a contact follow the id that a desk has just answered with, which that of a thread does not', async () => {
    const { store } = desk();
    for (const kind of ['contact', 'thread'] as const) {
      await learn(store, link({ kind, from: 'f', to: 't', externalId: 'old' }));
      await learn(store, link({ kind, from: 'f', externalId: 'new' }));
    }
    expect(await store.findLink('contact', 'to', 't')).toMatchObject({ externalId: 'new' });
    expect(await store.findLinks('contact', 'old')).toEqual([]);
    expect(await store.findLink('thread', 'to', 't')).toMatchObject({ externalId: 'old' });
  });

  it('of a contact keep their id where an earlier write reaches the other desk late', async () => {
    const { store } = desk();
    await learn(store, link({ kind: 'contact', from: 'f', externalId: 'new' }));
    await learn(store, link({ kind: 'contact', from: 'f', to: 't', externalId: 'old' }));
    expect(await store.findLink('contact', 'to', 't')).toMatchObject({ externalId: 'new' });
  });

  it('are filled in from the other side', async () => {
    const { store } = desk();
    await learn(store, link({ to: 't' }));
    await learn(store, link({ from: 'f', to: 't' }));
    expect(await all(store)).toEqual([link({ from: 'f', to: 't' })]);
  });

  it('learn the caller’s id alone', async () => {
    const { store } = desk();
    await learn(store, link({ from: 'f', to: 't' }));
    await learn(store, link({ from: 'f', to: 't', externalId: 'mine' }));
    expect(await all(store)).toEqual([link({ from: 'f', to: 't', externalId: 'mine' })]);
  });

  it('keep what is known', async () => {
    const { store } = desk();
    await learn(store, link({ from: 'f', to: 't', externalId: 'mine' }));
    await learn(store, link({ from: 'f', to: 'other', externalId: 'other' }));
    await learn(store, link({ from: 'other', to: 't' }));
    await learn(store, link({ from: 'f' }));
    expect(await all(store)).toEqual([link({ from: 'f', to: 't', externalId: 'mine' })]);
    expect(await store.findLink('thread', 'from', 'other')).toBeUndefined();
    expect(await store.findLink('thread', 'to', 'other')).toBeUndefined();
  });

  it('become one where two halves turn out to be one record', async () => {
    const { store } = desk();
    await learn(store, link({ from: 'f' }), link({ to: 't', externalId: 'mine' }));
    await learn(store, link({ from: 'f', to: 't' }));
    expect(await all(store)).toEqual([link({ from: 'f', to: 't', externalId: 'mine' })]);
    expect(await store.findLink('thread', 'to', 't')).toMatchObject({ from: 'f' });
  });

  it('never hold one id twice', async () => {
    const { store } = desk();
    await learn(store, link({ from: 'a' }), link({ from: 'b', to: 't' }));
    await learn(store, link({ from: 'a', to: 't' }));
    expect(await all(store)).toEqual([link({ from: 'a' }), link({ from: 'b', to: 't' })]);
  });

  it('keep that the record was deleted', async () => {
    const { store, other } = desk();
    await learn(store, link({ from: 'f', to: 't', externalId: 'mine' }));
    await learn(store, link({ from: 'f', to: 't', deleted: true }));
    await learn(store, link({ from: 'f', to: 't', externalId: 'mine' }));
    expect(await all(other)).toEqual([link({ from: 'f', to: 't', externalId: 'mine', deleted: true })]);
    expect(await other.findLinks('thread', 'mine')).toMatchObject([{ deleted: true }]);
  });

  it('keep it of either half', async () => {
    const { store } = desk();
    await learn(store, link({ from: 'f', deleted: true }), link({ to: 't' }));
    await learn(store, link({ from: 'f', to: 't' }));
    await learn(store, link({ from: 'g' }), link({ to: 'u', deleted: true }));
    await learn(store, link({ from: 'g', to: 'u' }));
    expect(await all(store)).toMatchObject([
      { from: 'f', to: 't', deleted: true },
      { from: 'g', to: 'u', deleted: true },
    ]);
  });

  it('are not made of nothing', async () => {
    const { store } = desk();
    await learn(store, link({ externalId: 'mine' }));
    expect(await all(store)).toEqual([]);
  });

  it('are all listed, more than one page', async () => {
    const { store } = desk();
    const many = Array.from({ length: 501 }, (_, index) => link({ from: `f${index}` }));
    await learn(store, ...many);
    expect(new Set((await all(store)).map(({ from }) => from))).toEqual(new Set(many.map(({ from }) => from)));
  });

  it('are learned of by many at the same time, in any order, and nobody fails', async () => {
    const { store, other } = desk();
    for (let round = 0; round < 10; round++) {
      const known = ['a', 'b', 'c', 'd'].map((name) => link({ from: `${name} ${round}` }));
      await learn(store, ...known);
      const found = known.map((one) => ({ ...one, to: `to ${one.from}` }));
      const orders = found.flatMap((_, at) => {
        const order = [...found.slice(at), ...found.slice(0, at)];
        return [order, order.toReversed()];
      });
      await Promise.all(orders.map((order, index) => learn(index % 2 ? store : other, ...order)));
      for (const { from = '', to } of found) expect(await other.findLink('thread', 'from', from)).toMatchObject({ to });
    }
  });

  it('become one, whoever learns of them at the same time', async () => {
    const { store, other } = desk();
    const halves = [link({ from: 'f' }), link({ to: 't' }), link({ from: 'f', to: 't' }), link({ from: 'f', to: 't' })];
    await Promise.all([...halves, ...halves].map((one, index) => learn(index % 2 ? store : other, one)));
    expect(await all(store)).toEqual([link({ from: 'f', to: 't' })]);
  });
});
