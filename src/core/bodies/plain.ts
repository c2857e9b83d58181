/** How plain text is cleaned, and how its lines and paragraphs become HTML. */

/**
 * The text without what databases and desks refuse: C0 control characters
 * except tab and line feed go, a lone surrogate becomes U+FFFD, and every line
 * ends in a line feed. None of these can be seen, so none is a loss.
 */
export function cleanText(content: string): string {
  return content
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\t\n\u007f-\u009f]/gu, '')
    .toWellFormed();
}

/**
 * Paragraphs of lines, none of them empty. Blank lines separate paragraphs.
 *
 * Indentation and runs of spaces are protected by no-break spaces, which both
 * HTML and Markdown would otherwise collapse.
 */
export function paragraphsOf(content: string): string[][] {
  const paragraphs: string[][] = [[]];
  for (const line of content.split('\n')) {
    const kept = line.trimEnd();
    if (kept === '') paragraphs.push([]);
    else paragraphs.at(-1)?.push(protectSpaces(kept));
  }
  return paragraphs.filter((lines) => lines.length > 0);
}

/** A `<p>` for each paragraph, a `<br>` for each line break within, and no other markup. */
export function textToHtml(content: string): string {
  return paragraphsOf(content)
    .map((lines) => `<p>${lines.map(escapeHtml).join('<br>')}</p>`)
    .join('\n');
}

function protectSpaces(line: string): string {
  return (
    line
      .replaceAll('\t', '    ')
      .replace(/^ +/, (run) => '\u00a0'.repeat(run.length))
      // The real space comes first, where it ends an address.
      .replace(/ {2,}/g, (run) => ` ${'\u00a0'.repeat(run.length - 1)}`)
  );
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Safe as the content of an element and as a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => references[character] ?? character);
}
