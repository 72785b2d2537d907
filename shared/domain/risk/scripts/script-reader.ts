/** The languages that a {@link ScriptReader} reads by a real grammar. */
export type ScriptLanguage = 'bash' | 'powershell';

/** Reads a script into its steps without running anything. Synchronous and pure; it never throws, but says in `problems` what it could not read. */
export type ScriptReader = {
  readonly read: (language: ScriptLanguage, text: string) => Script;
};

/** A script as its shell would read it; lines count from 1. Where `problems` is not empty, `steps` is what could be read of it. */
export type Script = {
  readonly language: ScriptLanguage;
  readonly steps: readonly Step[];
  readonly problems: readonly ScriptProblem[];
};

/** `tooMuch`: it was not read at all, since the request carries more than is looked through. */
export type ScriptProblem = { readonly line: number; readonly code: 'syntax' | 'tooLong' | 'tooDeep' | 'tooMuch' };

export type Step = Command | Pipeline | Assignment | Block | FunctionDefinition | Expression;

/** A command with its words, the first of which is its name. */
export type Command = {
  readonly kind: 'command';
  readonly line: number;
  readonly words: readonly Word[];
  /** Variables that are set for this command only. */
  readonly assignments: readonly Assignment[];
  readonly redirections: readonly Redirection[];
};

/** Steps whose output is the next one's input. */
export type Pipeline = { readonly kind: 'pipeline'; readonly line: number; readonly stages: readonly Step[] };

/** A value given to a variable. `name` is as written, without `$`; `appends` where it is added to what is there. */
export type Assignment = {
  readonly kind: 'assignment';
  readonly line: number;
  readonly name: string;
  readonly appends: boolean;
  readonly value: Word;
};

/** Steps of one compound statement: both branches of a condition, its condition, a loop's body, a subshell. */
export type Block = {
  readonly kind: 'block';
  readonly line: number;
  readonly steps: readonly Step[];
  readonly redirections: readonly Redirection[];
  /** The variable of a loop and what it goes through. */
  readonly loop: { readonly name: string; readonly values: readonly Word[] } | undefined;
};

export type FunctionDefinition = {
  readonly kind: 'function';
  readonly line: number;
  readonly name: string;
  readonly steps: readonly Step[];
};

/** A value that stands alone, as PowerShell allows: a call of a method, a string that goes down a pipeline. */
export type Expression = {
  readonly kind: 'expression';
  readonly line: number;
  readonly value: Word;
  readonly redirections: readonly Redirection[];
};

/** `target` is a file, a descriptor, or for `<<` and `<<<` the text itself. */
export type Redirection = { readonly line: number; readonly operator: string; readonly target: Word };

/** One word of a command: its parts one after another. `source` is as it is written. */
export type Word = { readonly line: number; readonly source: string; readonly parts: readonly WordPart[] };

export type Quoting = 'bare' | 'escaped' | 'single' | 'double' | 'ansi';

export type WordPart =
  /** Text with quotes and escapes removed. */
  | { readonly kind: 'text'; readonly text: string; readonly quoting: Quoting }
  /**
   * A variable. `operator` is what its expansion does (`:-`, `//`, `:`, `!`), with its `operands`; empty for the plain value.
   * Where it is not `quoted`, bash splits its value into words.
   */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly operator: string;
      readonly operands: readonly Word[];
      readonly quoted: boolean;
    }
  /** What commands print. */
  | { readonly kind: 'substitution'; readonly steps: readonly Step[]; readonly quoted: boolean }
  /** A file that stands for what commands print or read: `<(…)`, `>(…)`. */
  | { readonly kind: 'process'; readonly steps: readonly Step[] }
  /** Commands as a value, which another command or method may run. */
  | { readonly kind: 'scriptBlock'; readonly steps: readonly Step[] }
  /** An operator or cast over values, named as it is written in lower case: `+`, `-join`, `-f`, `[char]`, `,`, `[]` for an index. */
  | { readonly kind: 'operation'; readonly operator: string; readonly operands: readonly Word[] }
  /** A member of a value or, where `isStatic`, of a type: `arguments` is undefined for a property. */
  | {
      readonly kind: 'member';
      readonly target: Word;
      readonly isStatic: boolean;
      readonly name: Word;
      readonly arguments: readonly Word[] | undefined;
    }
  /** Something that only the running shell could tell; `steps` are commands that run in it. */
  | { readonly kind: 'unknown'; readonly steps: readonly Step[] };
