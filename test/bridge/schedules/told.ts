/** What the callers of a schedule were told, and the words by which their writes are found again. */
import type { HelpdeskError } from '../../../src/core/errors.ts';
import type { OperationMethod } from '../../../src/store/store.ts';
import { people } from './steps.ts';

/** One call and its end; neither: its process died. */
export interface Told {
  readonly method: OperationMethod;
  /** The words it wrote, where it wrote any. */
  readonly text: string | undefined;
  readonly key: string | undefined;
  /** The call has succeeded, as this operation. */
  done?: { readonly operationId: string; readonly value: unknown };
  /** The call has failed. */
  failed?: HelpdeskError;
}

export interface KnownThread {
  /** Its first title, by which it is told from all others. */
  readonly title: string;
  readonly who: number;
  /** The old desk had it before there was a bridge: its id there. */
  readonly old: string | undefined;
  /** The caller's own id of it. */
  readonly externalId: string | undefined;
  /** On the desk that it was created on, once that is known. */
  readonly contactId: string | undefined;
  /** Somebody has asked for its deletion. */
  readonly deleted: boolean;
}

/** Whether a title is the thread's first one or one that it was given since. */
export const isCalled = (thread: KnownThread, title: string | undefined): boolean =>
  title === thread.title || title?.startsWith(titleOf(thread, '')) === true;
export const titleOf = (thread: KnownThread, what: string): string => `${thread.title}, title ${what}`;

/** No desk has failed, but the bridge itself. */
export const isMistake = ({ kind, provider }: HelpdeskError): boolean =>
  kind === 'unexpected' && provider === 'helpdesk-bridge';

export const emailOf = (who: number): string => `person-${who % people}@example.test`;
/** Between signs, so that no text is a part of another one. */
export const textOf = (what: string): string => `begin ${what} end`;
export const openingOf = (title: string): string => textOf(`opening of ${title}`);
