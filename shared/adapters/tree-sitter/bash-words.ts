import type { Word, WordPart } from '../../domain/risk/scripts/script-reader.ts';
import { ansiText } from './ansi-text.ts';
import { lineOf, nested, type Reading, textOf } from './reading.ts';
import type { SyntaxNode } from './syntax-node.ts';

/** Nodes that touch each other, or have only a continued line between them, are one word of the shell whatever the grammar says. */
export function wordsOf(reading: Reading, nodes: readonly SyntaxNode[]): readonly Word[] {
  const groups: SyntaxNode[][] = [];
  for (const node of nodes) {
    const previous = groups.at(-1)?.at(-1);
    const isJoined = previous !== undefined && /^(?:\\\r?\n)*$/.test(reading.text.slice(previous.endIndex, startOf(reading, node)));
    if (isJoined) groups.at(-1)?.push(node);
    else groups.push([node]);
  }
  return groups.map((group) => wordOf(reading, group));
}

export function wordOf(reading: Reading, nodes: readonly SyntaxNode[]): Word {
  const [first] = nodes;
  if (first === undefined) return { line: reading.firstLine, source: '', parts: [] };
  const last = nodes.at(-1) ?? first;
  const isTranslated = nodes.length > 1 && first.type === '$' && nodes[1]?.type === 'string';
  return {
    line: lineOf(reading, first),
    source: reading.text.slice(startOf(reading, first), last.endIndex),
    parts: nested<readonly WordPart[]>(reading, first, [{ kind: 'unknown', steps: [] }], () =>
      (isTranslated ? nodes.slice(1) : nodes).flatMap((node) => partsOf(reading, node, false)),
    ),
  };
}

/** Some tokens of the grammar begin with the blank before them. */
function startOf(reading: Reading, node: SyntaxNode): number {
  let at = node.startIndex;
  while (at < node.endIndex && (reading.text[at] === ' ' || reading.text[at] === '\t')) at += 1;
  return at;
}

function partsOf(reading: Reading, node: SyntaxNode, quoted: boolean): readonly WordPart[] {
  switch (node.type) {
    case 'raw_string':
      return [{ kind: 'text', text: textOf(reading, node).trimStart().slice(1, -1), quoting: 'single' }];
    case 'ansi_c_string':
      return [{ kind: 'text', text: ansiText(textOf(reading, node).trimStart().slice(2, -1)), quoting: 'ansi' }];
    case 'string':
      return quotedParts(reading, node, startOf(reading, node) + 1, node.endIndex - 1);
    case 'translated_string':
      return node.children.filter((child) => child.isNamed).flatMap((child) => partsOf(reading, child, true));
    case 'concatenation':
    case 'variable_assignment':
      return node.children.flatMap((child) => partsOf(reading, child, quoted));
    case 'simple_expansion':
      return [{ kind: 'variable', name: textOf(reading, node).trimStart().slice(1), operator: '', operands: [], quoted }];
    case 'expansion':
      return [expansionOf(reading, node, quoted)];
    case 'command_substitution':
      return [substitutionOf(reading, node, quoted)];
    case 'process_substitution':
      return [{ kind: 'process', steps: reading.steps(node.children) }];
    case 'array':
      return [
        {
          kind: 'operation',
          operator: ',',
          operands: wordsOf(
            reading,
            node.children.filter((child) => child.isNamed),
          ),
        },
      ];
    case 'word':
      checkWord(reading, node);
      return bareParts(textOf(reading, node).trimStart());
    case 'regex':
    case 'extglob_pattern':
    case 'brace_expression':
      return patternParts(reading, node);
    case 'number':
    case 'variable_name':
    case 'test_operator':
    case 'file_descriptor':
    case 'heredoc_start':
      return bareParts(textOf(reading, node).trimStart());
    default:
      return node.isNamed ? [{ kind: 'unknown', steps: reading.steps(node.children) }] : bareParts(textOf(reading, node));
  }
}

/** A pattern, of which the grammar gives the text only: in `${name#$(command)}` a command stands in it. */
function patternParts(reading: Reading, node: SyntaxNode): readonly WordPart[] {
  const text = textOf(reading, node).trimStart();
  if (/\$\(|`|[<>]\(/.test(text)) return [{ kind: 'unknown', steps: reading.readInner(`: ${text}`, lineOf(reading, node)) }];
  return bareParts(text);
}

/** A word without quotes holds no blank; where the grammar sees one, it has missed the end of something. */
function checkWord(reading: Reading, node: SyntaxNode): void {
  if (/[^\\\s]\s/.test(textOf(reading, node))) reading.problems.push({ line: lineOf(reading, node), code: 'syntax' });
}

/** Text outside quotes: a backslash takes the meaning from the next character, and a continued line is none. */
function bareParts(text: string): readonly WordPart[] {
  const parts: WordPart[] = [];
  for (const [piece] of text.matchAll(/\\\r?\n|\\[\s\S]|\\$|[^\\]+/g)) {
    if (/^\\\r?\n$/.test(piece)) continue;
    parts.push(
      piece.startsWith('\\') ? { kind: 'text', text: piece.slice(1), quoting: 'escaped' } : { kind: 'text', text: piece, quoting: 'bare' },
    );
  }
  return parts;
}

/**
 * What stands between double quotes: nodes, and between them text that the grammar may give as nodes or as gaps. `textParts` says what that text is.
 */
function quotedParts(
  reading: Reading,
  node: SyntaxNode,
  start: number,
  end: number,
  textParts: (text: string, from: number) => readonly WordPart[] = (text) => [{ kind: 'text', text: unquote(text), quoting: 'double' }],
): readonly WordPart[] {
  const parts: WordPart[] = [];
  let at = start;
  const addText = (until: number) => {
    if (until > at) parts.push(...textParts(reading.text.slice(at, until), at));
    at = Math.max(at, until);
  };
  for (const child of node.children) {
    if (!child.isNamed || child.type === 'string_content' || child.type === 'heredoc_content') continue;
    addText(startOf(reading, child));
    parts.push(...partsOf(reading, child, true));
    at = child.endIndex;
  }
  addText(end);
  return parts.length === 0 ? [{ kind: 'text', text: '', quoting: 'double' }] : parts;
}

/** Within double quotes a backslash escapes only these. Source: the Bash manual, 3.1.2.3 Double Quotes. */
function unquote(text: string): string {
  return text.replace(/\\(\r?\n|[$`"\\])/g, (_, escaped: string) => (escaped.endsWith('\n') ? '' : escaped));
}

function expansionOf(reading: Reading, node: SyntaxNode, quoted: boolean): WordPart {
  const children = node.children.slice(1, -1);
  const at = children.findIndex(
    (child) => child.type === 'variable_name' || child.type === 'special_variable_name' || child.type === 'subscript',
  );
  const named = children[at];
  if (named === undefined) return { kind: 'unknown', steps: reading.steps(children) };
  const before = children.slice(0, at).map((child) => textOf(reading, child).trim());
  const [operator, ...rest] = children.slice(at + 1);
  const operands = rest.filter((child) => child.isNamed).map((child) => wordOf(reading, [child]));
  const subscript = named.type === 'subscript' ? reading.steps(named.children) : [];
  if (subscript.length > 0) return { kind: 'unknown', steps: subscript };
  const sign = `${before.join('')}${operator === undefined ? '' : textOf(reading, operator).trim()}`;
  return { kind: 'variable', name: textOf(reading, named).replace(/\[[\s\S]*$/, ''), operator: sign, operands, quoted };
}

/** Between backquotes a backslash hides a further level of backquotes, which the grammar does not enter. */
function substitutionOf(reading: Reading, node: SyntaxNode, quoted: boolean): WordPart {
  const text = textOf(reading, node).trimStart();
  if (text.startsWith('`') && text.includes('\\')) {
    const inner = text.slice(1, -1).replace(/\\([$`\\])/g, '$1');
    return { kind: 'substitution', steps: reading.readInner(inner, lineOf(reading, node)), quoted };
  }
  return { kind: 'substitution', steps: reading.steps(node.children), quoted };
}
