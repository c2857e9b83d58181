/** The fields of the model that a desk may keep, and how it says so. */

/** In the order in which a reader meets them. */
export const modelFields = [
  'contact.email',
  'contact.name',
  'contact.externalId',
  'thread.title',
  'thread.body (html)',
  'thread.body (markdown)',
  'thread.body (text)',
  'thread.priority (urgent)',
  'thread.priority (high, normal, low)',
  'thread.assigneeId',
  'thread.labelIds',
  'thread.companyId',
  'thread.customFields',
  'thread.externalId',
  'thread.createdAt',
  'thread.status',
  'thread.status.until',
  'reply.cc, reply.bcc',
  'import.createdAt',
  'import.externalId',
  'import.status.until',
  'import.messages.kind',
  'import.messages.author',
  'import.messages.createdAt',
  'import.messages.externalId',
] as const;

export type ModelField = (typeof modelFields)[number];

/** What becomes of a field. A test holds every rule against the emulated desk. */
export interface FieldRule {
  /** `kept`: read back as given. `changed`: stored as something else. `dropped`: not stored. The last two are losses. */
  readonly how: 'kept' | 'changed' | 'dropped';
  /** Where the desk puts it, in its own words. */
  readonly as: string;
}

export const kept = (as: string): FieldRule => ({ how: 'kept', as });
export const changed = (as: string): FieldRule => ({ how: 'changed', as });
export const dropped = (as: string): FieldRule => ({ how: 'dropped', as });
