import { collectFiles } from './collect-files.ts';
import { unseenLine } from './disguises.ts';
import { evaluationOf } from './evaluate.ts';
import type { CommandLanguage, Judge } from './invocation.ts';
import { plainCommands } from './plain-commands.ts';
import { scopeOf } from './scope.ts';
import type { Finding, ScriptFactorCode } from './script-factors.ts';
import { noFiles } from './script-files.ts';
import type { ScriptReader } from './script-reader.ts';
import { isKnown, listBreak, unknownMark, type Value, wordBreak } from './values.ts';
import { runPlainWords, type Walk, walkSteps } from './walk-steps.ts';

/** A script as a request carries it. `given` are values of variables that come with it, `positional` its arguments where they are known. */
export type ScriptSource = {
  readonly language: CommandLanguage;
  readonly text: string;
  readonly given: ReadonlyMap<string, readonly Value[]>;
  readonly positional: readonly Value[] | undefined;
};

/** How deep scripts may hide in scripts, how many are looked at for one request, and how long all of them may be together. */
const maxDepth = 6;
const maxScripts = 48;
const maxCharacters = 393_216;
/** Calls of functions of the script that are followed with their arguments. */
const maxCalls = 64;

/** What is shared by all scripts of one request. */
export type Session = {
  readonly reader: ScriptReader;
  readonly found: (finding: Finding) => void;
  readonly left: { scripts: number; characters: number; calls: number };
  /** What was found in each text, which is judged once. */
  readonly seen: Map<string, Finding[]>;
};

export function sessionOf(reader: ScriptReader, found: (finding: Finding) => void): Session {
  return { reader, found, left: { scripts: maxScripts, characters: maxCharacters, calls: maxCalls }, seen: new Map() };
}

/** Where a script stands: `line` is the line of the outermost script, undefined there, where lines are its own. */
type Place = { readonly session: Session; readonly depth: number; readonly line: number | undefined };

/** Judges a script and what it runs. Lines are those of the script as the request carries it. */
export function judgeScript(session: Session, source: ScriptSource): void {
  judgeSource({ session, depth: 0, line: undefined }, source);
}

function judgeSource(place: Place, source: ScriptSource): void {
  const { session } = place;
  if (source.text.trim() === '') return;
  const key = `${source.language}\n${source.text}`;
  const known = session.seen.get(key);
  if (known !== undefined) {
    for (const { code, line, shows } of known) report(place, code, line, shows);
    return;
  }
  const findings: Finding[] = [];
  session.seen.set(key, findings);
  const found = (finding: Finding) => {
    findings.push(finding);
    session.found(finding);
  };
  judgeNew({ ...place, session: { ...session, found } }, source);
}

function judgeNew(place: Place, source: ScriptSource): void {
  const { left } = place.session;
  left.scripts -= 1;
  left.characters -= source.text.length;
  const unseen = unseenLine(source.text);
  if (unseen !== undefined) report(place, 'scriptDisguisesCommands', unseen, 'characters that are not seen');
  if (left.characters < 0) report(place, 'scriptTooLong', 1, 'more than can be looked through');
  else if (place.depth > maxDepth || left.scripts < 0) report(place, 'scriptHidesContent', 1, 'scripts in scripts');
  else if (source.language === 'cmd') judgePlain(place, source);
  else judgeRead(place, source, source.language);
}

function report({ session, line }: Place, code: ScriptFactorCode, ownLine: number, shows: string): void {
  session.found({ code, line: line ?? ownLine, shows });
}

function judgeRead(place: Place, source: ScriptSource, language: 'bash' | 'powershell'): void {
  const script = place.session.reader.read(language, source.text);
  const [problem] = script.problems;
  if (problem?.code === 'tooMuch') {
    report(place, 'scriptTooLong', 1, 'more than can be looked through');
    return;
  }
  if (problem !== undefined) {
    report(place, 'scriptNotUnderstood', problem.line, problem.code);
    judgePlain(place, source);
  }
  const evaluation = evaluationOf(scopeOf(script, source.given, source.positional));
  const walk = walkOf(place, source, { evaluation, files: collectFiles(script, evaluation) });
  walkSteps(walk, script.steps, undefined);
}

/** Commands of which only the words are known: those of `cmd.exe`, and of texts that no grammar understands. */
function judgePlain(place: Place, source: ScriptSource): void {
  const language = source.language === 'powershell' ? 'powershell' : 'bash';
  const evaluation = evaluationOf({ language, assigned: new Map(), given: new Map(), functions: new Map(), positional: undefined });
  const walk = walkOf(place, source, { evaluation, files: noFiles() });
  const isUnread = source.language !== 'cmd';
  for (const { words, redirections, line } of plainCommands(source.text, source.language))
    runPlainWords(isUnread ? withoutGuesses(walk) : walk, words, redirections, line);
}

/** Where a text could not be parsed, a variable in front may be no command at all. */
function withoutGuesses(walk: Walk): Walk {
  return {
    ...walk,
    found: (code, line, shows) => {
      if (code !== 'scriptBuildsCommands') walk.found(code, line, shows);
    },
  };
}

function walkOf(place: Place, source: ScriptSource, own: Pick<Walk, 'evaluation' | 'files'>): Walk {
  const { session } = place;
  const judgeTexts: Judge['judgeTexts'] = (language, values, line) => {
    for (const value of values) judgeText({ session, depth: place.depth + 1, line: place.line ?? line }, language, value, source.given);
  };
  return {
    ...own,
    language: source.language,
    found: (code, line, shows) => report(place, code, line, shows),
    judgeTexts,
    calls: { left: session.left.calls, depth: 0 },
  };
}

/** Stands in a script for what is not known of it. */
const unknownVariable = '$unknown_value';

/** Judges a text that is run as a script: what is not known of it, what is decoded, then what can be read. */
function judgeText(place: Place, language: CommandLanguage, value: Value, given: ScriptSource['given']): void {
  const { traits } = value;
  const isWhole = isKnown(value);
  if (traits.has('remote')) report(place, 'scriptRunsRemoteCode', 1, 'what it downloads');
  if (traits.has('decoded') || (traits.has('computed') && language !== 'cmd'))
    report(place, 'scriptHidesContent', 1, 'what it decodes or builds');
  else if (!isWhole && traits.has('gathered')) report(place, 'scriptHidesContent', 1, 'what a command prints');
  else if (value.text.trim() === unknownMark && !traits.has('remote')) report(place, 'scriptBuildsCommands', 1, 'a variable');
  const text = value.text.replaceAll(unknownMark, unknownVariable).replaceAll(wordBreak, ' ').replaceAll(listBreak, ' ');
  if (text.trim() === unknownVariable) return;
  judgeSource(place, { language, text, given, positional: undefined });
}
