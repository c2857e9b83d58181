/**
 * Code generator plugin: each operation as one minified string, typed with what `typescript-operations` emits.
 *
 * The stock plugin for typed documents also emits a document for each fragment, repeats fragments line by line and
 * carries a class with `any` in it: five times the lines for the same requests.
 */
import { concatAST, Kind, print, stripIgnoredCharacters, visit } from 'graphql';

export function plugin(_schema, sources) {
  const { definitions } = concatAST(sources.flatMap(({ document }) => (document ? [document] : [])));
  const fragments = new Map(definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment]));
  const documents = definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map((operation) => {
      const type = `${operation.name.value}${operation.operation === 'query' ? 'Query' : 'Mutation'}`;
      const text = stripIgnoredCharacters([operation, ...used(operation, fragments)].map(print).join(' '));
      return `export const ${operation.name.value}Document = ${JSON.stringify(text)} as TypedDocument<${type}, ${type}Variables>;`;
    });
  return [
    '/** A GraphQL document that knows its result and its variables. */',
    'export type TypedDocument<Result, Variables> = string & { readonly types?: (variables: Variables) => Result };',
    ...documents,
  ].join('\n\n');
}

const isFragment = ({ kind }) => kind === Kind.FRAGMENT_DEFINITION;

/** The fragments that a definition spreads, directly or not, each once. */
function used(definition, fragments, found = new Set()) {
  visit(definition, {
    FragmentSpread({ name }) {
      const fragment = fragments.get(name.value);
      if (found.has(fragment)) return;
      found.add(fragment);
      used(fragment, fragments, found);
    },
  });
  return found;
}
