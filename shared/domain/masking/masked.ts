import type { JsonValue } from '../json.ts';
import type { Range } from './ranges.ts';

export type Masked = {
  readonly value: JsonValue;
  /** Paths of what was replaced, in the order in which it stands, as `properties.adminPassword` and `keys[0].value`; a thousand at most, then a count. */
  readonly masked: readonly string[];
};

/** The call whose body or answer is masked: its RBAC-style action, and where it goes. Both tell what names alone do not. */
export type MaskedCall = { readonly part: 'request' | 'answer'; readonly action: string; readonly path?: string };

/** Further places of secrets, found elsewhere: by the text itself, since equal texts hold equal secrets. */
export type FoundSecrets = ReadonlyMap<string, readonly Range[]>;
