/**
 * How a body gets from one format to another, and into pieces of a given size.
 *
 * This file stays light: the parsers behind the rich formats take 0.2 s to
 * load and are loaded by the first conversion that needs them.
 */
import { cleanText, textToHtml } from './bodies/plain.ts';
import type { BodyTree } from './bodies/tree.ts';
import type { Body, BodyFormat, Loss } from './model.ts';

export { cleanText } from './bodies/plain.ts';
export { splitMarkdown, splitText } from './bodies/split.ts';

export interface ConvertedBody {
  readonly content: string;
  /** `field` is `body`; each kind at most once. Empty when everything was carried. */
  readonly losses: readonly Loss[];
}

/**
 * The body in another format. Never rejects, whatever the content.
 *
 * The content goes through {@link cleanText} first. HTML and Markdown are
 * sanitised also when the format stays the same: scripts, styles, frames, form
 * controls, event handlers and addresses other than http, https, mailto, tel
 * and sms (images: http, https and cid) never come out. HTML to HTML is
 * repeated until it changes nothing, so a second conversion changes nothing.
 *
 * Raw HTML inside Markdown is text, not markup, because people write
 * about tags: `<br>` is a line break, comments and `<u>` tags vanish, and any other tag
 * is shown as it was typed.
 *
 * Styling, underlining, hidden elements, tracking pixels and scripts are not
 * content: they go without a loss. What is a loss:
 *
 * - anything to anything: embedded media, form controls, images and links with
 *   an address that is not allowed (the alternative text or the label stays);
 * - to Markdown: merged table cells, and lists, headings or code in a cell;
 * - to text: images (the alternative text stays) and tables (one line a row).
 *   Links become `label (address)`, or one of the two where they are the same;
 * - too large (500 000 characters of HTML, embedded images not counted, or
 *   100 000 of Markdown) or too deeply nested: stored as plain text. From
 *   Markdown that is the source as it was typed.
 *
 * Tables that only place things on the page (one row or column, or tables
 * within tables) become their cells in order, which is not a loss.
 *
 * Text keeps its line breaks and its runs of spaces. White space at the end of
 * a line, more than one blank line in a row and the width of tabs (4) do not
 * survive the way to HTML or Markdown.
 */
export async function convertBody(body: Body, to: BodyFormat): Promise<ConvertedBody> {
  const content = cleanText(body.content);
  if (body.format === 'text' && to !== 'markdown') {
    return { content: to === 'html' ? textToHtml(content) : content, losses: [] };
  }
  const { convertRich } = await import('./bodies/convert.ts');
  return convertRich({ format: body.format, content }, to);
}

/**
 * The words of a body as a reader sees them, on one line: what is left to
 * compare where a desk may change the markup it is given. Signs of layout that
 * plain text has too, such as the dash of a list item, stay.
 */
export async function bodyText(body: Body): Promise<string> {
  return (await convertBody(body, 'text')).content.replace(/\s+/g, ' ').trim();
}

/**
 * The tree of a body, written so that two bodies can be compared whatever their
 * formats. Never rejects, whatever the content.
 *
 * `blocks` has one string for each paragraph, list, quote, table or other block
 * at the top, empty ones left out. Two bodies have the same blocks where a
 * reader sees the same words, formatting, links, images and structure. White
 * space, the order of marks, styles, underlining, the size of images and whether
 * an address that is shown is also a link make no difference. Nor does what
 * Markdown cannot hold: what {@link convertBody} reports as a loss on the way to
 * Markdown is lost here too.
 *
 * The other rich format has the same blocks if `convertBody` reported no loss
 * on the way there. Markup that is not valid HTML, such as text between the
 * items of a list, may be read in another way once it was converted from HTML to
 * HTML.
 */
export async function bodyTree(body: Body): Promise<BodyTree> {
  const { treeOf } = await import('./bodies/tree.ts');
  return treeOf({ ...body, content: cleanText(body.content) });
}
