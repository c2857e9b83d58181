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
  | 'req'
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
      return toText(prefix, [
        { value: at.getTime(), digits: 10 },
        { value: ids.serial, digits: 9 },
        { value: noise, digits: 7 },
      ]);
    },
  };
  return ids;
}

/** Made in one piece: text that is put together bit by bit takes several times the memory. */
function toText(prefix: string, parts: readonly { readonly value: number; readonly digits: number }[]): string {
  const text = Buffer.allocUnsafe(prefix.length + 27);
  let end = text.write(`${prefix}_`, 'latin1');
  for (const { value, digits } of parts) {
    let rest = Math.max(value, 0);
    for (let place = digits - 1; place >= 0; place -= 1) {
      text[end + place] = alphabet.charCodeAt(rest % 32);
      rest = Math.floor(rest / 32);
    }
    end += digits;
  }
  return text.toString('latin1');
}
