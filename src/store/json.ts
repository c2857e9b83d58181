/** Plain data with dates, as text. */

/** Dates keep their type, a missing value stays missing; NUL and lone surrogates are escaped by JSON itself. */
export function toJson(value: unknown): string {
  return JSON.stringify(tagged(value)) ?? 'null';
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => untagged(value));
}

const date = '$date';
const data = '$data';

function tagged(value: unknown): unknown {
  if (value instanceof Date) return { [date]: value.toISOString() };
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => [name, tagged(item)]);
  // Data that looks like a tag is wrapped, so that it comes back as what it is.
  const plain: unknown = Object.fromEntries(entries);
  return date in value || data in value ? { [data]: entries } : plain;
}

function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (data in value && Array.isArray(value[data])) return Object.fromEntries(value[data]);
  if (date in value && typeof value[date] === 'string') return new Date(value[date]);
  return value;
}
