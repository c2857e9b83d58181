/** How a Relay connection is walked: page after page, only as far as it is read. */
import { HelpdeskError } from '../../core/errors.ts';

interface Page<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Each record once. Ends only where the desk says that there is no more. */
export async function* pages<T, R>(
  operation: string,
  load: (after: string | undefined) => Promise<Page<T>>,
  map: (node: T) => R,
): AsyncGenerator<R> {
  for (let after: string | undefined; ; ) {
    const { edges, pageInfo } = await load(after);
    for (const { node } of edges) yield map(node);
    if (!pageInfo.hasNextPage) return;
    if (pageInfo.endCursor === null || pageInfo.endCursor === after) {
      const reason = 'pageInfo.endCursor leads nowhere';
      throw new HelpdeskError({ provider: 'plain', operation, kind: 'unexpected', reason, applied: 'no' });
    }
    after = pageInfo.endCursor;
  }
}
