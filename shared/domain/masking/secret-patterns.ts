import { phrasePatterns } from './phrase-patterns.ts';
import { everything, matchesOf, maxFindings, mergeRanges, type Range } from './ranges.ts';
import type { SecretPattern } from './secret-pattern.ts';
import { statementPatterns } from './statement-patterns.ts';
import type { WorkBudget } from './work-budget.ts';

/** A key of 64 bytes with a service's signature in it. Source: github.com/microsoft/security-utilities, "identifiable" keys. */
const signed64 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/]{76}(?:\+A(?:St|Ba|MC)|ACDb|APIM)[A-Za-z0-9+/]{5}[AQgw]==/g;
/** The same of 32 bytes: Service Bus, Event Hubs, Relay, IoT Hub, Event Grid, Redis. */
const signed32 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/]{33}(?:\+A(?:Sb|Eh|Rm)|AIoT|AZEG|AzCa)[A-P][A-Za-z0-9+/]{5}=/g;

const shapePatterns: readonly SecretPattern[] = [
  { kind: 'storage, Cosmos DB, Batch or API Management key', hint: /[AQgw]==/, pattern: signed64 },
  { kind: 'Service Bus, Event Hubs, IoT Hub, Event Grid or Redis key', hint: /\+A(?:Sb|Eh|Rm)|AIoT|AZEG|AzCa/, pattern: signed32 },
  {
    kind: 'container registry key',
    hint: '+ACR',
    pattern: /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}(?![A-Za-z0-9+/=])/g,
  },
  { kind: 'search key', hint: 'AzSe', pattern: /(?<![A-Za-z0-9+/_-])[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}(?![A-Za-z0-9])/g },
  { kind: 'function key', hint: 'AzFu', pattern: /(?<![\w-])[\w-]{44}AzFu[\w-]{5}[AQgw]==/g },
  // "Common annotated security keys", which newer services hand out.
  {
    kind: 'annotated key',
    hint: 'JQQJ',
    pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{52}JQQJ[A-Za-z0-9]{2}[A-Za-z0-9][A-L][A-Za-z0-9]{16}[A-Za-z][A-Za-z0-9]{7}(?:[A-Za-z0-9]{2}==)?/g,
  },
  // OpenAI's keys and those of others in its form. Letters in both cases and a digit within 16 characters without a hyphen: no words that stand after each other are like that.
  {
    kind: 'key of a model provider',
    hint: 'sk-',
    pattern:
      /(?<![\w-])sk-(?:(?:proj|svcacct|admin|service|None)-(?=[\w-]{0,40}?(?=[A-Za-z0-9]{0,15}\d)(?=[A-Za-z0-9]{0,15}[A-Z])(?=[A-Za-z0-9]{0,15}[a-z])[A-Za-z0-9]{16})[\w-]{40,}|or-v1-[0-9a-f]{64}(?![\w-])|(?=[A-Za-z0-9]{0,31}\d)(?=[A-Za-z0-9]{0,31}[A-Z])(?=[A-Za-z0-9]{0,31}[a-z])[A-Za-z0-9]{32,}(?![\w-]))/g,
  },
  {
    kind: 'Entra client secret',
    hint: 'Q~',
    pattern: /(?<![A-Za-z0-9_.~-])[A-Za-z0-9_.~-]{3}\dQ~[A-Za-z0-9_.~-]{31,34}(?![A-Za-z0-9_.~-])/g,
  },
  {
    kind: 'shared access signature',
    hint: /sig/i,
    pattern: /(?<before>(?:[?&;]|&amp;|\\u0026|(?<![A-Za-z0-9])(?=sig=))sig=)[A-Za-z0-9%+/=_-]{16,}/gi,
  },
  {
    kind: 'key in a query',
    hint: /[?&](?:amp;)?(?:code|key|api-key|apikey|api_key|k|token|hapikey)=/i,
    pattern: /(?<before>[?&](?:amp;)?(?:code|key|api-?key|api_key|k|token|hapikey)=)(?=[^&\s"'<>]{0,60}\d)[^&\s"'<>]{20,}/gi,
  },
  {
    kind: 'JWT',
    hint: 'eyJ',
    pattern:
      /(?<![\w-])eyJ[\w-]{8,}(?:\r?\n[\w-]{4,})*\s{0,2}\.\s{0,2}[\w-]{4,}(?:\r?\n[\w-]{4,})*\s{0,2}\.\s{0,2}[\w-]*(?:\r?\n[\w-]{4,})*(?:\.[\w-]+\.[\w-]+)?/g,
  },
  { kind: 'JWT within a word', hint: '.eyJ', pattern: /(?<=eyJ[\w-]{8,}\.)eyJ[\w-]{4,}\.[\w-]*/g },
  { kind: 'bearer token', hint: /bearer\s/i, pattern: /(?<before>\bbearer\s{1,8})[A-Za-z0-9._~+/=-]{16,}/gi },
  {
    kind: 'authorization',
    hint: /authorization/i,
    pattern:
      /(?<before>\bauthorization\\{0,4}["']?\s{0,4}[:=]\s{0,4}\\{0,4}["']?(?:basic|bearer|token|sharedkey(?:lite)?|apikey|key|digest|negotiate)\s{1,4})[^\s"'\\<>]{4,}/gi,
  },
  {
    kind: 'password in a URL',
    hint: '://',
    pattern: /(?<before>(?<=[a-z0-9]):\/\/[^\s/:@"'<>]{0,256}:)(?![$%{<])(?:[^\s/"'<>;]|;(?!\w{1,30}=)){1,512}(?=@)/gi,
  },
  {
    kind: 'private key',
    hint: /PRIVATE KEY/i,
    pattern: /(?<before>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)[^<>{}«»-]*(?:-(?!----)[^<>{}«»-]+){0,40}/gi,
  },
  { kind: 'PuTTY key', hint: 'Private-Lines', pattern: /(?<before>Private-Lines: \d{1,4}\s{1,2})[A-Za-z0-9+/=\s]{16,}/g },
  {
    kind: 'private key in base64',
    hint: 'LS0tLS1CRUdJTi',
    pattern:
      /(?<![A-Za-z0-9+/])LS0tLS1CRUdJTi(?:BQUklWQVRF|BSU0EgUFJJVkFURS|BFQyBQUklWQVRF|BFTkNSWVBURUQgUFJJVkFURS|BPUEVOU1NIIFBSSVZBVE|BEU0EgUFJJVkFURS)[A-Za-z0-9+/]*(?:\r?\n[A-Za-z0-9+/]{4,}(?![^\s=]))*={0,2}/g,
  },
  // DER: PKCS #8, PKCS #1, SEC 1, encrypted PKCS #8 and PKCS #12, told by their first fields.
  {
    kind: 'private key in DER',
    hint: /MI[IGH]|MC4C|MHcC/,
    pattern:
      /(?<![A-Za-z0-9+/])(?:MII[A-Za-z0-9+/]{2}[AQgw]IB(?:ADAN|AAKC|Az[CAB])|MI[GHI][A-Za-z0-9+/]{0,3}AgEAM[A-Za-z0-9+/]{4}[GB][A-Za-z0-9+/]|MHcCAQEEI|MIGkAgEBBD|MC4CAQAwBQYDK2V[uw]B|MI[A-Za-z0-9+/]{4,8}BgkqhkiG9w0BBQ[0wM])[A-Za-z0-9+/\r\n]{24,}={0,2}/g,
  },
  {
    kind: 'AWS access key id',
    hint: /A(?:3T|KIA|GPA|IDA|ROA|IPA|NPA|NVA|SIA)/,
    pattern: /(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|A(?:KIA|GPA|IDA|ROA|IPA|NPA|NVA|SIA))[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  },
  { kind: 'SendGrid key', hint: 'SG.', pattern: /(?<![\w.-])SG\.[\w-]{16,40}\.[\w-]{30,60}(?![\w-])/g },
  { kind: 'Google API key', hint: 'AIza', pattern: /(?<![\w-])AIza[\w-]{35}(?![\w-])/g },
  { kind: 'NuGet key', hint: 'oy2', pattern: /(?<![A-Za-z0-9])oy2[a-z2-7]{43}(?![a-z0-9])/g },
  { kind: 'age key', hint: 'AGE-SECRET-KEY-1', pattern: /AGE-SECRET-KEY-1[A-Z0-9]{58}/g },
  {
    kind: 'Teams or Office webhook',
    hint: '.office.com/webhook',
    pattern: /(?<before>https:\/\/[\w.-]{1,80}\.office\.com\/webhookb?2?\/)[\w@/-]{36,}/gi,
  },
  { kind: 'Discord webhook', hint: '/api/webhooks/', pattern: /(?<before>\/api\/webhooks\/\d{5,25}\/)[\w-]{30,}/g },
  { kind: 'Telegram bot token', hint: ':AA', pattern: /(?<![\w-])\d{8,10}:AA[\w-]{33}(?![\w-])/g },
  {
    kind: 'SecureString',
    hint: /ConvertTo-SecureString/i,
    pattern:
      /(?<before>\bConvertTo-SecureString\s{1,4}(?:-(?:String|AsPlainText|Force)\s{1,4}){0,3})(?:"(?!\$)[^"\r\n]{1,300}"|'[^'\r\n]{1,300}'|(?![$("'-])[^\s;|)]{1,300})/gi,
  },
  {
    kind: 'basic credentials of curl',
    hint: /\bcurl\b/i,
    pattern: /(?<before>\s(?:-u|--user|--proxy-user)[\s=]{1,3}["']?[^\s:"'$]{1,100}:)(?!\$)[^\s"']{1,200}/g,
  },
];

/** 32 or 64 random bytes in base64, as Azure's older keys are; nothing in them says so, thus what stands before them must not say that they prove content. */
const bareKey = /(?<![A-Za-z0-9+/=_-])(?:[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=)(?![A-Za-z0-9+/=_-])/g;
const proofBefore =
  /(?:sha-?\d{1,3}|md5|digest|hash|checksum|integrity|etag|fingerprint|thumbprint|signature|public|nonce|proof)[^\n;,]{0,16}$/i;

const secretPatterns: readonly SecretPattern[] = [...shapePatterns, ...statementPatterns, ...phrasePatterns];

/** What every text has that any pattern finds something in, in either case. */
const anyHint = new RegExp(
  secretPatterns.map(({ hint }) => (typeof hint === 'string' ? hint.replaceAll(/[.+]/g, '\\$&') : hint.source)).join('|'),
  'i',
);

/** Where secrets stand in a text by their shape alone, in order, without overlap. */
export function findShapes(text: string, work: WorkBudget): readonly Range[] {
  if (!anyHint.test(text)) return [];
  const ranges: Range[] = [];
  for (const { hint, pattern, isCostly } of secretPatterns) {
    if (typeof hint === 'string' ? !text.includes(hint) : !hint.test(text)) continue;
    if (!work.spend(Math.ceil(text.length / 4)) || (isCostly === true && !work.spend(perBeginning * countOf(hint, text))))
      return everything(text);
    for (const match of matchesOf(pattern, text)) {
      if (ranges.length > maxFindings) return everything(text);
      const before = match.groups?.['before']?.length ?? 0;
      ranges.push({ start: match.index + before, end: match.index + match[0].length });
    }
  }
  return mergeRanges(ranges);
}

/** What it may cost to find that a sentence which begins as one with a secret goes on as another. */
const perBeginning = 150;

function countOf(hint: RegExp | string, text: string): number {
  let count = 0;
  for (const _ of matchesOf(new RegExp(hint, typeof hint === 'string' ? 'g' : `${hint.flags}g`), text)) count += 1;
  return count;
}

/** Where bare keys stand in a text. */
export function findBareKeys(text: string): readonly Range[] {
  if (!text.includes('=')) return [];
  const ranges: Range[] = [];
  for (const match of matchesOf(bareKey, text)) {
    if (ranges.length > maxFindings) return everything(text);
    const isMixed = /[a-z]/.test(match[0]) && /[A-Z]/.test(match[0]) && /\d/.test(match[0]);
    if (isMixed && !proofBefore.test(text.slice(Math.max(0, match.index - 40), match.index)))
      ranges.push({ start: match.index, end: match.index + match[0].length });
  }
  return ranges;
}
