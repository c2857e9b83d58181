/** Which contact calls there are. */
import { listPage, type Routes, readBody, readFilters, type Service, scope, withinDates } from '../app.ts';
import { attachCompany, changeContact, createContact, deleteContact, detachCompany, findContact } from '../contacts.ts';
import { notFound } from '../refusal.ts';
import { bodies, bodiesOf, queries } from '../requests.ts';
import { showCompany, showContact } from '../responses.ts';
import type { BlockedSenderRow, ContactRow } from '../rows.ts';
import { addRow, live, unlistRow } from '../state.ts';
import { contactByEmail, stamp } from '../workspace.ts';

export function contactRoutes(app: Routes, { workspace, pager }: Service): void {
  const { tables, switches } = workspace;
  const later = bodiesOf(switches.specification);

  app.get('/contacts', scope('contacts:read'), (call) => {
    const { email, name_contains, company_id, external_id, ...dates } = readFilters(call, workspace, queries.contacts);
    const within = withinDates(workspace, dates);
    const exact = email !== undefined && switches.emailFilter === 'exact';
    const holder = exact ? contactByEmail(workspace, email) : undefined;
    const keep = (row: ContactRow): boolean =>
      (email === undefined || exact || row.email.toLowerCase().includes(email.toLowerCase())) &&
      (name_contains === undefined || (row.name ?? '').toLowerCase().includes(name_contains.toLowerCase())) &&
      (company_id === undefined || row.company_ids.includes(company_id)) &&
      (external_id === undefined || Object.values(row.external_ids).includes(external_id)) &&
      within(row);
    const rows = exact ? [holder].filter((row) => row !== undefined) : tables.lists.contacts;
    return call.json(listPage(call, pager, { rows, keep, show: showContact }));
  });

  app.post('/contacts', scope('contacts:write'), async (call) => {
    const body = await readBody(call, workspace, later.contactCreate);
    return call.json(showContact(createContact(workspace, body)));
  });

  app.get('/contacts/by-email', scope('contacts:read'), (call) => {
    if (switches.contactByEmail === 'absent') throw notFound('Contact');
    const { email } = readFilters(call, workspace, queries.byEmail);
    const row = contactByEmail(workspace, email);
    if (!row) throw notFound('Contact');
    return call.json(showContact(row));
  });

  app.get('/contacts/blocked-senders', scope('contacts:read'), (call) => {
    const { type } = readFilters(call, workspace, queries.blockedSenders);
    const keep = (row: BlockedSenderRow): boolean => type === undefined || row.type === type;
    return call.json(listPage(call, pager, { rows: tables.lists.blockedSenders, keep, show: showBlocked }));
  });

  app.post('/contacts/blocked-senders', scope('contacts:write'), async (call) => {
    const { type, value } = await readBody(call, workspace, bodies.blockedSender);
    const lower = value.toLowerCase();
    const known = tables.lists.blockedSenders.find((row) => row.type === type && row.value === lower);
    if (known) return call.json(showBlocked(known));
    const row = { id: workspace.ids.next('blk'), created_at: stamp(workspace), type, value: lower };
    addRow(tables, 'blockedSenders', row);
    return call.json(showBlocked(row));
  });

  app.delete('/contacts/blocked-senders/:id', scope('contacts:write'), (call) => {
    const row = tables.blockedSenders.get(call.req.param('id'));
    if (!row) throw notFound('Blocked sender');
    tables.blockedSenders.delete(row.id);
    unlistRow(tables, 'blockedSenders', row);
    return call.json({ id: row.id, deleted: true });
  });

  app.get('/contacts/:id', scope('contacts:read'), (call) =>
    call.json(showContact(findContact(workspace, call.req.param('id')))),
  );

  app.patch('/contacts/:id', scope('contacts:write'), async (call) => {
    const body = await readBody(call, workspace, later.contactUpdate);
    return call.json(showContact(changeContact(workspace, call.req.param('id'), body)));
  });

  app.delete('/contacts/:id', scope('contacts:write'), (call) => {
    const row = deleteContact(workspace, call.req.param('id'));
    return call.json({ id: row.id, deleted: true });
  });

  const companiesOf = (contact: ContactRow) => ({
    data: contact.company_ids
      .flatMap((id) => live(tables.companies, id) ?? [])
      .map((company) => showCompany(workspace, company)),
  });

  app.get('/contacts/:id/companies', scope('contacts:read', 'companies:read'), (call) =>
    call.json(companiesOf(findContact(workspace, call.req.param('id')))),
  );

  app.post('/contacts/:id/companies', scope('contacts:write'), async (call) => {
    const body = await readBody(call, workspace, bodies.companySelector);
    return call.json(companiesOf(attachCompany(workspace, call.req.param('id'), body)));
  });

  app.delete('/contacts/:id/companies/:company', scope('contacts:write'), (call) => {
    const { id, company } = call.req.param();
    return call.json(companiesOf(detachCompany(workspace, id, company)));
  });
}

function showBlocked({ id, value, type, created_at }: BlockedSenderRow): Record<string, unknown> {
  return { id, value, type, created_at };
}
