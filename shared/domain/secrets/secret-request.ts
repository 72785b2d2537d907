import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { parseRecipientKey, type RecipientKey } from './recipient-key.ts';
import { SecretText } from './secret-text.ts';
import { parseVault } from './vault-address.ts';

/** What can be asked of Key Vault's secrets. */
export const secretMethods = ['list', 'get', 'set', 'delete', 'recover', 'purge'] as const;
export type SecretMethod = (typeof secretMethods)[number];

/**
 * One call of a vault's secrets in its one canonical form. `vault` is `https://NAME.SUFFIX`, and `name` is lower case: Key Vault folds both. A field is there only where
 * its method takes it.
 */
export type SecretRequest =
  | { readonly kind: 'keyvaultSecret'; readonly method: 'list'; readonly vault: string }
  | SecretGet
  | { readonly kind: 'keyvaultSecret'; readonly method: 'set'; readonly vault: string; readonly name: string; readonly value: SecretText }
  | { readonly kind: 'keyvaultSecret'; readonly method: 'delete' | 'recover' | 'purge'; readonly vault: string; readonly name: string };

export type SecretGet = {
  readonly kind: 'keyvaultSecret';
  readonly method: 'get';
  readonly vault: string;
  readonly name: string;
  /** 32 lower-case hexadecimal digits; absent for the newest. */
  readonly version?: string;
  /** Where the value itself is asked for: the key of the agent, to which alone it is encrypted. */
  readonly revealTo?: RecipientKey;
};

/** Raised by {@link parseSecretRequest}: `field` is the offending part of the submitted body, as `target.vault`. The message never repeats a value. */
export class SecretRequestError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = 'SecretRequestError';
    this.field = field;
  }
}

/** The hostile object `target`, as it arrived. */
export type UncheckedSecretRequest = { readonly kind: 'keyvaultSecret'; readonly fields: JsonObject };

/** Which fields a method takes beside `kind`, `method` and `vault`. `reveal` says what `revealTo` does, and both must agree. */
const fieldsOf: Readonly<Record<SecretMethod, readonly string[]>> = {
  list: [],
  get: ['name', 'version', 'reveal', 'revealTo'],
  set: ['name', 'value'],
  delete: ['name'],
  recover: ['name'],
  purge: ['name'],
};
const knownFields: ReadonlySet<string> = new Set(['kind', 'method', 'vault', ...Object.values(fieldsOf).flat()]);

/** Key Vault takes values of up to 25 KiB. Source: learn.microsoft.com/azure/key-vault/secrets/about-secrets. */
export const maxValueBytes = 25 * 1024;

/** Turns hostile fields into the canonical request or throws {@link SecretRequestError} naming the field. */
export function parseSecretRequest({ fields }: UncheckedSecretRequest): SecretRequest {
  const method = secretMethods.find((known) => known === fields['method']);
  if (method === undefined) throw new SecretRequestError('target.method', `The method must be one of ${secretMethods.join(', ')}.`);
  for (const field of Object.keys(fields)) checkField(method, field);
  const vault = parseVault(fields['vault']);
  if (vault === undefined) {
    throw new SecretRequestError(
      'target.vault',
      'The vault must be exactly https://NAME and the suffix of this cloud, as https://kv-1.vault.azure.net.',
    );
  }
  const kind = 'keyvaultSecret';
  switch (method) {
    case 'list':
      return { kind, method, vault };
    case 'get':
      return { kind, method, vault, name: parseName(fields['name']), ...parseVersion(fields['version']), ...parseReveal(fields) };
    case 'set':
      return { kind, method, vault, name: parseName(fields['name']), value: parseValue(fields['value']) };
    case 'delete':
    case 'recover':
    case 'purge':
      return { kind, method, vault, name: parseName(fields['name']) };
  }
}

/** The canonical request as a JSON value: the input of its digest, and the bytes that are sealed. It holds the value of a `set`: nothing else may be made of it. */
export function secretRequestJson(request: SecretRequest): JsonObject {
  switch (request.method) {
    case 'get': {
      const { revealTo, ...rest } = request;
      return revealTo === undefined ? rest : { ...rest, reveal: true, revealTo: { ...revealTo } };
    }
    case 'set':
      return { ...request, value: request.value.reveal() };
    case 'list':
    case 'delete':
    case 'recover':
    case 'purge':
      return { ...request };
  }
}

/** The name of the secret that a call is about; undefined for what is about the whole vault. */
export function secretNameOf(request: SecretRequest): string | undefined {
  return request.method === 'list' ? undefined : request.name;
}

/** Whether a call answers with a value, which the agent would then have. */
export function reveals(request: SecretRequest): request is SecretGet & { readonly revealTo: RecipientKey } {
  return request.method === 'get' && request.revealTo !== undefined;
}

function checkField(method: SecretMethod, field: string): void {
  const shown = `target.${field.slice(0, 64)}`;
  if (!knownFields.has(field)) throw new SecretRequestError(shown, `"${shown}" is not a field of this request.`);
  if (field === 'kind' || field === 'method' || field === 'vault' || fieldsOf[method].includes(field)) return;
  throw new SecretRequestError(shown, `A ${method} takes no "${field}".`);
}

function parseName(name: JsonValue | undefined): string {
  // "providers" would let the place of the secret in the tree of resources be read in two ways.
  if (typeof name === 'string' && /^[0-9a-zA-Z-]{1,127}$/.test(name) && name.toLowerCase() !== 'providers') return name.toLowerCase();
  throw new SecretRequestError('target.name', 'The name must be 1 to 127 letters, digits and hyphens, and not "providers".');
}

function parseVersion(version: JsonValue | undefined): { readonly version?: string } {
  if (version === undefined) return {};
  if (typeof version === 'string' && /^[0-9a-fA-F]{32}$/.test(version)) return { version: version.toLowerCase() };
  throw new SecretRequestError('target.version', 'The version must be 32 hexadecimal digits.');
}

function parseValue(value: JsonValue | undefined): SecretText {
  if (typeof value === 'string' && value !== '' && Buffer.byteLength(value, 'utf8') <= maxValueBytes) return new SecretText(value);
  throw new SecretRequestError('target.value', `The value must be a text of 1 to ${maxValueBytes} bytes in UTF-8.`);
}

function parseReveal({ reveal, revealTo }: JsonObject): { readonly revealTo?: RecipientKey } {
  if (reveal !== undefined && typeof reveal !== 'boolean') throw new SecretRequestError('target.reveal', 'reveal must be true or false.');
  if (reveal !== true) {
    if (revealTo === undefined) return {};
    throw new SecretRequestError('target.revealTo', 'A key to encrypt to is only for "reveal": true.');
  }
  if (!isJsonObject(revealTo)) {
    throw new SecretRequestError(
      'target.revealTo',
      'With "reveal": true a public key must be given, as a JWK, to which the value is encrypted.',
    );
  }
  const parsed = parseRecipientKey(revealTo);
  if (!parsed.ok) throw new SecretRequestError('target.revealTo', `revealTo ${parsed.problem}.`);
  return { revealTo: parsed.key };
}
