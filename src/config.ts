/** Which helpdesk an application talks to: one word in its configuration. */
import * as z from 'zod/mini';
import type { HelpdeskError, Issue } from './core/errors.ts';
import type { Helpdesk } from './core/helpdesk.ts';
import { isRecord } from './core/plain-data.ts';
import { invalid, validate } from './core/validate.ts';
import { type Environment, misspelt, notSet } from './core/variables.ts';
import { createPlain, type PlainClient, type PlainOptions, plainOptions } from './providers/plain/index.ts';
import {
  createProductlane,
  type ProductlaneClient,
  type ProductlaneOptions,
  productlaneOptions,
} from './providers/productlane/index.ts';

export interface HelpdeskConfig {
  /** The switch. The other desk's options may stay where they are. */
  readonly helpdesk: 'productlane' | 'plain';
  readonly productlane?: ProductlaneOptions | undefined;
  readonly plain?: PlainOptions | undefined;
}

const names = ['productlane', 'plain'] as const satisfies readonly HelpdeskConfig['helpdesk'][];

const schema = z.strictObject({
  helpdesk: z.enum(names),
  productlane: z.optional(productlaneOptions),
  plain: z.optional(plainOptions),
} satisfies Record<keyof HelpdeskConfig, z.ZodMiniType>);

/** Throws `invalid`, which names the option and suggests the one that was meant. Sends nothing. */
export function createHelpdesk(config: HelpdeskConfig): Helpdesk<ProductlaneClient | PlainClient> {
  validate(schema, config, { provider: 'helpdesk-bridge', operation: 'createHelpdesk' }, 'config');
  const { helpdesk, productlane, plain } = config;
  if (helpdesk === 'productlane' && productlane) return createProductlane(productlane);
  if (helpdesk === 'plain' && plain) return createPlain(plain);
  throw wrong([{ path: helpdesk, message: 'is missing: these are the options of the chosen helpdesk' }]);
}

/** The environment variable behind each option. */
const variables = {
  helpdesk: 'HELPDESK',
  productlane: { apiKey: 'PRODUCTLANE_API_KEY', baseUrl: 'PRODUCTLANE_BASE_URL' },
  plain: { apiKey: 'PLAIN_API_KEY', baseUrl: 'PLAIN_BASE_URL' },
} as const;

/**
 * The configuration that the environment describes: `HELPDESK` (`productlane`
 * or `plain`), `PRODUCTLANE_API_KEY`, `PLAIN_API_KEY`, and
 * `PRODUCTLANE_BASE_URL`, `PLAIN_BASE_URL` for another server.
 *
 * Throws `invalid`, which names the variable, also where one is there under a
 * name that can only be a slip.
 */
export function readEnvironment(environment: Environment): HelpdeskConfig {
  if (!isRecord(environment))
    throw wrong([{ path: 'environment', message: 'is missing: give the variables of the process' }]);
  const chosen = names.find((name) => name === environment[variables.helpdesk]);
  const issues: Issue[] = [];
  if (!chosen) {
    const given = environment[variables.helpdesk];
    const message = given
      ? `must be ${names.map((name) => `"${name}"`).join(' or ')}`
      : `${notSet(variables.helpdesk, environment)}: give ${names.map((name) => `"${name}"`).join(' or ')}`;
    throw wrong([{ path: variables.helpdesk, message }]);
  }
  const { apiKey, baseUrl } = variables[chosen];
  const key = environment[apiKey];
  const url = environment[baseUrl] || undefined;
  if (!key?.trim()) issues.push({ path: apiKey, message: notSet(apiKey, environment) });
  if (url === undefined && misspelt(baseUrl, environment))
    issues.push({ path: baseUrl, message: notSet(baseUrl, environment) });
  if (url !== undefined && !/^https?:/.test(url))
    issues.push({ path: baseUrl, message: 'must begin with https:// or http://' });
  if (issues.length > 0 || !key) throw wrong(issues);
  return { helpdesk: chosen, [chosen]: { apiKey: key, ...(url !== undefined && { baseUrl: url }) } };
}

function wrong(issues: readonly Issue[]): HelpdeskError {
  return invalid({ provider: 'helpdesk-bridge', operation: 'configuration' }, issues);
}
