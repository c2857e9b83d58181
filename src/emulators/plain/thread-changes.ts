/** How a thread changes, one mutation for each attribute. */

import { invalid, notFound, refuse } from './errors.ts';
import { tenantChanged, threadChanged } from './events.ts';
import { checkLength, checkPriority } from './input.ts';
import { checkLabelTypes, getTenant, getThread, toAssignee } from './lookup.ts';
import type { AssigneeRef, StatusDetail, Thread, ThreadStatus } from './records.ts';
import { checkRequiredFields } from './thread-fields.ts';
import { threadView } from './thread-views.ts';
import { longestTitle, newLabel } from './threads.ts';
import { addEntry, changeThread, checkUnlocked, setStatus } from './timeline.ts';
import { labelView, type View } from './views.ts';
import type {
  AddLabelsInput,
  AssignThreadInput,
  ChangeThreadPriorityInput,
  MarkThreadAsDoneInput,
  MarkThreadAsTodoInput,
  RemoveLabelsInput,
  SnoozeThreadInput,
  UnassignThreadInput,
  UpdateThreadTenantInput,
  UpdateThreadTitleInput,
} from './wire.ts';
import { type Call, now, type World } from './world.ts';

interface With<Input> {
  readonly input: Input;
}

function changeable(world: World, threadId: string): Thread {
  const thread = getThread(world, threadId);
  checkUnlocked(world, thread);
  return thread;
}

function answer(world: World, thread: Thread): View {
  return { thread: threadView(world, thread) };
}

export function markThreadAsDone({ input }: With<MarkThreadAsDoneInput>, call: Call): View {
  const thread = changeable(call.world, input.threadId);
  const type = input.statusDetail ?? 'DONE_MANUALLY_SET';
  // Deprecated, and a thread's status detail has no type for it.
  if (type === 'TIMER_EXPIRED') throw invalid('statusDetail', 'TIMER_EXPIRED cannot be set.');
  checkRequiredFields(call.world, thread);
  return transition(call, thread, 'DONE', { type });
}

export function markThreadAsTodo({ input }: With<MarkThreadAsTodoInput>, call: Call): View {
  const thread = changeable(call.world, input.threadId);
  return transition(call, thread, 'TODO', { type: input.statusDetail ?? 'IN_PROGRESS' });
}

export function snoozeThread({ input }: With<SnoozeThreadInput>, call: Call): View {
  const { world } = call;
  const thread = changeable(world, input.threadId);
  const { durationSeconds } = input;
  const hasDuration = durationSeconds !== null && durationSeconds !== undefined;
  const type = input.statusDetail ?? (hasDuration ? 'WAITING_FOR_DURATION' : undefined);
  if (type === undefined)
    throw invalid('durationSeconds', 'Either a duration or a status detail is needed.', 'REQUIRED');
  if (type !== 'WAITING_FOR_DURATION') {
    if (hasDuration) throw invalid('durationSeconds', `${type} takes no duration.`);
    return transition(call, thread, 'SNOOZED', { type });
  }
  if (!hasDuration) throw invalid('durationSeconds', 'Is needed for WAITING_FOR_DURATION.', 'REQUIRED');
  const { shortestSnooze, longestSnooze } = world.switches;
  if (durationSeconds < shortestSnooze || durationSeconds > longestSnooze) {
    throw invalid('durationSeconds', `Must be ${shortestSnooze} to ${longestSnooze} seconds.`);
  }
  const waitingUntil = new Date(world.clock.now().getTime() + durationSeconds * 1000).toISOString();
  return transition(call, thread, 'SNOOZED', { type, waitingUntil, durationSeconds });
}

function transition({ world, actor }: Call, thread: Thread, status: ThreadStatus, detail: StatusDetail): View {
  const isRepeated =
    status === thread.status &&
    detail.type === thread.statusDetail.type &&
    detail.durationSeconds === thread.statusDetail.durationSeconds;
  if (isRepeated && detail.waitingUntil === undefined) {
    if (world.switches.repeatedStatus === 'refused') throw refuse('thread_already_is_status', `It is ${status}.`);
    return answer(world, thread);
  }
  return answer(world, setStatus(world, thread, status, detail, actor));
}

export function changeThreadPriority({ input }: With<ChangeThreadPriorityInput>, { world, actor }: Call): View {
  const thread = changeable(world, input.threadId);
  const { priority } = input;
  checkPriority(priority);
  if (priority === thread.priority) return answer(world, thread);
  const changed = changeThread(world, thread, { priority }, actor);
  threadChanged(world, 'thread.thread_priority_changed', thread, changed);
  return answer(world, changed);
}

export function assignThread({ input }: With<AssignThreadInput>, call: Call): View {
  const { threadId, userId, machineUserId } = input;
  const thread = changeable(call.world, threadId);
  return assign(call, thread, toAssignee(call.world, 'userId', { userId, machineUserId }));
}

export function unassignThread({ input }: With<UnassignThreadInput>, call: Call): View {
  return assign(call, changeable(call.world, input.threadId), null);
}

function assign({ world, actor }: Call, thread: Thread, assignee: AssigneeRef | null): View {
  if (assignee?.is === thread.assignee?.is && assignee?.id === thread.assignee?.id) return answer(world, thread);
  const at = now(world);
  const changed = changeThread(world, thread, { assignee, assignedAt: assignee && at }, actor, at);
  const content = { type: 'THREAD_ASSIGNMENT_TRANSITIONED', nextAssignee: assignee } as const;
  addEntry(world, changed, { actor, content, timestamp: at });
  threadChanged(world, 'thread.thread_assignment_transitioned', thread, changed);
  return answer(world, changed);
}

export function addLabels({ input }: With<AddLabelsInput>, { world, actor }: Call): View {
  const thread = changeable(world, input.threadId);
  const wanted = checkLabelTypes(world, input.labelTypeIds);
  const isPresent = (id: string): boolean => thread.labels.some(({ labelTypeId }) => labelTypeId === id);
  if (world.switches.presentLabel === 'error' && wanted.some(isPresent)) {
    throw refuse('label_with_given_type_already_added_to_thread', 'The thread has a label of this type.');
  }
  const at = now(world);
  const labels = wanted.filter((id) => !isPresent(id)).map((id) => newLabel(world, id, actor, at));
  if (labels.length === 0) return { labels: [], ...answer(world, thread) };
  const changed = changeThread(world, thread, { labels: [...thread.labels, ...labels] }, actor, at);
  threadChanged(world, 'thread.thread_labels_changed', thread, changed, 'ADDED');
  return { labels: labels.map((label) => labelView(world, label)), ...answer(world, changed) };
}

export function removeLabels({ input }: With<RemoveLabelsInput>, { world, actor }: Call): View {
  const { labelIds } = input;
  const threads = labelIds.map((id) => world.tables.threadOfLabel(id));
  const [thread] = threads;
  if (labelIds.length === 0) throw invalid('labelIds', 'At least one is needed.', 'REQUIRED');
  if (!thread || threads.includes(undefined)) throw notFound('labelIds', 'Label');
  if (threads.some((other) => other?.id !== thread.id)) throw invalid('labelIds', 'Must be of one thread.');
  checkUnlocked(world, thread);
  const labels = thread.labels.filter(({ id }) => !labelIds.includes(id));
  const changed = changeThread(world, thread, { labels }, actor);
  threadChanged(world, 'thread.thread_labels_changed', thread, changed, 'REMOVED');
  return answer(world, changed);
}

export function updateThreadTitle({ input }: With<UpdateThreadTitleInput>, { world, actor }: Call): View {
  const thread = changeable(world, input.threadId);
  const { title } = input;
  checkLength('title', title, longestTitle);
  return answer(world, title === thread.title ? thread : changeThread(world, thread, { title }, actor));
}

export function updateThreadTenant({ input }: With<UpdateThreadTenantInput>, { world, actor }: Call): View {
  const thread = changeable(world, input.threadId);
  const tenantId = input.tenantIdentifier ? getTenant(world, input.tenantIdentifier).id : null;
  if (tenantId === thread.tenantId) return answer(world, thread);
  const changed = changeThread(world, thread, { tenantId }, actor);
  tenantChanged(world, thread, changed);
  return answer(world, changed);
}
