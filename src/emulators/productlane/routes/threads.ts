/** Which thread, message and comment calls there are. */
import { type Call, listPage, type Routes, readBody, readFilters, type Service, scope, withinDates } from '../app.ts';
import { addComment, changeComment, commentsOf, deleteComment, messagesOf, sendMessage } from '../conversation.ts';
import { invalid } from '../refusal.ts';
import { bodies, bodiesOf, queries } from '../requests.ts';
import { plainText, showComment, showMessage, showThread, tabOf } from '../responses.ts';
import type { ThreadRow } from '../rows.ts';
import { addNeeds, changeThread, deleteThread, findThread, openThread } from '../threads.ts';
import type { Workspace } from '../workspace.ts';

export function threadRoutes(app: Routes, { workspace, pager }: Service): void {
  const { tables, switches } = workspace;
  const later = bodiesOf(switches.specification);

  app.get('/threads', scope('threads:read'), (call) => {
    const filters = readFilters(call, workspace, queries.threads);
    const rows =
      filters.contact_id === undefined ? tables.lists.threads : (tables.threadsOfContact.get(filters.contact_id) ?? []);
    const show = (row: ThreadRow) => showThread(workspace, row);
    return call.json(listPage(call, pager, { rows, keep: keepThreads(call, workspace, filters), show }));
  });

  app.post('/threads', scope('threads:write'), async (call) => {
    const body = await readBody(call, workspace, later.threadCreate);
    return call.json(showThread(workspace, openThread(workspace, body, call.get('key').userId)));
  });

  app.get('/threads/:id', scope('threads:read'), (call) => {
    const { expand } = readFilters(call, workspace, queries.thread);
    const row = findThread(workspace, call.req.param('id'));
    return call.json({ ...showThread(workspace, row), ...expansion(workspace, row, expand?.split(',') ?? []) });
  });

  app.patch('/threads/:id', scope('threads:write'), async (call) => {
    const body = await readBody(call, workspace, later.threadUpdate);
    return call.json(showThread(workspace, changeThread(workspace, call.req.param('id'), body)));
  });

  app.delete('/threads/:id', scope('threads:write'), (call) => {
    const row = deleteThread(workspace, call.req.param('id'));
    if (switches.deletedThread === 'empty') return call.body(null, 204);
    return call.json(switches.deletedThread === 'thread' ? showThread(workspace, row) : { id: row.id, deleted: true });
  });

  app.get('/threads/:id/messages', scope('threads:read'), (call) => {
    const { order = 'asc', type, direction, user_id, q, ...dates } = readFilters(call, workspace, queries.messages);
    const rows = messagesOf(workspace, findThread(workspace, call.req.param('id')));
    const within = withinDates(workspace, dates);
    return call.json(
      listPage(call, pager, {
        rows,
        order,
        keep: (row) =>
          (type === undefined || row.type === type) &&
          (direction === undefined || row.direction === direction) &&
          (user_id === undefined ||
            (row.user_id === user_id && row.direction === 'outbound' && row.type !== 'live_chat')) &&
          (q === undefined || plainText(row.html).toLowerCase().includes(q.toLowerCase())) &&
          within(row),
        show: (row) => showMessage(switches, row),
      }),
    );
  });

  app.post('/threads/:id/messages', scope('messages:write'), async (call) => {
    const body = await readBody(call, workspace, later.messageSend);
    return call.json(sendMessage(workspace, call.req.param('id'), body, call.get('key').userId));
  });

  app.get('/threads/:id/comments', scope('threads:read'), (call) => {
    readFilters(call, workspace, queries.none);
    const rows = commentsOf(workspace, findThread(workspace, call.req.param('id')));
    return call.json(listPage(call, pager, { rows, order: switches.commentsOrder, show: showComment }));
  });

  app.post('/threads/:id/comments', scope('comments:write'), async (call) => {
    const body = await readBody(call, workspace, bodies.comment);
    return call.json(showComment(addComment(workspace, call.req.param('id'), body, call.get('key').userId)));
  });

  app.patch('/threads/:id/comments/:comment', scope('comments:write'), async (call) => {
    const { id, comment } = call.req.param();
    const body = await readBody(call, workspace, bodies.commentUpdate);
    return call.json(showComment(changeComment(workspace, id, comment, body)));
  });

  app.delete('/threads/:id/comments/:comment', scope('comments:write'), (call) => {
    const { id, comment } = call.req.param();
    return call.json({ id: deleteComment(workspace, id, comment).id, deleted: true });
  });

  app.post('/threads/:id/customer-needs', scope('threads:write'), async (call) => {
    const { issue_ids = [], project_ids = [], priority } = await readBody(call, workspace, bodies.customerNeeds);
    return call.json({ data: addNeeds(workspace, call.req.param('id'), issue_ids, project_ids, priority) });
  });
}

type ThreadFilters = ReturnType<typeof readFilters<typeof queries.threads>>;

function keepThreads(call: Call, workspace: Workspace, filters: ThreadFilters): (row: ThreadRow) => boolean {
  const { status, tab, assignee_id, company_id, tag_id, pain_level, origin, issue_id, project_id, external_id } =
    filters;
  const inTab = keepTab(call, workspace, tab);
  const within = withinDates(workspace, filters);
  return (row) =>
    (status === undefined || row.status === status) &&
    inTab(row) &&
    (assignee_id === undefined || row.assignee_id === assignee_id) &&
    (company_id === undefined || row.company_id === company_id) &&
    (tag_id === undefined || row.tag_ids.includes(tag_id)) &&
    (pain_level === undefined || row.pain_level === pain_level) &&
    (origin === undefined || row.origin === origin) &&
    (issue_id === undefined || row.customer_needs.some((need) => need.issue_id === issue_id)) &&
    (project_id === undefined || row.customer_needs.some((need) => need.project_id === project_id)) &&
    (external_id === undefined || Object.values(row.external_ids).includes(external_id)) &&
    within(row);
}

/**
 * `my`: open and assigned to the key's user. `needs-response`: the same or
 * unassigned, and the contact wrote last.
 */
function keepTab(call: Call, { switches }: Workspace, tab: ThreadFilters['tab']): (row: ThreadRow) => boolean {
  if (tab === undefined) return () => true;
  if (tab !== 'my' && tab !== 'needs-response') return (row) => tabOf(row) === tab;
  const { userId } = call.get('key');
  if (userId === null) {
    if (switches.tabWithoutUser === 'empty') return () => false;
    throw invalid({ path: 'tab', message: 'Needs a key that belongs to a user' });
  }
  if (tab === 'my') return (row) => row.status === 'open' && row.assignee_id === userId;
  return (row) =>
    row.status === 'open' &&
    (row.assignee_id === userId || row.assignee_id === null) &&
    (row.last_inbound_message_at ?? '') > (row.last_outbound_message_at ?? '');
}

/** What `expand` adds, oldest first. Words it does not know are ignored, as documented. */
function expansion(workspace: Workspace, row: ThreadRow, wanted: readonly string[]): Record<string, unknown> {
  const { switches } = workspace;
  const messages = (): unknown =>
    messagesOf(workspace, row)
      .slice(0, switches.expandLimit)
      .map((message) => showMessage(switches, message));
  const comments = (): unknown => commentsOf(workspace, row).slice(0, switches.expandLimit).map(showComment);
  return {
    ...(wanted.includes('messages') && { messages: messages() }),
    ...(wanted.includes('comments') && { comments: comments() }),
  };
}
