import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { tenantId } from '../seed.ts';
import { baseIdOf, groupIdOf, lastSegment, parseArmPath, subscriptionIdOf, typeOf } from './arm-path.ts';
import type { JsonObject } from './json.ts';
import type { LoggedRequest } from './request-log.ts';
import { resourceTypeOf } from './resource-types.ts';
import type { StateStore } from './state-store.ts';

/** What a request was to do, in the words of role definitions. */
type Doing = { readonly resourceId: string; readonly operationName: string; readonly type: string };

type Standing = {
  readonly at: number;
  readonly name: 'BeginRequest' | 'EndRequest';
  readonly status: 'Started' | 'Accepted' | 'Succeeded' | 'Failed';
  readonly statusCode: number | undefined;
  readonly message?: string;
  /** The last word on a long-running operation is its provider's, who does not know the request. */
  readonly knowsRequest: boolean;
};

/** Faults before which no provider gets to see the request. */
const neverReached = ['throttle', 'unavailable', 'resetBeforeEffect'];

/** The events of a logged request as the activity log has them, oldest first: none for what only reads or was not let in. */
export function eventsOf(request: LoggedRequest, store: StateStore): readonly ActivityEvent[] {
  const { status, principalId } = request;
  const doing = doingOf(request);
  return doing === undefined || status === null || principalId === null
    ? []
    : standingsOf(request, status, store).map((standing) => toEvent(request, principalId, doing, standing));
}

/** The resource that the events of a request are about, where it has any. */
export function subjectOf(request: LoggedRequest): string | undefined {
  return doingOf(request)?.resourceId;
}

/** A log of ten thousands is read often, and each request is understood once. */
const understood = new WeakMap<LoggedRequest, { readonly doing: Doing | undefined }>();

function doingOf(request: LoggedRequest): Doing | undefined {
  const known = understood.get(request) ?? { doing: understand(request) };
  understood.set(request, known);
  return known.doing;
}

/** An event with what lists filter by. */
export type ActivityEvent = { readonly at: number; readonly resourceId: string; readonly body: JsonObject };

function standingsOf(request: LoggedRequest, status: number, store: StateStore): readonly Standing[] {
  const at = Date.parse(request.receivedAt);
  const started: Standing = { at, name: 'BeginRequest', status: 'Started', statusCode: undefined, knowsRequest: true };
  const ended = { at, name: 'EndRequest', statusCode: status, knowsRequest: true } as const;
  const operation = request.operationId === null ? undefined : store.operation(request.operationId);
  if (status >= 400) {
    return [started, { ...ended, status: 'Failed' }];
  }
  if (request.operationId === null) {
    return [started, { ...ended, status: status === 202 ? 'Accepted' : 'Succeeded' }];
  }
  const accepted: Standing = { ...ended, status: 'Accepted' };
  const last = { at: Date.parse(operation?.dueAt ?? ''), name: 'EndRequest', knowsRequest: false } as const;
  switch (operation?.status) {
    case 'Succeeded':
      return [started, accepted, { ...last, status: 'Succeeded', statusCode: undefined }];
    case 'Failed':
      return [started, accepted, { ...last, status: 'Failed', statusCode: 409, message: JSON.stringify({ error: operation.error ?? {} }) }];
    case 'InProgress':
    case undefined:
      return [started, accepted];
  }
}

function understand({ method, url, status, principalId, faults }: LoggedRequest): Doing | undefined {
  const reads = method === 'GET' || method === 'HEAD';
  if (reads || status === null || principalId === null || faults.some((fault) => neverReached.includes(fault))) {
    return undefined;
  }
  const target = parseArmPath(url.split('?')[0] ?? '');
  const verb = method === 'DELETE' ? 'delete' : 'write';
  switch (target.kind) {
    case 'resourceGroup': {
      const type = 'Microsoft.Resources/subscriptions/resourceGroups';
      return { resourceId: target.id, operationName: `${type}/${verb}`, type };
    }
    case 'groupAction': {
      const type = 'Microsoft.Resources/subscriptions/resourceGroups';
      return { resourceId: target.id, operationName: `${type}/${target.action}/action`, type };
    }
    case 'resource': {
      const { type } = resourceTypeOf(typeOf(target));
      return { resourceId: target.id, operationName: `${type}/${verb}`, type };
    }
    case 'collection': {
      const type = target.types.length === 0 ? target.namespace : resourceTypeOf(typeOf(target)).type;
      return { resourceId: baseIdOf(target), operationName: `${type}/${target.last}/action`, type };
    }
    default:
      return undefined;
  }
}

function toEvent(request: LoggedRequest, caller: string, doing: Doing, standing: Standing): ActivityEvent {
  const { resourceId, operationName, type } = doing;
  const { at, name, status, statusCode, message, knowsRequest } = standing;
  const eventDataId = guidOf(`${request.requestId} ${status}`);
  const eventTimestamp = new Date(at).toISOString();
  const reason = statusCode === undefined ? '' : (STATUS_CODES[statusCode] ?? '').replaceAll(' ', '');
  const groupId = groupIdOf(resourceId);
  const httpRequest = { clientRequestId: request.clientRequestId ?? '', clientIpAddress: '127.0.0.1', method: request.method };
  const body = {
    authorization: { action: operationName, scope: resourceId },
    caller,
    category: named('Administrative'),
    channels: 'Operation',
    claims: { 'http://schemas.microsoft.com/identity/claims/objectidentifier': caller },
    correlationId: request.correlationId,
    description: '',
    eventDataId,
    eventName: named(name, name === 'BeginRequest' ? 'Begin request' : 'End request'),
    eventTimestamp,
    ...(knowsRequest ? { httpRequest } : {}),
    id: `${resourceId}/events/${eventDataId}/ticks/${ticks(at)}`,
    level: status === 'Failed' ? 'Error' : 'Informational',
    operationId: request.requestId,
    operationName: named(operationName),
    properties: { ...(reason === '' ? {} : { statusCode: reason }), ...(message === undefined ? {} : { statusMessage: message }) },
    ...(groupId === undefined ? {} : { resourceGroupName: lastSegment(groupId) }),
    resourceId,
    resourceProviderName: named(type.split('/')[0] ?? ''),
    resourceType: named(type),
    status: named(status),
    subStatus: statusCode === undefined ? named('') : named(reason, `${STATUS_CODES[statusCode] ?? ''} (HTTP Status Code: ${statusCode})`),
    submissionTimestamp: eventTimestamp,
    subscriptionId: subscriptionIdOf(resourceId) ?? '',
    tenantId,
  };
  return { at, resourceId, body };
}

function named(value: string, localizedValue = value): JsonObject {
  return { value, localizedValue };
}

/** An event keeps its id over restarts. */
function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** 100 ns since the year 1, as .NET counts. */
function ticks(at: number): string {
  return String(BigInt(at) * 10_000n + 621_355_968_000_000_000n);
}
