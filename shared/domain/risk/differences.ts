import { fieldsOf, foldName } from '../arm-property.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** Where in a body something stands: its folded name and what it stands in. The elements of a list carry the name of the list. */
export type Place = { readonly name: string; readonly label: string; readonly above: Place | undefined };

/**
 * One property that a call gives, changes or drops. `before` is undefined where the target has none or is not known, `after` where the call leaves it out, which
 * only counts where a PUT replaces what is known, or sets it to null.
 */
export type Difference = {
  readonly place: Place;
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
  /** The object that holds it afterwards, or before where it is dropped. */
  readonly holder: JsonObject;
};

/** Entries that a list loses. `lost` holds them as they are, `kept` counts what would be left; `given` is false where the call leaves the whole list out. */
export type ListLoss = { readonly place: Place; readonly lost: readonly JsonValue[]; readonly kept: number; readonly given: boolean };

export type Differences = {
  /** Differences of the watched properties by folded name. */
  readonly of: (name: string) => readonly Difference[];
  readonly losses: readonly ListLoss[];
  /** Whether the state of the target is known. */
  readonly knowsBefore: boolean;
};

export const noDifferences: Differences = { of: () => [], losses: [], knowsBefore: false };

type Walk = {
  readonly watched: ReadonlySet<string>;
  readonly replaces: boolean;
  readonly found: Map<string, Difference[]>;
  readonly losses: ListLoss[];
};

/**
 * Compares what a call gives with what is, in one pass that is linear in both. `watched`: folded names of the properties that somebody will ask for.
 * `replaces`: whether what the call leaves out is gone afterwards, as with a PUT.
 */
export function differencesOf(
  after: JsonValue | undefined,
  before: JsonValue | undefined,
  replaces: boolean,
  watched: ReadonlySet<string>,
): Differences {
  const walk: Walk = { watched, replaces, found: new Map(), losses: [] };
  if (isJsonObject(after)) compareObjects(walk, undefined, after, isJsonObject(before) ? before : undefined);
  return { of: (name) => walk.found.get(name) ?? [], losses: walk.losses, knowsBefore: before !== undefined };
}

/** The names from the root down to a place, as `properties.networkAcls.defaultAction`. */
export function pathOf(place: Place): string {
  const labels: string[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.above) labels.push(at.label);
  return labels.reverse().join('.');
}

/** Whether a place stands in something of that folded name, directly or further up. */
export function isWithin(place: Place, name: string): boolean {
  for (let at = place.above; at !== undefined; at = at.above) if (at.name === name) return true;
  return false;
}

const longestLabel = 64;

function placeOf(name: string, above: Place | undefined): Place {
  return { name: foldName(name), label: name.length > longestLabel ? `${name.slice(0, longestLabel)}…` : name, above };
}

function compareObjects(walk: Walk, above: Place | undefined, after: JsonObject, before: JsonObject | undefined): void {
  const known = before === undefined ? undefined : fieldsOf(before);
  for (const name of Object.keys(after)) {
    const was = known?.get(foldName(name)) ?? undefined;
    const given = after[name] ?? (Array.isArray(was) ? [] : undefined);
    if (isOfInterest(walk, name, given, was)) compare(walk, placeOf(name, above), after, given, was);
  }
  if (before === undefined || !walk.replaces) return;
  const given = fieldsOf(after);
  for (const name of Object.keys(before)) {
    if (given.has(foldName(name)) || !isOfInterest(walk, name, undefined, before[name])) continue;
    compare(walk, placeOf(name, above), before, undefined, before[name] ?? undefined);
  }
}

function isOfInterest(walk: Walk, name: string, after: JsonValue | undefined, before: JsonValue | undefined): boolean {
  return typeof after === 'object' || typeof before === 'object' || walk.watched.has(foldName(name));
}

function compare(walk: Walk, place: Place, holder: JsonObject, after: JsonValue | undefined, before: JsonValue | undefined): void {
  if (walk.watched.has(place.name)) record(walk, { place, before, after, holder });
  if (typeof after !== 'object' && typeof before !== 'object') return;
  if (Array.isArray(before) && (after === undefined || Array.isArray(after))) findLosses(walk, place, after, before);
  if (Array.isArray(after)) compareElements(walk, place, after, Array.isArray(before) ? before : undefined);
  else if (isJsonObject(after)) compareObjects(walk, place, after, isJsonObject(before) ? before : undefined);
  else if (after === undefined && isJsonObject(before)) compareObjects(walk, place, {}, before);
}

function record(walk: Walk, difference: Difference): void {
  const others = walk.found.get(difference.place.name);
  if (others === undefined) walk.found.set(difference.place.name, [difference]);
  else others.push(difference);
}

function findLosses(walk: Walk, place: Place, after: readonly JsonValue[] | undefined, before: readonly JsonValue[]): void {
  const kept = new Set((after ?? []).map(identityOf));
  const lost = before.filter((entry, index) => !kept.has(identityOf(entry, index)));
  if (lost.length > 0) walk.losses.push({ place, lost, kept: after?.length ?? 0, given: after !== undefined });
}

function compareElements(walk: Walk, place: Place, after: readonly JsonValue[], before: readonly JsonValue[] | undefined): void {
  const known = before === undefined ? undefined : new Map(before.map((entry, index) => [identityOf(entry, index), entry]));
  for (const [index, entry] of after.entries()) {
    if (Array.isArray(entry)) compareElements(walk, place, entry, undefined);
    if (!isJsonObject(entry)) continue;
    const was = known?.get(identityOf(entry, index));
    compareObjects(walk, { name: place.name, label: labelOf(entry), above: place }, entry, isJsonObject(was) ? was : undefined);
  }
}

/** Properties by which Azure tells the entries of its lists apart, in the order in which they count. */
const identifying = ['name', 'id', 'key', 'objectid', 'value', 'ipaddress', 'ipaddressorrange', 'category', 'categorygroup'] as const;
const isIdentifying: ReadonlySet<string> = new Set(identifying);

/** What makes an entry the same entry after a change: its name, or else its place; of a plain value, itself. */
export function identityOf(entry: JsonValue, index: number): string {
  if (!isJsonObject(entry)) return typeof entry === 'string' ? `text ${foldName(entry)}` : `plain ${plainIdentity(entry, index)}`;
  const found = new Map<string, string>();
  for (const name of Object.keys(entry)) {
    const value = entry[name];
    if (typeof value === 'string' && isIdentifying.has(foldName(name))) found.set(foldName(name), value);
  }
  const by = found.size === 0 ? undefined : identifying.find((name) => found.has(name));
  return by === undefined ? `place ${index}` : `${by} ${foldName(found.get(by) ?? '')}`;
}

function plainIdentity(entry: JsonValue, index: number): string {
  return typeof entry === 'object' && entry !== null ? `place ${index}` : String(entry);
}

function labelOf(entry: JsonObject): string {
  for (const name of Object.keys(entry)) {
    const value = entry[name];
    if (typeof value === 'string' && /^(?:name|id)$/i.test(name)) return `[${value.slice(0, longestLabel)}]`;
  }
  return '[]';
}
