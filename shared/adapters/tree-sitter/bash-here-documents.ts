import type { Step, Word, WordPart } from '../../domain/risk/scripts/script-reader.ts';
import { lineOf, type Reading, textOf } from './reading.ts';
import type { SyntaxNode } from './syntax-node.ts';

/**
 * The text of a here-document. Unless its delimiter is quoted it holds variables and commands, of which the grammar misses backquotes and whatever stands behind
 * blanks or backslashes at the beginning of a line; so it is read as the text in double quotes that it equals. Source: the Bash manual, 3.6.6.
 */
export function hereDocumentOf(reading: Reading, body: SyntaxNode, delimiter: string, dropsTabs: boolean): Word {
  const source = `${blanksBefore(reading, body)}${textOf(reading, body)}`;
  const line = lineOf(reading, body);
  const text = dropsTabs ? source.replace(/^\t+/gm, '') : source;
  const isQuoted = /['"\\]/.test(delimiter);
  if (isQuoted || !/[$`\\]/.test(text)) return { line, source, parts: [{ kind: 'text', text, quoting: isQuoted ? 'single' : 'double' }] };
  return { line, source, parts: quotedTextIn(reading.readInner(`: "${inDoubleQuotes(text)}"`, line)) ?? notRead(reading, line) };
}

/** The node of the text begins behind the blanks of its first line. */
function blanksBefore({ text }: Reading, body: SyntaxNode): string {
  let from = body.startIndex;
  while (from > 0 && (text[from - 1] === ' ' || text[from - 1] === '\t')) from -= 1;
  return text.slice(from, body.startIndex);
}

function quotedTextIn([step, ...more]: readonly Step[]): readonly WordPart[] | undefined {
  return step?.kind === 'command' && step.words.length === 2 && more.length === 0 ? step.words[1]?.parts : undefined;
}

function notRead(reading: Reading, line: number): readonly WordPart[] {
  reading.problems.push({ line, code: 'syntax' });
  return [{ kind: 'unknown', steps: [] }];
}

/** Quotes are plain characters in a here-document, but not in the commands and expansions in it. Linear: every character is looked at once. */
function inDoubleQuotes(text: string): string {
  let written = '';
  for (let at = 0; at < text.length; ) {
    const end = endOfPiece(text, at);
    const piece = text.slice(at, end);
    written += piece.replace(/^\\?"$/, (quote) => (quote === '"' ? '\\"' : '\\\\\\"'));
    at = end;
  }
  return written;
}

/** The end of a command, an expansion, an escaped character or one character. */
function endOfPiece(text: string, at: number): number {
  if (text[at] === '\\') return at + 2;
  if (text[at] === '`') return endOfQuoted(text, at + 1, '`');
  if (text[at] === '$' && (text[at + 1] === '(' || text[at + 1] === '{')) return endOfGroup(text, at + 1);
  return at + 1;
}

function endOfQuoted(text: string, from: number, mark: string): number {
  for (let at = from; at < text.length; at += text[at] === '\\' && mark !== "'" ? 2 : 1) if (text[at] === mark) return at + 1;
  return text.length;
}

const closing: Readonly<Record<string, string>> = { '(': ')', '{': '}' };

/** The end of what is open at a bracket, with the brackets and quotes in it. */
function endOfGroup(text: string, from: number): number {
  const open: string[] = [];
  for (let at = from; at < text.length; ) {
    const character = text.charAt(at);
    const isText = open.at(-1) === '"';
    const close = isText && text[at - 1] !== '$' ? undefined : closing[character];
    if (close !== undefined) open.push(close);
    else if (character === open.at(-1)) open.pop();
    else if (character === '"') open.push(character);
    if (open.length === 0) return at + 1;
    if (character === '`' || (character === "'" && !isText)) at = endOfQuoted(text, at + 1, character);
    else at += character === '\\' ? 2 : 1;
  }
  return text.length;
}
