/** How operations come in: one for each key, one at a time in each lane. */
import { expect, it } from 'vitest';
import { describeEngines, done, failure, newIntent, newLease, refusal, stored } from './engines.ts';

describeEngines('begin', (desk) => {
  it('stores the intent with the first place of its lane', async () => {
    const { store, other } = desk();
    const intent = newIntent({ key: 'key' });
    const begun = await store.begin(intent, newLease());
    const expected = {
      ...intent,
      position: 1,
      begun: true,
      state: 'pending',
      mirror: 'none',
      dueAt: 2_000,
      sentAt: undefined,
      mirrorSentAt: undefined,
      attempts: 0,
      sequence: expect.any(Number),
      failingSince: undefined,
      doneAt: undefined,
      result: undefined,
      losses: [],
      mirrorLosses: [],
      messageId: undefined,
      failure: undefined,
    };
    expect(begun).toEqual({ is: 'begun', operation: expected });
    expect(await other.getOperation(intent.id)).toEqual(expected);
  });

  it('keeps what it was given when the caller changes it afterwards', async () => {
    const { store } = desk();
    const input = { threadId: 'before' };
    const intent = newIntent({ input });
    await store.begin(intent, newLease());
    input.threadId = 'after';
    Object.assign((await store.getOperation(intent.id))?.input ?? {}, { threadId: 'after' });
    expect(await store.getOperation(intent.id)).toMatchObject({ input: { threadId: 'before' } });
  });

  it('finds a lane busy and stores nothing', async () => {
    const { store, other } = desk();
    await store.begin(newIntent(), newLease());
    const second = newIntent();
    expect(await other.begin(second, newLease({ owner: 'bob' }))).toEqual({ is: 'busy', until: 2_000 });
    expect(await store.getOperation(second.id)).toBeUndefined();
  });

  it('finds a lane busy that the same owner holds', async () => {
    const { store } = desk();
    await store.begin(newIntent(), newLease());
    expect(await store.begin(newIntent(), newLease())).toEqual({ is: 'busy', until: 2_000 });
  });

  it('takes a lane whose holder ran out of time, and the next place', async () => {
    const { store } = desk();
    await store.begin(newIntent(), newLease());
    const lease = newLease({ owner: 'bob', now: 2_000, until: 3_000 });
    expect(await store.begin(newIntent(), lease)).toMatchObject({ is: 'begun', operation: { position: 2 } });
  });

  it('gives the operation that has the key, although its lane is busy', async () => {
    const { store } = desk();
    const first = newIntent({ key: 'key' });
    await store.begin(first, newLease());
    const again = await store.begin(newIntent({ key: 'key' }), newLease());
    expect(again).toMatchObject({ is: 'known', operation: { id: first.id } });
  });

  it('leaves the lane free where the key is known', async () => {
    const { store } = desk();
    await store.begin(newIntent({ key: 'key' }), newLease());
    const lease = newLease({ lane: 'elsewhere' });
    expect(await store.begin(newIntent({ key: 'key', lane: 'elsewhere' }), lease)).toMatchObject({ is: 'known' });
    expect(await store.take({ ...lease, owner: 'bob' })).toBe(true);
    expect(await store.listLane('elsewhere')).toEqual([]);
  });

  it.each(['done', 'unclear', 'dropped'] as const)('keeps the key of an operation that is %s', async (state) => {
    const { store } = desk();
    const id = await stored(store, state === 'done' ? 'finished' : 'unclear', { key: 'key' });
    if (state === 'dropped') await store.decide(id, 'drop', 8_000);
    expect(await store.begin(newIntent({ key: 'key' }), newLease())).toMatchObject({ is: 'known', operation: { id } });
  });

  it('takes the key of an operation that failed', async () => {
    const { store, other } = desk();
    const failed = await stored(store, 'failed', { key: 'key' });
    expect(await other.findOperation('key')).toMatchObject({ id: failed });
    const next = newIntent({ key: 'key' });
    expect(await store.begin(next, newLease())).toMatchObject({ is: 'begun' });
    expect(await other.findOperation('key')).toMatchObject({ id: next.id });
    expect(await other.getOperation(failed)).toMatchObject({ key: undefined });
  });

  it('tells keys apart that hold NUL or broken characters', async () => {
    const { store } = desk();
    const keys = ['a', 'a\0', 'a\0b', 'a\u001b0000', '\ud800', '\udc00', '\ufffd', '😀'];
    for (const key of keys) {
      const begun = await store.begin(newIntent({ key, lane: key }), newLease({ lane: key }));
      expect(begun).toMatchObject({ is: 'begun', operation: { key, lane: key } });
      expect(await store.findOperation(key)).toMatchObject({ key, lane: key });
    }
  });

  it('refuses an id twice and leaves the lane free', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    const again = store.begin({ ...intent, lane: 'elsewhere' }, newLease({ lane: 'elsewhere' }));
    expect(await refusal(again)).toMatchObject({ kind: 'conflict', provider: 'store', operation: 'begin' });
    expect(await store.take(newLease({ lane: 'elsewhere', owner: 'bob' }))).toBe(true);
  });

  it('begins one of eight that want the same lane at once', async () => {
    const { store, other } = desk();
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? store : other).begin(newIntent(), newLease({ owner: `owner ${index}` })),
      ),
    );
    expect(all.filter(({ is }) => is === 'begun')).toHaveLength(1);
    expect(all.filter(({ is }) => is === 'busy')).toHaveLength(7);
    expect(await store.listLane('lane')).toHaveLength(1);
  });

  it('begins one of eight that have the same key at once, and leaves the other lanes free', async () => {
    const { store, other } = desk();
    const lanes = Array.from({ length: 8 }, (_, index) => `lane ${index}`);
    const all = await Promise.all(
      lanes.map((lane, index) =>
        (index % 2 ? store : other).begin(newIntent({ lane, key: 'key' }), newLease({ lane })),
      ),
    );
    const begun = all.flatMap((one) => (one.is === 'begun' ? one.operation : []));
    expect(begun).toHaveLength(1);
    expect(all.filter(({ is }) => is === 'known')).toHaveLength(7);
    const taken = await Promise.all(lanes.map((lane) => store.take(newLease({ lane, owner: 'bob' }))));
    expect(lanes.filter((_, index) => !taken[index])).toEqual([begun[0]?.lane]);
  });

  it('begins one of eight that want lane and key at once, and the others know it', async () => {
    const { store, other } = desk();
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? store : other).begin(newIntent({ key: 'key' }), newLease({ owner: `owner ${index}` })),
      ),
    );
    expect(all.map(({ is }) => is).sort()).toEqual(['begun', ...Array.from({ length: 7 }, () => 'known')]);
  });

  it('gives the key of a failed operation to one of eight that want it at once', async () => {
    const { store, other } = desk();
    await stored(store, 'failed', { key: 'key' });
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        const lane = `lane ${index}`;
        return (index % 2 ? store : other).begin(newIntent({ lane, key: 'key' }), newLease({ lane }));
      }),
    );
    expect(all.map(({ is }) => is).sort()).toEqual(['begun', ...Array.from({ length: 7 }, () => 'known')]);
  });
});

describeEngines('enqueue', (desk, engine) => {
  it('stores an operation that nobody has begun', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    expect(await store.enqueue(intent)).toMatchObject({ is: 'begun', operation: { begun: false, dueAt: 1_000 } });
    expect(await other.getOperation(intent.id)).toMatchObject({ begun: false, state: 'pending' });
  });

  it('leaves the lane free', async () => {
    const { store } = desk();
    await store.enqueue(newIntent());
    expect(await store.take(newLease())).toBe(true);
  });

  it('comes after all that are begun, in the order of storing', async () => {
    const { store } = desk();
    const [first, second, begun] = [newIntent(), newIntent(), newIntent()];
    await store.enqueue(first);
    await store.enqueue(second);
    await store.begin(begun, newLease());
    expect((await store.listLane('lane')).map(({ id }) => id)).toEqual([begun.id, first.id, second.id]);
  });

  it('gives the operation that has the key', async () => {
    const { store } = desk();
    const id = await stored(store, 'finished', { key: 'key' });
    expect(await store.enqueue(newIntent({ key: 'key' }))).toMatchObject({ is: 'known', operation: { id } });
  });

  it('takes the key of an operation that failed', async () => {
    const { store } = desk();
    await stored(store, 'failed', { key: 'key' });
    const next = newIntent({ key: 'key' });
    await store.enqueue(next);
    expect(await store.findOperation('key')).toMatchObject({ id: next.id });
  });

  if (engine === 'PostgreSQL') return;
  it('refuses a client of PostgreSQL', async () => {
    const { store } = desk();
    const intent = newIntent();
    const client = { query: async () => ({ rows: [] }) };
    expect(await refusal(store.enqueue(intent, client))).toMatchObject({ kind: 'unsupported', applied: 'no' });
    expect(await store.getOperation(intent.id)).toBeUndefined();
  });
});

describeEngines('place', (desk) => {
  it('gives an enqueued operation the next place', async () => {
    const { store, other } = desk();
    await stored(store, 'finished');
    const intent = newIntent();
    await store.enqueue(intent);
    expect(await store.place(intent.id, newLease(), intent.input)).toMatchObject({
      id: intent.id,
      position: 2,
      begun: true,
    });
    expect(await other.getOperation(intent.id)).toMatchObject({ position: 2, begun: true });
  });

  it('stores what it begins with', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.enqueue(intent);
    await store.place(intent.id, newLease(), { threadId: 'of a desk' });
    expect(await other.getOperation(intent.id)).toMatchObject({ input: { threadId: 'of a desk' } });
    await store.place(intent.id, newLease(), { threadId: 'another' });
    expect(await other.getOperation(intent.id)).toMatchObject({ input: { threadId: 'of a desk' } });
  });

  it('takes the lane', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.enqueue(intent);
    await store.place(intent.id, newLease(), intent.input);
    expect(await store.take(newLease({ owner: 'bob' }))).toBe(false);
  });

  it('works for who holds the lane already', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.enqueue(intent);
    await store.take(newLease());
    expect(await store.place(intent.id, newLease(), intent.input)).toMatchObject({ position: 1 });
  });

  it('does nothing where the lane is somebody else’s', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.enqueue(intent);
    await store.take(newLease({ owner: 'bob' }));
    expect(await store.place(intent.id, newLease(), intent.input)).toBeUndefined();
    expect(await store.getOperation(intent.id)).toMatchObject({ begun: false });
  });

  it('leaves an operation where it is that is begun already', async () => {
    const { store } = desk();
    const id = await stored(store, 'pending');
    await stored(store, 'pending');
    expect(await store.place(id, newLease(), 'other')).toMatchObject({ id, position: 1 });
  });

  it('leaves the lane free where there is no such operation', async () => {
    const { store } = desk();
    expect(await store.place('none', newLease(), undefined)).toBeUndefined();
    expect(await store.take(newLease({ owner: 'bob' }))).toBe(true);
  });
});

describeEngines('lanes', (desk) => {
  it('are taken by one of two', async () => {
    const { store, other } = desk();
    expect(await store.take(newLease())).toBe(true);
    expect(await other.take(newLease({ owner: 'bob' }))).toBe(false);
  });

  it('are taken again by who holds them', async () => {
    const { store } = desk();
    await store.take(newLease());
    expect(await store.take(newLease({ until: 5_000 }))).toBe(true);
    expect(await store.take(newLease({ owner: 'bob', now: 4_999 }))).toBe(false);
  });

  it('are free when the time is over', async () => {
    const { store } = desk();
    await store.take(newLease());
    expect(await store.take(newLease({ owner: 'bob', now: 1_999 }))).toBe(false);
    expect(await store.take(newLease({ owner: 'bob', now: 2_000, until: 3_000 }))).toBe(true);
  });

  it('are free where they were taken before the clock was put back by an hour, however they are asked for', async () => {
    const { store, other } = desk();
    const hour = 3_600_000;
    const lost = (lane: string) => newLease({ lane, owner: 'lost', now: 5 * hour, until: 5 * hour + 60_000 });
    const later = (lane: string) => newLease({ lane, owner: 'bob', now: 4 * hour, until: 4 * hour + 60_000 });
    for (const lane of ['take', 'begin', 'place', 'head']) {
      await store.enqueue(newIntent({ id: lane, lane }));
      await store.take(lost(lane));
    }
    expect(await other.dueLanes(4 * hour, 10)).toHaveLength(4);
    expect(await other.take(later('take'))).toBe(true);
    expect(await other.begin(newIntent({ lane: 'begin' }), later('begin'))).toMatchObject({ is: 'begun' });
    expect(await other.place('place', later('place'), {})).toMatchObject({ begun: true });
    expect(await other.takeHead(later('head'), 'primary')).toMatchObject({ id: 'head' });
    expect(await store.sending('place', 'primary', lost('place'))).toBe(false);
  });

  it('stay with a holder whose clock is ahead, and with one who takes them for longer', async () => {
    const { store, other } = desk();
    const now = 10_000_000;
    await store.take(newLease({ now: now + 60_000, until: now + 660_000 }));
    expect(await other.take(newLease({ owner: 'bob', now, until: now + 1_000 }))).toBe(false);
    await store.take(newLease({ lane: 'long', now, until: now + 1_800_000 }));
    expect(await other.take(newLease({ lane: 'long', owner: 'bob', now, until: now + 1_800_000 }))).toBe(false);
  });

  it('are free when they are given back', async () => {
    const { store, other } = desk();
    await store.take(newLease());
    await store.release(newLease());
    expect(await other.take(newLease({ owner: 'bob' }))).toBe(true);
  });

  it('stay with their holder when somebody else gives them back', async () => {
    const { store } = desk();
    await store.take(newLease());
    await store.release(newLease({ owner: 'bob' }));
    expect(await store.take(newLease({ owner: 'bob' }))).toBe(false);
  });

  it('go on for their holder', async () => {
    const { store, other } = desk();
    await store.take(newLease());
    expect(await store.prolong(newLease({ until: 5_000 }))).toBe(true);
    expect(await other.take(newLease({ owner: 'bob', now: 4_999 }))).toBe(false);
  });

  it.each(['taken by another', 'given back', 'taken and given back by another'])(
    'do not go on once they are %s',
    async (what) => {
      const { store, other } = desk();
      await store.take(newLease());
      if (what === 'given back') await store.release(newLease());
      else await other.take(newLease({ owner: 'bob', now: 2_000, until: 3_000 }));
      if (what === 'taken and given back by another') await other.release(newLease({ owner: 'bob' }));
      expect(await store.prolong(newLease({ until: 9_000 }))).toBe(false);
      expect(await other.take(newLease({ owner: 'carol', now: 3_000, until: 4_000 }))).toBe(true);
    },
  );

  it('count on after they were given back', async () => {
    const { store } = desk();
    await stored(store, 'finished');
    await store.take(newLease());
    await store.release(newLease());
    expect(await store.begin(newIntent(), newLease())).toMatchObject({ operation: { position: 2 } });
  });

  it('are taken by one of eight at once', async () => {
    const { store, other } = desk();
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => (index % 2 ? store : other).take(newLease({ owner: `owner ${index}` }))),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
  });
});

describeEngines('operations', (desk) => {
  it('keep their dates, and names that look like ours', async () => {
    const { store } = desk();
    const input = { at: new Date(7), deep: [{ $date: 'no date' }, { $data: [['x', 1]] }], text: 'a\0\ud800' };
    const intent = newIntent({ input });
    await store.begin(intent, newLease());
    const losses = [{ field: 'status', how: 'dropped' as const }];
    await store.settle(intent.id, { ...done, result: input, losses }, newLease());
    expect(await store.getOperation(intent.id)).toMatchObject({ input, result: input, losses });
  });

  it('are not found where there are none', async () => {
    const { store } = desk();
    expect(await store.getOperation('none')).toBeUndefined();
    expect(await store.findOperation('none')).toBeUndefined();
    expect(await store.laneHead('none', 'mirror')).toBeUndefined();
    expect(await store.sending('none', 'primary', newLease())).toBe(false);
    expect(await store.settle('none', { state: 'failed', failure }, newLease())).toBe(false);
  });
});
