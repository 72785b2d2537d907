import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** What stands where a secret was. */
export const maskText = '«masked»';

/** Names of properties whose values are secrets wherever they stand; compared without case, hyphens and underscores. */
const secretName =
  /(?:passwords?|passwd|pwd|passphrase|secrets?|tokens?|credentials?|connectionstrings?|sasuri|sasurl|signature|certificatedata|pfxblob|customdata|userdata|protectedsettings|kubeconfigs?|authorization|(?<!public|partition|row|sort)key(?:s|\d)?)$/;

/** `keys` holds objects that are judged by themselves; `key` beside a value is the name of a pair, as in a filter or a setting. */
const pairNames: ReadonlySet<string> = new Set(['value', 'values']);

/** Values that are secrets by their shape, whatever they are called. Anchored or bounded, so that each is linear. */
const secretValues: readonly RegExp[] = [
  /(?:AccountKey|SharedAccessKey)\s{0,3}=\s{0,3}[A-Za-z0-9+/=]{20,}/i,
  /(?:^|[?&\s])sig=[A-Za-z0-9%+/=]{20,}/i,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----/,
  /(?<![A-Za-z0-9_-])ey[JK][A-Za-z0-9_-]{10,}\.ey[JK][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /(?:Password|Pwd)\s{0,3}=\s{0,3}[^;]{4,200}/i,
  /:\/\/[^\s/@:]{0,200}:[^\s/@]{1,200}@/,
];

/** When a key was made is no secret, though it may stand under the name of the key. */
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Names beside a secret that say which it is. */
const labels: ReadonlySet<string> = new Set(['id', 'name', 'keyname', 'type', 'kind', 'location', 'permissions', 'username']);

export type Masked = { readonly value: JsonValue; readonly masked: readonly string[] };

/**
 * Replaces every value that is, or may be, a secret. Structure and names stay; `masked` lists the paths in the order they were met,
 * as `properties.adminPassword` and `keys[0].value`. Masking what is masked changes nothing.
 */
export function maskSecrets(value: JsonValue): Masked {
  const masked: string[] = [];
  return { value: maskAt(value, '', false, secretsOf, masked), masked };
}

/** As {@link maskSecrets}, for the answer to a call that asks for secrets: of such an answer everything is one but what says which it is. */
export function maskAnswerOfSecrets(value: JsonValue): Masked {
  const masked: string[] = [];
  return { value: maskAt(value, '', true, (object) => (name) => !labels.has(name) || secretsOf(object)(name), masked), masked };
}

/** Which of an object's properties are secrets by their names; names come in lower case without hyphens and underscores. */
type SecretsOf = (object: JsonObject) => (plainName: string) => boolean;

function maskAt(value: JsonValue, path: string, secret: boolean, isSecretIn: SecretsOf, masked: string[]): JsonValue {
  if (Array.isArray(value)) {
    return value.map((item: JsonValue, index) => maskAt(item, `${path}[${index}]`, secret, isSecretIn, masked));
  }
  if (isJsonObject(value)) return maskObject(value, path, secret, isSecretIn, masked);
  if (value === null || typeof value === 'boolean' || value === '' || value === maskText) return value;
  const hidden = typeof value === 'string' ? (secret && !timestamp.test(value)) || isSecretValue(value) : secret;
  if (!hidden) return value;
  masked.push(path);
  return maskText;
}

function maskObject(value: JsonObject, path: string, secret: boolean, isSecretIn: SecretsOf, masked: string[]): JsonObject {
  const isSecret = isSecretIn(value);
  const entries = Object.entries(value).map(([name, inner]): [string, JsonValue] => {
    return [name, maskAt(inner, path === '' ? name : `${path}.${name}`, secret || isSecret(plain(name)), isSecretIn, masked)];
  });
  return Object.fromEntries(entries);
}
