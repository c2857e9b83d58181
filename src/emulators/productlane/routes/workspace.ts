/** Which calls about the workspace itself there are: the key, members, invites and webhooks. */
import { listPage, type Routes, readBody, readFilters, type Service, scope } from '../app.ts';
import { notFound } from '../refusal.ts';
import { bodies, queries } from '../requests.ts';
import { showMember } from '../responses.ts';
import type { InviteRow } from '../rows.ts';
import { stamp, workspaceId } from '../workspace.ts';

export function workspaceRoutes(app: Routes, { workspace, pager }: Service): void {
  const { tables, webhooks, integrations } = workspace;

  app.get('/me', (call) => {
    const { id, scopes } = call.get('key');
    const team = integrations.has('linear') ? 'lin_team_1' : null;
    return call.json({
      workspace_id: workspaceId,
      api_key_id: id,
      scopes,
      linear_team_ids: team === null ? [] : [team],
      default_linear_team_id: team,
    });
  });

  app.get('/members', scope('admin'), (call) => {
    readFilters(call, workspace, queries.none);
    return call.json(listPage(call, pager, { rows: tables.lists.members, show: showMember }));
  });

  app.post('/members/invites', scope('admin'), async (call) => {
    const body = await readBody(call, workspace, bodies.invite);
    const row: InviteRow = {
      id: workspace.ids.next('inv'),
      created_at: stamp(workspace),
      ...body,
      state: 'PENDING',
      invited_by_id: call.get('key').userId,
    };
    tables.invites.set(row.id, row);
    webhooks.emit('membership.invited', row);
    return call.json(row);
  });

  app.patch('/members/:id', scope('admin'), async (call) => {
    const { role } = await readBody(call, workspace, bodies.memberRole);
    const row = tables.members.get(call.req.param('id'));
    if (!row) throw notFound('Member');
    row.role = role;
    webhooks.emit('membership.role_changed', showMember(row));
    return call.json(showMember(row));
  });

  app.post('/webhooks', scope('admin'), async (call) => {
    const { url, label, events } = await readBody(call, workspace, bodies.webhook);
    const id = workspace.ids.next('wbk');
    const target = { id, url, label, events, secret: `whsec_${id}` };
    webhooks.add(target);
    return call.json({ ...target, created_at: stamp(workspace) });
  });
}
