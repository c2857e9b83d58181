/** Code generator plugin: the schema as one minified string, for the emulator, which then needs no file beside it. */
import { printSchema, stripIgnoredCharacters } from 'graphql';

export function plugin(schema) {
  return `export const schemaText = ${JSON.stringify(stripIgnoredCharacters(printSchema(schema)))};`;
}
