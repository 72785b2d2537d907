import { field, text } from '../arm-property.ts';
import type { JsonValue } from '../json.ts';
import { identityOf } from './differences.ts';
import { publicAddresses, rangeOf } from './networks.ts';
import { isWord } from './openings.ts';
import type { JudgedCall, RiskRule } from './rule.ts';
import { findWeakened, type Setting, taken } from './settings.ts';

/** Types that say where the traffic of a virtual hub goes, in ways that nobody can judge one by one. */
const hubRouting = /^microsoft\.network\/virtualhubs\/(?:hubroutetables|routetables|routingintent|routemaps)$/;

export const routeSettings: readonly Setting[] = [
  { property: 'routetable', type: /^microsoft\.network\/virtualnetworks(?:\/subnets)?$/, weak: taken, leftOut: 'weak' },
];

/** The routes that a body gives, by what tells them apart: those of a table by their names, else the one that it is. */
function routesIn(type: string, value: JsonValue | undefined): ReadonlyMap<string, JsonValue> {
  if (type === 'microsoft.network/routetables/routes') return new Map(value === undefined ? [] : [['', value]]);
  const routes = field(value, 'properties', 'routes');
  return new Map(Array.isArray(routes) ? routes.map((route: JsonValue, index) => [identityOf(route, index), route]) : []);
}

/** A prefix that covers addresses of the internet, or that is none, as the tags of services. */
function coversInternet(prefix: string | undefined): boolean {
  const range = rangeOf(prefix ?? '');
  return range === undefined || publicAddresses([range]) > 0;
}

function leadsElsewhere(route: JsonValue, before: JsonValue | undefined): boolean {
  const hop = field(route, 'properties', 'nexthoptype');
  if (isWord(hop, 'internet'))
    return !isWord(field(before, 'properties', 'nexthoptype'), 'internet') && coversInternet(text(route, 'properties', 'addressprefix'));
  if (before === undefined) return false;
  const [address, was] = [route, before].map((one) => text(one, 'properties', 'nexthopipaddress'));
  return address !== undefined && address !== was;
}

function findRerouted(call: JudgedCall): string | undefined {
  const { effect, path, request, current } = call;
  if (effect.kind !== 'write') return undefined;
  if (hubRouting.test(path.type)) return path.type;
  const known = routesIn(path.type, current);
  for (const [identity, route] of routesIn(path.type, request.body)) {
    if (!path.type.startsWith('microsoft.network/routetables') || !leadsElsewhere(route, known.get(identity))) continue;
    return `${text(route, 'properties', 'addressprefix') ?? 'a route'} to ${text(route, 'properties', 'nexthopipaddress') ?? text(route, 'properties', 'nexthoptype')}`;
  }
  return findWeakened(call, routeSettings);
}

export const routeRules: readonly RiskRule[] = [
  {
    code: 'reroutesTraffic',
    level: 'high',
    detail: 'It sends traffic past what looks at it now, or to another machine.',
    raisedBy:
      'routes of public addresses to the Internet that are new, another machine as the next hop, a route table taken off a subnet, every change of the routing of a virtual hub',
    find: findRerouted,
  },
];
