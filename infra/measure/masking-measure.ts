import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { JsonObject, JsonValue } from '../../shared/domain/json.ts';
import { maskSecrets } from '../../shared/domain/masking/mask.ts';

/** What is expected of each sensitive path of a table, and what came of it. */
export type MaskingMeasure = {
  /** Paths that are secrets, and how many of those came back masked. */
  readonly counted: number;
  readonly masked: number;
  readonly missed: readonly string[];
  /** Paths that are identifiers, e-mail addresses or endpoints: listed apart, not counted. */
  readonly apart: number;
  readonly apartMasked: number;
};

const shape = z.object({ resourceTypes: z.record(z.string(), z.array(z.string())) });

/**
 * Masks, for each sensitive path in a table of resource types, a resource that has nothing but a value there. The value has no shape of its own, and
 * is as random as keys and generated passwords are: what is found is found by names, types and where it stands.
 */
export function measureMaskingRecall(tablePath: string): MaskingMeasure {
  const { resourceTypes } = shape.parse(JSON.parse(readFileSync(tablePath, 'utf8')));
  const rows = Object.entries(resourceTypes).flatMap(([type, paths]) => paths.map((path) => ({ type, path, isApart: isNoSecret(path) })));
  const hidden = rows.filter(({ type, path }) => isHidden(type, path));
  const counted = rows.filter(({ isApart }) => !isApart);
  return {
    counted: counted.length,
    masked: hidden.filter(({ isApart }) => !isApart).length,
    missed: counted.filter((row) => !hidden.includes(row)).map(({ type, path }) => `${type} ${path}`),
    apart: rows.length - counted.length,
    apartMasked: hidden.filter(({ isApart }) => isApart).length,
  };
}

/** Identifiers, e-mail addresses and endpoints, by the last word of their path; what says that it is a capability is none of these. */
function isNoSecret(path: string): boolean {
  const name = path.split('.').at(-1) ?? '';
  if (/sas|trigger|callback/i.test(name)) return false;
  return /(?:^id|Id|^email|Email|[Uu]sername|UserName|Thumbprint|^uri|Ur[il]|URL|Endpoint|^https?Proxy|[a-z]Path)$/.test(name);
}

const stand = 'qF7xT2pLmZ9vK4sB8nW3yD6hR1cJ5gA0';

function isHidden(type: string, path: string): boolean {
  const { value } = maskSecrets(resourceWith(path.split('.')), { call: { part: 'answer', action: `${type.toLowerCase()}/read` } });
  return !JSON.stringify(value).includes(stand);
}

/** A resource that has nothing but the value at a path such as `properties.keys[].value`; `*` stands for any name. */
function resourceWith(path: readonly string[]): JsonObject {
  const [first = '', ...rest] = path;
  const name = first.replace(/\[\]$/, '');
  const inner: JsonValue = rest.length === 0 ? stand : resourceWith(rest);
  return { [name === '*' ? 'example' : name]: first.endsWith('[]') ? [inner] : inner };
}
