import { lineOf } from '../../shared/adapters/policy-files/line-of.ts';

/** What is wrong, and where: `line` counts from 1 and is undefined where the file as a whole is meant. */
export type PolicyProblem = { readonly file: string; readonly line: number | undefined; readonly reason: string };

/** A problem at a place of a JSON text, given by the names that lead there; the nearest place that exists tells the line. */
export function problemIn(file: string, text: string, path: readonly string[], reason: string): PolicyProblem {
  return { file, line: lineOf(text, path), reason: path.length === 0 ? reason : `${path.join('.')}: ${reason}` };
}

/** As compilers write it, so that editors and terminals can lead there. */
export function problemText({ file, line, reason }: PolicyProblem): string {
  return line === undefined ? `${file}: ${reason}` : `${file}:${line}: ${reason}`;
}
