/** What Plain makes of a body: Markdown beside plain text, components, and one plain field in imports. */
import { convertBody, splitMarkdown, splitText } from '../../core/bodies.ts';
import type { Body, Loss, Written } from '../../core/model.ts';
import type { ComponentInput, ImportThreadMessageInput } from './generated/graphql.ts';

/** Characters of one text component: the narrower of the vendor's two figures (5 000 and 10 000). */
const componentLimit = 5000;

/** Plain text stays plain text; anything else becomes Markdown. Long bodies take several components. */
export async function asComponents(body: Body): Promise<Written<readonly ComponentInput[]>> {
  const plain = body.format === 'text';
  const { content, losses } = await convertBody(body, plain ? 'text' : 'markdown');
  if (content.trim() === '') return { value: [], losses };
  const value = plain
    ? splitText(content, componentLimit).map((piece) => ({ componentPlainText: { plainText: piece } }))
    : splitMarkdown(content, componentLimit).map((piece) => ({ componentText: { text: piece } }));
  return { value, losses };
}

export interface TextAndMarkdown {
  readonly text: string;
  /** `undefined` where the text says it all. */
  readonly markdown: string | undefined;
}

/** For replies, e-mails and notes: Markdown is shown, text is the fallback. */
export async function asTextAndMarkdown(body: Body): Promise<Written<TextAndMarkdown>> {
  const text = await convertBody(body, 'text');
  if (body.format === 'text') return { value: { text: text.content, markdown: undefined }, losses: text.losses };
  const markdown = await convertBody(body, 'markdown');
  // The losses of the fallback are none: the Markdown beside it keeps them.
  return { value: { text: text.content, markdown: markdown.content }, losses: markdown.losses };
}

/**
 * For replies: also plain text has its Markdown beside it, escaped, so that
 * what is shown does not depend on what Plain makes of the text alone.
 */
export async function asReply(body: Body): Promise<Written<TextAndMarkdown>> {
  const { value, losses } = await asTextAndMarkdown(body);
  return { value: { ...value, markdown: value.markdown ?? (await convertBody(body, 'markdown')).content }, losses };
}

/** What stands for a message without words, such as mail that was nothing but an attachment. */
const nothing = '(no text)';

/** Imports take one text: Markdown source keeps links and lists readable. */
export async function asImportedText(body: Body): Promise<Written<ImportThreadMessageInput['text']>> {
  const text = await convertBody(body, 'text');
  if (text.content.trim() === '') {
    const changed: Loss = { field: 'body', how: 'changed', stored: nothing, reason: 'Plain stores no empty message' };
    return { value: nothing, losses: [...text.losses, changed] };
  }
  if (body.format === 'text') return { value: text.content, losses: text.losses };
  const markdown = await convertBody(body, 'markdown');
  const same = markdown.content.trim() === text.content.trim();
  return {
    value: markdown.content,
    losses: same ? markdown.losses : [...markdown.losses, { field: 'body', how: 'changed', stored: 'Markdown source' }],
  };
}
