/** Adapter and emulator speak as Productlane's own description says: every request and every answer. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ProductlaneOptions } from '../../src/testing/index.ts';
import { productlaneWorld } from '../worlds.ts';
import { recordConformance, type Spoken } from './recorder.ts';

const file = fileURLToPath(new URL('../../../shared/api/productlane.openapi.yaml', import.meta.url));

/** What the adapter sends, as the description names it. */
const operations = [
  'GET /me',
  'GET /contacts',
  'POST /contacts',
  'GET /contacts/{id}',
  'PATCH /contacts/{id}',
  'GET /threads',
  'POST /threads',
  'GET /threads/{id}',
  'PATCH /threads/{id}',
  'DELETE /threads/{id}',
  'GET /threads/{thread_id}/messages',
  'POST /threads/{thread_id}/messages',
  'GET /threads/{thread_id}/comments',
  'POST /threads/{thread_id}/comments',
  'GET /tags',
];

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean };
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
}

/** OpenAPI 3.0 as JSON Schema: `nullable` becomes a type, and references name their document. */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === '$ref' ? `productlane${inner}` : asJsonSchema(inner)]),
  );
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}

const settings: Readonly<Record<string, ProductlaneOptions>> = {
  'as its guides say': {},
  'as its OpenAPI file says': { errorEnvelope: 'flat', emptyLastPage: true, ids: 'uuid' },
};

describe.skipIf(!existsSync(file))('the description of Productlane', () => {
  const description = (
    existsSync(file) ? asJsonSchema(parse(readFileSync(file, 'utf8'))) : { paths: {} }
  ) as Description;
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
  formats.default(ajv);
  ajv.addSchema({ $id: 'productlane', ...description });

  const compiled = new Map<object | string, ValidateFunction>();
  function compile(schema: object, key: object | string = schema): ValidateFunction {
    const known = compiled.get(key) ?? ajv.compile(schema);
    compiled.set(key, known);
    return known;
  }
  function schemaAt(...path: readonly string[]): ValidateFunction {
    const pointer = path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
    const $ref = `productlane#/${encodeURI(pointer)}`;
    return compile({ $ref }, $ref);
  }
  const problems = (validate: ValidateFunction, value: unknown): string[] =>
    validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

  /** The most literal template wins: `/contacts/by-email` is no id. */
  function templateOf({ method, url }: Spoken): string | undefined {
    const path = url.pathname.replace('/api/v2', '');
    return Object.keys(description.paths)
      .filter((template) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path))
      .filter((template) => method.toLowerCase() in (description.paths[template] ?? {}))
      .sort((a, b) => a.split('{').length - b.split('{').length)[0];
  }

  function problemsOfRequest(spoken: Spoken, template: string): string[] {
    const method = spoken.method.toLowerCase();
    const { parameters = [], requestBody } = description.paths[template]?.[method] ?? {};
    const query = parameters.map(resolved).filter((parameter) => parameter.in === 'query');
    const unknown = [...spoken.url.searchParams.keys()].filter((name) => !query.some((one) => one.name === name));
    const wrong = query.flatMap(({ name, required, schema }) => {
      const value = spoken.url.searchParams.get(name);
      if (value === null) return required ? [`${name} is missing`] : [];
      const isNumber = schema.type === 'integer' || schema.type === 'number';
      return problems(compile(schema), isNumber ? Number(value) : value);
    });
    const body = requestBody
      ? problems(
          schemaAt('paths', template, method, 'requestBody', 'content', 'application/json', 'schema'),
          spoken.body,
        )
      : spoken.body === undefined
        ? []
        : ['a body where none is taken'];
    return [...unknown.map((name) => `unknown parameter ${name}`), ...wrong, ...body];
  }

  const resolved = (parameter: Parameter): Parameter =>
    description.components.parameters[parameter.$ref?.split('/').at(-1) ?? ''] ?? parameter;

  function problemsOfAnswer({ status, answer, method }: Spoken, template: string): string[] {
    const content = ['content', 'application/json', 'schema'];
    if (status >= 400) return problems(schemaAt('components', 'responses', 'error', ...content), answer);
    return problems(schemaAt('paths', template, method.toLowerCase(), 'responses', String(status), ...content), answer);
  }

  describe.each(Object.entries(settings))('%s', (_, switches) => {
    let spoken: readonly Spoken[] = [];
    beforeAll(async () => {
      spoken = await recordConformance((wiring) => productlaneWorld(switches, wiring));
    });

    it('is followed by every request', () => {
      const wrong = spoken.flatMap((one) => {
        const template = templateOf(one);
        const found = template === undefined ? ['no such operation'] : problemsOfRequest(one, template);
        return found.map((problem) => `${one.method} ${template ?? one.url.pathname}: ${problem}`);
      });
      expect([...new Set(wrong)]).toEqual([]);
    });

    it('is followed by every answer', () => {
      const answers = spoken.filter(({ faulty, answer }) => !faulty && answer !== undefined);
      const wrong = answers.flatMap((one) => {
        const template = templateOf(one) ?? '';
        return problemsOfAnswer(one, template).map((problem) => `${one.status} ${one.method} ${template}: ${problem}`);
      });
      expect([...new Set(wrong)]).toEqual([]);
      expect(answers.length).toBeGreaterThan(500);
    });

    it('is used for every operation of the adapter, and no other', () => {
      const used = new Set(spoken.map((one) => `${one.method} ${templateOf(one)}`));
      expect([...used].sort()).toEqual([...operations].sort());
    });

    it('has its headers on every answer', () => {
      for (const { headers, faulty } of spoken) if (!faulty) expect(headers.get('x-request-id')).toMatch(/^req_/);
    });
  });
});
