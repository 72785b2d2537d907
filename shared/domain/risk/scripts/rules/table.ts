import { argumentPassages, type Invocation, type Judge, shown } from '../invocation.ts';
import type { ScriptFactorCode } from '../script-factors.ts';

/** One row: what it means that one of these commands is run, with arguments that match if a pattern is given. */
export type CommandRow = readonly [code: ScriptFactorCode, commands: string, args?: RegExp];

/** Gives whether a row matched. */
export type CommandTable = (invocation: Invocation, judge: Judge) => boolean;

/** Makes a table of rows into a rule. Commands are listed with blanks between them; a pattern sees the arguments in lower case, joined by blanks. */
export function commandTable(rows: readonly CommandRow[]): CommandTable {
  const byCommand = new Map<string, CommandRow[]>();
  for (const row of rows) {
    for (const command of row[1].split(' ')) byCommand.set(command, [...(byCommand.get(command) ?? []), row]);
  }
  return (invocation, judge) => {
    const own = byCommand.get(invocation.name);
    if (own === undefined) return false;
    let isFound = false;
    const passages = [...argumentPassages(invocation), ...builtWords(invocation)];
    for (const [code, , args] of own) {
      const matched = args === undefined ? '' : firstMatch(args, passages);
      if (matched === undefined) continue;
      isFound = true;
      judge.found(code, invocation.line, shown(invocation.name, safeWords(matched, args)));
    }
    return isFound;
  };
}

/** Words that a command makes, as they are written: `kill $(pgrep agent)` says whom it means. */
function builtWords({ fields }: Invocation): readonly string[] {
  return fields.flatMap(({ word }) =>
    word !== undefined && word.source.length <= 400 && word.parts.some(({ kind }) => kind === 'substitution')
      ? [word.source.toLowerCase()]
      : [],
  );
}

function firstMatch(pattern: RegExp, passages: readonly string[]): string | undefined {
  for (const passage of passages) {
    const match = pattern.exec(passage);
    if (match !== null) return match[0].trim();
  }
  return undefined;
}

/** A pattern that spells out what it matches shows it; of one that skips over words only options are shown, since a password may be among them. */
function safeWords(matched: string, pattern: RegExp | undefined): string {
  if (pattern === undefined || !/\.[*+]|\\S|\.$|\[\^/.test(pattern.source)) return matched;
  return matched
    .split(' ')
    .map((word, index) => ((index === 0 && /^[-/]?[a-z-]{1,20}$/.test(word)) || /^[-/+]{1,2}[a-z][a-z-]{0,30}$/.test(word) ? word : '…'))
    .join(' ')
    .replace(/…(?: …)+/g, '…');
}
