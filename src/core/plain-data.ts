/** Small questions about data whose shape is not known. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The fields that are really there: an `undefined` laid over a value would erase it. */
export function given<T extends object>(options: T | undefined): T {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
