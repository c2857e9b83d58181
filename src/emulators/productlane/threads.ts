/** What happens to a thread when it is opened, changed, snoozed or deleted. */
import { addContact } from './contacts.ts';
import { invalid, notFound, refusal } from './refusal.ts';
import type { ThreadCreate, ThreadUpdate } from './requests.ts';
import { showThread } from './responses.ts';
import type { AiDraft, CustomerNeedRow, ThreadRow, ThreadStatus } from './rows.ts';
import { addThread, linkThread, live, unlinkThread, unlistRow } from './state.ts';
import {
  contactByEmail,
  isBlocked,
  requireLinear,
  requireMember,
  requireRow,
  stamp,
  storedHtml,
  type Workspace,
} from './workspace.ts';

export function findThread(workspace: Workspace, id: string): ThreadRow {
  const thread = live(workspace.tables.threads, id);
  if (!thread) throw notFound('Thread');
  return thread;
}

/**
 * The contact is found or made by e-mail. A thread that is `snoozed` from the
 * start has no time to wake: the call has no field for one.
 */
export function openThread(workspace: Workspace, body: ThreadCreate, userId: string | null): ThreadRow {
  const { tables, switches } = workspace;
  requireMember(workspace, body.assignee_id, 'assignee_id');
  requireRow(tables.companies, body.company_id, 'company_id');
  if (body.project_id !== undefined) requireLinear(workspace, 'project_id');
  if (body.issue_id !== undefined) requireLinear(workspace, 'issue_id');
  if (switches.blockedSender === 'forbidden' && isBlocked(workspace, body.contact_email)) {
    throw refusal('forbidden', 'The sender is blocked.');
  }
  if (body.status === 'snoozed' && switches.snoozedOnCreate === 'refused') {
    throw invalid({ path: 'status', message: 'A thread cannot be snoozed before it exists' });
  }
  const text = storedHtml(workspace, body.text, 'text');
  const contact =
    contactByEmail(workspace, body.contact_email) ??
    addContact(workspace, { email: body.contact_email, name: body.contact_name || undefined });

  const now = stamp(workspace);
  const created_at = body.created_at ?? now;
  const status = body.status ?? 'open';
  const id = workspace.ids.next('thr');
  const row: ThreadRow = {
    id,
    created_at,
    updated_at: body.updated_at ?? now,
    deleted_at: null,
    title: body.title ?? null,
    text,
    pain_level: body.pain_level,
    origin: body.origin ?? 'api',
    status,
    is_new: status === 'open',
    closed_loop: false,
    snoozed_until: null,
    last_inbound_message_at: created_at,
    last_outbound_message_at: null,
    last_state_change_at: null,
    is_read: false,
    contact_id: contact.id,
    company_id: body.company_id ?? contact.company_ids[0] ?? null,
    assignee_id: body.assignee_id ?? null,
    reporter_id: userId,
    tag_ids: [],
    customer_needs: needOf(workspace, id, body.project_id ?? null, body.issue_id ?? null, now),
    external_ids: ('external_ids' in body && body.external_ids) || {},
  };
  addThread(tables, row);
  notify(workspace, row, body.notify, 'thread.created');
  workspace.webhooks.emit('thread.created', showThread(workspace, row));
  return row;
}

function needOf(
  workspace: Workspace,
  thread_id: string,
  project_id: string | null,
  issue_id: string | null,
  now: string,
  priority = 0,
): readonly CustomerNeedRow[] {
  if (project_id === null && issue_id === null) return [];
  const id = workspace.ids.next('cnd');
  return [{ id, thread_id, project_id, issue_id, priority, created_at: now, updated_at: now }];
}

export function changeThread(workspace: Workspace, id: string, body: ThreadUpdate): ThreadRow {
  const { tables, webhooks } = workspace;
  const row = findThread(workspace, id);
  checkChange(workspace, row, body);
  const text = body.text === undefined ? row.text : storedHtml(workspace, body.text, 'text');
  const now = stamp(workspace);

  row.text = text;
  if (body.title !== undefined) row.title = body.title;
  row.pain_level = body.pain_level ?? row.pain_level;
  if (body.assignee_id !== undefined) row.assignee_id = body.assignee_id;
  if (body.contact_id !== undefined) {
    unlinkThread(tables, row);
    row.contact_id = body.contact_id;
    linkThread(tables, row);
  }
  if (body.company_id !== undefined) moveToCompany(workspace, row, body.company_id, now);
  if (body.tag_ids !== undefined) row.tag_ids = [...new Set(body.tag_ids)];
  if (body.project_id !== undefined) relinkProject(workspace, row, body.project_id, now);
  if (body.external_ids !== undefined) row.external_ids = body.external_ids;
  changeDraft(row, body, now);
  row.updated_at = now;
  const moved = setStatus(workspace, row, body.status ?? row.status, body.snoozed_until, now);
  if (row.status === 'done') row.closed_loop = body.closed_loop ?? row.closed_loop;

  notify(workspace, row, body.notify, 'thread.updated');
  const shown = showThread(workspace, row);
  webhooks.emit('thread.updated', shown);
  if (moved) webhooks.emit('thread.status_changed', shown);
  if (body.assignee_id !== undefined) webhooks.emit('thread.assigned', shown);
  if (body.tag_ids !== undefined) webhooks.emit('thread.tagged', shown);
  return row;
}

function checkChange(workspace: Workspace, row: ThreadRow, body: ThreadUpdate): void {
  const { tables } = workspace;
  if (body.status === 'snoozed' && body.snoozed_until === undefined) {
    throw invalid({ path: 'snoozed_until', message: 'Required when status is snoozed' });
  }
  if (body.status === 'done' && row.status === 'done' && row.origin === 'live_chat') {
    throw refusal('conflict', 'The live chat is already closed.');
  }
  requireMember(workspace, body.assignee_id, 'assignee_id');
  requireRow(tables.contacts, body.contact_id, 'contact_id');
  requireRow(tables.companies, body.company_id, 'company_id');
  for (const [index, tagId] of (body.tag_ids ?? []).entries()) requireRow(tables.tags, tagId, `tag_ids.${index}`);
  if (typeof body.project_id === 'string') requireLinear(workspace, 'project_id');
}

/** The company of the thread also becomes its contact's primary one; `null` takes the thread's from both. */
function moveToCompany(workspace: Workspace, row: ThreadRow, companyId: string | null, now: string): void {
  const dropped = companyId ?? row.company_id;
  row.company_id = companyId;
  const contact = live(workspace.tables.contacts, row.contact_id);
  if (!contact) return;
  const others = contact.company_ids.filter((id) => id !== dropped);
  contact.company_ids = companyId === null ? others : [companyId, ...others];
  contact.updated_at = now;
}

function relinkProject(workspace: Workspace, row: ThreadRow, projectId: string | null, now: string): void {
  const issues = row.customer_needs.filter((need) => need.issue_id !== null);
  row.customer_needs = [...issues, ...needOf(workspace, row.id, projectId, null, now)];
}

const noDraft: AiDraft = { html: null, sources: null, generated_at: null, started_at: null, error_at: null };

/** A new draft takes back what was started or failed; an empty one clears the draft. */
function changeDraft(row: ThreadRow, body: ThreadUpdate, now: string): void {
  const { ai_draft_html, ai_draft_sources, clear_ai_draft_error } = body;
  if (ai_draft_html === undefined && ai_draft_sources === undefined && !clear_ai_draft_error) return;
  const draft = { ...(row.ai_draft ?? noDraft) };
  if (ai_draft_html) Object.assign(draft, { html: ai_draft_html, generated_at: now, started_at: null, error_at: null });
  else if (ai_draft_html !== undefined) Object.assign(draft, { html: null, generated_at: null });
  if (ai_draft_sources !== undefined) draft.sources = ai_draft_sources;
  if (clear_ai_draft_error) draft.error_at = null;
  row.ai_draft = draft;
}

/**
 * Writing `open` on a new thread leaves it new. A snooze that ends in the past
 * ends at once. Gives whether the status changed.
 */
export function setStatus(
  workspace: Workspace,
  row: ThreadRow,
  status: ThreadStatus,
  until: string | undefined,
  now: string,
): boolean {
  const before = row.status;
  row.status = status;
  if (status === 'snoozed') row.snoozed_until = until ?? row.snoozed_until;
  else row.snoozed_until = null;
  if (status !== 'done') row.closed_loop = false;
  if (status !== 'open') row.is_new = false;
  if (status !== before) row.last_state_change_at = now;
  if (status === 'snoozed' && until !== undefined) scheduleWake(workspace, row);
  return row.status !== before;
}

/** Opens the thread when its snooze is over, unless it has been changed until then. */
export function scheduleWake(workspace: Workspace, row: ThreadRow): void {
  const until = row.snoozed_until;
  if (until === null) return;
  const wake = (): void => {
    if (row.deleted_at !== null || row.status !== 'snoozed' || row.snoozed_until !== until) return;
    const now = stamp(workspace);
    row.updated_at = now;
    setStatus(workspace, row, 'open', undefined, now);
    const shown = showThread(workspace, row);
    workspace.webhooks.emit('thread.updated', shown);
    workspace.webhooks.emit('thread.status_changed', shown);
  };
  const delayMs = Date.parse(until) - workspace.clock.now().getTime();
  if (delayMs <= 0) wake();
  else workspace.clock.schedule(delayMs, wake);
}

export function deleteThread(workspace: Workspace, id: string): ThreadRow {
  const row = findThread(workspace, id);
  row.deleted_at = stamp(workspace);
  unlistRow(workspace.tables, 'threads', row);
  unlinkThread(workspace.tables, row);
  workspace.webhooks.emit('thread.deleted', showThread(workspace, row));
  return row;
}

export function addNeeds(
  workspace: Workspace,
  id: string,
  issues: readonly string[],
  projects: readonly string[],
  priority: number | undefined,
): readonly CustomerNeedRow[] {
  const row = findThread(workspace, id);
  requireLinear(workspace, '');
  const now = stamp(workspace);
  const added = [
    ...issues.flatMap((issue) => needOf(workspace, id, null, issue, now, priority)),
    ...projects.flatMap((project) => needOf(workspace, id, project, null, now, priority)),
  ];
  row.customer_needs = [...row.customer_needs, ...added];
  row.updated_at = now;
  for (const need of added) workspace.webhooks.emit('customer_need.created', need);
  return added;
}

function notify(workspace: Workspace, row: ThreadRow, channels: ThreadUpdate['notify'], about: string): void {
  for (const channel of ['slack', 'email'] as const) {
    if (channels?.[channel]) {
      workspace.postRoom.notify({ channel, threadId: row.id, about, at: workspace.clock.now() });
    }
  }
}
