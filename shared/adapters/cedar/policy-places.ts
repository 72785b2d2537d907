import { lineOf } from './policy-depth.ts';
import { PolicyError } from './policy-error.ts';

/** What is wrong in a policy, once for each place; `word` is what stands there: a text with its quotes, a name, or an annotation as `@name`. */
export type Fault = { readonly reason: string; readonly word: string };

type PlacedPolicy = { readonly file: string; readonly line: number; readonly text: string };

/** A comment, an annotation with its text, a text, or a name. */
const token = /\/\/[^\n]*|(@\w+)\s*\(\s*"(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*"|\w+/gs;

/**
 * Each fault with its line: that of its word where the policy holds the word as often as the fault, else that of the policy, since a word that stands elsewhere,
 * too, may be right there. Cedar's own form of a policy names no places.
 */
export function placeFaults(code: PolicyError['code'], policy: PlacedPolicy, faults: readonly Fault[]): readonly PolicyError[] {
  return [...Map.groupBy(faults, ({ reason }) => reason)].flatMap(([reason, alike]) => {
    const lines = linesOf(policy, alike[0]?.word ?? '');
    const places = lines.length === alike.length ? new Set(lines) : [policy.line];
    return [...places].map((line) => new PolicyError(code, { file: policy.file, line }, reason));
  });
}

function linesOf({ text, line }: PlacedPolicy, word: string): readonly number[] {
  return [...text.matchAll(token)].flatMap(({ 0: found, 1: annotation, index }) =>
    (annotation ?? found) === word ? [line + lineOf(text, index) - 1] : [],
  );
}
