/** How a long text is cut into pieces that a desk accepts. */

/**
 * Pieces of at most `limit` UTF-16 units, cut after the last blank line that
 * fits, else after the last line break, else after the last space, else
 * anywhere but inside a surrogate pair.
 *
 * Separators stay at the end of their piece: `pieces.join('')` is the content.
 * No piece is empty, so empty content has no pieces. Throws a `RangeError` for
 * a limit that is not an integer of 2 or more, the size of one character.
 */
export function splitText(content: string, limit: number): string[] {
  if (!Number.isInteger(limit) || limit < 2) throw new RangeError('limit: an integer of 2 or more');
  const pieces: string[] = [];
  let start = 0;
  while (content.length - start > limit) {
    const piece = fitting(content.slice(start, start + limit));
    pieces.push(piece);
    start += piece.length;
  }
  if (start < content.length) pieces.push(content.slice(start));
  return pieces;
}

/** The part of the window that ends at its best border. */
function fitting(window: string): string {
  for (const border of ['\n\n', '\n', ' ']) {
    const at = window.lastIndexOf(border);
    if (at >= 0) return window.slice(0, at + border.length);
  }
  // The window has at least two units, so a piece stays when half a character goes.
  return isHighSurrogate(window.charCodeAt(window.length - 1)) ? window.slice(0, -1) : window;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** An opening or closing fence, alone on its line and not inside a quote or list. */
const fenceLine = /^ {0,3}(`{3,}|~{3,})([^\n]*)$/gm;

/** A longer opening line is repeated without its language, so that the reserve stays small. */
const repeatedFenceLimit = 40;

/**
 * As {@link splitText}, and a fenced code block that is cut is closed at the
 * end of its piece and opened again in the next one.
 *
 * Without those added lines, `pieces.join('')` is the content. Fences inside
 * quotes and lists are not repaired. Below a limit of 200 nothing is repaired.
 */
export function splitMarkdown(content: string, limit: number): string[] {
  const reserve = 2 * (repeatedFenceLimit + 2);
  if (limit < 200 || content.length <= limit) return splitText(content, limit);
  let open: string | undefined;
  return splitText(content, limit - reserve).map((piece) => {
    const opening = open;
    open = fenceAfter(piece, open);
    const head = opening === undefined ? '' : `${opening}\n`;
    const tail = open === undefined ? '' : `${piece.endsWith('\n') ? '' : '\n'}${marksOf(open)}\n`;
    return head + piece + tail;
  });
}

/** The line that opened the fence in which the piece ends, if any. */
function fenceAfter(piece: string, before: string | undefined): string | undefined {
  let open = before;
  for (const [line, marks = '', info = ''] of piece.matchAll(fenceLine)) {
    if (open === undefined) {
      // A backtick in the info string makes it inline code.
      const opens = marks.length <= repeatedFenceLimit && !(marks.startsWith('`') && info.includes('`'));
      if (opens) open = line.length <= repeatedFenceLimit ? line : marks;
    } else if (info.trim() === '' && marks.startsWith(marksOf(open))) {
      open = undefined;
    }
  }
  return open;
}

function marksOf(fence: string): string {
  return /`+|~+/.exec(fence)?.[0] ?? '';
}
