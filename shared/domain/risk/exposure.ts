import { field } from '../arm-property.ts';
import { isJsonObject, type JsonValue } from '../json.ts';
import { pathOf } from './differences.ts';
import { changes } from './effect.ts';
import { isAllowList, isWord, type Opening } from './openings.ts';
import { type JudgedCall, oneHigher, type RiskRule } from './rule.ts';
import { findWeakened, off, on, oneOf, type Setting } from './settings.ts';

const webConfiguration = /^microsoft\.web\/sites\/(?:slots\/)?config$/;

/** What lets anybody read without saying who they are. */
const anonymity: readonly Setting[] = [
  { property: 'allowblobpublicaccess', weak: on, leftOut: 'weak' },
  { property: 'publicaccess', weak: oneOf('blob', 'container'), leftOut: 'fine' },
  { property: 'anonymouspullenabled', weak: on, leftOut: 'fine' },
  { property: 'isanonymousaccessallowed', weak: on, leftOut: 'fine' },
  { property: 'unauthenticatedclientaction', weak: oneOf('allowanonymous'), leftOut: 'weak' },
  { property: 'requireauthentication', weak: off, leftOut: 'weak' },
  { property: 'subscriptionrequired', type: /^microsoft\.apimanagement\//, weak: off, leftOut: 'fine' },
  { property: 'authlevel', weak: oneOf('anonymous'), leftOut: 'fine' },
  { property: 'enabled', within: 'platform', type: webConfiguration, weak: off, leftOut: 'weak' },
  { property: 'permissions', within: 'sharingprofile', weak: oneOf('community'), leftOut: 'fine' },
  { property: 'enableshareablelink', weak: on, leftOut: 'fine' },
];

/** What makes a resource reachable from the internet at all. */
const endpoints: readonly Setting[] = [
  { property: 'publicnetworkaccess', weak: oneOf('enabled'), leftOut: 'weak' },
  { property: 'publicnetworkaccessforingestion', weak: oneOf('enabled'), leftOut: 'weak' },
  { property: 'publicnetworkaccessforquery', weak: oneOf('enabled'), leftOut: 'weak' },
  { property: 'publicdataendpointenabled', weak: on, leftOut: 'fine' },
  { property: 'enableprivatecluster', weak: off, leftOut: 'weak' },
  { property: 'enableprivateclusterpublicfqdn', weak: on, leftOut: 'fine' },
  { property: 'external', within: 'ingress', weak: on, leftOut: 'fine' },
  { property: 'type', within: 'ipaddress', type: /^microsoft\.containerinstance\//, weak: oneOf('public'), leftOut: 'fine' },
  { property: 'publicipaddress', weak: () => true, leftOut: 'fine' },
  { property: 'publicipaddressconfiguration', weak: () => true, leftOut: 'fine' },
  { property: 'isvirtualnetworkfilterenabled', weak: off, leftOut: 'weak' },
  { property: 'networkaccesspolicy', weak: oneOf('allowall'), leftOut: 'weak' },
  { property: 'enablenodepublicip', weak: on, leftOut: 'fine' },
  { property: 'virtualnetworktype', weak: oneOf('none', 'external'), leftOut: 'weak' },
  { property: 'status', within: 'privatelinkserviceconnectionstate', weak: oneOf('approved'), leftOut: 'fine' },
];

/** One parameter of a database server, or a list of them given to `updateConfigurations`. */
const parametersOfDatabases = /^microsoft\.dbfor[a-z]+\/[a-z]+(?:\/configurations)?$/;

/** Traffic that can be read or changed on its way. */
const transport: readonly Setting[] = [
  ...['minimumtlsversion', 'mintlsversion', 'minimaltlsversion', 'scmmintlsversion', 'tlsversion', 'minclienttlsversion'].map(
    (property): Setting => ({
      property,
      weak: oneOf(
        'tls1_0',
        'tls1_1',
        'tls10',
        'tls11',
        'tlsv1.0',
        'tlsv1.1',
        '1.0',
        '1.1',
        'tls1.0',
        'tls1.1',
        'none',
        'tlsenforcementdisabled',
      ),
      leftOut: 'weak',
    }),
  ),
  { property: 'supportshttpstrafficonly', weak: off, leftOut: 'fine' },
  { property: 'httpsonly', weak: off, leftOut: 'weak' },
  { property: 'enablenonsslport', weak: on, leftOut: 'fine' },
  { property: 'ftpsstate', weak: oneOf('allallowed'), leftOut: 'weak' },
  { property: 'clientprotocol', weak: oneOf('plaintext'), leftOut: 'fine' },
  { property: 'sslenforcement', weak: oneOf('disabled'), leftOut: 'weak' },
  { property: 'allowinsecure', within: 'ingress', weak: on, leftOut: 'fine' },
  { property: 'ishttpallowed', weak: on, leftOut: 'fine' },
  { property: 'httpsredirect', weak: oneOf('disabled'), leftOut: 'fine' },
  {
    property: 'value',
    type: parametersOfDatabases,
    weak: oneOf('off', 'tlsv1', 'tlsv1.1', 'tlsv1,tlsv1.1'),
    leftOut: 'fine',
  },
];

/** Passwords and keys beside the directory: nobody can say whose they are, and nobody can take them back. */
const localAccounts: readonly Setting[] = [
  { property: 'disablelocalauth', weak: off, leftOut: 'weak' },
  { property: 'disablelocalaccounts', weak: off, leftOut: 'weak' },
  { property: 'islocaluserenabled', weak: on, leftOut: 'fine' },
  { property: 'issftpenabled', weak: on, leftOut: 'fine' },
  { property: 'adminuserenabled', weak: on, leftOut: 'fine' },
  { property: 'azureadonlyauthentication', weak: off, leftOut: 'weak' },
  { property: 'passwordauth', weak: oneOf('enabled'), leftOut: 'fine' },
  { property: 'disablepasswordauthentication', weak: off, leftOut: 'weak' },
  { property: 'allow', type: /\/basicpublishingcredentialspolicies$/, weak: on, leftOut: 'fine' },
  { property: 'enablerbac', weak: off, leftOut: 'weak' },
  { property: 'remotedebuggingenabled', weak: on, leftOut: 'fine' },
  { property: 'enablerbacauthorization', type: /^microsoft\.keyvault\/vaults$/, weak: off, leftOut: 'weak' },
];

const sharedKeys: readonly Setting[] = [
  { property: 'allowsharedkeyaccess', weak: on, leftOut: 'weak' },
  { property: 'accesskeysauthentication', weak: oneOf('enabled'), leftOut: 'fine' },
  { property: 'disableaccesskeyauthentication', weak: off, leftOut: 'weak' },
  { property: 'allowcrosstenantreplication', weak: on, leftOut: 'fine' },
  { property: 'disablekeybasedmetadatawriteaccess', weak: off, leftOut: 'weak' },
];

function findOpening({ openings }: JudgedCall, kind: Opening['kind']): string | undefined {
  return openings.find((opening) => opening.kind === kind)?.shown;
}

/** An entry of Cosmos DB: its list is all that keeps people out, where storage has a default beside it. */
const isWholeFirewall = (entry: JsonValue): boolean => field(entry, 'ipaddressorrange') !== undefined;

/** A list of addresses that are let in, of which none is left: where it is empty, everybody is let in. */
function findEmptied({ differences }: JudgedCall): string | undefined {
  const loss = differences.losses.find(
    ({ place, kept, lost }) => kept === 0 && isAllowList(place.name) && (place.name !== 'iprules' || lost.some(isWholeFirewall)),
  );
  return loss === undefined ? undefined : `${pathOf(loss.place)} would be empty`;
}

export const exposureRules: readonly RiskRule[] = [
  {
    code: 'opensToEverybody',
    level: oneHigher.high,
    detail: 'It lets everybody on the internet in, in one rule or in several that together cover it.',
    raisedBy:
      'rules of network security groups, firewalls and allow lists whose sources cover more than a /8 of public addresses (`*`, `Internet`, `0.0.0.0/0`, split ranges, `::/0`), a default action of Allow, an allow list that gets empty',
    find: (call) => findOpening(call, 'everything') ?? findEmptied(call),
  },
  {
    code: 'opensWebToEverybody',
    level: oneHigher.medium,
    detail: 'It lets everybody on the internet in, to the ports of web servers only.',
    raisedBy: 'the same, where the rule names no other ports than 80 and 443',
    find: (call) => findOpening(call, 'web'),
  },
  {
    code: 'opensToAzure',
    level: 'high',
    detail: "It lets all of Azure's addresses in, which anybody can rent.",
    raisedBy: 'the service tag AzureCloud, and the firewall rule from 0.0.0.0 to 0.0.0.0',
    find: (call) => findOpening(call, 'azure'),
  },
  {
    code: 'allowsAnonymousAccess',
    level: oneHigher.high,
    detail: 'It lets anybody read or call it without saying who they are.',
    raisedBy:
      'public blobs and containers, anonymous pull, links that let in whoever has them, an app that no longer asks its callers to sign in',
    find: (call) => findWeakened(call, anonymity),
  },
  {
    code: 'addsPublicEndpoint',
    level: oneHigher.medium,
    detail: 'It makes something reachable from the internet, or from a network of somebody else.',
    raisedBy:
      'public network access, public addresses on machines, public clusters and ingress, an approved private endpoint, a new public address',
    find: (call) =>
      findWeakened(call, endpoints) ??
      (call.effect.kind === 'write' && !call.exists && call.path.type === 'microsoft.network/publicipaddresses'
        ? 'a new public address'
        : undefined),
  },
  {
    code: 'weakensTransport',
    level: 'high',
    detail: 'It allows connections that can be read or changed on their way.',
    raisedBy: 'TLS before 1.2, plain HTTP, FTP, Redis or SQL, switched on or no longer switched off',
    find: (call) => findWeakened(call, transport),
  },
  {
    code: 'enablesLocalAccounts',
    level: 'high',
    detail: 'It allows passwords or accounts beside the directory, which nobody can take back centrally.',
    raisedBy:
      'local accounts and local authentication, admin users, SFTP, basic publishing credentials, password login, vault access policies instead of roles',
    find: (call) => findWeakened(call, localAccounts),
  },
  {
    code: 'enablesSharedKeys',
    level: 'high',
    detail: 'It allows access with shared keys, which tell nobody who used them, or copies to another tenant.',
    raisedBy: 'shared or access keys switched on or no longer switched off; replication across tenants',
    find: (call) => findWeakened(call, sharedKeys),
  },
  {
    code: 'admitsConnection',
    level: 'high',
    detail: 'It lets a connection of somebody else in, or opens a console.',
    raisedBy:
      'actions that approve or accept a connection, peering or share, or enable consoles and remote access; a private endpoint that is approved',
    find: ({ effect, path, request }) => {
      const status = field(request.body, 'properties', 'privatelinkserviceconnectionstate', 'status');
      if (effect.kind === 'write' && path.type.endsWith('/privateendpointconnections') && isWord(status, 'approved')) return path.type;
      return changes(effect) &&
        effect.kind === 'act' &&
        /^(?:approve|accept)[a-z]*$|^updateapproval$|^enable(?:console|ssh|remote)[a-z]*$/.test(path.verb ?? '')
        ? path.verb
        : undefined;
    },
  },
  {
    code: 'connectsNetworks',
    level: oneHigher.medium,
    detail: "It joins networks, or reaches from one into a service that may be somebody else's.",
    raisedBy: 'peerings, connections of gateways and hubs, private endpoints: made or changed',
    find: ({ effect, path }) => (effect.kind === 'write' && joints.test(path.type) ? path.type : undefined),
  },
  {
    code: 'namesOtherSubscription',
    level: oneHigher.medium,
    detail: 'It names something of another subscription, to which data or traffic may go.',
    raisedBy: 'an id of another subscription anywhere in a body, which is not there now',
    find: findOtherSubscription,
  },
];

/** Types that join networks, or reach from one into somebody's service. */
const joints =
  /^microsoft\.network\/(?:virtualnetworks\/virtualnetworkpeerings|connections|privateendpoints|virtualhubs\/hubvirtualnetworkconnections|vpngateways\/vpnconnections|expressroutecircuits\/authorizations)$/;

/** The ids of built-in roles name whatever subscription they are asked for in. */
const roleDefinition = /\/providers\/microsoft\.authorization\/roledefinitions\/[^/]+$/i;

const subscriptionOf = /^\/?subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/i;

/** Subscriptions that the texts of a body name. */
function subscriptionsIn(value: JsonValue | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting: JsonValue[] = value === undefined ? [] : [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') {
      const id = next.length < 2048 && !roleDefinition.test(next) ? subscriptionOf.exec(next)?.[1] : undefined;
      if (id !== undefined) found.add(id.toLowerCase());
    } else if (Array.isArray(next)) for (const item of next) waiting.push(item);
    else if (isJsonObject(next)) for (const name of Object.keys(next)) waiting.push(next[name] ?? null);
  }
  return found;
}

function findOtherSubscription({ effect, path, request, current }: JudgedCall): string | undefined {
  if (!changes(effect)) return undefined;
  const known = subscriptionsIn(current);
  return [...subscriptionsIn(request.body)].find((id) => id !== path.subscriptionId && !known.has(id));
}

export const exposureSettings: readonly Setting[] = [...anonymity, ...endpoints, ...transport, ...localAccounts, ...sharedKeys];
