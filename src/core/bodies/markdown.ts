/** How Markdown is read into a tree of HTML elements, and how such a tree is written as Markdown. */
import type { Element, ElementContent, Root } from 'hast';
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

/** UTF-16 units. Half a second for prose, two for nothing but list items. */
const sizeLimit = 100_000;
/** Characters that start something, and lines: the parser's time grows with the square of some of them. */
const markerLimit = 15_000;
/** Quotes and lists that one line opens, and levels of the tree. Each costs the parser a few frames of stack. */
const depthLimit = 100;

const markers = /[[\]*_~`<|!\n]/g;
const openings = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/gm;

const reader = unified().use(remarkParse).use(remarkGfm).freeze();
const toHtmlTree = unified().use(remarkRehype).freeze();

/** `undefined` where the Markdown is too large or too deeply nested for the parser. */
export function parseMarkdown(markdown: string): Root | undefined {
  if (isOverwhelming(markdown)) return undefined;
  const tree = reader.parse(markdown);
  if (isDeeperThan<Nodes>(tree, depthLimit, (node) => ('children' in node ? node.children : []))) return undefined;
  showTags(tree);
  const html = toHtmlTree.runSync(tree);
  return {
    ...html,
    children: html.children.map((child) => (child.type === 'element' ? withoutEmptyHeaders(child) : child)),
  };
}

function isOverwhelming(markdown: string): boolean {
  if (markdown.length > sizeLimit) return true;
  if ((markdown.match(markers)?.length ?? 0) > markerLimit) return true;
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

/** Markdown tables must have a header; an empty one stands for none. */
function withoutEmptyHeaders(node: Element): Element {
  const children = node.children.flatMap((child): ElementContent[] => {
    if (child.type !== 'element') return [child];
    return child.tagName === 'thead' && isEmpty(child) ? [] : [withoutEmptyHeaders(child)];
  });
  return { ...node, children };
}

function isEmpty(node: ElementContent): boolean {
  if (node.type === 'text') return node.value.trim() === '';
  return node.type === 'element' && node.tagName !== 'img' && node.children.every(isEmpty);
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
  for (const transform of linkAddresses) transform(tree);
  return writer.stringify(tree).trimEnd();
}

/** Not every reader of Markdown knows `\<`, and what follows could be a tag. */
function safeText(...[node, parent, state, info]: Parameters<Handle>): string {
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
  if (marks.includes(node.type) && around.includes(node.type)) return children;
  if (!marks.includes(node.type) && node.type !== 'link') return [{ ...node, children } as RootContent];
  const before = takeSpace(children, 'start');
  const after = takeSpace(children, 'end');
  return [...before, ...(children.length > 0 ? [{ ...node, children } as RootContent] : []), ...after];
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
