/** Bodies: what each conversion keeps, what it never lets through, and what it says is lost. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText, cleanText, convertBody, splitMarkdown, splitText } from '../../src/core/bodies.ts';
import type { BodyFormat } from '../../src/core/model.ts';
import { dangersOf, renderTrustingly } from './harmless.ts';

async function convert(format: BodyFormat, content: string, to: BodyFormat): Promise<string> {
  return (await convertBody({ format, content }, to)).content;
}

const formats = ['html', 'markdown', 'text'] as const;

describe('HTML to Markdown', () => {
  it.each([
    ['links', '<p>See <a href="https://a.test/x_y">the page</a>.</p>', 'See [the page](https://a.test/x_y).'],
    ['mail addresses', '<a href="mailto:a@b.test">a@b.test</a>', '<a@b.test>'],
    ['addresses in text, unescaped', '<p>https://a.test/x_y_z</p>', '<https://a.test/x_y_z>'],
    ['addresses before no-break spaces', '<p>https://a.test/b&nbsp;c</p>', '<https://a.test/b> c'],
    ['odd mail addresses', '<a href="mailto:a@b_c.test">a@b_c.test</a>', 'a\\@b_c.test'],
    ['bullet lists', '<ul><li>a</li><li>b</li></ul>', '- a\n- b'],
    ['numbered lists from their start', '<ol start="3"><li>a</li><li>b</li></ol>', '3. a\n4. b'],
    ['nested lists', '<ul><li>a<ol><li>b</li><li>c</li></ol></li></ul>', '- a\n  1. b\n  2. c'],
    ['lists directly in lists', '<ul><li>a</li><ul><li>b</li></ul></ul>', '- a\n  - b'],
    ['lists with paragraphs', '<ul><li><p>a</p></li><li><p>b</p></li></ul>', '- a\n- b'],
    [
      'tables',
      '<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>',
      '| A | B |\n| - | - |\n| 1 | 2 |',
    ],
    ['breaks in cells', '<table><tr><th>A</th></tr><tr><td>1<br>2</td></tr></table>', '| A |\n| - |\n| 1<br>2 |'],
    [
      'paragraphs in cells',
      '<table><tr><th>A</th></tr><tr><td><p>1</p><p>2</p></td></tr></table>',
      '| A |\n| - |\n| 1<br>2 |',
    ],
    ['pipes in cells', '<table><tr><th>A</th></tr><tr><td>1|2</td></tr></table>', '| A |\n| - |\n| 1\\|2 |'],
    ['captions', '<table><caption>C</caption><tr><th>A</th></tr></table>', 'C\n\n| A |\n| - |'],
    [
      'layout tables as their cells',
      '<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>',
      'a\n\nb',
    ],
    [
      'links in nested tables',
      '<table><tr><td><table><tr><td><a href="https://a.test">x</a></td></tr></table></table>',
      '[x](https://a.test)',
    ],
    ['inline code', '<p><code>a*b</code></p>', '`a*b`'],
    [
      'code blocks',
      '<pre><code class="language-ts">if (a) {\n  b();\n}\n</code></pre>',
      '```ts\nif (a) {\n  b();\n}\n```',
    ],
    ['quotes', '<blockquote>a<blockquote>b</blockquote></blockquote>', '> a\n>\n> > b'],
    ['images', '<img src="cid:logo" alt="Logo">', '![Logo](cid:logo)'],
    ['line breaks', '<p>a<br>b</p>', 'a\\\nb'],
    ['two breaks as a paragraph', 'a<br><br>b', 'a\n\nb'],
    ['lines in divs', '<div>a</div><div>b</div><div><br></div><div>c</div>', 'a\\\nb\n\nc'],
    ['nested formatting', '<a href="https://a.test"><i>a <b>b</b></i></a>', '[*a __b__*](https://a.test)'],
    ['formatting with space at its ends', '<b> a </b>b', '**a** b'],
    ['formatting after a space of its own', 'x<b> a</b>', 'x **a**'],
    ['references to line ends', 'a&#13;b', 'a b'],
    ['formatting over lines', '<b>a<br>b<br><br>c</b>', '**a**\\\n**b**\n\n**c**'],
    ['formatting around blocks', '<b><div>a</div><ul><li>b</li></ul></b>', '**a**\n\n- **b**'],
    ['formatting inside itself', '<i>a<em>b</em></i>', '*ab*'],
    ['formatting side by side', '<i>a</i><i>b</i>', '*ab*'],
    ['empty formatting', 'a<b></b><i> </i>b', 'a b'],
    ['strike-through', '<s>a</s> <del>b</del>', '~~a~~ ~~b~~'],
    ['headings', '<h2>a <b>b</b></h2>', '## a **b**'],
    ['rules', 'a<hr>b', 'a\n\n---\n\nb'],
    ['underlining as text', '<u>a</u> <ins>b</ins>', 'a b'],
    ['sections as blocks', '<section>a</section><center>b</center>', 'a\\\nb'],
    [
      'Markdown characters as text',
      '<p>*a* _b_ [c](d) `e` # 1. &lt;f></p><p># g</p><p>1. h</p>',
      '\\*a\\* \\_b\\_ \\[c]\\(d) \\`e\\` # 1. &lt;f>\n\n\\# g\n\n1\\. h',
    ],
    [
      'task lists',
      '<ul><li><input type="checkbox" disabled checked> a</li><li><input type="checkbox" disabled> b</li></ul>',
      '- [x] a\n- [ ] b',
    ],
  ])('keeps %s', async (_, html, markdown) => {
    const converted = await convertBody({ format: 'html', content: html }, 'markdown');
    expect(converted).toEqual({ content: markdown, losses: [] });
  });

  it('reads the mail of Gmail', async () => {
    const html =
      '<div dir="ltr">Hi,<div><br></div><div>fine.</div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon Ada wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex"><div dir="ltr">How?</div></blockquote></div>';
    expect(await convert('html', html, 'markdown')).toBe('Hi,\n\nfine.\n\nOn Mon Ada wrote:\n\n> How?');
  });

  it('reads the mail of Outlook', async () => {
    const html =
      '<html xmlns:o="urn:x"><head><style>p.MsoNormal{mso-x:1}</style><!--[if gte mso 9]><xml><o:p>no</o:p></xml><![endif]--><xml><w:View>Normal</w:View></xml></head><body><p class="MsoNormal"><b>Hi<o:p></o:p></b></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><!--[if !mso]><!--><p class="MsoNormal">there<o:p></o:p></p><!--<![endif]--></body></html>';
    expect(await convert('html', html, 'markdown')).toBe('**Hi**\n\nthere');
  });

  it('makes lists of Word paragraphs', async () => {
    const item = (level: number, marker: string, text: string) =>
      `<p class="MsoListParagraph" style="text-indent:-.25in;mso-list:l0 level${level} lfo1"><![if !supportLists]><span><span style="mso-list:Ignore">${marker}<span>&nbsp; </span></span></span><![endif]>${text}<o:p></o:p></p>\n`;
    const html = `<p>Before</p>${item(1, '·', 'a')}${item(2, '1.', 'b')}${item(2, '2.', 'c')}${item(1, '·', 'd')}<p>After</p>`;
    expect(await convert('html', html, 'markdown')).toBe('Before\n\n- a\n  1. b\n  2. c\n- d\n\nAfter');
    expect(await convert('html', html, 'html')).toContain('<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>');
  });
});

describe('Markdown to HTML', () => {
  it.each([
    ['links', '[a](https://a.test "t")', '<p><a href="https://a.test" title="t">a</a></p>'],
    ['bare addresses', 'https://a.test', '<p><a href="https://a.test">https://a.test</a></p>'],
    ['lists', '3. a\n   - b', '<ol start="3">\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ol>'],
    [
      'breaks in cells',
      '| a |\n| - |\n| 1<br>2 |',
      '<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1<br>\n2</td>\n</tr>\n</tbody>\n</table>',
    ],
    [
      'code',
      '`a<b`\n\n```js\nc<d\n```',
      '<p><code>a&lt;b</code></p>\n<pre><code class="language-js">c&lt;d\n</code></pre>',
    ],
    ['quotes', '> a\n> > b', '<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>'],
    ['images', '![a](cid:b)', '<p><img src="cid:b" alt="a"></p>'],
    ['breaks', 'a\\\nb', '<p>a<br>\nb</p>'],
    ['formatting', '***a** ~~b~~*', '<p><em><strong>a</strong> <del>b</del></em></p>'],
    ['task lists as characters', '- [x] a\n- [ ] b', '<ul>\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>'],
    ['tags as text', 'use <name> or <script>x</script>', '<p>use &lt;name> or &lt;script>x&lt;/script></p>'],
    ['blocks of tags as text', '<div>\na\n</div>', '<p>&lt;div><br>\na<br>\n&lt;/div></p>'],
    ['no comments and no underlining', '<!-- c -->\n\na <u>b</u><!-- d -->', '<p>a b</p>'],
  ])('keeps %s', async (_, markdown, html) => {
    const converted = await convertBody({ format: 'markdown', content: markdown }, 'html');
    expect(converted).toEqual({ content: html, losses: [] });
  });

  it('gives back the Markdown that HTML became', async () => {
    const markdown =
      '## a\n\n- b\n  1. c\n\n| | |\n| - | - |\n| 1<br>2 | **3** |\n\n> d\\\n> e\n\n```\nf\n```\n\n[g](https://a.test) ![h](cid:i) ~~j~~';
    const html = await convert('markdown', markdown, 'html');
    expect(await convert('html', html, 'markdown')).toBe(markdown);
  });
});

describe('to text', () => {
  it.each([
    [
      'html',
      'links',
      '<a href="https://a.test/">here</a>, <a href="https://b.test/">b.test</a>',
      'here (https://a.test/), b.test',
    ],
    ['html', 'mail links', '<a href="mailto:a@b.test">a@b.test</a>', 'a@b.test'],
    [
      'html',
      'lists',
      '<p>x</p><ul><li>a<ol start="9"><li>b</li><li>c<br>d</li></ol></li><li>e</li></ul>y',
      'x\n\n- a\n  9. b\n  10. c\n      d\n- e\n\ny',
    ],
    ['html', 'lines', '<div>a</div><div>b<br>c</div><p>d</p>', 'a\nb\nc\n\nd'],
    [
      'html',
      'quotes',
      'a<blockquote>b<br><br>c<blockquote>d</blockquote></blockquote>e',
      'a\n\n> b\n>\n> c\n>\n> > d\n\ne',
    ],
    ['html', 'code', '<pre>a\n  b\n\nc</pre>', 'a\n  b\n\nc'],
    ['html', 'no-break spaces as spaces', 'a&nbsp;&nbsp;b', 'a  b'],
    ['markdown', 'what Markdown shows', '**a** _b_ `c`\n\n1. d\n2. e', 'a b c\n\n1. d\n2. e'],
    ['markdown', 'task lists', '- [x] a', '- [x] a'],
    ['text', 'everything', ' a\t<b>\n\n\n*c* ', ' a\t<b>\n\n\n*c* '],
  ] as const)('from %s keeps %s', async (format, _, content, text) => {
    const converted = await convertBody({ format, content }, 'text');
    expect(converted).toEqual({ content: text, losses: [] });
  });

  it('sets a row of a table on a line', async () => {
    const html =
      '<table><tr><th>A</th><th>B</th></tr><tr><td>1<br>2</td><td></td></tr><tr><td></td><td>3</td></tr></table>';
    const { content, losses } = await convertBody({ format: 'html', content: html }, 'text');
    expect(content).toBe('A | B\n1 2\n | 3');
    expect(losses).toEqual([expect.objectContaining({ field: 'body', how: 'changed', stored: 'one line a row' })]);
  });
});

describe('from text', () => {
  it('becomes paragraphs and lines of HTML, with nothing in it read as HTML', async () => {
    expect(await convert('text', 'a <b> & "c"\nd\n \n\n  e  f\n', 'html')).toBe(
      '<p>a &lt;b&gt; &amp; &quot;c&quot;<br>d</p>\n<p>\u00a0\u00a0e \u00a0f</p>',
    );
  });

  it.each([
    '# a',
    '- a',
    '+ a',
    '1. a',
    '1) a',
    '> a',
    '***',
    '---',
    '===',
    '`a`',
    '```',
    '~~a~~',
    '**a** __b__',
    '[a](b)',
    '![a](b)',
    '[a]: b',
    '<b>',
    '<!-- a -->',
    '&amp;',
    'a|b\n-|-\nc|d',
    '    a',
    '\ta',
    'a\\',
    '\\*',
    'https://a.test/b_c_d',
    'www.a.test',
    'a@b.test',
    '[^1]',
    '- [ ] a',
    '<https://a.test>',
    'a  \nb',
    '# a\n---',
  ])('means the same text as Markdown: %j', async (text) => {
    const markdown = await convert('text', text, 'markdown');
    expect(await convert('markdown', markdown, 'text')).toBe(text.replace('\t', '    ').replace('  \n', '\n'));
  });
});

const attacks = [
  '<script>evil()</script>',
  '<SCRIPT SRC=//evil.test></SCRIPT>',
  '<scr<script>ipt>evil()</scr</script>ipt>',
  '<svg><script>evil()</script></svg>',
  '<svg onload=evil()>',
  '<math><mtext><table><mglyph><style><img src=x onerror=evil()>',
  '<svg></p><style><a id="</style><img src=1 onerror=evil()>">',
  '<noscript><p title="</noscript><img src=x onerror=evil()>">',
  '<template><script>evil()</script></template>',
  '<title><img src=x onerror=evil()></title>',
  '<style>@import "//evil.test"</style>',
  '<iframe src="javascript:evil()"></iframe>',
  '<iframe srcdoc="<script>evil()</script>"></iframe>',
  '<object data="javascript:evil()"></object><embed src="javascript:evil()">',
  '<form action="javascript:evil()"><input onfocus=evil() autofocus><button formaction="javascript:evil()">b</button></form>',
  '<img src=x onerror=evil()>',
  '<img src="https://a.test/i.png" onerror="evil()">',
  '<p style="background:url(javascript:evil())" onclick="evil()">p</p>',
  '<a href="javascript:evil()">l</a>',
  '<a href="JaVaScRiPt:evil()">l</a>',
  '<a href="java\nscript:evil()">l</a>',
  '<a href="java&#x09;script:evil()">l</a>',
  '<a href="&#1;javascript:evil()">l</a>',
  '<a href=" &#106;avascript&colon;evil()">l</a>',
  '<a href="vbscript:evil()">l</a>',
  '<a href="data:text/html,<script>evil()</script>">l</a>',
  '<img src="data:text/html;base64,PHNjcmlwdD4=">',
  '<base href="javascript:evil()//"><a href="x">l</a>',
  '<meta http-equiv="refresh" content="0;url=javascript:evil()">',
  '<link rel="stylesheet" href="javascript:evil()">',
  '<!--><script>evil()</script>-->',
  '<!--[if true]><script>evil()</script><![endif]-->',
  '<p>&lt;script&gt;evil()&lt;/script&gt;</p>',
  '<textarea><script>evil()</script></textarea>',
  '<xmp><script>evil()</script></xmp>',
  '<a href="https://a.test" target="_blank" onmouseover="evil()">l</a>',
  '<p>[x](javascript:evil()) &lt;javascript:evil()> ![x](javascript:evil())</p>',
  '[x](javascript:evil())',
  '[x](<java&#x0A;script:evil()>)',
  '[x](JAVASCRIPT&colon;evil())',
  '![x](javascript:evil())',
  '![x](data:text/html;base64,PHNjcmlwdD4=)',
  '<javascript:evil()>',
  '[x][y]\n\n[y]: vbscript:evil()',
  '[x]( &#14;javascript:evil())',
  '`a`<img src=x onerror=evil()>`b`',
  '| a |\n| - |\n| <script>evil()</script> |',
  '[<img src=x onerror=evil()>](https://a.test)',
  '\\<script>evil()\\</script>',
  '&lt;script&gt;evil()&lt;/script&gt;',
];

describe('an attack', () => {
  describe.each(['html', 'markdown', 'text'] as const)('in %s', (format) => {
    it.each(attacks)('comes out harmless: %j', async (content) => {
      const html = await convert(format, content, 'html');
      expect(dangersOf(html)).toEqual([]);
      const markdown = await convert(format, content, 'markdown');
      expect(dangersOf(renderTrustingly(markdown))).toEqual([]);
      const text = await convert(format, content, 'text');
      expect(dangersOf(await convert('text', text, 'html'))).toEqual([]);
    });
  });

  it('leaves nothing of a script in any format', async () => {
    const html =
      '<p>a</p><script>evil()</script><style>evil</style><template>evil</template><noscript>evil</noscript><title>evil</title><iframe>evil</iframe><object>evil</object><select><option>evil</option></select>';
    for (const to of formats) expect(await convert('html', html, to)).not.toContain('evil');
  });
});

describe('HTML that parsers read differently once it is clean', () => {
  it.each([
    '<p>a<button><p>b</button>c',
    '<p>a<object><p>b</object><marquee><p>c',
    '<pre>\n\n\na</pre>',
    '<a href="https://a.test">a<table><a href="https://b.test">b',
  ])('is settled: %j', async (content) => {
    const html = await convert('html', content, 'html');
    expect(await convert('html', html, 'html')).toBe(html);
  });
});

describe('what is not content', () => {
  it.each([
    ['<img src="https://t.test/p.gif" width="1" height="1">'],
    ['<img src="https://t.test/p.gif" style="width:1px; height:0px">'],
    ['<div style="display: none">preheader</div>'],
    ['<span hidden>x</span>'],
    ['<iframe src="https://t.test" width=0 height=0></iframe>'],
    ['<meta name="a"><link rel="b"><style>c</style><!-- d -->'],
  ])('goes without a loss: %s', async (html) => {
    for (const to of formats) {
      const converted = await convertBody({ format: 'html', content: `<p>a</p>${html}` }, to);
      expect(converted).toEqual({ content: to === 'html' ? '<p>a</p>' : 'a', losses: [] });
    }
  });
});

describe('a loss', () => {
  it.each([
    [
      'html',
      'video',
      '<video src="https://a.test/v"></video><audio></audio>',
      { how: 'dropped', reason: 'embedded media' },
    ],
    ['markdown', 'frames', '<iframe src="https://a.test"></iframe>', { how: 'dropped', reason: 'embedded media' }],
    ['html', 'form controls', '<input value="a"><select></select>', { how: 'dropped', reason: 'form controls' }],
    [
      'html',
      'embedded images',
      '<img src="data:image/png;base64,AAAA" alt="a"><img src="file:///b" alt="b">',
      { how: 'changed', stored: 'alternative text' },
    ],
    ['html', 'addresses', '<a href="file:///a">a</a><a href="javascript:b">b</a>', { how: 'changed', stored: 'label' }],
    [
      'markdown',
      'merged cells',
      '<table><tr><th colspan=2>a</th></tr><tr><td>1</td><td>2</td></tr></table>',
      { how: 'changed', stored: 'single cells' },
    ],
    [
      'markdown',
      'lists in cells',
      '<table><tr><th>a</th></tr><tr><td><ul><li>b</li><li>c</li></ul></td></tr></table>',
      { how: 'changed', stored: 'lines' },
    ],
    ['text', 'images', '<img src="cid:a" alt="b"><img src="cid:c">', { how: 'changed', stored: 'alternative text' }],
    ['text', 'tables', '<table><tr><th>a</th><th>b</th></tr></table>', { how: 'changed', stored: 'one line a row' }],
  ] as const)('to %s is listed once: %s', async (to, _, html, loss) => {
    const { losses } = await convertBody({ format: 'html', content: html }, to);
    expect(losses).toEqual([expect.objectContaining({ field: 'body', ...loss })]);
  });

  it('leaves the words that stood for what is lost', async () => {
    const html = '<img src="data:image/png;base64,AAAA" alt="one"> <a href="file:///a">two</a> <button>three</button>';
    for (const to of formats) expect(await convert('html', html, to)).toBe('one two three');
  });

  it('keeps list items in cells as lines', async () => {
    const html = '<table><tr><th>a</th></tr><tr><td><ol><li>b</li><li>c</li></ol></td></tr></table>';
    expect(await convert('html', html, 'markdown')).toContain('| 1. b<br>2. c |');
  });
});

describe('a body that is too much for a tree', () => {
  const bombs: readonly (readonly [string, BodyFormat, string])[] = [
    ['nested divs', 'html', `${'<div>'.repeat(3000)}<b>bold</b> word<script>evil()</script>`],
    [
      'nested divs and tags in raw text',
      'html',
      `${'<div>'.repeat(3000)}<textarea><script></textarea><title><style></title>bold word`,
    ],
    ['nested quotes', 'html', `${'<blockquote>'.repeat(50_000)}<b>bold</b> word<style>evil</style>`],
    [
      'formatting that repeats',
      'html',
      `${Array.from({ length: 5000 }, (_, i) => `<b id=${i}><p>`).join('')}bold word<script>evil()`,
    ],
    ['many elements', 'html', `${'<p>x</p>'.repeat(30_000)}<b>bold</b> word<iframe>evil</iframe>`],
    [
      'much text',
      'html',
      `${'<p>lorem ipsum</p>'.repeat(30)}${'lorem '.repeat(100_000)}<b>bold</b> word<title>evil</title>`,
    ],
    ['nested Markdown quotes', 'markdown', `${'>'.repeat(50_000)} bold word`],
    ['nested Markdown lists', 'markdown', `${'- '.repeat(5000)}bold word`],
    [
      'lists nested by indentation',
      'markdown',
      `${Array.from({ length: 200 }, (_, i) => `${'  '.repeat(i)}- x`).join('\n')}\n\nbold word`,
    ],
    ['brackets', 'markdown', `${'['.repeat(50_000)}bold word`],
    ['asterisks', 'markdown', `${'a**b '.repeat(25_000)}bold word`],
    ['underlined headings', 'markdown', `${'a\n==\n'.repeat(3000)}bold word`],
    ['wide Markdown tables', 'markdown', `${'|a'.repeat(200)}\n${'|-'.repeat(200)}\n${'|x\n'.repeat(5000)}\nbold word`],
    ['long Markdown', 'markdown', `${'lorem ipsum\n'.repeat(10_000)}bold word`],
  ];

  describe.each(bombs)('by %s', (_, format, content) => {
    it.each(formats)('becomes plain text on the way to %s', async (to) => {
      const converted = await convertBody({ format, content }, to);
      expect(converted.losses).toEqual([
        { field: 'body', how: 'changed', stored: 'plain text', reason: 'too large or too deeply nested for rich text' },
      ]);
      expect(converted.content).toContain('bold word');
      expect(converted.content).not.toContain('evil');
      if (to === 'html') expect(converted.content.replace(/<\/?(?:p|br)>/g, '')).not.toContain('<');
    });
  });

  it.each([
    ['spans', '<table><tr><th colspan=1000000>a</th><th rowspan=65534>b</th></tr><tr><td>c</td></tr></table>', 'a'],
    [
      'ragged tables',
      `<table><tr>${'<td>a</td>'.repeat(500)}</tr>${'<tr><td>b</td></tr>'.repeat(500)}</table>`,
      'a\n\na',
    ],
  ])('is not what huge %s make', async (_, html, text) => {
    const { content, losses } = await convertBody({ format: 'html', content: html }, 'markdown');
    expect(content).toContain(text);
    expect(content.length).toBeLessThan(100_000);
    expect(losses.map(({ stored }) => stored)).not.toContain('plain text');
  });

  /** Each would take minutes if any step grew with the square of its length. */
  it.each([
    ['html', 'addresses in a row', `<p>x ${'www.'.repeat(100_000)}`],
    ['html', 'no-break spaces', `<pre>x${'\u00a0'.repeat(400_000)}x`],
    ['html', 'spaces in an address', `<a href="a${' '.repeat(400_000)}b">x</a>`],
    ['html', 'spaces in a size', `<img src="cid:x" alt="x" width="1${' '.repeat(400_000)}x">`],
    ['html', 'list styles', `<p style="${'mso-list:'.repeat(50_000)}">x</p>`],
    ['html', 'hidden styles', `<p style="${'display '.repeat(50_000)}">x</p>`],
    ['html', 'attributes', `<p ${Array.from({ length: 50_000 }, (_, i) => `a${i}`).join(' ')}>x</p>`],
    ['markdown', 'spaces', `x${' '.repeat(90_000)}x\n${' '.repeat(9000)}`],
    ['markdown', 'dashes', `x\n\n${'-'.repeat(90_000)}x`],
    ['markdown', 'comments', `x ${'<!-- '.repeat(15_000)}`],
    ['text', 'addresses', `x ${'http://www.'.repeat(40_000)}`],
    ['text', 'spaces', `x${' '.repeat(400_000)}x`],
  ] as const)('from %s is not what many %s make', async (format, _, content) => {
    for (const to of formats) expect(await convert(format, content, to)).toContain('x');
  });

  it('is not a mail of 141 kB, nor one with a large embedded image', async () => {
    const mail = '<div><p>Hello <b>you</b></p><ul><li><a href="https://a.test">b</a></li></ul></div>\n'.repeat(1700);
    const long = await convertBody({ format: 'html', content: mail }, 'markdown');
    expect(mail.length).toBeGreaterThan(141_000);
    expect(long.losses).toEqual([]);
    const image = `<b>a</b><img alt="c" src="data:image/png;base64,${'A'.repeat(900_000)}">`;
    const embedded = await convertBody({ format: 'html', content: image }, 'markdown');
    expect(embedded.content).toBe('**a**c');
    expect(embedded.losses.map(({ stored }) => stored)).toEqual(['alternative text']);
  });

  it('keeps the lines, lists, links and quotes of its text', async () => {
    const html = `${'<div>'.repeat(400)}<p>a<br>b</p><ul><li>c<li><a href="https://a.test">d</a></ul><blockquote>e</blockquote><a href="javascript:evil()">f</a><pre>g\n  h</pre><table><tr><td>i<td>j`;
    expect(await convert('html', html, 'text')).toBe('a\nb\n\n- c\n- d (https://a.test)\n\n> e\n\nf\n\ng\n  h\n\ni\nj');
  });
});

describe('cleanText', () => {
  it.each([
    ['NUL and other control characters', 'a\u0000b\u0008c\u001bd\u000be', 'abcde'],
    ['lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['foreign line ends', 'a\r\nb\rc\n', 'a\nb\nc\n'],
  ])('repairs %s', (_, content, clean) => {
    expect(cleanText(content)).toBe(clean);
  });

  it('leaves tabs, line feeds, pairs and everything else', () => {
    const content = 'a\tb\nc 😀 é \u0085\u00a0\u200d';
    expect(cleanText(content)).toBe(content);
  });

  it('also holds for what entities smuggle in', async () => {
    for (const to of formats) {
      const converted = await convert('html', '<p>a&#1;&#27;&#0;&#xD800;<img src="cid:x" alt="b&#8;"></p>', to);
      expect(converted).toBe(cleanText(converted));
      expect(converted).toContain('a\ufffd\ufffd');
    }
  });
});

describe('splitText', () => {
  it.each([
    ['a paragraph', 'aa bb\ncc\n\ndd ee\nff', 16, ['aa bb\ncc\n\n', 'dd ee\nff']],
    ['a line', 'aa bb\ncc dd', 8, ['aa bb\n', 'cc dd']],
    ['a word', 'aa bb cc', 7, ['aa bb ', 'cc']],
    ['a character', 'aaaaa', 2, ['aa', 'aa', 'a']],
    ['no pair', 'a😀😀', 2, ['a', '😀', '😀']],
    ['nothing', '', 5, []],
  ] as const)('cuts at %s', (_, content, limit, pieces) => {
    expect(splitText(content, limit)).toEqual(pieces);
  });

  it.each([0, 1, -3, 2.5, Number.NaN])('refuses a limit of %d', (limit) => {
    expect(() => splitText('abc', limit)).toThrow(RangeError);
  });
});

describe('splitMarkdown', () => {
  it('closes a fence that it cuts, and opens it again', () => {
    const code = Array.from({ length: 60 }, (_, i) => `line ${i};`).join('\n');
    const pieces = splitMarkdown(`Intro\n\n\`\`\`ts\n${code}\n\`\`\`\n\nOutro`, 300);
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(300);
      expect(piece.match(/^```/gm)?.length ?? 0).toSatisfy((fences: number) => fences % 2 === 0);
    }
    expect(pieces.slice(1, -1).every((piece) => piece.startsWith('```ts\n') && piece.endsWith('\n```\n'))).toBe(true);
    expect(pieces.join('').replaceAll('```\n```ts\n', '')).toContain(code);
  });

  it('cuts like splitText where there is no fence', () => {
    const content = 'lorem ipsum\n'.repeat(100);
    expect(splitMarkdown(content, 300).join('')).toBe(content);
  });
});

const emails = new URL('../../../shared/fixtures/emails/', import.meta.url);
const files = existsSync(emails) ? readdirSync(emails) : [];

describe.skipIf(files.length === 0)('real mail', () => {
  /** Words only: white space and the signs of the formats aside. */
  const words = (text: string) => text.match(/[\p{L}\p{N}]+/gu) ?? [];
  const read = (name: string) => readFileSync(new URL(name, emails), 'utf8');

  it.each(files.filter((name) => name.endsWith('.html')))('keeps the visible text of %s', async (name) => {
    const text = await convert('html', read(name), 'text');
    expect(text).toContain('Hello! How are you?');
    expect(text).not.toMatch(/Mso|font-family|gmail_/);
    const markdown = await convert('html', read(name), 'markdown');
    expect(words(await convert('markdown', markdown, 'text'))).toEqual(words(text));
    const html = await convert('html', read(name), 'html');
    expect(words(await convert('html', html, 'text'))).toEqual(words(text));
    expect(markdown.startsWith('Hi. I am fine.\n\nThanks,')).toBe(true);
  });

  it.each(files.filter((name) => name.endsWith('.txt')))('keeps the visible text of %s', async (name) => {
    const lines = (text: string) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    const text = cleanText(read(name));
    for (const way of ['html', 'markdown'] as const) {
      expect(lines(await convert(way, await convert('text', text, way), 'text'))).toEqual(lines(text));
    }
  });
});

describe('the words of a body', () => {
  it.each([
    ['**no**', '<strong>no</strong>'],
    ['one  \ntwo', '<p>one<br>two</p>'],
    ['- a\n- b', '<ul>\n<li>a</li>\n<li>b</li></ul>'],
    ['[the page](https://a.test)', '<a href="https://a.test">the page</a>'],
  ])('are the same in Markdown and HTML: %j', async (markdown, html) => {
    const words = await bodyText({ format: 'html', content: html });
    expect(await bodyText({ format: 'markdown', content: markdown })).toBe(words);
  });

  it('stand on one line, without white space around them', async () => {
    const content = ' \n a\u00a0 b\t\n\nc ';
    expect(await bodyText({ format: 'text', content })).toBe('a b c');
  });

  it('keep signs that are no markup in their format', async () => {
    expect(await bodyText({ format: 'text', content: '**no**' })).toBe('**no**');
    expect(await bodyText({ format: 'html', content: '<p>2 &lt; 3 *</p>' })).toBe('2 < 3 *');
  });

  it.each(['https://a.test/b_c%0G|', 'www.a.test%AG>@', 'https://a.test/%%41%254'])(
    'hold an address once that Markdown has encoded: %s',
    async (content) => {
      const { content: markdown } = await convertBody({ format: 'text', content }, 'markdown');
      expect(await bodyText({ format: 'markdown', content: markdown })).toBe(content);
    },
  );

  it('hold the address of a link, which is part of what was said', async () => {
    const link = (address: string) => bodyText({ format: 'html', content: `<a href="${address}">here</a>` });
    expect(await link('https://a.test')).not.toBe(await link('https://b.test'));
  });
});
