/** What ids look like: a prefix and a ULID. */

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export type IdPrefix =
  | 'att'
  | 'c'
  | 'ch'
  | 'em'
  | 'l'
  | 'lt'
  | 'mu'
  | 'n'
  | 'pEv'
  | 't'
  | 'te'
  | 'tf'
  | 'th'
  | 'u'
  | 'w'
  | 'whAttempt';

export interface Ids {
  /** Rises with time, and within one millisecond with each call. The same calls give the same ids. */
  next(prefix: IdPrefix, at: Date): string;
  /** How many were given. Setting it goes on from there. */
  serial: number;
}

export function createIds(): Ids {
  const ids: Ids = {
    serial: 0,
    next(prefix, at) {
      ids.serial += 1;
      // The middle counts, so that ids of one instant differ and keep their order; the end only looks random.
      const noise = Math.imul(ids.serial, 0x9e3779b1) >>> 0;
      return `${prefix}_${encode(at.getTime(), 10)}${encode(ids.serial, 9)}${encode(noise, 7)}`;
    },
  };
  return ids;
}

function encode(value: number, length: number): string {
  let text = '';
  for (let rest = Math.max(value, 0); text.length < length; rest = Math.floor(rest / 32)) {
    text = alphabet.charAt(rest % 32) + text;
  }
  return text;
}
