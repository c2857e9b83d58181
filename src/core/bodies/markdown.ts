/** How Markdown is read into a tree of HTML elements, and how such a tree is written as Markdown. */
import type { Root } from 'hast';
import type { Root as MarkdownRoot, Nodes, Parents, PhrasingContent, RootContent } from 'mdast';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { defaultHandlers, type Handle } from 'mdast-util-to-markdown';
import rehypeRemark from 'rehype-remark';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import remarkStringify from 'remark-stringify';
import { unified } from 'unified';
import { isDeeperThan } from './html.ts';

/** UTF-16 units. Half a second for prose. */
const sizeLimit = 100_000;
/** Quotes and lists that one line opens, and levels of the tree. Each costs the parser a few frames of stack. */
const depthLimit = 100;

/** What the parser's time grows with, for some with the square, and how often it may occur. Seconds at most. */
const limits: readonly (readonly [RegExp, number])[] = [
  [/[[\]*_~`<|!\\@\n]/g, 15_000],
  [/<[!?]/g, 500],
  [/^[ \t>]*(?:=+|-+)[ \t]*$/gm, 1_000],
  [/^[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]/gm, 5_000],
];
const openings = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/gm;
/** The line under a table's header. Every row gets its number of cells. */
const columns = /^[ \t>]*(?:\|[ \t]*)?:?-+:?[ \t]*\|[-|: \t]*$/gm;
const cellLimit = 20_000;

const reader = unified().use(remarkParse).use(remarkGfm).freeze();
const toHtmlTree = unified().use(remarkRehype).freeze();

/** `undefined` where the Markdown is too large or too deeply nested for the parser. */
export function parseMarkdown(markdown: string): Root | undefined {
  if (isOverwhelming(markdown)) return undefined;
  const tree = reader.parse(markdown);
  if (isDeeperThan<Nodes>(tree, depthLimit, (node) => ('children' in node ? node.children : []))) return undefined;
  showTags(tree);
  return toHtmlTree.runSync(tree);
}

function isOverwhelming(markdown: string): boolean {
  if (markdown.length > sizeLimit) return true;
  if (limits.some(([pattern, limit]) => (markdown.match(pattern)?.length ?? 0) > limit)) return true;
  const widest = Math.max(0, ...(markdown.match(columns) ?? []).map((line) => line.split('|').length));
  if (widest > 0 && widest * markdown.split('\n').length > cellLimit) return true;
  return (markdown.match(openings) ?? []).some((run) => run.replace(/[ \t\d]/g, '').length > depthLimit);
}

/** Raw HTML becomes text, `<br>` a break; comments and underlining go. */
function showTags(parent: Parents): void {
  const children = parent.children.flatMap((child): RootContent[] => {
    if (child.type !== 'html') {
      if ('children' in child) showTags(child);
      return [child];
    }
    const shown = shownHtml(child.value);
    // Between blocks, the text needs a paragraph of its own.
    const isBlock =
      parent.type !== 'paragraph' && parent.type !== 'heading' && 'children' in parent && !isPhrasing(parent);
    return isBlock && shown.length > 0 ? [{ type: 'paragraph', children: shown }] : shown;
  });
  Object.assign(parent, { children });
}

function isPhrasing(parent: Parents): boolean {
  return /^(?:emphasis|strong|delete|link|linkReference|tableCell)$/.test(parent.type);
}

function shownHtml(html: string): PhrasingContent[] {
  if (/^<br\s*\/?>$/i.test(html.trim())) return [{ type: 'break' }];
  if (/^<\/?(?:u|ins)>$/i.test(html.trim()) || /^<!--(?:(?!-->)[\s\S])*-->$/.test(html.trim())) return [];
  return html.split('\n').flatMap((line, index): PhrasingContent[] => {
    const text: PhrasingContent = { type: 'text', value: line };
    return index === 0 ? [text] : [{ type: 'break' }, text];
  });
}

const toMarkdownTree = unified().use(rehypeRemark, { document: true }).freeze();
const writer = unified()
  .use(remarkGfm, { tablePipeAlign: false })
  .use(remarkStringify, { bullet: '-', rule: '-', handlers: { text: safeText } })
  .freeze();
const linkAddresses = gfmAutolinkLiteralFromMarkdown().transforms ?? [];

/** Takes a tree of the shape that `shape.ts` makes. */
export function writeMarkdown(tree: Root): string {
  const markdown = toMarkdownTree.runSync(tree);
  return markdown.type === 'root' ? stringify({ ...markdown, children: tidy(markdown.children, []) }) : '';
}

/** Every character stays what it is: nothing in the lines is read as Markdown. */
export function writeLines(paragraphs: readonly (readonly string[])[]): string {
  const children = paragraphs.map((lines): RootContent => {
    const content = lines.flatMap((value, index): PhrasingContent[] => {
      const text: PhrasingContent = { type: 'text', value };
      return index === 0 ? [text] : [{ type: 'break' }, text];
    });
    return { type: 'paragraph', children: content };
  });
  return stringify({ type: 'root', children });
}

function stringify(tree: MarkdownRoot): string {
  // Otherwise escapes would get into the addresses that every reader of Markdown finds in text.
  if (mayHoldAddress(tree)) {
    endAddresses(tree);
    for (const transform of linkAddresses) transform(tree);
  }
  unlinkOddMail(tree);
  return writer.stringify(tree).trimEnd();
}

function mayHoldAddress(node: Nodes): boolean {
  if (node.type === 'text') return /@|https?:|www\./i.test(node.value);
  return node.type !== 'link' && 'children' in node && node.children.some(mayHoldAddress);
}

/** A no-break space ends an address, too, but readers of Markdown go on to the next real one. */
function endAddresses(node: Nodes): void {
  if (node.type === 'text') {
    node.value = node.value.replace(/(?<!\S)(\S+)\u00a0( ?)/g, (kept, word, space) => {
      if (!/https?:\/\/|www\./i.test(word)) return kept;
      return space === '' ? `${word} ` : `${word} \u00a0`;
    });
  } else if ('children' in node) node.children.forEach(endAddresses);
}

/** What `<…>` makes a mail address; anything else in it would be shown with the brackets. */
const mailAddress = /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/i;

function unlinkOddMail(parent: Nodes): void {
  if (!('children' in parent)) return;
  for (const [index, child] of parent.children.entries()) {
    const [label] = child.type === 'link' && child.children.length === 1 ? child.children : [];
    const isOdd =
      label?.type === 'text' &&
      'url' in child &&
      child.url === `mailto:${label.value}` &&
      !mailAddress.test(label.value);
    if (isOdd) Object.assign(parent.children, { [index]: label });
    else unlinkOddMail(child);
  }
}

/** What a rule of the writer looks at. Half of all texts have none of it, and asking every rule is slow. */
const ruled = /[!#&()*+<=>@[\\\]_`~|\t\r\n\u007f]|^\s|\s$|^[\d:-]|[Ww]\.|[ps]:\//;

/** Not every reader of Markdown knows `\<`, and what follows could be a tag. */
export function safeText(...[node, parent, state, info]: Parameters<Handle>): string {
  return ruled.test(node.value) ? escapeText(node, parent, state, info) : node.value;
}

/** With every rule, whatever the text. */
export function escapeText(...[node, parent, state, info]: Parameters<Handle>): string {
  const escaped = defaultHandlers.text(node, parent, state, info);
  return escaped.replace(/\\([\s\S])/g, (pair, character) => (character === '<' ? '&lt;' : pair));
}

const marks = ['emphasis', 'strong', 'delete'];

/**
 * Formatting that Markdown can write: never inside itself, never empty, no
 * white space at its ends, and one where two would touch. Breaks in cells
 * become `<br>`, which all readers of tables know.
 */
function tidy<Node extends RootContent>(nodes: readonly Node[], around: readonly string[]): Node[] {
  const result: RootContent[] = [];
  for (const node of nodes) {
    for (const tidied of tidyNode(node, around)) {
      const last = result.at(-1);
      if (last?.type === 'text' && tidied.type === 'text') last.value += tidied.value;
      else if (
        last &&
        last.type === tidied.type &&
        marks.includes(last.type) &&
        'children' in last &&
        'children' in tidied
      ) {
        Object.assign(last, { children: tidy([...last.children, ...tidied.children], [...around, last.type]) });
      } else result.push(tidied);
    }
  }
  return result as Node[];
}

function tidyNode(node: RootContent, around: readonly string[]): RootContent[] {
  if (node.type === 'break' && around.includes('tableCell')) return [{ type: 'html', value: '<br>' }];
  if (!('children' in node)) return [node];
  const children = tidy(node.children as RootContent[], [...around, node.type]);
  if (node.type === 'list') return [{ ...node, spread: children.some(isSpread), children } as RootContent];
  if (node.type === 'listItem')
    return [{ ...node, spread: isSpread({ ...node, children } as RootContent), children } as RootContent];
  if (marks.includes(node.type) && around.includes(node.type)) return children;
  if (!marks.includes(node.type) && node.type !== 'link') return [{ ...node, children } as RootContent];
  const before = takeSpace(children, 'start');
  const after = takeSpace(children, 'end');
  return [...before, ...(children.length > 0 ? [{ ...node, children } as RootContent] : []), ...after];
}

/** Only items of several paragraphs need blank lines between them. */
function isSpread(node: RootContent): boolean {
  return node.type === 'listItem' && node.children.filter((child) => child.type === 'paragraph').length > 1;
}

/** Removes the white space at one end of the children, and gives it back as a text of its own. */
function takeSpace(children: RootContent[], end: 'start' | 'end'): RootContent[] {
  const edge = children.at(end === 'start' ? 0 : -1);
  if (edge?.type !== 'text') return [];
  const kept = end === 'start' ? edge.value.trimStart() : edge.value.trimEnd();
  const space = end === 'start' ? edge.value.slice(0, edge.value.length - kept.length) : edge.value.slice(kept.length);
  if (kept === '') children.splice(end === 'start' ? 0 : -1, 1);
  else edge.value = kept;
  return space === '' ? [] : [{ type: 'text', value: space }];
}
