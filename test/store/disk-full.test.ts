/** What a store in a file makes of a disk that is really full. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/store.ts';
import { createDisk, type Disk, hasDisks, withoutDisks } from './disk.ts';
import { newIntent, newLease, refusal, stored } from './engines.ts';

const full = { provider: 'store', kind: 'unavailable', applied: 'no' };
const lanes = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

describe.skipIf(!hasDisks)(`a store on a disk that is full${withoutDisks}`, () => {
  let disk: Disk;
  let path: string;
  const stores: Store[] = [];
  beforeEach(async () => {
    disk = await createDisk();
    path = join(disk.path, 'bridge.db');
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await disk.remove();
  });

  async function open(file = path): Promise<Store> {
    const store = await openStore(file);
    stores.push(store);
    return store;
  }

  const begin = (store: Store, lane: string, input: unknown = '') =>
    store.begin(newIntent({ id: lane, lane, input }), newLease({ lane }));

  const idsIn = async (store: Store) => (await store.listOperations({}, { limit: 1_000 })).map(({ id }) => id).sort();

  it('refuses a change, answers questions, and goes on once there is room', async () => {
    const store = await open();
    const id = await stored(store, 'queued');
    const before = await store.getOperation(id);
    disk.fill();
    expect(await refusal(begin(store, 'a'))).toMatchObject({ ...full, message: '[store] begin: the disk is full' });
    expect(await store.getOperation(id)).toEqual(before);
    expect(await idsIn(store)).toEqual([id]);
    disk.free();
    expect(await begin(store, 'a')).toMatchObject({ is: 'begun' });
    expect(await idsIn(await open())).toEqual(['a', id].sort());
  });

  it('refuses all who ask at the same time, and stores for all of them once there is room', async () => {
    const store = await open();
    disk.fill();
    const refused = await Promise.all(lanes.map((lane) => refusal(begin(store, lane))));
    expect(refused).toEqual(lanes.map(() => expect.objectContaining(full)));
    expect(await idsIn(store)).toEqual([]);
    disk.free();
    const begun = await Promise.all(lanes.map((lane) => begin(store, lane)));
    expect(begun.map(({ is }) => is)).toEqual(lanes.map(() => 'begun'));
    expect(await idsIn(await open())).toEqual(lanes);
  });

  // Less than one of them takes, enough for some, and so much that SQLite gives up before the end of a transaction.
  it.each([
    { room: 64_000, each: 100_000 },
    { room: 400_000, each: 100_000 },
    { room: 3_000_000, each: 700_000 },
  ])('tells each of several callers the truth where it becomes full between them: $room', async ({ room, each }) => {
    const store = await open();
    disk.fill(room);
    const input = 'x'.repeat(each);
    const told = await Promise.all(
      lanes.map((lane) =>
        begin(store, lane, input).then(
          () => ({ lane, stored: true }),
          (error: unknown) => {
            expect(error).toMatchObject(full);
            return { lane, stored: false };
          },
        ),
      ),
    );
    const kept = told.filter((one) => one.stored).map(({ lane }) => lane);
    expect(kept.length).toBeLessThan(lanes.length);
    expect(await idsIn(store)).toEqual(kept);
    expect(await idsIn(await open())).toEqual(kept);
    disk.free();
  });

  it('loses nothing where it is closed, and opened when there is room', async () => {
    const store = await openStore(path);
    const id = await stored(store, 'queued');
    disk.fill();
    expect(await refusal(begin(store, 'a'))).toMatchObject(full);
    await store.close();
    disk.free();
    expect(await idsIn(await open())).toEqual([id]);
  });

  it('is not made, and is made once there is room', async () => {
    disk.fill();
    expect(await refusal(openStore(path))).toMatchObject({ ...full, message: '[store] open: the disk is full' });
    disk.free();
    expect(await begin(await open(), 'a')).toMatchObject({ is: 'begun' });
  });

  it.each(['closed', 'killed'] as const)(
    'is not opened after its process was %s, and is once there is room',
    async (how) => {
      const store = await openStore(path);
      const id = await stored(store, 'queued');
      if (how === 'closed') await store.close();
      const left = join(disk.path, 'left.db');
      // The index beside it does not outlive a restart of the machine.
      for (const part of how === 'closed' ? [''] : ['', '-wal']) copyFileSync(path + part, left + part);
      if (how === 'killed') stores.push(store);
      disk.fill();
      for (const options of [{}, { readOnly: true }]) {
        const error = await refusal(openStore(left, options));
        expect(error).toMatchObject({ ...full, message: '[store] open: the disk is full' });
      }
      disk.free();
      expect(await idsIn(await open(left))).toEqual([id]);
    },
  );
});
