/**
 * How a clean tree gets the shape that Markdown and text can hold.
 *
 * Mail writes lines as `<div>`s and paragraphs as two `<br>`s, puts blocks into
 * inline formatting, and lays out with tables. Afterwards there are only
 * paragraphs, lists, quotes, headings, code, rules and tables of data, and a
 * cell holds one line of inline content.
 */
import type { Element, ElementContent, Root, RootContent } from 'hast';
import type { Report } from './losses.ts';

const blockNames = new Set(
  'blockquote caption dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead tr ul'.split(' '),
);
const voidNames = new Set(['br', 'hr', 'img', 'input']);
const headingName = /^h[1-6]$/;

/** Cells of a table once every row has the same number, and cells that merged ones may stand for. */
const cellLimit = 20_000;
const mergedLimit = 1_000;

export function shape(tree: Root, report: Report): Root {
  return { type: 'root', children: flow(tree.children, [], report) };
}

/** One run of content on its way to paragraphs. */
interface Draft {
  readonly blocks: ElementContent[];
  /** The lines of the paragraph that is being read. Never empty. */
  lines: ElementContent[][];
  /** Which formatting a copy stands for, so that neighbours share one copy. */
  readonly copies: WeakMap<Element, Element>;
  readonly report: Report;
}

/** Blocks only. `marks` is the inline formatting around the children, outermost first. */
function flow(children: readonly RootContent[], marks: readonly Element[], report: Report): ElementContent[] {
  const draft: Draft = { blocks: [], lines: [[]], copies: new WeakMap(), report };
  for (const child of children) read(draft, child, marks);
  endParagraph(draft);
  return draft.blocks;
}

function read(draft: Draft, node: RootContent, marks: readonly Element[]): void {
  if (node.type === 'doctype') return;
  if (node.type !== 'element' || !breaksLine(node)) {
    append(draft, node, marks);
  } else if (node.tagName === 'br') {
    draft.lines.push([]);
  } else if (isLine(node)) {
    startLine(draft);
    for (const child of node.children) read(draft, child, marks);
    startLine(draft);
  } else if (opensOntoPage(node)) {
    endParagraph(draft);
    for (const child of node.children) read(draft, child, marks);
    endParagraph(draft);
  } else if (blockNames.has(node.tagName)) {
    endParagraph(draft);
    draft.blocks.push(...block(node, marks, draft.report));
  } else {
    for (const child of node.children) read(draft, child, [...marks, node]);
  }
}

/** A `<div>` of inline content: one line, or several with `<br>`s. */
function isLine(node: Element): boolean {
  return /^(?:div|dt|dd)$/.test(node.tagName) && !node.children.some(holdsBlock);
}

/** An element that only groups its children, as do the parts of a table that holds no data. */
function opensOntoPage(node: Element): boolean {
  return (
    /^(?:p|div|dl|dt|dd|caption|thead|tbody|tfoot|tr|th|td)$/.test(node.tagName) ||
    (node.tagName === 'table' && !holdsData(node))
  );
}

function breaksLine(node: RootContent): boolean {
  return (
    node.type === 'element' && (node.tagName === 'br' || blockNames.has(node.tagName) || node.children.some(breaksLine))
  );
}

function holdsBlock(node: RootContent): boolean {
  return node.type === 'element' && (blockNames.has(node.tagName) || node.children.some(holdsBlock));
}

function append(draft: Draft, node: ElementContent, marks: readonly Element[]): void {
  let children = draft.lines.at(-1) ?? [];
  for (const mark of marks) {
    const last = children.at(-1);
    if (last?.type === 'element' && draft.copies.get(last) === mark) {
      children = last.children;
    } else {
      const copy: Element = { ...mark, children: [] };
      draft.copies.set(copy, mark);
      children.push(copy);
      children = copy.children;
    }
  }
  children.push(node);
}

/** White space between elements does not make a line; a no-break space does. */
function startLine(draft: Draft): void {
  if (draft.lines.at(-1)?.some((node) => !isBlank(node, /^[ \t\n\f\r]*$/))) draft.lines.push([]);
}

/** A line that looks empty ends a paragraph, as two `<br>`s do. */
function endParagraph(draft: Draft): void {
  let paragraph: ElementContent[] = [];
  for (const line of [...draft.lines, []]) {
    if (!line.every((node) => isBlank(node, /^\s*$/))) {
      if (paragraph.length > 0) paragraph.push(element('br', []));
      paragraph.push(...line);
    } else if (paragraph.length > 0) {
      draft.blocks.push(element('p', paragraph));
      paragraph = [];
    }
  }
  draft.lines = [[]];
}

function isBlank(node: ElementContent, blank: RegExp): boolean {
  if (node.type === 'text') return blank.test(node.value);
  return (
    node.type !== 'element' || (!voidNames.has(node.tagName) && node.children.every((child) => isBlank(child, blank)))
  );
}

function block(node: Element, marks: readonly Element[], report: Report): ElementContent[] {
  if (node.tagName === 'ul' || node.tagName === 'ol')
    return [{ ...node, children: items(node.children, marks, report) }];
  if (node.tagName === 'li') return [element('ul', items([node], marks, report))];
  if (node.tagName === 'blockquote') return [{ ...node, children: flow(node.children, marks, report) }];
  if (node.tagName === 'table') return dataTable(node, marks, report);
  if (headingName.test(node.tagName)) return heading(node, report);
  return [node];
}

function items(children: readonly ElementContent[], marks: readonly Element[], report: Report): Element[] {
  const result: Element[] = [];
  for (const child of children) {
    if (child.type === 'element' && child.tagName === 'li') {
      result.push({ ...child, children: tight(flow(child.children, marks, report)) });
    } else {
      // Lists directly in lists, as several editors nest them, belong to the item before.
      const blocks = flow([child], marks, report);
      const last = result.at(-1);
      if (blocks.length === 0) continue;
      if (last) last.children.push(...blocks);
      else result.push(element('li', tight(blocks)));
    }
  }
  return result;
}

/** Without the paragraph around the first line, which would set the list with blank lines. */
function tight(blocks: readonly ElementContent[]): ElementContent[] {
  const [first, ...rest] = blocks;
  if (first?.type !== 'element' || first.tagName !== 'p') return [...blocks];
  return [...first.children, ...rest];
}

function heading(node: Element, report: Report): ElementContent[] {
  const blocks = flow(node.children, [], report);
  const lines = blocks.flatMap((line) => (line.type === 'element' && line.tagName === 'p' ? [line.children] : []));
  // Blocks inside a heading are a page laid out with it.
  return lines.length < blocks.length ? blocks : lines.length === 0 ? [] : [{ ...node, children: joined(lines) }];
}

/** Two rows and two columns, or header cells; and no table inside. */
function holdsData(table: Element): boolean {
  if (table.properties['role'] || descendants(table, 'table').length > 0) return false;
  const rows = descendants(table, 'tr');
  const columns = Math.max(0, ...rows.map((row) => row.children.filter((cell) => cell.type === 'element').length));
  // Short rows are filled up to the longest: no real table is that ragged.
  if (rows.length * columns > cellLimit) return false;
  return descendants(table, 'th').length > 0 || (rows.length > 1 && columns > 1);
}

function descendants(node: Element, tagName: string): Element[] {
  return node.children.flatMap((child) =>
    child.type !== 'element' ? [] : [...(child.tagName === tagName ? [child] : []), ...descendants(child, tagName)],
  );
}

function dataTable(table: Element, marks: readonly Element[], report: Report): ElementContent[] {
  const captions = descendants(table, 'caption').flatMap((caption) => flow(caption.children, marks, report));
  const merged = [...descendants(table, 'td'), ...descendants(table, 'th')].map(areaOf).filter((area) => area > 1);
  if (merged.length > 0) report('mergedCells');
  const keepsSpans = merged.reduce((sum, area) => sum + area, 0) <= mergedLimit;
  const parts = table.children.flatMap((part) => tablePart(part, keepsSpans, marks, report));
  return [...captions, { ...table, children: parts }];
}

/** Of a cell that may be merged: how many cells it covers, as far as it says so. */
function areaOf({ properties }: Element): number {
  return Math.max(1, Number(properties['colSpan'] ?? 1)) * Math.max(1, Number(properties['rowSpan'] ?? 1)) || 1;
}

function tablePart(
  part: ElementContent,
  keepsSpans: boolean,
  marks: readonly Element[],
  report: Report,
): ElementContent[] {
  if (part.type !== 'element' || part.tagName === 'caption') return [];
  if (part.tagName !== 'td' && part.tagName !== 'th') {
    return [{ ...part, children: part.children.flatMap((child) => tablePart(child, keepsSpans, marks, report)) }];
  }
  const { align } = part.properties;
  const properties = keepsSpans ? part.properties : align === undefined ? {} : { align };
  return [{ ...part, properties, children: joined(cellLines(flow(part.children, marks, report), report)) }];
}

function cellLines(blocks: readonly ElementContent[], report: Report): ElementContent[][] {
  return blocks.flatMap((node): ElementContent[][] => {
    if (node.type !== 'element' || !blockNames.has(node.tagName)) return [[node]];
    if (node.tagName === 'p') return [node.children];
    report('cellBlocks');
    if (node.tagName === 'pre')
      return textOf(node)
        .split('\n')
        .map((line) => [element('code', [{ type: 'text', value: line }])]);
    if (headingName.test(node.tagName)) return [[element('strong', node.children)]];
    if (node.tagName === 'hr') return [[{ type: 'text', value: '---' }]];
    if (node.tagName === 'blockquote') return cellLines(node.children, report);
    return node.children.flatMap((item, index) => itemLines(node, item, index, report));
  });
}

function itemLines(list: Element, item: ElementContent, index: number, report: Report): ElementContent[][] {
  if (item.type !== 'element') return [];
  const marker = list.tagName === 'ol' ? `${Number(list.properties['start'] ?? 1) + index}. ` : '• ';
  const blocks = flow(item.children, [], report);
  const [first = [], ...rest] = cellLines(blocks, report);
  return [[{ type: 'text', value: marker }, ...first], ...rest];
}

function joined(lines: readonly ElementContent[][]): ElementContent[] {
  return lines.flatMap((line, index) => (index === 0 ? line : [element('br', []), ...line]));
}

function textOf(node: ElementContent): string {
  if (node.type === 'text') return node.value;
  if (node.type !== 'element') return '';
  return node.tagName === 'br' ? '\n' : node.children.map(textOf).join('');
}

function element(tagName: string, children: ElementContent[]): Element {
  return { type: 'element', tagName, properties: {}, children };
}
