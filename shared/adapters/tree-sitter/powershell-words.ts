import type { Quoting, Word, WordPart } from '../../domain/risk/scripts/script-reader.ts';
import { lineOf, nested, type Reading, textOf } from './reading.ts';
import type { SyntaxNode } from './syntax-node.ts';

export function expressionWord(reading: Reading, node: SyntaxNode): Word {
  return {
    line: lineOf(reading, node),
    source: textOf(reading, node).trim(),
    parts: nested<readonly WordPart[]>(reading, node, [{ kind: 'unknown', steps: [] }], () => expressionParts(reading, node)),
  };
}

/** The grammar wraps every value in a node for each level of precedence. */
function unwrap(node: SyntaxNode): SyntaxNode {
  let inner = node;
  for (;;) {
    const [only] = inner.children;
    const isWrapper =
      /(?:_expression|^string_literal|^integer_literal|^path_command_name|^expression_with_unary_operator|^argument_expression_list|^key_expression)$/.test(
        inner.type,
      );
    if (!isWrapper || inner.children.length !== 1 || only === undefined || inner.isBroken) return inner;
    inner = only;
  }
}

function expressionParts(reading: Reading, wrapped: SyntaxNode): readonly WordPart[] {
  const node = unwrap(wrapped);
  switch (node.type) {
    case 'verbatim_string_characters':
      return [text(textOf(reading, node).trim().slice(1, -1).replaceAll("''", "'"), 'single')];
    case 'verbatim_here_string_characters':
      return [text(hereText(textOf(reading, node)), 'single')];
    case 'expandable_string_literal':
    case 'expandable_here_string_literal':
      return stringParts(reading, node);
    case 'variable':
    case 'braced_variable':
      return [variable(textOf(reading, node).trim())];
    case 'parenthesized_expression':
    case 'sub_expression':
    case 'array_expression':
      return enclosedParts(reading, node);
    case 'script_block_expression':
      return [{ kind: 'scriptBlock', steps: reading.steps(node.children) }];
    case 'hash_literal_expression':
      return [{ kind: 'operation', operator: '@{}', operands: hashOperands(reading, node) }];
    case 'cast_expression':
    case 'expression_with_unary_operator':
    case 'element_access':
      return [operationOf(reading, node)];
    case 'member_access':
    case 'invokation_expression':
      return [memberOf(reading, node)];
    case 'invokation_foreach_expression':
      return [eachOf(reading, node)];
    case 'type_literal':
    case 'decimal_integer_literal':
    case 'hexadecimal_integer_literal':
    case 'real_literal':
    case 'simple_name':
    case 'member_name':
    case 'path_command_name_token':
      return [text(textOf(reading, node).trim(), 'bare')];
    case 'command_name':
    case 'generic_token':
    case 'command_parameter':
    case 'stop_parsing':
    case 'verbatim_command_argument':
      return bareParts(textOf(reading, node).trim());
    default:
      return /_expression$/.test(node.type) && node.children.length > 1
        ? [operationOf(reading, node)]
        : [{ kind: 'unknown', steps: reading.steps(node.children) }];
  }
}

function text(value: string, quoting: Quoting): WordPart {
  return { kind: 'text', text: value, quoting };
}

/** Between `@'` and `'@` stand lines of their own. */
function hereText(source: string): string {
  return source
    .trim()
    .replace(/^@['"][^\n]*\n/, '')
    .replace(/\r?\n['"]@$/, '');
}

/** Names of variables have no case; a scope before them does not matter, a drive such as `env:` does. */
function variable(source: string): WordPart {
  const name = source
    .replace(/^[$@]/, '')
    .replace(/^\{([\s\S]*)\}$/, '$1')
    .toLowerCase()
    .replace(/^(?:global|script|local|private|using|variable):/, '');
  return { kind: 'variable', name, operator: '', operands: [], quoted: true };
}

/** Source: learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_special_characters. */
const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function withoutBackticks(value: string): string {
  return value.replace(/`(?:u\{([0-9A-Fa-f]{1,6})\}|(\r?\n)|([\s\S]))/g, (_, code?: string, newline?: string, plain?: string) => {
    if (code !== undefined) return Number.parseInt(code, 16) > 0x10ffff ? '' : String.fromCodePoint(Number.parseInt(code, 16));
    return newline === undefined ? (escapes[plain ?? ''] ?? plain ?? '') : '';
  });
}

/** A string in double quotes: variables and sub-expressions are nodes, what lies between them is text. */
function stringParts(reading: Reading, node: SyntaxNode): readonly WordPart[] {
  const source = textOf(reading, node);
  const isHere = source.trimStart().startsWith('@"');
  const opening = isHere ? /^\s*@"[^\n]*\n?/.exec(source) : /^\s*"/.exec(source);
  const closing = isHere ? /\r?\n?"@$/.exec(source) : /"$/.exec(source);
  const end = node.endIndex - (closing?.[0].length ?? 0);
  let at = node.startIndex + (opening?.[0].length ?? 0);
  const parts: WordPart[] = [];
  const addText = (until: number) => {
    if (until > at) parts.push(text(withoutBackticks(reading.text.slice(at, until).replaceAll('""', '"')), 'double'));
  };
  for (const child of node.children) {
    if (!child.isNamed) continue;
    addText(child.startIndex);
    parts.push(...expressionParts(reading, child));
    at = Math.max(at, child.endIndex);
  }
  addText(end);
  return parts.length === 0 ? [text('', 'double')] : parts;
}

/** A word outside quotes; a backtick takes the meaning from the next character. */
function bareParts(source: string): readonly WordPart[] {
  const parts: WordPart[] = [];
  for (const [piece] of source.matchAll(/`[\s\S]|`$|\$\{[^}]*\}|\$[A-Za-z_][\w:]*|"[^"]*"|'[^']*'|[^`$"']+|[$"']/g)) {
    if (piece.startsWith('`')) parts.push(text(piece.slice(1), 'escaped'));
    else if (/^\$./.test(piece)) parts.push(variable(piece));
    else if (/^'.*'$/s.test(piece)) parts.push(text(piece.slice(1, -1), 'single'));
    else if (/^".*"$/s.test(piece)) parts.push(...bareParts(piece.slice(1, -1)));
    else parts.push(text(piece, 'bare'));
  }
  return parts;
}

/** `( … )`, `$( … )`, `@( … )`: a value where a single one stands in it, else what commands give. */
function enclosedParts(reading: Reading, node: SyntaxNode): readonly WordPart[] {
  const steps = reading.steps(node.children);
  const [only] = steps;
  if (steps.length === 1 && only?.kind === 'expression' && only.redirections.length === 0) return only.value.parts;
  return [{ kind: 'substitution', steps, quoted: true }];
}

function hashOperands(reading: Reading, node: SyntaxNode): readonly Word[] {
  const entries = node.children.flatMap((child) => (child.type === 'hash_literal_body' ? child.children : [child]));
  return entries
    .filter((entry) => entry.type === 'hash_entry')
    .flatMap((entry) => entry.children.filter((child) => child.isNamed).map((child) => valueWord(reading, child)));
}

/** A value that the grammar gives as a statement. */
export function valueWord(reading: Reading, node: SyntaxNode): Word {
  if (node.type === 'key_expression') return expressionWord(reading, node);
  const steps = reading.steps([node]);
  const [only] = steps;
  if (steps.length === 1 && only?.kind === 'expression' && only.redirections.length === 0) return only.value;
  return { line: lineOf(reading, node), source: textOf(reading, node), parts: [{ kind: 'substitution', steps, quoted: true }] };
}

function operationOf(reading: Reading, node: SyntaxNode): WordPart {
  const operands = node.children.filter(isOperand);
  const operator = node.children.filter((child) => !operands.includes(child)).map((child) => textOf(reading, child).trim().toLowerCase());
  const sign = operator[0] ?? '';
  const isCast = node.type === 'cast_expression';
  return {
    kind: 'operation',
    operator: isCast ? sign.replace(/\s+/g, '').replace(/^\[system\./, '[') : sign === '[' ? '[]' : sign,
    operands: operands.map((child) => expressionWord(reading, child)),
  };
}

function isOperand(node: SyntaxNode): boolean {
  return node.isNamed && !/_operator$|^type_literal$|^comment$/.test(node.type);
}

function memberOf(reading: Reading, node: SyntaxNode): WordPart {
  const [target, sign, ...rest] = node.children;
  const name = rest.find((child) => child.isNamed && child.type !== 'argument_list');
  const list = node.children.find((child) => child.type === 'argument_list');
  const missing: Word = { line: lineOf(reading, node), source: '', parts: [] };
  return {
    kind: 'member',
    target: target === undefined ? missing : expressionWord(reading, target),
    isStatic: sign !== undefined && textOf(reading, sign).trim() === '::',
    name: name === undefined ? missing : memberName(reading, name),
    arguments: list === undefined ? undefined : argumentsOf(reading, list),
  };
}

/** `$list.foreach{ … }`: the block is what the member is called with. */
function eachOf(reading: Reading, node: SyntaxNode): WordPart {
  const line = lineOf(reading, node);
  const [target, ...rest] = node.children;
  const blocks = rest.filter((child) => child.isNamed && child.type !== 'comment');
  return {
    kind: 'member',
    target: target === undefined ? { line, source: '', parts: [] } : expressionWord(reading, target),
    isStatic: false,
    name: { line, source: 'foreach', parts: [text('foreach', 'bare')] },
    arguments: blocks.map((block) => expressionWord(reading, block)),
  };
}

function memberName(reading: Reading, node: SyntaxNode): Word {
  const [only] = node.children;
  if (node.type === 'member_name' && only !== undefined) return expressionWord(reading, only);
  return expressionWord(reading, node);
}

export function argumentsOf(reading: Reading, list: SyntaxNode): readonly Word[] {
  return list.children
    .filter((child) => child.type === 'argument_expression_list' || child.type === 'script_block_expression')
    .flatMap((child) => (child.type === 'argument_expression_list' ? child.children.filter((value) => value.isNamed) : [child]))
    .map((child) => expressionWord(reading, child));
}
