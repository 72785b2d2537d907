/** Beyond either Cedar, which recurses, could trap, and would be of no use to anybody afterwards. */
export const maxBrackets = 60;
export const maxOperators = 500;

/** A comment, a text, a bracket, the end of a policy, or what makes an expression one level deeper. */
const token = /\/\/[^\n]*|"(?:[^"\\]|\\.)*"?|[()[\]{};]|&&|\|\||[-+*!.]|\bif\b/gs;

export type DeepPlace = { readonly line: number; readonly reason: string };

/** Where a text has too many brackets within each other, or a policy that chains too much; undefined where Cedar can take it. Takes time linear in the text. */
export function findDeepPlace(text: string): DeepPlace | undefined {
  let depth = 0;
  let operators = 0;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found === ';') operators = 0;
    else if (/^[([{]$/.test(found)) depth += 1;
    else if (/^[)\]}]$/.test(found)) depth -= 1;
    else if (!/^["/]/.test(found)) operators += 1;
    if (depth > maxBrackets) return { line: lineOf(text, index), reason: `More than ${maxBrackets} brackets stand within each other.` };
    if (operators > maxOperators) {
      const reason = `The policy chains more than ${maxOperators} operators. Write a set and "contains", or several policies.`;
      return { line: lineOf(text, index), reason };
    }
  }
  return undefined;
}

export function lineOf(text: string, start: number): number {
  return text.slice(0, start).split('\n').length;
}
