import { base64Text } from './decode.ts';
import type { Evaluation } from './evaluation.ts';
import type { Word, WordPart } from './script-reader.ts';
import { concatenated, listBreak, literal, mapped, marked, type Trait, union, unknownValue, type Value, wordBreak } from './values.ts';

type Values = readonly Value[];
type Member = Extract<WordPart, { readonly kind: 'member' }>;

/** A list that a range makes has at most so many numbers. */
const maxRange = 256;

/** What PowerShell's operators and casts make of values, as far as they only move text about. */
export function operationValues(evaluation: Evaluation, operator: string, operands: readonly Word[]): Values {
  const values = operands.map((operand) => evaluation.valuesOf(operand));
  const [first = [literal('')], second] = values;
  switch (operator) {
    case '+':
      return computed(values.reduce(concatenated, [literal('')]));
    case '-':
      return operands.length === 1 ? mapped(first, (text) => `-${text}`) : [unknownValue(...traitsOf(values))];
    case ',':
      return listed(values);
    case '@{}':
      return hashValues(values);
    case '-join':
      return mapped(first, (text) => elements(text).join(second?.[0]?.text ?? ''));
    case '-f':
      return formatted(first, second ?? []);
    case '-replace':
    case '-creplace':
    case '-ireplace':
      return mapped(first, (text) => replacedBy(text, elements(second?.[0]?.text ?? '')));
    case '-split':
    case '-csplit':
    case '-isplit':
      return mapped(first, (text) => splitBy(text, second?.[0]?.text ?? ' '));
    case '..':
      return rangeValues(first, second ?? []);
    case '[]':
      return indexed(first, second ?? []);
    case '-bxor':
    case '-shr':
    case '-shl':
      return [unknownValue('decoded')];
    default:
      return operator.startsWith('[') ? castValues(operator, first) : [unknownValue(...traitsOf(values))];
  }
}

function castValues(type: string, values: Values): Values {
  if (type === '[char]' || type === '[char[]]') {
    return mapped(
      values,
      (text) =>
        elements(text)
          .flatMap(characters)
          .join(type === '[char]' ? '' : listBreak),
      'decoded',
    );
  }
  if (type === '[scriptblock]' || type === '[string]' || type === '[string[]]' || type === '[object]' || type === '[object[]]')
    return values;
  if (type === '[byte[]]' || type === '[byte]') return values.map(({ traits }) => unknownValue(...traits, 'decoded'));
  return values;
}

/** A number is the character of that code; a text that is cast to characters is the list of them. */
function characters(text: string): readonly string[] {
  const code = /^0x[0-9a-f]+$|^\d+$/i.test(text.trim()) ? Number(text) : undefined;
  if (code === undefined) return [...text];
  return code <= 0x10ffff ? [String.fromCodePoint(code)] : [];
}

function elements(text: string): readonly string[] {
  return text.split(listBreak);
}

function listed(values: readonly Values[]): Values {
  return values.reduce((all, own) => concatenated(concatenated(all, [literal(listBreak)]), own));
}

/** `@{ Path = 'C:\'; Recurse = $true }` as the options that it is when it is splatted. */
function hashValues(values: readonly Values[]): Values {
  return values.reduce<Values>(
    (all, own, index) => concatenated(concatenated(all, [literal(index % 2 === 0 ? `${wordBreak}-` : wordBreak)]), own),
    [literal('')],
  );
}

function formatted(format: Values, given: Values): Values {
  const list = given[0] ?? literal('');
  const items = elements(list.text);
  return format.map((value) => {
    const text = value.text.replace(/\{(\d{1,3})[^}]*\}/g, (_, index: string) => items[Number(index)] ?? '');
    return marked({ text, traits: union(value.traits, list.traits) }, 'computed');
  });
}

function replacedBy(text: string, [pattern = '', replacement = '']: readonly string[]): string | undefined {
  const plain = pattern.replace(/\\([^A-Za-z0-9])/g, '$1');
  if (plain === '' || /[.*+?()[\]|^$\\]/.test(pattern.replace(/\\[^A-Za-z0-9]/g, ''))) return undefined;
  return elements(text)
    .map((element) => element.replaceAll(plain, () => replacement))
    .join(listBreak);
}

function splitBy(text: string, separator: string): string | undefined {
  const plain = separator.replace(/\\([^A-Za-z0-9])/g, '$1');
  if (plain === '' || /[.*+?()[\]|^$]/.test(separator.replace(/\\[^A-Za-z0-9]/g, ''))) return undefined;
  return text.split(plain).join(listBreak);
}

function rangeValues(from: Values, to: Values): Values {
  const first = Number(from[0]?.text);
  const last = Number(to[0]?.text);
  if (!Number.isInteger(first) || !Number.isInteger(last) || Math.abs(last - first) > maxRange) return [unknownValue('computed')];
  const step = last >= first ? 1 : -1;
  const numbers = Array.from({ length: Math.abs(last - first) + 1 }, (_, index) => first + index * step);
  return [{ ...literal(numbers.join(listBreak)), traits: new Set<Trait>(['computed']) }];
}

function indexed(target: Values, index: Values): Values {
  const places = elements(index[0]?.text ?? '').map(Number);
  return mapped(target, (text) => {
    if (places.some((place) => !Number.isInteger(place))) return undefined;
    const items = text.includes(listBreak) ? elements(text) : [...text];
    return places.map((place) => items.at(place) ?? '').join(listBreak);
  });
}

function computed(values: Values): Values {
  return values.map((value) => marked(value, 'computed'));
}

function traitsOf(values: readonly Values[]): readonly Trait[] {
  return [...values.flat().reduce((all, { traits }) => union(all, traits), literal('').traits)];
}

const remoteMembers: ReadonlySet<string> = new Set([
  'downloadstring',
  'downloaddata',
  'downloadstringasync',
  'downloadstringtaskasync',
  'openread',
  'getstringasync',
  'getbytearrayasync',
  'getasync',
  'getresponse',
  'getresponsestream',
]);

/** Methods whose result is the text itself, for what is asked here. */
const passingMembers: ReadonlySet<string> = new Set([
  'tostring',
  'trim',
  'trimstart',
  'trimend',
  'getstring',
  'getnewclosure',
  'normalize',
  'clone',
  'content',
  'rawcontent',
  'value',
]);

/** What a member of a value or type gives. */
export function memberValues(evaluation: Evaluation, member: Member): Values {
  const target = evaluation.valuesOf(member.target);
  const name = (evaluation.valuesOf(member.name)[0]?.text ?? '').toLowerCase();
  const args = (member.arguments ?? []).map((argument) => evaluation.valuesOf(argument));
  if (member.isStatic) return staticValues((target[0]?.text ?? '').toLowerCase(), name, args);
  const [first, second] = args;
  if (remoteMembers.has(name)) return [unknownValue('remote')];
  if (passingMembers.has(name)) return name === 'getstring' ? (first ?? target) : target;
  switch (name) {
    case 'replace':
      return mapped(target, (text) => (first?.[0]?.text ? text.replaceAll(first[0].text, () => second?.[0]?.text ?? '') : undefined));
    case 'tolower':
    case 'tolowerinvariant':
      return mapped(target, (text) => text.toLowerCase());
    case 'toupper':
    case 'toupperinvariant':
      return mapped(target, (text) => text.toUpperCase());
    case 'tochararray':
      return mapped(target, (text) => [...text].join(listBreak));
    case 'split':
      return mapped(target, (text) => splitBy(text, first?.[0]?.text ?? ' '));
    case 'substring':
      return mapped(target, (text) => substring(text, first, second));
    case 'insert':
      return mapped(target, (text) => inserted(text, first, second));
    default:
      return [unknownValue(...traitsOf([target, ...args]), ...(args.length > 0 ? (['computed'] as const) : []))];
  }
}

function substring(text: string, from: Values | undefined, length: Values | undefined): string | undefined {
  const start = Number(from?.[0]?.text);
  const count = length === undefined ? text.length : Number(length[0]?.text);
  return Number.isInteger(start) && Number.isInteger(count) ? text.slice(start, start + count) : undefined;
}

function inserted(text: string, at: Values | undefined, value: Values | undefined): string | undefined {
  const place = Number(at?.[0]?.text);
  return Number.isInteger(place) && value?.[0] !== undefined ? `${text.slice(0, place)}${value[0].text}${text.slice(place)}` : undefined;
}

function staticValues(type: string, name: string, args: readonly Values[]): Values {
  const [first, second, ...rest] = args;
  switch (`${type.replace(/^\[system\./, '[')}::${name}`) {
    case '[convert]::frombase64string':
      return mapped(first ?? [], base64Text, 'decoded');
    case '[string]::join':
      return mapped(listed([second ?? [literal('')], ...rest]), (text) => elements(text).join(first?.[0]?.text ?? ''));
    case '[string]::concat':
      return computed(args.reduce(concatenated, [literal('')])).map(({ text, traits }) => ({ text: elements(text).join(''), traits }));
    case '[string]::format':
      return formatted(first ?? [], second === undefined ? [] : listed([second, ...rest]));
    case '[scriptblock]::create':
      return first ?? [unknownValue()];
    case '[io.path]::combine':
      return listed(args).map(({ text, traits }) => ({ text: elements(text).join('\\'), traits }));
    case '[io.path]::gettemppath':
      return [literal('C:\\Windows\\Temp\\')];
    case '[regex]::unescape':
    case '[net.webutility]::urldecode':
    case '[uri]::unescapedatastring':
      return mapped(first ?? [], percentDecoded, 'decoded');
    case '[io.file]::readalltext':
    case '[io.file]::readalllines':
    case '[io.file]::readallbytes':
      return [unknownValue(...traitsOf(args), 'computed', 'gathered')];
    case '[char]::convertfromutf32':
      return castValues('[char]', first ?? []);
    default:
      return [unknownValue(...traitsOf(args), ...(args.length > 0 ? (['computed'] as const) : []))];
  }
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})/g, (_, percent?: string, hex?: string, code?: string) =>
    String.fromCodePoint(Number.parseInt(percent ?? hex ?? code ?? '0', 16)),
  );
}
