import { parseArmPath } from '../domain/arm-path.ts';
import type { ParsedArmRequest } from '../domain/arm-request.ts';
import type { CarriedTarget, ContainedResource, ResourceLock, ScopeTags, TargetFacts } from '../domain/assessment.ts';
import { type JsonValue, property } from '../domain/json.ts';
import { isHarmlessAnywhere } from '../domain/risk/assess.ts';
import { locksAbout } from '../domain/risk/locks.ts';
import { carriedCalls } from '../domain/risk/template/inspect-template.ts';
import type { AzureReader, ReadOutcome } from '../ports/azure.ts';
import type { Clock } from '../ports/system.ts';

/** API versions by which scopes and what is set on them are read, whatever the request uses for its own type. */
const apiVersions = {
  subscription: '2022-12-01',
  resourceGroup: '2021-04-01',
  resources: '2021-04-01',
  locks: '2020-05-01',
  tags: '2021-04-01',
} as const;

/** How many resources of a template are read before it is judged, and how many at a time; what is not read is judged as the worst. */
const maxCarriedReads = 50;
const readsAtATime = 10;

export type ReadTargetDeps = { readonly reader: AzureReader; readonly clock: Clock };

/** What was read: the facts for the risk rules and the target itself, for the preview. */
export type TargetReading = { readonly facts: TargetFacts; readonly target: ReadOutcome };

/**
 * Reads the target, the scopes that hold it, the locks on all of them and, for what reaches a whole group, what is in it; with the reader identity. Reads nothing
 * for what is harmless anywhere.
 */
export async function readTarget(deps: ReadTargetDeps, parsed: ParsedArmRequest, action: string): Promise<TargetReading> {
  const { request, path } = parsed;
  const readAt = deps.clock.now();
  if (isHarmlessAnywhere(request, path, action)) {
    return {
      facts: { existence: 'notRead', scopes: [], readAt },
      target: { state: 'unreadable', reason: 'It was not read: the call changes nothing.' },
    };
  }
  const above = scopesAbove(parsed);
  const isAbove = above.find(({ scope }) => scope.toLowerCase() === path.resourceId);
  const outside = above.filter((entry) => entry !== isAbove);
  const [target, parents, locks, contents, carried, ...outer] = await Promise.all([
    readResource(deps, path.resource, isAbove?.apiVersion ?? request.apiVersion),
    readParents(deps, parsed),
    readLocks(deps, parsed),
    readContents(deps, parsed),
    readCarried(deps, parsed),
    ...outside.map(({ scope, apiVersion }) => deps.reader.read(scope, apiVersion)),
  ]);
  const outerScopes = outside.map(({ scope }, index) => tagsOf(scope.toLowerCase(), outer[index]));
  const own = neverTagged.test(path.type) ? { scope: path.resourceId, tags: {} } : tagsOf(path.resourceId, target);
  const scopes = path.resourceId === '/' ? [] : [own, ...parents, ...outerScopes];
  const facts: TargetFacts = {
    existence: target.state,
    scopes,
    readAt,
    ...(target.state === 'present' ? { current: target.body } : {}),
    ...(locks === undefined ? {} : { locks }),
    ...(contents === undefined ? {} : { contents }),
    ...(carried.length === 0 ? {} : { carried }),
  };
  return { facts, target };
}

type ReadableScope = { readonly scope: string; readonly apiVersion: string };

function scopesAbove({ path }: ParsedArmRequest): readonly ReadableScope[] {
  const { subscriptionId, resourceGroup } = path;
  if (subscriptionId === undefined) return [];
  const subscription = `/subscriptions/${subscriptionId}`;
  const group =
    resourceGroup === undefined
      ? []
      : [{ scope: `${subscription}/resourceGroups/${resourceGroup}`, apiVersion: apiVersions.resourceGroup }];
  return [...group, { scope: subscription, apiVersion: apiVersions.subscription }];
}

/** Resources that can have no tags, and that Azure does not let anybody GET, so that this says nothing of what they are for. */
const neverTagged = /^microsoft\.web\/sites\/(?:slots\/)?config$|^microsoft\.keyvault\/vaults\/accesspolicies$|^microsoft\.authorization\//;

/**
 * The tags of the resources that hold the target: a database is in production where its server is. They are read by Microsoft.Resources/tags, which needs no
 * API version of their own provider. Source: learn.microsoft.com/rest/api/resources/tags/get-at-scope.
 */
async function readParents(deps: ReadTargetDeps, { path }: ParsedArmRequest): Promise<readonly ScopeTags[]> {
  const parents = path.containers.filter((id) => id.includes('/providers/') && !id.startsWith('/providers/microsoft.management/'));
  return await Promise.all(
    parents.map(async (scope) => {
      const outcome = await deps.reader.read(`${scope}/providers/microsoft.resources/tags/default`, apiVersions.tags);
      if (outcome.state !== 'present') return { scope, tags: outcome.state === 'absent' ? {} : undefined };
      return { scope, tags: stringsOf(property(property(outcome.body, 'properties'), 'tags')) };
    }),
  );
}

async function readResource(deps: ReadTargetDeps, resource: string, apiVersion: string): Promise<ReadOutcome> {
  if (resource === '/') return { state: 'unreadable', reason: 'The call addresses the whole tenant, which has no state to show.' };
  return await deps.reader.read(resource, apiVersion);
}

/**
 * The locks that stand on the target, on what holds it or on what it holds; for a template, which may write anywhere, all that its subscription lists.
 * Source: learn.microsoft.com/rest/api/resources/management-locks/list-at-subscription-level.
 */
async function readLocks(deps: ReadTargetDeps, { path }: ParsedArmRequest): Promise<readonly ResourceLock[] | undefined> {
  if (path.subscriptionId === undefined) return undefined;
  const outcome = await deps.reader.read(
    `/subscriptions/${path.subscriptionId}/providers/microsoft.authorization/locks`,
    apiVersions.locks,
  );
  if (outcome.state !== 'present') return outcome.state === 'absent' ? [] : undefined;
  const locks = listOf(outcome.body).flatMap((lock): readonly ResourceLock[] => {
    const id = idOf(lock);
    if (id === undefined) return [];
    return [{ id, level: property(property(lock, 'properties'), 'level') === 'ReadOnly' ? 'ReadOnly' : 'CanNotDelete' }];
  });
  return templateTypes.has(path.type) ? locks : locksAbout(path.resourceId, locks);
}

const groupType = 'microsoft.resources/subscriptions/resourcegroups';
const templateTypes: ReadonlySet<string> = new Set(['microsoft.resources/deployments', 'microsoft.resources/deploymentstacks']);

/** The resources of a group that is deleted or deployed into; undefined where there are more than one page, since then it is not the whole. */
async function readContents(deps: ReadTargetDeps, { request, path }: ParsedArmRequest): Promise<readonly ContainedResource[] | undefined> {
  const deletesGroup = request.method === 'DELETE' && path.type === groupType;
  if (path.resourceGroup === undefined || !(deletesGroup || templateTypes.has(path.type))) return undefined;
  const group = `/subscriptions/${path.subscriptionId}/resourceGroups/${path.resourceGroup}`;
  const outcome = await deps.reader.read(`${group}/resources`, apiVersions.resources);
  if (outcome.state !== 'present') return outcome.state === 'absent' ? [] : undefined;
  if (typeof property(outcome.body, 'nextLink') === 'string') return undefined;
  return listOf(outcome.body).flatMap((resource) => {
    const id = idOf(resource);
    return id === undefined ? [] : [{ id, tags: stringsOf(property(resource, 'tags')) }];
  });
}

/** What is now where a template would write. */
async function readCarried(deps: ReadTargetDeps, parsed: ParsedArmRequest): Promise<readonly CarriedTarget[]> {
  if (!templateTypes.has(parsed.path.type)) return [];
  const calls = carriedCalls(parsed).calls.filter(({ method }) => method === 'PUT');
  const targets = new Map(calls.flatMap(({ path, apiVersion }) => readableTarget(path, apiVersion)));
  const waiting = [...targets].slice(0, maxCarriedReads);
  const read: CarriedTarget[] = [];
  while (waiting.length > 0) {
    const now = waiting.splice(0, readsAtATime);
    read.push(
      ...(await Promise.all(
        now.map(async ([id, { resource, apiVersion }]) => carriedOf(id, await deps.reader.read(resource, apiVersion))),
      )),
    );
  }
  return read;
}

type ReadableTarget = { readonly resource: string; readonly apiVersion: string };

/** An address that a template made up, where it is one. */
function readableTarget(path: string, apiVersion: string): readonly (readonly [string, ReadableTarget])[] {
  try {
    const { resource, resourceId, verb } = parseArmPath(path.replaceAll(' ', '%20'));
    return verb === undefined && resourceId !== '/' ? [[resourceId, { resource, apiVersion }]] : [];
  } catch {
    return [];
  }
}

function carriedOf(id: string, outcome: ReadOutcome): CarriedTarget {
  const current = outcome.state === 'present' ? outcome.body : undefined;
  return { id, existence: outcome.state, current, tags: tagsOf(id, outcome).tags };
}

function listOf(body: JsonValue): readonly JsonValue[] {
  const value = property(body, 'value');
  return Array.isArray(value) ? value : [];
}

/** An id as canonical paths have it. */
function idOf(resource: JsonValue): string | undefined {
  const id = property(resource, 'id');
  return typeof id === 'string' ? id.toLowerCase().replaceAll(' ', '%20') : undefined;
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
