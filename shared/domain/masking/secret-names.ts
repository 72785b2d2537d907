import { makeEndTable } from './end-table.ts';
import { foldText } from './folded-characters.ts';

/**
 * What a property's name says about its value.
 * - `whole`: nothing below it is meant to be seen.
 * - `value`: its value is a secret; of an object, all but what names, dates or describes it.
 * - `material`: a key or certificate, secret unless it can be told to be the public part.
 * - `settings`: a list or map of settings, into which people put secrets.
 * - `headers`: HTTP headers, of which the harmless ones are known by name.
 * - `credentials`: an object that holds a credential under names that mean nothing elsewhere, as `key` or `value`.
 * - `address`: a URL that is itself a capability.
 * - `likely`: a key of an unknown kind, secret where its value looks random.
 * - `harmless`: nothing below it is a secret by its name.
 */
export type NameRule =
  | 'whole'
  | 'value'
  | 'material'
  | 'settings'
  | 'headers'
  | 'credentials'
  | 'address'
  | 'likely'
  | 'harmless'
  | 'plain';

type Ends = { readonly [rule in NameRule]?: string };

/** Ends of names, without capitals and separators; the longest that fits decides, so an exception is a longer end. */
const ends: Ends = {
  whole:
    'protectedsettings protectedsettingsfromkeyvault protectedparameter protectedparameters protectedfiles protecteddata protectedcontent hiddenparameters ' +
    'securedata securesettings kubeconfig fielddefinitionvalues',
  value:
    'kubeconfigs orkey password passwords passwd pwd passphrase passcode pincode secret secrets secrettext secretkey secretkeys securevalue securestring token tokens jwt saskey sasuri sasurl sasdefinition ' +
    'accesssas accountsas servicesas sharedaccesssignature connectionstring connectionstrings connstring connstr connectionstringkey privatekey privatekeys privatekeypem ' +
    'privatekeydata keytab keymaterial keyblob pfx pfxblob pfxdata pfxfile pkcs12 customdata userdata userdatacontent networkdatacontent unattendcontent ' +
    'certificatevalue certificateblob authcode authorizationcode activationcode accesscode invitecode operatorkeycode ownershipvoucher triggeruri triggerurl ' +
    'credentialdata credstring encryptedcredential encryptedcredentials accountnumber jaasconfig setcookie authheader recoveryphrase mnemonic securitypin clientassertion storepass keypass ' +
    // The same in other languages, without accents.
    'passwort kennwort geheimnis zugangsschlussel zugangsschluessel motdepasse mdp contrasena contrasenya clavesecreta clavedeacceso claveprivada ' +
    'senha palavrapasse parolachiave chiavesegreta wachtwoord haslo losenord passord adgangskode salasana heslo jelszo lozinka sifre',
  material: 'keydata publickeydata sshpublickey cacertificate clientcertificate clientcert certificatedata rootcert',
  settings: 'appsettings applicationsettings environmentvariables environmentsettings envvars envvariables',
  headers: 'headers',
  credentials:
    'credential credentials authentication authorization authinfo authconfig authsettings secretinfo repositoryaccess sslconfig sslconfiguration tlsconfig ' +
    'tlsconfiguration sslcertificates',
  address:
    'webhookuri webhookurl callbackuri callbackurl hookuri hookurl serviceuri endpointurl httptriggerurl logicappuri logicappurl notificationuri notificationurl',
  likely: 'key keys',
  plain:
    'continuationtoken skiptoken pagetoken nexttoken synctoken deltatoken publickeytoken maxtokens totaltokens prompttokens completiontokens outputtokens inputtokens ' +
    'cachedtokens designtokens notsecret disablepassword resetpassword changepassword enablepassword requirepassword forcepassword ' +
    'encryptionkeyidentifier customermanagedkey customerencryptionkey',
};

/** Names that count only as they are: longer ones that end alike are something else. */
const names: Ends = {
  value:
    'pat sas sig pin psk otp cookie authorization proxyauthorization wwwauthenticate aegsastoken userinfo keyvalue creds parola secreto segreto segredo passe',
  material: 'cert cacert sshkey hostkey sshprofile',
  settings: 'env connectionstrings secrets',
  harmless: 'permissions requiredpermissions',
  likely: 'auth',
  plain: 'key keys',
};

/** `primaryKey`, `accessKey2`, `storageAccountKeys`: kinds of keys that are secrets. */
const secretKeys =
  'primary secondary access account shared storage admin api app application auth authentication authorization signing encryption encrypted decryption license product ' +
  'registry workspace subscription instrumentation ingestion connection master function functions host system query bitlocker security client server consumer policy ' +
  'sas hmac webhook symmetric preshared developer service level team integration principal certificate ssl tls recovery activation registration bootstrap join ' +
  'cluster gateway relay bot search maps cosmos cosmosdb redis eventhub eventhubs servicebus eventgrid iothub insights cognitive cognitiveservices openai datadog ' +
  'newrelic sendgrid stripe twilio google aws github gitlab batch signalr readonly readwrite session owner machine validation push';

/** Keys that sort, find, label or prove, and hide nothing. */
const plainKeys =
  'public partition sort object foreign index shard row group hash range unique natural config configuration setting tag label message routing correlation idempotency ' +
  'lookup map dictionary translation resource blob file name property field column parent sub item entity keyvault vault kek feature sorting filter dimension metric ' +
  'bucket path state order type node plan offer region zone version hot short template parameter variable affinity value';

const table = makeEndTable<NameRule>();
for (const [rule, list] of entriesOf(ends)) for (const end of list) table.addEnd(end, rule);
for (const [rule, list] of entriesOf(names)) for (const name of list) table.addName(name, rule);
for (const [list, rule] of [[secretKeys, 'value'] as const, [plainKeys, 'plain'] as const]) {
  for (const kind of list.split(' ')) {
    table.addEnd(`${kind}key`, rule);
    table.addEnd(`${kind}keys`, rule);
  }
}

function entriesOf(lists: Ends): readonly (readonly [NameRule, readonly string[]])[] {
  const rules: readonly NameRule[] = [
    'whole',
    'value',
    'material',
    'settings',
    'headers',
    'credentials',
    'address',
    'likely',
    'harmless',
    'plain',
  ];
  return rules.map((rule) => [rule, lists[rule]?.split(' ') ?? []]);
}

/** What may follow the noun and leaves it the secret: `secretValue`, `adminPasswordBase64`, `connectionStringPrimary`. */
const trailing = new Set(
  'value values text data string strings base b encoded encrypted plain plaintext raw hash primary secondary old new current previous content contents pem secure primarykey secondarykey'.split(
    ' ',
  ),
);

/** `dbPass`, `VM_PW`, `accountSas`: short words that only count when they stand as a word. */
const secretWords: ReadonlySet<string> = new Set(['pass', 'pw', 'psw', 'sas', 'creds', 'pat']);

const described: ReadonlySet<string> = new Set(
  (
    'id ids name names username user login type types kind version versions algorithm thumbprint ref refs reference references date dates time at on expiry ' +
    'expires expiration enabled disabled status state permissions permission scope scopes location region encoding format description label metadata tags ' +
    'identity provider length size count interval days hours minutes seconds policy policies mode required path paths sku tier etag link class period rotation ' +
    'role scheme method issuer audience subject priority index order host hostname port server database endpoint endpoints store setting usage uses bits action actions'
  ).split(' '),
);

/** A name is hostile too; no longer one means anything. */
const maxName = 128;

/** Rule for one property name. Pure; a name is judged by its end, since that is the noun. */
export function nameRule(name: string): NameRule {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const rule = judge(name.length > maxName ? name.slice(-maxName) : name);
  if (judged.size >= maxJudged) judged.clear();
  if (name.length <= maxName) judged.set(name, rule);
  return rule;
}

/** The names of a document are few and come again and again. */
const judged = new Map<string, NameRule>();
const maxJudged = 4_000;

/** Words for passwords and secrets in other scripts. */
const otherScripts =
  /\u043f\u0430\u0440\u043e\u043b|\u0441\u0435\u043a\u0440\u0435\u0442|\u5bc6\u7801|\u5bc6\u78bc|\u53e3\u4ee4|\u5bc6\u94a5|\u30d1\u30b9\u30ef\u30fc\u30c9|\u79d8\u5bc6|\ube44\ubc00\ubc88\ud638|\uc554\ud638|\u0643\u0644\u0645\u0629 ?\u0627\u0644\u0645\u0631\u0648\u0631|\u05e1\u05d9\u05e1\u05de|\u03ba\u03c9\u03b4\u03b9\u03ba/i;

/** `passw0rd`, `s3cret`: digits and signs in the midst of letters, in the place of the letters that they look like. */
const imitated = /[a-z][0134578@$!]{1,2}[a-z$@]/i;
const digitsAsLetters: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  8: 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
};

function judge(written: string): NameRule {
  const isAscii = !outsideAscii.test(written);
  if (!isAscii && otherScripts.test(written)) return 'value';
  const name = isAscii ? written : foldText(written);
  const rule = judgeWord(name);
  if (rule !== 'plain' || !imitated.test(name)) return rule;
  return judgeWord(name.replaceAll(/[0134578@$!]/g, (sign) => digitsAsLetters[sign] ?? sign)) === 'value' ? 'value' : rule;
}

const outsideAscii = /[\u0080-\uffff]/;

function judgeWord(name: string): NameRule {
  const plain = withoutNumber(plainName(name));
  if (plain === 'key') return /\d$/.test(name) ? 'value' : 'plain';
  const found = table.find(plain);
  if (found !== undefined && found !== 'likely') return found;
  if (!mayHoldNoun.test(name)) return found ?? 'plain';
  const words = wordsOf(name);
  const last = words.findLastIndex((word) => !trailing.has(word));
  if (secretWords.has(words.at(-1) ?? '')) return 'value';
  if (last >= 0 && last < words.length - 1) {
    const noun = table.find(words.slice(0, last + 1).join(''));
    if (noun !== undefined && noun !== 'likely')
      return noun === 'whole' ? 'whole' : noun === 'value' || noun === 'material' ? 'value' : 'plain';
  }
  if (found === undefined && startsAsSecret(words)) return 'value';
  return found ?? 'plain';
}

function withoutNumber(plain: string): string {
  let end = plain.length;
  while (end > 0 && plain.charCodeAt(end - 1) <= 57) end -= 1;
  return end === plain.length ? plain : plain.slice(0, end);
}

/** Words are looked at only where one of them can be a secret's. */
const mayHoldNoun = /pass|pw|psw|sas|cred|pat(?!h)|secret|token|key|conn|cert|pfx/i;

/** `secretResources`, `secretDeploymentValues`: a secret first, and then no word that only describes one. */
function startsAsSecret(words: readonly string[]): boolean {
  const [first, last] = [words[0], words.at(-1) ?? ''];
  if ((first !== 'secret' && first !== 'secrets') || words.length < 2) return false;
  return (trailing.has(last) || last.endsWith('s')) && !described.has(last) && !described.has(last.slice(0, -1)) && !/^ur[il]s$/.test(last);
}

/** Lower case, without what writers put between words. */
export function plainName(name: string): string {
  const lower = name.toLowerCase();
  return separators.test(lower) ? lower.replaceAll(everySeparator, '') : lower;
}

const separators = /[^a-z0-9]/;
const everySeparator = /[^a-z0-9]+/g;

/** `adminPassword2`, `ADMIN_PASSWORD`, `admin-password`: the words, lower case, without numbers. */
function wordsOf(name: string): readonly string[] {
  const words: string[] = [];
  const lower = name.toLowerCase();
  if (lower.length !== name.length) return [lower];
  let start = 0;
  for (let at = 0; at <= lower.length; at += 1) {
    const code = lower.charCodeAt(at);
    const isLetter = code >= 97 && code <= 122;
    const isUpper = isLetter && name.charCodeAt(at) !== code;
    // A capital begins a word after a small letter, and before one at the end of an abbreviation.
    const begins = isUpper && at > start && (!isUpperAt(name, at - 1) || (at + 1 < name.length && isLowerAt(name, at + 1)));
    if (isLetter && !begins) continue;
    if (at > start) words.push(lower.slice(start, at));
    start = begins ? at : at + 1;
  }
  return words;
}

function isUpperAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 65 && code <= 90;
}

function isLowerAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 97 && code <= 122;
}

/** Whether a name, inside an object that is a secret as a whole, only names, dates or describes it. */
export function isDescription(name: string): boolean {
  return described.has(wordsOf(name.slice(-maxName)).at(-1) ?? '') || /^(?:is|has|allow)[A-Z]/.test(name);
}

const credentialMembers: ReadonlySet<string> = new Set([
  'value',
  'key',
  'code',
  'data',
  'cert',
  'certificate',
  'content',
  'pat',
  'sas',
  'blob',
  'pfx',
]);

/** Names that hold the secret inside an object that holds a credential. */
export function isCredentialMember(name: string): boolean {
  return credentialMembers.has(plainName(name));
}

const harmlessHeaders =
  /^(?:accept[a-z]*|allow|cachecontrol|connection|content(?:type|length|encoding|language|disposition|md5|securitypolicy)|date|etag|expect|host|if(?:match|nonematch|modifiedsince|unmodifiedsince)|lastmodified|location|origin|prefer|range|referer|retryafter|server|stricttransportsecurity|transferencoding|useragent|vary|via|traceparent|tracestate|xms(?:version|date|requestid|clientrequestid|correlationrequestid)|xcontenttypeoptions|xframeoptions|xforwarded[a-z]*|accesscontrol[a-z]*)$/;

/** Headers whose values say nothing about who may do what. */
export function isHarmlessHeader(name: string): boolean {
  return harmlessHeaders.test(plainName(name.slice(0, maxName)));
}

/** Names under which long random texts are proofs of content rather than keys. */
export function namesProof(name: string): boolean {
  return /(?:sha\d{0,3}|md5|crc\d{0,2}|digest|hash|checksum|integrity|etag|fingerprint|thumbprint|signature|publickey|modulus|nonce|proof)(?:base64|value|b64)?$/.test(
    plainName(name.slice(-maxName)),
  );
}
