/** The tree of a body: the same in every format, and another one where a reader would see a difference. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { array, assert, asyncProperty, constantFrom, oneof, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyTree, type ConvertedBody, convertBody } from '../../src/core/bodies.ts';
import type { Body, BodyFormat } from '../../src/core/model.ts';
import { html, markdown, text } from '../desks.ts';

const rich = ['html', 'markdown'] as const;

async function blocks(body: Body): Promise<readonly string[] | undefined> {
  return (await bodyTree(body)).blocks;
}

async function converted(body: Body, format: BodyFormat): Promise<Body & Pick<ConvertedBody, 'losses'>> {
  return { format, ...(await convertBody(body, format)) };
}

describe('a tree is the same', () => {
  it.each([
    ['marks in another order', html('<b><i>a</i></b>'), html('<i><b>a</b></i>')],
    ['marks that touch', html('<p><b>a </b><b>b</b></p>'), markdown('**a b**')],
    ['white space', html('<p>  a\n b </p>\n'), text('a b')],
    ['items with blank lines', markdown('- a\n\n- b'), html('<ul><li>a</li><li>b</li></ul>')],
    ['lines in divs', html('<div>a</div><div>b</div>'), text('a\nb')],
    ['styles', html('<p style="color:red"><span>a</span></p>'), text('a')],
    ['an address that no reader links yet', markdown('<p>\na@b.test'), html('<p>&lt;p><br>a@b.test</p>')],
    [
      'the number of a footnote',
      markdown('a[^1]\n\n[^1]: b'),
      html(
        '<p>a<a href="#user-content-fn-1">1</a></p><h2>Footnotes</h2><ol><li>b <a href="#user-content-fnref-1">↩</a></li></ol>',
      ),
    ],
    ['boxes of tasks', markdown('- [x] a'), html('<ul><li>☑ a</li></ul>')],
    ['composed letters', text('e\u0301'), html('<p>\u00e9</p>')],
    ['blank lines around code', html('<pre>\n\na\n\n</pre>'), markdown('```\na\n```')],
    ['what nobody sees', html('<p>a</p><blockquote></blockquote><p></p><ul></ul>'), text('a')],
  ])('whatever its %s', async (_, one, two) => {
    expect(await blocks(one)).toEqual(await blocks(two));
  });
});

describe('a tree is another one', () => {
  it.each([
    ['a word', 'It says no.', 'It says yes.'],
    ['emphasis', 'It *says* no.', 'It says no.'],
    ['how strong it is', 'It *says* no.', 'It **says** no.'],
    ['where emphasis ends', 'It *says* no.', 'It *says no*.'],
    ['the target of a link', '[a](https://a.test/1)', '[a](https://a.test/2)'],
    ['a link', '[a](https://a.test/1)', 'a'],
    ['the title of a link', '[a](https://a.test "b")', '[a](https://a.test "c")'],
    ['the host of a link that shows an address', '[a.test](https://a.test)', '[a.test](https://b.test)'],
    ['the source of an image', '![a](https://a.test/1)', '![a](https://a.test/2)'],
    ['the text for an image', '![a](https://a.test/1)', '![b](https://a.test/1)'],
    ['the order of items', '- a\n- b', '- b\n- a'],
    ['the number of items', '- a\n- b', '- a b'],
    ['the level of an item', '- a\n- b', '- a\n  - b'],
    ['the kind of a list', '- a\n- b', '1. a\n2. b'],
    ['where a list starts', '1. a', '2. a'],
    ['whether a task is done', '- [ ] a', '- [x] a'],
    ['the level of a heading', '# a', '## a'],
    ['a heading', '# a', 'a'],
    ['a quote', '> a', 'a'],
    ['who is quoted', '> > a', '> a'],
    ['a break', 'a\\\nb', 'a b'],
    ['a paragraph', 'a\n\nb', 'a\\\nb'],
    ['code', '`a`', 'a'],
    ['the language of code', '```ts\na\n```', '```js\na\n```'],
    ['the indentation of code', '```\na\n  b\n```', '```\na\nb\n```'],
    ['the column of a cell', '| a | b |\n| - | - |\n| 1 |  |', '| a | b |\n| - | - |\n|  | 1 |'],
    ['how a column is aligned', '| a |\n| - |', '| a |\n| :-: |'],
    ['a rule', 'a\n\n---\n\nb', 'a\n\nb'],
  ])('where %s is', async (_, one, two) => {
    for (const format of rich) {
      const [before, after] = await Promise.all([one, two].map((content) => converted(markdown(content), format)));
      expect(before && (await blocks(before))).not.toEqual(after && (await blocks(after)));
    }
  });
});

describe('any tree', () => {
  const tags = 'a b i s u p div span br hr ul ol li table tr th td blockquote pre code h1 h2 font'.split(' ');
  const signs = constantFrom(
    ...['*', '**', '_', '`', '```', '~~', '[', ']', '](', '![', ')', '<', '>', '<!--', '-->', '|', '\\', '&', '&lt;'],
    ...['# ', '- ', '- [x] ', '1. ', '> ', '===', '---', '|-|-|', '\n', '\n\n', '    ', '\t', ' ', '  \n', '\u00a0'],
    ...[
      '<br>',
      '<u>',
      'https://a.test/b_c',
      'www.a.test',
      'a@b.test',
      '[l](https://a.test)',
      '[^1]',
      '😀',
      'é',
      'word',
    ],
  );
  const markdownish = array(oneof({ weight: 5, arbitrary: signs }, string({ maxLength: 6 })), { maxLength: 30 });
  const tag = constantFrom(...tags.flatMap((name) => [`<${name}>`, `</${name}>`]), '<a href="https://a.test/b_c">');
  const htmlish = array(oneof({ weight: 2, arbitrary: tag }, signs), { maxLength: 30 });
  const bodies = oneof(
    htmlish.map((pieces) => html(pieces.join(''))),
    markdownish.map((pieces) => markdown(pieces.join(''))),
    markdownish.map((pieces) => text(pieces.join(''))),
  );

  it('is the same in the other rich format, unless a loss is reported', async () => {
    await assert(
      asyncProperty(bodies, async (body) => {
        for (const format of rich.filter((other) => other !== body.format)) {
          const there = await converted(body, format);
          if (there.losses.length === 0) expect(await blocks(there)).toEqual(await blocks(body));
        }
      }),
      { numRuns: 500 },
    );
  });
});

const emails = new URL('../../../shared/fixtures/emails/', import.meta.url);
const files = existsSync(emails) ? readdirSync(emails) : [];

describe.skipIf(files.length === 0)('the tree of real mail', () => {
  it.each(files)('is the same for %s in both rich formats, there and back', async (name) => {
    const content = readFileSync(new URL(name, emails), 'utf8');
    const body = name.endsWith('.html') ? html(content) : text(content);
    const own = await blocks(body);
    expect(own?.length).toBeGreaterThan(0);
    for (const way of rich) {
      const there = await converted(body, way);
      expect(await blocks(there)).toEqual(own);
      for (const back of rich) expect(await blocks(await converted(there, back))).toEqual(own);
    }
  });
});

describe('a body that is too large for a tree', () => {
  const paragraph = 'Some *words* of a_b, <c> & [more](https://a.test/d_e).\n\n';

  it.each([
    [
      'HTML of which the Markdown is',
      html(`<p>Some <i>words</i> of a_b &lt;c> &amp; <a href="https://a.test/d_e">more</a>.</p>`.repeat(2500)),
    ],
    ['HTML that is itself', html('<p>Some <i>words</i>.</p>'.repeat(25_000))],
    ['Markdown that is itself', markdown(paragraph.repeat(3000))],
  ])('has the same letters in both rich formats: %s', async (_, body) => {
    const tree = await bodyTree(body);
    expect(tree.blocks).toBeUndefined();
    expect(tree.letters).toContain('Some words');
    for (const format of rich) {
      const there = await bodyTree(await converted(body, format));
      expect(there.blocks).toBeUndefined();
      // As strings of a megabyte they would be printed.
      expect(there.letters === tree.letters).toBe(true);
    }
  });

  it('has other letters where one word is another', async () => {
    const long = paragraph.repeat(3000);
    const { letters } = await bodyTree(markdown(long));
    expect((await bodyTree(markdown(`${long}more`))).letters === letters).toBe(false);
  });

  it('is never an error', async () => {
    for (const content of [
      '<div>'.repeat(100_000),
      '> '.repeat(50_000),
      '[`*_'.repeat(100_000),
      '<b><p>'.repeat(20_000),
    ]) {
      for (const format of ['html', 'markdown', 'text'] as const) {
        expect(typeof (await bodyTree({ format, content })).letters).toBe('string');
      }
    }
  });
});
