/** The line by which a recorded message is found again inside another text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedMessageInput } from '../../src/core/helpdesk.ts';
import { decodeRef, keptId, recordedHeading, recordedIds } from '../../src/core/recorded.ts';
import { past, text } from '../desks.ts';

const message = (externalId: string, author?: RecordedMessageInput['author']): RecordedMessageInput => ({
  ...{ externalId, kind: 'inbound', body: text('Words.'), createdAt: past },
  ...(author && { author }),
});
/** Any string, halves of pairs that stand alone included. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
/** None is empty. */
const ids = fc.oneof(fc.string({ minLength: 1, unit }), fc.string({ minLength: 1, unit: 'grapheme' }));
const names = fc.string({ unit });

describe('the id in the heading of a recorded message', () => {
  it('is found again, whichever it is', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(recordedIds(recordedHeading(message(id)))).toEqual(new Set([keptId(id)]));
      }),
    );
  });

  it('is found again where halves of a pair stand alone', () => {
    const [half, other] = ['a\ud800', '\udc00b'];
    for (const id of [half, other]) expect(recordedIds(recordedHeading(message(id)))).toEqual(new Set([keptId(id)]));
    expect(keptId(half)).not.toBe(keptId(other));
  });

  it('needs no sign that markup or a sanitiser could change', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(recordedHeading(message(id))).toMatch(/ · ref [\w%.-]+$/);
      }),
    );
  });

  it('is found whoever the author says that he is', () => {
    fc.assert(
      fc.property(ids, names, (id, name) => {
        const heading = recordedHeading(message(id, { name, email: 'ada@example.test' }));
        expect(recordedIds(heading)).toContain(keptId(id));
        expect(heading).not.toMatch(/[\n\r]/);
      }),
    );
  });

  it('is found among those of other messages, with words in between', () => {
    fc.assert(
      fc.property(fc.array(ids, { minLength: 1 }), (all) => {
        const shown = all.map((id) => `${recordedHeading(message(id))}\n\nSome words.\n\n---\n`).join('\n');
        expect(recordedIds(shown)).toEqual(new Set(all.map(keptId)));
      }),
    );
  });

  it('is found with a time before the year 0 and after 9999', () => {
    for (const createdAt of [new Date(-8e15), new Date(8e15)])
      expect(recordedIds(recordedHeading({ ...message('a'), createdAt }))).toEqual(new Set(['a']));
  });
});

describe('words that only look like a heading', () => {
  it.each([
    'ref a',
    '· ref a',
    'See · ref a for more.',
    '[inbound] Ada · yesterday · ref a',
    '[inbound] · 2021-03-04 · ref a',
    '[inbound] · 2021-03-04T05:06:07.000Z',
    '[inbound] · 2021-03-04T05:06:07.000Z · ref ',
    '[inbound] · 2021-03-04T05:06:07.000Z, ref a',
    '[inbound] · 2021-03-04T05:06:07.000Z · ref %E0%A4%A',
  ])('name no message: %s', (words) => {
    expect(recordedIds(words)).toEqual(new Set());
  });

  it('spoil no heading beside them', () => {
    const heading = recordedHeading(message('a'));
    expect(recordedIds(`See · ref b\n${heading}\n · 2021-03-04T05:06:07.000Z · ref %E0%A4%A`)).toEqual(new Set(['a']));
  });
});

it('what is no encoded id is none', () => {
  expect([decodeRef(undefined), decodeRef('%'), decodeRef('a%20b')]).toEqual([undefined, undefined, 'a b']);
});
