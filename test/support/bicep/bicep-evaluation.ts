import type { SyntaxNode } from '../../../shared/adapters/tree-sitter/syntax-node.ts';
import { type BicepSyntax, childOf, partsOf, textOf } from './bicep-syntax.ts';
import { asList, asText, type BicepFunction, type BicepObject, type BicepValue, isList, isObject } from './bicep-value.ts';

/** What names mean where an expression stands. */
export type BicepNames = {
  readonly valueOf: (name: string) => BicepValue;
  readonly functionOf: (name: string) => BicepFunction;
};

/** What an expression comes to. Throws Error with the line for what the templates do not use, and so nobody taught it. */
export function evaluate(syntax: BicepSyntax, node: SyntaxNode, names: BicepNames): BicepValue {
  const at = (inner: SyntaxNode | undefined): BicepValue => {
    if (inner === undefined) throw new Error(`line ${node.row + 1}: something is missing in ${node.type}`);
    return evaluate(syntax, inner, names);
  };
  const parts = partsOf(node);
  switch (node.type) {
    case 'string':
      return node.children.map((part) => stringPart(syntax, part, at)).join('');
    case 'number':
      return Number(textOf(syntax, node));
    case 'boolean':
      return textOf(syntax, node) === 'true';
    case 'null':
      return null;
    case 'identifier':
      return names.valueOf(textOf(syntax, node));
    case 'parenthesized_expression':
      return at(parts[0]);
    case 'array':
      return parts.map(at);
    case 'object':
      return objectOf(syntax, parts, at);
    case 'for_statement':
      return loopOver(syntax, node, names).map(({ body, inner }) => evaluate(syntax, body, inner));
    case 'ternary_expression':
      return at(at(parts[0]) === true ? parts[1] : parts[2]);
    case 'unary_expression':
      return at(parts[0]) !== true;
    case 'binary_expression':
      return combine(node, at);
    case 'member_expression':
      return memberOf(
        at(parts[0]),
        textOf(syntax, parts[1] ?? node),
        node.children.some(({ type }) => type === '.?'),
        node,
      );
    case 'subscript_expression':
      return memberOf(at(parts[0]), at(parts[1]), false, node);
    case 'call_expression': {
      const [called, given] = parts;
      return names.functionOf(called === undefined ? '' : textOf(syntax, called))(...(given === undefined ? [] : partsOf(given).map(at)));
    }
    case 'lambda_expression': {
      const [parameter, body] = parts;
      return (given) =>
        evaluate(syntax, body ?? node, withNames(names, { [parameter === undefined ? '' : textOf(syntax, parameter)]: given ?? null }));
    }
    default:
      throw new Error(`line ${node.row + 1}: ${node.type} is not understood`);
  }
}

export function withNames(names: BicepNames, more: BicepObject): BicepNames {
  return { ...names, valueOf: (name) => (Object.hasOwn(more, name) ? (more[name] ?? null) : names.valueOf(name)) };
}

/** Each turn of a loop: its body, and what names mean in it. */
export function loopOver(
  syntax: BicepSyntax,
  node: SyntaxNode,
  names: BicepNames,
): readonly { readonly body: SyntaxNode; readonly inner: BicepNames }[] {
  const [variables, list, body] = partsOf(node);
  if (variables === undefined || list === undefined || body === undefined) throw new Error(`line ${node.row + 1}: a loop without a body`);
  const [item = '', index = ''] = (variables.type === 'identifier' ? [variables] : partsOf(variables)).map((part) => textOf(syntax, part));
  return asList(evaluate(syntax, list, names)).map((value, position) => ({
    body,
    inner: withNames(names, { [item]: value, ...(index === '' ? {} : { [index]: position }) }),
  }));
}

function stringPart(syntax: BicepSyntax, part: SyntaxNode, at: (node: SyntaxNode | undefined) => BicepValue): string {
  if (part.type === 'string_content') return textOf(syntax, part).replace(/^\n/, '');
  if (part.type === 'interpolation') return asText(at(partsOf(part)[0]));
  return part.type === 'escape_sequence' ? textOf(syntax, part).slice(1) : '';
}

function objectOf(syntax: BicepSyntax, parts: readonly SyntaxNode[], at: (node: SyntaxNode | undefined) => BicepValue): BicepObject {
  const properties = parts.filter(({ type }) => type === 'object_property');
  return Object.fromEntries(
    properties.map((property): [string, BicepValue] => {
      const [name, value] = partsOf(property);
      return [name?.type === 'string' ? asText(at(name)) : textOf(syntax, name ?? property), at(value)];
    }),
  );
}

function combine(node: SyntaxNode, at: (node: SyntaxNode | undefined) => BicepValue): BicepValue {
  const [left, right] = partsOf(node);
  const operator = node.children.find(({ isNamed }) => !isNamed)?.type;
  switch (operator) {
    case '==':
      return at(left) === at(right);
    case '!=':
      return at(left) !== at(right);
    case '>':
      return Number(at(left)) > Number(at(right));
    case '+':
      return Number(at(left)) + Number(at(right));
    case '&&':
      return at(left) === true && at(right) === true;
    case '??':
      return at(left) ?? at(right);
    default:
      throw new Error(`line ${node.row + 1}: ${operator} is not understood`);
  }
}

function memberOf(value: BicepValue, name: BicepValue, isSafe: boolean, node: SyntaxNode): BicepValue {
  const found = isList(value)
    ? value[Number(name)]
    : isObject(value) && Object.hasOwn(value, asText(name))
      ? value[asText(name)]
      : undefined;
  if (found === undefined && !isSafe) throw new Error(`line ${node.row + 1}: there is no ${asText(name)}`);
  return found ?? null;
}

/** The expression behind the equals sign of a declaration. */
export function assignedTo(declaration: SyntaxNode): SyntaxNode | undefined {
  const equals = declaration.children.findIndex(({ type }) => type === '=');
  return equals === -1 ? undefined : declaration.children.slice(equals + 1).find(({ isNamed, type }) => isNamed && type !== 'comment');
}

export function nameOf(syntax: BicepSyntax, declaration: SyntaxNode): string {
  const identifier = childOf(declaration, 'identifier');
  return identifier === undefined ? '' : textOf(syntax, identifier);
}
