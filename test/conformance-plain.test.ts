/** Plain keeps every promise of the interface, in each way its documents can be read. */
import { describeConformance } from './conformance.ts';
import { plainWorld } from './worlds.ts';

/** The vendor does not say as what an imported text is shown. Sent as it is, it is right as text alone. */
const importsAsMarkdown = {
  'takes no sign in a note or a recorded message for markup': 'imports are shown as Markdown',
};

describeConformance('Plain', {
  'in process': { open: () => plainWorld() },
  'over a socket': { open: () => plainWorld({}, { served: true }) },
  'read the other way': {
    except: importsAsMarkdown,
    open: () =>
      plainWorld({
        duplicateThread: 'existing',
        identifierExternalId: 'taken-over',
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
  },
  'with other imports': {
    except: {
      ...importsAsMarkdown,
      'sets the status a thread has already': 'nobody says with which code this is refused',
    },
    open: () =>
      plainWorld({
        importedEntry: 'CUSTOM',
        importScope: 'workspace',
        importEvents: 'silent',
        emptyRowAside: 'accepted',
        foreignCursor: 'accepted',
        repeatedStatus: 'refused',
      }),
  },
});
