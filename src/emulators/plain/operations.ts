/** Which function answers which field of the schema, and what a key must be allowed for it. */
import { customerQueries, upsertCustomer } from './customers.ts';
import { failureOf, forbidden, forbiddenQuery, missingPermission } from './errors.ts';
import { importThread, importThreadMessages } from './imports.ts';
import { createNote, replyToThread, sendNewEmail } from './messages.ts';
import { lacking, machineUserOf, type Permission } from './permissions.ts';
import {
  addLabels,
  assignThread,
  changeThreadPriority,
  markThreadAsDone,
  markThreadAsTodo,
  removeLabels,
  snoozeThread,
  unassignThread,
  updateThreadTenant,
  updateThreadTitle,
} from './thread-changes.ts';
import { bulkUpsertThreadFields, upsertThreadField } from './thread-fields.ts';
import { threadQueries } from './thread-list.ts';
import { createThread, deleteThread } from './threads.ts';
import { machineUserView, workspaceView } from './views.ts';
import type { Call } from './world.ts';

const identityQueries = {
  myWorkspace: (_: unknown, { world }: Call) => workspaceView(world),
  myMachineUser: (_: unknown, { world, key }: Call) => machineUserView(world, machineUserOf(world, key)),
  myPermissions: (_: unknown, { key }: Call) => ({ permissions: key.permissions }),
};

const queries = { ...customerQueries, ...threadQueries, ...identityQueries };

const mutations = {
  addLabels,
  assignThread,
  bulkUpsertThreadFields,
  changeThreadPriority,
  createNote,
  createThread,
  deleteThread,
  importThread,
  importThreadMessages,
  markThreadAsDone,
  markThreadAsTodo,
  removeLabels,
  replyToThread,
  sendNewEmail,
  snoozeThread,
  unassignThread,
  updateThreadTenant,
  updateThreadTitle,
  upsertCustomer,
  upsertThreadField,
};

const neededFor: Readonly<Record<keyof typeof queries | keyof typeof mutations, readonly Permission[]>> = {
  customer: ['customer:read'],
  customerByEmail: ['customer:read'],
  customerByExternalId: ['customer:read'],
  customers: ['customer:read'],
  thread: ['thread:read'],
  threadByExternalId: ['thread:read'],
  threads: ['thread:read'],
  myWorkspace: [],
  myMachineUser: [],
  myPermissions: [],
  addLabels: ['label:create'],
  assignThread: ['thread:assign', 'thread:read'],
  bulkUpsertThreadFields: ['threadField:create', 'threadField:update'],
  changeThreadPriority: ['thread:edit'],
  createNote: ['note:create'],
  createThread: ['thread:create', 'thread:read'],
  deleteThread: ['thread:delete'],
  importThread: ['thread:import'],
  importThreadMessages: ['thread:import'],
  markThreadAsDone: ['thread:edit', 'thread:read'],
  markThreadAsTodo: ['thread:edit', 'thread:read'],
  removeLabels: ['label:delete'],
  // Its own permission, or that of the channel: the operation knows which.
  replyToThread: [],
  sendNewEmail: ['email:create', 'email:read'],
  snoozeThread: ['thread:edit', 'thread:read'],
  unassignThread: ['thread:unassign', 'thread:read'],
  updateThreadTenant: ['thread:edit'],
  updateThreadTitle: ['thread:edit'],
  upsertCustomer: ['customer:create', 'customer:edit'],
  upsertThreadField: ['threadField:create', 'threadField:update'],
};

/** Permissions for what is selected below a root field; empty where the workspace does not ask for them. */
export type NestedPermissions = (responseName: string) => readonly Permission[];

export interface RootContext extends Call {
  readonly nested: NestedPermissions;
}

type Resolve = (
  args: never,
  context: RootContext,
  info: { readonly path: { readonly key: string | number } },
) => unknown;

/** graphql-js's root value: the fields of both root types. */
export const root: Readonly<Record<string, Resolve>> = {
  ...each(queries, (run, needed) => (args, context, { path }) => {
    const missing = lacking(context.key, [...needed, ...context.nested(String(path.key))]);
    if (missing) throw forbiddenQuery(missing);
    return run(args, context);
  }),
  ...each(mutations, (run, needed) => (args, context, { path }) => {
    try {
      const missing = lacking(context.key, [...needed, ...context.nested(String(path.key))]);
      if (missing) throw forbidden(missingPermission(missing));
      return run(args, context);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      // The two lists that are never null.
      return { error: failure, labels: [], results: [] };
    }
  }),
};

function each<Name extends keyof typeof neededFor>(
  runs: Readonly<Record<Name, (args: never, call: Call) => unknown>>,
  wrap: (run: (args: never, call: Call) => unknown, needed: readonly Permission[]) => Resolve,
): Record<string, Resolve> {
  const names = Object.keys(runs) as Name[];
  return Object.fromEntries(names.map((name) => [name, wrap(runs[name], neededFor[name])]));
}
