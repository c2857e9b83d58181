/** What a browser would find in HTML, or in Markdown rendered by a reader that lets raw HTML through. */
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';

const elements = new Set(
  'html head body a b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre q s samp strike strong sub sup table tbody td tfoot th thead tr tt ul var'.split(
    ' ',
  ),
);
const attributes = new Set('href title src alt width height start colspan rowspan align dir class role'.split(' '));

/** Elements, attributes and addresses that must not be there. Empty when all is well. */
export function dangersOf(html: string): string[] {
  const found: string[] = [];
  const walk = (node: DefaultTreeAdapterMap['node']): void => {
    if ('tagName' in node) {
      if (!elements.has(node.tagName)) found.push(`<${node.tagName}>`);
      for (const { name, value } of node.attrs) {
        if (!attributes.has(name)) found.push(`${node.tagName} ${name}`);
        // As browsers do: what does not matter to them goes first.
        const address = Array.from(value, (character) => (character > ' ' ? character : '')).join('');
        const scheme = /^([^:/?#]*):/.exec(address)?.[1]?.toLowerCase();
        const allowed = name === 'src' ? ['http', 'https', 'cid'] : ['http', 'https', 'mailto', 'tel', 'sms'];
        if ((name === 'href' || name === 'src') && scheme !== undefined && !allowed.includes(scheme))
          found.push(scheme);
      }
    }
    if (node.nodeName === '#comment') found.push('<!-- -->');
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
  };
  walk(parse(html));
  return found;
}

const reader = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeStringify, { allowDangerousHtml: true });

export function renderTrustingly(markdown: string): string {
  // The boxes of task lists are the reader's own.
  return String(reader.processSync(markdown)).replace(/<input type="checkbox"(?: checked)? disabled>/g, '');
}
