/** Bodies: what holds for any content. */
import { array, assert, asyncProperty, constantFrom, integer, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml } from '../../src/core/bodies/plain.ts';
import { bodyText, cleanText, convertBody, splitMarkdown, splitText } from '../../src/core/bodies.ts';
import type { BodyFormat } from '../../src/core/model.ts';
import { dangersOf, renderTrustingly } from './harmless.ts';

const runs = { numRuns: 300 };
const formats: readonly BodyFormat[] = ['html', 'markdown', 'text'];

const tags =
  'a b i u p div span br hr img ul ol li table caption thead tbody tr th td blockquote pre code h1 dl dt dd font center section s sup q input select option textarea button form script style title template noscript iframe object svg math foreignObject desc mtext mglyph annotation-xml xmp plaintext o:p head body html frameset noembed marquee details'.split(
    ' ',
  );
const attributes = [
  'href="https://a.test/b_c?d=1&amp;e=2"',
  'href=javascript:evil()',
  'href="java&#10;script:evil()"',
  'href="&#1;JavaScript&colon;evil()"',
  'href=data:text/html,evil',
  'src="cid:a"',
  'src=javascript:evil()',
  'src=data:image/png;base64,AA',
  'alt="a<b>"',
  'alt="](javascript:evil())"',
  "title='\"><script>'",
  'onclick=evil()',
  'onerror=evil()',
  'style="width:1px"',
  'style="mso-list:l0 level2 lfo1"',
  'style="mso-list:Ignore"',
  'style=display:none',
  'width=1 height=1',
  'colspan=3',
  'rowspan=9999',
  'start=7',
  'type=checkbox disabled',
  'role=presentation',
  'id=x',
  'dir=rtl',
];
const attribute = constantFrom(...attributes);
const signs = constantFrom(
  '*',
  '**',
  '_',
  '__',
  '`',
  '```',
  '~~',
  '~',
  '[',
  ']',
  '](',
  '![',
  '(',
  ')',
  '<',
  '>',
  '</',
  '<!--',
  '-->',
  '|',
  '\\',
  '&',
  '&lt;',
  '&#60;',
  '#',
  '# ',
  '- ',
  '1. ',
  '+ ',
  '> ',
  '===',
  '---',
  ':',
  '\n',
  '\n\n',
  '    ',
  '\t',
  ' ',
  '  \n',
  'javascript:evil()',
  '<javascript:evil()>',
  '[x](vbscript:evil())',
  '<script>',
  '<br>',
  '<u>',
  'https://a.test/b_c',
  'www.a.test',
  'a@b.test',
  '|-|-|',
  '[x]: data:text/html,a',
  '[^1]',
  '\u00a0',
  '\u0000',
  '\ud800',
  '😀',
  'é',
  'word',
);
const piece = oneof(
  { weight: 3, arbitrary: constantFrom(...tags).map((tag) => `<${tag}>`) },
  { weight: 3, arbitrary: constantFrom(...tags).map((tag) => `</${tag}>`) },
  {
    weight: 2,
    arbitrary: array(attribute, { maxLength: 3 }).chain((list) =>
      constantFrom(...tags).map((tag) => `<${tag} ${list.join(' ')}>`),
    ),
  },
  { weight: 4, arbitrary: signs },
  { weight: 2, arbitrary: string({ maxLength: 8 }) },
);
const htmlish = array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
const markdownish = array(oneof({ weight: 5, arbitrary: signs }, string({ maxLength: 6 })), { maxLength: 40 }).map(
  (pieces) => pieces.join(''),
);
const anything = oneof(htmlish, markdownish, string({ unit: 'binary', maxLength: 200 }));

async function convert(format: BodyFormat, content: string, to: BodyFormat): Promise<string> {
  return (await convertBody({ format, content }, to)).content;
}

describe('any content', () => {
  it('is converted, cleaned and free of dangers in every format', async () => {
    await assert(
      asyncProperty(constantFrom(...formats), anything, async (format, content) => {
        for (const to of formats) {
          const converted = await convertBody({ format, content }, to);
          expect(converted.losses.map(({ reason }) => reason)).not.toContain('not convertible as rich text');
          expect(new Set(converted.losses.map(({ reason }) => reason)).size).toBe(converted.losses.length);
          expect(converted.content).toBe(cleanText(converted.content));
          if (to === 'html') expect(dangersOf(converted.content)).toEqual([]);
          if (to === 'markdown') expect(dangersOf(renderTrustingly(converted.content))).toEqual([]);
        }
      }),
      runs,
    );
  });

  it('as HTML does not change when it is converted again', async () => {
    await assert(
      asyncProperty(constantFrom('html' as const, 'markdown' as const), anything, async (format, content) => {
        const html = await convert(format, content, 'html');
        expect(await convert('html', html, 'html')).toBe(html);
      }),
      runs,
    );
  });
});

describe('any text', () => {
  /** What the docstring promises to keep: lines without their ends, single blank lines, tabs as four spaces. */
  const seen = (text: string) =>
    cleanText(text)
      .split('\n')
      .map((line) => line.trimEnd().replaceAll('\t', '    ').replaceAll('\u00a0', ' '))
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .replace(/^\n+|\n+$/g, '');

  it.each(['html', 'markdown'] as const)('is the same text after %s', async (way) => {
    await assert(
      asyncProperty(oneof(markdownish, string({ unit: 'grapheme', maxLength: 60 })), async (text) => {
        expect(seen(await convert(way, await convert('text', text, way), 'text'))).toBe(seen(text));
      }),
      runs,
    );
  });
});

describe('splitting', () => {
  const text = oneof(string({ unit: 'binary', maxLength: 80 }), markdownish).map((value) => value.toWellFormed());

  it('loses nothing, keeps to the limit and halves no character', () => {
    assert(
      property(text, integer({ min: 2, max: 30 }), (content, limit) => {
        const pieces = splitText(content, limit);
        expect(pieces.join('')).toBe(content);
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(limit);
          expect(piece.length).toBeGreaterThan(0);
          expect(piece.isWellFormed()).toBe(true);
        }
      }),
      runs,
    );
  });

  it('keeps to the limit with fences, and adds only fences', () => {
    const line = oneof(
      constantFrom('```', '~~~~', '```ts', '', '    ```'),
      string({ maxLength: 60 }),
      constantFrom('x'.repeat(300)),
    );
    assert(
      property(array(line, { maxLength: 40 }), integer({ min: 200, max: 400 }), (lines, limit) => {
        const content = lines.join('\n').toWellFormed();
        const pieces = splitMarkdown(content, limit);
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(limit);
        const withoutFences = (value: string) => value.replace(/^ {0,3}(?:`{3,}|~{3,}).*$/gm, '').replaceAll('\n', '');
        expect(withoutFences(pieces.join('\n'))).toBe(withoutFences(content));
      }),
      runs,
    );
  });
});

describe('the words of a body', () => {
  const name = constantFrom(
    'login',
    'für',
    'ключ',
    '鍵',
    'a_b',
    '2 * 3',
    'x < y',
    'R&D',
    '#1',
    '1.',
    '-',
    '`id`',
    'no!',
  );
  const plain = array(name, { minLength: 1, maxLength: 4 }).map((words) => escapeHtml(words.join(' ')));
  const inline = oneof(
    { weight: 3, arbitrary: plain },
    ...['strong', 'em', 'code', 's', 'b'].map((tag) => plain.map((words) => `<${tag}>${words}</${tag}>`)),
    plain.map((words) => `<a href="https://a.test/b_c?d=1">${words}</a>`),
    constantFrom('<br>', '<a href="https://a.test/">https://a.test/</a>', ' ', 'https://a.test/b_c', 'a@b.test'),
  );
  const line = tuple(plain, array(inline, { maxLength: 4 })).map(([first, rest]) => [first, ...rest].join(' '));
  const block = oneof(
    { weight: 4, arbitrary: line.map((content) => `<p>${content}</p>`) },
    line.map((content) => `<h2>${content.replaceAll('<br>', ' ')}</h2>`),
    line.map((content) => `<blockquote><p>${content}</p></blockquote>`),
    array(line, { minLength: 1, maxLength: 3 }).map(
      (items) => `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`,
    ),
    array(line, { minLength: 1, maxLength: 3 }).map(
      (items) => `<ol>${items.map((item) => `<li>${item}</li>`).join('')}</ol>`,
    ),
    plain.map((content) => `<pre><code>${content}</code></pre>`),
    constantFrom('<hr>'),
  );
  const document = array(block, { minLength: 1, maxLength: 4 }).map((blocks) => blocks.join('\n'));

  it.each([
    ['html', 'markdown'],
    ['html', 'text'],
    ['markdown', 'html'],
    ['text', 'html'],
    ['text', 'markdown'],
  ] as const)('written as %s are the same after %s', async (format, way) => {
    await assert(
      asyncProperty(format === 'text' ? oneof(markdownish, line) : document, async (content) => {
        const given = { format, content: format === 'markdown' ? await convert('html', content, 'markdown') : content };
        const words = await bodyText(given);
        const there = { format: way, content: await convert(format, given.content, way) };
        expect(await bodyText(there)).toBe(words);
        const back = { format, content: await convert(way, there.content, format) };
        expect(await bodyText(back)).toBe(words);
      }),
      runs,
    );
  });

  it('differ where one word does', async () => {
    await assert(
      asyncProperty(document, async (content) => {
        const words = await bodyText({ format: 'html', content });
        expect(await bodyText({ format: 'html', content: `${content}<p>more</p>` })).not.toBe(words);
      }),
      runs,
    );
  });
});
