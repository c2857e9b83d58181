/**
 * What of a parsed body may stay.
 *
 * Two steps over one tree: ours decides about content and reports losses, and
 * hast-util-sanitize holds the border with a list of allowed elements,
 * attributes and schemes, whatever ours let through.
 */
import type { Element, ElementContent, Properties, Root, RootContent } from 'hast';
import { defaultSchema, type Schema, sanitize } from 'hast-util-sanitize';
import { allowedAddress, imageSchemes, linkSchemes } from './addresses.ts';
import type { Report } from './losses.ts';
import { wordLists } from './word-lists.ts';

/** Gone with everything inside, without a loss: nobody saw it. */
const unseen = new Set(
  'script style title template noscript head noembed noframes frameset datalist col colgroup base link meta param track source area xml'.split(
    ' ',
  ),
);
const media = new Set('iframe frame object embed applet audio video canvas svg math'.split(' '));
const controls = new Set(['input', 'select', 'textarea', 'keygen', 'meter', 'progress']);

/** Unwrapping these would join their lines with their neighbours'. */
const blocks = new Set(
  'address article aside center details dialog fieldset figcaption figure footer form header hgroup legend main nav optgroup option section summary'.split(
    ' ',
  ),
);
const renamed: Readonly<Record<string, string>> = {
  menu: 'ul',
  dir: 'ul',
  listing: 'pre',
  xmp: 'pre',
  plaintext: 'pre',
};

const schema: Schema = {
  ...defaultSchema,
  tagNames:
    'a b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img input kbd li ol p pre q s samp strike strong sub sup table tbody td tfoot th thead tr tt ul var'.split(
      ' ',
    ),
  strip: [...unseen, ...media, ...controls].filter((name) => name !== 'input'),
  attributes: {
    '*': [['dir', 'rtl']],
    a: ['href', 'title'],
    code: [['className', /^language-[\w+#.-]+$/]],
    img: ['src', 'alt', 'title', 'width', 'height'],
    input: [['type', 'checkbox'], ['disabled', true], 'checked'],
    ol: ['start'],
    table: [['role', 'none', 'presentation']],
    td: ['colSpan', 'rowSpan', ['align', 'left', 'center', 'right']],
    th: ['colSpan', 'rowSpan', ['align', 'left', 'center', 'right']],
  },
  ancestors: { ...defaultSchema.ancestors, caption: ['table'] },
  protocols: { href: linkSchemes, src: imageSchemes },
  clobber: [],
  allowComments: false,
  allowDoctypes: false,
};

/** The tree with nothing in it that this file does not allow. The argument is not used again. */
export function clean(tree: Root, report: Report): Root {
  const kept = sanitize({ type: 'root', children: cleanChildren(tree.children, 'root', report) }, schema);
  // A single element comes back without a root.
  return kept.type === 'root' ? kept : { type: 'root', children: kept.type === 'doctype' ? [] : [kept] };
}

function cleanChildren(children: readonly RootContent[], parent: string, report: Report): ElementContent[] {
  const result: ElementContent[] = [];
  for (const child of wordLists(children)) {
    if (child.type === 'text') result.push({ type: 'text', value: child.value });
    else if (child.type === 'element') result.push(...cleanElement(child, parent, report));
  }
  return result;
}

function cleanElement(element: Element, parent: string, report: Report): ElementContent[] {
  const { tagName, properties } = element;
  if (unseen.has(tagName) || isHidden(properties) || isPixel(properties)) return [];
  if (media.has(tagName)) {
    report('media');
    return [];
  }
  if (tagName === 'input' && isTaskBox(properties, parent)) return [element];
  if (controls.has(tagName)) {
    if (properties['type'] !== 'hidden') report('controls');
    return [];
  }
  if (tagName === 'img') return cleanImage(element, report);
  const children = cleanChildren(element.children, tagName, report);
  if (tagName === 'a') return cleanLink(element, children, report);
  return [{ ...element, tagName: blocks.has(tagName) ? 'div' : (renamed[tagName] ?? tagName), children }];
}

function cleanImage(element: Element, report: Report): ElementContent[] {
  const { src, alt } = element.properties;
  const allowed = typeof src === 'string' ? allowedAddress(src, imageSchemes) : undefined;
  if (allowed) {
    return [{ ...element, properties: { ...element.properties, src: allowed } }];
  }
  if (src) report('imageAddress');
  return typeof alt === 'string' && alt !== '' ? [{ type: 'text', value: alt }] : [];
}

function cleanLink(element: Element, children: ElementContent[], report: Report): ElementContent[] {
  const { href } = element.properties;
  if (typeof href !== 'string') return children;
  const allowed = allowedAddress(href, linkSchemes);
  if (allowed === undefined) {
    report('linkAddress');
    return children;
  }
  return [{ ...element, properties: { ...element.properties, href: allowed }, children }];
}

function isHidden({ hidden, style }: Properties): boolean {
  return (
    hidden === true || hidden === '' || (typeof style === 'string' && /(?:^|[;\s])display\s*:\s*none/i.test(style))
  );
}

/** An image, frame or object of at most one by one point, which only tells its sender that the mail was opened. */
function isPixel({ width, height, style }: Properties): boolean {
  const styled = typeof style === 'string' ? style : '';
  return (
    isPoint(width ?? /(?:^|[;\s])width\s*:\s*([\d.]+(?:px)?)(?=\s*(?:;|$|!))/i.exec(styled)?.[1]) &&
    isPoint(height ?? /(?:^|[;\s])height\s*:\s*([\d.]+(?:px)?)(?=\s*(?:;|$|!))/i.exec(styled)?.[1])
  );
}

function isPoint(size: Properties[string]): boolean {
  return /^(?:0*1|0+)(?:\.0*)?(?:px)?$/i.test(String(size ?? '').trim());
}

/** The boxes of task lists, as Markdown writes them. */
function isTaskBox({ type, disabled }: Properties, parent: string): boolean {
  return type === 'checkbox' && disabled === true && (parent === 'li' || parent === 'p');
}
