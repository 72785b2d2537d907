import type { JsonObject, JsonValue } from './json.ts';

/** What stands where a secret was. */
export const maskText = '«masked»';

/** Names of properties whose values are secrets wherever they stand; compared without case, hyphens and underscores. */
const secretName =
  /(?:password|passwd|pwd|secret|secrets|token|credential|credentials|connectionstring|connectionstrings|privatekey|accesskey|accountkey|sharedkey|primarykey|secondarykey|adminkey|apikey|storageaccountkey|sastoken|sasuri|sasurl|signature|certificatedata|pfxblob|customdata|userdata|protectedsettings|publishingpassword|clientsecret|kubeconfig|authorization|sshprivatekey)$/;

/** Values that are secrets by their shape, whatever they are called. Anchored or bounded, so that each is linear. */
const secretValues: readonly RegExp[] = [
  /AccountKey=[A-Za-z0-9+/=]{20,}/,
  /SharedAccessKey=[A-Za-z0-9+/=]{20,}/,
  /[?&]sig=[A-Za-z0-9%+/=]{20,}/,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/,
  /\bey[JK][A-Za-z0-9_-]{10,2000}\.ey[JK][A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,2000}/,
  /(?:Password|Pwd)=[^;]{4,200}/i,
];

export type Masked = { readonly value: JsonValue; readonly masked: readonly string[] };

/**
 * Replaces every value that is, or may be, a secret. Structure and names stay; `masked` lists the paths in the order they were met,
 * as `properties.adminPassword` and `keys[0].value`. Masking what is masked changes nothing.
 */
export function maskSecrets(value: JsonValue): Masked {
  const masked: string[] = [];
  return { value: maskAt(value, '', false, masked), masked };
}

function maskAt(value: JsonValue, path: string, secret: boolean, masked: string[]): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue, index) => maskAt(item, `${path}[${index}]`, secret, masked));
  if (isObject(value)) return maskObject(value, path, secret, masked);
  if (value === null || typeof value === 'boolean' || value === '' || value === maskText) return value;
  if (!secret && !(typeof value === 'string' && secretValues.some((pattern) => pattern.test(value)))) return value;
  masked.push(path);
  return maskText;
}

function maskObject(value: JsonObject, path: string, secret: boolean, masked: string[]): JsonObject {
  const keyValuePair = isKeyWithValue(value);
  const entries = Object.entries(value).map(([name, inner]): [string, JsonValue] => {
    const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
    const innerSecret = secret || secretName.test(plain) || (keyValuePair && plain === 'value');
    return [name, maskAt(inner, path === '' ? name : `${path}.${name}`, innerSecret, masked)];
  });
  return Object.fromEntries(entries);
}

/** `{ "keyName": "key1", "value": "…", "permissions": "FULL" }`: how `listKeys` answers. */
function isKeyWithValue(value: JsonObject): boolean {
  return Object.hasOwn(value, 'keyName') && Object.hasOwn(value, 'value');
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
