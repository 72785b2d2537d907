import { UnsecuredJWT } from 'jose';
import { type Deployment, parseDeployment } from '../../../infra/doctor/deployment.ts';
import type { Finding } from '../../../infra/doctor/finding.ts';
import { runDoctor } from '../../../infra/doctor/run-doctor.ts';

const subscription = '/subscriptions/99999999-9999-4999-8999-999999999999';
const group = `${subscription}/resourceGroups/rg-countersign`;
export const namespace = `${group}/providers/Microsoft.ServiceBus/namespaces/sb-1`;
export const account = `${group}/providers/Microsoft.Storage/storageAccounts/st1`;
export const hostAccount = `${group}/providers/Microsoft.Storage/storageAccounts/st1edge`;
export const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-1`;
export const bot = `${group}/providers/Microsoft.BotService/botServices/bot-1`;
const tenant = '11111111-1111-4111-8111-111111111111';
const console = '22222222-2222-4222-8222-222222222222';
export const executor = '33333333-3333-4333-8333-000000000001';
export const granter = '33333333-3333-4333-8333-000000000002';
export const operator = '33333333-3333-4333-8333-000000000003';
export const directory = '33333333-3333-4333-8333-000000000004';
const graphPrincipal = '44444444-4444-4444-8444-000000000001';
const graphRoles = ['User.Read.All', 'GroupMember.Read.All', 'Directory.ReadWrite.All'].map((value, index) => ({
  id: `55555555-5555-4555-8555-00000000000${index}`,
  value,
}));
const receiverRole = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0';
const roleAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168';
export const condition = '((only these))';
export const now = '2026-11-22T06:00:00.000Z';

const apps = [
  { role: 'edge', url: 'https://edge.example' },
  { role: 'approvals', url: 'https://approvals.example' },
  { role: 'executor', url: 'https://executor.example' },
] as const;

export const deployment = parseDeployment(
  JSON.stringify({
    tenantId: tenant,
    audience: 'api://countersign',
    auditClientId: console,
    subscriptionId: '99999999-9999-4999-8999-999999999999',
    apps,
    protectedScopes: [group],
    serviceBusNamespace: namespace,
    storageAccount: account,
    hostAccounts: [hostAccount],
    sealingKeys: { vault, secret: 'sealing-keys' },
    bot,
    identities: [
      { name: 'executor', principalId: executor, rights: [{ roleId: receiverRole, scope: `${namespace}/queues/executions` }] },
      { name: 'granter', principalId: granter, rights: [{ roleId: roleAdministrator, scope: subscription, condition }] },
      { name: 'operator', principalId: operator, takesRightsOfOperations: true, rights: [] },
      { name: 'directory', principalId: directory, rights: [], graphPermissions: ['User.Read.All', 'GroupMember.Read.All'] },
    ],
  }),
);

const queue = (name: string) => ({
  name,
  properties: {
    status: 'Active',
    lockDuration: 'PT1M',
    maxDeliveryCount: 10,
    requiresDuplicateDetection: true,
    duplicateDetectionHistoryTimeWindow: 'PT10M',
    defaultMessageTimeToLive: 'P14D',
    deadLetteringOnMessageExpiration: true,
    requiresSession: false,
    maxSizeInMegabytes: 1024,
  },
});

export const assignmentOf = (principalId: string, roleId: string, scope: string, more: object = {}) => ({
  id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${roleId}`,
  properties: {
    principalId,
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
    scope,
    ...more,
  },
});

const running = (role: string) => ({ role, version: '1.2.3', policyVersion: 'sha256:0123456789abcdef', sealingKeyIds: ['key-2', 'key-1'] });
type Dependency = { name: string; status: string; error?: { code: string; message: string } };
const dependencies: readonly Dependency[] = [
  { name: 'storage', status: 'up' },
  { name: 'telemetry', status: 'off' },
];
const healthOf = (role: string) => ({ status: 'up', dependencies: [...dependencies], running: running(role) });

/** Everything that the doctor can see of a deployment. */
export type World = {
  apps: Record<
    string,
    { health: ReturnType<typeof healthOf>; status: number; date: string; tokenStatus: number; strangerStatus: number; unreachable: boolean }
  >;
  botStatus: number;
  botEndpoint: string;
  queues: ReturnType<typeof queue>[];
  tables: string[];
  containers: { name: string; properties: { publicAccess: string } }[];
  assignments: Record<string, ReturnType<typeof assignmentOf>[]>;
  secret: { properties: { attributes: { enabled: boolean; exp?: number } } };
  vault: { properties: { enableRbacAuthorization: boolean; enablePurgeProtection: boolean } };
  accounts: Record<string, { allowSharedKeyAccess?: boolean; allowBlobPublicAccess: boolean; minimumTlsVersion: string }>;
  namespaceGuards: { disableLocalAuth: boolean; minimumTlsVersion: string };
  botKeys: boolean;
  /** By principal. */
  graphPermissions: Record<string, string[]>;
  graphStatus: number;
  azureStatus: number;
  claims: Record<string, unknown>;
};

/** A deployment of which everything is as it should be, for a test to spoil one thing of it. */
export function healthyWorld(): World {
  const date = 'Sun, 22 Nov 2026 06:00:01 GMT';
  const app = (role: string) => ({ health: healthOf(role), status: 200, date, tokenStatus: 200, strangerStatus: 401, unreachable: false });
  return {
    apps: { edge: app('edge'), approvals: app('approvals'), executor: app('executor') },
    botStatus: 401,
    botEndpoint: 'https://approvals.example/api/messages',
    queues: ['approval-requests', 'executions', 'checks', 'changes', 'notices', 'set-aside'].map(queue),
    tables: ['operations', 'operationIndex', 'strayMessages', 'limits', 'notices'],
    containers: [{ name: 'operation-bodies', properties: { publicAccess: 'None' } }],
    assignments: {
      [executor]: [assignmentOf(executor, receiverRole, `${namespace}/queues/executions`)],
      [granter]: [assignmentOf(granter, roleAdministrator, subscription, { condition })],
      [operator]: [],
    },
    secret: { properties: { attributes: { enabled: true } } },
    vault: { properties: { enableRbacAuthorization: true, enablePurgeProtection: true } },
    accounts: Object.fromEntries(
      [account, hostAccount].map((id) => [id, { allowSharedKeyAccess: false, allowBlobPublicAccess: false, minimumTlsVersion: 'TLS1_2' }]),
    ),
    namespaceGuards: { disableLocalAuth: true, minimumTlsVersion: '1.2' },
    botKeys: false,
    graphPermissions: { [directory]: ['User.Read.All', 'GroupMember.Read.All'] },
    graphStatus: 200,
    azureStatus: 200,
    claims: {
      iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
      aud: 'countersign',
      tid: tenant,
      exp: Date.parse('2026-11-22T07:00:00.000Z') / 1000,
      scp: 'Audit.Read Operation.Approve',
    },
  };
}

const azureToken = 'azure-token-of-the-operator';
const graphToken = 'graph-token-of-the-operator';

/** Runs the whole doctor against a world. Whoever gets the operator's Azure token though it is not Azure makes it throw. */
export async function examine(
  world: World,
  described: Deployment = deployment,
  onAzure: (path: string) => void = () => undefined,
): Promise<readonly Finding[]> {
  const apiToken = new UnsecuredJWT(world.claims).encode();
  return await runDoctor({
    deployment: described,
    expected: { version: '1.2.3', policyVersion: 'sha256:0123456789abcdef' },
    nowMs: () => Date.parse(now),
    tokens: { forApi: async () => apiToken, forAzure: async () => azureToken, forGraph: async () => graphToken },
    fetch: async (address, init) => {
      const url = new URL(address);
      const authorization = new Headers(init.headers).get('authorization') ?? undefined;
      if (url.origin === 'https://graph.microsoft.com') {
        if (authorization !== `Bearer ${graphToken}`) throw new Error('Microsoft Graph was asked without a token for it');
        return answerOfGraph(world, url);
      }
      if (url.origin !== 'https://management.azure.com') return answerOfApp(world, url, init.method ?? 'GET', authorization, apiToken);
      if (authorization !== `Bearer ${azureToken}`) throw new Error('Azure was asked without a token for it');
      onAzure(url.pathname);
      return answerOfAzure(world, url);
    },
  });
}

function answerOfApp(world: World, url: URL, method: string, authorization: string | undefined, apiToken: string): Response {
  if (authorization?.includes('-token-of-the-operator') === true) throw new Error('the token for Azure went to an app');
  const role = apps.find((each) => each.url === url.origin)?.role ?? '';
  const app = world.apps[role];
  if (app === undefined || app.unreachable)
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
  const headers = { date: app.date };
  if (method === 'POST' && url.pathname === '/api/messages') return new Response('', { status: world.botStatus, headers });
  if (url.pathname !== '/api/health') return new Response('', { status: 404, headers });
  if (authorization === undefined) return Response.json({ status: 'up' }, { status: app.status, headers });
  if (authorization !== `Bearer ${apiToken}`) return new Response('', { status: app.strangerStatus, headers });
  return Response.json(app.tokenStatus === 200 ? app.health : {}, { status: app.tokenStatus, headers });
}

function answerOfAzure(world: World, url: URL): Response {
  if (world.azureStatus !== 200) return Response.json({}, { status: world.azureStatus });
  const principal = /principalId eq '([^']+)'/.exec(url.searchParams.get('$filter') ?? '')?.[1] ?? '';
  const answers: Readonly<Record<string, unknown>> = {
    [`${namespace}/queues`]: { value: world.queues },
    [`${account}/tableServices/default/tables`]: { value: world.tables.map((name) => ({ name })) },
    [`${account}/blobServices/default/containers`]: { value: world.containers },
    [vault]: world.vault,
    [`${vault}/secrets/sealing-keys`]: world.secret,
    [bot]: { properties: { endpoint: world.botEndpoint, disableLocalAuth: !world.botKeys } },
    [namespace]: { properties: world.namespaceGuards },
    ...Object.fromEntries(Object.entries(world.accounts).map(([id, properties]) => [id, { properties }])),
  };
  const isOfRights = url.pathname.endsWith('/providers/Microsoft.Authorization/roleAssignments');
  const body = isOfRights ? { value: world.assignments[principal] ?? [] } : answers[url.pathname];
  return body === undefined ? Response.json({}, { status: 404 }) : Response.json(body);
}

function answerOfGraph(world: World, url: URL): Response {
  if (world.graphStatus !== 200) return Response.json({}, { status: world.graphStatus });
  if (url.pathname.startsWith('/v1.0/servicePrincipals(')) return Response.json({ id: graphPrincipal, appRoles: graphRoles });
  const principal = /^\/v1\.0\/servicePrincipals\/([^/]+)\/appRoleAssignments$/.exec(url.pathname)?.[1] ?? '';
  const value = (world.graphPermissions[principal] ?? []).map((name) => {
    const role = graphRoles.find((each) => each.value === name);
    const ofGraph = { appRoleId: role?.id, resourceId: graphPrincipal, resourceDisplayName: 'Microsoft Graph' };
    return role === undefined ? { appRoleId: name, resourceId: tenant, resourceDisplayName: 'Payroll' } : ofGraph;
  });
  return Response.json({ value });
}
