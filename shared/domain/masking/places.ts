import { type JsonObject, type JsonValue, property } from '../json.ts';
import { isCredentialMember, isDescription, isHarmlessHeader, nameRule, plainName } from './secret-names.ts';
import { isSecretConfiguration, isSecretType, securedParameters, typedAsSecret } from './secret-types.ts';

/**
 * How much of what stands somewhere is secret. `whole`: all. `value`: all but what names or describes it. `map`: every value, under whatever name.
 * `settings`: as `value`, of a list whose entries are settings. `credentials`, `headers`, `material`, `address`, `likely`, `harmless`: as {@link NameRule} says.
 */
export type Place =
  | 'plain'
  | 'whole'
  | 'value'
  | 'map'
  | 'settings'
  | 'headers'
  | 'credentials'
  | 'material'
  | 'address'
  | 'likely'
  | 'harmless';

/** What is known of an object from outside it: the resource that it is the body of, and which of its members a template declares as secure. */
export type Known = { readonly type?: string; readonly name?: string; readonly secured?: ReadonlySet<string> };

/** What an object tells about one of its members. */
export function knownIn(object: JsonObject, known: Known, name: string, inner: JsonValue): Known {
  if (name === 'parameters') {
    const secured = securedParameters(object);
    return secured === undefined ? nothing : { secured };
  }
  // The entries of a list are of the type that was asked for.
  return name === 'value' && Array.isArray(inner) && known.type !== undefined ? { type: known.type } : nothing;
}

const nothing: Known = {};

/** Decides for each member of one object in which place it stands. */
export function placesIn(object: JsonObject, place: Place, known: Known): (name: string, inner: JsonValue) => Place {
  switch (place) {
    case 'whole':
      return () => 'whole';
    case 'map':
      // `{ "reference": { "keyVault": … } }` of a secure parameter says where its secret lies.
      return (name, inner) =>
        nameRule(name) === 'whole'
          ? 'whole'
          : plainName(name) === 'reference' && isNested(inner)
            ? 'plain'
            : isNested(inner)
              ? 'value'
              : 'map';
    case 'harmless':
      return (name) => (nameRule(name) === 'whole' ? 'whole' : 'harmless');
    case 'value':
      return (name) => (isDescription(name) && !isSecretByName(name) ? 'plain' : nameRule(name) === 'whole' ? 'whole' : 'value');
    case 'settings':
      return settingsIn(object);
    case 'headers':
      return headersIn(object);
    default: {
      const byName = plainIn(object, known);
      if (place !== 'credentials' && !isCredential(object, known)) return byName;
      return (name, inner) => credentialMember(name, inner) ?? byName(name, inner);
    }
  }
}

function isSecretByName(name: string): boolean {
  const rule = nameRule(name);
  return rule === 'value' || rule === 'whole' || rule === 'material';
}

function isNested(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}

/** `{ name, value }`, `{ key, value }`, `{ keyName, value }`: what is secret about the value is said by the name. */
function namedPair(object: JsonObject): string | undefined {
  if (!Object.hasOwn(object, 'value')) return undefined;
  for (const member of ['name', 'key', 'keyName', 'variable']) {
    const name = property(object, member);
    if (typeof name === 'string') return name;
  }
  return undefined;
}

function settingsIn(object: JsonObject): (name: string, inner: JsonValue) => Place {
  const isPair = namedPair(object) !== undefined;
  return (name, inner) => {
    const plain = plainName(name);
    const rule = nameRule(name);
    if (rule === 'whole') return 'whole';
    if (plain === 'properties') return 'map';
    if (isPair) return plain === 'value' || isSecretByName(name) ? 'value' : 'plain';
    if (isDescription(name) && !isSecretByName(name)) return 'plain';
    return isNested(inner) ? 'settings' : 'value';
  };
}

function headersIn(object: JsonObject): (name: string, inner: JsonValue) => Place {
  const header = namedPair(object);
  return (name, inner) => {
    if (isNested(inner)) return nameRule(name) === 'plain' ? 'headers' : ruledPlace(name, inner);
    if (header === undefined) return isHarmlessHeader(name) ? 'plain' : isDescription(name) && !isSecretByName(name) ? 'plain' : 'value';
    return plainName(name) === 'value' && !isHarmlessHeader(header) ? 'value' : ruledPlace(name, inner);
  };
}

/** A resource of a type that is a secret, as `…/certificates`, whose own properties are called `value` or `data`. */
function isCredential(object: JsonObject, known: Known): boolean {
  const type = property(object, 'type');
  return isSecretType(typeof type === 'string' ? type : known.type);
}

function credentialMember(name: string, inner: JsonValue): Place | undefined {
  const plain = plainName(name);
  if (!isNested(inner)) return isCredentialMember(name) ? (/^(?:cert|certificate|data)$/.test(plain) ? 'material' : 'value') : undefined;
  return nameRule(name) === 'plain' && !Array.isArray(inner) ? 'credentials' : undefined;
}

function plainIn(object: JsonObject, known: Known): (name: string, inner: JsonValue) => Place {
  const pair = namedPair(object);
  const typed = typedAsSecret(object);
  const isConfiguration = isSecretConfiguration(object, known);
  const hasLoneKey = isLoneKey(object);
  return (name, inner) => {
    const plain = plainName(name);
    if (
      (plain === 'value' || plain === 'defaultvalue') &&
      (typed || (plain === 'value' && pair !== undefined && pairHidesValue(object, pair)))
    )
      return typed === 'object' ? 'map' : 'value';
    if (known.secured?.has(name.toLowerCase()) === true) return 'map';
    if (isConfiguration && plain === 'properties' && isNested(inner)) return 'map';
    if (hasLoneKey && plain === 'key') return 'likely';
    return ruledPlace(name, inner);
  };
}

/** `{ "site": "…", "key": "…" }`: a key with nothing beside it that would make it a label, a filter or a reference. */
function isLoneKey(object: JsonObject): boolean {
  return Object.hasOwn(object, 'key') && !besideLabels.some((name) => Object.hasOwn(object, name));
}

const besideLabels = [
  'value',
  'values',
  'name',
  'label',
  'operator',
  'operatorType',
  'op',
  'effect',
  'displayName',
  'description',
  'path',
  'text',
  'optional',
  'kind',
  'order',
] as const;

/** `{ "keyName": "key1", "value": "…" }`, and `{ "name": "adminPassword", "value": "…" }` in any list. */
function pairHidesValue(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, 'keyName') || isSecretByName(name);
}

function ruledPlace(name: string, inner: JsonValue): Place {
  const rule = nameRule(name);
  switch (rule) {
    case 'whole':
    case 'value':
    case 'likely':
    case 'harmless':
    case 'plain':
      return rule;
    case 'settings':
      return Array.isArray(inner) ? 'settings' : isNested(inner) ? 'map' : 'plain';
    case 'headers':
      return isNested(inner) ? 'headers' : 'plain';
    case 'material':
      return isNested(inner) ? 'credentials' : 'material';
    case 'credentials':
      return isNested(inner) ? 'credentials' : 'likely';
    case 'address':
      return isNested(inner) ? 'plain' : 'address';
  }
}
