/**
 * Which text a database can hold.
 *
 * Ids and keys come from callers and may hold anything a string may. PostgreSQL
 * refuses NUL, libsql cuts the text there, and both turn every lone surrogate
 * into the same character, so that two keys would become one.
 */

const escapeMark = '\u001b';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped.
const unsafe = /[\0\u001b]|\p{Surrogate}/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character itself.
const escaped = /\u001b([0-9a-f]{4})/g;

/** JSON is not changed by it: there such characters are escaped already. */
export function toSafeText(text: string): string {
  return text.replace(unsafe, (found) => escapeMark + found.charCodeAt(0).toString(16).padStart(4, '0'));
}

export function fromSafeText(text: string): string {
  if (!text.includes(escapeMark)) return text;
  return text.replace(escaped, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

export function toParameters(values: readonly unknown[]): unknown[] {
  return values.map((value) => (typeof value === 'string' ? toSafeText(value) : value));
}

/** The rows themselves are changed: they belong to nobody else yet. */
export function fromRows<Row>(rows: Row[]): Row[] {
  for (const row of rows as Record<string, unknown>[])
    for (const name in row) {
      const value = row[name];
      if (typeof value === 'string') row[name] = fromSafeText(value);
    }
  return rows;
}
