import type { Evaluation } from './evaluation.ts';
import type { Word } from './script-reader.ts';
import { isKnown, mapped, unknownValue, type Value } from './values.ts';

/**
 * What bash makes of `${name…}`: defaults, parts, replacements, case. What cannot be computed is unknown.
 * Source: the Bash manual, 3.5.3 Shell Parameter Expansion.
 */
export function expanded(
  evaluation: Evaluation,
  { operator, operands }: { readonly operator: string; readonly operands: readonly Word[] },
  values: readonly Value[],
): readonly Value[] {
  const [first, second] = operands.map((operand) => evaluation.valuesOf(operand)[0] ?? unknownValue());
  const whole = operands.flatMap((operand) => evaluation.valuesOf(operand));
  switch (operator) {
    case ':-':
    case '-':
    case ':=':
    case '=':
      return values.some(isKnown) ? [...values, ...whole] : [...whole, ...values];
    case ':+':
    case '+':
      return whole;
    case ':?':
    case '?':
      return values;
    case '!':
      return values.flatMap((value) => (isKnown(value) ? evaluation.valuesOfVariable(value.text) : [unknownValue('computed')]));
    case '#':
    case '##':
    case '%':
    case '%%':
      return mapped(values, (text) => stripped(text, operator, first));
    case '/':
    case '//':
      return mapped(values, (text) => replaced(text, operator, first, second));
    case ':':
      return mapped(values, (text) => part(text, first, second));
    case '^^':
      return mapped(values, (text) => text.toUpperCase());
    case ',,':
      return mapped(values, (text) => text.toLowerCase());
    case '^':
      return mapped(values, (text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`);
    case ',':
      return mapped(values, (text) => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`);
    default:
      return values.map(({ traits }) => unknownValue(...traits, 'computed'));
  }
}

function part(text: string, from: Value | undefined, length: Value | undefined): string | undefined {
  const start = Number(from?.text.trim());
  if (!Number.isInteger(start)) return undefined;
  const rest = start < 0 ? text.slice(start) : text.slice(start);
  if (length === undefined) return rest;
  const count = Number(length.text.trim());
  if (!Number.isInteger(count)) return undefined;
  return count < 0 ? rest.slice(0, count) : rest.slice(0, count);
}

function replaced(text: string, operator: string, pattern: Value | undefined, replacement: Value | undefined): string | undefined {
  if (pattern === undefined || !isKnown(pattern) || /[*?[]/.test(pattern.text) || pattern.text === '') return undefined;
  const by = replacement?.text ?? '';
  return operator === '//' ? text.replaceAll(pattern.text, () => by) : text.replace(pattern.text, () => by);
}

/** A prefix or suffix that is plain, or plain with one `*` at the side that is cut through. */
function stripped(text: string, operator: string, pattern: Value | undefined): string | undefined {
  if (pattern === undefined || !isKnown(pattern)) return undefined;
  const isPrefix = operator.startsWith('#');
  const plain = isPrefix ? pattern.text.replace(/^\*/, '') : pattern.text.replace(/\*$/, '');
  if (/[*?[]/.test(plain)) return undefined;
  const hasStar = plain.length < pattern.text.length;
  if (!hasStar) {
    if (isPrefix) return text.startsWith(plain) ? text.slice(plain.length) : text;
    return text.endsWith(plain) ? text.slice(0, text.length - plain.length) : text;
  }
  const isLongest = operator.length === 2;
  const at = isPrefix === isLongest ? text.lastIndexOf(plain) : text.indexOf(plain);
  if (at === -1) return text;
  return isPrefix ? text.slice(at + plain.length) : text.slice(0, at);
}
