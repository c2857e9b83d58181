/** What becomes of calls that are in flight while a durable store is closed, and of those that come later. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/store.ts';
import {
  done,
  dropSchema,
  hasPostgres,
  newIntent,
  newLease,
  newSchema,
  postgresUrl,
  refusal,
  temporaryFolder,
} from './engines.ts';

const schema = newSchema();
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());
afterAll(() => (hasPostgres ? dropSchema(schema) : undefined));

const engines = [
  { name: 'SQLite', open: () => openStore(join(folder.path, 'bridge.db')) },
  { name: 'PostgreSQL', open: () => openStore(postgresUrl, { schema }) },
] as const;

const link = { kind: 'thread', lane: 'lane', from: undefined, to: undefined, externalId: undefined } as const;

for (const { name, open } of engines)
  describe.skipIf(name === 'PostgreSQL' && !hasPostgres)(`a store that is closed, ${name}`, () => {
    /** What is there afterwards. */
    async function found<T>(look: (store: Store) => Promise<T>): Promise<T> {
      const store = await open();
      try {
        return await look(store);
      } finally {
        await store.close();
      }
    }

    it('answers all that was asked before, however many wait', async () => {
      const store = await open();
      const taken = Array.from({ length: 40 }, (_, index) => store.take(newLease({ lane: `many ${index}` })));
      await store.close();
      expect((await Promise.all(taken)).every(Boolean)).toBe(true);
    });

    it('ends a settlement as a whole, at whatever point it is', async () => {
      const store = await open();
      const ids = Array.from({ length: 40 }, () => newIntent().id);
      await Promise.all(ids.map((id) => store.begin(newIntent({ id, lane: id }), newLease({ lane: id }))));
      await store.close();
      for (const [ticks, id] of ids.entries()) {
        const closing = await open();
        const settlement = { ...done, links: [{ ...link, from: id }] };
        const settled = closing.settle(id, settlement, newLease({ lane: id }));
        for (let tick = 0; tick < ticks; tick++) await null;
        await closing.close();
        expect(await settled).toBe(true);
        const there = await found(async (later) => ({
          state: (await later.getOperation(id))?.state,
          linked: (await later.findLink('thread', 'from', id)) !== undefined,
        }));
        expect(there).toEqual({ state: 'done', linked: true });
      }
    });

    it('refuses what is asked later', async () => {
      const store = await open();
      await store.close();
      const error = await refusal(store.take(newLease()));
      expect(error).toMatchObject({ kind: 'invalid', applied: 'no', message: '[store] take: the store is closed' });
      expect(await found((later) => later.take(newLease({ owner: 'bob' })))).toBe(true);
    });

    it('may be closed twice', async () => {
      const store = await open();
      await Promise.all([store.close(), store.close()]);
      await store.close();
    });

    it('ends a watch that was just being opened', async () => {
      const store = await open();
      const watch = store.watch(async () => {}, { concurrency: 1, now: Date.now, pollMs: 60_000_000 });
      await store.close();
      await (await watch).close();
    });
  });
