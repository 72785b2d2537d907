/** A run of addresses of IPv4, as numbers, both ends included. */
export type Range = { readonly from: number; readonly to: number };

/** Who a text lets in. `odd` is something that looks like an address and is none: nobody can tell who that is. */
export type Source =
  | { readonly kind: 'ranges'; readonly ranges: readonly Range[] }
  | { readonly kind: 'share6'; readonly share: number }
  | { readonly kind: 'everybody' }
  | { readonly kind: 'azure' }
  | { readonly kind: 'named' }
  | { readonly kind: 'odd' };

const everybody: ReadonlySet<string> = new Set(['*', 'any', 'all', 'internet', '0.0.0.0/0', '::/0', '0/0', '::', '<nw>/0', '/0']);

/** The service tag of all of Azure's own addresses, which anybody can rent. Source: learn.microsoft.com/azure/virtual-network/service-tags-overview. */
const azureTag = /^azurecloud(?:\.[a-z0-9]+)?$/;
const serviceTag = /^[a-z][a-z0-9]*(?:\.[a-z0-9]+)*$/;

/** Reads one source of a rule: an address, a prefix, a range, a mask, or the name of a service tag or group. */
export function sourceOf(given: string): Source {
  const address = addressOf(given);
  // Where one address is asked for, this one stands for all of Azure. Source: learn.microsoft.com/azure/cosmos-db/how-to-configure-firewall.
  if (address === 0) return { kind: 'azure' };
  if (address !== undefined) return { kind: 'ranges', ranges: [{ from: address, to: address }] };
  const text = given.trim().toLowerCase();
  if (everybody.has(text)) return { kind: 'everybody' };
  if (azureTag.test(text)) return { kind: 'azure' };
  if (text.includes(':')) return sixOf(text);
  const range = rangeOf(text);
  if (range !== undefined) return { kind: 'ranges', ranges: [range] };
  return serviceTag.test(text) || text.startsWith('/subscriptions/') ? { kind: 'named' } : { kind: 'odd' };
}

/** `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1-10.0.0.9` or one address. */
export function rangeOf(text: string): Range | undefined {
  const dash = text.indexOf('-');
  if (dash > 0) return rangeBetween(text.slice(0, dash).trim(), text.slice(dash + 1).trim());
  const [address = '', suffix, ...more] = text.split('/');
  const at = addressOf(address);
  if (at === undefined || more.length > 0) return undefined;
  const length = suffix === undefined ? 32 : prefixLengthOf(suffix);
  if (length === undefined) return undefined;
  const size = 2 ** (32 - length);
  const from = Math.floor(at / size) * size;
  return { from, to: from + size - 1 };
}

/** The addresses between two, in whichever order; undefined where either is no address. */
export function rangeBetween(start: string, end: string): Range | undefined {
  const [from, to] = [addressOf(start), addressOf(end)];
  return from === undefined || to === undefined ? undefined : { from: Math.min(from, to), to: Math.max(from, to) };
}

/** Four decimal parts of at most three digits; undefined for everything else. Read letter by letter, since lists of addresses can be long. */
function addressOf(text: string): number | undefined {
  let [address, part, digits, parts] = [0, 0, 0, 1];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      if (digits === 0 || parts === 4) return undefined;
      [address, part, digits, parts] = [address * 256 + part, 0, 0, parts + 1];
    } else if (code >= 0x30 && code <= 0x39 && digits < 3) {
      [part, digits] = [part * 10 + code - 0x30, digits + 1];
      if (part > 255) return undefined;
    } else return undefined;
  }
  return parts === 4 && digits > 0 ? address * 256 + part : undefined;
}

function prefixLengthOf(suffix: string): number | undefined {
  if (/^\d{1,2}$/.test(suffix)) return Number(suffix) <= 32 ? Number(suffix) : undefined;
  const mask = addressOf(suffix);
  if (mask === undefined) return undefined;
  const host = 2 ** 32 - 1 - mask;
  const length = 32 - Math.log2(host + 1);
  return Number.isInteger(length) ? length : undefined;
}

/** The part of the IPv6 space that a prefix covers; private space (fc00::/7, fe80::/10) covers none. An IPv4 address in disguise is odd. */
function sixOf(text: string): Source {
  const match = /^([0-9a-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text);
  const length = match?.[2] === undefined ? 128 : Number(match[2]);
  if (match === null || length > 128 || text.includes('.') || text.startsWith('::f')) return { kind: 'odd' };
  if (length >= 7 && /^f(?:[cd]|e[89ab])/.test(text)) return { kind: 'share6', share: 0 };
  return { kind: 'share6', share: 2 ** -length };
}

/** The part of the IPv6 space between two addresses, both ends included; odd where either is none. */
export function sixBetween(start: string, end: string): Source {
  const [from, to] = [start, end].map((text) => sixNumber(text.trim().toLowerCase()));
  return from === undefined || to === undefined
    ? { kind: 'odd' }
    : { kind: 'share6', share: Number(to > from ? to - from + 1n : from - to + 1n) / 2 ** 128 };
}

/** Eight groups of at most four digits, of which one run of zeros may be left out as `::`. Source: RFC 4291, 2.2. */
function sixNumber(text: string): bigint | undefined {
  const halves = text.length <= 39 ? text.split('::') : [];
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 0 || halves.length > 2 || (halves.length === 1 ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))
    ? BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`)
    : undefined;
}

/** Networks that the internet does not carry. Source: RFC 1918, 6598, 3927 and 1122. */
const privateRanges: readonly Range[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
].flatMap((text) => rangeOf(text) ?? []);

/** More public addresses than this (a /8), however they are split, is everybody: no customer has as many. */
const manyAddresses = 2 ** 24;
const manyShare6 = 2 ** -16;

/** Whether sources together let everybody in, in one piece or split into many. */
export function isEverybody(sources: readonly Source[]): boolean {
  if (sources.some(({ kind }) => kind === 'everybody' || kind === 'odd')) return true;
  const share6 = sources.reduce((sum, source) => sum + (source.kind === 'share6' ? source.share : 0), 0);
  return (
    share6 >= manyShare6 || publicAddresses(sources.flatMap((source) => (source.kind === 'ranges' ? source.ranges : []))) >= manyAddresses
  );
}

/** How many public addresses some ranges cover, each counted once. */
export function publicAddresses(ranges: readonly Range[]): number {
  let [covered, reached] = [0, -1];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const start = Math.max(from, reached + 1);
    if (start > to) continue;
    covered += to - start + 1 - privateWithin(start, to);
    reached = to;
  }
  return covered;
}

function privateWithin(from: number, to: number): number {
  return privateRanges.reduce((sum, range) => sum + Math.max(0, Math.min(to, range.to) - Math.max(from, range.from) + 1), 0);
}
