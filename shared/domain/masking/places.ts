import { type JsonObject, type JsonValue, property } from '../json.ts';
import { isPlaceholder } from './placeholders.ts';
import { isCredentialMember, isDescription, isHarmlessHeader, nameRule, plainName } from './secret-names.ts';
import { isSecretConfiguration, isSecretType, securedParameters, typedAsSecret } from './secret-types.ts';

/**
 * How much of what stands somewhere is secret. `whole`: all. `value`: all but what names or describes it. `map`: every value, under whatever name.
 * `secured`: a parameter that a template declares as secure.
 * `settings`: as `value`, of a list whose entries are settings. `credentials`, `headers`, `material`, `address`, `likely`, `harmless`: as {@link NameRule} says.
 */
export type Place =
  | 'plain'
  | 'whole'
  | 'value'
  | 'map'
  | 'secured'
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
      return (name, inner) => (nameRule(name) === 'whole' ? 'whole' : isNested(inner) ? 'value' : 'map');
    case 'secured':
      // `{ "reference": { "keyVault": … } }` says where the secret lies.
      return (name, inner) => (plainName(name) === 'reference' && isNested(inner) ? 'plain' : 'whole');
    case 'harmless':
      return (name) => (nameRule(name) === 'whole' ? 'whole' : 'harmless');
    case 'value':
      return (name, inner) => (describes(name, inner) ? 'plain' : nameRule(name) === 'whole' ? 'whole' : 'value');
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

/** Whether what stands under a name is a secret by that name alone. */
export function isSecretByName(name: string): boolean {
  const rule = nameRule(name);
  return rule === 'value' || rule === 'whole' || rule === 'material';
}

/** What only names or describes a secret, in one word or as a reference; a list or an object under such a name may be anything. */
function describes(name: string, inner: JsonValue): boolean {
  if (isNested(inner)) return /^(?:reference|metadata)$/i.test(name);
  return isDescription(name) && !isSecretByName(name);
}

function isNested(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}

/** What has more members than this is no pair. */
const maxPair = 16;

/** `{ name, value }`, `{ key, value }`, `{ keyName, value }`: what is secret about the value is said by the name. */
function namedPair(object: JsonObject): string | undefined {
  const names = Object.keys(object);
  if (names.length > maxPair || !names.some((name) => /^value$/i.test(name))) return undefined;
  for (const label of [/^name$/i, /^key$/i, /^keyName$/i, /^variable$/i]) {
    const found = names.find((name) => label.test(name));
    const text = found === undefined ? undefined : property(object, found);
    // What hides a number does not turn it into a name.
    if (typeof text === 'string' && !isPlaceholder(text)) return text;
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
    if (isPair) return plain === 'value' || isSecretByName(name) ? 'value' : isNested(inner) ? 'settings' : 'plain';
    if (describes(name, inner)) return 'plain';
    return isNested(inner) && !isSecretByName(name) ? 'settings' : 'value';
  };
}

function headersIn(object: JsonObject): (name: string, inner: JsonValue) => Place {
  const header = namedPair(object);
  return (name, inner) => {
    if (isNested(inner)) return nameRule(name) === 'plain' ? 'headers' : ruledPlace(name, inner);
    if (header === undefined) return isHarmlessHeader(name) || describes(name, inner) ? 'plain' : 'value';
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
  const isSecretObject = isKubernetesSecret(object);
  const isLabelled = isLabelledSecret(object);
  const secretsOfKey = keyMembers(object);
  return (name, inner) => {
    const plain = plainName(name);
    if (isSecretObject && (name === 'data' || name === 'stringData') && isNested(inner)) return 'map';
    if (isLabelled && isLabelledValue(name, inner)) return 'value';
    if (secretsOfKey?.has(name) === true) return 'value';
    if (
      (plain === 'value' || plain === 'defaultvalue') &&
      (typed || (plain === 'value' && pair !== undefined && pairHidesValue(object, pair)))
    )
      return typed === 'object' ? 'whole' : 'value';
    if (known.secured?.has(name.toLowerCase()) === true) return 'secured';
    if (isConfiguration && plain === 'properties' && isNested(inner)) return 'map';
    if (hasLoneKey && plain === 'key') return 'likely';
    return ruledPlace(name, inner);
  };
}

/** A manifest of Kubernetes whose `data` is secret, whatever its entries are called. */
function isKubernetesSecret(object: JsonObject): boolean {
  return property(object, 'kind') === 'Secret';
}

/** Private members of a JSON Web Key. Source: RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1. */
const privateMembers: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);

function keyMembers(object: JsonObject): ReadonlySet<string> | undefined {
  return typeof property(object, 'kty') === 'string' ? privateMembers : undefined;
}

const labels: ReadonlySet<string> = new Set([
  'id',
  'field',
  'parameterName',
  'settingName',
  'property',
  'label',
  '@name',
  'k',
  'key',
  'name',
  'Name',
  'Key',
  'attribute',
  'option',
]);
const labelledValues: ReadonlySet<string> = new Set([
  'value',
  'val',
  'v',
  '#text',
  '@value',
  'content',
  'text',
  'data',
  'newvalue',
  'currentvalue',
  'parametervalue',
  'settingvalue',
]);

/** Other ways to write a pair: `{ "field": "password", "content": "…" }`. */
function isLabelledSecret(object: JsonObject): boolean {
  return Object.keys(object).some((name) => {
    const text = labels.has(name) ? object[name] : undefined;
    return typeof text === 'string' && text.length <= maxLabel && nameRule(text) === 'value' && /^\S+$/.test(text);
  });
}

const maxLabel = 60;

/** A form says "Password" of the field that asks for one. */
function isLabelledValue(name: string, inner: JsonValue): boolean {
  return (
    typeof inner === 'string' && labelledValues.has(name.toLowerCase()) && !/^[A-Z][a-z]* ?[a-z]*$/.test(inner) && !isSecretByName(inner)
  );
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
  return Object.keys(object).some((member) => /^keyName$/i.test(member)) || isSecretByName(name);
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
      if (isNested(inner)) return Array.isArray(inner) ? 'settings' : 'map';
      return /(?:secrets|strings)$/i.test(name) ? 'value' : 'plain';
    case 'headers':
      return isNested(inner) ? 'headers' : 'plain';
    case 'material':
      return isNested(inner) ? 'credentials' : 'material';
    case 'credentials':
      return isNested(inner) ? 'credentials' : /credentials?$/i.test(name) ? 'value' : 'likely';
    case 'address':
      return isNested(inner) ? 'plain' : 'address';
  }
}
