import { type ActivityEvent, eventsOf, subjectOf } from './activity-log.ts';
import { type ArmAnswer, armError, methodNotAllowed, ok } from './arm-answer.ts';
import { type CollectionTarget, groupIdOf, lastSegment, sameText } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed } from './call.ts';
import { asObject, type JsonObject } from './json.ts';
import { checkScope } from './scopes.ts';

export function isActivityLog({ namespace, types, names, last }: CollectionTarget): boolean {
  return sameText([namespace, types.join('/'), names.join('/'), last].join('/'), 'Microsoft.Insights/eventtypes/management/values');
}

const pageSize = 200;

/**
 * `GET {subscription}/providers/Microsoft.Insights/eventtypes/management/values`: newest first, computed from the log of requests.
 * Source of shape and filter: learn.microsoft.com/rest/api/monitor/activity-logs/list.
 */
export function answerActivityLog({ scopeId }: CollectionTarget, call: ArmCall): ArmAnswer {
  const action = { name: 'Microsoft.Insights/eventtypes/values/read', readOnly: true };
  if (!isAllowed(call, action, scopeId)) {
    return authorizationFailed(call.caller, action, scopeId);
  }
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  const missing = checkScope(call.service.store, scopeId);
  if (missing !== undefined) {
    return missing;
  }
  const filter = parseFilter(call.query.get('$filter') ?? '');
  const skip = Number(call.query.get('$skiptoken') ?? '0');
  if (filter === undefined || !Number.isSafeInteger(skip) || skip < 0) {
    const message = 'The $filter must have at least eventTimestamp ge, and one of the known fields.';
    return armError(400, 'BadRequest', message);
  }
  const events = eventsBelow(scopeId, filter.resourceId, call).filter((event) => filter.conditions.every((holds) => holds(event)));
  const value = events.slice(skip, skip + pageSize).map(({ body }) => selected(body, call.query.get('$select')));
  return ok(skip + pageSize < events.length ? { value, nextLink: nextLink(call, skip + pageSize) } : { value });
}

/** An event can be asked for only some time after it happened. */
function eventsBelow(scopeId: string, resourceId: string | undefined, { service, now }: ArmCall): readonly ActivityEvent[] {
  const visibleUntil = now - service.activityLogDelayMs;
  return service
    .requests()
    .filter((request) => resourceId === undefined || sameText(subjectOf(request) ?? '', resourceId))
    .flatMap((request) => eventsOf(request, service.store))
    .filter(({ at, resourceId }) => at <= visibleUntil && resourceId.toLowerCase().startsWith(scopeId.toLowerCase()))
    .toSorted((left, right) => left.at - right.at)
    .toReversed();
}

type Condition = (event: ActivityEvent) => boolean;

/** `eventTimestamp ge '…'`, which must be there, `eventTimestamp le '…'`, and one field at most; undefined for anything else. */
function parseFilter(filter: string): { readonly conditions: readonly Condition[]; readonly resourceId: string | undefined } | undefined {
  const conditions: Condition[] = [];
  let resourceId: string | undefined;
  let begins = false;
  for (const part of filter.split(/ +and +/i)) {
    const [, field = '', comparison = '', value = ''] = /^ *(\w+) +(ge|le|eq) +'((?:[^']|'')*)' *$/i.exec(part) ?? [];
    const text = value.replaceAll("''", "'");
    const condition = conditionOf(field.toLowerCase(), comparison.toLowerCase(), text);
    if (condition === undefined) {
      return undefined;
    }
    begins ||= field.toLowerCase() === 'eventtimestamp' && comparison.toLowerCase() === 'ge';
    conditions.push(condition);
    resourceId = field.toLowerCase() === 'resourceuri' ? text : resourceId;
  }
  return begins ? { conditions, resourceId } : undefined;
}

function conditionOf(field: string, comparison: string, value: string): Condition | undefined {
  const time = Date.parse(value);
  switch (`${field} ${comparison}`) {
    case 'eventtimestamp ge':
      return Number.isNaN(time) ? undefined : ({ at }) => at >= time;
    case 'eventtimestamp le':
      return Number.isNaN(time) ? undefined : ({ at }) => at <= time;
    case 'resourceuri eq':
      return ({ resourceId }) => sameText(resourceId, value);
    case 'resourcegroupname eq':
      return ({ resourceId }) => sameText(lastSegment(groupIdOf(resourceId) ?? ''), value);
    case 'resourceprovider eq':
      return ({ body }) => sameText(String(asObject(body['resourceProviderName'])?.['value']), value);
    case 'correlationid eq':
      return ({ body }) => sameText(String(body['correlationId']), value);
    default:
      return undefined;
  }
}

function selected(event: JsonObject, select: string | undefined): JsonObject {
  if (select === undefined || select.trim() === '') {
    return event;
  }
  const fields = select.split(',').map((field) => field.trim().toLowerCase());
  return Object.fromEntries(Object.entries(event).filter(([field]) => fields.includes(field.toLowerCase())));
}

function nextLink({ service, path, apiVersion, query }: ArmCall, skip: number): string {
  const parameters = new URLSearchParams({ 'api-version': apiVersion, $filter: query.get('$filter') ?? '', $skiptoken: String(skip) });
  const select = query.get('$select');
  if (select !== undefined) {
    parameters.set('$select', select);
  }
  return `${service.address}${path}?${parameters}`;
}
