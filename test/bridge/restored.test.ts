/** A store that was restored from an older copy of itself: what waited in it may have been done since. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { text, thread } from '../desks.ts';
import { temporaryFolder } from '../store/engines.ts';
import { bridged, conversation, deliveries, onlyThread, settleAll } from './bridges.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  folder.remove();
});

/** A reply waits, for the desk that answers and then for the mirror; the copy is from before either was done. */
async function restored(looksFirst: boolean) {
  const [path, copy] = [join(folder.path, 'bridge.db'), join(folder.path, 'copy.db')];
  const first = bridged('dual-write', { store: await openStore(path) });
  const { value } = await first.bridge.createThread(thread);
  await settleAll(first);
  const { store } = first;
  const reply = { threadId: value.id, body: text('Try now.') };
  await store.enqueue({
    id: 'waiting',
    lane: (await store.findLink('thread', 'from', value.id))?.lane ?? '',
    key: undefined,
    fingerprint: '',
    method: 'reply',
    input: reply,
    primary: 'from',
    mirrored: true,
    createdAt: first.clock.elapsedMs(),
  });
  await store.close();
  copyFileSync(path, copy);
  const second = { ...first, store: await openStore(path) };
  await settleAll(second, first.open({ store: second.store }));
  await second.store.close();
  rmSync(path);

  const third = { ...first, store: await openStore(copy) };
  const bridge = first.open({ store: third.store });
  if (looksFirst) expect(await bridge.recheck()).toBe(1);
  await settleAll(third, bridge);
  const outcome = await third.store.getOperation('waiting');
  await third.store.close();
  return { world: third, outcome };
}

it('finds what was delivered since, and delivers it to nobody twice', async () => {
  const { world, outcome } = await restored(true);
  expect(deliveries(world)).toEqual(['Try now.']);
  expect(outcome).toMatchObject({ state: 'done', mirror: 'done' });
  const copy = await onlyThread(world.plain.desk);
  expect(await conversation(world.plain.desk, copy.id)).toEqual(['inbound: It says no.', 'outbound: Try now.']);
});

it('would deliver it twice if nobody said so', async () => {
  const { world } = await restored(false);
  expect(deliveries(world)).toEqual(['Try now.', 'Try now.']);
});
