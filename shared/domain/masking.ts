import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** What stands where a secret was. */
export const maskText = '«masked»';

/** Names of properties whose values are secrets wherever they stand; compared without case, hyphens and underscores. */
const secretName =
  /(?:passwords?|passwd|pwd|passphrase|secrets?|tokens?|credentials?|connectionstrings?|sasuri|sasurl|signature|certificatedata|pfxblob|customdata|userdata|protectedsettings|kubeconfigs?|authorization|(?<!public|partition|row|sort)key(?:s|\d)?)$/;

/** Values that are secrets by their shape, whatever they are called. Anchored or bounded, so that each is linear. */
const secretValues: readonly RegExp[] = [
  /(?:AccountKey|SharedAccessKey)\s{0,3}=\s{0,3}[A-Za-z0-9+/=]{20,}/i,
  /(?:^|[?&\s])sig=[A-Za-z0-9%+/=]{20,}/i,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY/,
  /(?<![A-Za-z0-9_-])ey[JK][A-Za-z0-9_-]{10,}\.ey[JK][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /(?:Password|Pwd)\s{0,3}=\s{0,3}[^;]{4,200}/i,
  /:\/\/[^\s/@:]{0,200}:[^\s/@]{1,200}@/,
];

/** When a key was made is no secret, though it may stand under the name of the key. */
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Texts in an answer full of secrets that say which is which. */
const labels: ReadonlySet<string> = new Set(['id', 'name', 'keyname', 'type']);

export type Masked = { readonly value: JsonValue; readonly masked: readonly string[] };

type Masking = { readonly everything: boolean; readonly masked: string[] };

/**
 * Replaces every value that is, or may be, a secret. Structure and names stay; `masked` lists the paths in the order they were met,
 * as `properties.adminPassword` and `keys[0].value`. Masking what is masked changes nothing.
 */
export function maskSecrets(value: JsonValue): Masked {
  const masked: string[] = [];
  return { value: maskAt(value, '', false, { everything: false, masked }), masked };
}

/** As {@link maskSecrets}, for the answer to a call that asks for secrets: all of it is secret but the names that say which is which. */
export function maskAnswerWithSecrets(value: JsonValue): Masked {
  const masked: string[] = [];
  return { value: maskAt(value, '', true, { everything: true, masked }), masked };
}

function maskAt(value: JsonValue, path: string, secret: boolean, masking: Masking): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue, index) => maskAt(item, `${path}[${index}]`, secret, masking));
  if (isJsonObject(value)) return maskObject(value, path, secret, masking);
  if (!isHidden(value, secret)) return value;
  masking.masked.push(path);
  return maskText;
}

function isHidden(value: JsonValue, secret: boolean): boolean {
  if (typeof value === 'number') return secret;
  if (typeof value !== 'string' || value === '' || value === maskText) return false;
  return (secret && !timestamp.test(value)) || secretValues.some((pattern) => pattern.test(value));
}

function maskObject(value: JsonObject, path: string, secret: boolean, masking: Masking): JsonObject {
  const named = new Map(Object.entries(value).map(([name, inner]) => [plain(name), inner]));
  const entries = Object.entries(value).map(([name, inner]): [string, JsonValue] => {
    const isLabel = masking.everything && typeof inner === 'string' && labels.has(plain(name));
    const innerSecret = (secret && !isLabel) || isSecretName(plain(name), named);
    return [name, maskAt(inner, path === '' ? name : `${path}.${name}`, innerSecret, masking)];
  });
  return Object.fromEntries(entries);
}

/** Whether a property is a secret by its name, or by what the object says that it is. `keys` lists objects, each of which is judged by itself. */
function isSecretName(name: string, named: ReadonlyMap<string, JsonValue>): boolean {
  if (name === 'keys') return false;
  if (name === 'key') return !named.has('value') && !named.has('values');
  if (name === 'value') return named.has('keyname') || namesSecret(named.get('name')) || namesSecret(named.get('key'));
  return secretName.test(name);
}

/** `{ "keyName": "key1", "value": "…" }` is how `listKeys` answers, `{ "name": "DB_PASSWORD", "value": "…" }` how settings are listed. */
function namesSecret(label: JsonValue | undefined): boolean {
  return typeof label === 'string' && secretName.test(plain(label));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}
