/** What the operations on a workspace share: its tables, its clock, its ids and its way to tell others. */
import type { Clock } from '../clock.ts';
import type { PostRoom } from '../post-room.ts';
import type { Webhooks } from '../webhooks.ts';
import type { Integration, ProductlaneSwitches } from './options.ts';
import { invalid } from './refusal.ts';
import type { ContactRow } from './rows.ts';
import { live, type Tables } from './state.ts';

export interface Workspace {
  readonly tables: Tables;
  readonly switches: ProductlaneSwitches;
  readonly integrations: ReadonlySet<Integration>;
  readonly clock: Clock;
  readonly postRoom: PostRoom;
  readonly webhooks: Webhooks;
  readonly ids: IdSource;
}

export interface IdSource {
  next(prefix: string): string;
  /** The number of ids given out, for snapshots. */
  readonly serial: number;
  restart(serial: number): void;
}

export const workspaceId = 'wks_00000001';

/** What a team's mail comes from. */
export const teamAddress = { email: 'support@productlane.invalid', name: 'Support', mailboxHash: '' };

export function createIds(style: ProductlaneSwitches['ids']): IdSource {
  let serial = 0;
  return {
    next(prefix) {
      serial += 1;
      if (style === 'prefixed') return `${prefix}_${String(serial).padStart(10, '0')}`;
      // Spread by a large odd factor: unique as the serial is, but in no order.
      const mixed = (Math.imul(serial, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
      return `${mixed}-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`;
    },
    get serial() {
      return serial;
    },
    restart(from) {
      serial = from;
    },
  };
}

/** The instant of one write; a later one than that of the write before. */
export function stamp(workspace: Workspace): string {
  return workspace.clock.tick().toISOString();
}

/** The address as this workspace compares it. */
export function emailKey(workspace: Workspace, email: string): string {
  return workspace.switches.emailCase === 'insensitive' ? email.toLowerCase() : email;
}

export function contactByEmail(workspace: Workspace, email: string): ContactRow | undefined {
  return workspace.tables.contactOfEmail.get(emailKey(workspace, email));
}

/** Throws `validation_failed` at `path` unless the row exists. `null` and `undefined` pass. */
export function requireRow(
  table: ReadonlyMap<string, { readonly deleted_at: string | null }>,
  id: string | null | undefined,
  path: string,
): void {
  if (id !== null && id !== undefined && !live(table, id)) invalidReference(path);
}

export function requireMember(workspace: Workspace, id: string | null | undefined, path: string): void {
  if (id !== null && id !== undefined && !workspace.tables.members.has(id)) invalidReference(path);
}

/** Linear's own ids are not known here: only whether Linear is connected. */
export function requireLinear(workspace: Workspace, path: string): void {
  if (!workspace.integrations.has('linear')) throw invalid({ path, message: 'Linear is not connected' });
}

function invalidReference(path: string): never {
  throw invalid({ path, message: 'No such record in this workspace' });
}

/** HTML to be stored, within the limit. */
export function storedHtml(workspace: Workspace, html: string, path: string): string {
  const { textLimit, storeHtml } = workspace.switches;
  if (html.length > textLimit) throw invalid({ path, message: `At most ${textLimit} characters` });
  return storeHtml(html);
}

export function isBlocked(workspace: Workspace, email: string): boolean {
  const address = email.toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return workspace.tables.lists.blockedSenders.some(
    ({ type, value }) => value === (type === 'EMAIL' ? address : domain),
  );
}
