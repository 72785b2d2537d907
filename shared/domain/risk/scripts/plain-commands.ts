import type { CommandLanguage } from './invocation.ts';
import { unknownMark } from './values.ts';

/** A command as far as quotes and separators tell. */
export type PlainCommand = {
  readonly line: number;
  readonly words: readonly string[];
  readonly redirections: readonly { readonly operator: string; readonly target: string }[];
  /** True where a `|` stands before it. */
  readonly isPiped: boolean;
};

type Grammar = { readonly escape: string; readonly quotes: string; readonly separators: string };

const grammars: Readonly<Record<CommandLanguage, Grammar>> = {
  bash: { escape: '\\', quotes: '\'"', separators: ';&|(){}`\n' },
  powershell: { escape: '`', quotes: '\'"', separators: ';&|(){}\n' },
  cmd: { escape: '^', quotes: '"', separators: '&|()\n' },
};

/** Words that begin a command but are none. */
const keywords: ReadonlySet<string> = new Set([
  'if',
  'then',
  'else',
  'elif',
  'elseif',
  'do',
  'while',
  'until',
  '!',
  'time',
  'try',
  'catch',
  'finally',
  'return',
  '@',
  'not',
]);

/**
 * Cuts a text into commands in one pass, knowing nothing but quotes, escapes and separators: for `cmd.exe`, and for what a grammar could not parse.
 * Variables are unknown.
 */
export function plainCommands(text: string, language: CommandLanguage): readonly PlainCommand[] {
  const { escape: escaping, quotes, separators } = grammars[language];
  const commands: PlainCommand[] = [];
  let words: string[] = [];
  let redirections: { operator: string; target: string }[] = [];
  let word: string | undefined;
  let operator: string | undefined;
  let line = 1;
  let startLine = 1;
  let isPiped = false;
  let isList = false;
  const endWord = () => {
    if (word === undefined) return;
    if (operator !== undefined) redirections.push({ operator, target: word });
    else if (words.length > 0 || !keywords.has(word.toLowerCase())) words.push(words.length === 0 ? word.replace(/^@/, '') : word);
    operator = undefined;
    word = undefined;
  };
  const endCommand = (separator: string) => {
    endWord();
    if (words.length > 0 || redirections.length > 0) commands.push({ line: startLine, words, redirections, isPiped });
    isPiped = separator === '|';
    words = [];
    redirections = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (words.length === 0 && word === undefined) startLine = line;
    if (character === '\n') line += 1;
    if (character === '{' || character === '}') isList = character === '{' && /^[^\s}]/.test(text.charAt(at + 1));
    if (character === escaping) {
      const next = text.charAt(at + 1);
      if (next === '\n') line += 1;
      else word = `${word ?? ''}${next}`;
      at += 1;
    } else if (quotes.includes(character)) {
      const end = text.indexOf(character, at + 1);
      if (end === -1) continue;
      const inner = text.slice(at + 1, end);
      word = `${word ?? ''}${character === "'" ? inner : withoutVariables(inner, language)}`;
      line += inner.split('\n').length - 1;
      at = end;
    } else if (isList && character === ',') endWord();
    else if (separators.includes(character)) endCommand(character);
    else if (character === '>' || character === '<') {
      if (word !== undefined && /^[0-9*]$/.test(word)) word = undefined;
      endWord();
      operator = `${operator ?? ''}${character}`;
    } else if (character === ' ' || character === '\t' || character === '\r') endWord();
    else if (character === '#' && word === undefined && language !== 'cmd') at = lineEnd(text, at) - 1;
    else word = `${word ?? ''}${character}`;
    if (word !== undefined && word.length > maxWord) endWord();
  }
  endCommand('');
  return commands.map((command) => (language === 'cmd' ? withUnknownName(command) : withUnknowns(command, language)));
}

const maxWord = 65_536;

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** A folder may be a variable; a name that is one is decided only when it runs. */
function withUnknownName(command: PlainCommand): PlainCommand {
  const [name = '', ...rest] = command.words;
  const at = Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1;
  return { ...command, words: [`${name.slice(0, at)}${withoutVariables(name.slice(at), 'cmd')}`, ...rest].slice(0, command.words.length) };
}

function withUnknowns(command: PlainCommand, language: CommandLanguage): PlainCommand {
  return { ...command, words: command.words.map((word) => withoutVariables(word, language)) };
}

function withoutVariables(text: string, language: CommandLanguage): string {
  return language === 'cmd'
    ? text.replace(/%~?[\w:~,=-]{1,64}%?|![\w:~,=-]{1,64}!/g, unknownMark)
    : text.replace(/\$(?:\{[^}]{0,200}\}|[A-Za-z_][\w:]{0,64}|[@*#?$!0-9])/g, unknownMark);
}
