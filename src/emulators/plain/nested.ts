/** Which read permissions a selection needs, object by object. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { NestedPermissions } from './operations.ts';
import { type Permission, readPermissionOf } from './permissions.ts';

/** Asks for what is selected below a root field, skipped fields included. */
export function nestedPermissions(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): NestedPermissions {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
  }

  /** The types below a node, those behind its fragments included. */
  function typesBelow(node: FieldNode | FragmentDefinitionNode, types: TypeInfo, seen: Set<string>): Set<string> {
    const found = new Set<string>();
    visit(
      node,
      visitWithTypeInfo(types, {
        Field(field) {
          const type = types.getType();
          if (field !== node && type) found.add(getNamedType(type).name);
        },
        FragmentSpread({ name }) {
          const fragment = fragments.get(name.value);
          if (!fragment || seen.has(name.value)) return;
          seen.add(name.value);
          for (const type of typesBelow(fragment, new TypeInfo(schema), seen)) found.add(type);
        },
      }),
    );
    return found;
  }

  const rootType = schema.getRootType(operation.operation);
  return (responseName) => {
    const fields = operation.selectionSet.selections.filter(
      (node): node is FieldNode => node.kind === 'Field' && (node.alias ?? node.name).value === responseName,
    );
    const needed = new Set<Permission>();
    for (const field of fields) {
      for (const type of typesBelow(field, new TypeInfo(schema, rootType), new Set())) {
        const permission = readPermissionOf[type];
        if (permission) needed.add(permission);
      }
    }
    return [...needed];
  };
}
