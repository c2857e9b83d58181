/** Links in memory. */
import { mergeLinks } from '../merging.ts';
import type { Link, LinkKind, Side, Store } from '../store.ts';

export interface MemoryLinks {
  readonly queries: Pick<Store, 'findLink' | 'findLinks' | 'listLinks'>;
  upsert(links: readonly Link[]): void;
}

export function createMemoryLinks(): MemoryLinks {
  const all = new Set<Link>();
  const byId = new Map<string, Link>();
  const address = (kind: LinkKind, side: Side, id: string) => JSON.stringify([kind, side, id]);
  const find = (kind: LinkKind, side: Side, id: string | undefined) =>
    id === undefined ? undefined : byId.get(address(kind, side, id));

  function keep(link: Link): void {
    all.add(link);
    if (link.from !== undefined) byId.set(address(link.kind, 'from', link.from), link);
    if (link.to !== undefined) byId.set(address(link.kind, 'to', link.to), link);
  }

  function upsert({ kind, lane, from, to, externalId, deleted }: Link): void {
    // Without an id there is nothing to find it by.
    if (from === undefined && to === undefined) return;
    const link = { kind, lane, from, to, externalId, deleted };
    const [byFrom, byTo] = [find(kind, 'from', from), find(kind, 'to', to)];
    const merged = mergeLinks(byFrom, byTo, link);
    if (merged === undefined) {
      keep(link);
      return;
    }
    const base = byFrom ?? byTo;
    if (base) all.delete(base);
    if (merged.gone) all.delete(merged.gone);
    keep(merged.kept);
  }

  return {
    queries: {
      findLink: async (kind, side, id) => copied(find(kind, side, id)),
      findLinks: async (kind, externalId) =>
        [...all].filter((link) => link.kind === kind && link.externalId === externalId).map((link) => ({ ...link })),
      async *listLinks(kind) {
        // A copy: links that change meanwhile come once.
        for (const link of [...all]) if (link.kind === kind) yield { ...link };
      },
    },
    upsert: (links) => links.forEach(upsert),
  };
}

function copied(link: Link | undefined): Link | undefined {
  return link && { ...link };
}
