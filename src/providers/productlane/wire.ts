/**
 * Shapes of the Productlane REST API, version 2.
 *
 * Responses name only what the model cannot do without, tolerate the rest and
 * keep it: an unknown key or word must not break a read. Requests are closed,
 * as the vendor's are.
 */
import * as z from 'zod/mini';
import type {
  ContactProviderOptions,
  CreateThreadProviderOptions,
  ReplyProviderOptions,
  UpdateThreadProviderOptions,
} from '../../core/provider-options.ts';

const time = z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value)), { error: () => 'is not a date' }));
const maybe = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

export const wireContact = z.looseObject({
  id: z.string(),
  email: z.string(),
  name: maybe(z.string()),
  company_id: maybe(z.string()),
  created_at: time,
  updated_at: time,
});

const wireUser = z.looseObject({ id: z.string(), name: maybe(z.string()), email: maybe(z.string()) });

export const wireThread = z.looseObject({
  id: z.string(),
  title: maybe(z.string()),
  text: maybe(z.string()),
  pain_level: z.string(),
  origin: maybe(z.string()),
  status: z.string(),
  snoozed_until: maybe(time),
  contact: maybe(wireContact),
  // `external_ids` is an object on older pages and a list on newer ones: not read, kept in `raw`.
  company: maybe(z.looseObject({ id: z.string(), name: z.string() })),
  assignee: maybe(wireUser),
  tags: maybe(z.array(z.looseObject({ id: z.string(), name: z.string() }))),
  created_at: time,
  updated_at: time,
});

/** Only names are published for this one, no types: everything but the identity is optional. */
export const wireMessage = z.looseObject({
  id: z.string(),
  created_at: time,
  text: maybe(z.string()),
  html: maybe(z.string()),
  type: maybe(z.string()),
  direction: maybe(z.string()),
  user_id: maybe(z.string()),
  from: z.optional(z.unknown()),
  attachments: maybe(z.array(z.unknown())),
});

export const wireComment = z.looseObject({
  id: z.string(),
  created_at: time,
  content: maybe(z.string()),
  user_id: maybe(z.string()),
});

export const wireTag = z.looseObject({ id: z.string() });

/** Answers to writes whose record is not read. The vendor publishes none for DELETE. */
export const wireId = z.looseObject({ id: z.string() });
export const wireNothing = z.unknown();

export const wireSent = z.looseObject({ id: z.string(), thread_id: z.string(), channel: z.string() });

export const wireMe = z.looseObject({
  workspace_id: z.string(),
  api_key_id: z.string(),
  scopes: z.array(z.string()),
});

export const wirePage = <T extends z.ZodMiniType>(item: T) =>
  z.looseObject({
    data: z.array(item),
    page: z.looseObject({ cursor: maybe(z.string()), has_more: z.boolean() }),
  });

export type WireContact = z.infer<typeof wireContact>;
export type WireThread = z.infer<typeof wireThread>;
export type WireMessage = z.infer<typeof wireMessage>;
export type WireComment = z.infer<typeof wireComment>;

type Vendor<T> = T extends { readonly productlane?: infer P } ? NonNullable<P> : never;

export type CreateThreadBody = Vendor<CreateThreadProviderOptions> & {
  readonly contact_email: string;
  readonly contact_name?: string | undefined;
  readonly title: string;
  readonly text: string;
};
export type UpdateThreadBody = Vendor<UpdateThreadProviderOptions>;
export type SendMessageBody = Vendor<ReplyProviderOptions> & { readonly content: string };
export type ContactBody = Vendor<ContactProviderOptions> & {
  readonly email?: string;
  readonly name?: string | undefined;
};

export type WirePain = NonNullable<CreateThreadBody['pain_level']>;
export type WireOrigin = NonNullable<CreateThreadBody['origin']>;
