/** What a conversion cannot carry, in the words of a `Loss`. */
import type { Loss } from '../model.ts';

const table = {
  media: { how: 'dropped', reason: 'embedded media' },
  controls: { how: 'dropped', reason: 'form controls' },
  imageAddress: { how: 'changed', stored: 'alternative text', reason: 'images other than http, https and cid' },
  linkAddress: { how: 'changed', stored: 'label', reason: 'links other than http, https, mailto, tel and sms' },
  mergedCells: { how: 'changed', stored: 'single cells', reason: 'Markdown has no merged table cells' },
  cellBlocks: {
    how: 'changed',
    stored: 'lines',
    reason: 'Markdown has no lists, headings or code blocks in table cells',
  },
  images: { how: 'changed', stored: 'alternative text', reason: 'plain text holds no images' },
  tables: { how: 'changed', stored: 'one line a row', reason: 'plain text holds no tables' },
  tooLarge: { how: 'changed', stored: 'plain text', reason: 'too large or too deeply nested for rich text' },
  failed: { how: 'changed', stored: 'plain text', reason: 'not convertible as rich text' },
} as const satisfies Record<string, Omit<Loss, 'field'>>;

export type LossKind = keyof typeof table;

/** Called as often as the kind occurs; it is listed once. */
export type Report = (kind: LossKind) => void;

export function lossesOf(kinds: Iterable<LossKind>): Loss[] {
  return Array.from(kinds, (kind) => ({ field: 'body', ...table[kind] }));
}
