/** How HTML is parsed without being overwhelmed by it, and how it is written. */
import type { ElementContent, Root, RootContent } from 'hast';
import { fromParse5 } from 'hast-util-from-parse5';
import { type DefaultTreeAdapterMap, defaultTreeAdapter, parse } from 'parse5';
import rehypeStringify from 'rehype-stringify';
import { unified } from 'unified';

/** UTF-16 units of HTML, embedded images not counted. */
const sizeLimit = 500_000;
/** Long threads of 141 kB have about 7,000. */
const elementLimit = 20_000;
/** The tree utilities recurse; a reply to a reply is about five levels. */
const depthLimit = 250;

type ParsedNode = DefaultTreeAdapterMap['node'];

/** `undefined` where the HTML is too large or too deeply nested for the tree utilities. */
export function parseHtml(html: string): Root | undefined {
  if (sizeOf(html) > sizeLimit) return undefined;
  let elements = 0;
  // The HTML standard repeats open formatting elements in each new block, so
  // that 100 kB can become millions of elements: the count stops it on the way.
  const full = Symbol('full');
  const counting: typeof defaultTreeAdapter = {
    ...defaultTreeAdapter,
    createElement(...element) {
      elements += 1;
      if (elements > elementLimit) throw full;
      return defaultTreeAdapter.createElement(...element);
    },
  };
  try {
    const document = parse(html, { treeAdapter: counting });
    if (isDeeperThan<ParsedNode>(document, depthLimit, (node) => ('childNodes' in node ? node.childNodes : [])))
      return undefined;
    const tree = fromParse5(document);
    return tree.type === 'root' ? tree : undefined;
  } catch (error) {
    if (error === full) return undefined;
    throw error;
  }
}

function sizeOf(html: string): number {
  if (html.length <= sizeLimit) return html.length;
  let size = html.length;
  for (const [image] of html.matchAll(/data:[\w/+.-]{1,100};base64,[\w/+=%-]*/g)) size -= image.length;
  return size;
}

/** Without recursion, since it decides whether others may recurse. */
export function isDeeperThan<Node>(root: Node, limit: number, childrenOf: (node: Node) => readonly Node[]): boolean {
  let level = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

const writer = unified()
  .use(rehypeStringify, { characterReferences: { useNamedReferences: true } })
  .freeze();

/** Takes a clean tree. The boxes of task lists become characters, because desks drop form controls. */
export function writeHtml(tree: Root): string {
  return writer.stringify({ ...tree, children: withoutBoxes(tree.children) }).trim();
}

function withoutBoxes<Node extends RootContent | ElementContent>(children: readonly Node[]): Node[] {
  return children.map((child) => {
    if (child.type !== 'element') return child;
    if (child.tagName === 'input') return { type: 'text', value: child.properties['checked'] ? '☑' : '☐' } as Node;
    return { ...child, children: withoutBoxes(child.children) };
  });
}
