/** The ways in which the desk in memory answers the traits: all yes, or all no with notes or transcripts. */
import type { Traits } from '../../core/helpdesk.ts';
import { priorities } from '../../core/model.ts';

export const keeping: Traits = {
  bodyFormat: 'html',
  titleLimit: 512,
  priorities,
  backdatesThreads: true,
  keepsExternalIds: true,
  keepsCustomFields: true,
  recordsMessages: 'as-messages',
  importsThreadsOnce: true,
  returnsReplyId: true,
};

export const forgetting: Traits = {
  bodyFormat: 'text',
  titleLimit: 200,
  priorities: ['high', 'normal'],
  backdatesThreads: false,
  keepsExternalIds: false,
  keepsCustomFields: false,
  recordsMessages: 'as-notes',
  importsThreadsOnce: false,
  returnsReplyId: false,
};

export const transcribing: Traits = { ...forgetting, recordsMessages: 'in-transcript' };
