import type { Evaluation } from './evaluation.ts';
import type { ScriptFactorCode } from './script-factors.ts';
import type { ScriptFiles } from './script-files.ts';
import type { Step, Word } from './script-reader.ts';
import { passagesOf } from './segments.ts';
import type { Value } from './values.ts';

export type CommandLanguage = 'bash' | 'powershell' | 'cmd';

/** One word that a command gets. `word` is where it stands in the script, if it stands there. */
export type Field = Value & { readonly word: Word | undefined };

/** What a command reads from the command before it or from the script itself. `stages` are the commands before it. */
export type Input = { readonly values: readonly Value[]; readonly stages: readonly Step[] };

/** A command as it would be run. */
export type Invocation = {
  readonly language: CommandLanguage;
  readonly line: number;
  /** Plain name: without directory and extension, in lower case, aliases of PowerShell resolved. */
  readonly name: string;
  /** The name as it is run, with its directory. */
  readonly path: string;
  readonly fields: readonly Field[];
  readonly redirections: readonly { readonly operator: string; readonly value: Value }[];
  readonly input: Input | undefined;
};

/** What a rule may do with what it looks at. */
export type Judge = {
  readonly evaluation: Evaluation;
  readonly files: ScriptFiles;
  readonly found: (code: ScriptFactorCode, line: number, shows: string) => void;
  /** Judges words as a command of their own, as `sudo` runs the words after it. */
  readonly judgeFields: (fields: readonly Field[], from: Invocation) => void;
  /** Judges texts as a script that is run. */
  readonly judgeTexts: (language: CommandLanguage, values: readonly Value[], line: number) => void;
};

/**
 * The arguments in lower case, joined by blanks, for the tables: in passages of a bounded length that overlap, so that a pattern costs the same for
 * every character and no padding moves an argument out of sight.
 */
export function argumentPassages(invocation: Invocation): readonly string[] {
  return passagesOf(
    invocation.fields
      .map((field) => field.text)
      .join(' ')
      .toLowerCase(),
    passageLength,
    passageOverlap,
  );
}

const passageLength = 1_024;
const passageOverlap = 256;

/** Whether an option is given, alone or in a bundle of short ones (`-rf`); long names without case. */
export function hasOption(invocation: Invocation, short: string, ...long: readonly string[]): boolean {
  return invocation.fields.some(({ text }) => {
    if (/^-[A-Za-z]+$/.test(text) && [...short].some((letter) => text.includes(letter, 1))) return true;
    return text.startsWith('--') && long.some((name) => text === `--${name}` || text.startsWith(`--${name}=`));
  });
}

/** The value of an option: `--name value`, `--name=value`, `-nvalue`; undefined where it is not given. */
export function optionValue(invocation: Invocation, ...names: readonly string[]): Field | undefined {
  return optionValues(invocation, ...names)[0];
}

export function optionValues(invocation: Invocation, ...names: readonly string[]): readonly Field[] {
  const { fields } = invocation;
  const values: Field[] = [];
  for (const [index, field] of fields.entries()) {
    for (const name of names) {
      const next = fields[index + 1];
      if (field.text === name) {
        if (next !== undefined) values.push(next);
      } else if (field.text.startsWith(`${name}=`)) values.push({ ...field, text: field.text.slice(name.length + 1) });
      else if (/^-[A-Za-z]$/.test(name) && field.text.startsWith(name)) values.push({ ...field, text: field.text.slice(2) });
    }
  }
  return values;
}

/** A parameter of a PowerShell command by its name or any beginning of it. `isGiven` tells a switch that stands last. */
export function parameter(
  invocation: Invocation,
  name: string,
  least = 1,
): { readonly isGiven: boolean; readonly values: readonly Field[] } {
  const { fields } = invocation;
  const values: Field[] = [];
  let isGiven = false;
  for (const [index, field] of fields.entries()) {
    if (!isOption(field)) continue;
    const given = /^-([A-Za-z]+):?$/.exec(field.text)?.[1]?.toLowerCase();
    if (given === undefined || given.length < least || !name.startsWith(given)) continue;
    isGiven = true;
    for (let at = index + 1; at < fields.length; at += 1) {
      const value = fields[at];
      if (value === undefined || isOption(value)) break;
      values.push(value);
    }
  }
  return { isGiven, values };
}

/** An option is not in quotes, in PowerShell. */
function isOption({ text, word }: Field): boolean {
  return /^-[A-Za-z]/.test(text) && (word === undefined || !/^["']/.test(word.source));
}

/** Words that are no options. */
export function operands(invocation: Invocation): readonly Field[] {
  const end = invocation.fields.findIndex(({ text }) => text === '--');
  return invocation.fields.filter(({ text }, index) => (end !== -1 && index > end) || !/^-./.test(text));
}

/** Up to 60 characters of words that are safe to show. */
export function shown(...texts: readonly string[]): string {
  const text = texts.join(' ').replace(/\p{C}/gu, '…').trim();
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
