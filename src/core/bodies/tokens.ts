/**
 * How HTML that is too much for a tree becomes plain text.
 *
 * The parser's tokens go straight to the text writer: no tree, no recursion,
 * and time that grows with the length alone.
 */
import { Token, type TokenHandler, Tokenizer, TokenizerMode } from 'parse5';
import { allowedAddress, linkSchemes } from './addresses.ts';
import { createTextWriter } from './text.ts';

/** What the tokenizer must be told, because it depends on the element that was opened. */
const modes: Readonly<Record<string, Tokenizer['state']>> = {
  title: TokenizerMode.RCDATA,
  textarea: TokenizerMode.RCDATA,
  style: TokenizerMode.RAWTEXT,
  xmp: TokenizerMode.RAWTEXT,
  iframe: TokenizerMode.RAWTEXT,
  noembed: TokenizerMode.RAWTEXT,
  noframes: TokenizerMode.RAWTEXT,
  noscript: TokenizerMode.RAWTEXT,
  script: TokenizerMode.SCRIPT_DATA,
  plaintext: TokenizerMode.PLAINTEXT,
};

/** Their content is not the text of the page. */
const silent = new Set(
  'title textarea style iframe noembed noframes noscript script template object applet audio video canvas svg math select xml'.split(
    ' ',
  ),
);

/** Cells become lines: at this size a table is the layout of the page more often than data. */
const cells = new Set(['td', 'th']);

export function textOfTokens(html: string): string {
  const writer = createTextWriter();
  const open = new Map<string, number>();
  let silenced = 0;
  const say = (value: string) => {
    if (silenced === 0) writer.text(value);
  };
  const handler: TokenHandler = {
    onStartTag(token) {
      const name = token.tagName;
      const mode = modes[name];
      if (mode !== undefined) tokenizer.state = mode;
      if (silent.has(name)) {
        if (token.selfClosing && mode === undefined) return;
        open.set(name, (open.get(name) ?? 0) + 1);
        silenced += 1;
      } else if (silenced === 0) {
        const href = Token.getTokenAttr(token, 'href') ?? undefined;
        writer.open({
          name: cells.has(name) ? 'div' : name,
          href: href === undefined ? undefined : allowedAddress(href, linkSchemes),
          alt: Token.getTokenAttr(token, 'alt') ?? undefined,
        });
        count(name, 1);
      }
    },
    onEndTag(token) {
      const name = token.tagName;
      // An end tag without its start tag ends nothing.
      if ((open.get(name) ?? 0) === 0) return;
      count(name, -1);
      if (silent.has(name)) silenced -= 1;
      else if (silenced === 0) writer.close(cells.has(name) ? 'div' : name);
    },
    onCharacter: (token) => say(token.chars),
    onWhitespaceCharacter: (token) => say(token.chars),
    onNullCharacter: () => {},
    onComment: () => {},
    onDoctype: () => {},
    onEof: () => {},
  };
  const count = (name: string, by: number) => open.set(name, (open.get(name) ?? 0) + by);
  const tokenizer = new Tokenizer({}, handler);
  tokenizer.write(html, true);
  return writer.result();
}
