/** What the adapter asks fits Plain's whole schema, and not only the slice that its types come from. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  buildSchema,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import * as documents from '../../src/providers/plain/generated/graphql.ts';
import { plainWorld } from '../worlds.ts';
import { recordConformance, type Spoken } from './recorder.ts';

const file = fileURLToPath(new URL('../../../shared/api/plain-full.graphql', import.meta.url));

interface Asked {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

describe.skipIf(!existsSync(file))('the whole schema of Plain', () => {
  let schema: GraphQLSchema;
  let spoken: readonly Spoken[] = [];
  beforeAll(async () => {
    schema = buildSchema(readFileSync(file, 'utf8'));
    spoken = await recordConformance((wiring) => plainWorld({}, wiring));
  });

  const operationOf = (query: string): OperationDefinitionNode => {
    const operation = getOperationAST(parse(query));
    if (!operation) throw new Error('a document without an operation');
    return operation;
  };

  it('accepts every document of the adapter', () => {
    const texts = Object.values(documents).filter((value) => typeof value === 'string');
    expect(texts.length).toBeGreaterThan(10);
    for (const text of texts) expect(validate(schema, parse(text)), text).toEqual([]);
  });

  it('accepts every document that was sent, with its variables', () => {
    const seen = new Map<string, OperationDefinitionNode>();
    const problems = new Set<string>();
    for (const { body } of spoken) {
      const { query, variables = {} } = body as Asked;
      const operation = seen.get(query) ?? operationOf(query);
      if (!seen.has(query)) for (const { message } of validate(schema, parse(query))) problems.add(message);
      seen.set(query, operation);
      const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
      for (const { message } of errors ?? []) problems.add(`${operation.name?.value}: ${message}`);
    }
    expect([...problems]).toEqual([]);
    expect(spoken.length).toBeGreaterThan(500);
  });

  it('is used through every document of the adapter', () => {
    const names = (texts: readonly string[]) => new Set(texts.map((text) => operationOf(text).name?.value));
    const all = names(Object.values(documents).filter((value) => typeof value === 'string'));
    const sent = names([...new Set(spoken.map(({ body }) => (body as Asked).query))]);
    expect([...all].filter((name) => !sent.has(name))).toEqual([]);
  });

  it('hears a mutation for every write and an answer without errors for every one that was accepted', () => {
    const accepted = spoken.filter(({ faulty, status }) => !faulty && status === 200);
    for (const { answer } of accepted) {
      expect(answer).toHaveProperty('data');
      expect(answer).not.toHaveProperty('errors');
    }
  });
});
