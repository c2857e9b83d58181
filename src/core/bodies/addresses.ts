/** Which addresses links and images may have. */

export const linkSchemes = ['http', 'https', 'mailto', 'tel', 'sms'];
export const imageSchemes = ['http', 'https', 'cid'];

/**
 * The address as a browser would read it, or `undefined` where its scheme is
 * not allowed. Relative addresses are. Control characters and white space at
 * the ends, and tabs and line feeds anywhere, are what browsers skip and
 * attackers insert.
 */
export function allowedAddress(address: string, schemes: readonly string[]): string | undefined {
  const read = address.replace(/^[\p{Cc} ]+|(?<![\p{Cc} ])[\p{Cc} ]+$/gu, '').replace(/\p{Cc}/gu, '');
  const scheme = /^([^:/?#]*):/.exec(read)?.[1];
  if (scheme === undefined) return read;
  const known = scheme.toLowerCase();
  return schemes.includes(known) ? known + read.slice(scheme.length) : undefined;
}
