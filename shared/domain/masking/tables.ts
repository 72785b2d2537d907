import { type JsonObject, type JsonValue, property } from '../json.ts';
import { isSecretByName } from './places.ts';

/** What names the cells of a table, and what holds them. */
const heading = /(?:columns|names|fields|headers|keys|labels)$/i;
const cells = /(?:rows?|values|data|cells)$/i;

/** The lists of one object that hold cells under secret headings, by their names, and at which places of a row those are. */
export type SecretCells = { readonly lists: ReadonlySet<string>; readonly places: ReadonlySet<number> };

/**
 * Of a table, `{ "columns": [{ "name": … }], "rows": [[…]] }` as queries of logs, costs and resources answer, or `{ "names": […], "values": […] }`: which
 * cells are secret by what stands at their head. A flat list is a row only where it has a value for each heading.
 */
export function secretCells(object: JsonObject): SecretCells | undefined {
  const lists = Object.keys(object).filter((name) => Array.isArray(object[name]));
  if (lists.length < 2) return undefined;
  const [headingName] = lists.filter((name) => heading.test(name));
  const headings = headingName === undefined ? undefined : object[headingName];
  if (!Array.isArray(headings)) return undefined;
  const places = new Set<number>();
  headings.forEach((item: JsonValue, index) => {
    const name = typeof item === 'string' ? item : property(item, 'name');
    if (typeof name === 'string' && isSecretByName(name)) places.add(index);
  });
  if (places.size === 0) return undefined;
  const named = lists.filter((name) => name !== headingName && cells.test(name) && isTable(object[name], headings.length));
  return named.length === 0 ? undefined : { lists: new Set(named), places };
}

function isTable(list: JsonValue | undefined, width: number): boolean {
  return Array.isArray(list) && (list.length === width || list.some(Array.isArray));
}
