import type { ScriptLanguage, Word, WordPart } from './script-reader.ts';

export type Disguise = 'scriptDisguisesCommands' | 'scriptRedefinesCommands';

/** Characters that are not seen, or that show a text in another order than it is run. Source: CVE-2021-42574. */
const unseen = /[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u{e0000}-\u{e007f}]|(?<!^)\ufeff/u;

/** The line where a text does not show what it holds; undefined where it does. */
export function unseenLine(text: string): number | undefined {
  const at = unseen.exec(text)?.index;
  return at === undefined ? undefined : text.slice(0, at).split('\n').length;
}

/** How the name of a command is written: nobody splits one by quotes, builds it of pieces or writes it in escapes to be read. */
export function disguiseOfName(word: Word, language: ScriptLanguage): Disguise | undefined {
  const parts = language === 'bash' ? lastSegment(word.parts) : word.parts;
  const [first, ...rest] = parts;
  if (first === undefined) return undefined;
  if (/[^\p{ASCII}]/u.test(word.source) && parts.some((part) => part.kind === 'text' && /[^\p{ASCII}]/u.test(part.text)))
    return 'scriptDisguisesCommands';
  if (/\\\r?\n/.test(word.source)) return 'scriptDisguisesCommands';
  if (parts.some((part) => part.kind === 'text' && part.quoting === 'ansi')) return 'scriptDisguisesCommands';
  if (language === 'bash' && parts.some(hasGlob) && !/^\[\[?$/.test(word.source)) return 'scriptDisguisesCommands';
  if (rest.length === 0) return undefined;
  if (language === 'powershell' && !parts.every((part) => part.kind === 'text')) return undefined;
  const isEscapedOnce =
    first.kind === 'text' && first.quoting === 'escaped' && rest.length === 1 && rest[0]?.kind === 'text' && rest[0].quoting === 'bare';
  if (isEscapedOnce && language === 'bash') return 'scriptRedefinesCommands';
  const hasLetters = parts.some((part) => part.kind !== 'text' || /[A-Za-z]/.test(part.text));
  return hasLetters && !isPlainPath(parts) ? 'scriptDisguisesCommands' : undefined;
}

/** A path of one kind of quotes with a blank or a bracket escaped is only a path. */
function isPlainPath(parts: readonly WordPart[]): boolean {
  return parts.every(
    (part) => part.kind === 'text' && (part.quoting === 'bare' || (part.quoting === 'escaped' && !/[A-Za-z0-9]/.test(part.text))),
  );
}

/** What stands after the last slash, since folders before it may be variables. */
function lastSegment(parts: readonly WordPart[]): readonly WordPart[] {
  const at = parts.findLastIndex((part) => part.kind === 'text' && part.text.includes('/'));
  const found = parts[at];
  if (found?.kind !== 'text') return parts;
  const text = found.text.slice(found.text.lastIndexOf('/') + 1);
  const after = parts.slice(at + 1);
  return text === '' && after.length > 0 ? after : [{ ...found, text }, ...after];
}

function hasGlob(part: WordPart): boolean {
  return part.kind === 'text' && part.quoting === 'bare' && /[*?[]|\{[^}]*,/.test(part.text);
}

/** Letters in escapes, and quotes around nothing amid a word, in what a command is given. */
export function isDisguisedArgument(word: Word): boolean {
  const { parts } = word;
  if (
    /\$'[^']*\\(?:x[0-9a-f]|[0-7]{2}|u[0-9a-f])/i.test(word.source.slice(0, 400)) &&
    parts.some((part) => part.kind === 'text' && part.quoting === 'ansi' && /[A-Za-z/]{2}/.test(part.text))
  )
    return true;
  return parts.some((part, index) => {
    if (part.kind !== 'text' || part.text !== '' || (part.quoting !== 'single' && part.quoting !== 'double')) return false;
    const next = parts[index + 1];
    return next?.kind === 'text' && next.quoting === 'bare' && /^[A-Za-z0-9/]/.test(next.text);
  });
}
