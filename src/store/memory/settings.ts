/** Settings and compared reads in memory. */
import type { Comparison, Settings, Store } from '../store.ts';

export interface MemorySettings {
  readonly queries: Pick<Store, 'getSetting' | 'setSetting' | 'addComparison' | 'listComparisons'>;
  prune(before: number): void;
}

const keptComparisons = 1_000;

export function createMemorySettings(): MemorySettings {
  const settings = new Map<keyof Settings, string>();
  let comparisons: Comparison[] = [];
  return {
    queries: {
      getSetting: async (name) => settings.get(name),
      async setSetting(name, value, expected) {
        if (expected !== undefined && settings.get(name) !== expected) return false;
        settings.set(name, value);
        return true;
      },
      async addComparison(comparison) {
        comparisons.push(structuredClone(comparison));
        if (comparisons.length > keptComparisons) comparisons.shift();
      },
      listComparisons: async (limit) => structuredClone(comparisons.slice().reverse().slice(0, limit)),
    },
    prune: (before) => {
      comparisons = comparisons.filter(({ at }) => at >= before);
    },
  };
}
