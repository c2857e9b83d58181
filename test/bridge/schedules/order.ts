/** Whether the messages of a thread stand on a desk in the order in which they were written. */
import type { Operation, Side } from '../../../src/store/store.ts';
import type { Held } from './contents.ts';
import { wordsOf } from './finish.ts';
import type { DeskName } from './steps.ts';

/**
 * The lists in which words are out of order. Empty: none.
 *
 * The mirror follows its primary in the order of positions, and waits for an
 * operation whose answer was lost. Productlane's comments stand as they were
 * written, so theirs is that order, for each primary. Everything else stands by
 * its time on the primary: the same order, as long as each was answered before
 * the next one was. `late`: a person had to decide about them first, so they
 * may come whenever that was.
 */
export function disorder(
  { desk, side, held }: { readonly desk: DeskName; readonly side: Side; readonly held: Held },
  own: readonly Operation[],
  late: ReadonlySet<string>,
): readonly string[] {
  const writes = own.filter(({ method, state }) => state === 'done' && (method === 'reply' || method === 'addNote'));
  const found: string[] = [];

  function check(name: string, texts: readonly string[], written: readonly Operation[]): void {
    // Words that another operation wrote too say nothing about the order.
    const others = new Set(writes.filter((one) => !written.includes(one)).map(wordsOf));
    const wanted = written.map(wordsOf).filter((words) => !others.has(words));
    const got = textsIn(texts).filter((words) => wanted.includes(words));
    if (got.join() !== wanted.join()) found.push(`${name}: ${got.join(', ')} instead of ${wanted.join(', ')}`);
  }

  for (const lane of new Set(writes.map((one) => one.lane))) {
    const inLane = writes.filter((one) => one.lane === lane);
    const sure = inLane.filter(({ id }) => !late.has(id));
    const steady = sure.filter((one) => !isOvertaken(one, inLane));
    if (desk === 'plain') {
      check('timeline', held.together, steady);
      continue;
    }
    for (const primary of ['from', 'to'] as const) {
      for (const method of ['reply', 'addNote'] as const) {
        const same = steady.filter((one) => one.primary === primary && one.method === method);
        check(method, [...held.shown, ...held.notes], same);
      }
    }
    const inText = new Set<string | undefined>(textsIn(held.shown));
    const recorded = sure.filter((one) => one.primary !== side && !inText.has(wordsOf(one)));
    check('comments', held.together, recorded);
  }
  return found;
}

/** Its answer was lost, and only after that of a later one it was known to have happened, or done again. */
function isOvertaken(one: Operation, all: readonly Operation[]): boolean {
  return all.some(({ position, doneAt = 0 }) => position > one.position && doneAt < (one.doneAt ?? 0));
}

/** What replies and notes say, in the order of the texts. */
function textsIn(texts: readonly string[]): readonly string[] {
  return texts.join(' ').match(/begin (?:reply|secret) .*? end/g) ?? [];
}
