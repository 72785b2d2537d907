import { concatenated, isKnown, literal, mapped, unknownValue, type Value } from './values.ts';

type Values = readonly Value[];

const named: Readonly<Record<string, string>> = { a: '\x07', b: '\b', e: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };

/** Escapes of `echo -e` and of the format of `printf`. */
export function echoText(text: string): string {
  return text.replace(
    /\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|0?([0-7]{1,3})|([abefnrtv\\]))/g,
    (_, hex?: string, code?: string, octal?: string, plain?: string) => {
      const digits = hex ?? code;
      if (digits !== undefined) return String.fromCodePoint(Number.parseInt(digits, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8) & 0xff);
      return named[plain ?? ''] ?? '';
    },
  );
}

/** What `printf format values…` prints; the format is used again while values are left. */
export function printfText(args: readonly Values[]): Values {
  const [format, ...values] = args;
  const pattern = format?.[0];
  if (pattern === undefined || !isKnown(pattern)) return [unknownValue('computed')];
  if (!pattern.text.includes('%')) return [{ text: echoText(pattern.text), traits: pattern.traits }];
  let printed: Values = [literal('')];
  let next = 0;
  do {
    for (const piece of pattern.text.split(/(%(?:[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]|%))/)) {
      if (piece === '%%') printed = concatenated(printed, [literal('%')]);
      else if (piece.startsWith('%')) {
        printed = concatenated(printed, formatted(piece, values[next] ?? [literal('')]));
        next += 1;
      } else printed = concatenated(printed, [literal(echoText(piece))]);
    }
  } while (next > 0 && next < values.length && next < 64);
  return next < values.length ? [unknownValue('computed')] : printed;
}

function formatted(specifier: string, values: Values): Values {
  if (specifier.endsWith('s')) return values;
  if (specifier.endsWith('b')) return mapped(values, echoText, 'decoded');
  if (specifier.endsWith('q')) return values;
  if (/[diu]$/.test(specifier)) return values;
  return [unknownValue('computed')];
}

/** What `tr` makes of a text, for plain sets and ranges; undefined where they are more than that. */
export function translated(text: string, args: readonly string[]): string | undefined {
  const sets = args.filter((arg) => !/^-[cdst]+$/.test(arg));
  const from = charactersOf(sets[0]);
  if (from === undefined) return undefined;
  if (args.some((arg) => /^-[cs]*d/.test(arg))) return [...text].filter((character) => !from.includes(character)).join('');
  const to = charactersOf(sets[1]);
  if (to === undefined || to.length === 0) return undefined;
  return [...text]
    .map((character) => {
      const at = from.lastIndexOf(character);
      return at === -1 ? character : (to[Math.min(at, to.length - 1)] ?? character);
    })
    .join('');
}

function charactersOf(set: string | undefined): readonly string[] | undefined {
  if (set === undefined || set.length > 256 || set.includes('[:')) return undefined;
  const text = echoText(set);
  const characters: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const first = text.charCodeAt(at);
    const last = text.charCodeAt(at + 2);
    if (text[at + 1] === '-' && last >= first && last - first < 256) {
      for (let code = first; code <= last; code += 1) characters.push(String.fromCharCode(code));
      at += 2;
    } else characters.push(text.charAt(at));
  }
  return characters;
}

/** What `sed s/a/b/g` makes of a text, where the pattern is plain. */
export function substituted(text: string, args: readonly string[]): string | undefined {
  const scripts = args.filter((arg) => !arg.startsWith('-'));
  const match = /^s(.)([^\\*.[\]^$]*?)\1([^\\&]*?)\1(g?)$/.exec(scripts[0] ?? '');
  if (match === null || scripts.length !== 1) return undefined;
  const [, , pattern = '', replacement = '', everywhere] = match;
  if (pattern === '') return undefined;
  return everywhere === 'g' ? text.replaceAll(pattern, () => replacement) : text.replace(pattern, () => replacement);
}
