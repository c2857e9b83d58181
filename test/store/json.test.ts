/** Data as text, and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromJson, toJson } from '../../src/store/json.ts';
import { fromSafeText, toSafeText } from '../../src/store/sql/text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
);
const name = fc.oneof(anyText, fc.constantFrom('$date', '$data', '__proto__', 'toJSON', ''));
const leaf = fc.oneof(
  anyText,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom('\0', '\ud800', '\udfff', '\u2028'),
);
const { data } = fc.letrec((tie) => ({
  data: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('data')), fc.dictionary(name, tie('data'))),
}));

describe('data as text', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(fromJson(toJson(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it('holds no character that a database changes', () => {
    fc.assert(
      fc.property(data, (value) => {
        const json = toJson(value);
        expect(toSafeText(json)).toBe(json);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [{ $date: '2020-01-01T00:00:00.000Z' }],
    [{ $data: [['a', 1]] }],
    [{ $date: new Date(0), $data: { $date: 1 } }],
    [[{ $date: 1 }, new Date(5)]],
  ])('knows its own marks from the same in data: %j', (value) => {
    expect(fromJson(toJson(value))).toEqual(value);
  });

  it('leaves missing values missing', () => {
    expect(Object.keys(fromJson(toJson({ a: undefined, $date: 'x', b: undefined })) as object)).toEqual(['$date']);
  });
});

describe('ids and keys as text', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(fromSafeText(toSafeText(value))).toBe(value);
      }),
    );
  });

  it('are told apart', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(toSafeText(a) === toSafeText(b)).toBe(a === b);
      }),
    );
  });

  it('hold neither NUL nor half a character', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const safe = toSafeText(value);
        expect(safe.includes('\0')).toBe(false);
        expect(safe.isWellFormed()).toBe(true);
      }),
    );
  });
});
