/** What an expression comes to; functions are lambdas. */
export type BicepValue = null | string | number | boolean | readonly BicepValue[] | BicepObject | BicepFunction;
export type BicepObject = { readonly [name: string]: BicepValue };
export type BicepFunction = (...given: readonly BicepValue[]) => BicepValue;

export function isList(value: BicepValue | undefined): value is readonly BicepValue[] {
  return Array.isArray(value);
}

export function isObject(value: BicepValue | undefined): value is BicepObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asText(value: BicepValue | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError(`not a text: ${JSON.stringify(value)}`);
}

export function asList(value: BicepValue | undefined): readonly BicepValue[] {
  if (isList(value)) return value;
  throw new TypeError(`not an array: ${JSON.stringify(value)}`);
}

export function asObject(value: BicepValue | undefined): BicepObject {
  if (isObject(value)) return value;
  throw new TypeError(`not an object: ${JSON.stringify(value)}`);
}

export function asFunction(value: BicepValue | undefined): BicepFunction {
  if (typeof value === 'function') return value;
  throw new TypeError('not a lambda');
}

/** A member of objects in objects; throws TypeError where one of them is none. */
export function valueAt(value: BicepValue | undefined, ...names: readonly string[]): BicepValue | undefined {
  let at = value;
  for (const name of names) at = asObject(at)[name];
  return at;
}

export function fromJson(value: unknown): BicepValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fromJson(member)]));
  throw new TypeError(`not JSON: ${typeof value}`);
}
