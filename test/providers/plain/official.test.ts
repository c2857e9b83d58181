/** Our generated types against those of Plain's own package. The compiler is the test; nothing here runs long. */
import type * as Official from '@team-plain/graphql';
import { describe, expectTypeOf, it } from 'vitest';
import type * as Ours from '../../../src/providers/plain/generated/graphql.ts';

/** The same type without what is a matter of style: readonly, explicit `undefined`, the word for tomorrow's words. */
type Input<T> = T extends '%future added value'
  ? never
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? Input<Item>[]
      : { -readonly [Key in keyof T]: Input<Exclude<T[Key], undefined>> };

/** As above, with absent and `null` made one, as they are in an answer. */
type Output<T> = T extends '%future added value'
  ? never
  : T extends undefined
    ? null
    : T extends string | number | boolean | null
      ? T
      : T extends readonly (infer Item)[]
        ? Output<Item>[]
        : { -readonly [Key in keyof T]-?: Output<T[Key] extends infer Value ? Value : never> };

describe("what we send is what Plain's package sends", () => {
  it('for every mutation', () => {
    expectTypeOf<Input<Ours.UpsertCustomerInput>>().toExtend<Input<Official.UpsertCustomerInput>>();
    expectTypeOf<Input<Ours.CreateThreadInput>>().toExtend<Input<Official.CreateThreadInput>>();
    expectTypeOf<Input<Ours.ReplyToThreadInput>>().toExtend<Input<Official.ReplyToThreadInput>>();
    expectTypeOf<Input<Ours.SendNewEmailInput>>().toExtend<Input<Official.SendNewEmailInput>>();
    expectTypeOf<Input<Ours.CreateNoteInput>>().toExtend<Input<Official.CreateNoteInput>>();
    expectTypeOf<Input<Ours.ImportThreadInput>>().toExtend<Input<Official.ImportThreadInput>>();
    expectTypeOf<Input<Ours.ImportThreadMessagesInput>>().toExtend<Input<Official.ImportThreadMessagesInput>>();
    expectTypeOf<Input<Ours.DeleteThreadInput>>().toExtend<Input<Official.DeleteThreadInput>>();
    expectTypeOf<Input<Ours.UpdateThreadTitleInput>>().toExtend<Input<Official.UpdateThreadTitleInput>>();
    expectTypeOf<Input<Ours.ChangeThreadPriorityInput>>().toExtend<Input<Official.ChangeThreadPriorityInput>>();
    expectTypeOf<Input<Ours.AssignThreadInput>>().toExtend<Input<Official.AssignThreadInput>>();
    expectTypeOf<Input<Ours.UnassignThreadInput>>().toExtend<Input<Official.UnassignThreadInput>>();
    expectTypeOf<Input<Ours.AddLabelsInput>>().toExtend<Input<Official.AddLabelsInput>>();
    expectTypeOf<Input<Ours.RemoveLabelsInput>>().toExtend<Input<Official.RemoveLabelsInput>>();
    expectTypeOf<Input<Ours.UpdateThreadTenantInput>>().toExtend<Input<Official.UpdateThreadTenantInput>>();
    expectTypeOf<Input<Ours.BulkUpsertThreadFieldsInput>>().toExtend<Input<Official.BulkUpsertThreadFieldsInput>>();
    expectTypeOf<Input<Ours.MarkThreadAsTodoInput>>().toExtend<Input<Official.MarkThreadAsTodoInput>>();
    expectTypeOf<Input<Ours.MarkThreadAsDoneInput>>().toExtend<Input<Official.MarkThreadAsDoneInput>>();
    expectTypeOf<Input<Ours.SnoozeThreadInput>>().toExtend<Input<Official.SnoozeThreadInput>>();
  });

  it('with no field left out that a thread can be created with', () => {
    expectTypeOf<keyof Official.CreateThreadInput>().toEqualTypeOf<keyof Ours.CreateThreadInput>();
    expectTypeOf<keyof Official.ImportThreadInput>().toEqualTypeOf<keyof Ours.ImportThreadInput>();
    expectTypeOf<keyof Official.ImportThreadMessageInput>().toEqualTypeOf<keyof Ours.ImportThreadMessageInput>();
    expectTypeOf<keyof Official.ComponentInput>().toEqualTypeOf<keyof Ours.ComponentInput>();
  });

  it('for every filter', () => {
    expectTypeOf<Input<Ours.ThreadsFilter>>().toExtend<Input<Official.ThreadsFilter>>();
    expectTypeOf<Input<Ours.CustomersFilter>>().toExtend<Input<Official.CustomersFilter>>();
    expectTypeOf<Input<Ours.TimelineEntryType>>().toEqualTypeOf<Official.TimelineEntryType>();
  });

  it('and a difference would be seen', () => {
    expectTypeOf<Input<Omit<Ours.CreateThreadInput, 'customerIdentifier'>>>().not.toExtend<
      Input<Official.CreateThreadInput>
    >();
    expectTypeOf<Input<Ours.SnoozeThreadInput>>().not.toExtend<Input<Official.DeleteNoteInput>>();
  });
});

type Scalar<T> = Pick<
  T,
  { [Key in keyof T]-?: NonNullable<T[Key]> extends string | number | boolean ? Key : never }[keyof T]
>;

describe("what we read is what Plain's package reads", () => {
  it('in every record whose fields go by their own names', () => {
    expectTypeOf<Output<Official.Customer>>().toExtend<Output<Ours.CustomerPartsFragment>>();
    expectTypeOf<Output<Official.MutationError>>().toExtend<Output<Ours.FailureFragment>>();
    expectTypeOf<Output<Official.EmailParticipant>>().toExtend<Output<Ours.EmailParticipantPartsFragment>>();
    expectTypeOf<Output<Official.Attachment>>().toExtend<Output<Ours.AttachmentPartsFragment>>();
    expectTypeOf<Output<Scalar<Official.Thread>>>().toExtend<Output<Scalar<Ours.ThreadPartsFragment>>>();
    expectTypeOf<Output<Official.Tenant | null>>().toExtend<Output<Ours.ThreadPartsFragment['tenant']>>();
    expectTypeOf<Output<Official.ThreadField[]>>().toExtend<Output<Ours.ThreadPartsFragment['threadFields']>>();
    expectTypeOf<Output<Official.Label[]>>().toExtend<Output<Ours.ThreadPartsFragment['labels']>>();
  });

  it('and a difference would be seen', () => {
    expectTypeOf<Output<Official.Tenant>>().not.toExtend<Output<Ours.CustomerPartsFragment>>();
  });
});
