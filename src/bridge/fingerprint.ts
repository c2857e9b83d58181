/** Whether two pieces of data are the same, and names for lanes that give no address away. */
import { toJson } from '../store/json.ts';

/** The same for two values that differ only in the order of their keys, or in keys that are `undefined`. */
export async function fingerprint(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(toJson(sorted(value)));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, sorted(item)]));
}
