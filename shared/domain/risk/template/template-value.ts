import { foldName } from '../../arm-property.ts';
import { type Budget, checkDepth } from './budget.ts';
import { EvaluationFault, TemplateFault } from './template-fault.ts';

/**
 * A value of which only this much is known: `place`: a name, id or address that Azure knows how to spell, such as a location or the name of the group;
 * `fresh`: letters and digits that nobody chooses, such as a new GUID, a hash or the time; `anything`: no bound on what it may be.
 */
export type UnknownKind = 'place' | 'fresh' | 'anything';

/** A value that only Azure can tell. No value of a template can be one by accident: it is the one class among plain JSON. */
export class Unknown {
  readonly kind: UnknownKind;
  /** What stands for it where it is shown or judged: an example, or the expression. */
  readonly shown: string;
  /** Whether it is a secret, such as an account key. */
  readonly secret: boolean;
  constructor(kind: UnknownKind, shown: string, secret = false) {
    this.kind = kind;
    this.shown = shown;
    this.secret = secret;
  }
}

/** JSON, some values of which may be unknown. */
export type TemplateValue = null | boolean | number | string | Unknown | readonly TemplateValue[] | TemplateObject;
export type TemplateObject = { readonly [name: string]: TemplateValue };

export function isArray(value: TemplateValue | undefined): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

export function isObject(value: TemplateValue | undefined): value is TemplateObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}

/** True where the value holds nothing unknown, at any depth. */
export function isExact(value: TemplateValue, budget: Budget, depth = 0): boolean {
  return unknownsIn(value, budget, depth).length === 0;
}

/** What is unknown within a value, at most one of each kind and secrecy: enough to say what follows from it. */
export function unknownsIn(value: TemplateValue, budget: Budget, depth = 0): readonly Unknown[] {
  const found = new Map<string, Unknown>();
  collectUnknowns(value, budget, depth, found);
  return [...found.values()];
}

function collectUnknowns(value: TemplateValue, budget: Budget, depth: number, found: Map<string, Unknown>): void {
  if (typeof value === 'string') budget.spendText(value.length);
  else budget.spend(1);
  if (value instanceof Unknown) {
    const key = `${value.kind} ${value.secret}`;
    if (!found.has(key)) found.set(key, value);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  checkDepth(depth);
  for (const inner of isArray(value) ? value : Object.values(value)) collectUnknowns(inner, budget, depth + 1, found);
}

/** What is known of a value that was made of others: as little as of the least known of them. */
export function unknownFrom(parts: readonly Unknown[], shown: string): Unknown {
  const kind = parts.some((part) => part.kind === 'anything')
    ? 'anything'
    : parts.some((part) => part.kind === 'place')
      ? 'place'
      : 'fresh';
  return new Unknown(
    kind,
    shown,
    parts.some((part) => part.secret),
  );
}

/** Names of an object as Azure compares them; null where two of them differ in case only. */
const nameIndexes = new WeakMap<object, ReadonlyMap<string, string | null>>();

function nameIndexOf(value: TemplateObject): ReadonlyMap<string, string | null> {
  const known = nameIndexes.get(value);
  if (known !== undefined) return known;
  const index = new Map<string, string | null>();
  for (const name of Object.keys(value)) {
    const folded = foldName(name);
    index.set(folded, index.has(folded) ? null : name);
  }
  nameIndexes.set(value, index);
  return index;
}

/**
 * A property by its name, which Azure reads without case; undefined where there is none or the value is no object.
 * Throws {@link TemplateFault} `notUnderstood` where two names differ in case only, since nobody can tell which of them Azure would take.
 */
export function propertyOf(value: TemplateValue | undefined, name: string): TemplateValue | undefined {
  if (!isObject(value)) return undefined;
  const found = nameIndexOf(value).get(foldName(name));
  if (found === null) throw new TemplateFault('notUnderstood', `"${name.slice(0, 80)}" is given twice, in different case`);
  return found === undefined ? undefined : value[found];
}

/**
 * As {@link propertyOf}, for names that a template computes with. Throws {@link EvaluationFault} where a character outside ASCII is among them:
 * whether Azure takes it for another one depends on tables that are not here.
 */
export function computedProperty(value: TemplateValue, name: string): TemplateValue | undefined {
  if (!isObject(value)) return undefined;
  const found = nameIndexOf(value).get(foldName(name));
  if (found === null || !isAscii(name) || (found !== undefined && !isAscii(found))) {
    throw new EvaluationFault('which property is meant cannot be told');
  }
  return found === undefined ? undefined : value[found];
}

export function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}

/** Whether two exact values are the same; names are compared with case and in any order, as Azure's `equals` does. */
export function isSame(left: TemplateValue, right: TemplateValue, budget: Budget, depth = 0): boolean {
  budget.spend(1);
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  checkDepth(depth);
  if (isArray(left) || isArray(right)) {
    if (!isArray(left) || !isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => isSame(item, right[index] ?? null, budget, depth + 1));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && isSame(left[name] ?? null, right[name] ?? null, budget, depth + 1));
}
