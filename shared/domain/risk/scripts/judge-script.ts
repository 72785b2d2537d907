import type { ScriptFactorCode } from './script-factors.ts';
import type { Finding } from './script-factors.ts';
import { judgeCommand } from './judge-command.ts';
import { judgeInvocation } from './judge-invocation.ts';
import type { CommandLanguage, Field, Input, Invocation, Judge } from './invocation.ts';
import { evaluationOf } from './evaluate.ts';
import { judgeMember } from './rules/members.ts';
import { plainCommands, type PlainCommand } from './plain-commands.ts';
import { collectFiles } from './collect-files.ts';
import { printedByStep } from './printed.ts';
import { scopeOf } from './scope.ts';
import type { Script, ScriptReader, Step, Word } from './script-reader.ts';
import { isKnown, listBreak, literal, unknownMark, type Value, wordBreak } from './values.ts';

/** A script as a request carries it. `given` are values of variables that come with it, `positional` its arguments. */
export type ScriptSource = {
  readonly language: CommandLanguage;
  readonly text: string;
  readonly given: ReadonlyMap<string, readonly Value[]>;
  readonly positional: readonly Value[] | undefined;
};

/** How deep scripts may hide in scripts, how many of them are looked at, and how long all of them may be together. */
const maxDepth = 6;
const maxScripts = 48;
const maxCharacters = 393_216;
