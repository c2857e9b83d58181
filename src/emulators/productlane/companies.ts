/** What happens to a company: made, changed, merged into another, deleted. */
import { invalid, notFound } from './refusal.ts';
import type { CompanyUpdate } from './requests.ts';
import { showCompany } from './responses.ts';
import type { CompanyRow } from './rows.ts';
import { addRow, live, type Tables, unlistRow } from './state.ts';
import { requireMember, stamp, type Workspace } from './workspace.ts';

export function findCompany(workspace: Workspace, id: string): CompanyRow {
  const company = live(workspace.tables.companies, id);
  if (!company) throw notFound('Company');
  return company;
}

export function createCompany(workspace: Workspace, body: CompanyUpdate & { readonly name: string }): CompanyRow {
  requireMember(workspace, body.owner_id, 'owner_id');
  const now = stamp(workspace);
  const row: CompanyRow = {
    id: workspace.ids.next('cmp'),
    created_at: now,
    updated_at: now,
    deleted_at: null,
    name: body.name,
    logo_url: body.logo_url ?? null,
    domains: body.domains ?? [],
    size: body.size ?? null,
    revenue: body.revenue ?? null,
    status_id: body.status_id ?? null,
    tier_id: body.tier_id ?? null,
    owner_id: body.owner_id ?? null,
    external_ids: body.external_ids ?? [],
  };
  addRow(workspace.tables, 'companies', row);
  workspace.webhooks.emit('company.created', showCompany(workspace, row));
  return row;
}

/** Only the fields that are present change; lists are replaced whole. */
export function changeCompany(workspace: Workspace, id: string, body: CompanyUpdate): CompanyRow {
  const row = findCompany(workspace, id);
  requireMember(workspace, body.owner_id, 'owner_id');
  Object.assign(row, body);
  row.updated_at = stamp(workspace);
  workspace.webhooks.emit('company.updated', showCompany(workspace, row));
  return row;
}

/** Contacts and threads stay, without the company. */
export function deleteCompany(workspace: Workspace, id: string): CompanyRow {
  const row = findCompany(workspace, id);
  remove(workspace, row);
  repoint(workspace.tables, id, undefined);
  workspace.webhooks.emit('company.deleted', showCompany(workspace, row));
  return row;
}

/** The source's contacts, threads, domains and external ids go to the target; the source is gone. */
export function mergeCompanies(workspace: Workspace, id: string, sourceId: string): CompanyRow {
  const target = findCompany(workspace, id);
  const source = live(workspace.tables.companies, sourceId);
  if (!source || source === target) throw invalid({ path: 'source_id', message: 'Not another company' });
  remove(workspace, source);
  repoint(workspace.tables, sourceId, id);
  target.domains = [...new Set([...target.domains, ...source.domains])];
  target.external_ids = [...new Set([...target.external_ids, ...source.external_ids])];
  target.updated_at = stamp(workspace);
  workspace.webhooks.emit('company.deleted', showCompany(workspace, source));
  workspace.webhooks.emit('company.updated', showCompany(workspace, target));
  return target;
}

function remove(workspace: Workspace, row: CompanyRow): void {
  row.deleted_at = stamp(workspace);
  unlistRow(workspace.tables, 'companies', row);
}

function repoint({ lists }: Tables, from: string, to: string | undefined): void {
  for (const contact of lists.contacts) {
    if (!contact.company_ids.includes(from)) continue;
    const moved = contact.company_ids.flatMap((id) => (id === from ? (to ?? []) : id));
    contact.company_ids = [...new Set(moved)];
  }
  for (const thread of lists.threads) {
    if (thread.company_id === from) thread.company_id = to ?? null;
  }
}
