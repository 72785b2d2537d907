import type { SyntaxNode } from '../../../shared/adapters/tree-sitter/syntax-node.ts';
import { assignedTo } from './bicep-evaluation.ts';
import { type BicepSyntax, childOf, partsOf, textOf } from './bicep-syntax.ts';
import { asText, type BicepValue, isList, isObject } from './bicep-value.ts';

/** Where a name of a type was declared. */
export type TypeDeclaration = { readonly syntax: BicepSyntax; readonly node: SyntaxNode };
export type FindType = (name: string) => TypeDeclaration | undefined;

/** What is wrong with a value of a type, as the compiler would say it; undefined where nothing is. */
export function typeFault(value: BicepValue, syntax: BicepSyntax, type: SyntaxNode, find: FindType): string | undefined {
  const [inner] = partsOf(type);
  switch (type.type) {
    case 'type':
    case 'parenthesized_type':
      return inner === undefined ? undefined : typeFault(value, syntax, inner, find);
    case 'primitive_type':
      return primitiveFault(value, textOf(syntax, type));
    case 'string': {
      const literal = textOf(syntax, type).slice(1, -1);
      return value === literal ? undefined : `must be '${literal}'`;
    }
    // The grammar takes some unions for a calculation.
    case 'binary_expression':
    case 'union_type': {
      const faults = partsOf(type).map((one) => typeFault(value, syntax, one, find));
      return faults.includes(undefined) ? undefined : `must be one of ${textOf(syntax, type)}`;
    }
    case 'nullable_type':
      return value === null || inner === undefined ? undefined : typeFault(value, syntax, inner, find);
    case 'array_type':
      if (!isList(value)) return 'must be an array';
      return inner === undefined ? undefined : value.map((one) => typeFault(one, syntax, inner, find)).find((fault) => fault !== undefined);
    case 'object':
      return objectFault(value, syntax, type, find);
    case 'identifier': {
      const declared = find(textOf(syntax, type));
      const meaning = declared === undefined ? undefined : assignedTo(declared.node);
      if (declared === undefined || meaning === undefined) return `has the unknown type ${textOf(syntax, type)}`;
      return typeFault(value, declared.syntax, meaning, find);
    }
    default:
      return `has a type that is not understood: ${type.type}`;
  }
}

function primitiveFault(value: BicepValue, name: string): string | undefined {
  const fits = {
    string: typeof value === 'string',
    int: typeof value === 'number',
    bool: typeof value === 'boolean',
    object: isObject(value),
    array: isList(value),
  }[name];
  return fits === true ? undefined : `must be ${name}`;
}

function objectFault(value: BicepValue, syntax: BicepSyntax, type: SyntaxNode, find: FindType): string | undefined {
  if (!isObject(value)) return 'must be an object';
  const declared = new Map(
    partsOf(type)
      .filter((part) => part.type === 'object_property')
      .map((property) => {
        const [name, is] = partsOf(property);
        return [name === undefined ? '' : textOf(syntax, name), is] as const;
      }),
  );
  const unknown = Object.keys(value).find((name) => !declared.has(name));
  if (unknown !== undefined) return `has no property ${unknown}`;
  for (const [name, is] of declared) {
    const fault = is === undefined ? undefined : typeFault(value[name] ?? null, syntax, is, find);
    if (fault !== undefined) return `${name} ${fault}`;
  }
  return undefined;
}

/** What the decorators of a parameter say against a value. */
export function decoratorFault(
  value: BicepValue,
  decorators: readonly { readonly name: string; readonly given: BicepValue }[],
): string | undefined {
  const size = typeof value === 'string' || isList(value) ? value.length : 0;
  for (const { name, given } of decorators) {
    if (name === 'minLength' && size < Number(given)) return `must have ${asText(given)} at least`;
    if (name === 'maxLength' && size > Number(given)) return `must have ${asText(given)} at most`;
    if (name === 'minValue' && Number(value) < Number(given)) return `must be ${asText(given)} at least`;
    if (name === 'maxValue' && Number(value) > Number(given)) return `must be ${asText(given)} at most`;
    if (name === 'allowed' && isList(given) && !given.includes(value)) return `must be one of ${given.map(asText).join(', ')}`;
  }
  return undefined;
}

/** The decorators before a declaration, with what they are given first. */
export function decoratorsOf(
  syntax: BicepSyntax,
  before: SyntaxNode | undefined,
  evaluate: (node: SyntaxNode) => BicepValue,
): readonly { readonly name: string; readonly given: BicepValue }[] {
  if (before?.type !== 'decorators') return [];
  return partsOf(before).flatMap((decorator) => {
    const call = childOf(decorator, 'call_expression');
    const [called, given] = call === undefined ? [] : partsOf(call);
    const first = given === undefined ? undefined : partsOf(given)[0];
    return called === undefined ? [] : [{ name: textOf(syntax, called), given: first === undefined ? null : evaluate(first) }];
  });
}
