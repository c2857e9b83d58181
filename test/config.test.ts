import { describe, expect, it } from 'vitest';
import { createHelpdesk, type HelpdeskConfig, readEnvironment } from '../src/config.ts';

const plain = { apiKey: 'plainApiKey_secret' };
const productlane = { apiKey: 'pl_v2_secret' };
const wrong = (config: unknown) => config as HelpdeskConfig;

function issuesOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid', applied: 'no' });
    expect(String(error)).not.toContain('secret');
    return (error as { issues: unknown }).issues;
  }
  return 'no error';
}

describe('createHelpdesk', () => {
  it.each(['productlane', 'plain'] as const)('gives the helpdesk of that name: %s', (helpdesk) => {
    expect(createHelpdesk({ helpdesk, plain, productlane }).name).toBe(helpdesk);
  });

  it.each([
    [{}, 'helpdesk', 'is missing: give "productlane" or "plain"'],
    [{ helpdesk: 'zendesk', plain }, 'helpdesk', 'must be "productlane" or "plain"'],
    [{ helpdesk: 'plain', productlane }, 'plain', 'is missing: these are the options of the chosen helpdesk'],
    [{ helpdesk: 'plain', plain: {} }, 'plain.apiKey', 'is missing'],
    [{ helpdesk: 'plain', plain: { apiKey: '' } }, 'plain.apiKey', 'must not be empty'],
    [{ helpdesk: 'plain', plain: { apiKey: 7 } }, 'plain.apiKey', 'must be a key or a function that gives one'],
    [
      { helpdesk: 'plain', plain: { ...plain, baseURL: 'x' } },
      'plain',
      'unknown field "baseURL" (did you mean "baseUrl"?)',
    ],
    [{ helpdesk: 'plain', plain: { ...plain, baseUrl: 'core-api' } }, 'plain.baseUrl', 'is not a valid url'],
    [{ helpdesk: 'plain', plain: { ...plain, pageSize: 500 } }, 'plain.pageSize', 'must be at most 100'],
    [
      { helpdesk: 'productlane', productlane: { ...productlane, timeoutMs: -1 } },
      'productlane.timeoutMs',
      'must be at least 1',
    ],
    [
      { helpdesk: 'productlane', productlane: { ...productlane, retries: 99 } },
      'productlane.retries',
      'must be at most 10',
    ],
    [{ helpdesk: 'plain', plian: plain }, 'config', 'unknown field "plian" (did you mean "plain"?)'],
  ])('names what is wrong: %j', (config, path, message) => {
    expect(issuesOf(() => createHelpdesk(wrong(config)))).toContainEqual({ path, message });
  });
});

describe('readEnvironment', () => {
  it('reads the chosen desk', () => {
    expect(
      readEnvironment({ HELPDESK: 'plain', PLAIN_API_KEY: 'k', PLAIN_BASE_URL: 'https://x.test/graphql/v1' }),
    ).toEqual({
      helpdesk: 'plain',
      plain: { apiKey: 'k', baseUrl: 'https://x.test/graphql/v1' },
    });
    expect(readEnvironment({ HELPDESK: 'productlane', PRODUCTLANE_API_KEY: 'k' })).toEqual({
      helpdesk: 'productlane',
      productlane: { apiKey: 'k' },
    });
  });

  it.each([
    [{}, 'HELPDESK', 'is not set: give "productlane" or "plain"'],
    [{ HELPDESK: 'Plain' }, 'HELPDESK', 'must be "productlane" or "plain"'],
    [{ HELPDESK: 'plain' }, 'PLAIN_API_KEY', 'is not set'],
    [{ HELPDESK: 'plain', PLAIN_API_KEY: ' ' }, 'PLAIN_API_KEY', 'is not set'],
    [
      { HELPDESK: 'plain', PLAIN_APIKEY: 'secret' },
      'PLAIN_API_KEY',
      'is not set (there is "PLAIN_APIKEY": is that it?)',
    ],
    [
      { HELPDESK: 'plain', PLAIN_API_KEY: 'secret', PLAIN_BASE_URL: 'nowhere' },
      'PLAIN_BASE_URL',
      'must begin with https:// or http://',
    ],
  ])('names the variable: %j', (environment, path, message) => {
    expect(issuesOf(() => readEnvironment(environment))).toContainEqual({ path, message });
  });

  it.each(['PLAIN_BASEURL', 'PLAIN_BASE_ULR', 'PLAIN_BASE_URLS', 'plain_base_url'])(
    'refuses a name that can only be a slip: %s',
    (name) => {
      const environment = { HELPDESK: 'plain', PLAIN_API_KEY: 'secret', [name]: 'http://secret.test' };
      const issue = { path: 'PLAIN_BASE_URL', message: `is not set (there is "${name}": is that it?)` };
      expect(issuesOf(() => readEnvironment(environment))).toEqual([issue]);
    },
  );

  it('leaves alone what belongs to somebody else, or is empty', () => {
    const others = { PLANE_BASE_URL: 'https://x.test', PLAIN_WEBHOOK_URL: 'x', PLAIN_BASEURL: '' };
    const config = readEnvironment({ HELPDESK: 'plain', PLAIN_API_KEY: 'k', ...others });
    expect(config).toEqual({ helpdesk: 'plain', plain: { apiKey: 'k' } });
  });

  it('says what it is to be given where it is given nothing', () => {
    const nothing = undefined as unknown as Record<string, string>;
    const issue = { path: 'environment', message: 'is missing: give the variables of the process' };
    expect(issuesOf(() => readEnvironment(nothing))).toEqual([issue]);
  });
});
