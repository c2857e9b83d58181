/** Which shapes and words requests have: the schema's inputs, as graphql-js hands them over. */
import type * as Generated from '../../providers/plain/generated/graphql.ts';

/** Without the word that the generator adds for what the vendor may add one day: validation lets none through. */
type Known<Value> = Value extends string | number | boolean | null | undefined
  ? Exclude<Value, '%future added value'>
  : { readonly [Key in keyof Value]: Known<Value[Key]> };

export type AddLabelsInput = Known<Generated.AddLabelsInput>;
export type AssignThreadInput = Known<Generated.AssignThreadInput>;
export type BulkUpsertThreadFieldsInput = Known<Generated.BulkUpsertThreadFieldsInput>;
export type ChangeThreadPriorityInput = Known<Generated.ChangeThreadPriorityInput>;
export type ComponentContainerContentInput = Known<Generated.ComponentContainerContentInput>;
export type ComponentInput = Known<Generated.ComponentInput>;
export type ComponentRowContentInput = Known<Generated.ComponentRowContentInput>;
export type CreateNoteInput = Known<Generated.CreateNoteInput>;
export type CreateThreadInput = Known<Generated.CreateThreadInput>;
export type CustomerIdentifierInput = Known<Generated.CustomerIdentifierInput>;
export type CustomersFilter = Known<Generated.CustomersFilter>;
export type DatetimeFilter = Known<Generated.DatetimeFilter>;
export type DeleteThreadInput = Known<Generated.DeleteThreadInput>;
export type EmailParticipantInput = Known<Generated.EmailParticipantInput>;
export type EmailSendStatus = Known<Generated.EmailSendStatus>;
export type ImportThreadInput = Known<Generated.ImportThreadInput>;
export type ImportThreadMessageInput = Known<Generated.ImportThreadMessageInput>;
export type ImportThreadMessagesInput = Known<Generated.ImportThreadMessagesInput>;
export type ImportThreadStatusDetail = Known<Generated.ImportThreadStatusDetail>;
export type MarkThreadAsDoneInput = Known<Generated.MarkThreadAsDoneInput>;
export type MarkThreadAsTodoInput = Known<Generated.MarkThreadAsTodoInput>;
export type RemoveLabelsInput = Known<Generated.RemoveLabelsInput>;
export type ReplyToThreadInput = Known<Generated.ReplyToThreadInput>;
export type SendNewEmailInput = Known<Generated.SendNewEmailInput>;
export type SnoozeThreadInput = Known<Generated.SnoozeThreadInput>;
export type SortDirection = Known<Generated.SortDirection>;
export type TenantIdentifierInput = Known<Generated.TenantIdentifierInput>;
export type ThreadChannel = Known<Generated.ThreadChannel>;
export type ThreadFieldSchemaType = Known<Generated.ThreadFieldSchemaType>;
export type ThreadStatus = Known<Generated.ThreadStatus>;
export type ThreadsFilter = Known<Generated.ThreadsFilter>;
export type ThreadsSort = Known<Generated.ThreadsSort>;
export type TimelineEntryType = Known<Generated.TimelineEntryType>;
export type UnassignThreadInput = Known<Generated.UnassignThreadInput>;
export type UpdateThreadTenantInput = Known<Generated.UpdateThreadTenantInput>;
export type UpdateThreadTitleInput = Known<Generated.UpdateThreadTitleInput>;
export type UpsertCustomerInput = Known<Generated.UpsertCustomerInput>;
export type UpsertThreadFieldInput = Known<Generated.UpsertThreadFieldInput>;
export type UserIdentifierInput = Known<Generated.UserIdentifierInput>;
