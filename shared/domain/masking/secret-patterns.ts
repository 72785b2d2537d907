/** One shape of a secret inside a text. `part` names the group that is the secret; what stands around it may stay. Every pattern is linear: bounded repetitions of disjoint classes. */
export type SecretPattern = { readonly kind: string; readonly pattern: RegExp };

/** Base64 of a 256- or 512-bit key, as Azure's services hand them out. */
const key = '(?<secret>[A-Za-z0-9+/]{42,120}={0,2})';

/** Azure's secrets, which general rules miss. `g` for every occurrence, `d` for the place of the group. */
export const secretPatterns: readonly SecretPattern[] = [
  { kind: 'storageKey', pattern: new RegExp(`\\bAccountKey=${key}`, 'gd') },
  { kind: 'sharedAccessKey', pattern: new RegExp(`\\bSharedAccessKey=${key}`, 'gd') },
  { kind: 'sharedSecret', pattern: new RegExp(`\\b(?:SharedSecret(?:Value|Issuer)?|EndpointKey|accesskey|primaryKey)=${key}`, 'gid') },
  { kind: 'sharedAccessSignature', pattern: /\bSharedAccessSignature=(?<secret>[A-Za-z0-9%+/=&?._:;-]{20,2000})/gd },
  { kind: 'sasSignature', pattern: /[?&]sig=(?<secret>[A-Za-z0-9%+/=_-]{20,200})/gd },
  { kind: 'sasHeader', pattern: /\bSharedAccessSignature sr=[^&\s]{1,500}&sig=(?<secret>[A-Za-z0-9%+/=]{20,200})/gd },
  { kind: 'functionKey', pattern: /[?&]code=(?<secret>[A-Za-z0-9%_=/+-]{30,200})/gd },
  { kind: 'password', pattern: /\b(?:Password|Pwd)\s{0,3}=\s{0,3}(?<secret>"[^"]{1,200}"|'[^']{1,200}'|[^;'"\s,]{1,200})/gid },
  { kind: 'urlPassword', pattern: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/:@"'<>]{0,200}:(?<secret>[^\s/@"'<>]{1,200})@/gid },
  { kind: 'redisPassword', pattern: new RegExp(`\\bpassword=${key}`, 'gid') },
  { kind: 'jwt', pattern: /\b(?<secret>eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,12000}\.[A-Za-z0-9_-]{16,2000})/gd },
  { kind: 'bearer', pattern: /\bBearer\s{1,3}(?<secret>[A-Za-z0-9._~+/=-]{20,8000})/gid },
  { kind: 'privateKey', pattern: /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----(?<secret>[A-Za-z0-9+/=\s\\n:,-]{40,12000}?)-----END/gd },
  { kind: 'publishPassword', pattern: /\buserPWD="(?<secret>[^"]{8,200})"/gid },
  { kind: 'kubeconfig', pattern: /\b(?:client-key-data|client-certificate-data|token):\s{1,8}(?<secret>[A-Za-z0-9+/=._-]{40,12000})/gd },
  // Entra client secrets: three characters, a digit, "Q~", and 31 to 34 more.
  { kind: 'entraClientSecret', pattern: /(?<![A-Za-z0-9_.~-])(?<secret>[A-Za-z0-9_.~-]{3}\dQ~[A-Za-z0-9_.~-]{31,34})(?![A-Za-z0-9_.~-])/gd },
  { kind: 'cosmosKey', pattern: /(?<![A-Za-z0-9+/])(?<secret>[A-Za-z0-9+/]{74}ACDb[A-Za-z0-9+/]{8}==)/gd },
  { kind: 'storageKeyAlone', pattern: /(?<![A-Za-z0-9+/=])(?<secret>[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{6}==)/gd },
  { kind: 'serviceBusKeyAlone', pattern: /(?<![A-Za-z0-9+/=])(?<secret>[A-Za-z0-9+/]{33}\+A(?:SbE|RmE|EhE|IoT|EdE)[A-Za-z0-9+/]{5,6}=)/gd },
  { kind: 'azureApiKey', pattern: /(?<![A-Za-z0-9])(?<secret>[A-Za-z0-9]{52}JQQJ9{2}[A-Za-z0-9]{24,28})(?![A-Za-z0-9])/gd },
];

export type Range = { readonly start: number; readonly end: number };

/** Where secrets stand in a text, in order, without overlap. */
export function findSecretRanges(text: string, patterns: readonly SecretPattern[] = secretPatterns): readonly Range[] {
  const ranges: Range[] = [];
  for (const { pattern } of patterns) {
    for (const match of text.matchAll(pattern)) {
      const place = match.indices?.groups?.['secret'];
      if (place !== undefined) ranges.push({ start: place[0], end: place[1] });
    }
  }
  return mergeRanges(ranges);
}

export function mergeRanges(ranges: readonly Range[]): readonly Range[] {
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || range.start > last.end) merged.push(range);
    else if (range.end > last.end) merged[merged.length - 1] = { start: last.start, end: range.end };
  }
  return merged;
}
