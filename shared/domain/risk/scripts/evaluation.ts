import type { Scope } from './scope.ts';
import type { Step, Word } from './script-reader.ts';
import type { Value } from './values.ts';

/** What can be told of the values of a script without running it. */
export type Evaluation = {
  readonly scope: Scope;
  /** Values that a word may have; never empty. */
  readonly valuesOf: (word: Word) => readonly Value[];
  readonly valuesOfVariable: (name: string) => readonly Value[];
  /** What steps print; `input` is what they read, where that is known. */
  readonly printedBy: (steps: readonly Step[], input?: readonly Value[]) => readonly Value[];
};
