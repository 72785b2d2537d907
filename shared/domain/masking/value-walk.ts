import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { linesOfKey, placeOfItem } from './list-places.ts';
import type { Spot } from './mask-path.ts';
import { type Known, knownIn, type Place, placesIn } from './places.ts';
import { type SecretCells, secretCells } from './tables.ts';

/** What becomes of the leaves of a value and of its names. Each answers what is shown: the same where nothing is hidden. */
export type Leaves = {
  text(text: string, spot: Spot | undefined, place: Place): string;
  number(value: number, spot: Spot | undefined, place: Place): JsonValue;
  /** Undefined for a name that nobody reads, so that nobody knows what stands under it: both are hidden. */
  name(name: string, spot: Spot | undefined): string | undefined;
  /** What is shown for such a name: told apart from others by which member of its object it is. */
  unreadName(index: number): string;
  /** What is too deep to be walked. */
  depth(spot: Spot | undefined): string;
};

/** Where a value stands, and what is known of it from there. */
export type Standing = { readonly spot: Spot | undefined; readonly place: Place; readonly known: Known; readonly depth: number };

/** Deeper values than the parsers of requests and answers let through are not walked. */
const maxDepth = 200;

/** Goes through a value and tells each leaf its place. Structure stays; lists and objects in which nothing changes are not copied. */
export function walkValue(value: JsonValue, at: Standing, leaves: Leaves): JsonValue {
  if (typeof value === 'string') return leaves.text(value, at.spot, at.place);
  if (typeof value === 'number') return leaves.number(value, at.spot, at.place);
  if (typeof value !== 'object' || value === null) return value;
  if (at.depth >= maxDepth) return leaves.depth(at.spot);
  return isJsonObject(value) ? walkObject(value, at, leaves) : walkList(value, at, leaves);
}

function walkList(list: readonly JsonValue[], { spot, place, known, depth }: Standing, leaves: Leaves): JsonValue {
  const key = linesOfKey(list);
  return mapItems(list, (item, index) => {
    const placeOf = index > key.begin && index < key.end ? 'whole' : placeOfItem(list, index, place);
    return walkValue(item, { spot: { label: index, inside: spot }, place: placeOf, known, depth: depth + 1 }, leaves);
  });
}

function walkObject(value: JsonObject, { spot, place, known, depth }: Standing, leaves: Leaves): JsonObject {
  const placeOf = placesIn(value, place, known);
  const secret = secretCells(value);
  let changed: [string, JsonValue][] | undefined;
  for (const [index, name] of Object.keys(value).entries()) {
    const inner = value[name] ?? null;
    const readName = leaves.name(name, spot);
    const shownName = readName ?? leaves.unreadName(index);
    const below = { spot: { label: shownName, inside: spot }, known: knownIn(value, known, name, inner), depth: depth + 1 };
    const masked =
      secret?.lists.has(name) === true && Array.isArray(inner)
        ? walkRows(inner, secret, { ...below, place: 'plain', known }, leaves)
        : walkValue(inner, { ...below, place: readName === undefined ? 'whole' : placeOf(name, inner) }, leaves);
    if (changed === undefined && (shownName !== name || masked !== inner)) changed = Object.entries(value).slice(0, index);
    changed?.push([shownName, masked]);
  }
  return changed === undefined ? value : Object.fromEntries(changed);
}

/** Rows of cells, or the cells of a single row. */
function walkRows(rows: readonly JsonValue[], { places }: SecretCells, at: Standing, leaves: Leaves): JsonValue {
  const isRow = !rows.some(Array.isArray);
  return mapItems(rows, (row, index) => {
    const below = { ...at, spot: { label: index, inside: at.spot }, depth: at.depth + 1 };
    if (!Array.isArray(row)) return walkValue(row, { ...below, place: isRow && places.has(index) ? 'value' : 'plain' }, leaves);
    return mapItems(row, (cell, column) => {
      const place = places.has(column) ? 'value' : 'plain';
      return walkValue(cell, { ...below, spot: { label: column, inside: below.spot }, place, depth: below.depth + 1 }, leaves);
    });
  });
}

function mapItems(list: readonly JsonValue[], map: (item: JsonValue, index: number) => JsonValue): readonly JsonValue[] {
  let changed: JsonValue[] | undefined;
  list.forEach((item, index) => {
    const mapped = map(item, index);
    if (mapped === item) return;
    changed ??= [...list];
    changed[index] = mapped;
  });
  return changed ?? list;
}
