/** How a stored thread looks to a query. */

import { type Entry, isMessage } from './entries.ts';
import type { ThreadTimelineEntriesFilter } from './entry-views.ts';
import { entryView } from './entry-views.ts';
import { type PageArguments, page } from './paging.ts';
import type { StatusDetail, StatusDetailType, Thread, ThreadField } from './records.ts';
import { timelineKey } from './state.ts';
import {
  actorView,
  assigneeView,
  customerView,
  dateTime,
  labelView,
  refOf,
  stamps,
  tenantView,
  type View,
} from './views.ts';
import type { Call, World } from './world.ts';

export function threadView(world: World, thread: Thread): View {
  const { id, customerId, externalId, title, description, previewText, priority, channel, status, tenantId } = thread;
  const { customers, tenants } = world.tables;
  return {
    id,
    ref: refOf(thread),
    externalId,
    title,
    description,
    previewText,
    priority,
    channel,
    status,
    statusDetail: () => statusDetailView(world, thread.statusDetail, thread.statusChangedAt),
    statusChangedAt: dateTime(world, thread.statusChangedAt),
    statusChangedBy: () => actorView(world, thread.statusChangedBy),
    customer: () => {
      const customer = customers.get(customerId);
      return customer && customerView(world, customer);
    },
    assignedTo: () => assigneeView(world, thread.assignee),
    assignedAt: dateTime(world, thread.assignedAt),
    labels: () => thread.labels.map((label) => labelView(world, label)),
    threadFields: () => thread.fields.map((field) => threadFieldView(world, thread, field)),
    tenant: () => {
      const tenant = tenants.get(tenantId ?? '');
      return tenant && tenantView(world, tenant);
    },
    lockedAt: dateTime(world, thread.lockedAt),
    timelineEntries: (asked: TimelineArguments, call: Call) => timelinePage(world, thread, asked, call),
    ...stamps(world, thread),
  };
}

export function threadFieldView(world: World, thread: Thread, field: ThreadField): View {
  const { id, key, type, stringValue, booleanValue, numberValue } = field;
  return {
    id,
    key,
    type,
    threadId: thread.id,
    stringValue,
    booleanValue,
    numberValue,
    dateValue: dateTime(world, field.dateValue),
    isAiGenerated: false,
    ...stamps(world, field),
  };
}

const statusDetailTypes = {
  CREATED: 'ThreadStatusDetailCreated',
  IN_PROGRESS: 'ThreadStatusDetailInProgress',
  NEW_REPLY: 'ThreadStatusDetailNewReply',
  THREAD_DISCUSSION_RESOLVED: 'ThreadStatusDetailThreadDiscussionResolved',
  THREAD_LINK_UPDATED: 'ThreadStatusDetailThreadLinkUpdated',
  WAITING_FOR_CUSTOMER: 'ThreadStatusDetailWaitingForCustomer',
  WAITING_FOR_DURATION: 'ThreadStatusDetailWaitingForDuration',
  WAITING_INDEFINITELY: 'ThreadStatusDetailWaitingIndefinitely',
  DONE_AUTOMATICALLY_SET: 'ThreadStatusDetailDoneAutomaticallySet',
  DONE_MANUALLY_SET: 'ThreadStatusDetailDoneManuallySet',
  IGNORED: 'ThreadStatusDetailIgnored',
} as const satisfies Record<StatusDetailType, string>;

function statusDetailView(world: World, detail: StatusDetail, changedAt: string): View {
  return {
    __typename: statusDetailTypes[detail.type],
    statusChangedAt: dateTime(world, changedAt),
    createdAt: dateTime(world, changedAt),
    waitingUntil: dateTime(world, detail.waitingUntil),
  };
}

interface TimelineArguments extends PageArguments {
  readonly filters?: ThreadTimelineEntriesFilter | null | undefined;
}

function timelinePage(world: World, thread: Thread, { filters, ...asked }: TimelineArguments, call: Call): unknown {
  const { timelineOrder, foreignCursor, notesAreMessages } = world.switches;
  call.listed = { timelineOf: thread.id };
  const types = filters?.entryTypes;
  const isWanted = (entry: Entry): boolean => {
    if (types) return types.some((type) => type === entry.content.type);
    if (!filters?.isMessage) return true;
    return isMessage(entry) || (notesAreMessages && entry.content.type === 'NOTE');
  };
  return page(
    {
      rows: world.tables.timelines.get(thread.id) ?? [],
      keyOf: timelineKey,
      direction: timelineOrder === 'oldest-first' ? 'asc' : 'desc',
      accept: isWanted,
      scope: ['timelineEntries', thread.id, filters],
      foreignCursor,
    },
    asked,
    (entry) => entryView(world, entry),
  );
}
