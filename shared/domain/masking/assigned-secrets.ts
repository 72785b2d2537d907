import { everything, matchesOf, maxFindings, mergeRanges, type Range } from './ranges.ts';
import { isPublicMaterial, isReference } from './references.ts';
import { nameRule } from './secret-names.ts';
import { traits } from './traits.ts';
import type { WorkBudget } from './work-budget.ts';

/**
 * Secrets that a text assigns to a name: `Password=…;`, `"clientSecret": "…"`, `API_KEY: …`, `--admin-password …`, `<add key="…" value="…"/>`,
 * `<password>…</password>`. Names are judged as those of properties are. `found` are the traits of
 * the text. Linear in its length.
 */
export function findAssignedSecrets(text: string, found: number, work: WorkBudget): readonly Range[] {
  if ((found & (traits.letter | traits.outsideAscii)) === 0 || !stem.test(text)) return [];
  const assigns = (found & (traits.equals | traits.colon)) !== 0;
  const isQuoted = (found & (traits.quote | traits.ampersand)) !== 0;
  const isMarkup = (found & traits.less) !== 0 && (found & traits.slash) !== 0;
  return mergeRanges([
    ...(assigns || (found & (traits.space | traits.outsideAscii)) !== 0 ? findAssignments(text, work) : []),
    ...(assigns && isQuoted && (text.includes('alue') || text.includes('connectionString')) ? findPairs(text) : []),
    ...((found & traits.colon) !== 0 && text.includes('value:') ? findYamlPairs(text) : []),
    ...(isMarkup ? findElements(text) : []),
  ]);
}

const stems =
  'passw|pwd|pass|pw|secret|token|key|sas|psk|otp|pin(?![a-z])|cookie|cred|jwt|connectionstring|connstr|signature|authorization|pat(?![a-z])|phrase|authcode|pfx|' +
  'kennwort|geheimnis|motdepasse|mdp|contrasen|contrase\u00f1|senha|wachtwoord|haslo|parola|losenord|salasana|adgangskode|heslo|jelszo|lozinka|sifre|' +
  '\u043f\u0430\u0440\u043e\u043b|\u0441\u0435\u043a\u0440\u0435\u0442|\u5bc6\u7801|\u5bc6\u78bc|\u53e3\u4ee4|\u30d1\u30b9\u30ef\u30fc\u30c9|\ube44\ubc00\ubc88\ud638';
const stem = new RegExp(stems, 'i');

const quote = '\\\\{0,8}["\'`]|&(?:quot|apos|#3[49]|#x2[27]);';

/** A word that means a secret, the rest of its name, and what assigns: a sign, or the space after a flag. */
const assignment = new RegExp(
  `(?:${stems})[\\w\u00c0-\uffef-]{0,24}(?![\\w-])(?<sign>(?:${quote}|\\])?\\s{0,4}(?::=|=>|={1,3}|:)\\s{0,4}|\\s{1,3}(?=[^\\s=:-]))(?<before>(?:N(?=')|!!str |&\\w{1,20} )?)(?<open>${quote})?`,
  'gi',
);

function findAssignments(text: string, work: WorkBudget): readonly Range[] {
  const ranges: Range[] = [];
  let done = 0;
  for (const match of matchesOf(assignment, text)) {
    if (ranges.length > maxFindings || !work.spend(perAssignment)) return everything(text);
    if (match.index < done) continue;
    const sign = match.groups?.['sign'] ?? '';
    const open = match.groups?.['open'];
    const from = match.index + match[0].length;
    const nameEnd = from - sign.length - (match.groups?.['before']?.length ?? 0) - (open?.length ?? 0);
    const name = nameBefore(text, nameEnd);
    const isFlag = /^\s+$/.test(sign);
    if ((isFlag && !name.startsWith('-')) || !namesSecret(name) || computed.test(text.slice(from, from + 120))) continue;
    const value =
      open === undefined
        ? (blockValue(text, from) ?? bareValue(text, from, nameEnd - name.length, sign, isFlag))
        : joinedValue(text, from, open);
    if (value === undefined) continue;
    if (isSecretValue(name, text.slice(value.start, value.end))) ranges.push(value);
    // What was judged is not judged again, or a text of nothing but assignments would be read as often as it has them.
    done = value.end;
  }
  return ranges;
}

const maxName = 80;
const perAssignment = 40;

function nameBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && end - start < maxName && isPartOfName(text.charCodeAt(start - 1))) start -= 1;
  return text.slice(start, end);
}

/** Letters of any script, digits, hyphen, dot and underscore. */
function isPartOfName(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 97 && letter <= 122) || code >= 0xc0 || (code >= 48 && code <= 57) || code === 45 || code === 46 || code === 95;
}

/** Up to the same quotation mark, written as it was opened; a mark that is escaped beyond that belongs to the value. */
function quotedValue(text: string, start: number, open: string): Range | undefined {
  const mark = open.at(-1) === ';' ? open : open.slice(-1);
  const depth = open.length - mark.length;
  for (let end = text.indexOf(mark, start); end >= 0; end = text.indexOf(mark, end + 1)) {
    let slashes = 0;
    while (end - slashes > start && text[end - slashes - 1] === '\\') slashes += 1;
    if (slashes <= depth) return nonEmpty({ start, end: end - slashes });
  }
  return nonEmpty({ start, end: lineEnd(text, start) });
}

/** Also with three marks, and where a program joins the value from several pieces. */
function joinedValue(text: string, start: number, open: string): Range | undefined {
  const mark = open.slice(-1);
  if (open.length === 1 && text.startsWith(mark + mark, start)) {
    const end = text.indexOf(mark.repeat(3), start + 2);
    return nonEmpty({ start: start + 2, end: end < 0 ? text.length : end });
  }
  let value = quotedValue(text, start, open);
  for (let pieces = 0; value !== undefined && pieces < maxPieces; pieces += 1) {
    const joint = joints.exec(text.slice(value.end, value.end + 24));
    const next = joint === null ? undefined : quotedValue(text, value.end + joint[0].length, joint[0].slice(-1));
    if (next === undefined) return value;
    value = { start, end: next.end };
  }
  return value;
}

const maxPieces = 100;
const joints = /^["'`]\s{0,4}(?:[+.&]|\|\||\\\r?\n)\s{0,4}["'`]/;

/** YAML's blocks, `|` and `>`, and a shell's here-documents. */
function blockValue(text: string, start: number): Range | undefined {
  const ahead = text.slice(start, start + 80);
  const block = /^[|>][+-]?\d?[+-]?[ \t]{0,8}\r?\n([ \t]{1,40})(?=\S)/.exec(ahead);
  if (block !== null) return { start: start + block[0].length, end: dedentAt(text, start + block[0].length, (block[1] ?? '').length) };
  const here = /^<<[-~]?["']?(\w{1,40})["']?[ \t]{0,8}\r?\n/.exec(ahead);
  if (here === null) return undefined;
  const from = start + here[0].length;
  const end = text.indexOf(`\n${here[1] ?? ''}`, from);
  return nonEmpty({ start: from, end: end < 0 ? text.length : end });
}

/** Where the lines end that stand as far in as the first one. */
function dedentAt(text: string, start: number, indent: number): number {
  for (let end = text.indexOf('\n', start); end >= 0; end = text.indexOf('\n', end + 1)) {
    const next = text.slice(end + 1, end + 1 + indent);
    if (/\S/.test(next)) return end;
  }
  return text.length;
}

function bareValue(text: string, start: number, nameStart: number, sign: string, isFlag: boolean): Range | undefined {
  if (/^[{[(|>]/.test(text.slice(start, start + 1)) && !/^\{[^{}\s:]{1,200}\}/.test(text.slice(start, start + 202))) return undefined;
  if (sign.includes('=') && !sign.includes('>') && isConnectionString(text, start, nameStart))
    return nonEmpty({ start, end: before(text, start, /[;"'\r\n]/g) });
  const end = before(text, start, isFlag || sign.includes('\n') ? /[\s"'<>]/g : /[\s;&,"'<>\\]/g);
  const value = text.slice(start, end);
  if (sign.trim().endsWith(':') && !endsClause(text, end) && !/\d|[^\w-]/.test(value)) return undefined;
  return nonEmpty({ start, end });
}

/** `A=…;Password=…;B=…`: there a value ends with a semicolon, whatever else it holds. */
function isConnectionString(text: string, start: number, nameStart: number): boolean {
  const ahead = text.slice(start, start + 200);
  return (
    /(?:^|[;"'=,]\s{0,2})$/.test(text.slice(Math.max(0, nameStart - 3), nameStart)) &&
    /^[^\r\n"']{0,180};\s{0,2}(?:[A-Za-z][\w ]{1,40}=|$|["'])/.test(ahead)
  );
}

/** Where the first character of a kind stands, or the end of the text. */
function before(text: string, start: number, stop: RegExp): number {
  stop.lastIndex = start;
  return stop.exec(text)?.index ?? text.length;
}

function lineEnd(text: string, start: number): number {
  return before(text, start, /[\r\n]/g);
}

/** Whether nothing follows on the line: in prose the word after a colon goes on. */
function endsClause(text: string, end: number): boolean {
  return /^[ \t]{0,8}(?:$|[\r\n,;}\])"'#&])/.test(text.slice(end, end + 10));
}

function nonEmpty(range: Range): Range | undefined {
  return range.start < range.end ? range : undefined;
}

/** Words of programs and schemas that stand where a value would, and are none. */
const words =
  /^(?:to|or|and|the|is|for|from|with|in|of|if|when|must|string|str|securestring|secureobject|object|any|bytes|number|int|bool(?:ean)?|undefined|null|nil|none|true|false|required|optional|default|present|missing|redacted|hidden|masked|\*+|x{3,}|\.{3,}|-+|_+)$/i;

/** What is computed or filled in later: `$PASSWORD`, `%PASSWORD%`, `{{ secret }}`, `<your-password>`, `getPassword()`, `os.environ["X"]`. */
const computed = /^(?:\$[\w{(]|%\w+%|\{\{|<[\w -]+>|@[\w.]+\(|[A-Za-z_][\w.]{0,80}[([])/;

function namesSecret(name: string): boolean {
  const rule = nameRule(name);
  return rule === 'value' || rule === 'whole' || rule === 'material';
}

function isSecretValue(name: string, value: string): boolean {
  if (words.test(value) || isReference(value) || /^\d{1,3}$/.test(value)) return false;
  return nameRule(name) !== 'material' || !isPublicMaterial(value);
}

/** A text that nobody would write as a name: long, of one piece, with letters and digits in disorder. */
export function looksRandom(text: string): boolean {
  if (text.length < 20 || text.length > 4_000 || !/^[A-Za-z0-9+/=_.~-]+$/.test(text) || isGuid(text)) return false;
  const changes = text.match(/[a-z][A-Z0-9]|[A-Z][0-9]|[0-9][A-Za-z]/g)?.length ?? 0;
  return /\d/.test(text) && /[A-Za-z]/.test(text) && changes * 6 >= text.length;
}

function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
}

function isSecretPair(name: string, value: string): boolean {
  return namesSecret(name) && !computed.test(value) && isSecretValue(name, value);
}

/** `<add key="Password" value="…"/>` and `"name": "PASSWORD", "value": "…"`. */
const pair = new RegExp(
  `\\b(?:key|name|Key|Name)(?:${quote})?\\s{0,3}[:=]\\s{0,3}(?:${quote})(?<name>[\\w.:-]{1,80})(?:${quote})[\\s,]{1,8}(?:${quote})?(?:value|Value|connectionString)(?:${quote})?\\s{0,3}[:=]\\s{0,3}(?<open>${quote})`,
  'g',
);

function findPairs(text: string): readonly Range[] {
  const ranges: Range[] = [];
  for (const match of matchesOf(pair, text)) {
    if (ranges.length > maxFindings) return everything(text);
    const value = quotedValue(text, match.index + match[0].length, match.groups?.['open'] ?? '"');
    if (value !== undefined && isSecretPair(match.groups?.['name'] ?? '', text.slice(value.start, value.end))) ranges.push(value);
  }
  return ranges;
}

/** A list's `- name: DB_PASSWORD` with `value: …` in the next line. */
const yamlPair =
  /(?<![\w-])(?:name|key):[ \t]{0,8}["']?(?<name>[\w.-]{1,80})["']?[ \t]{0,8}\r?\n[ \t]{0,40}value:[ \t]{0,8}(?<value>"[^"\n]{1,1000}|'[^'\n]{1,1000}|[^\s"'#][^\r\n]{0,1000})/g;

function findYamlPairs(text: string): readonly Range[] {
  const ranges: Range[] = [];
  for (const match of matchesOf(yamlPair, text)) {
    if (ranges.length > maxFindings) return everything(text);
    const value = (match.groups?.['value'] ?? '').replace(/^["']/, '');
    const end = match.index + match[0].length;
    if (isSecretPair(match.groups?.['name'] ?? '', value)) ranges.push({ start: end - value.length, end });
  }
  return ranges;
}

/** `<password>…</password>`, with attributes, over several lines, in a CDATA section, or one element further in. */
const element =
  /<(?:[\w-]{1,30}:)?(?<name>[A-Za-z][\w.-]{1,60})(?:\s[^<>]{0,200})?>\s{0,40}(?:<(?:[\w-]{1,30}:)?[Vv]alue>\s{0,40})?(?:<!\[CDATA\[)?(?<value>[^<>\s][^<>]{0,2000}?)(?=<\/|\]\]>)/g;

function findElements(text: string): readonly Range[] {
  const ranges: Range[] = [];
  for (const match of matchesOf(element, text)) {
    if (ranges.length > maxFindings) return everything(text);
    const value = (match.groups?.['value'] ?? '').trimEnd();
    const end = match.index + match[0].length - ((match.groups?.['value'] ?? '').length - value.length);
    if (isSecretPair(match.groups?.['name'] ?? '', value)) ranges.push({ start: end - value.length, end });
  }
  return ranges;
}
