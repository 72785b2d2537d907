import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import treeSitter from '@vscode/tree-sitter-wasm';
import { loadScriptReader } from '../../../shared/adapters/tree-sitter/load-script-reader.ts';
import { copyTree, type SyntaxNode } from '../../../shared/adapters/tree-sitter/syntax-node.ts';

/** A parsed Bicep file. */
export type BicepSyntax = { readonly text: string; readonly root: SyntaxNode };

let loaded: Promise<treeSitter.Parser> | undefined;

/** The grammar is loaded once a process. It is initialised by the script reader, since the library tells only its first user where it lies. */
async function load(): Promise<treeSitter.Parser> {
  await loadScriptReader();
  const grammar = join(dirname(createRequire(import.meta.url).resolve('tree-sitter-bicep/package.json')), 'tree-sitter-bicep.wasm');
  const parser = new treeSitter.Parser();
  parser.setLanguage(await treeSitter.Language.load(grammar));
  return parser;
}

/** Parses `.bicep` and `.bicepparam` texts; what is wrong with them is in the tree. */
export async function loadBicepParser(): Promise<(text: string) => BicepSyntax> {
  loaded ??= load();
  const parser = await loaded;
  return (source) => {
    const text = withoutNewerWords(source);
    const tree = parser.parse(text);
    if (tree === null) throw new Error('The parser gave up.');
    return { text, root: boundTighter(copyTree(tree)) };
  };
}

/** The grammar is older than the statements `extension` and `using`, and knows parameters only with types. Places stay as they are. */
function withoutNewerWords(text: string): string {
  return text
    .replace(/^(extension|using) .*$/gm, (line) => `//${' '.repeat(Math.max(0, line.length - 2))}`)
    .replace(/^param( +\w+ *=)/gm, (_, rest: string) => `  var${rest}`);
}

const accesses: ReadonlySet<string> = new Set(['member_expression', 'subscript_expression']);
const operations: ReadonlySet<string> = new Set(['ternary_expression', 'binary_expression', 'unary_expression']);

/**
 * The grammar lets `a ? b : c.d` be a member of all that stands before the point, where the language lets it be one of `c`; and it ends a lambda where the language
 * goes on.
 */
function boundTighter(node: SyntaxNode): SyntaxNode {
  const children = node.children.map(boundTighter);
  const [first, ...rest] = children;
  if (first === undefined || !takesLessThan(first, node)) return { ...node, children };
  const operands = first.children.slice(0, -1);
  const last = first.children.slice(-1);
  return { ...first, endIndex: node.endIndex, children: [...operands, boundTighter({ ...node, children: [...last, ...rest] })] };
}

function takesLessThan(first: SyntaxNode, node: SyntaxNode): boolean {
  const isAccess = accesses.has(node.type);
  if (first.type === 'lambda_expression') return isAccess || operations.has(node.type);
  return isAccess && operations.has(first.type);
}

export function textOf({ text }: BicepSyntax, { startIndex, endIndex }: SyntaxNode): string {
  return text.slice(startIndex, endIndex);
}

/** A node and everything below it. */
export function nodesIn(node: SyntaxNode): readonly SyntaxNode[] {
  return [node, ...node.children.flatMap(nodesIn)];
}

/** The named children: what is left without brackets, commas and words of the language. */
export function partsOf(node: SyntaxNode): readonly SyntaxNode[] {
  return node.children.filter(({ isNamed, type }) => isNamed && type !== 'comment');
}

export function childOf(node: SyntaxNode, type: string): SyntaxNode | undefined {
  return node.children.find((child) => child.type === type);
}
