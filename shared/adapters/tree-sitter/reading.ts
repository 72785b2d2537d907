import type { ScriptProblem, Step } from '../../domain/risk/scripts/script-reader.ts';
import type { SyntaxNode } from './syntax-node.ts';

/** Nesting of statements and words beyond this is not read; people nest a tenth of it. */
const maxDepth = 100;

/** What is read at the moment: a piece of a script, and what was found wrong with it so far. */
export type Reading = {
  readonly text: string;
  readonly firstLine: number;
  readonly problems: ScriptProblem[];
  readonly depth: { at: number };
  /** What the statements among some nodes do. */
  readonly steps: (nodes: readonly SyntaxNode[]) => readonly Step[];
  /** Reads a text inside the script as a script of its own. */
  readonly readInner: (text: string, line: number) => readonly Step[];
};

/** The line where the text of a node begins; some tokens of the grammar begin with the end of the line before. */
export function lineOf(reading: Reading, node: SyntaxNode): number {
  const blank = /^\s*/.exec(reading.text.slice(node.startIndex, node.startIndex + 64))?.[0] ?? '';
  return reading.firstLine + node.row + blank.split('\n').length - 1;
}

export function textOf(reading: Reading, node: SyntaxNode): string {
  return reading.text.slice(node.startIndex, node.endIndex);
}

/** Runs `read` one level deeper, or notes that the script nests too deep. */
export function nested<T>(reading: Reading, node: SyntaxNode, none: T, read: () => T): T {
  if (reading.depth.at >= maxDepth) {
    reading.problems.push({ line: lineOf(reading, node), code: 'tooDeep' });
    return none;
  }
  reading.depth.at += 1;
  try {
    return read();
  } finally {
    reading.depth.at -= 1;
  }
}
