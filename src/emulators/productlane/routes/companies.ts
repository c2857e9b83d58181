/** Which company calls there are. */
import { listPage, type Routes, readBody, readFilters, type Service, scope, withinDates } from '../app.ts';
import { changeCompany, createCompany, deleteCompany, findCompany, mergeCompanies } from '../companies.ts';
import { bodies, queries } from '../requests.ts';
import { showCompany } from '../responses.ts';
import type { CompanyRow } from '../rows.ts';

export function companyRoutes(app: Routes, { workspace, pager }: Service): void {
  const show = (row: CompanyRow) => showCompany(workspace, row);

  app.get('/companies', scope('companies:read'), (call) => {
    const filters = readFilters(call, workspace, queries.companies);
    const { external_id, domain, name_contains, status_id, tier_id } = filters;
    const within = withinDates(workspace, filters);
    const keep = (row: CompanyRow): boolean =>
      (external_id === undefined || row.external_ids.includes(external_id)) &&
      (domain === undefined || row.domains.includes(domain)) &&
      (name_contains === undefined || row.name.toLowerCase().includes(name_contains.toLowerCase())) &&
      (status_id === undefined || row.status_id === status_id) &&
      (tier_id === undefined || row.tier_id === tier_id) &&
      inRange(row.size, filters.size_gte, filters.size_lte) &&
      inRange(row.revenue, filters.revenue_gte, filters.revenue_lte) &&
      within(row);
    return call.json(listPage(call, pager, { rows: workspace.tables.lists.companies, keep, show }));
  });

  app.post('/companies', scope('companies:write'), async (call) =>
    call.json(show(createCompany(workspace, await readBody(call, workspace, bodies.companyCreate)))),
  );

  // The statuses and tiers live in Linear, which is not emulated; without it the vendor answers null too.
  app.get('/companies/linear-options', scope('companies:read'), (call) => call.json(null));

  app.get('/companies/:id', scope('companies:read'), (call) =>
    call.json(show(findCompany(workspace, call.req.param('id')))),
  );

  app.patch('/companies/:id', scope('companies:write'), async (call) => {
    const body = await readBody(call, workspace, bodies.companyUpdate);
    return call.json(show(changeCompany(workspace, call.req.param('id'), body)));
  });

  app.delete('/companies/:id', scope('companies:write'), (call) =>
    call.json({ id: deleteCompany(workspace, call.req.param('id')).id, deleted: true }),
  );

  app.post('/companies/:id/merge', scope('companies:write'), async (call) => {
    const { source_id } = await readBody(call, workspace, bodies.companyMerge);
    return call.json(show(mergeCompanies(workspace, call.req.param('id'), source_id)));
  });
}

/** A value that is not known is in no range. */
function inRange(value: number | null, least: number | undefined, most: number | undefined): boolean {
  if (least === undefined && most === undefined) return true;
  return value !== null && value >= (least ?? 0) && value <= (most ?? Number.POSITIVE_INFINITY);
}
