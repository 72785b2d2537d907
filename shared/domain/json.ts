import { visit } from 'jsonc-parser';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [name: string]: JsonValue };

export const maxJsonDepth = 64;

export type JsonProblem = 'notUtf8' | 'notJson' | 'tooDeep' | 'tooMany' | 'duplicateName' | 'numberNotExact' | 'loneSurrogate';

/** Raised by {@link parseJson}; `where` is a character offset into the text, for the caller's error message. */
export class JsonError extends Error {
  readonly code: JsonProblem;
  readonly where: number;
  constructor(code: JsonProblem, where: number, message: string) {
    super(message);
    this.name = 'JsonError';
    this.code = code;
    this.where = where;
  }
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A property of an object, or undefined where the value is no object or has no own property of that name. */
export function property(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/**
 * Parses hostile bytes as I-JSON (RFC 7493): UTF-8 without a byte order mark, no duplicate names, no lone surrogates, numbers that an IEEE double
 * carries exactly, nesting of at most {@link maxJsonDepth}, and of at most `maxValues` values, lists and objects. What passes has exactly one
 * RFC 8785 form. Throws {@link JsonError}.
 */
export function parseJson(bytes: Uint8Array, maxValues: number = Number.POSITIVE_INFINITY): JsonValue {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError('notUtf8', 0, 'The body is not valid UTF-8.');
  }
  return parseChecked(text, maxValues);
}

export function parseJsonText(text: string): JsonValue {
  return parseChecked(text, Number.POSITIVE_INFINITY);
}

function parseChecked(text: string, maxValues: number): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonError('notJson', faultIn(text), 'The body is not valid JSON.');
  }
  checkTokens(text, maxValues);
  return value;
}

/** Where the text first is no JSON. V8 often names no place and quotes the text instead; the tolerant reader tells where it had to be tolerant. */
function faultIn(text: string): number {
  let first: number | undefined;
  let depth = 0;
  const enter = (at: number) => {
    depth += 1;
    if (depth > maxJsonDepth) throw new JsonError('tooDeep', at, `The body nests deeper than ${maxJsonDepth} levels.`);
  };
  const leave = () => {
    depth -= 1;
  };
  const note = (_: unknown, at: number) => {
    first ??= at;
  };
  visit(
    text,
    { onObjectBegin: enter, onArrayBegin: enter, onObjectEnd: leave, onArrayEnd: leave, onError: note },
    { disallowComments: true },
  );
  return first ?? 0;
}

/** JSON.parse has accepted the grammar; this second pass finds what it silently drops: duplicate names, digits of numbers, depth. */
function checkTokens(text: string, maxValues: number): void {
  const open: Set<string>[] = [];
  let values = 0;
  const count = (at: number) => {
    values += 1;
    if (values > maxValues) throw new JsonError('tooMany', at, `The body holds more than ${maxValues} values.`);
  };
  const enter = (at: number) => {
    count(at);
    open.push(new Set());
    if (open.length > maxJsonDepth) throw new JsonError('tooDeep', at, `The body nests deeper than ${maxJsonDepth} levels.`);
  };
  const leave = () => {
    open.pop();
  };
  visit(text, {
    onObjectBegin: enter,
    onArrayBegin: enter,
    onObjectEnd: leave,
    onArrayEnd: leave,
    onObjectProperty: (name, at) => checkString(name, open.at(-1), at),
    onLiteralValue: (value, at, length) => {
      count(at);
      if (typeof value === 'string') checkString(value, undefined, at);
      if (typeof value === 'number') checkNumber(text.slice(at, at + length), at);
    },
  });
}

function checkString(value: string, names: Set<string> | undefined, at: number): void {
  if (!value.isWellFormed()) throw new JsonError('loneSurrogate', at, 'A string holds half of a surrogate pair, which has no UTF-8 form.');
  if (names === undefined) return;
  if (names.has(value)) throw new JsonError('duplicateName', at, `The name "${value.slice(0, 80)}" occurs twice in one object.`);
  names.add(value);
}

function checkNumber(literal: string, at: number): void {
  if (significant(literal) !== significant(String(Number(literal)))) {
    throw new JsonError('numberNotExact', at, `The number ${literal.slice(0, 40)} does not survive a round trip through an IEEE double.`);
  }
}

/** A double's exponent has three digits; millions of them would be reckoned with for seconds, to find what is refused anyway. */
const maxExponentLength = 20;

/** Sign, significant digits and exponent, so that 1.50, 15e-1 and 1.5 are the same number. */
function significant(literal: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal);
  if (match === null) return literal;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = trimTrailingZeros(`${whole}${fraction}`.replace(/^0+/, ''));
  if (digits.kept === '') return '0';
  if (exponent.length > maxExponentLength) return literal;
  return `${sign}${digits.kept}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.dropped)}`;
}

function trimTrailingZeros(digits: string): { kept: string; dropped: number } {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return { kept: digits.slice(0, end), dropped: digits.length - end };
}
