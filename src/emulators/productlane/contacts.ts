/** What happens to a contact: made, changed, attached to companies, deleted. */
import { invalid, notFound, refusal } from './refusal.ts';
import type { CompanySelector, ContactCreate, ContactUpdate } from './requests.ts';
import { showContact } from './responses.ts';
import type { CompanyRow, ContactRow, ExternalIds } from './rows.ts';
import { addRow, live, unlistRow } from './state.ts';
import { contactByEmail, emailKey, stamp, type Workspace } from './workspace.ts';

type Fields = ContactUpdate & { readonly external_ids?: ExternalIds | undefined };

export function findContact(workspace: Workspace, id: string): ContactRow {
  const contact = live(workspace.tables.contacts, id);
  if (!contact) throw notFound('Contact');
  return contact;
}

/** Refuses an address that is taken, or changes the contact that has it, as the switch says. */
export function createContact(
  workspace: Workspace,
  body: ContactCreate & { readonly external_ids?: ExternalIds | undefined },
): ContactRow {
  const known = contactByEmail(workspace, body.email);
  if (!known) return addContact(workspace, body);
  if (workspace.switches.duplicateContact === 'conflict') {
    throw refusal('conflict', 'A contact with this email exists.');
  }
  const { email: _same, ...fields } = body;
  return changeContact(workspace, known.id, fields);
}

/** A new contact. The caller has made sure that the address is free. */
export function addContact(workspace: Workspace, body: Fields & { readonly email: string }): ContactRow {
  const company = selectCompany(workspace, body);
  const now = stamp(workspace);
  const row: ContactRow = {
    id: workspace.ids.next('con'),
    created_at: now,
    updated_at: now,
    deleted_at: null,
    email: body.email,
    name: body.name ?? null,
    image_url: body.image_url ?? null,
    is_subscribed: body.is_subscribed ?? true,
    external_ids: body.external_ids ?? {},
    company_ids: company ? [company.id] : [],
  };
  addRow(workspace.tables, 'contacts', row);
  workspace.tables.contactOfEmail.set(emailKey(workspace, row.email), row);
  workspace.webhooks.emit('contact.created', showContact(row));
  return row;
}

export function changeContact(workspace: Workspace, id: string, body: Fields): ContactRow {
  const row = findContact(workspace, id);
  const company = selectCompany(workspace, body);
  if (body.email !== undefined) {
    const holder = contactByEmail(workspace, body.email);
    if (holder && holder !== row) throw refusal('conflict', 'A contact with this email exists.');
    workspace.tables.contactOfEmail.delete(emailKey(workspace, row.email));
    row.email = body.email;
    workspace.tables.contactOfEmail.set(emailKey(workspace, row.email), row);
  }
  row.name = body.name ?? row.name;
  if (body.image_url !== undefined) row.image_url = body.image_url;
  row.is_subscribed = body.is_subscribed ?? row.is_subscribed;
  row.external_ids = body.external_ids ?? row.external_ids;
  if (company) row.company_ids = [company.id, ...row.company_ids.filter((other) => other !== company.id)];
  row.updated_at = stamp(workspace);
  workspace.webhooks.emit('contact.updated', showContact(row));
  return row;
}

export function deleteContact(workspace: Workspace, id: string): ContactRow {
  const row = findContact(workspace, id);
  row.deleted_at = stamp(workspace);
  unlistRow(workspace.tables, 'contacts', row);
  workspace.tables.contactOfEmail.delete(emailKey(workspace, row.email));
  workspace.webhooks.emit('contact.deleted', showContact(row));
  return row;
}

/** Attaching twice changes nothing. The company is the primary one if there was none. */
export function attachCompany(workspace: Workspace, id: string, selector: CompanySelector): ContactRow {
  const row = findContact(workspace, id);
  const company = selectCompany(workspace, selector);
  if (!company) throw invalid({ path: 'company_id', message: 'One company selector is required' });
  if (row.company_ids.includes(company.id)) return row;
  row.company_ids = [...row.company_ids, company.id];
  row.updated_at = stamp(workspace);
  workspace.webhooks.emit('contact.updated', showContact(row));
  return row;
}

/** The next company becomes the primary one. */
export function detachCompany(workspace: Workspace, id: string, companyId: string): ContactRow {
  const row = findContact(workspace, id);
  if (!row.company_ids.includes(companyId)) throw notFound('Company');
  row.company_ids = row.company_ids.filter((other) => other !== companyId);
  row.updated_at = stamp(workspace);
  workspace.webhooks.emit('contact.updated', showContact(row));
  return row;
}

/** At most one selector. A name must match exactly, and only one company. */
function selectCompany(workspace: Workspace, selector: CompanySelector): CompanyRow | undefined {
  const { companies, lists } = workspace.tables;
  const given = (['company_id', 'company_name', 'company_external_id'] as const).filter(
    (field) => selector[field] !== undefined,
  );
  const [path, second] = given;
  if (path === undefined) return undefined;
  if (second !== undefined) throw invalid({ path: second, message: 'At most one company selector' });

  const wanted = selector[path] ?? '';
  const found = {
    company_id: () => [live(companies, wanted)].filter((company) => company !== undefined),
    company_name: () => lists.companies.filter(({ name }) => name === wanted),
    company_external_id: () => lists.companies.filter(({ external_ids }) => external_ids.includes(wanted)),
  }[path]();
  const [company, another] = found;
  if (!company) throw invalid({ path, message: 'No such company' });
  if (another) throw invalid({ path, message: 'More than one company matches' });
  return company;
}
