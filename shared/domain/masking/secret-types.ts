import { isJsonObject, type JsonObject, property } from '../json.ts';

/** Resources that are a secret themselves: their `value`, `data` or `key` is it. By the last part of the type, in all of Azure's providers. */
const secretTypes =
  /(?:^|\/)(?:secrets?|certificates?|credentials?|keys|keyvalues|functionkeys|hostkeys|systemkeys|sharedkeys?|authkeys|apikeys|authorizations|tokens|sastokens|connectionstrings|accesscontrols|customlocations)$/i;

export function isSecretType(type: string | undefined): boolean {
  return type !== undefined && type.length <= maxType && secretTypes.test(type);
}

const maxType = 300;

/** `Microsoft.Web/sites/config` and its kin carry settings as their properties, where their name says so. */
const configurationType = /(?:^|\/)config$/i;
const configurationName = /(?:^|[/'])(?:appsettings|functionappsettings|connectionstrings|metadata)['")\]\s]{0,6}$/i;

export function isSecretConfiguration(object: JsonObject, known: { readonly type?: string; readonly name?: string }): boolean {
  const type = textOf(object, 'type') ?? known.type ?? '';
  const name = textOf(object, 'name') ?? known.name ?? '';
  return type.length <= maxType && configurationType.test(type) && configurationName.test(name.slice(-60));
}

/** `{ "type": "SecureString", "value": "…" }` of templates, pipelines and workflows; `{ "secret": true, "value": "…" }` of everything else. */
export function typedAsSecret(object: JsonObject): 'text' | 'object' | undefined {
  const type = textOf(object, 'type')?.toLowerCase();
  if (type === 'securestring') return 'text';
  if (type === 'secureobject') return 'object';
  return Object.keys(object).some((name) => flags.has(name) && isTrue(object, name)) ? 'text' : undefined;
}

const flags: ReadonlySet<string> = new Set([
  'secret',
  'isSecret',
  'isEncrypted',
  'encrypted',
  'sensitive',
  'isSensitive',
  'secure',
  'isSecure',
  'isSecured',
  'isConfidential',
]);

function isTrue(object: JsonObject, name: string): boolean {
  const value = property(object, name);
  return value === true || (typeof value === 'string' && /^true$/i.test(value));
}

/** Of a deployment: the parameters that its template declares as secure, whatever they are called. */
export function securedParameters(object: JsonObject): ReadonlySet<string> | undefined {
  const declared = property(property(object, 'template'), 'parameters') ?? property(property(object, 'definition'), 'parameters');
  if (!isJsonObject(declared) || !isJsonObject(property(object, 'parameters'))) return undefined;
  const secured = Object.entries(declared).filter(([, declaration]) => isJsonObject(declaration) && isSecureDeclaration(declaration));
  // ARM takes the names of parameters in any case.
  return secured.length === 0 ? undefined : new Set(secured.map(([name]) => name.toLowerCase()));
}

function isSecureDeclaration(declaration: JsonObject): boolean {
  return /^secure(?:string|object)$/i.test(textOf(declaration, 'type') ?? '');
}

function textOf(object: JsonObject, name: string): string | undefined {
  const value = property(object, name);
  return typeof value === 'string' ? value : undefined;
}
