/** The short way past the writer's rules takes no text that a rule would have changed. */
import { assert, constantFrom, oneof, property, string } from 'fast-check';
import type { Root, RootContent, TableCell } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkStringify from 'remark-stringify';
import { unified } from 'unified';
import { expect, it } from 'vitest';
import { escapeText, safeText } from '../../src/core/bodies/markdown.ts';

const writer = (text: typeof safeText) =>
  unified()
    .use(remarkGfm, { tablePipeAlign: false })
    .use(remarkStringify, { bullet: '-', rule: '-', handlers: { text } })
    .freeze();

const [short, long] = [writer(safeText), writer(escapeText)];

/** Every place a text can stand in that has rules of its own. */
function places(value: string): Root {
  const text = { type: 'text', value } as const;
  const cell: TableCell = { type: 'tableCell', children: [text] };
  const children: RootContent[] = [
    { type: 'paragraph', children: [text] },
    { type: 'paragraph', children: [text, { type: 'strong', children: [text] }, text] },
    { type: 'heading', depth: 2, children: [text] },
    { type: 'list', children: [{ type: 'listItem', children: [{ type: 'paragraph', children: [text] }] }] },
    { type: 'paragraph', children: [{ type: 'link', url: 'https://a.test/', children: [text] }] },
    { type: 'paragraph', children: [text, { type: 'break' }, text] },
    {
      type: 'table',
      children: [
        { type: 'tableRow', children: [cell, cell] },
        { type: 'tableRow', children: [cell, cell] },
      ],
    },
  ];
  return { type: 'root', children };
}

const telling = constantFrom(
  ...'1. 2) - + * _ # > | ~ ` < & : ! [ ] ( ) \\ www. http:// https:// a@b.c = : - \n \t'.split(' '),
  'word',
  ' ',
  'Ärger',
  '5',
  '-',
);
const texts = oneof(
  string({ unit: 'grapheme' }),
  string({ unit: oneof(telling, constantFrom('a', 'b', '.', '/', 'w', 'W', 'p', 's')), maxLength: 12 }),
);

it('writes what the rules would write', () => {
  assert(
    property(texts, (value) => {
      expect(short.stringify(places(value))).toBe(long.stringify(places(value)));
    }),
    { numRuns: 1500 },
  );
});
