import { canonicalJson } from '../../../canonical-json.ts';
import type { Call, TemplateFunction } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import {
  computedProperty,
  isArray,
  isAscii,
  isExact,
  isObject,
  isSame,
  type TemplateObject,
  type TemplateValue,
  Unknown,
} from '../template-value.ts';
import { arrayAt, asciiAt, cuttingText, integerAt, objectAt, ofContainers, ofExact, textAt, valueAt } from './arguments.ts';

/**
 * Functions over arrays and objects. Sources: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array and …/template-functions-object.
 */
export const collectionFunctions: Readonly<Record<string, TemplateFunction>> = {
  array: (given) => {
    const value = valueAt(given, 0);
    return isArray(value) ? value : [value];
  },
  createarray: (given, call) => {
    call.context.budget.spend(given.length);
    return given;
  },
  createobject: (given, call) => {
    const names = given.filter((_, index) => index % 2 === 0);
    if (names.some((name) => name instanceof Unknown)) return new Unknown('anything', `[${call.source}]`);
    if (given.length % 2 === 1) throw new EvaluationFault('names and values are expected in pairs');
    call.context.budget.spend(given.length);
    return objectOf(names.map((_, index) => [textAt(given, index * 2), valueAt(given, index * 2 + 1)]));
  },
  contains: ofExact((given, call) => contains(valueAt(given, 0), valueAt(given, 1), call)),
  empty: ofContainers((given, call) => {
    const value = valueAt(given, 0);
    return value === null || sizeOf(value, call) === 0;
  }),
  length: ofContainers((given, call) => sizeOf(valueAt(given, 0), call)),
  first: endOf((count) => (count === 0 ? undefined : 0)),
  last: endOf((count) => (count === 0 ? undefined : count - 1)),
  take: slicing((size, count) => [0, Math.min(size, Math.max(count, 0))]),
  skip: slicing((size, count) => [Math.min(size, Math.max(count, 0)), size]),
  indexof: ofExact((given, call) => indexIn(given, call, 'first')),
  lastindexof: ofExact((given, call) => indexIn(given, call, 'last')),
  indexfromend: ofContainers((given) => itemAt(arrayAt(given, 0), arrayAt(given, 0).length - integerAt(given, 1))),
  tryindexfromend: ofContainers((given) => arrayAt(given, 0)[arrayAt(given, 0).length - integerAt(given, 1)] ?? null),
  tryget: ofContainers((given) => given.slice(1).reduce<TemplateValue>((value, key) => stepInto(value, key), valueAt(given, 0))),
  range: ofExact((given, call) => {
    const [start, count] = [integerAt(given, 0), integerAt(given, 1)];
    if (count < 0 || count > 10_000) throw new EvaluationFault('a range has at most 10,000 numbers');
    call.context.budget.spend(count);
    return Array.from({ length: count }, (_, index) => start + index);
  }),
  union: ofContainers((given, call) => given.slice(1).reduce((left, right) => united(left, right, call, 0), valueAt(given, 0))),
  shallowmerge: ofContainers((given, call) => {
    const objects = arrayAt(given, 0).map((_, index, all) => objectAt(all, index));
    return merged(objects, call, (_, last) => last);
  }),
  intersection: ofExact((given, call) => given.slice(1).reduce((left, right) => common(left, right, call), valueAt(given, 0))),
  items: ofContainers((given, call) => {
    const object = objectAt(given, 0);
    return sortedNames(object, call).map((key) => ({ key, value: object[key] ?? null }));
  }),
  objectkeys: ofContainers((given, call) => sortedNames(objectAt(given, 0), call)),
  flatten: ofContainers((given, call) => {
    const flat = arrayAt(given, 0).flatMap((_, index, all) => arrayAt(all, index));
    call.context.budget.spend(flat.length);
    return flat;
  }),
};

/** An object of names that are given once. */
export function objectOf(entries: readonly (readonly [string, TemplateValue])[]): TemplateObject {
  if (new Set(entries.map(([name]) => name.toLowerCase())).size < entries.length) throw new EvaluationFault('a name is given twice');
  return Object.fromEntries(entries);
}

/** In the order of the alphabet, where every way to compare letters of different case gives the same. */
function sortedNames(object: TemplateObject, call: Call): readonly string[] {
  const names = Object.keys(object);
  call.context.budget.spend(names.length * 8);
  const orders = [(name: string) => name, (name: string) => name.toLowerCase(), (name: string) => name.toUpperCase()].map((key) =>
    [...names].sort((a, b) => (key(a) < key(b) ? -1 : 1)),
  );
  const [first = []] = orders;
  if (!names.every(isAscii) || orders.some((order) => order.join('\0') !== first.join('\0'))) {
    throw new EvaluationFault('the order of the names cannot be told');
  }
  return first;
}

function sizeOf(value: TemplateValue, call: Call): number {
  if (typeof value === 'string' || isArray(value)) return value.length;
  if (isObject(value)) {
    const size = Object.keys(value).length;
    call.context.budget.spend(size);
    return size;
  }
  throw new EvaluationFault('a text, array or object is expected');
}

function contains(container: TemplateValue, item: TemplateValue, call: Call): boolean {
  if (typeof container === 'string') return container.includes(textAt([item], 0));
  if (isArray(container)) return container.some((element) => isSame(element, item, call.context.budget));
  if (isObject(container)) return containsName(container, textAt([item], 0), call);
  throw new EvaluationFault('a text, array or object is expected');
}

function containsName(object: TemplateObject, name: string, call: Call): boolean {
  const names = Object.keys(object);
  call.context.budget.spend(names.length);
  if (!names.every(isAscii)) throw new EvaluationFault('whether a name is among those outside ASCII cannot be told');
  return computedProperty(object, name) !== undefined;
}

function itemAt(items: readonly TemplateValue[], index: number): TemplateValue {
  const item = items[index];
  if (item === undefined) throw new EvaluationFault('the index is not within the array');
  return item;
}

function stepInto(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (typeof key === 'string') return computedProperty(value, key) ?? null;
  return isArray(value) && typeof key === 'number' ? (value[key] ?? null) : null;
}

function endOf(placeIn: (count: number) => number | undefined): TemplateFunction {
  const ofText = cuttingText((given) => {
    const text = textAt(given, 0);
    return text.charAt(placeIn(text.length) ?? 0);
  });
  return (given, call) => {
    const value = valueAt(given, 0);
    if (!isArray(value)) return ofText(given, call);
    return itemAt(value, placeIn(value.length) ?? -1);
  };
}

function slicing(bounds: (size: number, count: number) => readonly [number, number]): TemplateFunction {
  const ofText = cuttingText((given) => {
    const text = textAt(given, 0);
    return text.slice(...bounds(text.length, integerAt(given, 1)));
  });
  return (given, call) => {
    const value = valueAt(given, 0);
    if (!isArray(value) || given[1] instanceof Unknown) return ofText(given, call);
    call.context.budget.spend(value.length);
    return value.slice(...bounds(value.length, integerAt(given, 1)));
  };
}

function indexIn(given: readonly TemplateValue[], call: Call, end: 'first' | 'last'): number {
  const [container, item] = [valueAt(given, 0), valueAt(given, 1)];
  if (isArray(container)) {
    const matches = (element: TemplateValue) => isSame(element, item, call.context.budget);
    return end === 'first' ? container.findIndex(matches) : container.findLastIndex(matches);
  }
  const [text, part] = [asciiAt(given, 0).toLowerCase(), asciiAt(given, 1).toLowerCase()];
  return end === 'first' ? text.indexOf(part) : text.lastIndexOf(part);
}

/** Objects are merged to their last part, arrays keep one of each element. */
function united(left: TemplateValue, right: TemplateValue, call: Call, depth: number): TemplateValue {
  if (isArray(left) && isArray(right)) return distinct([...left, ...right], call);
  if (!isObject(left) || !isObject(right) || depth > 60) throw new EvaluationFault('two arrays or two objects are expected');
  return merged([left, right], call, (earlier, later) =>
    isObject(earlier) && isObject(later) ? united(earlier, later, call, depth + 1) : later,
  );
}

/** Names that differ in case only are one name to Azure, and which spelling stays cannot be told. */
function merged(
  objects: readonly TemplateObject[],
  call: Call,
  combine: (earlier: TemplateValue, later: TemplateValue) => TemplateValue,
): TemplateObject {
  const byName = new Map<string, { readonly name: string; readonly value: TemplateValue }>();
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      call.context.budget.spend(1);
      const earlier = byName.get(name.toLowerCase());
      if (earlier !== undefined && earlier.name !== name) throw new EvaluationFault('two names differ in case only');
      byName.set(name.toLowerCase(), { name, value: earlier === undefined ? value : combine(earlier.value, value) });
    }
  }
  return Object.fromEntries([...byName.values()].map(({ name, value }) => [name, value]));
}

function distinct(items: readonly TemplateValue[], call: Call): readonly TemplateValue[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    if (!isExact(item, call.context.budget)) return true;
    const key = keyOf(item, call);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function common(left: TemplateValue, right: TemplateValue, call: Call): TemplateValue {
  if (isArray(left) && isArray(right)) {
    const keys = new Set(right.map((item) => keyOf(item, call)));
    return distinct(left, call).filter((item) => keys.has(keyOf(item, call)));
  }
  if (!isObject(left) || !isObject(right)) throw new EvaluationFault('two arrays or two objects are expected');
  const shared = Object.entries(left).filter(([name, value]) => {
    const other = computedProperty(right, name);
    return other !== undefined && isSame(value, other, call.context.budget);
  });
  return Object.fromEntries(shared);
}

/** One text for equal exact values. */
function keyOf(value: TemplateValue, call: Call): string {
  const key = canonicalJson(JSON.parse(JSON.stringify(value)));
  call.context.budget.spendText(key.length);
  return key;
}
