import type treeSitter from '@vscode/tree-sitter-wasm';
import { copyTree, type SyntaxNode } from './syntax-node.ts';

/** Statements that were read completely, or what could be read of the rest; `firstLine` counts from 1. */
export type Passage = { readonly text: string; readonly firstLine: number; readonly statements: readonly SyntaxNode[] };

export type Stop = { readonly line: number; readonly code: 'syntax' | 'tooLong' };

/** Characters that are parsed as one piece at first; more only where the piece ends amid a statement. */
const firstPiece = 2_048;
/** A single statement of more than this is not read. */
const largestPiece = 65_536;
/** Tree-sitter's repair of errors takes quadratic time; a piece that needs more of it than this is given up. */
const maxBrokenTokens = 128;
/**
 * Tokens of a piece that ends amid a statement. Its end is repaired as an error, which takes time and memory with the square of what the parser has not put together
 * until then: a pipe of 40,000 commands used up the 2 GiB of WebAssembly, after which no script at all could be read until the next start.
 */
const maxUnfinishedTokens = 16_000;
/** The same where tokens are shorter than in anything that people write: fewer than 1.6 characters each. */
const maxDenseTokens = 4_000;
/** What a pipe sign counts, before which nothing is put together. */
const tokensOfPipe = 8;
/** Characters that the lexer may ask for, as a multiple of the piece: an honest text needs two. */
const maxLexing = 24;

/**
 * Parses a text piece by piece, in time linear in its length whatever it holds, and hands over each run of complete statements.
 * Stops at the first piece that has a syntax error which more text does not mend, after handing over what could be read of it; gives that place.
 * The time is bounded by counting tokens and characters, never by a clock, so that the same text always gives the same tree.
 */
export function parsePassages(
  parser: treeSitter.Parser,
  text: string,
  statementsOf: (root: SyntaxNode) => readonly SyntaxNode[],
  take: (passage: Passage) => void,
): Stop | undefined {
  let at = 0;
  let firstLine = 1;
  let size = firstPiece;
  while (at < text.length) {
    const end = pieceEnd(text, at, size);
    const piece = text.slice(at, end);
    const root = parseBounded(parser, piece);
    if (root === undefined) return { line: firstLine, code: 'syntax' };
    const statements = statementsOf(root);
    const isLast = end === text.length;
    const complete = isLast ? statements : statements.slice(0, -1);
    const last = complete.at(-1);
    if (!root.hasError && (isLast || last !== undefined)) {
      take({ text: piece, firstLine, statements: complete });
      if (isLast || last === undefined) return undefined;
      at += last.endIndex;
      firstLine += newlinesIn(piece.slice(0, last.endIndex));
      size = firstPiece;
      continue;
    }
    if (isLast || isTooDense(root, piece) || size >= largestPiece || countBrokenTokens(root) > maxBrokenTokens) {
      take({ text: piece, firstLine, statements });
      return root.hasError ? { line: firstLine + firstBrokenRow(root), code: 'syntax' } : { line: firstLine, code: 'tooLong' };
    }
    size *= 2;
  }
  return undefined;
}

/** A piece ends after a line where it can: an end amid a line is taken for an error more often. */
function pieceEnd(text: string, at: number, size: number): number {
  if (at + size >= text.length) return text.length;
  const newline = text.lastIndexOf('\n', at + size);
  return newline > at ? newline + 1 : at + size;
}

function parseBounded(parser: treeSitter.Parser, piece: string): SyntaxNode | undefined {
  let remaining = piece.length * maxLexing + largestPiece;
  const read = (index: number): string => {
    const slice = piece.slice(index, index + 1024);
    remaining -= slice.length;
    return remaining < 0 ? '' : slice;
  };
  const tree = parser.parse(read, null, { progressCallback: () => remaining < 0 });
  try {
    if (tree !== null && remaining >= 0) return copyTree(tree);
    parser.reset();
    return undefined;
  } finally {
    tree?.delete();
  }
}

function countBrokenTokens(root: SyntaxNode): number {
  let count = 0;
  const open: SyntaxNode[] = [root];
  for (let node = open.pop(); node !== undefined && count <= maxBrokenTokens; node = open.pop()) {
    if (node.isBroken) count += 1;
    for (const child of node.children) {
      if (node.isBroken && child.children.length === 0) count += 1;
      if (child.hasError) open.push(child);
    }
  }
  return count;
}

/** Whether twice as much of it would be more than may be tried. */
function isTooDense(root: SyntaxNode, piece: string): boolean {
  let tokens = 0;
  const open: SyntaxNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.children.length === 0) tokens += 1;
    if (node.type === 'pipeline') tokens += node.children.length * (tokensOfPipe / 2);
    for (const child of node.children) open.push(child);
  }
  return 2 * tokens > (tokens * 1.6 > piece.length ? maxDenseTokens : maxUnfinishedTokens);
}

function firstBrokenRow(root: SyntaxNode): number {
  let node = root;
  for (;;) {
    const next = node.isBroken ? undefined : node.children.find((child) => child.hasError);
    if (next === undefined) return node.row;
    node = next;
  }
}

function newlinesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
