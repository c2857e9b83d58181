/** Which inputs are acceptable on every desk. An adapter adds its own limits. */
import * as z from 'zod/mini';
import { emailAddress } from './email.ts';
import type {
  ContactInput,
  CreateThreadInput,
  ImportThreadInput,
  NoteInput,
  RecordMessagesInput,
  ReplyInput,
  ThreadFilter,
  UpdateThreadInput,
} from './helpdesk.ts';
import { bodyFormats, messageKinds, priorities } from './model.ts';
import {
  contactProviderOptions,
  createThreadProviderOptions,
  importThreadProviderOptions,
  recordProviderOptions,
  replyProviderOptions,
  updateThreadProviderOptions,
} from './provider-options.ts';

/** A schema for each field of `T`: a field that the interface gains and this file does not is a compile error. */
type Fields<T> = Record<keyof T, z.ZodMiniType>;

/** White space and control characters are nothing: the latter are taken out on the way. */
const nonEmpty = z.refine<string>((value) => /[^\s\p{Cc}]/u.test(value), { error: () => 'must not be empty' });
const text = z.string().check(nonEmpty);
const id = z.string().check(
  nonEmpty,
  z.maxLength(200),
  // What could leave its place in a path.
  z.refine<string>((value) => !/[\s/\\?#%\p{Cc}]/u.test(value) && !/^\.+$/.test(value), {
    error: () => 'is not an id',
  }),
);
const title = text.check(z.maxLength(512));
const body = z.strictObject({ format: z.enum(bodyFormats), content: text });
const future = z
  .date()
  .check(z.refine((date) => date.getTime() > Date.now(), { error: () => 'must be in the future' }));

const contactRef = z
  .strictObject({
    id: z.optional(id),
    email: z.optional(emailAddress),
    name: z.optional(text),
    externalId: z.optional(text),
  })
  .check(
    z.refine((ref) => [ref.id, ref.email, ref.externalId].filter((given) => given !== undefined).length === 1, {
      error: () => 'give exactly one of id, email, externalId',
    }),
    z.refine((ref) => ref.name === undefined || ref.email !== undefined, {
      path: ['name'],
      error: () => 'goes with email only',
    }),
  );

const statusUntil = (until: z.ZodMiniType<Date>) =>
  z.discriminatedUnion('is', [
    z.strictObject({ is: z.literal('open') }),
    z.strictObject({ is: z.literal('snoozed'), until }),
    z.strictObject({ is: z.literal('done') }),
  ]);

const customFields = z
  .array(
    z.discriminatedUnion('type', [
      z.strictObject({ key: text, type: z.enum(['string', 'enum']), value: z.string() }),
      z.strictObject({ key: text, type: z.literal('boolean'), value: z.boolean() }),
      z.strictObject({ key: text, type: z.enum(['number', 'currency']), value: z.number() }),
      z.strictObject({ key: text, type: z.literal('date'), value: z.date() }),
    ]),
  )
  .check(z.maxLength(25));

const recipients = z.array(z.strictObject({ email: emailAddress, name: z.optional(text) }));

const recordedMessage = z.strictObject({
  externalId: text,
  kind: z.enum(messageKinds),
  // Mail that was nothing but an attachment has no words.
  body: z.strictObject({ format: z.enum(bodyFormats), content: z.string() }),
  createdAt: z.date(),
  author: z.optional(
    z.strictObject({ id: z.optional(id), name: z.optional(z.string()), email: z.optional(z.string()) }),
  ),
});

const messages = z.array(recordedMessage).check(
  z.minLength(1),
  z.refine((given) => new Set(given.map(({ externalId }) => externalId)).size === given.length, {
    error: () => 'have two messages of the same externalId',
  }),
);

/** What a thread has on both ways in. */
const placed = {
  contact: contactRef,
  title,
  priority: z.optional(z.enum(priorities)),
  assigneeId: z.optional(id),
  labelIds: z.optional(z.array(id)),
  companyId: z.optional(id),
  customFields: z.optional(customFields),
};

export const idInput = id;
export const emailInput = emailAddress;

export const contactInput = z.strictObject({
  email: emailAddress,
  name: z.optional(text),
  externalId: z.optional(text),
  providerOptions: z.optional(contactProviderOptions),
} satisfies Fields<ContactInput>);

export const createThreadInput = z.strictObject({
  ...placed,
  body,
  externalId: z.optional(text),
  createdAt: z.optional(z.date()),
  providerOptions: z.optional(createThreadProviderOptions),
} satisfies Fields<CreateThreadInput>);

export const updateThreadInput = z
  .strictObject({
    title: z.optional(title),
    status: z.optional(statusUntil(future)),
    priority: z.optional(z.enum(priorities)),
    assigneeId: z.optional(z.nullable(id)),
    labelIds: z.optional(z.array(id)),
    companyId: z.optional(z.nullable(id)),
    customFields: z.optional(customFields),
    providerOptions: z.optional(updateThreadProviderOptions),
  } satisfies Fields<UpdateThreadInput>)
  .check(
    z.refine((changes) => Object.values(changes).some((change) => change !== undefined), {
      error: () => 'changes nothing',
    }),
  );

export const replyInput = z.strictObject({
  threadId: id,
  body,
  cc: z.optional(recipients),
  bcc: z.optional(recipients),
  providerOptions: z.optional(replyProviderOptions),
} satisfies Fields<ReplyInput>);

export const noteInput = z.strictObject({ threadId: id, body } satisfies Fields<NoteInput>);

export const importThreadInput = z.strictObject({
  ...placed,
  externalId: text,
  createdAt: z.date(),
  // The end may be past by now: this is history.
  status: z.optional(statusUntil(z.date())),
  messages,
  providerOptions: z.optional(importThreadProviderOptions),
} satisfies Fields<ImportThreadInput>);

export const recordMessagesInput = z.strictObject({
  threadId: id,
  messages,
  providerOptions: z.optional(recordProviderOptions),
} satisfies Fields<RecordMessagesInput>);

export const threadFilter = z.strictObject({
  status: z.optional(z.enum(['open', 'snoozed', 'done'])),
  contactId: z.optional(id),
  assigneeId: z.optional(id),
  labelId: z.optional(id),
  updatedSince: z.optional(z.date()),
} satisfies Fields<ThreadFilter>);

export const threadKey = z.strictObject({ contactId: id, externalId: text });

export const contactFilter = z.strictObject({ updatedSince: z.optional(z.date()) });
