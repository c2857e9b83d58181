/** Productlane keeps every promise of the interface, in each way its documents can be read. */
import { describeConformance } from './conformance.ts';
import { productlaneWorld } from './worlds.ts';

describeConformance('Productlane', {
  'in process': { open: () => productlaneWorld() },
  'over a socket': { open: () => productlaneWorld({}, { served: true }) },
  'with transcripts': { open: () => productlaneWorld({}, { records: 'transcript' }) },
  'with transcripts that the desk writes anew': {
    open: () =>
      productlaneWorld(
        { storeHtml: (html) => html.replaceAll('·', '&middot;').replace(/<hr>|\n/g, '') },
        { records: 'transcript' },
      ),
  },
  'read the other way': {
    open: () =>
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
  },
  'with pages that may be short or empty': {
    open: () =>
      productlaneWorld({
        sparsePages: true,
        foreignCursor: 'accepted',
        thirdPartyFilters: 'ignored',
        deletedThread: 'thread',
        touchedBy: ['message', 'comment'],
        unknownQuery: 'ignored',
      }),
  },
});
