/** What passes for an e-mail address here. */
import * as z from 'zod/mini';

/**
 * Wide, for people have addresses that the standards would not: the desk has
 * the last word. White space around it is taken off on the way. At most 254
 * characters.
 */
export const emailAddress = z.email({ pattern: /^\s*[^\s@"]{1,64}@[^\s@]{1,255}\s*$/u }).check(z.maxLength(254));
