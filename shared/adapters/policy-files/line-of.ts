import { findNodeAtLocation, parseTree } from 'jsonc-parser';

/** The line, from 1, of a place in a JSON text, given by the names that lead there; that of the nearest place that exists. */
export function lineOf(text: string, path: readonly string[]): number | undefined {
  const root = parseTree(text);
  for (let length = path.length; root !== undefined && length > 0; length -= 1) {
    const steps = path.slice(0, length).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const node = findNodeAtLocation(root, steps);
    if (node !== undefined) return text.slice(0, node.offset).split('\n').length;
  }
  return undefined;
}
