import { subscriptionId } from '../seed.ts';
import type { QueueSettings } from '../service-bus/settings.ts';
import { type ArmAnswer, methodNotAllowed, ok } from './arm-answer.ts';
import { sameText } from './arm-path.ts';
import { type Authorizer, authorizationFailed } from './authorization.ts';
import type { JsonObject } from './json.ts';
import type { Caller } from './token-check.ts';

const provided = `/subscriptions/${subscriptionId}/resourceGroups/rg-countersign/providers`;

/** Ids of what Countersign itself runs on. */
export const ownNamespace = `${provided}/Microsoft.ServiceBus/namespaces/sb-countersign`;
export const ownStorage = `${provided}/Microsoft.Storage/storageAccounts/stcountersign`;

/** What the stand-ins for Service Bus and Storage say of themselves, as it is now. */
export type OwnResources = {
  readonly queues: () => readonly QueueSettings[];
  readonly tables: () => Promise<readonly string[]>;
  readonly containers: () => Promise<readonly string[]>;
  /** How they are guarded: as templates have it, or as somebody changed it. The stand-ins themselves go by keys, as clients of this machine need. */
  readonly guards: () => OwnGuards;
};

/** Properties that keep out who comes without a token of Entra ID. */
export type OwnGuards = { readonly account: JsonObject; readonly namespace: JsonObject };

export type OwnCall = { readonly method: string; readonly path: string; readonly caller: Caller; readonly now: number };
type OwnSite = { readonly own: OwnResources | undefined; readonly service: { readonly authorizer: Authorizer } };

type Listing = { readonly path: string; readonly type: string; readonly list: (own: OwnResources) => Promise<readonly JsonObject[]> };

const listings: readonly Listing[] = [
  {
    path: `${ownNamespace}/queues`,
    type: 'Microsoft.ServiceBus/namespaces/queues',
    list: async (own) => own.queues().map(({ name, ...settings }) => ({ name, properties: queueProperties(settings) })),
  },
  {
    path: `${ownStorage}/tableServices/default/tables`,
    type: 'Microsoft.Storage/storageAccounts/tableServices/tables',
    list: async (own) => (await own.tables()).map((name) => ({ name, properties: { tableName: name } })),
  },
  {
    path: `${ownStorage}/blobServices/default/containers`,
    type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
    list: async (own) => (await own.containers()).map((name) => ({ name, properties: { publicAccess: 'None' } })),
  },
];

const wholes = [
  { path: ownNamespace, type: 'Microsoft.ServiceBus/namespaces', guards: 'namespace' },
  { path: ownStorage, type: 'Microsoft.Storage/storageAccounts', guards: 'account' },
] as const;

/** Countersign's own account and namespace, and the lists of its queues, tables and containers; undefined for any other path. They are changed where they are kept, not here. */
export async function answerOwn(call: OwnCall, site: OwnSite): Promise<ArmAnswer | undefined> {
  const { method, path, caller, now } = call;
  const { own, service } = site;
  const whole = wholes.find((each) => sameText(each.path, path));
  if (own !== undefined && whole !== undefined && method === 'GET') {
    const action = { name: `${whole.type}/read`, readOnly: true };
    if (!service.authorizer.allows(caller.objectId, action, whole.path, now)) return authorizationFailed(caller, action, whole.path);
    const name = whole.path.slice(whole.path.lastIndexOf('/') + 1);
    return ok({ id: whole.path, name, type: whole.type, location: 'westeurope', properties: own.guards()[whole.guards] });
  }
  const listing = listings.find((each) => sameText(each.path, path));
  if (own === undefined || listing === undefined) return undefined;
  const action = { name: `${listing.type}/read`, readOnly: true };
  const scopeId = listing.path.slice(0, listing.path.indexOf('/providers/'));
  if (!service.authorizer.allows(caller.objectId, action, scopeId, now)) return authorizationFailed(caller, action, scopeId);
  if (method !== 'GET') return methodNotAllowed(method, ['GET']);
  const items = await listing.list(own);
  return ok({ value: items.map((item) => ({ id: `${listing.path}/${String(item['name'])}`, type: listing.type, ...item })) });
}

function queueProperties(queue: Omit<QueueSettings, 'name'>): JsonObject {
  return {
    status: 'Active',
    lockDuration: durationOf(queue.lockDurationMs),
    maxDeliveryCount: queue.maxDeliveryCount,
    requiresDuplicateDetection: queue.duplicateDetectionWindowMs !== undefined,
    ...(queue.duplicateDetectionWindowMs === undefined
      ? {}
      : { duplicateDetectionHistoryTimeWindow: durationOf(queue.duplicateDetectionWindowMs) }),
    ...(queue.defaultTtlMs === undefined ? {} : { defaultMessageTimeToLive: durationOf(queue.defaultTtlMs) }),
    deadLetteringOnMessageExpiration: queue.deadLetterOnExpiration === true,
    requiresSession: queue.requiresSession === true,
    ...(queue.maxSizeBytes === undefined ? {} : { maxSizeInMegabytes: queue.maxSizeBytes / 1024 / 1024 }),
  };
}

/** An ISO 8601 duration, in the largest unit that it is a whole number of. */
function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds % 86_400 === 0) return `P${seconds / 86_400}D`;
  return seconds % 60 === 0 ? `PT${seconds / 60}M` : `PT${seconds}S`;
}
