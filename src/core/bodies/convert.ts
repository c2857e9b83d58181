/**
 * Which steps lead from one rich format to another.
 *
 * There is one tree in the middle, the clean tree of HTML elements: everything
 * is parsed into it, cleaned once, and written from it.
 */
import type { Root } from 'hast';
import type { Body, BodyFormat, Loss } from '../model.ts';
import { clean } from './clean.ts';
import { parseHtml, writeHtml } from './html.ts';
import { type LossKind, lossesOf, type Report } from './losses.ts';
import { parseMarkdown, writeLines, writeMarkdown } from './markdown.ts';
import { cleanText, paragraphsOf, textToHtml } from './plain.ts';
import { shape } from './shape.ts';
import { writeText } from './text.ts';
import { textOfTokens } from './tokens.ts';

/** `body.content` must have been through `cleanText`. Never throws. */
export function convertRich(body: Body, to: BodyFormat): { content: string; losses: Loss[] } {
  if (body.format === 'text') return { content: fromText(body.content, to), losses: [] };
  const kinds = new Set<LossKind>();
  let failure: LossKind = 'tooLarge';
  try {
    const tree = body.format === 'html' ? parseHtml(body.content) : parseMarkdown(body.content);
    if (tree) return { content: cleanText(write(tree, to, (kind) => kinds.add(kind))), losses: lossesOf(kinds) };
  } catch {
    // One odd mail must not stop a migration of thousands, so a fault in a parser costs the formatting and says so.
    failure = 'failed';
  }
  const text = body.format === 'html' ? cleanText(textOfTokens(body.content)) : body.content;
  return { content: fromText(text, to), losses: lossesOf([failure]) };
}

function fromText(text: string, to: BodyFormat): string {
  if (to === 'text') return text;
  return to === 'html' ? textToHtml(text) : writeLines(paragraphsOf(text));
}

function write(parsed: Root, to: BodyFormat, report: Report): string {
  const tree = clean(parsed, report);
  if (to === 'html') return settled(writeHtml(tree));
  const shaped = shape(tree, report);
  return to === 'markdown' ? writeMarkdown(shaped) : writeText(shaped, report);
}

/**
 * The HTML once a parser reads it the way it was meant.
 *
 * Unwrapping elements can leave a paragraph inside a paragraph, which parsers
 * take apart. A difference between what was checked and what is read is also
 * how markup is smuggled past a sanitiser. Two rounds settle all that is known.
 */
function settled(html: string): string {
  let previous = html;
  for (let round = 0; round < 5; round++) {
    const tree = parseHtml(previous);
    if (!tree) break;
    const next = writeHtml(clean(tree, () => {}));
    if (next === previous) break;
    previous = next;
  }
  return previous;
}
