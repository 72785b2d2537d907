import { isJsonObject, type JsonObject, type JsonValue } from '../../../json.ts';
import type { RuleSubject } from '../../subject.ts';
import type { CommandLanguage } from '../invocation.ts';
import type { ScriptFactorCode } from '../script-factors.ts';
import type { Value } from '../values.ts';

/** `either`: bash or PowerShell, the request does not say; `line`: a command line of bash or `cmd.exe`; `foreign`: a language that is not read. */
export type CarriedLanguage = CommandLanguage | 'either' | 'line' | 'foreign';

/** Something in a request that is run. */
export type CarriedScript = {
  readonly where: string;
  readonly language: CarriedLanguage;
  readonly text: string;
  readonly given?: ReadonlyMap<string, readonly Value[]>;
  readonly positional?: readonly Value[];
};

/** Something about code in a request that is known without reading any. */
export type CarriedFact = { readonly where: string; readonly code: ScriptFactorCode; readonly shows: string };

export type Carried = { readonly scripts: readonly CarriedScript[]; readonly facts: readonly CarriedFact[] };

export type Finder = (subject: RuleSubject) => Carried;

export const nothing: Carried = { scripts: [], facts: [] };

export function together(parts: readonly Carried[]): Carried {
  return { scripts: parts.flatMap(({ scripts }) => scripts), facts: parts.flatMap(({ facts }) => facts) };
}

export type Found = { readonly where: string; readonly value: JsonValue };

/** Properties of a name; Azure compares their names without case, so that there may be several. */
export function propertiesOf(value: JsonValue | undefined, name: string, where = ''): readonly Found[] {
  if (!isJsonObject(value)) return [];
  const keys = namesOf(value).get(name.toLowerCase()) ?? [];
  return keys.map((key) => ({ where: where === '' ? key : `${where}.${key}`, value: value[key] ?? null }));
}

/** The names of an object by their lower-case form. The finders ask one object for many names, and hostile objects have 100,000. */
const knownNames = new WeakMap<JsonObject, ReadonlyMap<string, readonly string[]>>();

function namesOf(object: JsonObject): ReadonlyMap<string, readonly string[]> {
  const known = knownNames.get(object);
  if (known !== undefined) return known;
  const names = Map.groupBy(Object.keys(object), (key) => key.toLowerCase());
  knownNames.set(object, names);
  return names;
}

/** Follows names from a value; a list on the way is followed in each of its elements. */
export function at(value: JsonValue | undefined, ...names: readonly string[]): readonly Found[] {
  let found: readonly Found[] = value === undefined ? [] : [{ where: '', value }];
  for (const name of names)
    found = found.flatMap((one) => elementsOf(one).flatMap((element) => propertiesOf(element.value, name, element.where)));
  return found;
}

export function elementsOf({ where, value }: Found): readonly Found[] {
  return Array.isArray(value)
    ? value.map((element: JsonValue, index) => ({ where: `${where}[${index}]`, value: element }))
    : [{ where, value }];
}

export function textsAt(value: JsonValue | undefined, ...names: readonly string[]): readonly (Found & { readonly value: string })[] {
  return at(value, ...names)
    .flatMap(elementsOf)
    .flatMap(({ where, value: own }) => (typeof own === 'string' ? [{ where, value: own }] : []));
}

export function firstText(value: JsonValue | undefined, ...names: readonly string[]): string {
  return textsAt(value, ...names)[0]?.value ?? '';
}

/** The lines of a script: a text, or a list of lines. */
export function scriptText(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || value.length === 0 || !value.every((line) => typeof line === 'string')) return undefined;
  return value.join('\n');
}

/** Words that are run without a shell, written as a shell would have to be given them. */
export function wordsText(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
