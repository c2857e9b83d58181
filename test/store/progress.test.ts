/** How operations go on and end, and who may say so. */
import { expect, it } from 'vitest';
import type { Decision, Mirroring } from '../../src/store/store.ts';
import { describeEngines, done, failure, newIntent, newLease, stored } from './engines.ts';

const mirror = newLease({ lane: 'lane/mirror' });

describeEngines('sending', (desk) => {
  it('stores the time, and the lease goes on', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    expect(await store.sending(intent.id, 'primary', newLease({ now: 1_500, until: 9_000 }))).toBe(true);
    expect(await other.getOperation(intent.id)).toMatchObject({ sentAt: 1_500, dueAt: 9_000, mirrorSentAt: undefined });
    expect(await other.take(newLease({ owner: 'bob', now: 8_999 }))).toBe(false);
  });

  it('stores the time of the mirror under the lease of the mirror', async () => {
    const { store } = desk();
    const id = await stored(store, 'queued');
    await store.take(mirror);
    expect(await store.sending(id, 'mirror', { ...mirror, now: 1_500 })).toBe(true);
    expect(await store.getOperation(id)).toMatchObject({ mirrorSentAt: 1_500, sentAt: undefined });
  });

  it('goes on where the time is over and nobody took the lane', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    expect(await store.sending(intent.id, 'primary', newLease({ now: 5_000, until: 9_000 }))).toBe(true);
  });

  it('says no where somebody else took the lane, and stores nothing', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await other.take(newLease({ owner: 'bob', now: 2_000, until: 3_000 }));
    expect(await store.sending(intent.id, 'primary', newLease({ now: 2_500, until: 9_000 }))).toBe(false);
    expect(await store.getOperation(intent.id)).toMatchObject({ sentAt: undefined });
    expect(await store.take(newLease({ owner: 'carol', now: 3_000 }))).toBe(true);
  });

  it('says no where somebody else has settled the operation', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await other.settle(intent.id, done, newLease({ owner: 'bob' }));
    expect(await store.sending(intent.id, 'primary', newLease())).toBe(false);
    expect(await store.getOperation(intent.id)).toMatchObject({ sentAt: undefined });
  });

  it('says no without the lease going on', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await other.settle(intent.id, done, newLease({ owner: 'bob' }));
    expect(await store.sending(intent.id, 'primary', newLease({ until: 9_000 }))).toBe(false);
    await store.take(mirror);
    await store.mirrored(intent.id, { mirror: 'dead', failure, attempts: 1 }, mirror);
    await store.take(mirror);
    expect(await store.sending(intent.id, 'mirror', { ...mirror, until: 9_000 })).toBe(false);
    for (const lane of ['lane', 'lane/mirror'])
      expect(await other.take(newLease({ lane, owner: 'bob', now: 2_000, until: 3_000 }))).toBe(true);
  });

  it('says no to the mirror of an operation that has none', async () => {
    const { store } = desk();
    const id = await stored(store, 'finished');
    await store.take(mirror);
    expect(await store.sending(id, 'mirror', mirror)).toBe(false);
  });
});

describeEngines('seeking', (desk) => {
  it('stores how a copy can be told', async () => {
    const { store, other } = desk();
    const id = await stored(store, 'queued');
    expect(await store.getOperation(id)).toMatchObject({ sought: undefined });
    const sought = { title: 'Help', createdAt: new Date(1_000) };
    await store.seeking(id, sought);
    expect(await other.getOperation(id)).toMatchObject({ sought, mirrorSentAt: undefined });
  });
});

describeEngines('recheck', (desk) => {
  it('takes everything that waits for sent, at that time, and due', async () => {
    const { store, other } = desk();
    const enqueued = newIntent({ lane: 'other' });
    await store.enqueue(enqueued);
    const pending = await stored(store, 'pending');
    const queued = await stored(store, 'queued');
    expect(await store.recheck(9_000)).toBe(3);
    expect(await other.getOperation(enqueued.id)).toMatchObject({ sentAt: 9_000, dueAt: 9_000, begun: false });
    expect(await other.getOperation(pending)).toMatchObject({ sentAt: 9_000, dueAt: 9_000, mirrorSentAt: undefined });
    expect(await other.getOperation(queued)).toMatchObject({ sentAt: undefined, mirrorSentAt: 9_000, dueAt: 9_000 });
  });

  it('takes a dead letter for sent, which stays one', async () => {
    const { store, other } = desk();
    const id = await stored(store, 'dead');
    expect(await store.recheck(9_000)).toBe(0);
    expect(await other.getOperation(id)).toMatchObject({ mirror: 'dead', mirrorSentAt: 9_000 });
  });

  it('leaves the time of what was sent', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await store.sending(intent.id, 'primary', newLease({ now: 1_500 }));
    await store.recheck(9_000);
    expect(await store.getOperation(intent.id)).toMatchObject({ sentAt: 1_500 });
  });

  it('leaves what is finished and what waits for a person', async () => {
    const { store } = desk();
    const ids = [];
    for (const state of ['finished', 'failed', 'unclear'] as const) ids.push(await stored(store, state));
    const before = await Promise.all(ids.map((id) => store.getOperation(id)));
    expect(await store.recheck(9_000)).toBe(0);
    expect(await Promise.all(ids.map((id) => store.getOperation(id)))).toEqual(before);
  });
});

describeEngines('settle', (desk) => {
  it('stores the result, its losses and the job of the mirror', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    const losses = [{ field: 'status', how: 'dropped' as const }];
    const settlement = { ...done, losses, messageId: 'message' };
    expect(await store.settle(intent.id, settlement, newLease({ now: 1_700 }))).toBe(true);
    expect(await other.getOperation(intent.id)).toMatchObject({
      state: 'done',
      mirror: 'queued',
      dueAt: 1_700,
      doneAt: 1_700,
      result: { id: 'thread' },
      losses,
      messageId: 'message',
      failure: undefined,
    });
  });

  it('leaves nothing to do where there is no mirror', async () => {
    const { store } = desk();
    const id = await stored(store, 'finished');
    expect(await store.getOperation(id)).toMatchObject({ state: 'done', mirror: 'none' });
    expect(await store.laneHead('lane', 'mirror')).toBeUndefined();
  });

  it('stores the links with it', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    const link = { kind: 'thread' as const, lane: 'lane', from: 'f', to: undefined, externalId: 'mine' };
    await store.settle(intent.id, { ...done, links: [link] }, newLease());
    expect(await other.findLink('thread', 'from', 'f')).toEqual(link);
  });

  it.each(['failed', 'unclear'] as const)('stores what it failed of: %s', async (state) => {
    const { store } = desk();
    const id = await stored(store, state);
    expect(await store.getOperation(id)).toMatchObject({ state, failure, mirror: 'none' });
    expect(await store.laneHead('lane', 'mirror')).toBeUndefined();
  });

  it.each([undefined, 900])('keeps an operation for later, with what left for the desk: %s', async (sentAt) => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await store.sending(intent.id, 'primary', newLease());
    expect(await store.settle(intent.id, { state: 'pending', failure, dueAt: 7_000, sentAt }, newLease())).toBe(true);
    expect(await store.getOperation(intent.id)).toMatchObject({ state: 'pending', failure, dueAt: 7_000, sentAt });
  });

  it('ends one that may have happened and that nobody can decide about', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await store.settle(intent.id, { state: 'unclear', failure, dropped: true }, newLease());
    const over = { state: 'unclear', mirror: 'dropped', failure, doneAt: 1_000 };
    expect(await store.getOperation(intent.id)).toMatchObject(over);
    expect(await store.figures()).toMatchObject({ pending: 0, unclear: 0 });
  });

  it('knows since when it has been failing, until it is done or a person decides', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    const again = { state: 'pending' as const, failure, dueAt: 7_000, sentAt: undefined };
    for (const now of [1_000, 1_500, 1_900]) {
      await store.take(newLease({ now }));
      await store.settle(intent.id, again, newLease({ now }));
      expect(await store.getOperation(intent.id)).toMatchObject({ failingSince: 1_000, attempts: 0 });
    }
    await store.take(newLease());
    await store.settle(intent.id, { state: 'unclear', failure }, newLease());
    expect(await store.getOperation(intent.id)).toMatchObject({ failingSince: 1_000 });
    await store.decide(intent.id, 'did-not-happen', 8_000);
    expect(await store.getOperation(intent.id)).toMatchObject({ failingSince: undefined, failure: undefined });
    await store.take(newLease());
    await store.settle(intent.id, again, newLease());
    await store.take(newLease());
    await store.settle(intent.id, done, newLease());
    expect(await store.getOperation(intent.id)).toMatchObject({ failingSince: undefined, mirror: 'queued' });
  });

  it.each([
    done,
    { state: 'failed' as const, failure },
    { state: 'unclear' as const, failure },
    { state: 'pending' as const, failure, dueAt: 7_000, sentAt: undefined },
  ])('gives the lane back: $state', async (settlement) => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await store.settle(intent.id, settlement, newLease());
    expect(await store.take(newLease({ owner: 'bob' }))).toBe(true);
  });

  it.each([
    { state: 'failed' as const, failure },
    { state: 'unclear' as const, failure },
    { state: 'pending' as const, failure, dueAt: 7_000, sentAt: undefined },
  ])('does nothing for who has lost the lane: $state', async (settlement) => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await other.take(newLease({ owner: 'bob', now: 2_000, until: 3_000 }));
    expect(await store.settle(intent.id, settlement, newLease())).toBe(false);
    expect(await store.getOperation(intent.id)).toMatchObject({ state: 'pending', dueAt: 2_000, failure: undefined });
    expect(await store.take(newLease({ owner: 'carol', now: 2_500 }))).toBe(false);
  });

  it('believes that it is done whoever holds the lane, and leaves it with its holder', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await other.take(newLease({ owner: 'bob', now: 2_000, until: 3_000 }));
    expect(await store.settle(intent.id, done, newLease())).toBe(true);
    expect(await store.getOperation(intent.id)).toMatchObject({ state: 'done' });
    expect(await store.take(newLease({ owner: 'carol', now: 2_500 }))).toBe(false);
  });

  it('believes that an unclear one is done', async () => {
    const { store } = desk();
    const id = await stored(store, 'unclear');
    expect(await store.settle(id, done, newLease())).toBe(true);
    expect(await store.getOperation(id)).toMatchObject({ state: 'done', failure: undefined });
  });

  it.each(['failed', 'unclear', 'finished', 'queued'] as const)('is over for one that is %s', async (state) => {
    const { store } = desk();
    const id = await stored(store, state);
    const before = await store.getOperation(id);
    await store.take(newLease());
    expect(await store.settle(id, { state: 'failed', failure: { ...failure, kind: 'auth' } }, newLease())).toBe(false);
    expect(await store.getOperation(id)).toEqual(before);
  });

  it('happens once of eight times at once', async () => {
    const { store, other } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? store : other).settle(intent.id, { ...done, result: index }, newLease()),
      ),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
    expect(await store.getOperation(intent.id)).toMatchObject({ result: all.indexOf(true) });
  });
});

describeEngines('mirrored', (desk) => {
  it('ends the part of the mirror, with links', async () => {
    const { store, other } = desk();
    const id = await stored(store, 'queued');
    await store.take(mirror);
    const link = { kind: 'thread' as const, lane: 'lane', from: 'f', to: 't', externalId: undefined };
    const losses = [{ field: 'status', how: 'dropped' as const }];
    const ended = { mirror: 'done' as const, losses, messageId: 'message', links: [link] };
    expect(await store.mirrored(id, ended, mirror)).toBe(true);
    const expected = { mirror: 'done', mirrorLosses: losses, losses: [], messageId: 'message', doneAt: 1_000 };
    expect(await other.getOperation(id)).toMatchObject(expected);
    expect(await other.findLink('thread', 'to', 't')).toEqual(link);
  });

  it('keeps the message that the primary told of', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await store.settle(intent.id, { ...done, messageId: 'message' }, newLease());
    await store.take(mirror);
    await store.mirrored(intent.id, { mirror: 'done', losses: [], links: [] }, mirror);
    expect(await store.getOperation(intent.id)).toMatchObject({ messageId: 'message' });
  });

  it('counts the tries that failed, and remembers the first', async () => {
    const { store } = desk();
    const id = await stored(store, 'queued');
    await store.take(mirror);
    await store.mirrored(
      id,
      { mirror: 'queued', failure, attempts: 1, dueAt: 5_000, sentAt: undefined },
      { ...mirror, now: 1_100 },
    );
    await store.take(mirror);
    await store.mirrored(
      id,
      { mirror: 'queued', failure, attempts: 2, dueAt: 6_000, sentAt: 777 },
      { ...mirror, now: 1_200 },
    );
    const expected = { mirror: 'queued', attempts: 2, failingSince: 1_100, dueAt: 6_000, failure, mirrorSentAt: 777 };
    expect(await store.getOperation(id)).toMatchObject(expected);
  });

  it('keeps a dead letter out of the way', async () => {
    const { store } = desk();
    const dead = await stored(store, 'dead');
    const next = await stored(store, 'queued');
    expect(await store.getOperation(dead)).toMatchObject({ mirror: 'dead', attempts: 1, failure });
    expect(await store.laneHead('lane', 'mirror')).toMatchObject({ id: next });
  });

  const endings: Mirroring[] = [
    { mirror: 'done', losses: [], links: [] },
    {
      mirror: 'done',
      losses: [],
      links: [{ kind: 'thread', lane: 'lane', from: 'f', to: 't', externalId: undefined }],
    },
    { mirror: 'queued', failure, attempts: 1, dueAt: 9_000, sentAt: undefined },
    { mirror: 'dead', failure, attempts: 1 },
  ];

  it.each(endings)('gives the lane back: $mirror', async (mirroring) => {
    const { store, other } = desk();
    const id = await stored(store, 'queued');
    await store.take(mirror);
    await store.mirrored(id, mirroring, mirror);
    expect(await other.take({ ...mirror, owner: 'bob' })).toBe(true);
  });

  it.each(endings)('does nothing for who has lost the lane: $mirror', async (mirroring) => {
    const { store, other } = desk();
    const id = await stored(store, 'queued');
    const before = await store.getOperation(id);
    await store.take(mirror);
    await other.take({ ...mirror, owner: 'bob', now: 2_000, until: 3_000 });
    expect(await store.mirrored(id, mirroring, mirror)).toBe(false);
    expect(await other.take({ ...mirror, owner: 'carol', now: 2_500 })).toBe(false);
    expect(await store.getOperation(id)).toEqual(before);
    expect(await store.findLink('thread', 'from', 'f')).toBeUndefined();
  });

  it('does nothing for an operation whose mirror is done', async () => {
    const { store } = desk();
    const id = await stored(store, 'queued');
    await store.take(mirror);
    await store.mirrored(id, { mirror: 'done', losses: [], links: [] }, mirror);
    await store.take(mirror);
    expect(await store.mirrored(id, { mirror: 'dead', failure, attempts: 1 }, mirror)).toBe(false);
    expect(await store.getOperation(id)).toMatchObject({ mirror: 'done' });
  });
});

describeEngines('decide', (desk) => {
  it('tries a dead letter again', async () => {
    const { store } = desk();
    const id = await stored(store, 'dead');
    expect(await store.decide(id, 'retry', 8_000)).toBe(true);
    const expected = { state: 'done', mirror: 'queued', attempts: 0, failingSince: undefined, dueAt: 8_000 };
    expect(await store.getOperation(id)).toMatchObject(expected);
  });

  it('drops a dead letter', async () => {
    const { store } = desk();
    const id = await stored(store, 'dead');
    expect(await store.decide(id, 'drop', 8_000)).toBe(true);
    expect(await store.getOperation(id)).toMatchObject({ state: 'done', mirror: 'dropped' });
  });

  it('drops an unclear write, which is then over and still not known to have failed', async () => {
    const { store } = desk();
    const id = await stored(store, 'unclear');
    expect(await store.decide(id, 'drop', 8_000)).toBe(true);
    expect(await store.getOperation(id)).toMatchObject({ state: 'unclear', mirror: 'dropped', doneAt: 8_000 });
    expect(await store.figures()).toMatchObject({ unclear: 0 });
    for (const decision of ['retry', 'drop', 'happened', 'did-not-happen'] as const)
      expect(await store.decide(id, decision, 8_000)).toBe(false);
  });

  it.each([
    [true, 'queued'],
    [false, 'none'],
  ])('believes that an unclear write happened: mirrored %s', async (mirrored, expected) => {
    const { store } = desk();
    const id = await stored(store, 'unclear', { mirrored });
    expect(await store.decide(id, 'happened', 8_000)).toBe(true);
    expect(await store.getOperation(id)).toMatchObject({
      state: 'done',
      result: null,
      mirror: expected,
      doneAt: 8_000,
    });
  });

  it('believes that an unclear write did not happen', async () => {
    const { store } = desk();
    const intent = newIntent();
    await store.begin(intent, newLease());
    await store.sending(intent.id, 'primary', newLease());
    await store.settle(intent.id, { state: 'unclear', failure }, newLease());
    expect(await store.decide(intent.id, 'did-not-happen', 8_000)).toBe(true);
    expect(await store.getOperation(intent.id)).toMatchObject({ state: 'pending', sentAt: undefined, dueAt: 8_000 });
  });

  const impossible: [Decision, 'pending' | 'queued' | 'finished' | 'failed' | 'unclear' | 'dead'][] = [
    ['retry', 'unclear'],
    ['retry', 'finished'],
    ['drop', 'pending'],
    ['drop', 'queued'],
    ['happened', 'dead'],
    ['happened', 'failed'],
    ['did-not-happen', 'pending'],
    ['did-not-happen', 'dead'],
  ];
  it.each(impossible)('cannot %s one that is %s', async (decision, state) => {
    const { store } = desk();
    const id = await stored(store, state);
    const before = await store.getOperation(id);
    expect(await store.decide(id, decision, 8_000)).toBe(false);
    expect(await store.getOperation(id)).toEqual(before);
  });

  it('knows no operation that is not there', async () => {
    expect(await desk().store.decide('none', 'retry', 8_000)).toBe(false);
  });
});
