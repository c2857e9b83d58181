/** How the tests of the Productlane emulator speak to it: plain calls, no adapter. */
import {
  emulateProductlane,
  type ProductlaneEmulator,
  type ProductlaneOptions,
} from '../../src/emulators/productlane/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the API shows.
  readonly body: any;
}

export interface World {
  readonly emulator: ProductlaneEmulator;
  call(method: string, path: string, body?: unknown, key?: string): Promise<Answer>;
  get(path: string, key?: string): Promise<Answer>;
  post(path: string, body?: unknown, key?: string): Promise<Answer>;
  patch(path: string, body?: unknown, key?: string): Promise<Answer>;
  remove(path: string, key?: string): Promise<Answer>;
  /** Opens a thread and gives its record. Throws what the API refused. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  open(fields?: Record<string, unknown>): Promise<any>;
}

export const minimal = { text: '<p>Help</p>', pain_level: 'LOW', contact_email: 'ann@customer.invalid' } as const;

/** Without rate limits unless asked for. */
export function createWorld(options: ProductlaneOptions = {}): World {
  const emulator = emulateProductlane({ rateLimits: false, ...options });

  const call: World['call'] = async (method, path, body, key = emulator.apiKey) => {
    const response = await emulator.fetch(emulator.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };

  return {
    emulator,
    call,
    get: (path, key) => call('GET', path, undefined, key),
    post: (path, body, key) => call('POST', path, body ?? {}, key),
    patch: (path, body, key) => call('PATCH', path, body ?? {}, key),
    remove: (path, key) => call('DELETE', path, undefined, key),
    async open(fields = {}) {
      const { status, body } = await call('POST', '/threads', { ...minimal, ...fields });
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body;
    },
  };
}

export const invalidAt = (...paths: readonly string[]) => ({
  status: 400,
  body: { error: { code: 'validation_failed', details: paths.map((path) => ({ path })) } },
});

export const refusedAs = (status: number, code: string) => ({ status, body: { error: { code } } });

export const ids = (answer: Answer): readonly string[] => answer.body.data.map((row: { id: string }) => row.id);
