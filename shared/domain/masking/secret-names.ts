import type { JsonObject, JsonValue } from '../json.ts';

/** How far a name reaches: `whole` hides everything below it; `value` hides its own value, and inside an object the parts that hold one; `plain` hides nothing. */
export type NameRule = 'whole' | 'value' | 'plain';

/** Names below which nothing is meant to be seen. Lower case, without hyphens and underscores. */
const wholeNames: ReadonlySet<string> = new Set([
  'protectedsettings',
  'protectedsettingsfromkeyvault',
  'protectedparameters',
  'hiddenparameters',
  'securedata',
  'kubeconfig',
  'kubeconfigs',
  'secretsconfiguration',
  'secretdeploymentvalues',
  'secretconfigurationvalue',
]);

/** Ends of names that hold a secret in all of Azure's providers. */
const secretEnds: readonly string[] = [
  'password',
  'passwords',
  'passwd',
  'pwd',
  'passphrase',
  'passcode',
  'secret',
  'secrets',
  'secrettext',
  'secretvalue',
  'securevalue',
  'securestring',
  'token',
  'tokens',
  'sas',
  'sasuri',
  'sasurl',
  'sastoken',
  'connectionstring',
  'connectionstrings',
  'privatekey',
  'privatekeydata',
  'keydata',
  'keytab',
  'keymaterial',
  'pfxblob',
  'pfxdata',
  'customdata',
  'userdata',
  'userdatacontent',
  'networkdatacontent',
  'certificatevalue',
  'certificateblob',
  'clientcertificate',
  'publishingpassword',
  'authorizationcode',
  'linkingauthcode',
  'ownershipvoucher',
  'triggeruri',
  'callbackurl',
  'credentialdata',
];

/** Names that are secrets only as they are, since more than one of them ends like something harmless. */
const secretNames: ReadonlySet<string> = new Set([
  'pat',
  'cert',
  'authorization',
  'xfunctionskey',
  'ocpapimsubscriptionkey',
  'apikey',
  'xapikey',
  'keyvalue',
  'userinfo',
  'wwwauthenticate',
]);

/** `primaryKey`, `accessKey2`, `storageAccountKey`: what kind of key a name says; `publicKey`, `partitionKey`, `sortKey`, `objectKey` are none. */
const secretKeyEnd =
  /(?:primary|secondary|access|account|shared|storage|admin|api|app|application|auth|signing|encryption|encrypted|encryptedkey|license|product|registry|workspace|subscription|instrumentation|ingestion|connection|master|function|host|system|query|bitlocker|security|client|server|consumer|policy|secret|sas|hmac|webhook|symmetric|preshared|developer|service|level|team|integration)key[0-9]?$/;

/** Ends that look like secrets and are bookmarks, names or places. */
const harmlessEnds: readonly string[] = [
  'continuationtoken',
  'skiptoken',
  'nextpagetoken',
  'pagetoken',
  'synctoken',
  'publickeytoken',
  'etagtoken',
  'maxtokens',
  'totaltokens',
  'prompttokens',
  'disablepassword',
  'resetpassword',
];

/** Lists of `{ name, value }` whose values are configuration that people put secrets into. */
const settingLists: ReadonlySet<string> = new Set(['appsettings', 'environmentvariables', 'env', 'connectionstrings', 'secrets', 'applicationsettings']);

/** Names that hold the value inside an object of a secret name, as `accountKey: { encryptionAlgorithm, value }` does. */
const holdsValue: ReadonlySet<string> = new Set(['value', 'key', 'data', 'content', 'connectionstring']);

export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]/g, '');
}

export function nameRule(name: string): NameRule {
  const plain = plainName(name);
  if (wholeNames.has(plain)) return 'whole';
  if (harmlessEnds.some((end) => plain.endsWith(end))) return 'plain';
  if (secretNames.has(plain) || secretEnds.some((end) => plain.endsWith(end)) || secretKeyEnd.test(plain)) return 'value';
  // PrimaryConnectionString1, connectionStringPrimaryKey, passwordSecret …
  return plain.startsWith('connectionstring') && !plain.endsWith('name') && !plain.endsWith('type') ? 'value' : 'plain';
}

export function isValueHolder(name: string): boolean {
  return holdsValue.has(plainName(name));
}

export function isSettingList(name: string): boolean {
  return settingLists.has(plainName(name));
}

/** `{ "keyName": "key1", "value": "…" }` and `{ "name": "x", "secureValue": "…" }`: a key beside its name. */
export function isNamedKey(value: JsonObject): boolean {
  return Object.hasOwn(value, 'keyName') && Object.hasOwn(value, 'value');
}

/** `{ "name": "…", "value": "…" }`, one entry of a list of settings. */
export function isNamedSetting(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'name') && Object.hasOwn(value, 'value');
}
