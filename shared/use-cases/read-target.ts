import type { ParsedArmRequest } from '../domain/arm-request.ts';
import type { ScopeTags, TargetFacts } from '../domain/assessment.ts';
import { type JsonValue, property } from '../domain/json.ts';
import { isHarmlessAnywhere } from '../domain/risk/assess.ts';
import type { AzureReader, ReadOutcome } from '../ports/azure.ts';
import type { Clock } from '../ports/system.ts';

/** API versions by which subscriptions and resource groups are read, whatever the request uses for its own type. */
const subscriptionApiVersion = '2022-12-01';
const resourceGroupApiVersion = '2021-04-01';

export type ReadTargetDeps = { readonly reader: AzureReader; readonly clock: Clock };

/** What was read: the facts for the risk rules and the target itself, for the preview. */
export type TargetReading = { readonly facts: TargetFacts; readonly target: ReadOutcome };

/** Reads the target and the scopes that hold it with the reader identity; reads nothing for what is harmless anywhere. */
export async function readTarget(deps: ReadTargetDeps, parsed: ParsedArmRequest, action: string): Promise<TargetReading> {
  const { request, path } = parsed;
  const readAt = deps.clock.now();
  if (isHarmlessAnywhere(request, path, action)) {
    return {
      facts: { existence: 'notRead', scopes: [], readAt },
      target: { state: 'unreadable', reason: 'It was not read: the call changes nothing.' },
    };
  }
  const { subscriptionId, resourceGroup } = path;
  const subscription = subscriptionId === undefined ? undefined : `/subscriptions/${subscriptionId}`;
  const group = subscription === undefined || resourceGroup === undefined ? undefined : `${subscription}/resourceGroups/${resourceGroup}`;
  const above = [
    ...(group === undefined ? [] : [{ scope: group, apiVersion: resourceGroupApiVersion }]),
    ...(subscription === undefined ? [] : [{ scope: subscription, apiVersion: subscriptionApiVersion }]),
  ];
  const isAbove = above.find(({ scope }) => scope.toLowerCase() === path.resourceId);
  const [target, ...outer] = await Promise.all([
    readResource(deps, path.resource, isAbove?.apiVersion ?? request.apiVersion),
    ...above.filter((entry) => entry !== isAbove).map(({ scope, apiVersion }) => deps.reader.read(scope, apiVersion)),
  ]);
  const outerScopes = above.filter((entry) => entry !== isAbove).map(({ scope }, index) => tagsOf(scope.toLowerCase(), outer[index]));
  const scopes = path.resourceId === '/' ? [] : [tagsOf(path.resourceId, target), ...outerScopes];
  return { facts: { existence: target.state, scopes, readAt }, target };
}

async function readResource(deps: ReadTargetDeps, resource: string, apiVersion: string): Promise<ReadOutcome> {
  if (resource === '/') return { state: 'unreadable', reason: 'The call addresses the whole tenant, which has no state to show.' };
  return await deps.reader.read(resource, apiVersion);
}

/** What does not exist says nothing; what cannot be read is unknown. */
function tagsOf(scope: string, outcome: ReadOutcome | undefined): ScopeTags {
  switch (outcome?.state) {
    case undefined:
    case 'unreadable':
      return { scope, tags: undefined };
    case 'absent':
      return { scope, tags: {} };
    case 'present':
      return { scope, tags: stringsOf(property(outcome.body, 'tags')) };
  }
}

function stringsOf(value: JsonValue | undefined): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
