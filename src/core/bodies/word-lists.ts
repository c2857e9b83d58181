/**
 * How the lists of Word and Outlook are told apart from paragraphs.
 *
 * They write no `<ul>`. An item is a paragraph with `mso-list: l0 level2 lfo1`
 * in its style, and its bullet or number is a span with `mso-list: Ignore`.
 */
import type { Element, ElementContent, RootContent } from 'hast';

const itemStyle = /mso-list\s*:\s*\S{1,30}\s+level(\d+)/i;
const markerStyle = /mso-list\s*:\s*ignore/i;
/** `1.`, `a)` or `(iv)`. */
const orderedMarker = /^\(?(?:(\d{1,9})|[a-z]{1,6})[.)]/i;

/** More levels than Word has would only be an attack on the stack. */
const deepestLevel = 9;

/** The children, with each run of list paragraphs turned into nested lists. */
export function wordLists(children: readonly RootContent[]): RootContent[] {
  const result: RootContent[] = [];
  let open: Element[] = [];
  for (const child of children) {
    const level = levelOf(child);
    if (level === undefined || child.type !== 'element') {
      // White space and conditional comments stand between the items.
      if (open.length > 0 && (child.type === 'comment' || (child.type === 'text' && child.value.trim() === '')))
        continue;
      open = [];
      result.push(child);
      continue;
    }
    const marker = (markerOf(child) ?? '').replace(/\s/g, '');
    const ordered = orderedMarker.exec(marker);
    const tagName = ordered ? 'ol' : 'ul';
    open = open.slice(0, level);
    // Another kind of list at the same level is a new list; the same kind goes on.
    if (open.length === level && open.at(-1)?.tagName !== tagName) open = open.slice(0, -1);
    while (open.length < level) {
      const list: Element = { type: 'element', tagName, properties: {}, children: [] };
      if (open.length === level - 1 && ordered?.[1] && ordered[1] !== '1')
        list.properties['start'] = Number(ordered[1]);
      const parent = open.at(-1);
      if (parent) lastItem(parent).children.push(list);
      else result.push(list);
      open.push(list);
    }
    open
      .at(-1)
      ?.children.push({ type: 'element', tagName: 'li', properties: {}, children: withoutMarker(child.children) });
  }
  return result;
}

function levelOf(node: RootContent): number | undefined {
  if (node.type !== 'element' || !/^(?:p|div|h[1-6])$/.test(node.tagName)) return undefined;
  const { style } = node.properties;
  const level = typeof style === 'string' ? Number(itemStyle.exec(style)?.[1]) : Number.NaN;
  return level >= 1 ? Math.min(level, deepestLevel) : undefined;
}

function lastItem(list: Element): Element {
  const last = list.children.at(-1);
  if (last?.type === 'element') return last;
  const item: Element = { type: 'element', tagName: 'li', properties: {}, children: [] };
  list.children.push(item);
  return item;
}

function isMarker(node: RootContent): boolean {
  return (
    node.type === 'element' &&
    typeof node.properties['style'] === 'string' &&
    markerStyle.test(node.properties['style'])
  );
}

function markerOf(node: RootContent): string | undefined {
  if (node.type !== 'element') return undefined;
  if (isMarker(node)) return textOf(node);
  for (const child of node.children) {
    const marker = markerOf(child);
    if (marker !== undefined) return marker;
  }
  return undefined;
}

function textOf(node: ElementContent): string {
  if (node.type === 'text') return node.value;
  return node.type === 'element' ? node.children.map(textOf).join('') : '';
}

function withoutMarker(children: readonly ElementContent[]): ElementContent[] {
  return children
    .filter((child) => !isMarker(child))
    .map((child) => (child.type === 'element' ? { ...child, children: withoutMarker(child.children) } : child));
}
