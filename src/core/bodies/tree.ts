/**
 * A body's tree in a form in which two of them can be compared.
 *
 * Formats and desks write one tree in many ways: marks in another order, items
 * with or without blank lines, white space anywhere. Here each has one. It is
 * the tree of the body's Markdown, since that is the least that a desk keeps.
 */
import type { Element, ElementContent, RootContent } from 'hast';
import type { Body } from '../model.ts';
import { clean } from './clean.ts';
import { convertRich } from './convert.ts';
import { parseMarkdown } from './markdown.ts';
import { shape } from './shape.ts';
import { saysTheSame } from './text.ts';

export interface BodyTree {
  /** One string for each block. `undefined` where the Markdown is too large or too deeply nested to be read. */
  readonly blocks: readonly string[] | undefined;
  /** The Markdown's letters and digits, addresses included, one space between: what is left to compare without blocks. */
  readonly letters: string;
}

/** `body.content` must have been through `cleanText`. Never throws. */
export function treeOf(body: Body): BodyTree {
  const markdown = body.format === 'markdown' ? body.content : convertRich(body, 'markdown').content;
  return { blocks: blocksOf(markdown), letters: lettersOf(markdown) };
}

function blocksOf(markdown: string): readonly string[] | undefined {
  try {
    const parsed = parseMarkdown(markdown);
    if (!parsed) return undefined;
    return contentOf(shape(clean(parsed, ignore), ignore).children).map((block) => JSON.stringify(block));
  } catch {
    // As in a conversion: a fault in a parser costs the tree, not the comparison.
    return undefined;
  }
}

const ignore = () => {};

/** Without what a writer of Markdown is free to escape. */
function lettersOf(markdown: string): string {
  const plain = markdown.normalize().replace(/&(?:#\w{1,8}|[a-z]\w{1,31});/gi, ' ');
  return plain.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

/** Neighbouring words of the same formatting, white space before them included. */
type Run = readonly [marks: string, words: string];
type Block = readonly (string | number | Run | Block)[];

const inlineNames = new Set('a br code del em img input strong sup'.split(' '));
/** These mean nothing without content. A cell or an item still takes its place. */
const emptiable = new Set('p h1 h2 h3 h4 h5 h6 blockquote ul ol pre'.split(' '));

/** Runs of words, and the blocks between them. */
function contentOf(children: readonly RootContent[]): (Run | Block)[] {
  const result: (Run | Block)[] = [];
  let inline: ElementContent[] = [];
  for (const child of children) {
    if (child.type === 'text' || (child.type === 'element' && inlineNames.has(child.tagName))) {
      inline.push(child);
    } else if (child.type === 'element') {
      result.push(...runsOf(inline), ...blockOf(child));
      inline = [];
    }
  }
  result.push(...runsOf(inline));
  return result;
}

/** One block, or none. */
function blockOf(node: Element): Block[] {
  const { tagName, properties } = node;
  const { start, align } = properties;
  const own = [start === 1 ? undefined : start, align].filter(
    (value) => typeof value === 'number' || typeof value === 'string',
  );
  const content = tagName === 'pre' ? codeOf(node) : contentOf(node.children);
  return content.length === 0 && emptiable.has(tagName) ? [] : [[tagName, ...own, ...content]];
}

/** Code keeps its white space. */
function codeOf(node: Element): string[] {
  const [code] = node.children;
  const names = code?.type === 'element' ? code.properties['className'] : undefined;
  const lines = textOf(node).replace(/^\n+|(?<!\n)\n+$/g, '');
  return [Array.isArray(names) ? names.join(' ') : '', lines];
}

function textOf(node: ElementContent): string {
  if (node.type === 'text') return node.value.normalize();
  return node.type === 'element' ? node.children.map(textOf).join('') : '';
}

function runsOf(nodes: readonly ElementContent[]): Run[] {
  const runs: [marks: string, words: string][] = [];
  let gap: '' | ' ' | '\n' = '';
  const add = (marks: readonly string[], words: string) => {
    const key = marks.join(' ');
    const last = runs.at(-1);
    if (last?.[0] === key) last[1] += gap + words;
    else runs.push([key, gap + words]);
    gap = '';
  };
  const read = (node: ElementContent, marks: readonly string[]): void => {
    if (node.type === 'text') {
      for (const [word] of node.value.normalize().matchAll(/\s+|\S+/g)) {
        if (word.trim() !== '') add(marks, word);
        else if (runs.length > 0) gap ||= ' ';
      }
    }
    if (node.type !== 'element') return;
    const { tagName, properties, children } = node;
    if (tagName === 'br') gap = runs.length > 0 ? '\n' : '';
    else if (tagName === 'img') add([...marks, markOf(node)], String(properties['alt'] ?? ''));
    else if (tagName === 'input') add(marks, properties['checked'] ? '☑' : '☐');
    else {
      const inner = isMark(node) ? [...new Set([...marks, markOf(node)])].sort() : marks;
      for (const child of children) read(child, inner);
    }
  };
  for (const node of nodes) read(node, []);
  return runs;
}

/** Not the raised number of a footnote, and not the link of an address: a reader makes that by itself, or does not. */
function isMark(node: Element): boolean {
  const { href } = node.properties;
  return node.tagName !== 'sup' && !(typeof href === 'string' && saysTheSame(textOf(node), href));
}

/** The element with its address and title, if it has any. */
function markOf({ tagName, properties }: Element): string {
  const { href, src, title } = properties;
  return JSON.stringify([tagName, href ?? src, title]);
}
