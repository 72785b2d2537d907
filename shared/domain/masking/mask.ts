import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { findPersonalRanges, type PersonalDataKind } from './personal-data.ts';
import { isNamedKey, isNamedSetting, isSettingList, isValueHolder, nameRule, plainName } from './secret-names.ts';
import { findSecretRanges, mergeRanges, type Range } from './secret-patterns.ts';

export type Masked = {
  readonly value: JsonValue;
  /** Paths of what was replaced, in the order in which it stands, as `properties.adminPassword` and `keys[0].value`. */
  readonly masked: readonly string[];
};

export type MaskOptions = {
  /** RBAC-style action whose answer this is; an action that lists secrets answers with nothing else. */
  readonly action?: string;
  readonly personalData?: readonly PersonalDataKind[];
  /** Further places of secrets in a text, found elsewhere: by the text itself, since equal texts hold equal secrets. */
  readonly found?: ReadonlyMap<string, readonly Range[]>;
};

/** How much of what stands here is secret: nothing by its place, its value, or all that is below. */
type Place = 'plain' | 'value' | 'settings' | 'whole';

const alreadyMasked = /^«masked(?: \d{1,9})?»$/;
const anyMask = /«masked(?: \d{1,9})?»/g;

/**
 * Replaces every value that is, or may be, a secret. Structure and names stay, equal secrets get equal placeholders within one result,
 * and what is masked stays as it is. Pure; linear in the size of the value.
 */
export function maskSecrets(value: JsonValue, options: MaskOptions = {}): Masked {
  const masking = new Masking(options);
  const masked = masking.mask(value, '', listsSecrets(options.action) ? 'settings' : 'plain');
  return { value: masked, masked: masking.paths };
}

/** Texts that only their content can tell, for detectors that read texts: what is not hidden by its place. */
export function textsToInspect(value: JsonValue, options: MaskOptions = {}): readonly string[] {
  const masking = new Masking(options);
  masking.mask(value, '', listsSecrets(options.action) ? 'settings' : 'plain');
  return [...masking.inspected];
}

class Masking {
  readonly paths: string[] = [];
  readonly inspected = new Set<string>();
  readonly #options: MaskOptions;
  readonly #placeholders = new Map<string, string>();

  constructor(options: MaskOptions) {
    this.#options = options;
  }

  mask(value: JsonValue, path: string, place: Place): JsonValue {
    if (typeof value === 'string') return this.#maskText(value, path, place);
    if (Array.isArray(value)) return value.map((item: JsonValue, index) => this.mask(item, `${path}[${index}]`, place));
    if (isJsonObject(value)) return this.#maskObject(value, path, place);
    if (typeof value === 'number' && (place === 'value' || place === 'whole')) return this.#hide(String(value), path);
    return value;
  }

  #maskObject(value: JsonObject, path: string, place: Place): JsonObject {
    const pair = isNamedKey(value) || (place === 'settings' && isNamedSetting(value));
    const entries = Object.entries(value).map(([name, inner]): [string, JsonValue] => {
      return [name, this.mask(inner, path === '' ? name : `${path}.${name}`, placeOf(name, inner, place, pair))];
    });
    return Object.fromEntries(entries);
  }

  #maskText(text: string, path: string, place: Place): string {
    if (text === '' || alreadyMasked.test(text)) return text;
    if (place !== 'plain') return place === 'settings' && isIdentifier(text) ? text : this.#hide(text, path);
    this.inspected.add(text);
    const ranges = this.#rangesIn(text);
    if (ranges.length === 0) return text;
    this.paths.push(path);
    let masked = '';
    let from = 0;
    for (const { start, end } of ranges) {
      masked += text.slice(from, start) + this.#placeholder(text.slice(start, end));
      from = end;
    }
    return masked + text.slice(from);
  }

  #rangesIn(text: string): readonly Range[] {
    const { personalData = [], found } = this.#options;
    const ranges = [...findSecretRanges(text), ...findPersonalRanges(text, personalData), ...(found?.get(text) ?? [])];
    if (ranges.length === 0) return ranges;
    const masks = [...text.matchAll(anyMask)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
    return mergeRanges(ranges).filter((range) => !masks.some((mask) => mask.start <= range.start && range.end <= mask.end));
  }

  #hide(text: string, path: string): string {
    this.paths.push(path);
    return this.#placeholder(text);
  }

  #placeholder(secret: string): string {
    const known = this.#placeholders.get(secret);
    if (known !== undefined) return known;
    const made = `«masked ${this.#placeholders.size + 1}»`;
    this.#placeholders.set(secret, made);
    return made;
  }
}

/** What is secret about a property, by its name and by where it stands. */
function placeOf(name: string, inner: JsonValue, place: Place, pair: boolean): Place {
  if (place === 'whole') return 'whole';
  const rule = nameRule(name);
  if (rule === 'whole') return 'whole';
  if (pair) return plainName(name) === 'value' ? 'value' : 'plain';
  const nested = typeof inner === 'object' && inner !== null;
  // What a list of settings calls `properties` is the settings themselves, whatever they are called.
  if (place === 'settings') return plainName(name) === 'properties' ? 'whole' : isDescription(name) ? 'plain' : 'settings';
  if (isSettingList(name) && nested) return 'settings';
  if (rule === 'value') return 'value';
  if (place === 'value') return isValueHolder(name) || nested ? 'value' : 'plain';
  return 'plain';
}

/** What names and dates a secret in a list of them, and is none. */
const descriptions: ReadonlySet<string> = new Set([
  'id',
  'name',
  'type',
  'kind',
  'keyname',
  'permissions',
  'location',
  'creationtime',
  'displayname',
  'slotsetting',
  'secretref',
  'keyvaultsecretid',
  'keyvaulturl',
  'identity',
  'nextlink',
  'description',
  'tags',
  'expiry',
  'expiresin',
]);

function isDescription(name: string): boolean {
  return descriptions.has(plainName(name));
}

/** References to where a secret lies are no secrets. */
function isIdentifier(text: string): boolean {
  return /^\/subscriptions\/[0-9a-f-]{36}(?:\/|$)/i.test(text) || /^@Microsoft\.KeyVault\([^)]{1,500}\)$/.test(text);
}

/** Actions whose answer is a list of secrets or settings. Source: the POST actions of Azure's providers, by their naming. */
function listsSecrets(action: string | undefined): boolean {
  if (action === undefined) return false;
  return (
    /\/list[a-z]*(?:keys?|secrets?|credentials?|tokens?|connectionstrings?|sas|passwords?)\/action$/.test(action) ||
    /\/config\/(?:[a-z]+\/)?list\/action$/.test(action) ||
    /\/(?:listkeyvalue|getfunctionsadmintoken|listsyncfunctiontriggerstatus|listfunctionkeys|listhostkeys|getauthtoken|publishxml|listpublishingcredentials)\/action$/.test(action)
  );
}
