/** An API key, fixed or asked for on each call, and never shown. */
import { HelpdeskError } from './errors.ts';
import { invalid } from './validate.ts';

/** A function is called once for each request, so keys can rotate without a restart. */
export type Credential = string | (() => string | Promise<string>);

/** Why a key cannot be used, for people; `undefined` if it can. */
export type KeyRule = (key: string) => string | undefined;

/** Throws `invalid` for a fixed key that cannot be used. What a function gives is looked at on each call. */
export function checkCredential(
  credential: Credential,
  rule: KeyRule,
  where: { readonly provider: string; readonly operation: string },
): void {
  const message = typeof credential === 'string' ? rule(credential) : undefined;
  if (message !== undefined) throw invalid(where, [{ path: 'apiKey', message }]);
}

/** Throws `auth` before anything is sent. */
export async function resolveCredential(
  credential: Credential,
  rule: KeyRule,
  where: { readonly provider: string; readonly operation: string },
): Promise<string> {
  const refuse = (reason: string) => new HelpdeskError({ ...where, kind: 'auth', reason, applied: 'no' });
  let key: unknown;
  try {
    key = typeof credential === 'function' ? await credential() : credential;
  } catch {
    // What the function threw may quote the secret store's answer.
    throw refuse('the function that gives the API key failed');
  }
  if (typeof key !== 'string' || key === '') throw refuse('the API key is empty');
  // fetch would refuse such a header with an error that quotes it.
  if (!/^[\x21-\x7e]+$/.test(key)) throw refuse('the API key holds a space, a line break or another illegal character');
  const reason = rule(key);
  if (reason !== undefined) throw refuse(reason);
  return key;
}
