/** Every promise of the interface, on every desk there is. */
import { describe, expect, it } from 'vitest';
import type { World } from '../src/testing/index.ts';
import { applies, conformanceCases } from '../src/testing/index.ts';
import { memoryWorld, type Opened, plainWorld, productlaneWorld } from './worlds.ts';

const worlds: Readonly<Record<string, () => World | Promise<Opened>>> = {
  'a desk in memory': () => memoryWorld(),
  'a desk in memory that forgets': () => memoryWorld({ forgetful: true }),
  Productlane: () => productlaneWorld(),
  'Productlane over a socket': () => productlaneWorld({}, { served: true }),
  'Productlane, where its documents leave it open': () =>
    productlaneWorld({
      errorEnvelope: 'flat',
      emailFilter: 'exact',
      emptyLastPage: true,
      messageKind: 'absent',
      messageAddresses: 'strings',
      commentsOrder: 'asc',
      dateBounds: 'inclusive',
      deletedThread: 'empty',
      duplicateContact: 'upsert',
      ids: 'uuid',
    }),
  'Productlane with short pages': () =>
    productlaneWorld({
      sparsePages: true,
      foreignCursor: 'accepted',
      thirdPartyFilters: 'ignored',
      deletedThread: 'thread',
      touchedBy: ['message', 'comment'],
      unknownQuery: 'ignored',
    }),
  Plain: () => plainWorld(),
  'Plain over a socket': () => plainWorld({}, { served: true }),
  'Plain, where its documents leave it open': () =>
    plainWorld({
      duplicateThread: 'existing',
      openingActor: 'customer',
      presentLabel: 'error',
      listOrder: 'oldest-first',
      timelineOrder: 'newest-first',
      importedEntry: 'EMAIL',
      replyToImported: 'email',
      notesAreMessages: true,
      rateLimitStatus: 200,
      nestedPermissions: true,
      noteReopens: true,
    }),
  'Plain with other imports': () =>
    plainWorld({ importedEntry: 'CUSTOM', importScope: 'workspace', importEvents: 'silent' }),
};

describe.each(Object.entries(worlds))('%s', async (_, open) => {
  const { helpdesk, emulated } = await open();
  it.each(conformanceCases.filter((one) => applies(one, { helpdesk, emulated } as World)))('$name', async ({ run }) => {
    const world = await open();
    try {
      await run(world);
    } finally {
      if ('close' in world) await world.close();
    }
  });
});

describe('the list of cases', () => {
  it('has no name twice', () => {
    const names = conformanceCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
