import { elements, field, foldName, text } from '../arm-property.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { isEverybody, rangeBetween, type Source, sixBetween, sourceOf } from './networks.ts';

/** Somebody that a body lets in. `ports` is empty where it is about everything that the resource offers. */
type Grant = { readonly sources: readonly Source[]; readonly ports: readonly string[]; readonly shown: string };

/** A way in for everybody, or for all of Azure. Two with one `key` are the same. */
export type Opening = { readonly kind: 'everything' | 'web' | 'azure'; readonly key: string; readonly shown: string };

/** Lists of addresses that are let in, as the providers call them. */
const allowList =
  /^(?:(?:scm)?ipsecurityrestrictions|iprules|ipaddressrules|ipfilterrules?|iprangefilter|ipranges|ipallow(?:ed)?list|ipwhitelist|whitelistedips|(?:authorized|allowed|permitted|trusted)[a-z]{0,12}?(?:ips?|ipranges?|ipaddresses|addresses|addressranges|cidrs?|ipprefixes))$/;

/** What the address is called in an entry of such a list. */
const addressNames = [
  'value',
  'ipaddressorrange',
  'ipaddress',
  'ipmask',
  'cidr',
  'addressprefix',
  'range',
  'iprange',
  'addressrange',
] as const;

const isWeb = (ports: readonly string[]) => ports.length > 0 && ports.every((port) => port === '80' || port === '443');

/** Whether a folded name is that of a list of addresses that are let in: the fewer, the safer, as long as one is left. */
export function isAllowList(name: string): boolean {
  return allowList.test(name);
}

/** The ways in for everybody that a body opens, of whatever provider: by the shape of its rules, not by its type. Linear but for sorting. */
export function openingsOf(body: JsonValue | undefined): readonly Opening[] {
  const grants: Grant[] = [];
  if (body !== undefined) visit(body, grants);
  const { alone = [], others = [] } = Object.groupBy(grants, ({ sources }) => (isEverybody(sources) ? 'alone' : 'others'));
  const together = [others.filter(({ ports }) => !isWeb(ports)), others].find((some) =>
    isEverybody(some.flatMap(({ sources }) => sources)),
  );
  return [
    ...alone.map(openingOf),
    ...(together === undefined ? [] : [{ kind: 'everything', key: 'together', shown: shownTogether(together) } as const]),
    ...grants
      .filter(({ sources }) => sources.some(({ kind }) => kind === 'azure'))
      .map(({ shown }) => ({ kind: 'azure', key: 'azure', shown }) as const),
  ];
}

function openingOf({ ports, shown }: Grant): Opening {
  return { kind: isWeb(ports) ? 'web' : 'everything', key: `${isWeb(ports) ? 'web' : 'everything'} ${ports.toSorted().join(',')}`, shown };
}

function shownTogether(grants: readonly Grant[]): string {
  const first = grants.slice(0, 4).map(({ shown }) => shown);
  return `${first.join(' and ')}${grants.length > 4 ? ` and ${grants.length - 4} more` : ''}, together`;
}

function visit(value: JsonValue, grants: Grant[]): void {
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) visit(item, grants);
  } else if (isJsonObject(value)) visitObject(value, grants);
}

function visitObject(object: JsonObject, grants: Grant[]): void {
  let fields: Map<string, JsonValue> | undefined;
  for (const given of Object.keys(object)) {
    if (given.length > longestName) {
      visit(object[given] ?? null, grants);
      continue;
    }
    const [key, inner = null] = [foldName(given), object[given]];
    if (telling.has(key)) fields = (fields ?? new Map<string, JsonValue>()).set(key, inner);
    if (key === 'resourceaccessrules') grants.push(...wildcardAccess(inner));
    if (typeof inner === 'string' ? key === 'iprangefilter' : allowList.test(key)) grants.push(listed(key, inner));
    else visit(inner, grants);
  }
  if (fields !== undefined) for (const grant of grantsOf(object, fields)) grants.push(grant);
}

/** Longer names are none that anything is told by. */
const longestName = 64;

/** Properties by which a rule is known. */
const telling: ReadonlySet<string> = new Set([
  'direction',
  'access',
  'translatedport',
  'translatedaddress',
  'startipaddress',
  'endipaddress',
  'startip',
  'endip',
  'startipv6address',
  'endipv6address',
  'action',
  'defaultaction',
  'iprules',
  'virtualnetworkrules',
  'ipsecurityrestrictionsdefaultaction',
  'scmipsecurityrestrictionsdefaultaction',
]);

type Fields = ReadonlyMap<string, JsonValue>;

function grantsOf(object: JsonObject, fields: Fields): readonly Grant[] {
  return [
    ...(isWord(fields.get('access'), 'allow', 'alwaysallow') && isInbound(object, fields) ? [securityRule(object)] : []),
    ...(fields.has('translatedport') || fields.has('translatedaddress') ? [translationRule(object)] : []),
    ...collectedRules(object, fields),
    ...addressRange(fields),
    ...defaults(fields),
  ];
}

/** A rule that does not say its direction, or in a word that is none, counts as one that lets in. */
function isInbound(object: JsonObject, fields: Fields): boolean {
  if (isWord(fields.get('direction'), 'outbound')) return false;
  return (
    fields.has('direction') || field(object, 'sourceaddressprefix') !== undefined || field(object, 'sourceaddressprefixes') !== undefined
  );
}

/** A rule of a network security group. Source: learn.microsoft.com/azure/virtual-network/network-security-groups-overview. */
function securityRule(rule: JsonObject): Grant {
  const sources = [
    ...texts(field(rule, 'sourceaddressprefix')),
    ...elements(rule, 'sourceaddressprefixes').flatMap(texts),
    ...elements(rule, 'sources').flatMap((source) => texts(field(source, 'addressprefix'))),
  ];
  const ports = [...texts(field(rule, 'destinationportrange')), ...elements(rule, 'destinationportranges').flatMap(texts)];
  return grantOf(sources, ports, 'inbound');
}

/** A rule of Azure Firewall that passes what comes from outside on to an address inside. */
function translationRule(rule: JsonObject): Grant {
  return grantOf(elements(rule, 'sourceaddresses').flatMap(texts), elements(rule, 'destinationports').flatMap(texts), 'translated');
}

/**
 * Rules of Azure Firewall stand in collections that say whether they allow. One from everybody to a named service is how machines get out, and no opening.
 * Source: learn.microsoft.com/azure/firewall/rule-processing.
 */
function collectedRules(collection: JsonObject, fields: Fields): readonly Grant[] {
  if (!isWord(field(fields.get('action'), 'type'), 'allow')) return [];
  const passing = elements(collection, 'rules').filter((rule) => {
    const to = elements(rule, 'destinationaddresses').flatMap(texts).map(sourceOf);
    return to.some(({ kind }) => kind !== 'named') && elements(rule, 'sourceaddresses').length > 0;
  });
  return passing.map((rule) =>
    grantOf(elements(rule, 'sourceaddresses').flatMap(texts), elements(rule, 'destinationports').flatMap(texts), 'passed on'),
  );
}

/** `startIpAddress` and `endIpAddress`, as databases and caches have them; from 0.0.0.0 to 0.0.0.0 stands for all of Azure. */
function addressRange(fields: Fields): readonly Grant[] {
  const [start, end] = (['start', 'end'] as const).map((which) =>
    ['ipaddress', 'ip', 'ipv6address'].map((name) => fields.get(`${which}${name}`)).find((given) => given !== undefined),
  );
  if (typeof start !== 'string' || typeof end !== 'string') return [];
  const shown = `${start.slice(0, 40)} to ${end.slice(0, 40)}`;
  if (start.trim() === '0.0.0.0' && end.trim() === '0.0.0.0') return [{ sources: [{ kind: 'azure' }], ports: [], shown }];
  const range = rangeBetween(start.trim(), end.trim());
  return [{ sources: [range === undefined ? sixBetween(start, end) : { kind: 'ranges', ranges: [range] }], ports: [], shown }];
}

/** A firewall whose default lets in whoever no rule names. */
function defaults(fields: Fields): readonly Grant[] {
  const open = ['defaultaction', 'ipsecurityrestrictionsdefaultaction', 'scmipsecurityrestrictionsdefaultaction'].filter((key) =>
    isWord(fields.get(key), 'allow'),
  );
  return open.map((shown) => ({ sources: [{ kind: 'everybody' }], ports: [], shown: `${shown} Allow` }));
}

/** Resources that a firewall lets in: one with a wildcard stands for those of everybody on Azure. */
function wildcardAccess(rules: JsonValue): readonly Grant[] {
  const named = Array.isArray(rules) ? rules.flatMap((rule: JsonValue) => texts(field(rule, 'resourceid'))) : [];
  return named.filter((id) => id.includes('*')).map((id) => ({ sources: [{ kind: 'azure' }], ports: [], shown: id.slice(0, 120) }));
}

/** A list of addresses that are let in. An empty list of these two kinds lets everybody in. */
function listed(key: string, value: JsonValue): Grant {
  if (Array.isArray(value) && value.length === 0 && /^(?:authorizedipranges|(?:scm)?ipsecurityrestrictions)$/.test(key)) {
    return { sources: [{ kind: 'everybody' }], ports: [], shown: `${key} is empty` };
  }
  const entries: readonly JsonValue[] = Array.isArray(value) ? value : [value];
  return grantOf(
    entries.flatMap((entry) => (isJsonObject(entry) && isWord(field(entry, 'action'), 'deny') ? [] : addressesOf(entry))),
    [],
    key,
  );
}

function addressesOf(entry: JsonValue): readonly string[] {
  return isJsonObject(entry) ? addressNames.flatMap((name) => texts(field(entry, name))) : texts(entry);
}

function grantOf(sources: readonly string[], ports: readonly string[], where: string): Grant {
  const separate = sources.flatMap((source) => (source.includes(',') ? source.split(',').filter((part) => part.trim() !== '') : [source]));
  const cleanPorts = ports.flatMap((port) => port.split(',')).map((port) => port.trim().slice(0, 20));
  const shown = `${where} from ${listOf(separate)}${cleanPorts.length === 0 ? '' : ` to port ${listOf(cleanPorts)}`}`;
  return { sources: separate.map(sourceOf), ports: cleanPorts, shown };
}

function listOf(items: readonly string[]): string {
  const shown = items.slice(0, 4).map((item) => item.trim().slice(0, 48));
  return items.length > 4 ? `${shown.join(', ')} and ${items.length - 4} more` : shown.join(', ');
}

function texts(value: JsonValue | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}

/** Whether a value is one of some words, in any case. */
export function isWord(value: JsonValue | undefined, ...words: readonly string[]): boolean {
  return typeof value === 'string' && words.includes(foldName(value.trim()));
}

/** The barrier that an entry of a list is, or undefined: a rule that keeps somebody out. */
export function barrierOf(entry: JsonValue): string | undefined {
  const properties = field(entry, 'properties') ?? entry;
  if (isWord(field(properties, 'nexthoptype'), 'virtualappliance')) return text(entry, 'name') ?? 'a route through a firewall';
  const isDenial = [field(properties, 'access'), field(properties, 'action'), field(properties, 'action', 'type')].some((word) =>
    isWord(word, 'deny', 'block'),
  );
  return isDenial ? (text(entry, 'name') ?? 'a rule without a name') : undefined;
}
