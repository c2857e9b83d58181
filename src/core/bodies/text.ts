/** How elements are written as plain text. */
import type { Root, RootContent } from 'hast';
import type { Report } from './losses.ts';

/** What the text of an element depends on. */
export interface Tag {
  readonly name: string;
  readonly href?: string | undefined;
  readonly alt?: string | undefined;
  /** Of an ordered list. */
  readonly start?: number | undefined;
  readonly checked?: boolean | undefined;
}

/** Takes the elements in document order and gives their text. */
export interface TextWriter {
  open(tag: Tag): void;
  close(name: string): void;
  text(value: string): void;
  result(): string;
}

/** Blank lines around, or only a new line. */
const paragraphNames = new Set('p h1 h2 h3 h4 h5 h6 pre blockquote table hr dl'.split(' '));
const lineNames = new Set('div li tr dt dd caption tbody thead tfoot ul ol'.split(' '));

/** Deeper quotes and lists look like this deep, so that hostile nesting cannot fill the memory with indentation. */
const deepestPrefix = 20;

interface List {
  readonly ordered: boolean;
  /** How many prefixes stand before the items. */
  readonly base: number;
  next: number;
}

/** What stands before each line of a quote or list item. */
interface Prefix {
  /** Before the first line, once. */
  marker: string;
  readonly rest: string;
}

/** Linear in time and free of recursion, whatever the nesting. */
export function createTextWriter(): TextWriter {
  const out: string[] = [];
  const lists: List[] = [];
  const prefixes: Prefix[] = [];
  let atLineStart = true;
  let space = false;
  let gap = 0;
  let gapDepth = 0;
  let preformatted = 0;
  let cells = 0;
  let inCell = false;
  let separators = 0;
  let link: { readonly href: string; label: string; image: boolean } | undefined;

  function startLine(): void {
    const shown = prefixes.slice(0, deepestPrefix);
    if (out.length > 0) {
      out.push('\n');
      const quiet = shown.slice(0, gapDepth).map(({ rest }) => rest);
      if (gap > 1) out.push(`${quiet.join('').trimEnd()}\n`);
    }
    for (const prefix of shown) {
      out.push(prefix.marker || prefix.rest);
      prefix.marker = '';
    }
    atLineStart = false;
    space = false;
    gap = 0;
  }

  function write(value: string): void {
    if (atLineStart) startLine();
    const full = ' | '.repeat(separators) + (space && separators === 0 ? ' ' : '') + value;
    out.push(full);
    if (link) link.label += full;
    separators = 0;
    space = false;
    gapDepth = prefixes.length;
  }

  function breakLine(lines: number): void {
    gap = Math.max(gap, lines);
    gapDepth = Math.min(gapDepth, prefixes.length);
    atLineStart = true;
    space = false;
  }

  function words(value: string): void {
    const collapsed = value.replace(/[ \t\n\f\r]+/g, ' ');
    const inner = collapsed.slice(collapsed.startsWith(' ') ? 1 : 0, collapsed.endsWith(' ') ? -1 : undefined);
    if (collapsed.startsWith(' ')) space = true;
    if (inner !== '') write(inner.replaceAll('\u00a0', ' '));
    if (collapsed.endsWith(' ')) space = true;
  }

  function exactLines(value: string): void {
    value.split('\n').forEach((line, index) => {
      if (index > 0) breakLine(atLineStart ? 2 : 1);
      if (line !== '') write(line);
    });
  }

  function closeLink(): void {
    if (!link) return;
    const { href, label, image } = link;
    link = undefined;
    if (label.trim() === '' ? image : !saysTheSame(label, href)) write(label.trim() === '' ? href : ` (${href})`);
  }

  return {
    open(tag) {
      const { name } = tag;
      if (name === 'br' && inCell) space = true;
      else if (name === 'br') breakLine(atLineStart ? 2 : 1);
      else if (paragraphNames.has(name) || ((name === 'ul' || name === 'ol') && lists.length === 0)) breakLine(2);
      else if (lineNames.has(name)) breakLine(1);

      if (name === 'blockquote') prefixes.push({ marker: '', rest: '> ' });
      else if (name === 'ul' || name === 'ol')
        lists.push({ ordered: name === 'ol', base: prefixes.length, next: tag.start ?? 1 });
      else if (name === 'li') {
        // Without a tree, an item that is not closed ends where the next one starts.
        prefixes.length = Math.min(prefixes.length, lists.at(-1)?.base ?? prefixes.length);
        prefixes.push(itemPrefix(lists.at(-1)));
      } else if (name === 'pre') preformatted += 1;
      else if (name === 'hr') write('---');
      else if (name === 'q') write('"');
      else if (name === 'input') write(tag.checked ? '[x]' : '[ ]');
      else if (name === 'tr') {
        cells = 0;
        separators = 0;
      } else if (name === 'td' || name === 'th') {
        inCell = true;
        separators += cells > 0 ? 1 : 0;
        cells += 1;
      } else if (name === 'a') {
        // Anchors do not nest: where one is not closed, the next closes it.
        closeLink();
        if (tag.href !== undefined && !tag.href.startsWith('#')) link = { href: tag.href, label: '', image: false };
      } else if (name === 'img') {
        if (link) link.image = true;
        if (tag.alt) words(tag.alt);
      }
      if (name === 'hr') breakLine(2);
    },
    close(name) {
      if (name === 'a') closeLink();
      else if (name === 'q') write('"');
      else if (name === 'pre') preformatted = Math.max(0, preformatted - 1);
      else if (name === 'td' || name === 'th') inCell = false;
      else if (name === 'tr') separators = 0;
      else if (name === 'blockquote' || name === 'li') prefixes.pop();
      else if (name === 'ul' || name === 'ol') prefixes.length = Math.min(prefixes.length, lists.pop()?.base ?? 0);

      if (paragraphNames.has(name) || ((name === 'ul' || name === 'ol') && lists.length === 0)) breakLine(2);
      else if (lineNames.has(name)) breakLine(1);
    },
    text(value) {
      if (preformatted > 0) exactLines(value);
      else words(value);
    },
    result: () => out.join('').replace(/(?<![ \t])[ \t]+$/gm, ''),
  };
}

function itemPrefix(list: List | undefined): Prefix {
  if (!list?.ordered) return { marker: '- ', rest: '  ' };
  const marker = `${list.next}. `;
  list.next += 1;
  return { marker, rest: ' '.repeat(marker.length) };
}

/** A label that is the address itself, with or without what a reader would leave out. */
export function saysTheSame(label: string, href: string): boolean {
  const bare = (address: string) =>
    address
      .trim()
      .replace(/^(?:mailto:|tel:|sms:|https?:\/\/)/i, '')
      .replace(/\/$/, '');
  // Parsers of Markdown encode what an address may not hold, and take any two letters or digits after % for a code.
  const encoded = encodeURI(label.trim().toWellFormed()).replace(/%25([\da-z]{2})/gi, '%$1');
  return [label, encoded].some((said) => bare(said) === bare(href));
}

/** Takes a tree of the shape that `shape.ts` makes. */
export function writeText(tree: Root, report: Report): string {
  const writer = createTextWriter();
  for (const child of tree.children) writeNode(writer, child, report);
  return writer.result();
}

function writeNode(writer: TextWriter, node: RootContent, report: Report): void {
  if (node.type === 'text') writer.text(node.value);
  if (node.type !== 'element') return;
  if (node.tagName === 'img') report('images');
  if (node.tagName === 'table') report('tables');
  const { href, alt, start, checked } = node.properties;
  writer.open({
    name: node.tagName,
    href: typeof href === 'string' ? href : undefined,
    alt: typeof alt === 'string' ? alt : undefined,
    start: typeof start === 'number' ? start : undefined,
    checked: checked === true,
  });
  for (const child of node.children) writeNode(writer, child, report);
  writer.close(node.tagName);
}
