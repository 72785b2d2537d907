import type treeSitter from '@vscode/tree-sitter-wasm';

/** A node of a syntax tree, copied out of the memory of WebAssembly. Indices are UTF-16 units of the parsed text, rows count from 0. */
export type SyntaxNode = {
  readonly type: string;
  readonly isNamed: boolean;
  /** A token that the parser made up, or text that it could not place. */
  readonly isBroken: boolean;
  /** True also where something below is broken. */
  readonly hasError: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly row: number;
  readonly children: readonly SyntaxNode[];
};

type Open = { -readonly [K in keyof SyntaxNode]: K extends 'children' ? SyntaxNode[] : SyntaxNode[K] };

/** Copies a tree without recursion, since hostile texts nest as deep as they are long. */
export function copyTree(tree: treeSitter.Tree): SyntaxNode {
  const cursor = tree.walk();
  try {
    const root = openNode(cursor);
    const path: Open[] = [root];
    for (;;) {
      if (cursor.gotoFirstChild()) {
        path.push(openNode(cursor));
        continue;
      }
      for (;;) {
        const closed = path.pop();
        const parent = path.at(-1);
        if (closed === undefined || parent === undefined) return root;
        parent.children.push(closed);
        parent.hasError ||= closed.hasError;
        if (cursor.gotoNextSibling()) break;
        cursor.gotoParent();
      }
      path.push(openNode(cursor));
    }
  } finally {
    cursor.delete();
  }
}

function openNode(cursor: treeSitter.TreeCursor): Open {
  const isBroken = cursor.nodeIsMissing || cursor.nodeType === 'ERROR';
  return {
    type: cursor.nodeType,
    isNamed: cursor.nodeIsNamed,
    isBroken,
    hasError: isBroken,
    startIndex: cursor.startIndex,
    endIndex: cursor.endIndex,
    row: cursor.startPosition.row,
    children: [],
  };
}
