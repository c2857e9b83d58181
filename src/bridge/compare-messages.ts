/** Whether the messages of a thread say the same on both desks. */
import { bodyText, bodyTree } from '../core/bodies.ts';
import type { Helpdesk } from '../core/helpdesk.ts';
import type { Body, Message } from '../core/model.ts';

/** A thread's messages, oldest first, and the desk they are on. */
export interface Told {
  readonly desk: Pick<Helpdesk, 'traits'>;
  readonly messages: readonly Message[];
}

/**
 * The fields in which `mirror` differs from `primary`: `messages.<index>` of a
 * message that has no counterpart, `messages.<index>.body`,
 * `messages.<index>.createdAt`, and `messages.length` where the mirror has
 * more. Indexes are the primary's. Authors and attachments are not compared: a
 * mirror cannot keep them.
 *
 * Bodies are compared by their trees, see {@link bodyTree}. A text or Markdown
 * is read in two ways, as Markdown and as plain text, because a desk that takes
 * one text for both does not say which it is: one tree must be the same. A text
 * of the primary may also be all that a channel kept of a formatted message:
 * there the same words are enough. Of what is too large for a tree, or was
 * stored in pieces, the letters and digits are compared. A body of the primary
 * without words is not compared, since not every desk can store one.
 *
 * A desk that records messages as notes or in a transcript has them inside other
 * texts. There each must be found as consecutive blocks that no other message
 * has taken, a note in a note, and one that is not found is
 * `messages.<index>.body`. Where that desk is the primary, what its notes and its
 * opening message hold of the mirror's messages counts as the same if no more is
 * left of it than a heading for each that names its kind: a note that the mirror
 * shows as a message has none.
 *
 * Times are compared to the second where the mirror keeps them. It does not
 * have those of replies where the primary answers with the reply's id: they are
 * recorded with the time at which the bridge had the answer. Nor has it that of
 * the opening message where mirrored threads are created live.
 */
export async function messageFields(
  primary: Told,
  mirror: Told,
  createMirrored: 'import' | 'live',
): Promise<readonly string[]> {
  const here = await Promise.all(primary.messages.map(read));
  const there = await Promise.all(mirror.messages.map(read));
  if (foldsIn(mirror)) {
    const holders = holdersOf(here, there, isText);
    const found = new Set(holders.flatMap(({ held }) => held));
    if (foldsIn(primary)) {
      const whole = holders.filter(({ held }) => held.length === 0).map(({ said }) => said);
      const mayHold = here.filter((one) => !found.has(one) && (one === here[0] || isNote(one)));
      for (const { said } of holdersOf(whole, mayHold, () => false).filter(holdsLittleElse)) found.add(said);
    }
    return here.flatMap((one, index) => (found.has(one) || isWordless(one) ? [] : [`messages.${index}.body`]));
  }
  const opening = createMirrored === 'live' ? here.find(({ message }) => message.kind === 'inbound') : undefined;
  const { returnsReplyId } = primary.desk.traits;
  const isTimed = (one: Said) => one !== opening && !(returnsReplyId && one.message.kind === 'outbound');
  const sameTime: Same = (one, two) => !isTimed(one) || seconds(one) === seconds(two);
  return differences(here, there, sameTime, foldsIn(primary));
}

/** Whether the desk has some messages inside others. */
function foldsIn({ desk }: Told): boolean {
  return desk.traits.recordsMessages !== 'as-messages';
}

/** A message in the forms in which it is compared. */
interface Said {
  readonly message: Message;
  /** As the format says, then in the other way. Only those that have words. */
  readonly readings: readonly Reading[];
}

/** Each form begins and ends with its border, so that a part of it is found between borders only. */
interface Reading {
  /** Lines, one for each block. `undefined`: too large or in pieces, so the letters stand for it. */
  readonly blocks: string | undefined;
  readonly letters: string;
  readonly words: string;
}

async function read(message: Message): Promise<Said> {
  const { body } = message;
  const other = body.format === 'markdown' ? 'text' : 'markdown';
  const bodies: readonly Body[] = body.format === 'html' ? [body] : [body, { ...body, format: other }];
  const readings = await Promise.all(bodies.map((one) => readingOf(one, isInPieces(message))));
  return { message, readings: readings.filter(({ words }) => words.trim() !== '') };
}

async function readingOf(body: Body, inPieces: boolean): Promise<Reading> {
  const { blocks, letters } = await bodyTree(body);
  return {
    blocks: blocks && !inPieces ? `\n${blocks.map((block) => `${block}\n`).join('')}` : undefined,
    letters: ` ${letters} `,
    words: ` ${await bodyText(body)} `,
  };
}

/** The least that a desk takes of an opening message in one piece, in UTF-16 units. */
const pieceLimit = 5000;

/** Where one piece ends in a quote or a list, the next begins another one. */
function isInPieces({ channel, body }: Message): boolean {
  return channel.is === 'api' && body.format !== 'html' && body.content.length > pieceLimit;
}

function isWordless({ readings }: Said): boolean {
  return readings.length === 0;
}

function isNote({ message }: Said): boolean {
  return message.kind === 'note';
}

function isText({ message }: Said): boolean {
  return message.body.format === 'text';
}

type Same = (one: Said, two: Said) => boolean;

function sameBody(one: Said, two: Said): boolean {
  const inOneWay = (same: (a: Reading, b: Reading) => boolean) =>
    one.readings.some((a) => two.readings.some((b) => same(a, b)));
  return inOneWay(sameTree) || (isText(one) && inOneWay((a, b) => a.words === b.words));
}

function sameTree(a: Reading, b: Reading): boolean {
  return a.blocks !== undefined && b.blocks !== undefined ? a.blocks === b.blocks : a.letters === b.letters;
}

function seconds({ message }: Said): number {
  return Math.floor(message.createdAt.getTime() / 1000);
}

/**
 * Two messages of one kind are a pair if they share body and time, else the
 * body, else the time. `folds`: the primary has some of them inside others.
 */
function differences(here: readonly Said[], there: readonly Said[], sameTime: Same, folds: boolean): readonly string[] {
  const pairs = new Map<Said, Said>();
  const left = new Set(there);
  const rest = new Set(here);

  function pair(fits: Same): void {
    for (const one of rest) {
      const two = [...left].find((other) => other.message.kind === one.message.kind && fits(one, other));
      if (!two) continue;
      pairs.set(one, two);
      left.delete(two);
      rest.delete(one);
    }
  }

  pair((one, two) => sameTime(one, two) && sameBody(one, two));
  pair(sameBody);
  if (folds) {
    const mayHold = [...rest].filter((one) => one === here[0] || isNote(one));
    for (const holder of holdersOf([...left], mayHold, () => false).filter(holdsLittleElse)) {
      rest.delete(holder.said);
      for (const one of holder.held) left.delete(one);
    }
  }
  pair(sameTime);
  const fields = here.flatMap((one, index) => {
    const two = pairs.get(one);
    if (!two) return rest.has(one) ? [`messages.${index}`] : [];
    return [
      ...(isWordless(one) || sameBody(one, two) ? [] : [`messages.${index}.body`]),
      ...(sameTime(one, two) ? [] : [`messages.${index}.createdAt`]),
    ];
  });
  return left.size > 0 ? [...fields, 'messages.length'] : fields;
}

/** A text in which messages are looked for, and what is left of it. */
interface Holder {
  readonly said: Said;
  text: Reading;
  /** What was found in it. */
  readonly held: Said[];
}

/**
 * Which of the texts hold which of the messages. Notes are looked for in notes
 * only: in any other text the contact may see them. The longest come first, so
 * that none is found inside a longer one, and of those that are as long the
 * notes, which have fewer places. `byWords`: the same words are enough.
 */
function holdersOf(
  wanted: readonly Said[],
  texts: readonly Said[],
  byWords: (one: Said) => boolean,
): readonly Holder[] {
  const holders = texts.flatMap((said): Holder[] =>
    said.readings.slice(0, 1).map((text) => ({ said, text, held: [] })),
  );
  const lengthOf = ({ readings }: Said) => Math.max(...readings.map(({ words }) => words.length));
  const order = (a: Said, b: Said) => lengthOf(b) - lengthOf(a) || Number(isNote(b)) - Number(isNote(a));
  for (const one of wanted.filter((said) => !isWordless(said)).sort(order)) {
    const mayHold = holders.filter(({ said }) => !isNote(one) || isNote(said));
    const places = one.readings.flatMap((reading) => mayHold.map((holder) => ({ holder, reading })));
    const place =
      places.find(({ holder, reading }) => holdsTree(holder.text, reading)) ??
      (byWords(one) ? places.find(({ holder, reading }) => holder.text.words.includes(reading.words)) : undefined);
    if (!place) continue;
    place.holder.text = without(place.holder.text, place.reading);
    place.holder.held.push(one);
  }
  return holders;
}

/** A heading for each message, and lines between them. The thread's own opening message has no heading. */
function holdsLittleElse({ said, text, held }: Holder): boolean {
  const unnamed = held.map(({ message }) => message.kind);
  const others = text.blocks?.split('\n').filter((block) => block !== '' && block !== ruler) ?? [];
  for (const block of others) {
    const named = unnamed.findIndex((kind) => block.startsWith(`["p",["","[${kind}]`));
    if (named < 0) return false;
    unnamed.splice(named, 1);
  }
  return held.length > 0 && unnamed.length <= (isNote(said) ? 0 : 1);
}

/** A thematic break among the blocks of {@link bodyTree}. */
const ruler = '["hr"]';

function holdsTree(text: Reading, wanted: Reading): boolean {
  return text.blocks !== undefined && wanted.blocks !== undefined
    ? text.blocks.includes(wanted.blocks)
    : text.letters.includes(wanted.letters);
}

/** What is left for the other messages. */
function without(text: Reading, taken: Reading): Reading {
  return {
    blocks: text.blocks && cut(text.blocks, taken.blocks ?? ''),
    letters: cut(text.letters, taken.letters),
    words: cut(text.words, taken.words),
  };
}

/** Both borders stay, for the neighbours need them. */
function cut(text: string, part: string): string {
  const at = text.indexOf(part);
  return at < 0 || part === '' ? text : `${text.slice(0, at + 1)}${text.slice(at + part.length - 1)}`;
}
