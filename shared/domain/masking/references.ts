/** What stands where a secret is expected, and is none: it says where the secret lies, or that there is none. */
export function isReference(text: string): boolean {
  return text.length <= maxReference && (isAddressOfSecret(text) || isExpression(text));
}

const maxReference = 2_000;

const addresses: readonly RegExp[] = [
  /^\/(?:subscriptions|providers|tenants)\/[\w.()/-]{1,1000}$/i,
  // Source: learn.microsoft.com/azure/app-service/app-service-key-vault-references.
  /^@Microsoft\.(?:KeyVault|AppConfiguration)\([^()«»]{1,1000}\)$/i,
  /^https:\/\/[a-z0-9-]{1,127}\.(?:vault|managedhsm)\.(?:azure\.net|azure\.cn|usgovcloudapi\.net|microsoftazure\.de|localhost)(?::\d{1,5})?(?:\/(?:secrets|keys|certificates)(?:\/[\w-]{1,127}){0,2})?\/?$/i,
  /^countersign:\/\/secret\/[a-z0-9.:-]{1,270}\/[0-9a-z-]{1,127}(?:\/[0-9a-f]{32})?$/i,
  /^(?:secretref|keyvaultref|identityref):[\w./:-]{1,300}$/i,
  /^(?:true|false|null|none)$/i,
  // When a key was made is no secret, though it may stand under the name of the key.
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/,
];

function isAddressOfSecret(text: string): boolean {
  return addresses.some((address) => address.test(text));
}

/** Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions. */
const expression = /^\[[a-z][A-Za-z]{0,40}\(/;
const literal = /'((?:[^']|'')*)'/g;

/** Literals of an expression that carry nothing: names of what is declared elsewhere, resource types, API versions, one separator. */
const harmlessLiteral =
  /^(?:[A-Za-z][\w-]{0,60}|[A-Za-z]+\.[\w.]{1,80}(?:\/[\w.]{1,80}){1,6}|\d{4}-\d{2}-\d{2}(?:-preview)?|[-/_.,:;= ]?)$/;

/** Functions whose literals name something that is declared elsewhere; those of others may be the secret itself. */
const naming =
  /\b(?:parameters|variables|reference|resourceId|subscriptionResourceId|extensionResourceId|tenantResourceId|list[A-Za-z]{0,40}|getSecret|outputs)\($/;

/** A template's expression that computes the secret from elsewhere. One that carries a literal of its own is not told apart from the secret. */
function isExpression(text: string): boolean {
  if (!expression.test(text) || !text.endsWith(']')) return false;
  for (const match of text.matchAll(literal)) {
    const value = match[1] ?? '';
    if (!harmlessLiteral.test(value)) return false;
    const isWord = /^[A-Za-z][\w-]*$/.test(value);
    if (isWord && !naming.test(text.slice(Math.max(0, match.index - 60), match.index))) return false;
  }
  return true;
}

const publicShapes: readonly RegExp[] = [
  /^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) AAAA[A-Za-z0-9+/=]{8,}/,
  /^-----BEGIN (?:CERTIFICATE|(?:RSA |EC )?PUBLIC KEY|SSH2 PUBLIC KEY|X509 CRL|TRUSTED CERTIFICATE)-----/,
  // The same in base64, which is how Kubernetes and ARM carry them: "-----BEGIN CERT" and "-----BEGIN PUBLIC".
  /^LS0tLS1CRUdJTiBDRVJU|^LS0tLS1CRUdJTiBQVUJMSUM/,
  // DER: a certificate's version field after two sequences, and subject public key infos of RSA, P-256 and Ed25519.
  /^MII[A-Za-z0-9+/]{2}[DTjz]CC[A-Za-z0-9+/]{3}gAwIBAgI|^MI[IG][A-Za-z0-9+/]{2,6}ANBgkqhkiG9w0BAQEFAAO|^MFkwEwYHKoZIzj0|^MCowBQYDK2VwAyE/,
];

/** PEM's and DER's public halves, told by how they begin; a private key pasted after one is found by its own shape. */
export function isPublicMaterial(text: string): boolean {
  const start = text.trimStart().slice(0, 120);
  return publicShapes.some((shape) => shape.test(start)) && !/PRIVATE KEY/.test(text);
}
