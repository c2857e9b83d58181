import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isScalarType,
  isUnionType,
  parse,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';

const provider = new URL('../../../src/providers/plain/', import.meta.url);
const published = ['plain.graphql', 'plain-full.graphql']
  .map((name) => new URL(`../../../../shared/api/${name}`, import.meta.url))
  .filter((url) => existsSync(url));

const slice = buildSchema(readFileSync(new URL('schema.graphql', provider), 'utf8'));
const operations = parse(
  readdirSync(new URL('operations', provider))
    .map((name) => readFileSync(new URL(`operations/${name}`, provider), 'utf8'))
    .join('\n'),
);

/** Every line of `part` that `whole` does not say: types, fields, nullability, arguments, members, words. */
function differences(part: GraphQLSchema, whole: GraphQLSchema): string[] {
  return Object.values(part.getTypeMap()).flatMap((type) => {
    const other = whole.getType(type.name);
    if (type.name.startsWith('__') || isScalarType(type)) return [];
    if (!other) return [`no type ${type.name}`];
    if (isEnumType(type)) {
      const words = isEnumType(other) ? other.getValues().map(({ name }) => name) : [];
      const mine = type.getValues().map(({ name }) => name);
      return words.join() === mine.join() ? [] : [`${type.name}: ${mine.join()} is not ${words.join()}`];
    }
    if (isUnionType(type)) {
      const members = isUnionType(other) ? other.getTypes().map(({ name }) => name) : [];
      return type.getTypes().flatMap(({ name }) => (members.includes(name) ? [] : [`${type.name} has no ${name}`]));
    }
    if (isInputObjectType(type)) {
      const fields = isInputObjectType(other) ? other.getFields() : {};
      const missing = Object.values(fields).filter(
        ({ name, type: wanted }) => String(wanted).endsWith('!') && !type.getFields()[name],
      );
      const wrong = Object.values(type.getFields()).filter(
        ({ name, type: mine }) => String(fields[name]?.type) !== String(mine),
      );
      return [...missing, ...wrong].map(({ name }) => `${type.name}.${name}`);
    }
    if (!isObjectType(type)) return [`${type.name} is of a kind that is not compared`];
    const fields = isObjectType(other) ? other.getFields() : {};
    return Object.values(type.getFields()).flatMap((field) => {
      const theirs = fields[field.name];
      const signature = (of: typeof field) =>
        `${of.args.map((arg) => `${arg.name}: ${arg.type}`).sort()} => ${of.type}`;
      return theirs && signature(theirs) === signature(field) ? [] : [`${type.name}.${field.name}`];
    });
  });
}

describe.skipIf(published.length === 0)("our part of Plain's schema", () => {
  it.each(published.map((url) => [url.pathname.split('/').at(-1), url] as const))('is a part of %s', (_, url) => {
    // What Plain's own client selects, for which the emulator must answer, and the smaller file leaves out.
    const beyond = url.pathname.endsWith('plain.graphql') ? ['no type SlackUserIdentity', 'User.slackIdentities'] : [];
    expect(differences(slice, buildSchema(readFileSync(url, 'utf8')))).toEqual(beyond);
  });

  it('is told apart from one that differs', () => {
    const whole = buildSchema(readFileSync(published[0]!, 'utf8'));
    const changed = (from: string | RegExp, to: string) => {
      const text = readFileSync(new URL('schema.graphql', provider), 'utf8');
      expect(text).toMatch(from);
      return differences(buildSchema(text.replace(from, to)), whole);
    };
    expect(changed('  title: String!\n', '  title: String\n')).not.toEqual([]);
    expect(changed('thread(threadId: ID!)', 'thread(threadId: ID)')).not.toEqual([]);
    expect(changed(/enum ThreadStatus \{\n {2}\w+/, 'enum ThreadStatus {\n  OPEN')).not.toEqual([]);
    expect(
      changed('customerIdentifier: CustomerIdentifierInput!', 'customerIdentifier: CustomerIdentifierInput'),
    ).not.toEqual([]);
  });

  it('lets every operation through that the published one does', () => {
    const whole = buildSchema(readFileSync(published[0]!, 'utf8'));
    expect(validate(whole, operations)).toEqual([]);
  });
});

describe('our operations', () => {
  it('keep to our part of the schema', () => {
    expect(validate(slice, operations)).toEqual([]);
  });
});
