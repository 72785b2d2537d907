import {
  type CardElementArray,
  type FontType,
  type IRichTextBlock,
  RichTextBlock,
  TextRun,
  type TextRunOptions,
} from '@microsoft/teams.cards';
import type { JsonValue } from '../../domain/json.ts';

/**
 * Text of others, put on a card. Only text runs are used for it: Teams renders neither markdown, links nor mentions in them. What a run would still
 * change or hide (time functions, invisible and right-to-left characters, indentation) is made visible here.
 */

const noBreakSpace = '\u00a0';

/** Controls, formats (bidirectional overrides among them), what renders as nothing, private use, separators that break lines, and marks piled on marks. */
const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?<=\p{M}{2})\p{M}/gu;

/** Shows as `⟨U+202E⟩` what a reader could not see, or what would change the order of what is seen. */
export function visible(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(unseen, (character) => `⟨U+${hexOf(character)}⟩`);
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

/** A renderer would fold spaces together; those at the start of a line or after another space are made unfoldable. */
function withoutFolding(line: string): string {
  return line.replace(/^ | (?= )|(?<= ) /g, noBreakSpace);
}

/** Where a long word may be broken; ours are the only zero-width spaces on a card, since {@link visible} shows those of others. */
const zeroWidthSpace = '\u200b';
const separators = /[/.,:;=&?_-]/;
const longestUnbroken = 20;

/** Text runs do not break within a word, so the end of a long one would lie beyond the card's edge, where nobody sees it. */
function breakable(line: string): string {
  let unbroken = 0;
  let text = '';
  for (const character of line) {
    text += character;
    unbroken = character === ' ' ? 0 : unbroken + 1;
    if (separators.test(character) || unbroken >= longestUnbroken) {
      text += zeroWidthSpace;
      unbroken = 0;
    }
  }
  return text;
}

/** Runs of one line. Cards compute `{{DATE(…)}}` in any run, so two braces never stand in the same one. */
export function plainRuns(line: string, look: TextRunOptions = {}): TextRun[] {
  return breakable(withoutFolding(visible(line).replaceAll('\n', ' ')))
    .split(/(?<=\{)(?=\{)/)
    .map((part) => new TextRun(part, look));
}

/** Lines of text, each its own element, since a line feed within a run is not shown everywhere. */
export function plainLines(text: string, look: TextRunOptions = {}): CardElementArray {
  return visible(text)
    .split('\n')
    .map((line, index) => textLine(plainRuns(line === '' ? noBreakSpace : line, look), index === 0 ? 'Small' : 'None'));
}

export function textLine(runs: TextRun[], spacing: 'None' | 'Small' | 'Default'): IRichTextBlock {
  return new RichTextBlock({ inlines: runs, spacing });
}

export const monospace: { readonly fontType: FontType; readonly size: 'Small' } = { fontType: 'Monospace', size: 'Small' };

/** What of a text is shown, and how many characters of it are not. */
export type Cut = { readonly kept: string; readonly hidden: number };

/** Bytes that a line costs on the card beside its text. */
const lineCost = 130;
/** Bytes that a run within a line costs beside its text. */
const runCost = 90;

/** Keeps as much of the text as fits into so many bytes of the card; whole characters only. */
export function cutToFit(text: string, bytes: number): Cut {
  let left = bytes;
  let end = 0;
  let previous = '';
  for (const character of text) {
    left -= costOf(character, previous);
    if (left < 0) return { kept: text.slice(0, end), hidden: countCharacters(text, end) };
    end += character.length;
    previous = character;
  }
  return { kept: text, hidden: 0 };
}

function costOf(character: string, previous: string): number {
  if (character === '\n') return lineCost;
  if (character === '{' && previous === '{') return runCost;
  if (character === ' ') return 2;
  if (separators.test(character)) return 4;
  if (/^[A-Za-z0-9]$/.test(character)) return 2;
  return 1 + Buffer.byteLength(JSON.stringify(visible(character).replace(/^\p{M}$/u, '⟨U+0000⟩'))) - 2;
}

function countCharacters(text: string, from: number): number {
  let count = 0;
  for (let at = from; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}

/** JSON over several lines, small objects and lists on one; reads well in a narrow column. */
export function jsonLines(value: JsonValue, indent = ''): string {
  const compact = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || compact.length + indent.length <= 48) return spaced(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((item: JsonValue) => `${deeper}${jsonLines(item, deeper)}`).join(',\n')}\n${indent}]`;
  const members = Object.entries(value).map(
    ([name, member]: [string, JsonValue]) => `${deeper}${JSON.stringify(name)}: ${jsonLines(member, deeper)}`,
  );
  return `{\n${members.join(',\n')}\n${indent}}`;
}

/** JSON on one line with a space after each comma and colon, so that it wraps. */
export function spaced(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([name, member]: [string, JsonValue]) => `${JSON.stringify(name)}: ${spaced(member)}`)
    .join(', ')}}`;
}
