/** Which calls for tags and their groups there are. */
import { listPage, type Routes, readBody, readFilters, type Service, scope, withinDates } from '../app.ts';
import { notFound, refusal } from '../refusal.ts';
import { bodies, queries } from '../requests.ts';
import { showTag } from '../responses.ts';
import type { TagGroupRow, TagRow } from '../rows.ts';
import { addRow, live, unlistRow } from '../state.ts';
import { requireRow, stamp, type Workspace } from '../workspace.ts';

export function tagRoutes(app: Routes, service: Service): void {
  // Before the tags: `/tags/groups` is no tag's id.
  groupRoutes(app, service);
  const { workspace, pager } = service;
  const { tables, webhooks } = workspace;

  const find = (id: string): TagRow => {
    const row = live(tables.tags, id);
    if (!row) throw notFound('Tag');
    return row;
  };

  app.get('/tags', scope('tags:read'), (call) => {
    const { name_contains, tag_group_id, ...dates } = readFilters(call, workspace, queries.tags);
    const within = withinDates(workspace, dates);
    const keep = (row: TagRow): boolean =>
      (name_contains === undefined || row.name.toLowerCase().includes(name_contains.toLowerCase())) &&
      (tag_group_id === undefined || row.tag_group_id === tag_group_id) &&
      within(row);
    return call.json(listPage(call, pager, { rows: tables.lists.tags, keep, show: showTag }));
  });

  app.post('/tags', scope('tags:write'), async (call) => {
    const body = await readBody(call, workspace, bodies.tag);
    requireRow(tables.tagGroups, body.tag_group_id, 'tag_group_id');
    const row: TagRow = { ...fresh(workspace, 'tag'), ...body };
    addRow(tables, 'tags', row);
    webhooks.emit('tag.created', showTag(row));
    return call.json(showTag(row));
  });

  app.get('/tags/:id', scope('tags:read'), (call) => call.json(showTag(find(call.req.param('id')))));

  app.patch('/tags/:id', scope('tags:write'), async (call) => {
    const body = await readBody(call, workspace, bodies.tagUpdate);
    const row = find(call.req.param('id'));
    requireRow(tables.tagGroups, body.tag_group_id, 'tag_group_id');
    Object.assign(row, body, { updated_at: stamp(workspace) });
    webhooks.emit('tag.updated', showTag(row));
    return call.json(showTag(row));
  });

  app.delete('/tags/:id', scope('tags:write'), (call) => {
    const row = find(call.req.param('id'));
    row.deleted_at = stamp(workspace);
    unlistRow(tables, 'tags', row);
    webhooks.emit('tag.deleted', showTag(row));
    return call.json({ id: row.id, deleted: true });
  });
}

function groupRoutes(app: Routes, { workspace, pager }: Service): void {
  const { tables } = workspace;

  const find = (id: string): TagGroupRow => {
    const row = live(tables.tagGroups, id);
    if (!row) throw notFound('Tag group');
    return row;
  };

  app.get('/tags/groups', scope('tags:read'), (call) => {
    readFilters(call, workspace, queries.none);
    return call.json(listPage(call, pager, { rows: tables.lists.tagGroups, show: showGroup }));
  });

  app.post('/tags/groups', scope('tags:write'), async (call) => {
    const row: TagGroupRow = {
      ...fresh(workspace, 'tgr'),
      ...(await readBody(call, workspace, bodies.tagGroup)),
    };
    addRow(tables, 'tagGroups', row);
    return call.json(showGroup(row));
  });

  app.get('/tags/groups/:id', scope('tags:read'), (call) => call.json(showGroup(find(call.req.param('id')))));

  app.patch('/tags/groups/:id', scope('tags:write'), async (call) => {
    const body = await readBody(call, workspace, bodies.tagGroupUpdate);
    const row = find(call.req.param('id'));
    Object.assign(row, body, { updated_at: stamp(workspace) });
    return call.json(showGroup(row));
  });

  app.delete('/tags/groups/:id', scope('tags:write'), (call) => {
    const row = find(call.req.param('id'));
    if (tables.lists.tags.some((tag) => tag.tag_group_id === row.id)) {
      throw refusal('conflict', 'The tag group is not empty.');
    }
    row.deleted_at = stamp(workspace);
    unlistRow(tables, 'tagGroups', row);
    return call.json({ id: row.id, deleted: true });
  });
}

function fresh(workspace: Workspace, prefix: string) {
  const now = stamp(workspace);
  return { id: workspace.ids.next(prefix), created_at: now, updated_at: now, deleted_at: null };
}

function showGroup({ id, name, color, created_at, updated_at }: TagGroupRow): Record<string, unknown> {
  return { id, name, color, created_at, updated_at };
}
